"""Passthrough on a terminal: the text between packets.

Strategy: passthrough arrives in chunks, cut anywhere. A line is shown as soon as its
first characters arrive, and continued with the next chunk; an incomplete character
waits for its remaining octets. A long line is wrapped. Octets that are not UTF-8 and
characters that are not printable are escaped.
"""

from __future__ import annotations

import codecs
from typing import Final

from subunit2.cli.output import visible
from subunit2.cli.terminal import Paint, cell_len, chop_cells
from subunit2.items import Passthrough
from subunit2.plural import count

__all__ = ["PassthroughView"]

_MARGIN: Final = "  | "
#: The characters of a line that are looked at, by its columns; more than most lines need.
_PER_COLUMN: Final = 4
_NO_LINE_END: Final = "  (no line end)"


class PassthroughView:
    """Shows passthrough; consecutive items are shown as one block.

    :param width: columns of a line.
    :param most: lines shown of a block, before and after wrapping; None: all.
    """

    def __init__(self, paint: Paint, width: int, most: int | None) -> None:
        self._paint = paint
        self._width = width - len(_MARGIN)
        self._most = most
        self._decoder: codecs.IncrementalDecoder | None = None
        # Lines shown; whether the last is unfinished, and its columns so far.
        self._shown = 0
        self._is_begun = False
        self._column = 0
        # Lines that are not shown at all; and the unfinished line: -1 if it is one of
        # these, 0 if it is shown whole, and above 0 the characters left out plus 1.
        self._hidden = 0
        self._cut = 0

    def show(self, item: Passthrough) -> None:
        """Show an item."""
        if self._decoder is None:
            print(self._paint(f"passthrough at {item.offset:,}", "bold"))
            self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._add(self._decoder.decode(item.data))

    def end(self) -> None:
        """End the block, before another item or at the end of the stream."""
        if self._decoder is None:
            return
        self._add(self._decoder.decode(b"", True))
        if self._is_begun:
            self._end_line(_NO_LINE_END)
        if self._hidden:
            more = f"… {count(self._hidden, 'line')} more"
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
            # Text without a column, such as an accent alone, is not chopped.
            here = text[: _PER_COLUMN * room] if room > 0 else ""
            here = (chop_cells(here, room) or [here])[0] if here else ""
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
