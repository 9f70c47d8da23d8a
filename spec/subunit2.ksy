meta:
  id: subunit2
  title: Subunit v2 test-result packet
  application:
    - python-subunit
    - stestr
    - testtools
    - zope.testrunner
  file-extension:
    - subunit
    - subunit2
  xref:
    repo: https://github.com/testing-cabal/subunit
  tags:
    - serialization
  license: Apache-2.0 OR BSD-3-Clause
  ks-version: '0.11'
  encoding: UTF-8
  endian: be
  bit-endian: be
doc: |
  Subunit v2 is a stream of test results: small packets, each with its own
  length and checksum, that travel inside ordinary build output. A packet
  reports the status of a test, carries a chunk of an attachment, or both.

  This file describes one packet. Five rules of the protocol cannot be expressed
  in Kaitai Struct, and a reader has to implement them itself. `clauses.toml`
  beside this file states each of them:

  - the CRC-32 in `crc32` is that of the octets of the packet before it;
  - text is UTF-8 as RFC 3629 defines it, with no overlong forms and no
    surrogates, and it holds no NUL. Some targets replace or pass through octets
    that are not UTF-8, so a reader decodes `text/octets` strictly itself, and
    then looks for NUL;
  - the start of packets in a stream, and the recovery from damage;
  - input that arrives in chunks;
  - one set of error codes, and the order of the checks.

  No instance has a `pos`: writers that Kaitai Struct generates write its octets
  as well, and in the wrong place.
doc-ref: https://github.com/testing-cabal/subunit#version-2
seq:
  - id: signature
    -orig-id: SIGNATURE
    contents: [0xb3]
    doc: |
      The letter `s` with its top two bits replaced by `10`, so that it is
      never the first octet of a UTF-8 character.
  - id: flags
    -orig-id: FLAGS
    type: flags
    doc: The version, the fields that are present, and the status.
  - id: length
    -orig-id: PACKET_LENGTH
    type: packet_length
    doc: The size of the whole packet, with signature and checksum.
  - id: body
    type: fields
    size: length.value - length.num_octets - 7
    doc: |
      The fields that the flags announce. They fill the octets between the
      length and the checksum exactly.
  - id: crc32
    -orig-id: CRC32
    type: u4
    doc: The CRC-32 (that of zlib) of every octet of the packet before it.
