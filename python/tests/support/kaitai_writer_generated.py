# This is a generated file! Please edit source .ksy file and use kaitai-struct-compiler to rebuild
# type: ignore

import kaitaistruct
from kaitaistruct import ReadWriteKaitaiStruct, KaitaiStream, BytesIO
from enum import IntEnum


if getattr(kaitaistruct, 'API_VERSION', (0, 9)) < (0, 11):
    raise Exception("Incompatible Kaitai Struct Python API: 0.11 or later is required, but you have %s" % (kaitaistruct.__version__))

class Subunit2(ReadWriteKaitaiStruct):
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
    def __init__(self, _io=None, _parent=None, _root=None):
        super(Subunit2, self).__init__(_io)
        self._parent = _parent
        self._root = _root or self

    def _read(self):
        self.signature = self._io.read_bytes(1)
        if not self.signature == b"\xB3":
            raise kaitaistruct.ValidationNotEqualError(b"\xB3", self.signature, self._io, u"/seq/0")
        self.flags = Subunit2.Flags(self._io, self, self._root)
        self.flags._read()
        self.length = Subunit2.PacketLength(self._io, self, self._root)
        self.length._read()
        self._raw_body = self._io.read_bytes((self.length.value - self.length.num_octets) - 7)
        _io__raw_body = KaitaiStream(BytesIO(self._raw_body))
        self.body = Subunit2.Fields(_io__raw_body, self, self._root)
        self.body._read()
        self.crc32 = self._io.read_u4be()
        self._dirty = False


    def _fetch_instances(self):
        pass
        self.flags._fetch_instances()
        self.length._fetch_instances()
        self.body._fetch_instances()


    def _write__seq(self, io=None):
        super(Subunit2, self)._write__seq(io)
        self._io.write_bytes(self.signature)
        self.flags._write__seq(self._io)
        self.length._write__seq(self._io)
        _io__raw_body = KaitaiStream(BytesIO(bytearray((self.length.value - self.length.num_octets) - 7)))
        self._io.add_child_stream(_io__raw_body)
        _pos2 = self._io.pos()
        self._io.seek(self._io.pos() + ((self.length.value - self.length.num_octets) - 7))
        def handler(parent, _io__raw_body=_io__raw_body):
            self._raw_body = _io__raw_body.to_byte_array()
            if len(self._raw_body) != (self.length.value - self.length.num_octets) - 7:
                raise kaitaistruct.ConsistencyError(u"raw(body)", (self.length.value - self.length.num_octets) - 7, len(self._raw_body))
            parent.write_bytes(self._raw_body)
        _io__raw_body.write_back_handler = KaitaiStream.WriteBackHandler(_pos2, handler)
        self.body._write__seq(_io__raw_body)
        self._io.write_u4be(self.crc32)


    def _check(self):
        if len(self.signature) != 1:
            raise kaitaistruct.ConsistencyError(u"signature", 1, len(self.signature))
        if not self.signature == b"\xB3":
            raise kaitaistruct.ValidationNotEqualError(b"\xB3", self.signature, None, u"/seq/0")
        if self.flags._root != self._root:
            raise kaitaistruct.ConsistencyError(u"flags", self._root, self.flags._root)
        if self.flags._parent != self:
            raise kaitaistruct.ConsistencyError(u"flags", self, self.flags._parent)
        if self.length._root != self._root:
            raise kaitaistruct.ConsistencyError(u"length", self._root, self.length._root)
        if self.length._parent != self:
            raise kaitaistruct.ConsistencyError(u"length", self, self.length._parent)
        if self.body._root != self._root:
            raise kaitaistruct.ConsistencyError(u"body", self._root, self.body._root)
        if self.body._parent != self:
            raise kaitaistruct.ConsistencyError(u"body", self, self.body._parent)
        self._dirty = False

    class AnyNumber(ReadWriteKaitaiStruct):
        """A number of 6, 14, 22 or 30 bits, after two bits that select the width.
        This type allows any value; `size` and `nanoseconds` add a limit.
        """
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.AnyNumber, self).__init__(_io)
            self._parent = _parent
            self._root = _root

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

            self._dirty = False


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



        def _write__seq(self, io=None):
            super(Subunit2.AnyNumber, self)._write__seq(io)
            self._io.write_bits_int_be(2, self.width)
            if self.width == 0:
                pass
                self._io.write_bits_int_be(6, self.value_6)

            if self.width == 1:
                pass
                self._io.write_bits_int_be(14, self.value_14)

            if self.width == 2:
                pass
                self._io.write_bits_int_be(22, self.value_22)

            if self.width == 3:
                pass
                self._io.write_bits_int_be(30, self.value_30)



        def _check(self):
            if self.width == 0:
                pass

            if self.width == 1:
                pass

            if self.width == 2:
                pass

            if self.width == 3:
                pass

            self._dirty = False

        @property
        def value(self):
            """The number."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.value_6 if self.width == 0 else (self.value_14 if self.width == 1 else (self.value_22 if self.width == 2 else self.value_30)))
            return getattr(self, '_m_value', None)

        def _invalidate_value(self):
            del self._m_value

    class Attachment(ReadWriteKaitaiStruct):
        """A chunk of a file. Route code, test id and name together identify the
        file. Its chunks, in the order of the stream, are its content.
        """
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.Attachment, self).__init__(_io)
            self._parent = _parent
            self._root = _root

        def _read(self):
            self.name = Subunit2.Text(self._io, self, self._root)
            self.name._read()
            self.size = Subunit2.Size(self._io, self, self._root)
            self.size._read()
            self.content = self._io.read_bytes(self.size.value)
            self._dirty = False


        def _fetch_instances(self):
            pass
            self.name._fetch_instances()
            self.size._fetch_instances()


        def _write__seq(self, io=None):
            super(Subunit2.Attachment, self)._write__seq(io)
            self.name._write__seq(self._io)
            self.size._write__seq(self._io)
            self._io.write_bytes(self.content)


        def _check(self):
            if self.name._root != self._root:
                raise kaitaistruct.ConsistencyError(u"name", self._root, self.name._root)
            if self.name._parent != self:
                raise kaitaistruct.ConsistencyError(u"name", self, self.name._parent)
            if self.size._root != self._root:
                raise kaitaistruct.ConsistencyError(u"size", self._root, self.size._root)
            if self.size._parent != self:
                raise kaitaistruct.ConsistencyError(u"size", self, self.size._parent)
            if len(self.content) != self.size.value:
                raise kaitaistruct.ConsistencyError(u"content", self.size.value, len(self.content))
            self._dirty = False


    class Fields(ReadWriteKaitaiStruct):
        """Each field is present exactly when its flag is set, in this order. The
        route code is last so that a multiplexer can change it without reading
        or moving the fields before it.
        """
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.Fields, self).__init__(_io)
            self._parent = _parent
            self._root = _root

        def _read(self):
            if self._root.flags.has_timestamp:
                pass
                self.timestamp = Subunit2.Timestamp(self._io, self, self._root)
                self.timestamp._read()

            if self._root.flags.has_test_id:
                pass
                self.test_id = Subunit2.Text(self._io, self, self._root)
                self.test_id._read()

            if self._root.flags.has_tags:
                pass
                self.tags = Subunit2.Tags(self._io, self, self._root)
                self.tags._read()

            if self._root.flags.has_mime_type:
                pass
                self.mime_type = Subunit2.Text(self._io, self, self._root)
                self.mime_type._read()

            if self._root.flags.has_file:
                pass
                self.file = Subunit2.Attachment(self._io, self, self._root)
                self.file._read()

            if self._root.flags.has_route_code:
                pass
                self.route_code = Subunit2.Text(self._io, self, self._root)
                self.route_code._read()

            self.trailing = self._io.read_bytes_full()
            if not self.trailing == b"":
                raise kaitaistruct.ValidationNotEqualError(b"", self.trailing, self._io, u"/types/fields/seq/6")
            self._dirty = False


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



        def _write__seq(self, io=None):
            super(Subunit2.Fields, self)._write__seq(io)
            if self._root.flags.has_timestamp:
                pass
                self.timestamp._write__seq(self._io)

            if self._root.flags.has_test_id:
                pass
                self.test_id._write__seq(self._io)

            if self._root.flags.has_tags:
                pass
                self.tags._write__seq(self._io)

            if self._root.flags.has_mime_type:
                pass
                self.mime_type._write__seq(self._io)

            if self._root.flags.has_file:
                pass
                self.file._write__seq(self._io)

            if self._root.flags.has_route_code:
                pass
                self.route_code._write__seq(self._io)

            self._io.write_bytes(self.trailing)
            if not self._io.is_eof():
                raise kaitaistruct.ConsistencyError(u"trailing", 0, self._io.size() - self._io.pos())


        def _check(self):
            if self._root.flags.has_timestamp:
                pass
                if self.timestamp._root != self._root:
                    raise kaitaistruct.ConsistencyError(u"timestamp", self._root, self.timestamp._root)
                if self.timestamp._parent != self:
                    raise kaitaistruct.ConsistencyError(u"timestamp", self, self.timestamp._parent)

            if self._root.flags.has_test_id:
                pass
                if self.test_id._root != self._root:
                    raise kaitaistruct.ConsistencyError(u"test_id", self._root, self.test_id._root)
                if self.test_id._parent != self:
                    raise kaitaistruct.ConsistencyError(u"test_id", self, self.test_id._parent)

            if self._root.flags.has_tags:
                pass
                if self.tags._root != self._root:
                    raise kaitaistruct.ConsistencyError(u"tags", self._root, self.tags._root)
                if self.tags._parent != self:
                    raise kaitaistruct.ConsistencyError(u"tags", self, self.tags._parent)

            if self._root.flags.has_mime_type:
                pass
                if self.mime_type._root != self._root:
                    raise kaitaistruct.ConsistencyError(u"mime_type", self._root, self.mime_type._root)
                if self.mime_type._parent != self:
                    raise kaitaistruct.ConsistencyError(u"mime_type", self, self.mime_type._parent)

            if self._root.flags.has_file:
                pass
                if self.file._root != self._root:
                    raise kaitaistruct.ConsistencyError(u"file", self._root, self.file._root)
                if self.file._parent != self:
                    raise kaitaistruct.ConsistencyError(u"file", self, self.file._parent)

            if self._root.flags.has_route_code:
                pass
                if self.route_code._root != self._root:
                    raise kaitaistruct.ConsistencyError(u"route_code", self._root, self.route_code._root)
                if self.route_code._parent != self:
                    raise kaitaistruct.ConsistencyError(u"route_code", self, self.route_code._parent)

            if not self.trailing == b"":
                raise kaitaistruct.ValidationNotEqualError(b"", self.trailing, None, u"/types/fields/seq/6")
            self._dirty = False


    class Flags(ReadWriteKaitaiStruct):
        """Sixteen bits, the most significant first."""
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.Flags, self).__init__(_io)
            self._parent = _parent
            self._root = _root

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
            self._dirty = False


        def _fetch_instances(self):
            pass


        def _write__seq(self, io=None):
            super(Subunit2.Flags, self)._write__seq(io)
            self._io.write_bits_int_be(4, self.version)
            self._io.write_bits_int_be(1, int(self.has_test_id))
            self._io.write_bits_int_be(1, int(self.has_route_code))
            self._io.write_bits_int_be(1, int(self.has_timestamp))
            self._io.write_bits_int_be(1, int(self.runnable))
            self._io.write_bits_int_be(1, int(self.has_tags))
            self._io.write_bits_int_be(1, int(self.has_file))
            self._io.write_bits_int_be(1, int(self.has_mime_type))
            self._io.write_bits_int_be(1, int(self.eof))
            self._io.write_bits_int_be(1, int(self.reserved))
            self._io.write_bits_int_be(3, int(self.status))


        def _check(self):
            if not self.version == 2:
                raise kaitaistruct.ValidationNotEqualError(2, self.version, None, u"/types/flags/seq/0")
            if not self.reserved == False:
                raise kaitaistruct.ValidationNotEqualError(False, self.reserved, None, u"/types/flags/seq/9")
            self._dirty = False


    class Nanoseconds(ReadWriteKaitaiStruct):
        """A number from 0 to 999,999,999, in 1 to 4 octets."""
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.Nanoseconds, self).__init__(_io)
            self._parent = _parent
            self._root = _root

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

            self._dirty = False


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



        def _write__seq(self, io=None):
            super(Subunit2.Nanoseconds, self)._write__seq(io)
            self._io.write_bits_int_be(2, self.width)
            if self.width == 0:
                pass
                self._io.write_bits_int_be(6, self.value_6)

            if self.width == 1:
                pass
                self._io.write_bits_int_be(14, self.value_14)

            if self.width == 2:
                pass
                self._io.write_bits_int_be(22, self.value_22)

            if self.width == 3:
                pass
                self._io.write_bits_int_be(30, self.value_30)



        def _check(self):
            if self.width == 0:
                pass

            if self.width == 1:
                pass

            if self.width == 2:
                pass

            if self.width == 3:
                pass
                if not self.value_30 <= 999999999:
                    raise kaitaistruct.ValidationGreaterThanError(999999999, self.value_30, None, u"/types/nanoseconds/seq/4")

            self._dirty = False

        @property
        def value(self):
            """The nanoseconds."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.value_6 if self.width == 0 else (self.value_14 if self.width == 1 else (self.value_22 if self.width == 2 else self.value_30)))
            return getattr(self, '_m_value', None)

        def _invalidate_value(self):
            del self._m_value

    class PacketLength(ReadWriteKaitaiStruct):
        """A number of 1 to 3 octets. A 4-octet number is not allowed here, even if
        its value would fit. Neither is a length without room for signature,
        flags, length and checksum.
        """
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.PacketLength, self).__init__(_io)
            self._parent = _parent
            self._root = _root

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

            self._dirty = False


        def _fetch_instances(self):
            pass
            if self.width == 0:
                pass

            if self.width == 1:
                pass

            if self.width == 2:
                pass



        def _write__seq(self, io=None):
            super(Subunit2.PacketLength, self)._write__seq(io)
            self._io.write_bits_int_be(2, self.width)
            if self.width == 0:
                pass
                self._io.write_bits_int_be(6, self.value_6)

            if self.width == 1:
                pass
                self._io.write_bits_int_be(14, self.value_14)

            if self.width == 2:
                pass
                self._io.write_bits_int_be(22, self.value_22)



        def _check(self):
            if not self.width <= 2:
                raise kaitaistruct.ValidationGreaterThanError(2, self.width, None, u"/types/packet_length/seq/0")
            if self.width == 0:
                pass
                if not self.value_6 >= 8:
                    raise kaitaistruct.ValidationLessThanError(8, self.value_6, None, u"/types/packet_length/seq/1")

            if self.width == 1:
                pass
                if not self.value_14 >= 9:
                    raise kaitaistruct.ValidationLessThanError(9, self.value_14, None, u"/types/packet_length/seq/2")

            if self.width == 2:
                pass
                if not self.value_22 >= 10:
                    raise kaitaistruct.ValidationLessThanError(10, self.value_22, None, u"/types/packet_length/seq/3")

            self._dirty = False

        @property
        def num_octets(self):
            """The number's size in octets."""
            if hasattr(self, '_m_num_octets'):
                return self._m_num_octets

            self._m_num_octets = self.width + 1
            return getattr(self, '_m_num_octets', None)

        def _invalidate_num_octets(self):
            del self._m_num_octets
        @property
        def value(self):
            """The packet's length in octets."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.value_6 if self.width == 0 else (self.value_14 if self.width == 1 else self.value_22))
            return getattr(self, '_m_value', None)

        def _invalidate_value(self):
            del self._m_value

    class Size(ReadWriteKaitaiStruct):
        """The number of octets that follow. No packet has room for more than
        4,194,303, so the limit excludes no valid packet. It keeps a reader from
        reserving memory for a size that is merely claimed.
        """
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.Size, self).__init__(_io)
            self._parent = _parent
            self._root = _root

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

            self._dirty = False


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



        def _write__seq(self, io=None):
            super(Subunit2.Size, self)._write__seq(io)
            self._io.write_bits_int_be(2, self.width)
            if self.width == 0:
                pass
                self._io.write_bits_int_be(6, self.value_6)

            if self.width == 1:
                pass
                self._io.write_bits_int_be(14, self.value_14)

            if self.width == 2:
                pass
                self._io.write_bits_int_be(22, self.value_22)

            if self.width == 3:
                pass
                self._io.write_bits_int_be(30, self.value_30)



        def _check(self):
            if self.width == 0:
                pass

            if self.width == 1:
                pass

            if self.width == 2:
                pass

            if self.width == 3:
                pass
                if not self.value_30 <= 4194303:
                    raise kaitaistruct.ValidationGreaterThanError(4194303, self.value_30, None, u"/types/size/seq/4")

            self._dirty = False

        @property
        def value(self):
            """The size in octets."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.value_6 if self.width == 0 else (self.value_14 if self.width == 1 else (self.value_22 if self.width == 2 else self.value_30)))
            return getattr(self, '_m_value', None)

        def _invalidate_value(self):
            del self._m_value

    class Tags(ReadWriteKaitaiStruct):
        """The order of tags has no meaning. A reader keeps it all the same, and
        keeps duplicates.
        """
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.Tags, self).__init__(_io)
            self._parent = _parent
            self._root = _root

        def _read(self):
            self.num_tags = Subunit2.AnyNumber(self._io, self, self._root)
            self.num_tags._read()
            self.tags_list = []
            for i in range(self.num_tags.value):
                _t_tags_list = Subunit2.Text(self._io, self, self._root)
                try:
                    _t_tags_list._read()
                finally:
                    self.tags_list.append(_t_tags_list)

            self._dirty = False


        def _fetch_instances(self):
            pass
            self.num_tags._fetch_instances()
            for i in range(len(self.tags_list)):
                pass
                self.tags_list[i]._fetch_instances()



        def _write__seq(self, io=None):
            super(Subunit2.Tags, self)._write__seq(io)
            self.num_tags._write__seq(self._io)
            for i in range(len(self.tags_list)):
                pass
                self.tags_list[i]._write__seq(self._io)



        def _check(self):
            if self.num_tags._root != self._root:
                raise kaitaistruct.ConsistencyError(u"num_tags", self._root, self.num_tags._root)
            if self.num_tags._parent != self:
                raise kaitaistruct.ConsistencyError(u"num_tags", self, self.num_tags._parent)
            if len(self.tags_list) != self.num_tags.value:
                raise kaitaistruct.ConsistencyError(u"tags_list", self.num_tags.value, len(self.tags_list))
            for i in range(len(self.tags_list)):
                pass
                if self.tags_list[i]._root != self._root:
                    raise kaitaistruct.ConsistencyError(u"tags_list", self._root, self.tags_list[i]._root)
                if self.tags_list[i]._parent != self:
                    raise kaitaistruct.ConsistencyError(u"tags_list", self, self.tags_list[i]._parent)

            self._dirty = False


    class Text(ReadWriteKaitaiStruct):
        """A string after its size in octets."""
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.Text, self).__init__(_io)
            self._parent = _parent
            self._root = _root

        def _read(self):
            self.size = Subunit2.Size(self._io, self, self._root)
            self.size._read()
            self.octets = self._io.read_bytes(self.size.value)
            self._dirty = False


        def _fetch_instances(self):
            pass
            self.size._fetch_instances()


        def _write__seq(self, io=None):
            super(Subunit2.Text, self)._write__seq(io)
            self.size._write__seq(self._io)
            self._io.write_bytes(self.octets)


        def _check(self):
            if self.size._root != self._root:
                raise kaitaistruct.ConsistencyError(u"size", self._root, self.size._root)
            if self.size._parent != self:
                raise kaitaistruct.ConsistencyError(u"size", self, self.size._parent)
            if len(self.octets) != self.size.value:
                raise kaitaistruct.ConsistencyError(u"octets", self.size.value, len(self.octets))
            self._dirty = False

        @property
        def value(self):
            """The string."""
            if hasattr(self, '_m_value'):
                return self._m_value

            self._m_value = (self.octets).decode(u"UTF-8")
            return getattr(self, '_m_value', None)

        def _invalidate_value(self):
            del self._m_value

    class Timestamp(ReadWriteKaitaiStruct):
        """A time in UTC since the Unix epoch."""
        def __init__(self, _io=None, _parent=None, _root=None):
            super(Subunit2.Timestamp, self).__init__(_io)
            self._parent = _parent
            self._root = _root

        def _read(self):
            self.seconds = self._io.read_u4be()
            self.nanoseconds = Subunit2.Nanoseconds(self._io, self, self._root)
            self.nanoseconds._read()
            self._dirty = False


        def _fetch_instances(self):
            pass
            self.nanoseconds._fetch_instances()


        def _write__seq(self, io=None):
            super(Subunit2.Timestamp, self)._write__seq(io)
            self._io.write_u4be(self.seconds)
            self.nanoseconds._write__seq(self._io)


        def _check(self):
            if self.nanoseconds._root != self._root:
                raise kaitaistruct.ConsistencyError(u"nanoseconds", self._root, self.nanoseconds._root)
            if self.nanoseconds._parent != self:
                raise kaitaistruct.ConsistencyError(u"nanoseconds", self, self.nanoseconds._parent)
            self._dirty = False



