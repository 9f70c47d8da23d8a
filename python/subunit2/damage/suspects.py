"""Passthrough that may be a damaged packet.

Strategy: a packet behind output without a newline can lose its form when it is damaged, or
be cut short by a kill. Then it is passthrough, and only its first octets may show what it
was (`damage.suspect`). An expression finds each signature with a version of 2 behind it. For
those alone it is asked whether they are inside a character of text, as the reader does.

Most output has none, and costs one search and the update of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from typing import Final, NamedTuple

from subunit2.damage.output import CONTROL, is_intact, octets_of
from subunit2.framing.utf8 import LOOKAHEAD, TextState
from subunit2.items import Item, Passthrough

__all__ = ["SuspectFinder"]

#: A signature with a version of 2 behind it, or at the end of the octets.
_CANDIDATE: Final = re.compile(rb"\xb3(?=[\x20-\x2f]|\Z)")


class _Waiting(NamedTuple):
    """A candidate of which octets are missing."""

    offset: int
    text: TextState
    ahead: bytearray


class SuspectFinder:
    r"""Finds passthrough that may be a damaged packet (`damage.suspect`).

    It has to be fed with all items of one stream, as the reader returned them.

    Holds the candidates among the last seven octets.

    >>> finder = SuspectFinder()
    >>> finder.feed([Passthrough(b"." + bytes.fromhex("b32901fc03666f6f08555f1b"))])
    [1]
    """

    __slots__ = ("_text", "_waiting")

    def __init__(self) -> None:
        self._text = TextState()
        self._waiting: list[_Waiting] = []

    @property
    def is_waiting(self) -> bool:
        """True if octets that have not arrived decide about a candidate."""
        return bool(self._waiting)

    def feed(self, items: Iterable[Item]) -> list[int]:
        """Return the offsets of the candidates that turn out to be suspects."""
        found: list[int] = []
        for item in items:
            if isinstance(item, Passthrough):
                if self._waiting:
                    self._extend(item.data, found)
                self._search(item.data, item.offset, found)
                continue
            if is_intact(item):
                if self._waiting:
                    found += self._decide_waiting(octets_of(item)[:LOOKAHEAD])
                continue
            if self._waiting:
                self._extend(octets_of(item), found)
            # clause stream.text
            self._text.end_text()
        return found

    def stop_waiting(self) -> list[int]:
        """Return the suspects among the last octets, as if the stream had ended there."""
        return self._decide_waiting(b"")

    def close(self) -> list[int]:
        """End the stream, and return the suspects among its last octets."""
        return self.stop_waiting()

    def _decide_waiting(self, packet: bytes) -> list[int]:
        """Return the suspects in front of a packet, or of the end of the stream."""
        found = [each.offset for each in self._waiting if _is_suspect(each, packet)]
        self._waiting.clear()
        return found

    def _extend(self, octets: bytes, found: list[int]) -> None:
        """Add octets to the candidates that wait for them."""
        waiting = []
        for each in self._waiting:
            each.ahead.extend(octets[: LOOKAHEAD - len(each.ahead)])
            decided = _is_suspect(each)
            if decided is None:
                waiting.append(each)
            elif decided:
                found.append(each.offset)
        self._waiting = waiting

    def _search(self, data: bytes, offset: int, found: list[int]) -> None:
        noted = 0
        index = data.find(b"\xb3")
        if index >= 0:
            for match in _CANDIDATE.finditer(data, index):
                index = match.start()
                ahead = data[index : index + LOOKAHEAD]
                if len(ahead) == LOOKAHEAD and not CONTROL.search(ahead):
                    continue
                self._text.feed(data[noted:index])
                noted = index
                each = _Waiting(offset + index, self._text, bytearray(ahead))
                decided = _is_suspect(each)
                if decided is None:
                    self._waiting.append(each._replace(text=copy(self._text)))
                elif decided:
                    found.append(each.offset)
        self._text.feed(data[noted:] if noted else data)


def _is_suspect(candidate: _Waiting, packet: bytes | None = None) -> bool | None:
    """Return whether a candidate is a suspect; None: octets that are missing decide.

    :param packet: the first octets of an intact packet right behind it, empty at the end of
        the stream. None: other octets may follow.
    """
    ahead = bytes(candidate.ahead)
    is_last = packet is not None
    if len(ahead) < 2:
        return False if is_last else None
    # clause flags.version
    if not 0x20 <= ahead[1] <= 0x2F:
        return False
    is_cut = len(ahead) < LOOKAHEAD
    if not CONTROL.search(ahead):
        if not is_cut:
            return False
        if not is_last:
            return None
        if b"\n" in ahead:
            return False
    # clause stream.character: of the octets of the stream, whatever they belong to
    octets = (ahead + (packet or b""))[:LOOKAHEAD]
    in_character = candidate.text.continues(octets, at_end=is_last)
    return None if in_character == "unknown" else not in_character