types:
  flags:
    doc: Sixteen bits, the most significant first.
    seq:
      - id: version
        -orig-id: VERSION
        type: b4
        valid: 2
        doc: 2. A packet of any other version cannot be read.
      - id: has_test_id
        -orig-id: FLAG_TEST_ID
        type: b1
        doc: Mask 0x0800. A test id is present.
      - id: has_route_code
        -orig-id: FLAG_ROUTE_CODE
        type: b1
        doc: Mask 0x0400. A route code is present.
      - id: has_timestamp
        -orig-id: FLAG_TIMESTAMP
        type: b1
        doc: Mask 0x0200. A timestamp is present.
      - id: runnable
        -orig-id: FLAG_RUNNABLE
        type: b1
        doc: |
          Mask 0x0100. The test can be selected and run by its id. Clear for
          anything that only looks like a test: a layer, a subtest, a TAP
          assertion.
      - id: has_tags
        -orig-id: FLAG_TAGS
        type: b1
        doc: Mask 0x0080. Tags are present; there may be none of them.
      - id: has_file
        -orig-id: FLAG_FILE_CONTENT
        type: b1
        doc: Mask 0x0040. A chunk of an attachment is present.
      - id: has_mime_type
        -orig-id: FLAG_MIME_TYPE
        type: b1
        doc: Mask 0x0020. The attachment's MIME type is present.
      - id: eof
        -orig-id: FLAG_EOF
        type: b1
        doc: Mask 0x0010. This is the attachment's last chunk.
      - id: reserved
        type: b1
        valid: false
        doc: Mask 0x0008. Always zero.
      - id: status
        type: b3
        enum: status
        doc: Mask 0x0007. The test's status.
  packet_length:
    doc: |
      A number of 1 to 3 octets. A 4-octet number is not allowed here, even if
      its value would fit. Neither is a length without room for signature,
      flags, length and checksum.
    seq:
      - id: width
        type: b2
        valid:
          max: 2
        doc: The number's size in octets, less one.
      - id: value_6
        type: b6
        valid:
          min: 8
        if: width == 0
        doc: The value of a number of 1 octet.
      - id: value_14
        type: b14
        valid:
          min: 9
        if: width == 1
        doc: The value of a number of 2 octets.
      - id: value_22
        type: b22
        valid:
          min: 10
        if: width == 2
        doc: The value of a number of 3 octets.
    instances:
      num_octets:
        value: width + 1
        doc: The number's size in octets.
      value:
        value: 'width == 0 ? value_6 : width == 1 ? value_14 : value_22'
        doc: The packet's length in octets.
  any_number:
    doc: |
      A number of 6, 14, 22 or 30 bits, after two bits that select the width.
      This type allows any value; `size` and `nanoseconds` add a limit.
    seq:
      - id: width
        type: b2
        doc: The number's size in octets, less one.
      - id: value_6
        type: b6
        if: width == 0
        doc: The value of a number of 1 octet.
      - id: value_14
        type: b14
        if: width == 1
        doc: The value of a number of 2 octets.
      - id: value_22
        type: b22
        if: width == 2
        doc: The value of a number of 3 octets.
      - id: value_30
        type: b30
        if: width == 3
        doc: The value of a number of 4 octets.
    instances:
      value:
        value: >-
          width == 0 ? value_6 : width == 1 ? value_14 : width == 2 ? value_22
          : value_30
        doc: The number.
  size:
    doc: |
      The number of octets that follow. No packet has room for more than
      4,194,303, so the limit excludes no valid packet. It keeps a reader from
      reserving memory for a size that is merely claimed.
    seq:
      - id: width
        type: b2
        doc: The number's size in octets, less one.
      - id: value_6
        type: b6
        if: width == 0
        doc: The value of a number of 1 octet.
      - id: value_14
        type: b14
        if: width == 1
        doc: The value of a number of 2 octets.
      - id: value_22
        type: b22
        if: width == 2
        doc: The value of a number of 3 octets.
      - id: value_30
        type: b30
        valid:
          max: 4194303
        if: width == 3
        doc: The value of a number of 4 octets.
    instances:
      value:
        value: >-
          width == 0 ? value_6 : width == 1 ? value_14 : width == 2 ? value_22
          : value_30
        doc: The size in octets.
  nanoseconds:
    doc: A number from 0 to 999,999,999, in 1 to 4 octets.
    seq:
      - id: width
        type: b2
        doc: The number's size in octets, less one.
      - id: value_6
        type: b6
        if: width == 0
        doc: The value of a number of 1 octet.
      - id: value_14
        type: b14
        if: width == 1
        doc: The value of a number of 2 octets.
      - id: value_22
        type: b22
        if: width == 2
        doc: The value of a number of 3 octets.
      - id: value_30
        type: b30
        valid:
          max: 999999999
        if: width == 3
        doc: The value of a number of 4 octets.
    instances:
      value:
        value: >-
          width == 0 ? value_6 : width == 1 ? value_14 : width == 2 ? value_22
          : value_30
        doc: The nanoseconds.
  text:
    doc: A string after its size in octets.
    seq:
      - id: size
        type: size
        doc: The string's size in octets.
      - id: octets
        size: size.value
        doc: |
          The octets of the string: UTF-8 without NUL. The reader checks both
          itself.
    instances:
      value:
        value: octets.to_s('UTF-8')
        doc: The string.
  fields:
    doc: |
      Each field is present exactly when its flag is set, in this order. The
      route code is last so that a multiplexer can change it without reading
      or moving the fields before it.
    seq:
      - id: timestamp
        -orig-id: TIMESTAMP
        type: timestamp
        if: _root.flags.has_timestamp
        doc: The time of the event.
      - id: test_id
        -orig-id: TESTID
        type: text
        if: _root.flags.has_test_id
        doc: The test's id; a runnable test can be selected by it.
      - id: tags
        -orig-id: TAGS
        type: tags
        if: _root.flags.has_tags
        doc: The test's tags.
      - id: mime_type
        -orig-id: MIME
        type: text
        if: _root.flags.has_mime_type
        doc: The MIME type of the attachment in all its packets.
      - id: file
        -orig-id: FILECONTENT
        type: attachment
        if: _root.flags.has_file
        doc: A chunk of an attachment.
      - id: route_code
        -orig-id: ROUTING_CODE
        type: text
        if: _root.flags.has_route_code
        doc: The path through the multiplexers, such as `0/3`.
      - id: trailing
        size-eos: true
        valid: '[].as<bytes>'
        doc: Nothing. The fields end where the checksum starts.
  timestamp:
    doc: A time in UTC since the Unix epoch.
    seq:
      - id: seconds
        type: u4
        doc: Whole seconds, from 1970 to 2106.
      - id: nanoseconds
        type: nanoseconds
        doc: The nanoseconds of that second.
  tags:
    doc: |
      The order of tags has no meaning. A reader keeps it all the same, and
      keeps duplicates.
    seq:
      - id: num_tags
        type: any_number
        doc: The number of tags. No tags are not the same as no field.
      - id: tags_list
        type: text
        repeat: expr
        repeat-expr: num_tags.value
        doc: The tags.
  attachment:
    doc: |
      A chunk of a file. Route code, test id and name together identify the
      file. Its chunks, in the order of the stream, are its content.
    seq:
      - id: name
        type: text
        doc: The file's name. `stdout`, `stderr` and `stdin` are well known.
      - id: size
        type: size
        doc: The size of the content in octets.
      - id: content
        size: size.value
        doc: The content.
enums:
  status:
    0:
      id: none
      -orig-id: undefined / no test
      doc: The packet reports no status.
    1:
      id: exists
      -orig-id: Enumeration / existence
      doc: The test is present and can be run.
    2:
      id: inprogress
      -orig-id: In progress
      doc: The test has started.
    3:
      id: success
      -orig-id: Success
      doc: The test passed.
    4:
      id: uxsuccess
      -orig-id: Unexpected Success
      doc: The test was expected to fail, and passed.
    5:
      id: skip
      -orig-id: Skipped
      doc: The test was found but not run.
    6:
      id: fail
      -orig-id: Failed
      doc: The test failed.
    7:
      id: xfail
      -orig-id: Expected failure
      doc: The test failed, as it was expected to.
