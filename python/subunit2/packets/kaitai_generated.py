# This is a generated file! Please edit source .ksy file and use kaitai-struct-compiler to rebuild
# type: ignore

import kaitaistruct
from kaitaistruct import KaitaiStruct, KaitaiStream, BytesIO
from enum import IntEnum


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
    def __init__(self, _io, _parent=None, _root=None):
        super(Subunit2, self).__init__(_io)
        self._parent = _parent
        self._root = _root or self
        self._read()

    def _read(self):
        self.signature = self._io.read_bytes(1)
        if not self.signature == b"\xB3":
            raise kaitaistruct.ValidationNotEqualError(b"\xB3", self.signature, self._io, u"/seq/0")
        self.flags = self._root.Flags(self._io, self, self._root)
        self.length = self._root.PacketLength(self._io, self, self._root)
        self._raw_body = self._io.read_bytes((self.length.value - self.length.num_octets) - 7)
        _io__raw_body = KaitaiStream(BytesIO(self._raw_body))
        self.body = self._root.Fields(_io__raw_body, self, self._root)
        self.crc32 = self._io.read_u4be()


    def _fetch_instances(self):
        pass
        self.flags._fetch_instances()
        self.length._fetch_instances()
        self.body._fetch_instances()

    class AnyNumber(KaitaiStruct):
        """A number of 6, 14, 22 or 30 bits, after two bits that select the width.
        This type allows any value; `size` and `nanoseconds` add a limit.
        """
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.AnyNumber, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            self.width = self._io.read_bits_int_be(2)
            if self.width == 0:
                pass
                self.value_6 = self._io.read_bits_int_be(6)

            if self.width == 1:
                pass
                self.value_14 = self._io.read_bits_int_be(14)

            if self.width == 2:
                pass
                self.value_22 = self._io.read_bits_int_be(22)

            if self.width == 3:
                pass
                self.value_30 = self._io.read_bits_int_be(30)



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
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Attachment, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            self.name = self._root.Text(self._io, self, self._root)
            self.size = self._root.Size(self._io, self, self._root)
            self.content = self._io.read_bytes(self.size.value)


        def _fetch_instances(self):
            pass
            self.name._fetch_instances()
            self.size._fetch_instances()


    class Fields(KaitaiStruct):
        """Each field is present exactly when its flag is set, in this order. The
        route code is last so that a multiplexer can change it without reading
        or moving the fields before it.
        """
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Fields, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            if self._root.flags.has_timestamp:
                pass
                self.timestamp = self._root.Timestamp(self._io, self, self._root)

            if self._root.flags.has_test_id:
                pass
                self.test_id = self._root.Text(self._io, self, self._root)

            if self._root.flags.has_tags:
                pass
                self.tags = self._root.Tags(self._io, self, self._root)

            if self._root.flags.has_mime_type:
                pass
                self.mime_type = self._root.Text(self._io, self, self._root)

            if self._root.flags.has_file:
                pass
                self.file = self._root.Attachment(self._io, self, self._root)

            if self._root.flags.has_route_code:
                pass
                self.route_code = self._root.Text(self._io, self, self._root)

            self.trailing = self._io.read_bytes_full()
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
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Flags, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            self.version = self._io.read_bits_int_be(4)
            if not self.version == 2:
                raise kaitaistruct.ValidationNotEqualError(2, self.version, self._io, u"/types/flags/seq/0")
            self.has_test_id = self._io.read_bits_int_be(1) != 0
            self.has_route_code = self._io.read_bits_int_be(1) != 0
            self.has_timestamp = self._io.read_bits_int_be(1) != 0
            self.runnable = self._io.read_bits_int_be(1) != 0
            self.has_tags = self._io.read_bits_int_be(1) != 0
            self.has_file = self._io.read_bits_int_be(1) != 0
            self.has_mime_type = self._io.read_bits_int_be(1) != 0
            self.eof = self._io.read_bits_int_be(1) != 0
            self.reserved = self._io.read_bits_int_be(1) != 0
            if not self.reserved == False:
                raise kaitaistruct.ValidationNotEqualError(False, self.reserved, self._io, u"/types/flags/seq/9")
            self.status = KaitaiStream.resolve_enum(Subunit2.Status, self._io.read_bits_int_be(3))


        def _fetch_instances(self):
            pass


    class Nanoseconds(KaitaiStruct):
        """A number from 0 to 999,999,999, in 1 to 4 octets."""
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Nanoseconds, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            self.width = self._io.read_bits_int_be(2)
            if self.width == 0:
                pass
                self.value_6 = self._io.read_bits_int_be(6)

            if self.width == 1:
                pass
                self.value_14 = self._io.read_bits_int_be(14)

            if self.width == 2:
                pass
                self.value_22 = self._io.read_bits_int_be(22)

            if self.width == 3:
                pass
                self.value_30 = self._io.read_bits_int_be(30)
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
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.PacketLength, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            self.width = self._io.read_bits_int_be(2)
            if not self.width <= 2:
                raise kaitaistruct.ValidationGreaterThanError(2, self.width, self._io, u"/types/packet_length/seq/0")
            if self.width == 0:
                pass
                self.value_6 = self._io.read_bits_int_be(6)
                if not self.value_6 >= 8:
                    raise kaitaistruct.ValidationLessThanError(8, self.value_6, self._io, u"/types/packet_length/seq/1")

            if self.width == 1:
                pass
                self.value_14 = self._io.read_bits_int_be(14)
                if not self.value_14 >= 9:
                    raise kaitaistruct.ValidationLessThanError(9, self.value_14, self._io, u"/types/packet_length/seq/2")

            if self.width == 2:
                pass
                self.value_22 = self._io.read_bits_int_be(22)
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
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Size, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            self.width = self._io.read_bits_int_be(2)
            if self.width == 0:
                pass
                self.value_6 = self._io.read_bits_int_be(6)

            if self.width == 1:
                pass
                self.value_14 = self._io.read_bits_int_be(14)

            if self.width == 2:
                pass
                self.value_22 = self._io.read_bits_int_be(22)

            if self.width == 3:
                pass
                self.value_30 = self._io.read_bits_int_be(30)
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
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Tags, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            self.num_tags = self._root.AnyNumber(self._io, self, self._root)
            self.tags_list = []
            for i in range(self.num_tags.value):
                self.tags_list.append(self._root.Text(self._io, self, self._root))



        def _fetch_instances(self):
            pass
            self.num_tags._fetch_instances()
            for i in range(len(self.tags_list)):
                pass
                self.tags_list[i]._fetch_instances()



    class Text(KaitaiStruct):
        """A string after its size in octets."""
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Text, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            self.size = self._root.Size(self._io, self, self._root)
            self.octets = self._io.read_bytes(self.size.value)


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
        def __init__(self, _io, _parent=None, _root=None):
            super(Subunit2.Timestamp, self).__init__(_io)
            self._parent = _parent
            self._root = _root
            self._read()

        def _read(self):
            self.seconds = self._io.read_u4be()
            self.nanoseconds = self._root.Nanoseconds(self._io, self, self._root)


        def _fetch_instances(self):
            pass
            self.nanoseconds._fetch_instances()



