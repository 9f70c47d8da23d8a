"""The width of text in the columns of a terminal, for installations without Rich.

Rich knows more scripts, and emoji that consist of several characters. Here each
character has the width that Unicode gives it alone.
"""

from __future__ import annotations

from unicodedata import category, east_asian_width

__all__ = ["cell_len", "chop_cells"]


def cell_len(text: str) -> int:
    """Return the number of columns that a text takes.

    >>> cell_len("abc"), cell_len("日本"), cell_len("o\N{COMBINING ACUTE ACCENT}")
    (3, 4, 1)
    """
    return len(text) if text.isascii() else sum(map(_width, text))


def chop_cells(text: str, width: int) -> list[str]:
    """Cut a text into lines of at most `width` columns; no lines for text without a column.

    >>> chop_cells("日本語", 5), chop_cells("", 5)
    (['日本', '語'], [])
    """
    lines: list[str] = []
    start = taken = 0
    for index, character in enumerate(text):
        columns = _width(character)
        if taken + columns > width:
            lines.append(text[start:index])
            start, taken = index, 0
        taken += columns
    return [*lines, text[start:]] if taken else lines


def _width(character: str) -> int:
    if category(character).startswith("M"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1
