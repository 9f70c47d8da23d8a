"""Corrupt regions that are damage, and those that are output of a program.

Strategy: in Latin-1, `³` is a signature, and a footnote can start a line with it. Such a
region looks like text, and a packet nearly never does. So control octets decide, in the
region and in the eight octets from its start on (`damage.output`). And a header that
announces a result is damage, whatever its octets look like: behind `³`, text has a space.

A region of fewer than eight octets is held until the octets behind it have arrived, in
whatever item. A packet always decides: its own octets say nothing about the region in
front of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final

from subunit2.framing.form import has_form
from subunit2.framing.utf8 import CONTROL, LOOKAHEAD
from subunit2.items import Corrupt, Item, Packet, Passthrough
from subunit2.packets.header import (
    FLAG_FILE,
    FLAG_TAGS,
    FLAG_TEST_ID,
    STATUS_MASK,
    Header,
    read_header,
)
from subunit2.writer import encode

__all__ = [
    "MALFORMED",
    "RegionJudge",
    "is_damage",
    "is_intact",
    "judge_regions",
    "octets_of",
]

#: The octets of signature and flags.
_FLAGS_END: Final = 3

#: The errors of regions that are intact packets, with malformed fields.
MALFORMED: Final = frozenset(("field_overrun", "nanoseconds", "utf8", "nul", "trailing_bytes"))


def is_damage(region: Corrupt, following: bytes, *, at_end: bool) -> bool | None:
    r"""Return whether a region is damage, or False if it is output of a program.

    None if octets that have not arrived could decide (`damage.output`).

    :param following: octets of the stream behind the region. Those that make up eight from
        its start on are looked at.
    :param at_end: whether the stream ends, or an intact packet starts, behind `following`.

    >>> is_damage(Corrupt(b"\xb3", "version"), b" vgl. S.", at_end=False)
    False
    >>> is_damage(Corrupt(b"\xb3", "version"), b"\x01", at_end=False)
    True
    """
    octets = region.data
    if region.error in MALFORMED or CONTROL.search(octets):
        return True
    if _announces_result(octets) or _has_form(octets):
        return True
    missing = LOOKAHEAD - len(octets)
    if missing <= 0:
        return False
    ahead = following[:missing]
    if CONTROL.search(ahead):
        return True
    if len(ahead) == missing:
        return False
    return b"\n" not in octets + ahead if at_end else None


def _announces_result(region: bytes) -> bool:
    """Return whether the flags announce a test id and a status, tags or a file.

    An unusable header announces nothing: its region is one octet.
    """
    if len(region) < _FLAGS_END:
        return False
    flags = int.from_bytes(region[1:_FLAGS_END], "big")
    return bool(flags & FLAG_TEST_ID and flags & (STATUS_MASK | FLAG_TAGS | FLAG_FILE))


def _has_form(region: bytes) -> bool:
    """Return whether a region has the form of a packet, as long as its header claims."""
    header = read_header(region, 0, len(region))
    return (
        isinstance(header, Header) and header.length == len(region) and has_form(region, 0, header)
    )


def is_intact(item: Item) -> bool:
    """Return whether an item is an intact packet, with well-formed fields or not."""
    return isinstance(item, Packet) or (isinstance(item, Corrupt) and item.error in MALFORMED)


class RegionJudge:
    r"""Replaces each corrupt region that is output of a program by passthrough.

    All other items stay as they are, in their order. They have to be the items of one
    stream, since the octets behind a region can decide.

    Holds a region that is not decided yet, and the items behind it: fewer than eight octets
    in all.

    >>> judge = RegionJudge()
    >>> judge.feed([Corrupt(b"\xb3", "version")])
    []
    >>> judge.feed([Passthrough(b" vgl. S. 7\n")])
    [Passthrough(data=b'\xb3', offset=0), Passthrough(data=b' vgl. S. 7\n', offset=0)]
    """

    __slots__ = ("_ahead", "_held")

    def __init__(self) -> None:
        # The first item is a region that is not decided yet.
        self._held: deque[Item] = deque()
        # The octets of the items held; of a last one that is no region, those that can decide.
        self._ahead = b""

    @property
    def pending(self) -> int:
        """The number of octets that are held, because others have to arrive first."""
        return len(self._ahead)

    def feed(self, items: Iterable[Item]) -> list[Item]:
        """Return the items that are decided now."""
        out: list[Item] = []
        for item in items:
            if self._held and is_intact(item):
                self._settle(out, at_end=True)
                out.append(item)
            elif self._held:
                self._held.append(item)
                octets = octets_of(item)
                if not isinstance(item, Corrupt):
                    octets = octets[:LOOKAHEAD]
                self._ahead += octets
                if len(self._ahead) >= LOOKAHEAD or CONTROL.search(octets):
                    self._settle(out, at_end=False)
            elif not isinstance(item, Corrupt):
                out.append(item)
            elif (decided := is_damage(item, b"", at_end=False)) is None:
                self._held.append(item)
                self._ahead = item.data
            else:
                out.append(item if decided else _as_output(item))
        return out

    def stop_waiting(self) -> list[Item]:
        """Return the items held, decided as if the stream had ended (`reader.stop-waiting`)."""
        out: list[Item] = []
        self._settle(out, at_end=True)
        return out

    def close(self) -> list[Item]:
        """End the stream, and return the items held."""
        return self.stop_waiting()

    def _settle(self, out: list[Item], *, at_end: bool) -> None:
        held = self._held
        while held:
            item = held[0]
            length = item.length
            if isinstance(item, Corrupt):
                decided = is_damage(item, self._ahead[length:], at_end=at_end)
                if decided is None:
                    return
                if not decided:
                    item = _as_output(item)
            out.append(item)
            held.popleft()
            self._ahead = self._ahead[length:]


def judge_regions(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items as a `RegionJudge` returns them, each as soon as it is decided."""
    judge = RegionJudge()
    for item in items:
        if isinstance(item, Corrupt) or judge.pending:
            yield from judge.feed((item,))
        else:
            yield item
    yield from judge.close()


def _as_output(region: Corrupt) -> Passthrough:
    return Passthrough(region.data, offset=region.offset)


def octets_of(item: Item) -> bytes:
    """Return the octets of an item that was read."""
    if isinstance(item, Packet):
        return encode(item) if item.raw is None else item.raw
    return item.data
