# This is a generated file! Please edit source .ksy file and use kaitai-struct-compiler to rebuild
# type: ignore

import kaitaistruct
from kaitaistruct import KaitaiStruct, KaitaiStream, BytesIO
from enum import IntEnum
import collections


if getattr(kaitaistruct, 'API_VERSION', (0, 9)) < (0, 11):
    raise Exception("Incompatible Kaitai Struct Python API: 0.11 or later is required, but you have %s" % (kaitaistruct.__version__))

class Subunit2(KaitaiStruct):
    """Subunit v2 is a stream of test results: small packets, each with its own
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

    .. seealso::
       Source - https://github.com/testing-cabal/subunit#version-2
    """

    class Status(IntEnum):
        none = 0
        exists = 1
        inprogress = 2
        success = 3
        uxsuccess = 4
        skip = 5
        fail = 6
        xfail = 7
    SEQ_FIELDS = ["signature", "flags", "length", "body", "crc32"]
    def __init__(self, _io, _parent=None, _root=None):
        super(Subunit2, self).__init__(_io)
        self._parent = _parent
        self._root = _root or self
        self._debug = collections.defaultdict(dict)

    def _read(self):
        self._debug['signature']['start'] = self._io.pos()
        self.signature = self._io.read_bytes(1)
        self._debug['signature']['end'] = self._io.pos()
        if not self.signature == b"\xB3":
            raise kaitaistruct.ValidationNotEqualError(b"\xB3", self.signature, self._io, u"/seq/0")
        self._debug['flags']['start'] = self._io.pos()
        self.flags = self._root.Flags(self._io, self, self._root)
        self.flags._read()
        self._debug['flags']['end'] = self._io.pos()
        self._debug['length']['start'] = self._io.pos()
        self.length = self._root.PacketLength(self._io, self, self._root)
        self.length._read()
        self._debug['length']['end'] = self._io.pos()
        self._debug['body']['start'] = self._io.pos()
        self._raw_body = self._io.read_bytes((self.length.value - self.length.num_octets) - 7)
        _io__raw_body = KaitaiStream(BytesIO(self._raw_body))
        self.body = self._root.Fields(_io__raw_body, self, self._root)
        self.body._read()
        self._debug['body']['end'] = self._io.pos()
        self._debug['crc32']['start'] = self._io.pos()
        self.crc32 = self._io.read_u4be()
        self._debug['crc32']['end'] = self._io.pos()


    def _fetch_instances(self):
        pass
        self.flags._fetch_instances()
        self.length._fetch_instances()
        self.body._fetch_instances()

    class AnyNumber(KaitaiStruct):
        """A number of 6, 14, 22 or 30 bits, after two bits that select the width.
        This type allows any value; `size` and `nanoseconds` add a limit.
        """
        SEQ_FIELDS = ["width", "value_6", "value_14", "value_22", "value_30"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.AnyNumber, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            self._debug['width']['start'] = self._io.pos()
            self.width = self._io.read_bits_int_be(2)
            self._debug['width']['end'] = self._io.pos()
            if self.width == 0:
                pass
                self._debug['value_6']['start'] = self._io.pos()
                self.value_6 = self._io.read_bits_int_be(6)
                self._debug['value_6']['end'] = self._io.pos()

            if self.width == 1:
                pass
                self._debug['value_14']['start'] = self._io.pos()
                self.value_14 = self._io.read_bits_int_be(14)
                self._debug['value_14']['end'] = self._io.pos()

            if self.width == 2:
                pass
                self._debug['value_22']['start'] = self._io.pos()
                self.value_22 = self._io.read_bits_int_be(22)
                self._debug['value_22']['end'] = self._io.pos()

            if self.width == 3:
                pass
                self._debug['value_30']['start'] = self._io.pos()
                self.value_30 = self._io.read_bits_int_be(30)
                self._debug['value_30']['end'] = self._io.pos()



        def _fetch_instances(self):
            pass
            if self.width == 0:
                pass

            if self.width == 1:
                pass

            if self.width == 2:
                pass

            if self.width == 3:
                pass


        @property
        def value(self):
            """The number."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.value_6 if self.width == 0 else (self.value_14 if self.width == 1 else (self.value_22 if self.width == 2 else self.value_30)))
            return getattr(self, '_m_value', None)


    class Attachment(KaitaiStruct):
        """A chunk of a file. Route code, test id and name together identify the
        file. Its chunks, in the order of the stream, are its content.
        """
        SEQ_FIELDS = ["name", "size", "content"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Attachment, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            self._debug['name']['start'] = self._io.pos()
            self.name = self._root.Text(self._io, self, self._root)
            self.name._read()
            self._debug['name']['end'] = self._io.pos()
            self._debug['size']['start'] = self._io.pos()
            self.size = self._root.Size(self._io, self, self._root)
            self.size._read()
            self._debug['size']['end'] = self._io.pos()
            self._debug['content']['start'] = self._io.pos()
            self.content = self._io.read_bytes(self.size.value)
            self._debug['content']['end'] = self._io.pos()


        def _fetch_instances(self):
            pass
            self.name._fetch_instances()
            self.size._fetch_instances()


    class Fields(KaitaiStruct):
        """Each field is present exactly when its flag is set, in this order. The
        route code is last so that a multiplexer can change it without reading
        or moving the fields before it.
        """
        SEQ_FIELDS = ["timestamp", "test_id", "tags", "mime_type", "file", "route_code", "trailing"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Fields, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            if self._root.flags.has_timestamp:
                pass
                self._debug['timestamp']['start'] = self._io.pos()
                self.timestamp = self._root.Timestamp(self._io, self, self._root)
                self.timestamp._read()
                self._debug['timestamp']['end'] = self._io.pos()

            if self._root.flags.has_test_id:
                pass
                self._debug['test_id']['start'] = self._io.pos()
                self.test_id = self._root.Text(self._io, self, self._root)
                self.test_id._read()
                self._debug['test_id']['end'] = self._io.pos()

            if self._root.flags.has_tags:
                pass
                self._debug['tags']['start'] = self._io.pos()
                self.tags = self._root.Tags(self._io, self, self._root)
                self.tags._read()
                self._debug['tags']['end'] = self._io.pos()

            if self._root.flags.has_mime_type:
                pass
                self._debug['mime_type']['start'] = self._io.pos()
                self.mime_type = self._root.Text(self._io, self, self._root)
                self.mime_type._read()
                self._debug['mime_type']['end'] = self._io.pos()

            if self._root.flags.has_file:
                pass
                self._debug['file']['start'] = self._io.pos()
                self.file = self._root.Attachment(self._io, self, self._root)
                self.file._read()
                self._debug['file']['end'] = self._io.pos()

            if self._root.flags.has_route_code:
                pass
                self._debug['route_code']['start'] = self._io.pos()
                self.route_code = self._root.Text(self._io, self, self._root)
                self.route_code._read()
                self._debug['route_code']['end'] = self._io.pos()

            self._debug['trailing']['start'] = self._io.pos()
            self.trailing = self._io.read_bytes_full()
            self._debug['trailing']['end'] = self._io.pos()
            if not self.trailing == b"":
                raise kaitaistruct.ValidationNotEqualError(b"", self.trailing, self._io, u"/types/fields/seq/6")


        def _fetch_instances(self):
            pass
            if self._root.flags.has_timestamp:
                pass
                self.timestamp._fetch_instances()

            if self._root.flags.has_test_id:
                pass
                self.test_id._fetch_instances()

            if self._root.flags.has_tags:
                pass
                self.tags._fetch_instances()

            if self._root.flags.has_mime_type:
                pass
                self.mime_type._fetch_instances()

            if self._root.flags.has_file:
                pass
                self.file._fetch_instances()

            if self._root.flags.has_route_code:
                pass
                self.route_code._fetch_instances()



    class Flags(KaitaiStruct):
        """Sixteen bits, the most significant first."""
        SEQ_FIELDS = ["version", "has_test_id", "has_route_code", "has_timestamp", "runnable", "has_tags", "has_file", "has_mime_type", "eof", "reserved", "status"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Flags, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            self._debug['version']['start'] = self._io.pos()
            self.version = self._io.read_bits_int_be(4)
            self._debug['version']['end'] = self._io.pos()
            if not self.version == 2:
                raise kaitaistruct.ValidationNotEqualError(2, self.version, self._io, u"/types/flags/seq/0")
            self._debug['has_test_id']['start'] = self._io.pos()
            self.has_test_id = self._io.read_bits_int_be(1) != 0
            self._debug['has_test_id']['end'] = self._io.pos()
            self._debug['has_route_code']['start'] = self._io.pos()
            self.has_route_code = self._io.read_bits_int_be(1) != 0
            self._debug['has_route_code']['end'] = self._io.pos()
            self._debug['has_timestamp']['start'] = self._io.pos()
            self.has_timestamp = self._io.read_bits_int_be(1) != 0
            self._debug['has_timestamp']['end'] = self._io.pos()
            self._debug['runnable']['start'] = self._io.pos()
            self.runnable = self._io.read_bits_int_be(1) != 0
            self._debug['runnable']['end'] = self._io.pos()
            self._debug['has_tags']['start'] = self._io.pos()
            self.has_tags = self._io.read_bits_int_be(1) != 0
            self._debug['has_tags']['end'] = self._io.pos()
            self._debug['has_file']['start'] = self._io.pos()
            self.has_file = self._io.read_bits_int_be(1) != 0
            self._debug['has_file']['end'] = self._io.pos()
            self._debug['has_mime_type']['start'] = self._io.pos()
            self.has_mime_type = self._io.read_bits_int_be(1) != 0
            self._debug['has_mime_type']['end'] = self._io.pos()
            self._debug['eof']['start'] = self._io.pos()
            self.eof = self._io.read_bits_int_be(1) != 0
            self._debug['eof']['end'] = self._io.pos()
            self._debug['reserved']['start'] = self._io.pos()
            self.reserved = self._io.read_bits_int_be(1) != 0
            self._debug['reserved']['end'] = self._io.pos()
            if not self.reserved == False:
                raise kaitaistruct.ValidationNotEqualError(False, self.reserved, self._io, u"/types/flags/seq/9")
            self._debug['status']['start'] = self._io.pos()
            self.status = KaitaiStream.resolve_enum(Subunit2.Status, self._io.read_bits_int_be(3))
            self._debug['status']['end'] = self._io.pos()


        def _fetch_instances(self):
            pass


    class Nanoseconds(KaitaiStruct):
        """A number from 0 to 999,999,999, in 1 to 4 octets."""
        SEQ_FIELDS = ["width", "value_6", "value_14", "value_22", "value_30"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Nanoseconds, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            self._debug['width']['start'] = self._io.pos()
            self.width = self._io.read_bits_int_be(2)
            self._debug['width']['end'] = self._io.pos()
            if self.width == 0:
                pass
                self._debug['value_6']['start'] = self._io.pos()
                self.value_6 = self._io.read_bits_int_be(6)
                self._debug['value_6']['end'] = self._io.pos()

            if self.width == 1:
                pass
                self._debug['value_14']['start'] = self._io.pos()
                self.value_14 = self._io.read_bits_int_be(14)
                self._debug['value_14']['end'] = self._io.pos()

            if self.width == 2:
                pass
                self._debug['value_22']['start'] = self._io.pos()
                self.value_22 = self._io.read_bits_int_be(22)
                self._debug['value_22']['end'] = self._io.pos()

            if self.width == 3:
                pass
                self._debug['value_30']['start'] = self._io.pos()
                self.value_30 = self._io.read_bits_int_be(30)
                self._debug['value_30']['end'] = self._io.pos()
                if not self.value_30 <= 999999999:
                    raise kaitaistruct.ValidationGreaterThanError(999999999, self.value_30, self._io, u"/types/nanoseconds/seq/4")



        def _fetch_instances(self):
            pass
            if self.width == 0:
                pass

            if self.width == 1:
                pass

            if self.width == 2:
                pass

            if self.width == 3:
                pass


        @property
        def value(self):
            """The nanoseconds."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.value_6 if self.width == 0 else (self.value_14 if self.width == 1 else (self.value_22 if self.width == 2 else self.value_30)))
            return getattr(self, '_m_value', None)


    class PacketLength(KaitaiStruct):
        """A number of 1 to 3 octets. A 4-octet number is not allowed here, even if
        its value would fit. Neither is a length without room for signature,
        flags, length and checksum.
        """
        SEQ_FIELDS = ["width", "value_6", "value_14", "value_22"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.PacketLength, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            self._debug['width']['start'] = self._io.pos()
            self.width = self._io.read_bits_int_be(2)
            self._debug['width']['end'] = self._io.pos()
            if not self.width <= 2:
                raise kaitaistruct.ValidationGreaterThanError(2, self.width, self._io, u"/types/packet_length/seq/0")
            if self.width == 0:
                pass
                self._debug['value_6']['start'] = self._io.pos()
                self.value_6 = self._io.read_bits_int_be(6)
                self._debug['value_6']['end'] = self._io.pos()
                if not self.value_6 >= 8:
                    raise kaitaistruct.ValidationLessThanError(8, self.value_6, self._io, u"/types/packet_length/seq/1")

            if self.width == 1:
                pass
                self._debug['value_14']['start'] = self._io.pos()
                self.value_14 = self._io.read_bits_int_be(14)
                self._debug['value_14']['end'] = self._io.pos()
                if not self.value_14 >= 9:
                    raise kaitaistruct.ValidationLessThanError(9, self.value_14, self._io, u"/types/packet_length/seq/2")

            if self.width == 2:
                pass
                self._debug['value_22']['start'] = self._io.pos()
                self.value_22 = self._io.read_bits_int_be(22)
                self._debug['value_22']['end'] = self._io.pos()
                if not self.value_22 >= 10:
                    raise kaitaistruct.ValidationLessThanError(10, self.value_22, self._io, u"/types/packet_length/seq/3")



        def _fetch_instances(self):
            pass
            if self.width == 0:
                pass

            if self.width == 1:
                pass

            if self.width == 2:
                pass


        @property
        def num_octets(self):
            """The number's size in octets."""
            if hasattr(self, '_m_num_octets'):
                return self._m_num_octets

            self._m_num_octets = self.width + 1
            return getattr(self, '_m_num_octets', None)

        @property
        def value(self):
            """The packet's length in octets."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.value_6 if self.width == 0 else (self.value_14 if self.width == 1 else self.value_22))
            return getattr(self, '_m_value', None)


    class Size(KaitaiStruct):
        """The number of octets that follow. No packet has room for more than
        4,194,303, so the limit excludes no valid packet. It keeps a reader from
        reserving memory for a size that is merely claimed.
        """
        SEQ_FIELDS = ["width", "value_6", "value_14", "value_22", "value_30"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Size, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            self._debug['width']['start'] = self._io.pos()
            self.width = self._io.read_bits_int_be(2)
            self._debug['width']['end'] = self._io.pos()
            if self.width == 0:
                pass
                self._debug['value_6']['start'] = self._io.pos()
                self.value_6 = self._io.read_bits_int_be(6)
                self._debug['value_6']['end'] = self._io.pos()

            if self.width == 1:
                pass
                self._debug['value_14']['start'] = self._io.pos()
                self.value_14 = self._io.read_bits_int_be(14)
                self._debug['value_14']['end'] = self._io.pos()

            if self.width == 2:
                pass
                self._debug['value_22']['start'] = self._io.pos()
                self.value_22 = self._io.read_bits_int_be(22)
                self._debug['value_22']['end'] = self._io.pos()

            if self.width == 3:
                pass
                self._debug['value_30']['start'] = self._io.pos()
                self.value_30 = self._io.read_bits_int_be(30)
                self._debug['value_30']['end'] = self._io.pos()
                if not self.value_30 <= 4194303:
                    raise kaitaistruct.ValidationGreaterThanError(4194303, self.value_30, self._io, u"/types/size/seq/4")



        def _fetch_instances(self):
            pass
            if self.width == 0:
                pass

            if self.width == 1:
                pass

            if self.width == 2:
                pass

            if self.width == 3:
                pass


        @property
        def value(self):
            """The size in octets."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.value_6 if self.width == 0 else (self.value_14 if self.width == 1 else (self.value_22 if self.width == 2 else self.value_30)))
            return getattr(self, '_m_value', None)


    class Tags(KaitaiStruct):
        """The order of tags has no meaning. A reader keeps it all the same, and
        keeps duplicates.
        """
        SEQ_FIELDS = ["num_tags", "tags_list"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Tags, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            self._debug['num_tags']['start'] = self._io.pos()
            self.num_tags = self._root.AnyNumber(self._io, self, self._root)
            self.num_tags._read()
            self._debug['num_tags']['end'] = self._io.pos()
            self._debug['tags_list']['start'] = self._io.pos()
            self._debug['tags_list']['arr'] = []
            self.tags_list = []
            for i in range(self.num_tags.value):
                self._debug['tags_list']['arr'].append({'start': self._io.pos()})
                _t_tags_list = self._root.Text(self._io, self, self._root)
                try:
                    _t_tags_list._read()
                finally:
                    self.tags_list.append(_t_tags_list)
                self._debug['tags_list']['arr'][i]['end'] = self._io.pos()

            self._debug['tags_list']['end'] = self._io.pos()


        def _fetch_instances(self):
            pass
            self.num_tags._fetch_instances()
            for i in range(len(self.tags_list)):
                pass
                self.tags_list[i]._fetch_instances()



    class Text(KaitaiStruct):
        """A string after its size in octets."""
        SEQ_FIELDS = ["size", "octets"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Text, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            self._debug['size']['start'] = self._io.pos()
            self.size = self._root.Size(self._io, self, self._root)
            self.size._read()
            self._debug['size']['end'] = self._io.pos()
            self._debug['octets']['start'] = self._io.pos()
            self.octets = self._io.read_bytes(self.size.value)
            self._debug['octets']['end'] = self._io.pos()


        def _fetch_instances(self):
            pass
            self.size._fetch_instances()

        @property
        def value(self):
            """The string."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.octets).decode(u"UTF-8")
            return getattr(self, '_m_value', None)


    class Timestamp(KaitaiStruct):
        """A time in UTC since the Unix epoch."""
        SEQ_FIELDS = ["seconds", "nanoseconds"]
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Timestamp, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._debug = collections.defaultdict(dict)

        def _read(self):
            self._debug['seconds']['start'] = self._io.pos()
            self.seconds = self._io.read_u4be()
            self._debug['seconds']['end'] = self._io.pos()
            self._debug['nanoseconds']['start'] = self._io.pos()
            self.nanoseconds = self._root.Nanoseconds(self._io, self, self._root)
            self.nanoseconds._read()
            self._debug['nanoseconds']['end'] = self._io.pos()


        def _fetch_instances(self):
            pass
            self.nanoseconds._fetch_instances()



