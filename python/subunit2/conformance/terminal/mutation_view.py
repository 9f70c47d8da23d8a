"""The view of a mutation: the octets before and after, with the changed ones marked."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from subunit2.cli.packet_view import Layout

__all__ = ["describe_mutation", "draw_mutation"]

#: Octets of a stream up to which the two versions are aligned.
_SMALL: Final = 1 << 12

#: Rows that are shown of each version.
_MOST_ROWS: Final = 6

_DESCRIPTIONS: Final = {
    "flip-bit": "one bit is flipped, bit {1} of the octet at {0}",
    "truncate": "only the first {0} octets are kept",
    "remove": "the octets from {0} up to {1} are removed",
    "insert": "octets are inserted before the one at {0}",
    "write": "octets are overwritten, from the one at {0} on",
}
_REPAIRS: Final = {
    "sealed": "the checksum is recomputed",
    "resized": "so is the length",
}


def describe_mutation(mutation: str) -> str:
    """Describe a mutation in words.

    >>> describe_mutation("flip-bit 11.0")
    'one bit is flipped, bit 0 of the octet at 11'
    """
    name, *words = mutation.split()
    numbers = words[0].replace("..", " ").replace(".", " ").split() if words else []
    try:
        description = _DESCRIPTIONS[name].format(*numbers)
    except (KeyError, IndexError):
        return mutation
    return "; ".join(
        [description, *(_REPAIRS[word] for word in reversed(words) if word in _REPAIRS)]
    )


def draw_mutation(before: bytes, after: bytes, layout: Layout) -> Iterator[str]:
    """Yield the rows in which the two versions differ, with the changed octets marked."""
    removed, added = _differences(before, after)
    yield from _draw("before", before, removed, "red", layout)
    yield from _draw("after", after, added, "green", layout)


def _differences(before: bytes, after: bytes) -> tuple[set[int], set[int]]:
    """Return the indices of the octets of each version that the other lacks."""
    if len(before) == len(after):
        changed = {index for index in range(len(before)) if before[index] != after[index]}
        return changed, changed
    if max(len(before), len(after)) > _SMALL:
        shorter = min(len(before), len(after))
        first = next((index for index in range(shorter) if before[index] != after[index]), shorter)
        last = next(
            (index for index in range(shorter - first) if before[-1 - index] != after[-1 - index]),
            shorter - first,
        )
        return set(range(first, len(before) - last)), set(range(first, len(after) - last))
    removed: set[int] = set()
    added: set[int] = set()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag != "equal":
            removed.update(range(start, end))
            added.update(range(other_start, other_end))
    return removed, added


def _draw(label: str, octets: bytes, marked: set[int], style: str, layout: Layout) -> Iterator[str]:
    per_row = 16 if layout.width >= 72 else 8
    rows = sorted({index // per_row for index in marked})
    for row in rows[:_MOST_ROWS]:
        start = row * per_row
        indices = range(start, min(start + per_row, len(octets)))
        drawn = " ".join(
            layout.paint(f"{octets[index]:02x}", style if index in marked else "")
            for index in indices
        )
        carets = " ".join("^^" if index in marked else "  " for index in indices).rstrip()
        yield f"  {label:8}{layout.paint(f'{start:8}', 'dim')}  {drawn}"
        yield f"{' ' * 20}{layout.paint(carets, style)}"
        label = ""
    if len(rows) > _MOST_ROWS:
        yield f"{' ' * 20}… {len(rows) - _MOST_ROWS:,} rows more"
    if not rows:
        yield f"  {label:8}{layout.paint('       -', 'dim')}  (nothing else)"
