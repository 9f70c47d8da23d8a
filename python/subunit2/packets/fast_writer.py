"""The fast path of the writer: packets that are small and valid.

Strategy: a packet is written in one go, with tables of encoded numbers, lengths and heads.
Anything large, invalid or of an unexpected type returns None and leaves the packet to the
slow path in `subunit2.writer`: errors are named there, and only there.
"""

from __future__ import annotations

import struct
from typing import Final

from subunit2.items import TEST_STATUSES, Packet
from subunit2.packets.build import LENGTHS, encode_length
from subunit2.packets.crc import crc32
from subunit2.packets.header import (
    CHECKSUM_SIZE,
    FLAG_EOF,
    FLAG_FILE,
    FLAG_MIME_TYPE,
    FLAG_ROUTE_CODE,
    FLAG_RUNNABLE,
    FLAG_TAGS,
    FLAG_TEST_ID,
    FLAG_TIMESTAMP,
    LONGEST_BODIES,
    SIGNATURE,
    VERSION,
)
from subunit2.packets.numbers import encode_number

__all__ = ["STATUS_NUMBERS", "write_packet"]

#: The number of each status in the flags (`status.values`).
STATUS_NUMBERS: Final[dict[str | None, int]] = {
    None: 0,
    **{status: number for number, status in enumerate(TEST_STATUSES, 1)},
}

#: Numbers in their shortest form, by value: most sizes are as small.
_NUMBERS: Final = tuple(encode_number(value) for value in range(256))

#: Signature and flags, by the flags without the version.
_HEADS: Final = tuple(
    bytes([SIGNATURE]) + (VERSION << 12 | flags).to_bytes(2, "big") for flags in range(1 << 12)
)

#: The longest body of a packet whose length takes two octets.
_MOST: Final = LONGEST_BODIES[1]

#: A timestamp whose nanoseconds take four octets, and the two bits of that width.
_timestamp: Final = struct.Struct(">II").pack
_FOUR_OCTETS: Final = 0xC0000000

#: Encoded strings that occur again and again (route codes, tags, file names), by text. It
#: is emptied when it is full. Only values of type str are looked up: others could be equal.
_STRINGS: Final[dict[str, bytes]] = {}
_MOST_STRINGS: Final = 1024


class _NotCanonicalError(Exception):
    """The packet is left to the slow path."""


#: All errors that an invalid value can cause here; the slow path names it.
_ERRORS: Final = (
    _NotCanonicalError,
    struct.error,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)


def _string(text: str) -> bytes:
    octets = text.encode()
    size = len(octets)
    if "\0" in text or size > _MOST:
        raise _NotCanonicalError
    string = (_NUMBERS[size] if size < 256 else (size | 0x4000).to_bytes(2, "big")) + octets
    if size < 256:
        if len(_STRINGS) >= _MOST_STRINGS:
            _STRINGS.clear()
        _STRINGS[text] = string
    return string


def _rest(packet: Packet) -> tuple[int, bytes]:
    """Return flags and octets of tags, MIME type and file, which few packets have."""
    flags = 0
    body = b""
    tags = packet.test_tags
    if tags is not None:
        flags |= FLAG_TAGS
        body = _NUMBERS[len(tags)]
        for tag in tags:
            if type(tag) is not str:
                raise _NotCanonicalError
            body += _STRINGS.get(tag) or _string(tag)
    mime_type = packet.mime_type
    if mime_type is not None:
        if type(mime_type) is not str:
            raise _NotCanonicalError
        flags |= FLAG_MIME_TYPE
        body += _STRINGS.get(mime_type) or _string(mime_type)
    name, content = packet.file_name, packet.file_bytes
    if name is not None:
        if content is None or len(content) > _MOST or type(name) is not str:
            raise _NotCanonicalError
        flags |= FLAG_FILE
        size = len(content)
        body += _STRINGS.get(name) or _string(name)
        body += _NUMBERS[size] if size < 256 else (size | 0x4000).to_bytes(2, "big")
        body += content
    elif content is not None:
        raise _NotCanonicalError
    return flags, body


def write_packet(packet: Packet) -> bytes | None:
    """Return the octets of a packet of at most 16,383 octets; None: take the slow path."""
    try:
        if packet.raw is not None:
            return None
        flags = STATUS_NUMBERS[packet.test_status]
        if packet.runnable:
            flags |= FLAG_RUNNABLE
        if packet.eof:
            flags |= FLAG_EOF
        timestamp = size = octets = rest = route = b""
        when = packet.timestamp
        if when is not None:
            nanoseconds = when.nanoseconds
            if not 1 << 22 <= nanoseconds < 1_000_000_000:
                return None
            flags |= FLAG_TIMESTAMP
            timestamp = _timestamp(when.seconds, nanoseconds | _FOUR_OCTETS)
        test_id = packet.test_id
        if test_id is not None:
            flags |= FLAG_TEST_ID
            octets = test_id.encode()
            # clause string.no-nul
            if "\0" in test_id or len(octets) > _MOST or type(test_id) is not str:
                return None
            length = len(octets)
            size = _NUMBERS[length] if length < 256 else (length | 0x4000).to_bytes(2, "big")
        if not (
            packet.test_tags is None
            and packet.file_name is None
            and packet.file_bytes is None
            and packet.mime_type is None
        ):
            more, rest = _rest(packet)
            flags |= more
        code = packet.route_code
        if code is not None:
            if type(code) is not str:
                return None
            flags |= FLAG_ROUTE_CODE
            route = _STRINGS.get(code) or _string(code)
    except _ERRORS:
        return None
    body = b"".join((timestamp, size, octets, rest, route))
    length = len(body)
    if length > _MOST:
        return None
    written = LENGTHS[length] if length < 256 else encode_length(length)
    # Not `seal`: a table of heads and one addition take half the time.
    octets = _HEADS[flags] + written + body  # type: ignore[operator]
    return octets + crc32(octets).to_bytes(CHECKSUM_SIZE, "big")
