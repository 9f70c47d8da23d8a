"""Text for a terminal: colour if the terminal has it, in lines that fit.

Rich is optional: without it, nothing is coloured unless that was asked for.
"""

from __future__ import annotations

import codecs
import sys
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

try:
    from rich.cells import cell_len, chop_cells
except ModuleNotFoundError:
    from subunit2.cli.widths import cell_len, chop_cells  # type: ignore[assignment]

from subunit2.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.style import Style

__all__ = ["OctetsAsText", "Paint", "cell_len", "chop_cells", "fit", "fit_lines", "shorten"]

#: The most characters that are cut into lines at once.
_SLICE: Final = 4096

#: The columns between the stops of a tab.
_TAB: Final = 8


class Paint:
    """Colours text, or returns it unchanged.

    :param when: `always`, `never`, or `auto`: if standard output is a terminal with
        colours, and NO_COLOR, FORCE_COLOR and TERM do not say otherwise.
    :raises ModuleNotFoundError: for `always`, where Rich is not installed.
    """

    def __init__(self, when: Literal["auto", "always", "never"]) -> None:
        self._colour = when == "always" or (when == "auto" and _has_colours())
        if self._colour:
            # Fails here rather than after the first lines of output.
            import rich.style  # noqa: F401

    def __call__(self, text: str, style: str) -> str:
        """Return the text in a style of Rich's, such as `bold red`."""
        return _paint(text, style) if self._colour and text else text


def _has_colours() -> bool:
    try:
        from rich.console import Console
    except ModuleNotFoundError:
        return False
    console = Console(file=sys.stdout)
    return console.color_system is not None and not console.no_color


@cache
def _style(name: str) -> Style:
    from rich.style import Style

    return Style.parse(name)


def _paint(text: str, style: str) -> str:
    from rich.color import ColorSystem

    painted: str = _style(style).render(text, color_system=ColorSystem.STANDARD)
    return painted


class OctetsAsText:
    r"""Turns octets that arrive in chunks into text that does nothing to a terminal.

    Line ends stay, those of Windows without CR, and tabs become spaces. Octets that are not
    UTF-8, and characters that are not visible, are escaped.

    >>> shown = OctetsAsText()
    >>> shown.feed(b"a\tb\x1b[2J\xc3") + shown.feed(b"\xb3\r\n") + shown.end()
    'a       b\\x1b[2Jó\n'
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._column = 0
        # A CR that may be a part of a line end.
        self._held = ""

    def feed(self, octets: bytes) -> str:
        """Return the text of a chunk, except for a character that is not whole yet."""
        return self._escape(self._decoder.decode(octets), is_last=False)

    def end(self) -> str:
        """Return the rest of the text."""
        return self._escape(self._decoder.decode(b"", True), is_last=True)

    def _escape(self, text: str, *, is_last: bool) -> str:
        text = (self._held + text).replace("\r\n", "\n")
        self._held = "" if is_last or not text.endswith("\r") else "\r"
        lines = text.removesuffix(self._held).split("\n")
        return "\n".join(self._line(line, is_new=index > 0) for index, line in enumerate(lines))

    def _line(self, line: str, *, is_new: bool) -> str:
        shown: list[str] = []
        if is_new:
            self._column = 0
        for index, part in enumerate(line.split("\t")):
            if index:
                shown.append(" " * (_TAB - self._column % _TAB))
                self._column += len(shown[-1])
            shown.append(visible(part))
            self._column += cell_len(shown[-1])
        return "".join(shown)


def shorten(text: str, width: int) -> str:
    """Cut a text to at most `width` columns, with an ellipsis at the end of a longer one."""
    if cell_len(text) <= width:
        return text
    return chop_cells(text, width - 1)[0] + "…"


def fit(text: str, width: int) -> list[str]:
    """Wrap a text into lines of at most `width` columns; at least one line."""
    return list(fit_lines(text, width))


def fit_lines(text: str, width: int) -> Iterator[str]:
    """Wrap a text likewise, and yield the lines. Holds one line."""
    if len(text) <= _SLICE and cell_len(text) <= width:
        yield text
        return
    line = ""
    for word in _words(text):
        joined = f"{line} {word}" if line else word
        if len(joined) <= _SLICE and cell_len(joined) <= width:
            line = joined
            continue
        if line:
            yield line
        line = ""
        for start in range(0, len(word), _SLICE):
            *full, line = chop_cells(line + word[start : start + _SLICE], width) or [word]
            yield from full
            if len(line) > _SLICE:
                # Thousands of characters without a column.
                yield line
                line = ""
    yield line


def _words(text: str) -> Iterator[str]:
    """Yield the parts of a text between spaces, one by one."""
    start = 0
    while (end := text.find(" ", start)) >= 0:
        yield text[start:end]
        start = end + 1
    yield text[start:]
