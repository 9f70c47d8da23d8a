"""Packets with another value in one field, the octets of the others kept.

Strategy: a canonical packet consists of its fields, so one of them is replaced. Of any
other packet, whose octets are in `raw`, the field is replaced in these octets
(`packets.rewrite`): longer forms of numbers are kept, as a multiplexer keeps them
(`route.unchanged`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from subunit2.items import Packet, Timestamp
from subunit2.packets.build import body_size, cut_content, encoded_length, room_for_content
from subunit2.packets.decode import decode_whole
from subunit2.packets.rewrite import set_tags, set_timestamp
from subunit2.writer import encode

__all__ = ["is_small", "with_tags", "with_timestamp"]

#: A packet shorter than this, in octets, has room for any ordinary field.
_SMALL: Final = 1 << 21


def is_small(packet: Packet) -> bool:
    """Return whether a field can be added without checking the limit of a packet."""
    content = packet.file_bytes
    return packet.length < _SMALL and (content is None or len(content) < _SMALL)


def with_tags(packet: Packet, tags: tuple[str, ...] | None) -> list[Packet]:
    """Return the packet with these tags, the octets of its other fields as they were.

    If it would be too long, its content is cut into several packets (`route.too-long`); if
    it has no content, it is returned unchanged. Holds the packet.

    :raises EncodeError: if the packet has to be encoded and a tag cannot be.

    >>> with_tags(Packet(test_id="foo"), ("slow",))
    [Packet(test_id='foo', test_tags=('slow',))]
    """
    changed = replace(packet, test_tags=tags)
    if packet.raw is None:
        return _fitting(packet, changed)
    return _decoded(packet, changed, set_tags(encode(packet), tags))


def with_timestamp(packet: Packet, timestamp: Timestamp) -> list[Packet]:
    """Return the packet with this timestamp, as `with_tags`.

    :raises EncodeError: if the packet has to be encoded and the timestamp cannot be.

    >>> with_timestamp(Packet(test_id="foo"), Timestamp(1))
    [Packet(test_id='foo', timestamp=Timestamp(seconds=1, nanoseconds=0))]
    """
    changed = replace(packet, timestamp=timestamp)
    if packet.raw is None:
        return _fitting(packet, changed)
    return _decoded(packet, changed, set_timestamp(encode(packet), timestamp))


def _decoded(packet: Packet, changed: Packet, octets: bytes | None) -> list[Packet]:
    """Return the packet of rewritten octets; None: they would be too many."""
    if octets is None:
        return _fitting(packet, replace(changed, raw=None))
    item = decode_whole(octets)
    assert item is not None
    return [replace(item, recovered=packet.recovered, offset=packet.offset, length=packet.length)]


def _fitting(packet: Packet, changed: Packet) -> list[Packet]:
    """Return the changed packet, in several if it is too long, or unchanged if nothing fits."""
    tags = changed.test_tags or ()
    if (is_small(packet) and sum(map(len, tags)) < _SMALL >> 3) or encoded_length(changed):
        return [changed]
    if changed.file_bytes is None:
        return [packet]
    return list(_cut(changed, changed.file_bytes)) or [packet]


def _cut(packet: Packet, content: bytes) -> Iterator[Packet]:
    """Yield a packet that is too long in several; nothing if no content fits."""
    # An empty content's size takes one octet.
    room = room_for_content(body_size(replace(packet, file_bytes=b"")) - 1)
    if room < 1:
        return
    for indexes in cut_content(0, len(content), room):
        part = replace(packet, raw=None, file_bytes=content[indexes])
        is_last = indexes.stop == len(content)
        yield part if is_last else replace(part, test_status=None, eof=False)
