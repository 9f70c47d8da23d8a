"""Characters at the limits of UTF-8, and sequences just outside of them, before half a character.

Strategy: behind the character stands C3, and a packet whose first eight octets could be text. If
the character is well-formed the packet goes on with a character, and is text. If it is not, the
line is no text, and the packet is read.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.assemble import written
from corpus.source import Source, runs

__all__ = ["family"]

#: Its first eight octets are `b3 "( +!aaa"`.
_TEXT_LIKE = written({"test_id": "a" * 33, "mime_type": "", "runnable": False})

#: DEL, and the first and the last character of each row of the table of well-formed UTF-8.
_INSIDE = (
    "7f", "c280", "c2bf", "dfbf", "e0a080", "e0bfbf", "e18080", "ecbfbf", "ed8080", "ed9fbf",
    "ee8080", "efbfbf", "f0908080", "f0bfbfbf", "f1808080", "f3bfbfbf", "f4808080", "f48fbfbf",
)  # fmt: skip

#: Sequences with one octet outside of its range.
_OUTSIDE = (
    "c180", "c300", "c309", "c30b", "c30d", "c27f", "c2c0", "dfc0", "e09f80", "e0c080",
    "e10980", "e18009", "e1807f", "e180c0", "e17f80", "e1c080", "ed7f80", "eda080", "ee7f80",
    "efc080", "f08f8080", "f0c08080", "f17f8080", "f1c08080", "f1807f80", "f180c080",
    "f180807f", "f18080c0", "f47f8080", "f4908080", "f5808080",
)  # fmt: skip


def family() -> Iterator[Source]:
    """Yield a case of each character, and of each sequence that is none."""
    for before, is_text in (
        *((each, True) for each in _INSIDE),
        *((each, False) for each in _OUTSIDE),
    ):
        octets = bytes.fromhex(before)
        shown = octets.hex(" ").upper()
        if is_text:
            title = f"{shown} is a character, so the packet behind C3 is text"
        else:
            title = f"{shown} is no character and ends the text, so the packet behind C3 is read"
        yield Source(
            id=f"stream/limits/{before}",
            title=title,
            clauses=("stream.text", "stream.character" if is_text else "stream.try-everywhere"),
            flags=("family",),
            octets=runs(octets + b"\xc3" + _TEXT_LIKE),
        )
