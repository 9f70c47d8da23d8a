"""Passthrough on a terminal: the lines that somebody wrote between packets.

Strategy: passthrough comes in pieces, cut anywhere. So a line is begun as soon
as something of it is there, and goes on with the next piece; a character that
is cut waits for its rest. Whatever is not UTF-8 or not printable is escaped.
"""

from __future__ import annotations

import codecs
from typing import Final

from subunit2.cli.paint import Paint, fit, visible
from subunit2.items import Passthrough

__all__ = ["Passage"]

_MARGIN: Final = "  | "


class Passage:
    """Shows passthrough, and all that follows without something between as one.

    :param most: lines shown of each passage; None: all.
    """

    def __init__(self, paint: Paint, width: int, most: int | None) -> None:
        self._paint = paint
        self._width = width - len(_MARGIN)
        self._most = most
        self._decoder: codecs.IncrementalDecoder | None = None
        # How many lines are complete, and what is shown of the one that is not.
        self._lines = 0
        self._begun = ""

    def show(self, item: Passthrough) -> None:
        """Show what has come."""
        if self._decoder is None:
            print(self._paint(f"passthrough at {item.offset:,}", "bold"))
            self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._add(self._decoder.decode(item.data))

    def end(self) -> None:
        """Something else comes, or nothing more."""
        if self._decoder is None:
            return
        self._add(self._decoder.decode(b"", True))
        if self._begun:
            if not self._hidden:
                print(self._paint("  (no line end)", "dim"))
            self._lines += 1
        if self._most is not None and self._lines > self._most:
            print(self._paint(f"{_MARGIN}… {self._lines - self._most:,} lines more", "dim"))
        print()
        self._decoder = None
        self._lines = 0
        self._begun = ""

    @property
    def _hidden(self) -> bool:
        return self._most is not None and self._lines >= self._most

    def _add(self, text: str) -> None:
        *ended, rest = text.split("\n")
        for line in ended:
            self._put(line)
            if not self._hidden:
                print("" if self._begun else _MARGIN.rstrip())
            self._lines += 1
            self._begun = ""
        self._put(rest)

    def _put(self, text: str) -> None:
        """Show a part of a line, without ending it."""
        if not text:
            return
        if self._hidden:
            self._begun = text
            return
        # \\r at a line's end is plain Windows; it is shown as all that is not.
        shown = visible(text)
        if not self._begun:
            print(_MARGIN, end="")
        room = self._width - len(self._begun)
        if len(shown) <= room:
            print(shown, end="", flush=True)
            self._begun += shown
            return
        if self._begun:
            print(f"\n{_MARGIN}", end="")
        *full, last = fit(shown, self._width)
        for line in full:
            print(f"{line}\n{_MARGIN}", end="")
        print(last, end="", flush=True)
        self._begun = last
