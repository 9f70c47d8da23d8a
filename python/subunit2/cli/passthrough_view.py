"""Passthrough on a terminal: the lines that somebody wrote between packets.

Strategy: passthrough comes in chunks, cut anywhere. So a line is begun as soon
as something of it is there, and goes on with the next chunk; a character that
is cut waits for its rest. A line that does not fit goes on below. Whatever is
not UTF-8 or not printable is escaped.
"""

from __future__ import annotations

import codecs
from typing import Final

from subunit2.cli.output import visible
from subunit2.cli.terminal import Paint, cell_len, chop_cells
from subunit2.items import Passthrough

__all__ = ["Passage"]

_MARGIN: Final = "  | "
_NO_LINE_END: Final = "  (no line end)"


class Passage:
    """Shows passthrough, and all that follows without something between as one.

    :param width: columns of a line.
    :param most: lines shown of each passage, of the stream and of the terminal;
        None: all.
    """

    def __init__(self, paint: Paint, width: int, most: int | None) -> None:
        self._paint = paint
        self._width = width - len(_MARGIN)
        self._most = most
        self._decoder: codecs.IncrementalDecoder | None = None
        # Lines shown; whether one is begun, and how many columns of it are taken.
        self._shown = 0
        self._is_begun = False
        self._column = 0
        # Lines of which nothing is shown. Of the line that is begun, how much is
        # not: below 0 it is one of those; above 0 it is cut, and one less than
        # this are the characters left out.
        self._hidden = 0
        self._cut = 0

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
        if self._is_begun:
            self._end_line(_NO_LINE_END)
        if self._hidden:
            more = f"… {self._hidden:,} line{'s' if self._hidden > 1 else ''} more"
            print(self._paint(f"{_MARGIN}{more}", "dim"))
        print()
        self._decoder = None
        self._shown = self._hidden = 0

    def _add(self, text: str) -> None:
        *ended, rest = text.split("\n")
        for line in ended:
            self._put(line)
            self._end_line("")
        if rest:
            self._put(rest)

    def _is_full(self) -> bool:
        return self._most is not None and self._shown >= self._most

    def _put(self, text: str) -> None:
        """Show a part of a line, without ending it."""
        if not self._is_begun:
            self._is_begun = True
            self._column = 0
            if self._is_full():
                self._hidden += 1
                self._cut = -1
            else:
                self._shown += 1
                self._cut = 0
                print(_MARGIN if text else _MARGIN.rstrip(), end="")
        if self._cut < 0 or not text:
            return
        text = visible(text)
        while text and not self._cut:
            room = self._width - self._column
            # Of text that takes no columns, such as an accent alone, nothing is chopped.
            here = (chop_cells(text, room) or [text])[0] if room > 0 else ""
            if cell_len(here) > room:
                here = ""
            print(here, end="")
            self._column += cell_len(here)
            text = text[len(here) :]
            if text and self._is_full():
                self._cut = 1
            elif text:
                print(f"\n{_MARGIN}", end="")
                self._shown += 1
                self._column = 0
        self._cut += len(text)

    def _end_line(self, remark: str) -> None:
        shown = self._cut >= 0
        if self._cut > 0:
            remark = f"  … {self._cut - 1:,} characters more"
        if shown:
            if self._column + len(remark) > self._width:
                print(f"\n{_MARGIN.rstrip()}", end="")
            print(self._paint(remark, "dim"))
        self._is_begun = False
