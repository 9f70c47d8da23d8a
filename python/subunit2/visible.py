r"""Text from a stream for a person: each character that is not visible is escaped.

Strategy: Python's `isprintable` is false for control characters, for those that change the
direction of text, for separators and surrogates, and for most characters without a shape.
Unicode has a few more of these among marks and letters; an invisible one can make two names
look alike. Long texts are escaped in blocks, so that the result is nearly all the memory
taken.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["is_visible", "visible"]

#: The characters that `isprintable` takes for printable, and that Unicode tells to show as
#: nothing (Default_Ignorable_Code_Point): a joiner, fillers, and the selectors of variants.
_HIDDEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)

#: The characters of a block.
_BLOCK: Final = 4096


def is_visible(text: str) -> bool:
    r"""Return whether all characters of a text are visible, or a space.

    >>> is_visible("a b"), is_visible("a\tb"), is_visible("a\u200bb"), is_visible("\u3164")
    (True, False, False, False)
    """
    return text.isprintable() and (text.isascii() or _HIDDEN.search(text) is None)


def visible(text: str) -> str:
    r"""Escape all characters that are not visible.

    >>> visible("ó\x1b[2J\u202e")
    'ó\\x1b[2J\\u202e'
    """
    if is_visible(text):
        return text
    if len(text) > _BLOCK:
        return "".join(
            visible(text[start : start + _BLOCK]) for start in range(0, len(text), _BLOCK)
        )
    return "".join(
        each if is_visible(each) else each.encode("unicode_escape").decode() for each in text
    )
