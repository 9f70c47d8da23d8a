"""The result of checking a candidate, a 0xB3 that may begin a packet.

Strategy: plain tuples. A candidate is `Intact` or `Incomplete`, or it is rejected: then the
result is its `Header` if that is usable, else the code of the error that makes it unusable.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from subunit2.items import ErrorCode
from subunit2.packets.header import Header

__all__ = ["CorruptRegion", "Incomplete", "Intact", "Outcome"]


class Intact(NamedTuple):
    """The candidate begins an intact packet of `length` octets."""

    length: int


class Incomplete(NamedTuple):
    """The candidate can be decided once the octets before the index `end` have arrived."""

    end: int


#: A result of checking a candidate.
Outcome: TypeAlias = Intact | Incomplete | Header | ErrorCode


class CorruptRegion(NamedTuple):
    """A corrupt region whose end is not found yet. All offsets are in the stream.

    :ivar claimed_end: its end according to its header.
    :ivar searched: no intact packet starts in it before this offset.
    """

    start: int
    claimed_end: int
    error: ErrorCode
    searched: int
