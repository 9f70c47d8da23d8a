"""What trying a 0xB3 comes to, and what a reader looks for meanwhile.

Strategy: plain tuples; which of them it is says what follows. What is tried begins an
intact packet, or octets are missing that decide, or it begins none; then it is its
header, if that is usable, or what makes it unusable.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from subunit2.items import ErrorCode
from subunit2.packets.header import Header

__all__ = ["CorruptRegion", "Incomplete", "Intact", "Outcome"]


class Intact(NamedTuple):
    """What was tried begins an intact packet."""

    length: int


class Incomplete(NamedTuple):
    """What was tried can be decided once the octets before `end` are there."""

    end: int


Outcome: TypeAlias = Intact | Incomplete | Header | ErrorCode


class CorruptRegion(NamedTuple):
    """A corrupt region whose end is being looked for, in positions of the stream.

    :ivar claimed_end: where it ends according to its header.
    :ivar searched: no intact packet starts in it before here.
    """

    start: int
    claimed_end: int
    error: ErrorCode
    searched: int
