"""Build packets: encode fields, and seal them with a length and a checksum.

Strategy: `seal` adds length and checksum: the shortest length, which counts its own octets
(`number.shortest`). `fast_writer` and the multiplexer, where each microsecond counts, have
the same in line, with `LENGTHS` and `encode_length` from here.

A field's encoder checks its value first and names the field and the limit in an
`EncodeError` (`writer.refuses`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import index
from typing import Final

from subunit2.items import EncodeError, Packet, Timestamp
from subunit2.packets.crc import crc32
from subunit2.packets.header import (
    CHECKSUM_SIZE,
    LONGEST_BODIES,
    MAX_PACKET,
    SIGNATURE,
    packet_length,
)
from subunit2.packets.numbers import LIMITS, MAX_NUMBER, encode_number, number_width

__all__ = [
    "LENGTHS",
    "body_size",
    "cut_content",
    "encode_length",
    "encode_size",
    "encode_string",
    "encode_tags",
    "encode_timestamp",
    "encoded_length",
    "room_for_content",
    "seal",
]


# --- The packet ------------------------------------------------------------------------


def encode_length(body: int) -> bytes | None:
    """Return the length of a packet as it is written, or None if it is too long.

    :param body: the number of octets of its fields.
    """
    length = packet_length(body)
    return None if length is None else encode_number(length)


#: Encoded lengths, by the number of octets of the body, for bodies of less than 256.
LENGTHS: Final = tuple(encode_length(body) or b"" for body in range(256))


def seal(flags: int, *body: bytes) -> bytes | None:
    """Return a whole packet, or None if it would be too long.

    :param flags: the 16 bits of the flags, version included.
    :param body: the encoded fields, in one chunk or in several.
    """
    length = encode_length(sum(map(len, body)))
    if length is None:
        return None
    octets = b"".join((bytes([SIGNATURE]), flags.to_bytes(2, "big"), length, *body))
    return octets + crc32(octets).to_bytes(CHECKSUM_SIZE, "big")


def encoded_length(packet: Packet) -> int | None:
    """Return the number of octets that `encode` would write, or None if too many.

    The packet has to be one that can be encoded. Holds nothing.
    """
    return packet_length(body_size(packet))


def body_size(packet: Packet) -> int:
    """Return the number of octets of all fields of a packet that can be encoded."""
    body = 0
    if packet.timestamp is not None:
        body += 4 + number_width(packet.timestamp.nanoseconds)
    for text in (packet.test_id, packet.mime_type, packet.file_name, packet.route_code):
        if text is not None:
            body += _string_size(text)
    if packet.test_tags is not None:
        body += number_width(len(packet.test_tags)) + sum(map(_string_size, packet.test_tags))
    if packet.file_bytes is not None:
        body += number_width(len(packet.file_bytes)) + len(packet.file_bytes)
    return body


def _string_size(text: str) -> int:
    octets = len(text) if text.isascii() else len(text.encode())
    return number_width(octets) + octets


def room_for_content(others: int) -> int:
    """Return the most octets of file content that fit into a packet; less than 1 if none.

    :param others: the number of octets of the body beside the content and its size.
    """
    room = LONGEST_BODIES[-1] - others
    # The content's size takes `width` octets of the room.
    return max(min(room - width, limit - 1) for width, limit in enumerate(LIMITS, 1))


def cut_content(start: int, stop: int, room: int) -> Iterator[slice]:
    """Yield the chunks of a content that one packet cannot hold (`route.too-long`).

    An empty content is one empty chunk, so that its packet is not lost.

    :param start: index of the content.
    :param stop: index behind the content.
    :param room: the most octets of a chunk, at least 1.

    >>> list(cut_content(3, 8, room=2))
    [slice(3, 5, None), slice(5, 7, None), slice(7, 8, None)]
    """
    while stop - start > room:
        yield slice(start, start + room)
        start += room
    yield slice(start, stop)


# --- Fields ----------------------------------------------------------------------------


def encode_timestamp(timestamp: Timestamp) -> bytes:
    """Return a timestamp as a packet holds it.

    :raises EncodeError: if it is out of range, or no timestamp.
    """
    try:
        seconds, nanoseconds = index(timestamp.seconds), index(timestamp.nanoseconds)
    except (AttributeError, TypeError):
        raise EncodeError("timestamp", "not a Timestamp of whole seconds and nanoseconds") from None
    if not 0 <= seconds < 2**32:
        raise EncodeError("timestamp", f"{seconds} seconds are not within 0 to {2**32 - 1:,}")
    if not 0 <= nanoseconds < 1_000_000_000:
        raise EncodeError("timestamp", f"{nanoseconds} nanoseconds are not within 0 to 999,999,999")
    return seconds.to_bytes(4, "big") + encode_number(nanoseconds)


def encode_string(name: str, text: str) -> bytes:
    """Return a string as a packet holds it.

    :param name: of the field, for errors.
    :raises EncodeError: if it is not a string, or holds NUL or a lone surrogate.
    """
    if not isinstance(text, str):
        raise EncodeError(name, f"a string, not {type(text).__name__}")
    try:
        octets = text.encode()
    except UnicodeEncodeError as error:
        raise EncodeError(
            name, f"character {error.start} is a lone surrogate, which UTF-8 does not have"
        ) from None
    # clause string.no-nul
    if b"\0" in octets:
        raise EncodeError(name, f"character {text.index(chr(0))} is NUL")
    return encode_size(name, len(octets)) + octets


def encode_tags(tags: Sequence[str]) -> bytes:
    """Return tags as a packet holds them.

    :raises EncodeError: as `encode_string`.
    """
    strings = [encode_string("test_tags", tag) for tag in tags]
    return b"".join([encode_size("test_tags", len(tags)), *strings])


def encode_size(name: str, size: int) -> bytes:
    """Return a size or count as a packet holds it.

    :raises EncodeError: if it is larger than any number.
    """
    if size > MAX_NUMBER:
        raise EncodeError(name, f"{size:,} octets; a packet has {MAX_PACKET:,} at most")
    return encode_number(size)
