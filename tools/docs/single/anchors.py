"""Anchors of headings, by the rule of GitHub, which most viewers of Markdown follow."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

__all__ = ["anchors", "fence_behind", "headings", "slug"]

_HEADING: Final = re.compile(r"#{1,6} +(.+?) *$")
_FENCE: Final = re.compile(r" {0,3}(`{3,})")
#: Characters that an anchor does not have: all but letters, digits, spaces, hyphens and `_`.
_DROPPED: Final = re.compile(r"[^\w\- ]")
_LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def slug(heading: str) -> str:
    """Return the anchor of a heading that is the first one with its text.

    >>> slug("4. Numbers, and `strings`"), slug("string.no-nul")
    ('4-numbers-and-strings', 'stringno-nul')
    """
    return _DROPPED.sub("", _LINK.sub(r"\1", heading).lower()).replace(" ", "-")


def fence_behind(line: str, fence: str) -> str:
    """Return the fence of the code that is open behind a line; empty if none is.

    :param fence: the one that is open before the line.
    """
    if fence:
        return "" if line.strip() == fence else fence
    found = _FENCE.match(line)
    return found[1] if found else ""


def headings(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the level and the text of each heading outside of code."""
    fence = ""
    for line in lines:
        fence = fence_behind(line, fence)
        if not fence and (heading := _HEADING.match(line)):
            yield len(line) - len(line.lstrip("#")), heading[1]


def anchors(lines: Iterable[str]) -> list[str]:
    """Return the anchors of all headings, in order; a repeated one gets a number."""
    seen: Counter[str] = Counter()
    found = []
    for _, heading in headings(lines):
        anchor = slug(heading)
        found.append(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found
