"""Text for a terminal: colour if the terminal has it, in lines that fit.

Rich is optional: without it, nothing is coloured unless that was asked for.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Literal

try:
    from rich.cells import cell_len, chop_cells
except ModuleNotFoundError:
    from subunit2.cli.widths import cell_len, chop_cells  # type: ignore[assignment]

if TYPE_CHECKING:
    from rich.style import Style

__all__ = ["Paint", "cell_len", "chop_cells", "fit", "shorten"]


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


def shorten(text: str, width: int) -> str:
    """Cut a text to at most `width` columns, with an ellipsis at the end of a longer one."""
    if cell_len(text) <= width:
        return text
    return chop_cells(text, width - 1)[0] + "…"


def fit(text: str, width: int) -> list[str]:
    """Wrap a text into lines of at most `width` columns; at least one line."""
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
