r"""Route codes: packets with the code of an input in front, and a multiplexer.

Strategy: the route code is the last field, so a packet is forwarded without
interpreting what stands before it (`route.unchanged`): the fields are stepped
over by their sizes, and their octets, longer forms of numbers and all, are
copied. Only flags, length, route code and checksum are written anew.

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

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from subunit2.crc import crc32
from subunit2.header import (
    CHECKSUM_SIZE,
    FLAG_EOF,
    FLAG_FILE,
    FLAG_MIME_TYPE,
    FLAG_ROUTE_CODE,
    FLAG_TAGS,
    FLAG_TEST_ID,
    FLAG_TIMESTAMP,
    MAX_PACKET,
    SIGNATURE,
    STATUS_MASK,
)
from subunit2.items import EncodeError, Item, Packet
from subunit2.numbers import LIMITS, encode_number
from subunit2.reader import Reader
from subunit2.writer import DEFAULT_CHUNK, encode, encoded_length

__all__ = ["WRAPPED_FILE", "Multiplexer", "add_route", "strip_route"]

#: The name of the file that an input's output becomes (`wrap.origin`).
WRAPPED_FILE: Final = "stdout"


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
    return _add(packet, _checked_code(code))


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
    fields = _fields(packet)
    if fields.route is None:
        raise ValueError("the packet has no route code")
    _, slash, rest = fields.route.partition(b"/")
    return _packet(fields.flags, fields.before, rest if slash else None)


class Multiplexer:
    """Several streams into one, each packet with the code of its input in front.

    Packets go out in the order of their input, and with their last octet, whatever
    the other inputs do (`route.order`). Passthrough, corrupt regions, and packets
    that no code can be added to go out at once, as pieces of a file `stdout` of
    the input's route, which ends when the input does (`wrap.origin`).

    Holds what a reader holds, for each input.

    :param routes: the code of each input.
    :raises EncodeError: where one is no route code, or longer than 3 MiB.

    >>> from subunit2 import Packet, decode, encode
    >>> multiplexer = Multiplexer(["0", "1"])
    >>> octets = multiplexer.feed(1, b"(Pdb) ")
    >>> octets += multiplexer.feed(0, encode(Packet(test_id="foo", test_status="success")))
    >>> for packet in decode(octets):
    ...     packet.route_code, packet.file_bytes or packet.test_id
    ('1', b'(Pdb) ')
    ('0', 'foo')
    """

    def __init__(self, routes: Sequence[str]) -> None:
        self._codes = [_checked_code(code) for code in routes]
        for number, code in enumerate(routes):
            if encoded_length(self._wrapping(number, bytes(DEFAULT_CHUNK))) is None:
                raise EncodeError(
                    "route_code", f"{len(code):,} characters leave no room for output"
                )
        self._readers = [Reader() for _ in routes]
        self._wrapped = [False] * len(routes)

    def feed(self, input: int, data: bytes | bytearray | memoryview) -> bytes:
        """What goes out now that `data` has arrived on an input.

        :raises ValueError: after the input was closed.
        """
        return b"".join(self._forwarded(input, self._readers[input].feed(data)))

    def stop_waiting(self, input: int) -> bytes:
        """What goes out if the input is taken to have ended here (`reader.stop-waiting`).

        :raises ValueError: after the input was closed.
        """
        return b"".join(self._forwarded(input, self._readers[input].stop_waiting()))

    def close(self, input: int) -> bytes:
        """What goes out now that an input has ended. Calling it again gives nothing."""
        octets = b"".join(self._forwarded(input, self._readers[input].close()))
        if self._wrapped[input]:
            self._wrapped[input] = False
            # clause file.eof
            octets += encode(self._wrapping(input, b"", eof=True))
        return octets

    def _forwarded(self, input: int, items: Iterable[Item]) -> Iterator[bytes]:
        for item in items:
            octets = encode(item)
            if isinstance(item, Packet):
                try:
                    yield _add(octets, self._codes[input])
                    continue
                except EncodeError:
                    # It cannot go out as what it is, and must not get lost.
                    pass
            self._wrapped[input] = True
            for start in range(0, len(octets), DEFAULT_CHUNK):
                yield encode(self._wrapping(input, octets[start : start + DEFAULT_CHUNK]))

    def _wrapping(self, input: int, octets: bytes, *, eof: bool = False) -> Packet:
        return Packet(
            file_name=WRAPPED_FILE,
            file_bytes=octets,
            eof=eof,
            route_code=self._codes[input].decode(),
            runnable=False,
        )


class _Fields(NamedTuple):
    """Where what forwards a packet has to know about stands in it.

    :ivar before: the octets between the length and the route code.
    :ivar content: where the size of the file's content starts in these, and where
        the content itself starts and ends; None where there is no file.
    :ivar route: the route code; None where there is none.
    """

    flags: int
    before: bytes
    content: tuple[int, int, int] | None
    route: bytes | None


def _number(octets: bytes, place: int) -> tuple[int, int]:
    """The number at a place, and the place behind it."""
    end = place + (octets[place] >> 6) + 1
    return int.from_bytes(octets[place:end], "big") & LIMITS[end - place - 1] - 1, end


def _behind_string(octets: bytes, place: int) -> int:
    size, start = _number(octets, place)
    return start + size


def _fields(packet: bytes) -> _Fields:
    """The fields of a well-formed packet, stepped over by their sizes."""
    flags = int.from_bytes(packet[1:3], "big")
    _, start = _number(packet, 3)
    place = start
    content = None
    # clause packet.order
    if flags & FLAG_TIMESTAMP:
        _, place = _number(packet, place + 4)
    if flags & FLAG_TEST_ID:
        place = _behind_string(packet, place)
    if flags & FLAG_TAGS:
        count, place = _number(packet, place)
        for _ in range(count):
            place = _behind_string(packet, place)
    if flags & FLAG_MIME_TYPE:
        place = _behind_string(packet, place)
    if flags & FLAG_FILE:
        size_at = _behind_string(packet, place)
        size, content_at = _number(packet, size_at)
        place = content_at + size
        content = (size_at - start, content_at - start, place - start)
    route = None
    if flags & FLAG_ROUTE_CODE:
        size, route_at = _number(packet, place)
        route = packet[route_at : route_at + size]
    return _Fields(flags, packet[start:place], content, route)


def _packet(flags: int, before: bytes, route: bytes | None) -> bytes:
    """A packet of these fields (`route.unchanged`).

    :raises EncodeError: where it would be too long.
    """
    if route is None:
        flags &= ~FLAG_ROUTE_CODE
        behind = b""
    else:
        flags |= FLAG_ROUTE_CODE
        behind = encode_number(len(route)) + route
    head = bytes([SIGNATURE]) + flags.to_bytes(2, "big")
    body = len(before) + len(behind)
    for width in (1, 2, 3):
        length = len(head) + width + body + CHECKSUM_SIZE
        if length < LIMITS[width - 1]:
            octets = b"".join([head, encode_number(length), before, behind])
            return octets + crc32(octets).to_bytes(CHECKSUM_SIZE, "big")
    raise EncodeError("route_code", f"the packet would have more than {MAX_PACKET:,} octets")


def _add(packet: bytes, code: bytes) -> bytes:
    fields = _fields(packet)
    # clauses route.add, route.empty
    route = code if fields.route is None else code + b"/" + fields.route
    try:
        return _packet(fields.flags, fields.before, route)
    except EncodeError:
        if fields.content is None:
            raise
        return b"".join(_cut(fields, fields.content, route))


def _cut(fields: _Fields, content: tuple[int, int, int], route: bytes) -> Iterator[bytes]:
    """A packet that is too long, as several (`route.too-long`)."""
    size_at, start, end = content
    # A packet this long has a length of 3 octets.
    around = 3 + 3 + size_at + len(encode_number(len(route))) + len(route) + CHECKSUM_SIZE
    room = max(min(MAX_PACKET - around - width, limit - 1) for width, limit in enumerate(LIMITS, 1))
    if room < 1:
        raise EncodeError("route_code", f"the packet would have more than {MAX_PACKET:,} octets")
    while start < end:
        piece = fields.before[start : min(start + room, end)]
        start += len(piece)
        flags = fields.flags if start == end else fields.flags & ~(STATUS_MASK | FLAG_EOF)
        yield _packet(flags, fields.before[:size_at] + encode_number(len(piece)) + piece, route)


def _checked_code(code: str) -> bytes:
    # What the writer refuses in a route code is refused here.
    encode(Packet(route_code=code))
    return code.encode()


def _check_packet(octets: bytes) -> None:
    reader = Reader()
    items = reader.feed(octets) + reader.close()
    if len(items) != 1 or not isinstance(items[0], Packet):
        raise ValueError("not the octets of one well-formed packet")
