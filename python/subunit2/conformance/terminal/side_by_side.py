"""The expected and the actual answer side by side, with differences marked.

    expected                               actual
    passthrough                         |  passthrough
      bytes  3 octets                   #    bytes  2 octets
        6f 6b 0a                ok.     #      6f 6b                   ok

Strategy: equal items at both ends are left out, so that only the part of a long stream
that differs is compared and shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from subunit2.cli.packet_view import Layout
from subunit2.cli.terminal import cell_len
from subunit2.conformance.diff import OPTIONAL_KEYS
from subunit2.conformance.terminal.formatting import (
    OCTETS,
    format_value,
    item_rows,
    octet_rows,
    wrapped,
)
from subunit2.plural import count

__all__ = ["draw_differences", "first_difference"]

#: The smallest width with room for two columns.
_WIDE: Final = 78

#: The smallest width of the first column, if there is room.
_NARROWEST: Final = 32

#: Items and rows that are shown of each side.
_MOST_ITEMS: Final = 4
_MOST_ROWS: Final = 40

#: Equal rows that are shown around a difference.
_AROUND: Final = 3


class _Row(NamedTuple):
    """A row of both sides; None on a side that lacks it."""

    expected: str | None
    actual: str | None

    @property
    def is_same(self) -> bool:
        return self.expected == self.actual


def draw_differences(expected: Any, actual: Any, layout: Layout) -> Iterator[str]:
    """Yield the lines of both sides, in columns or, if the layout is narrow, as a diff."""
    if actual is None:
        yield f"  {layout.paint('expected', 'bold')}; there was no answer"
        for row in _rows(expected, None)[:_MOST_ROWS]:
            yield from _lines(" ", row, "green", layout)
        return
    before, after, compared = _compare(expected, actual)
    rows = list(_folded(compared))
    if before:
        rows.insert(0, f"… {count(before, 'item')} before are the same")
    if len(rows) > _MOST_ROWS:
        rows[_MOST_ROWS:] = [f"… {count(len(rows) - _MOST_ROWS, 'row')} more"]
    if after:
        rows.append(f"… {count(after, 'item')} more, the same at the end")
    yield from (_beside if layout.width >= _WIDE else _under)(rows, layout)


def first_difference(expected: Any, actual: Any) -> int:
    """Return the number of equal items at the start."""
    if not isinstance(expected, list) or not isinstance(actual, list):
        return 0
    pairs = zip(expected, actual, strict=False)
    shorter = min(len(expected), len(actual))
    return next(
        (index for index, (one, other) in enumerate(pairs) if not _same(one, other)), shorter
    )


def _same(expected: Any, actual: Any) -> bool:
    return bool(_comparable(expected, actual) == actual)


def _comparable(expected: Any, actual: Any) -> Any:
    """Return an expected item without the optional keys that the actual one lacks."""
    if not isinstance(expected, dict) or not isinstance(actual, dict):
        return expected
    return {
        key: value for key, value in expected.items() if key not in OPTIONAL_KEYS or key in actual
    }


def _compare(expected: Any, actual: Any) -> tuple[int, int, list[_Row]]:
    """Return the numbers of items left out at both ends, and the rows of those between."""
    if not isinstance(expected, list) or not isinstance(actual, list):
        return 0, 0, _align(_rows(expected, actual), _rows(actual, expected))
    before = first_difference(expected, actual)
    expected, actual = expected[before:], actual[before:]
    after = first_difference(expected[::-1], actual[::-1])
    left: list[str] = []
    right: list[str] = []
    end, up_to = len(expected) - after, len(actual) - after
    some = next((item for item in actual if isinstance(item, dict)), None)
    for one, other in zip_longest(expected[:end][:_MOST_ITEMS], actual[:up_to][:_MOST_ITEMS]):
        starts = _starts(one, other)
        if one is not None:
            left += item_rows(_comparable(one, other if other is not None else some), starts)
        if other is not None:
            right += item_rows(other, starts)
    for rows, items in ((left, end), (right, up_to)):
        if items > _MOST_ITEMS:
            rows.append(f"… {count(items - _MOST_ITEMS, 'item')} more")
        elif not items:
            rows.append("(no item)" if not before + after else "(no more items)")
    return before, after, _align(left, right)


def _starts(one: Any, other: Any) -> dict[str, int]:
    """Return by key the index of the first octet to show: a row before the difference."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return {}
    return {
        key: max(_first_octet(one[key], other[key]) - 8, 0)
        for key in OCTETS & one.keys() & other.keys()
        if one[key] != other[key]
    }


