"""The route code in the octets of a packet: found, and put in front of.

Strategy: the fields before it are stepped over by their sizes, and stay as they
are, longer forms of numbers and all (`route.unchanged`). The packet has to be well
formed: nothing is checked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from subunit2.items import EncodeError
from subunit2.packets.crc import crc32
from subunit2.packets.header import (
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
from subunit2.packets.numbers import LIMITS, encode_number

__all__ = ["build_packet", "put_in_front", "read_fields"]


class Fields(NamedTuple):
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


def read_fields(packet: bytes) -> Fields:
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
    return Fields(flags, packet[start:place], content, route)


def build_packet(flags: int, before: bytes, route: bytes | None) -> bytes:
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


def put_in_front(packet: bytes, code: bytes) -> bytes:
    """The packet with a code in front of its route code (`route.add`); several, joined.

    :raises EncodeError: where it is too long for it and has no content to be cut.
    """
    fields = read_fields(packet)
    # clauses route.add, route.empty
    route = code if fields.route is None else code + b"/" + fields.route
    try:
        return build_packet(fields.flags, fields.before, route)
    except EncodeError:
        if fields.content is None:
            raise
        return b"".join(_cut(fields, fields.content, route))


def _cut(fields: Fields, content: tuple[int, int, int], route: bytes) -> Iterator[bytes]:
    """A packet that is too long, as several (`route.too-long`)."""
    size_at, start, end = content
    # A packet this long has a length of 3 octets.
    around = 3 + 3 + size_at + len(encode_number(len(route))) + len(route) + CHECKSUM_SIZE
    room = max(min(MAX_PACKET - around - width, limit - 1) for width, limit in enumerate(LIMITS, 1))
    if room < 1:
        raise EncodeError("route_code", f"the packet would have more than {MAX_PACKET:,} octets")
    while start < end:
        chunk = fields.before[start : min(start + room, end)]
        start += len(chunk)
        flags = fields.flags if start == end else fields.flags & ~(STATUS_MASK | FLAG_EOF)
        yield build_packet(
            flags, fields.before[:size_at] + encode_number(len(chunk)) + chunk, route
        )
