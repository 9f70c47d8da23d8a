"""Which 0xB3 is worth trying: passing over what looks like a header and is none.

Strategy: expressions made from the header's definition find what could begin a
packet. Octets can be chosen so that every other of them does. Most of those claim
little, and their checksums show at once that they begin no packet: here is the one
loop that passes over them. Whatever else a 0xB3 may turn out to be is left to the
reader, which tries it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from struct import Struct
from typing import Final

from subunit2.packets.crc import crc32
from subunit2.packets.header import CHECKSUM_SIZE, PLAUSIBLE_HEADER, SIGNATURE

__all__ = ["find_candidate", "find_candidate_within"]

#: Up to this size a checksum is computed here.
_SMALL: Final = 4096

#: Signature, flags and a length of three octets.
_MOST_OF_HEADER: Final = 6

_LINE_FEED: Final = 0x0A
_SIGNATURE_OCTET: Final = bytes([SIGNATURE])

_u4: Final = Struct(">I").unpack_from

# To compile the two takes longer than to read a small stream, which needs neither.


@cache
def _worth_trying() -> re.Pattern[bytes]:
    # What ends a search through passthrough: a packet is expected behind a line
    # feed, and could start wherever a header is plausible.
    return re.compile(rb"(?<=\n)\xb3|" + PLAUSIBLE_HEADER)


@cache
def _plausible() -> re.Pattern[bytes]:
    return re.compile(PLAUSIBLE_HEADER)


def find_candidate(
    held: bytes | bytearray, start: int, holds: Callable[[int, int], bool]
) -> tuple[int, int]:
    """The place of the first 0xB3 of passthrough that has to be tried, or the end.

    :param holds: whether the checksum of a large range does, by place and length.
    :returns: also how many octets were checked here in vain.
    """
    # Most output has none, and `find` is faster than the expression.
    place = held.find(_SIGNATURE_OCTET, start)
    if place < 0:
        return len(held), 0
    return _pass_over(held, _worth_trying(), place, len(held), holds)


def find_candidate_within(
    held: bytes | bytearray, start: int, end: int, holds: Callable[[int, int], bool]
) -> tuple[int, int]:
    """The same inside a claimed length, up to `end`: a line feed makes no difference."""
    return _pass_over(held, _plausible(), start, end, holds)


def _pass_over(
    held: bytes | bytearray,
    found: re.Pattern[bytes],
    search: int,
    end: int,
    holds: Callable[[int, int], bool],
) -> tuple[int, int]:
    """The place of the first 0xB3 that has to be tried, or `end`.

    :param found: what a 0xB3 that may have to be looks like.
    :param search: where to begin.
    """
    size = len(held)
    rejected = 0
    for match in found.finditer(held, search):
        place = match.start()
        if place >= end:
            break
        # A packet is expected behind a line feed, and its damage reported. (What stands
        # before place 0 was settled; whichever octet is looked at there, the reader
        # finds out by trying.)
        if place + _MOST_OF_HEADER > size or held[place - 1] == _LINE_FEED:
            return place, rejected
        length = held[place + 3]
        fields = place + 4
        if length >= 0x80:
            length = (length & 0x3F) << 16 | held[fields] << 8 | held[fields + 1]
            fields += 2
        elif length >= 0x40:
            length = (length & 0x3F) << 8 | held[fields]
            fields += 1
        if place + length > size:
            return place, rejected
        stop = place + length - CHECKSUM_SIZE
        # clause packet.unusable-header
        if stop < fields:
            continue
        if length > _SMALL:
            if holds(place, length):
                return place, rejected
        elif crc32(held[place:stop]) == _u4(held, stop)[0]:
            return place, rejected
        else:
            rejected += length
    return end, rejected
