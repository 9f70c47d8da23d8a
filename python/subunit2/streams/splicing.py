"""Another value in one field of a packet, the octets of the others as they were.

Strategy: of a packet that is written as `encode` writes it, the fields are all that there
is. Of any other, whose octets are in `raw`, the field that changes is cut out of these and
put in anew; what stands around it is copied, longer forms of numbers and all. Only flags,
length and checksum are written again, as a multiplexer does (`route.unchanged`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from subunit2.items import Packet, Timestamp
from subunit2.packets.crc import crc32
from subunit2.packets.header import (
    CHECKSUM_SIZE,
    FLAG_TAGS,
    FLAG_TEST_ID,
    FLAG_TIMESTAMP,
    MAX_PACKET,
    SIGNATURE,
)
from subunit2.packets.numbers import LIMITS, encode_number, number_width
from subunit2.reader import Reader
from subunit2.writer import encode, encoded_length

__all__ = ["is_small", "with_tags", "with_timestamp"]

#: A packet shorter than this, in octets, has room for whatever is put into it.
_SMALL: Final = 1 << 21


def is_small(packet: Packet) -> bool:
    """Whether there is no need to count if something more fits into a packet."""
    content = packet.file_bytes
    return packet.length < _SMALL and (content is None or len(content) < _SMALL)


def with_tags(packet: Packet, tags: tuple[str, ...] | None) -> list[Packet]:
    """The packet with these tags, the octets of its other fields as they were.

    It is several packets where it would be too long, cut as `route.too-long` says, and
    what it was where it has no content to be cut. Holds the packet.

    :raises EncodeError: where the packet has to be written anew and a tag cannot be.

    >>> with_tags(Packet(test_id="foo"), ("slow",))
    [Packet(test_id='foo', test_tags=('slow',))]
    """
    changed = replace(packet, test_tags=tags)
    if packet.raw is None:
        return _fitting(packet, changed)
    octets = encode(packet)
    spliced = _spliced(packet, octets, _tags_place(octets), Packet(test_tags=tags), FLAG_TAGS)
    return _fitting(packet, replace(changed, raw=None)) if spliced is None else [spliced]


def with_timestamp(packet: Packet, timestamp: Timestamp) -> list[Packet]:
    """The packet with this timestamp, as `with_tags`.

    :raises EncodeError: where the packet has to be written anew and the timestamp cannot be.

    >>> with_timestamp(Packet(test_id="foo"), Timestamp(1))
    [Packet(test_id='foo', timestamp=Timestamp(seconds=1, nanoseconds=0))]
    """
    changed = replace(packet, timestamp=timestamp)
    if packet.raw is None:
        return _fitting(packet, changed)
    octets = encode(packet)
    place = _timestamp_place(octets)
    spliced = _spliced(packet, octets, place, Packet(timestamp=timestamp), FLAG_TIMESTAMP)
    return _fitting(packet, replace(changed, raw=None)) if spliced is None else [spliced]


def _fitting(packet: Packet, changed: Packet) -> list[Packet]:
    """What was changed, as one packet or as several; as it was, where none would do."""
    tags = changed.test_tags or ()
    if (is_small(packet) and sum(map(len, tags)) < _SMALL >> 3) or encoded_length(changed):
        return [changed]
    if changed.file_bytes is None:
        return [packet]
    return list(_cut(changed, changed.file_bytes)) or [packet]


def _cut(packet: Packet, content: bytes) -> Iterator[Packet]:
    """A packet that is too long, as several (`route.too-long`)."""
    bare = encoded_length(replace(packet, file_bytes=b""))
    if bare is None:
        return
    # Where the content's size takes no octet, and the packet's length three.
    around = bare - 1 - number_width(bare) + 3
    room = max(min(MAX_PACKET - around - width, limit - 1) for width, limit in enumerate(LIMITS, 1))
    if room < 1:
        return
    last = (len(content) - 1) // room * room
    for start in range(0, last, room):
        chunk = content[start : start + room]
        yield replace(packet, raw=None, test_status=None, eof=False, file_bytes=chunk)
    yield replace(packet, raw=None, file_bytes=content[last:])


def _spliced(
    packet: Packet, octets: bytes, place: tuple[int, int], field: Packet, flag: int
) -> Packet | None:
    """The packet with one field of another in a place of its octets; None: too long."""
    written = encode(field)
    flags = _flags(octets) & ~flag | _flags(written) & flag
    body = b"".join(
        [
            octets[_body_start(octets) : place[0]],
            written[_body_start(written) : -CHECKSUM_SIZE],
            octets[place[1] : -CHECKSUM_SIZE],
        ]
    )
    head = bytes([SIGNATURE]) + flags.to_bytes(2, "big")
    for width in (1, 2, 3):
        length = len(head) + width + len(body) + CHECKSUM_SIZE
        if length < LIMITS[width - 1]:
            break
    else:
        return None
    octets = head + encode_number(length) + body
    [item] = Reader().feed(octets + crc32(octets).to_bytes(CHECKSUM_SIZE, "big"))
    assert isinstance(item, Packet)
    return replace(item, recovered=packet.recovered, offset=packet.offset, length=packet.length)


def _flags(octets: bytes) -> int:
    return int.from_bytes(octets[1:3], "big")


def _body_start(octets: bytes) -> int:
    return 3 + (octets[3] >> 6) + 1


def _timestamp_place(octets: bytes) -> tuple[int, int]:
    """Where the timestamp starts and ends, or would stand."""
    start = _body_start(octets)
    if not _flags(octets) & FLAG_TIMESTAMP:
        return start, start
    return start, _number(octets, start + 4)[1]


def _tags_place(octets: bytes) -> tuple[int, int]:
    """Where the tags start and end, or would stand."""
    flags = _flags(octets)
    _, start = _timestamp_place(octets)
    if flags & FLAG_TEST_ID:
        size, start = _number(octets, start)
        start += size
    end = start
    if flags & FLAG_TAGS:
        count, end = _number(octets, start)
        for _ in range(count):
            size, end = _number(octets, end)
            end += size
    return start, end


def _number(octets: bytes, place: int) -> tuple[int, int]:
    """The number at a place, and the place behind it."""
    end = place + (octets[place] >> 6) + 1
    return int.from_bytes(octets[place:end], "big") & LIMITS[end - place - 1] - 1, end
