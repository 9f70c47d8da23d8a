"""Scan octets for candidates, and skip most of the hopeless ones at once.

Strategy: expressions made from the definition of the header find each 0xB3 that could begin
a packet. Octets can be chosen so that every other of them does. Most of these headers claim
few octets, and their checksums show at once that they begin no packet: the one loop here
rejects those, unless they have the form of a packet. The reader checks all others.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from struct import Struct
from typing import Final

from subunit2.framing.form import has_form
from subunit2.packets.crc import crc32
from subunit2.packets.header import CHECKSUM_SIZE, PLAUSIBLE_HEADER, SIGNATURE, Header

__all__ = ["find_candidate", "find_candidate_within"]

#: Packets up to this size are checksummed here.
_SMALL: Final = 4096

#: Signature, flags and a length of three octets.
_MOST_OF_HEADER: Final = 6

_LINE_FEED: Final = 0x0A
_SIGNATURE_OCTET: Final = bytes([SIGNATURE])

_u4: Final = Struct(">I").unpack_from

# Compiled on demand: it takes longer than to read a small stream, which needs neither.


@cache
def _expected_or_plausible() -> re.Pattern[bytes]:
    # In passthrough a packet is expected behind a line feed, and may start wherever a
    # header is plausible.
    return re.compile(rb"(?<=\n)\xb3|" + PLAUSIBLE_HEADER)


@cache
def _plausible() -> re.Pattern[bytes]:
    return re.compile(PLAUSIBLE_HEADER)


def find_candidate(
    held: bytes | bytearray, start: int, holds: Callable[[int, int], bool]
) -> tuple[int, int]:
    """Return the index of the first candidate in passthrough, or the end.

    :param holds: returns whether the checksum of a large range matches, by index and length.
    :returns: also the octets of the packets that were rejected.
    """
    # Most output has none, and `find` is faster than the expression.
    index = held.find(_SIGNATURE_OCTET, start)
    if index < 0:
        return len(held), 0
    return _pass_over(held, _expected_or_plausible(), index, len(held), holds, by_form=True)


def find_candidate_within(
    held: bytes | bytearray, start: int, end: int, holds: Callable[[int, int], bool]
) -> tuple[int, int]:
    """Return the same inside a claimed length, up to `end`.

    Neither a line feed nor the form of a packet makes a difference.
    """
    return _pass_over(held, _plausible(), start, end, holds, by_form=False)


def _pass_over(
    held: bytes | bytearray,
    found: re.Pattern[bytes],
    search: int,
    end: int,
    holds: Callable[[int, int], bool],
    *,
    by_form: bool,
) -> tuple[int, int]:
    """Return the index of the first candidate, or `end`, and the octets rejected.

    :param found: matches each 0xB3 that may be a candidate.
    :param search: the index to start from.
    :param by_form: whether a candidate with the form of a packet begins a corrupt region.
    """
    size = len(held)
    rejected = 0
    for match in found.finditer(held, search):
        index = match.start()
        if index >= end:
            break
        # A packet is expected behind a line feed, and its damage reported. (For index 0 the
        # last octet is compared instead of one that was settled: either way the reader
        # checks the candidate itself.)
        if index + _MOST_OF_HEADER > size or held[index - 1] == _LINE_FEED:
            return index, rejected
        length = held[index + 3]
        fields = index + 4
        if length >= 0x80:
            length = (length & 0x3F) << 16 | held[fields] << 8 | held[fields + 1]
            fields += 2
        elif length >= 0x40:
            length = (length & 0x3F) << 8 | held[fields]
            fields += 1
        if index + length > size:
            return index, rejected
        end_of_fields = index + length - CHECKSUM_SIZE
        # clause packet.unusable-header
        if end_of_fields < fields:
            continue
        if length > _SMALL:
            if holds(index, length):
                return index, rejected
        elif crc32(held[index:end_of_fields]) == _u4(held, end_of_fields)[0]:
            return index, rejected
        else:
            rejected += length
        if by_form:
            flags = held[index + 1] << 8 | held[index + 2]
            if has_form(held, index, Header(flags, length, fields - index)):
                return index, rejected
    return end, rejected
