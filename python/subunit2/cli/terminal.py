"""Text for a terminal: colour where there is one, in lines that fit."""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len, chop_cells

if TYPE_CHECKING:
    from rich.style import Style

__all__ = ["Paint", "fit", "shorten"]


class Paint:
    """Colours text, or leaves it as it is.

    :param when: always, never, or on a terminal that has colours, unless the
        environment says otherwise (NO_COLOR, FORCE_COLOR, TERM).
    """

    def __init__(self, when: Literal["auto", "always", "never"]) -> None:
        if when == "auto":
            from rich.console import Console

            console = Console(file=sys.stdout)
            self._colour = console.color_system is not None and not console.no_color
        else:
            self._colour = when == "always"

    def __call__(self, text: str, style: str) -> str:
        """The text in a style of Rich's, such as `bold red`."""
        return _paint(text, style) if self._colour and text else text


@cache
def _style(name: str) -> Style:
    from rich.style import Style

    return Style.parse(name)


def _paint(text: str, style: str) -> str:
    from rich.color import ColorSystem

    painted: str = _style(style).render(text, color_system=ColorSystem.STANDARD)
    return painted


def shorten(text: str, width: int) -> str:
    """The beginning of a text, in at most `width` columns."""
    if cell_len(text) <= width:
        return text
    return chop_cells(text, width - 1)[0] + "…"


def fit(text: str, width: int) -> list[str]:
    """Text in lines of at most `width` columns; at least one line."""
    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        *full, line = chop_cells(word, width) or [word]
        lines.extend(full)
    lines.append(line)
    return lines