def _first_octet(one: Any, other: Any) -> int:
    if not isinstance(one, str) or not isinstance(other, str):
        return 0
    shorter = min(len(one), len(other))
    return next((index for index in range(shorter) if one[index] != other[index]), shorter) // 2


def _rows(value: Any, other: Any) -> list[str]:
    """Return the rows of an answer that is no list of items: octets, a refusal, nothing."""
    if value is None:
        return ["(nothing)"]
    if isinstance(value, str):
        try:
            octets = bytes.fromhex(value)
        except ValueError:
            return [format_value(value, 400)]
        start = max(_first_octet(value, other) - 8, 0)
        return [count(len(octets), "octet"), *octet_rows(octets, "  ", start)]
    if isinstance(value, list):
        rows = [row for item in value[:_MOST_ITEMS] for row in item_rows(item)]
        left = len(value) - _MOST_ITEMS
        return [*rows, f"… {count(left, 'item')} more"] if left > 0 else rows or ["(no items)"]
    if isinstance(value, dict) and "kind" not in value:
        return [row for key, each in value.items() for row in _named(key, each)]
    return item_rows(value)


def _named(key: str, value: Any) -> list[str]:
    if isinstance(value, (dict, list)):
        return [f"{key}:", *(f"  {line}" for line in _rows(value, None))]
    return [f"{key}: {format_value(value)}"]


def _align(left: list[str], right: list[str]) -> list[_Row]:
    rows: list[_Row] = []
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        pairs = zip_longest(left[start:end], right[other_start:other_end])
        rows += map(_Row, *zip(*pairs, strict=True))
    return rows


def _folded(rows: list[_Row]) -> Iterator[_Row | str]:
    """Yield the rows, with most of those far from a difference left out."""
    near = {
        shown
        for index, row in enumerate(rows)
        if not row.is_same
        for shown in range(index - _AROUND, index + _AROUND + 1)
    }
    # The kind of an item is shown with its keys, but not alone.
    kind = -1
    for index, row in enumerate(rows):
        if not (row.expected or " ").startswith(" "):
            near.discard(index)
            kind = index
        elif index in near and kind >= 0:
            near.add(kind)
    left_out = 0
    for index, row in enumerate(rows):
        if index in near or not row.is_same:
            if left_out:
                yield f"… {count(left_out, 'row')} the same"
                left_out = 0
            yield row
        else:
            left_out += 1
    if left_out:
        yield f"… {count(left_out, 'row')} the same"


def _beside(rows: list[_Row | str], layout: Layout) -> Iterator[str]:
    paint = layout.paint
    half = (layout.width - 7) // 2
    widest = max((cell_len(row.expected or "") for row in rows if isinstance(row, _Row)), default=0)
    half = min(half, max(widest, _NARROWEST))
    yield f"  {paint('expected'.ljust(half), 'bold')}   {paint('actual', 'bold')}"
    for row in rows:
        if isinstance(row, str):
            yield f"  {paint(row, 'dim')}"
            continue
        left = wrapped(row.expected, half) if row.expected is not None else []
        right = wrapped(row.actual, layout.width - half - 5) if row.actual is not None else []
        for one, other in zip_longest(left, right, fillvalue=""):
            gap = " " * (half - cell_len(one))
            if row.is_same:
                yield f"  {one}{gap} | {other}".rstrip()
            else:
                mark = paint("#", "bold yellow")
                yield f"  {paint(one, 'green')}{gap} {mark} {paint(other, 'red')}".rstrip()


def _under(rows: list[_Row | str], layout: Layout) -> Iterator[str]:
    paint = layout.paint
    yield f"  {paint('- expected', 'green')}  {paint('+ actual', 'red')}"
    pending: list[str] = []
    for row in [*rows, ""]:
        if isinstance(row, _Row) and not row.is_same:
            # In a run of rows that differ, all expected rows come first.
            if row.expected is not None:
                yield from _lines("-", row.expected, "green", layout)
            if row.actual is not None:
                pending += _lines("+", row.actual, "red", layout)
            continue
        yield from pending
        pending.clear()
        if isinstance(row, str):
            yield from [f"  {paint(row, 'dim')}"] if row else []
        else:
            yield from _lines(" ", row.expected or "", "", layout)


def _lines(mark: str, text: str, style: str, layout: Layout) -> Iterator[str]:
    for line in wrapped(text, layout.width - 4):
        yield f"  {layout.paint(f'{mark} {line}', style)}".rstrip()
