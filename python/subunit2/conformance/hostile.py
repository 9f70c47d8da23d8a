"""Streams that cost a careless reader much: time that grows faster than they do, or memory.

Strategy: a family makes a stream of about any size, so that the work for two sizes can be
compared. A claim is a part of the stream, so that it matters at each size: of half the
stream all octets are there for each header in the first half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from subunit2.packets.crc import crc32
from subunit2.packets.header import CHECKSUM_SIZE, MAX_PACKET

__all__ = ["FAMILIES", "Family", "ordinary_chunks", "repeated"]

#: A packet: the test foo exists.
_FOO: Final = bytes.fromhex("b329010c03666f6f08555f1b")

_KIB: Final = 1 << 10


class Family(NamedTuple):
    """Hostile streams of any size.

    :ivar name: names it in messages.
    :ivar make: makes a stream of about some octets.
    :ivar chunk: octets to feed at a time.
    :ivar first: the size of the first stream that is worth measuring.
    :ivar is_multiplexed: whether it is hostile to a multiplexer, which wraps or reports.
    """

    name: str
    make: Callable[[int], bytes]
    chunk: int = 16 * _KIB
    first: int = 32 * _KIB
    is_multiplexed: bool = False


def repeated(unit: bytes, size: int) -> bytes:
    """Return octets repeated, up to about some size."""
    return unit * max(size // len(unit), 1)


def _header(flags: int, length: int, width: int = 3) -> bytes:
    octets = (length | (width - 1) << 8 * width - 2).to_bytes(width, "big")
    return b"\xb3" + flags.to_bytes(2, "big") + octets


def _sealed(octets: bytes) -> bytes:
    return octets + crc32(octets).to_bytes(CHECKSUM_SIZE, "big")


def _half(size: int, flags: int = 0x2901) -> bytes:
    """Return a header that claims half of a stream."""
    return _header(flags, min(max(size // 2, 20), MAX_PACKET))


def _tags(size: int, number: bytes) -> bytes:
    """Return tags, each of which covers the header behind it."""
    head = _half(size, 0x2080) + number
    # The size of a tag is the length of the next header.
    return b"x" + repeated(head + bytes([len(head)]), size)


def _wide_numbers() -> bytes:
    """Return a packet whose numbers are all wider than necessary."""
    body = b"\xc0\0\0\x01" + b"\xc0\0\0\x01a" + b"\xc0\0\0\x03foo"
    return _sealed(_header(0x2981, len(body) + 10) + body)


def _claim(size: int) -> bytes:
    """Return a header that claims the whole stream, and its content but for the last octet."""
    length = min(max(size, 20), MAX_PACKET)
    return (_header(0x2040, length) + b"\x01f").ljust(length - 1, b"x")


def _made_of(unit: bytes) -> Callable[[int], bytes]:
    return lambda size: repeated(unit, size)


#: All families, each under the name of its hostility.
FAMILIES: Final[tuple[Family, ...]] = (
    Family("signatures", _made_of(b"\xb3")),
    Family("signatures and flags", _made_of(b"\xb3\x29")),
    Family("signatures and line feeds", _made_of(b"\xb3\n")),
    Family("claims of 4 MiB", _made_of(_header(0x2901, MAX_PACKET))),
    Family("claims of 2 MiB", _made_of(_header(0x2000, 1 << 21))),
    Family("claims of half the stream", lambda size: repeated(_half(size), size)),
    Family("claims with fields that fit", lambda size: repeated(_half(size) + b"\x03abc", size)),
    Family("claims off a sync point", lambda size: b"x" + repeated(_half(size) + b"\x03abc", size)),
    Family("a claim a line", lambda size: repeated(b"\n" + _half(size), size)),
    Family("claims between packets", lambda size: repeated(_half(size) + _FOO, size)),
    Family(
        "claims off a sync point, packets",
        lambda size: repeated(b"x" + _half(size) + _FOO, size),
    ),
    Family("claims of 4,000 octets", _made_of(_header(0x2901, 4_000, 2))),
    Family("claims in text", _made_of(b"\xc3\xb3\x20 \xa0\x80 ")),
    Family("tags that cover the next header", lambda size: _tags(size, b"\xff\xff\xff\xff")),
    Family("63 tags that cover the next header", lambda size: _tags(size, b"\x3f")),
    Family("wide numbers", _made_of(_wide_numbers())),
    Family("text of continuations", _made_of(b"\x80")),
    Family("text of continuations, 0xB3 among them", _made_of(b"\x80\xb3")),
    Family("characters that are cut", _made_of(b"\xc3" + _FOO[:3])),
    Family("damaged packets", _made_of(_FOO[:-1] + b"\x1a")),
    Family("a claim in small chunks", _claim, chunk=64, first=512 * _KIB),
    Family("small chunks behind claims", lambda size: repeated(_half(size) + b"x", size), chunk=64),
    Family("regions of one octet", _made_of(b"\xb3\n"), is_multiplexed=True),
    Family("damaged packets, multiplexed", _made_of(_FOO[:-1] + b"\x1a"), is_multiplexed=True),
)


def ordinary_chunks(size: int, chunk: int = 64 * _KIB) -> Iterator[bytes]:
    """Yield a stream of output, packets and damage in chunks. Holds one chunk."""
    content = bytes(10 * _KIB)
    body = b"\x03log" + (len(content) | 1 << 14).to_bytes(2, "big") + content
    packet = _sealed(_header(0x2040, len(body) + 10) + body)
    unit = packet + b"building\n" * 500 + _FOO * 40 + _FOO[:-1] + b"\x1a" + _FOO + b"(Pdb) "
    held = bytearray()
    while size > 0:
        while len(held) < chunk:
            held += unit
        yield bytes(held[: min(chunk, size)])
        size -= chunk
        del held[:chunk]
