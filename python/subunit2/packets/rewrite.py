"""Change one field in the octets of a packet, without decoding the others.

Strategy: the fields are stepped over by their sizes, and their octets are copied, longer
forms of numbers and all (`route.unchanged`). Only the field that changes, the flags, the
length and the checksum are written anew. The packet has to be well-formed: `add_route`
and `strip_route` check it, the other functions do not.

>>> from subunit2 import Packet, decode, encode
>>> worker = encode(Packet(test_id="foo", test_status="success", route_code="3"))
>>> [packet] = decode(add_route(worker, "0"))
>>> packet.route_code
'0/3'
>>> strip_route(add_route(worker, "0")) == worker
True
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from subunit2.items import EncodeError, Timestamp
from subunit2.packets.build import (
    cut_content,
    encode_string,
    encode_tags,
    encode_timestamp,
    room_for_content,
    seal,
)
from subunit2.packets.decode import decode_whole
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
    STATUS_MASK,
    packet_length,
)
from subunit2.packets.numbers import encode_number, read_number

__all__ = [
    "add_route",
    "checked_code",
    "put_in_front",
    "set_tags",
    "set_timestamp",
    "strip_route",
]


class _Fields(NamedTuple):
    """The flags of a packet, and the indexes of the fields that can be rewritten.

    A field without its flag is an empty slice, at the index where it would be.

    :ivar start: index of the first field.
    :ivar size: index of the size of the file's content.
    :ivar content: the content alone.
    :ivar route: the route code without its size, or None.
    """

    flags: int
    start: int
    timestamp: slice
    tags: slice
    size: int
    content: slice
    route_code: slice
    route: bytes | None


def _behind_string(octets: bytes, index: int) -> int:
    size, start = read_number(octets, index)
    return start + size


def _find_fields(packet: bytes) -> _Fields:
    flags = int.from_bytes(packet[1:3], "big")
    _, start = read_number(packet, 3)
    index = start
    # clause packet.order
    if flags & FLAG_TIMESTAMP:
        _, index = read_number(packet, start + 4)
    timestamp = slice(start, index)
    if flags & FLAG_TEST_ID:
        index = _behind_string(packet, index)
    tags_start = index
    if flags & FLAG_TAGS:
        count, index = read_number(packet, index)
        for _ in range(count):
            index = _behind_string(packet, index)
    tags = slice(tags_start, index)
    if flags & FLAG_MIME_TYPE:
        index = _behind_string(packet, index)
    size_index = content_start = index
    if flags & FLAG_FILE:
        size_index = _behind_string(packet, index)
        size, content_start = read_number(packet, size_index)
        index = content_start + size
    route = None
    end = len(packet) - CHECKSUM_SIZE
    if flags & FLAG_ROUTE_CODE:
        _, route_start = read_number(packet, index)
        route = packet[route_start:end]
    return _Fields(
        flags=flags,
        start=start,
        timestamp=timestamp,
        tags=tags,
        size=size_index,
        content=slice(content_start, index),
        route_code=slice(index, end),
        route=route,
    )


def _set_field(
    packet: bytes, fields: _Fields, at: slice, flag: int, field: bytes | None
) -> bytes | None:
    """Return the packet with another field at a slice of it; None: it is too long.

    :param field: the encoded field, or None to remove it.
    """
    flags = fields.flags & ~flag if field is None else fields.flags | flag
    before = packet[fields.start : at.start]
    behind = packet[at.stop : -CHECKSUM_SIZE]
    return seal(flags, before, field or b"", behind)


def set_timestamp(packet: bytes, timestamp: Timestamp) -> bytes | None:
    """Return a well-formed packet with another timestamp, or None if it would be too long.

    :raises EncodeError: if the timestamp cannot be written.
    """
    fields = _find_fields(packet)
    field = encode_timestamp(timestamp)
    return _set_field(packet, fields, fields.timestamp, FLAG_TIMESTAMP, field)


def set_tags(packet: bytes, tags: tuple[str, ...] | None) -> bytes | None:
    """Return a well-formed packet with other tags, or None if it would be too long.

    :raises EncodeError: if a tag cannot be written.
    """
    fields = _find_fields(packet)
    field = None if tags is None else encode_tags(tags)
    return _set_field(packet, fields, fields.tags, FLAG_TAGS, field)


def _set_route(packet: bytes, fields: _Fields, route: bytes | None) -> bytes | None:
    field = None if route is None else encode_number(len(route)) + route
    return _set_field(packet, fields, fields.route_code, FLAG_ROUTE_CODE, field)


def add_route(packet: bytes, code: str) -> bytes:
    """Return a packet with `code` in front of its route code (`route.add`).

    A packet that would become too long becomes several, which are joined here: as much
    of its file's content as fits in each, the status and the end of file on the last,
    all other fields on each of them (`route.too-long`).

    :param packet: the octets of one well-formed packet.
    :raises ValueError: if they are not one well-formed packet.
    :raises EncodeError: if `code` is not a route code, or if the packet becomes too long
        and has no content to be cut.

    >>> from subunit2 import Packet, encode
    >>> add_route(encode(Packet(test_id="foo", test_status="exists")), "0").hex()
    'b32d010e03666f6f0130e68adc9d'
    """
    _check_packet(packet)
    return put_in_front(packet, checked_code(code))


def strip_route(packet: bytes) -> bytes:
    """Return a packet without the first step of its route code (`route.strip`).

    A packet whose route code has one step is left without a route code.

    :param packet: the octets of one well-formed packet.
    :raises ValueError: if they are not one well-formed packet, or it has no route code.

    >>> from subunit2 import Packet, decode, encode
    >>> for code in ("0/3", "0/", "0"):
    ...     [packet] = decode(strip_route(encode(Packet(route_code=code))))
    ...     packet.route_code
    '3'
    ''
    """
    _check_packet(packet)
    fields = _find_fields(packet)
    if fields.route is None:
        raise ValueError("the packet has no route code")
    _, slash, rest = fields.route.partition(b"/")
    stripped = _set_route(packet, fields, rest if slash else None)
    assert stripped is not None
    return stripped


def checked_code(code: str) -> bytes:
    """Return the octets of a route code that an input can have.

    :raises EncodeError: if it is empty; if the writer cannot write it, as the writer does.
    """
    # clause route.input-code
    if not code:
        raise EncodeError("route_code", "is empty: the code of an input names it")
    field = encode_string("route_code", code)
    if packet_length(len(field)) is None:
        raise _too_long()
    return code.encode()


def put_in_front(packet: bytes, code: bytes) -> bytes:
    """Return a well-formed packet with a code in front of its route code (`route.add`).

    Several packets, joined, if one would be too long.

    :raises EncodeError: if it becomes too long and has no content to be cut.
    """
    fields = _find_fields(packet)
    # clauses route.add, route.empty
    route = code if fields.route is None else code + b"/" + fields.route
    routed = _set_route(packet, fields, route)
    return b"".join(_cut(packet, fields, route)) if routed is None else routed


def _cut(packet: bytes, fields: _Fields, route: bytes) -> Iterator[bytes]:
    """Yield a packet that is too long in several (`route.too-long`)."""
    before = packet[fields.start : fields.size]
    field = encode_number(len(route)) + route
    room = room_for_content(len(before) + len(field))
    if room < 1 or not fields.flags & FLAG_FILE:
        raise _too_long()
    for indexes in cut_content(fields.content.start, fields.content.stop, room):
        chunk = packet[indexes]
        is_last = indexes.stop == fields.content.stop
        flags = fields.flags if is_last else fields.flags & ~(STATUS_MASK | FLAG_EOF)
        part = seal(flags | FLAG_ROUTE_CODE, before, encode_number(len(chunk)), chunk, field)
        assert part is not None
        yield part


def _too_long() -> EncodeError:
    return EncodeError("route_code", f"the packet would have more than {MAX_PACKET:,} octets")


def _check_packet(octets: bytes) -> None:
    if decode_whole(octets) is None:
        raise ValueError("not the octets of one well-formed packet")
