r"""Route codes: packets with the code of an input in front, and a multiplexer.

Strategy: the route code is the last field, so a packet is forwarded without
interpreting what stands before it (`route.unchanged`): the fields are stepped
over by their sizes, and their octets, longer forms of numbers and all, are
copied. Only flags, length, route code and checksum are written anew. The
multiplexer steps over nothing: the reader has read the packet, and the route
code is what stands before the checksum.

It does no IO and has no clock: a timestamp that is absent stays absent
(`timestamp.kept`).

>>> from subunit2 import Packet, decode, encode
>>> worker = encode(Packet(test_id="foo", test_status="success", route_code="3"))
>>> [packet] = decode(add_route(worker, "0"))
>>> packet.route_code
'0/3'
>>> strip_route(add_route(worker, "0")) == worker
True
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from subunit2.items import EncodeError, Item, Packet, replace
from subunit2.packets.crc import crc32
from subunit2.packets.header import CHECKSUM_SIZE, FLAG_ROUTE_CODE, MAX_PACKET, SIGNATURE
from subunit2.packets.numbers import LIMITS, encode_number
from subunit2.packets.rewrite import build_packet, put_in_front, read_fields
from subunit2.reader import Reader
from subunit2.writer import DEFAULT_CHUNK, encode, encoded_length

__all__ = ["WRAPPED_FILE", "Multiplexer", "add_route", "strip_route"]

#: The name of the file that an input's output becomes (`wrap.origin`).
WRAPPED_FILE: Final = "stdout"

#: From this size on, in octets, a packet is not copied to be looked at.
_LARGE: Final = 2048

#: For so many route codes an input remembers what they become.
_MOST_FIELDS: Final = 1024

#: Signature and first octet of the flags, route code set, by that octet; and lengths.
_HEADS: Final = tuple(bytes([SIGNATURE, high | FLAG_ROUTE_CODE >> 8]) for high in range(256))
_ONE_OCTET: Final = tuple(bytes([length]) for length in range(LIMITS[0]))


def add_route(packet: bytes, code: str) -> bytes:
    """The octets of a packet with `code` in front of its route code (`route.add`).

    A packet that would become too long for it becomes several, which are joined
    here: as much of its file's content as fits in the first, the status and the
    end of file on the last, everything else on all of them (`route.too-long`).

    :param packet: the octets of one well-formed packet.
    :raises ValueError: where they are not.
    :raises EncodeError: where the code is no route code, and where the packet is
        too long for it and has no content to be cut.

    >>> from subunit2 import Packet, encode
    >>> add_route(encode(Packet(test_id="foo", test_status="exists")), "0").hex()
    'b32d010e03666f6f0130e68adc9d'
    """
    _check_packet(packet)
    return put_in_front(packet, _checked_code(code))


def strip_route(packet: bytes) -> bytes:
    """The octets of a packet without the first step of its route code (`route.strip`).

    Where no step is left, the packet has no route code.

    :param packet: the octets of one well-formed packet.
    :raises ValueError: where they are not, or it has no route code.

    >>> from subunit2 import Packet, decode, encode
    >>> for code in ("0/3", "0/", "0"):
    ...     [packet] = decode(strip_route(encode(Packet(route_code=code))))
    ...     packet.route_code
    '3'
    ''
    """
    _check_packet(packet)
    fields = read_fields(packet)
    if fields.route is None:
        raise ValueError("the packet has no route code")
    _, slash, rest = fields.route.partition(b"/")
    return build_packet(fields.flags, fields.before, rest if slash else None)


class Multiplexer:
    """Several streams into one, each packet with the code of its input in front.

    Packets go out in the order of their input, and with their last octet, whatever
    the other inputs do (`route.order`). Passthrough, corrupt regions, and packets
    that no code can be added to go out at once, as chunks of a file of the input's
    route, which ends when the input does (`wrap.origin`).

    Holds what a reader holds, for each input, and as many octets again.

    :param routes: the code of each input. None: its packets stay as they are, and
        its output goes under no route.
    :param files: the name of the file that the output of each input becomes;
        `stdout` where none is given.
    :raises EncodeError: where one cannot be written, or is longer than 3 MiB.

    >>> from subunit2 import Packet, decode, encode
    >>> multiplexer = Multiplexer(["0", "1"])
    >>> octets = multiplexer.feed(1, b"(Pdb) ")
    >>> octets += multiplexer.feed(0, encode(Packet(test_id="foo", test_status="success")))
    >>> for packet in decode(octets):
    ...     packet.route_code, packet.file_bytes or packet.test_id
    ('1', b'(Pdb) ')
    ('0', 'foo')
    """

    def __init__(
        self, routes: Sequence[str | None] = (), *, files: Sequence[str] | None = None
    ) -> None:
        self._inputs: list[_Input] = []
        for route, file in zip(routes, files or [WRAPPED_FILE] * len(routes), strict=True):
            self.add(route, file)

    def add(
        self,
        route: str | None,
        file: str = WRAPPED_FILE,
        *,
        change: Callable[[list[Item]], Iterable[Item]] | None = None,
    ) -> int:
        """The number of a further input, which starts now.

        :param change: what is done to its items on the way, as to their clock.
        :raises EncodeError: as for the class.
        """
        self._inputs.append(_Input(route, file, change))
        return len(self._inputs) - 1

    def feed(self, input: int, data: bytes | bytearray | memoryview) -> bytes:
        """What goes out now that `data` has arrived on an input.

        :raises ValueError: after the input was closed.
        """
        return self._inputs[input].feed(data)

    def pending(self, input: int) -> tuple[int, int]:
        """How much of an input is out and held, in octets (`Reader.offset`, `pending`)."""
        reader = self._inputs[input].reader
        return reader.offset, reader.pending

    def stop_waiting(self, input: int) -> bytes:
        """What goes out if the input is taken to have ended here (`reader.stop-waiting`).

        :raises ValueError: after the input was closed.
        """
        return self._inputs[input].stop_waiting()

    def close(self, input: int) -> bytes:
        """What goes out now that an input has ended. Calling it again gives nothing."""
        return self._inputs[input].close()


class _Input:
    """One input of a multiplexer: its reader, and the octets that this one holds."""

    def __init__(
        self,
        route: str | None,
        file: str,
        change: Callable[[list[Item]], Iterable[Item]] | None,
    ) -> None:
        self.reader = Reader()
        self._change = change
        self._code = None if route is None else _checked_code(route)
        # What output is wrapped into, but for the output.
        self._wrapping = Packet(file_name=file, file_bytes=b"", route_code=route, runnable=False)
        if encoded_length(replace(self._wrapping, file_bytes=bytes(DEFAULT_CHUNK))) is None:
            raise EncodeError("route_code", f"{len(route or file):,} characters leave no room")
        encode(self._wrapping)
        self._is_wrapped = False
        # The octets that the reader holds, and the position of the first of them.
        self._held = bytearray()
        self._base = 0
        # By the route codes that came: their fields' sizes, and the fields that go out.
        self._fields: dict[str | None, tuple[int, bytes]] = {}

    def feed(self, data: bytes | bytearray | memoryview) -> bytes:
        # The same octets are read and sliced: they must not change in between.
        data = bytes(data)
        return b"".join(self._forward(self.reader.feed(data), data))

    def stop_waiting(self) -> bytes:
        return b"".join(self._forward(self.reader.stop_waiting(), b""))

    def close(self) -> bytes:
        out = self._forward(self.reader.close(), b"")
        if self._is_wrapped:
            self._is_wrapped = False
            # clause file.eof
            out.append(encode(replace(self._wrapping, eof=True)))
        return b"".join(out)

    def _forward(self, items: list[Item], data: bytes) -> list[bytes | memoryview]:
        """What goes out for the items that are settled now that `data` has come."""
        out: list[bytes | memoryview] = []
        if self._change is not None:
            for item in self._change(items):
                self._put(item, out)
            return out
        # The position of the first octet of `data`.
        front = self._base + len(self._held)
        view = memoryview(data)
        for item in items:
            if not isinstance(item, Packet):
                self._wrap(item.data, out)
                continue
            length = item.length
            start = item.offset - front
            octets: bytes | memoryview
            if start < 0:
                held = item.offset - self._base
                octets = bytes(self._held[held : held + length]) + data[: max(start + length, 0)]
            elif length < _LARGE:
                octets = data[start : start + length]
            else:
                # A view costs more than a copy of a few octets, and less than one of many.
                octets = view[start : start + length]
            if self._code is None:
                out.append(octets)
            elif item.raw is None:
                self._add_canonical(octets, item.route_code, out)
            else:
                self._add(bytes(octets), out)
        settled = self.reader.offset
        if settled >= front:
            self._held = bytearray(data[settled - front :])
        else:
            del self._held[: settled - self._base]
            self._held += data
        self._base = settled
        return out

    def _put(self, item: Item, out: list[bytes | memoryview]) -> None:
        """Let an item out that may be another than was read."""
        if not isinstance(item, Packet):
            self._wrap(item.data, out)
        elif self._code is None:
            out.append(encode(item))
        else:
            self._add(encode(item), out)

    def _add_canonical(
        self, octets: bytes | memoryview, route: str | None, out: list[bytes | memoryview]
    ) -> None:
        """Add the code to a packet whose numbers are in their shortest form (`route.add`)."""
        size, field = self._fields.get(route) or self._field(route)
        length = len(octets)
        head = 4 if length < LIMITS[0] else 5 if length < LIMITS[1] else 6
        # clause route.unchanged
        before = octets[head : length - CHECKSUM_SIZE - size]
        length = 4 + len(before) + len(field) + CHECKSUM_SIZE
        if length < LIMITS[0]:
            written = _ONE_OCTET[length]
        elif length < LIMITS[1] - 1:
            written = (length + 1 | 0x4000).to_bytes(2, "big")
        elif length < MAX_PACKET - 1:
            written = (length + 2 | 0x800000).to_bytes(3, "big")
        else:
            self._add(bytes(octets), out)
            return
        start = _HEADS[octets[1]] + octets[2:3] + written
        checksum = crc32(field, crc32(before, crc32(start)))
        out += (start, before, field, checksum.to_bytes(CHECKSUM_SIZE, "big"))

    def _field(self, route: str | None) -> tuple[int, bytes]:
        assert self._code is not None
        was, code = 0, self._code
        if route is not None:
            octets = route.encode()
            was = len(encode_number(len(octets))) + len(octets)
            code += b"/" + octets
        if len(self._fields) >= _MOST_FIELDS:
            self._fields.clear()
        self._fields[route] = was, encode_number(len(code)) + code
        return self._fields[route]

    def _add(self, octets: bytes, out: list[bytes | memoryview]) -> None:
        assert self._code is not None
        try:
            out.append(put_in_front(octets, self._code))
        except EncodeError:
            # It cannot go out as what it is, and must not get lost.
            self._wrap(octets, out)

    def _wrap(self, octets: bytes, out: list[bytes | memoryview]) -> None:
        self._is_wrapped = True
        for start in range(0, len(octets), DEFAULT_CHUNK):
            chunk = octets[start : start + DEFAULT_CHUNK]
            out.append(encode(replace(self._wrapping, file_bytes=chunk)))


def _checked_code(code: str) -> bytes:
    # What the writer refuses in a route code is refused here.
    encode(Packet(route_code=code))
    return code.encode()


def _check_packet(octets: bytes) -> None:
    reader = Reader()
    items = reader.feed(octets) + reader.close()
    if len(items) != 1 or not isinstance(items[0], Packet):
        raise ValueError("not the octets of one well-formed packet")
