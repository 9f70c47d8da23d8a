"""The form of a packet: whether its fields end where its checksum starts.

A damaged packet behind output without a newline is told from that output by its form
(`stream.form`): its fields, followed by their sizes, take exactly the octets that its length
leaves them. Their contents do not count, since any octet of them may be the damaged one.

Strategy: one walk from field to field. It costs a few steps, and one for each tag. Tags beyond
a limit are not followed, so the time stays linear (`reader.time`).
"""

from __future__ import annotations

from typing import Final

from subunit2.packets.header import (
    CHECKSUM_SIZE,
    FLAG_FILE,
    FLAG_MIME_TYPE,
    FLAG_ROUTE_CODE,
    FLAG_TAGS,
    FLAG_TEST_ID,
    FLAG_TIMESTAMP,
    Header,
)

__all__ = ["MOST_TAGS", "has_form"]

#: Octets that announce more tags than this do not have the form of a packet.
MOST_TAGS: Final = 63

_SECONDS: Final = 4


def has_form(octets: bytes | bytearray | memoryview, index: int, header: Header) -> bool:
    """Return whether the octets that a header claims have the form of a packet.

    :param octets: at least those that it claims.
    :param index: of its signature.
    """
    flags = header.flags
    end = index + header.length - CHECKSUM_SIZE
    field = index + header.size
    if flags & FLAG_TIMESTAMP:
        field = _behind_number(octets, field + _SECONDS, end)
    if flags & FLAG_TEST_ID:
        field = _behind_sized(octets, field, end, 1)
    if flags & FLAG_TAGS:
        behind = _behind_number(octets, field, end)
        if behind > end:
            return False
        count = _value(octets, field, behind)
        # clause stream.form
        if count > MOST_TAGS:
            return False
        field = _behind_sized(octets, behind, end, count)
    # A file is two of them: its name, and its content.
    strings = (
        bool(flags & FLAG_MIME_TYPE) + 2 * bool(flags & FLAG_FILE) + bool(flags & FLAG_ROUTE_CODE)
    )
    return _behind_sized(octets, field, end, strings) == end


# An index behind `end` says that something reaches past the end: all that follows does, too.


def _behind_number(octets: bytes | bytearray | memoryview, index: int, end: int) -> int:
    return index + (octets[index] >> 6) + 1 if index < end else end + 1


def _value(octets: bytes | bytearray | memoryview, start: int, end: int) -> int:
    value = octets[start] & 0x3F
    for index in range(start + 1, end):
        value = value << 8 | octets[index]
    return value


def _behind_sized(octets: bytes | bytearray | memoryview, index: int, end: int, count: int) -> int:
    """Return the index behind `count` fields that are a size and as many octets."""
    for _ in range(count):
        if index >= end:
            return end + 1
        size = octets[index]
        index += 1
        if size >= 0x40:
            behind = index + (size >> 6)
            if behind > end:
                return end + 1
            size = _value(octets, index - 1, behind)
            index = behind
        index += size
    return index
