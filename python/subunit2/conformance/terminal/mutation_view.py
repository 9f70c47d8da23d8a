"""What was done to the octets of a good stream, drawn: before, after, and where."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from subunit2.cli.packet_view import Layout

__all__ = ["draw_mutation", "say_mutation"]

#: Up to so many octets the change is searched for in all of them.
_SMALL: Final = 1 << 12

#: Rows shown of each side.
_MOST_ROWS: Final = 6

_SAYS: Final = {
    "flip-bit": "one bit is flipped, bit {1} of the octet at {0}",
    "truncate": "only the first {0} octets are kept",
    "remove": "the octets from {0} up to {1} are gone",
    "insert": "octets come in before the one at {0}",
    "write": "octets are overwritten, from the one at {0} on",
}
_SEALS: Final = {
    "sealed": "the checksum is computed anew",
    "resized": "so is the length",
}


def say_mutation(mutation: str) -> str:
    """A mutation in words.

    >>> say_mutation("flip-bit 11.0")
    'one bit is flipped, bit 0 of the octet at 11'
    """
    name, *words = mutation.split()
    places = words[0].replace("..", " ").replace(".", " ").split() if words else []
    try:
        said = _SAYS[name].format(*places)
    except (KeyError, IndexError):
        return mutation
    return "; ".join([said, *(_SEALS[word] for word in reversed(words) if word in _SEALS)])


def draw_mutation(before: bytes, after: bytes, layout: Layout) -> Iterator[str]:
    """The rows of both in which they differ, with the octets marked."""
    gone, come = _differences(before, after)
    yield from _draw("before", before, gone, "red", layout)
    yield from _draw("after", after, come, "green", layout)


def _differences(before: bytes, after: bytes) -> tuple[set[int], set[int]]:
    """The places of the octets of each that the other has not."""
    if len(before) == len(after):
        places = {at for at in range(len(before)) if before[at] != after[at]}
        return places, places
    if max(len(before), len(after)) > _SMALL:
        shorter = min(len(before), len(after))
        first = next((at for at in range(shorter) if before[at] != after[at]), shorter)
        last = next(
            (at for at in range(shorter - first) if before[-1 - at] != after[-1 - at]),
            shorter - first,
        )
        return set(range(first, len(before) - last)), set(range(first, len(after) - last))
    gone: set[int] = set()
    come: set[int] = set()
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for what, start, end, there, up_to in matcher.get_opcodes():
        if what != "equal":
            gone.update(range(start, end))
            come.update(range(there, up_to))
    return gone, come


def _draw(label: str, octets: bytes, places: set[int], style: str, layout: Layout) -> Iterator[str]:
    per_row = 16 if layout.width >= 72 else 8
    rows = sorted({place // per_row for place in places})
    for row in rows[:_MOST_ROWS]:
        start = row * per_row
        here = range(start, min(start + per_row, len(octets)))
        drawn = " ".join(
            layout.paint(f"{octets[at]:02x}", style if at in places else "") for at in here
        )
        carets = " ".join("^^" if at in places else "  " for at in here).rstrip()
        yield f"  {label:8}{layout.paint(f'{start:8}', 'dim')}  {drawn}"
        yield f"{' ' * 20}{layout.paint(carets, style)}"
        label = ""
    if len(rows) > _MOST_ROWS:
        yield f"{' ' * 20}… {len(rows) - _MOST_ROWS:,} rows more"
    if not rows:
        yield f"  {label:8}{layout.paint('       -', 'dim')}  (nothing else)"
