"""The view of a failure: the clauses, the octets by field, the expected and the actual answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from subunit2 import item_from_dict, spec
from subunit2.cli.output import abridge, visible
from subunit2.cli.packet_view import Layout, draw_packet
from subunit2.cli.terminal import fit, shorten
from subunit2.conformance.attribution import clause_of_failure
from subunit2.conformance.corpus import Case, ReaderCase, WriterCase
from subunit2.conformance.reports.json import LAW_CLAUSES, NO_FAILURES
from subunit2.conformance.results import LAWS, LawResult, Result
from subunit2.conformance.terminal.formatting import (
    describe_stops,
    item_rows,
    labelled,
    octet_rows,
    origin_of,
    wrapped,
)
from subunit2.conformance.terminal.side_by_side import draw_differences, first_difference
from subunit2.items import Passthrough
from subunit2.plural import count
from subunit2.writer import encode

__all__ = ["draw_failure"]

_MARGIN: Final = 10

#: Items drawn before and after the first that is wrong.
_BEFORE: Final = 1
_AFTER: Final = 2

#: Octets drawn of a field, and rows of passthrough.
_MOST_OCTETS: Final = 16
_MOST_ROWS: Final = 4


def draw_failure(result: Result, layout: Layout) -> Iterator[str]:
    """Yield the lines of a case that failed, or of its laws that did not hold."""
    layout = layout._replace(most=_MOST_OCTETS)
    case = result.case
    if result.outcome not in NO_FAILURES:
        yield layout.paint(f"{case.id}: {result.outcome}", "bold red")
        clauses = tuple(dict.fromkeys((clause_of_failure(result), *case.clauses)))
        yield from _draw(case, clauses, result, layout)
    for law in LAWS:
        if law in result.laws and result.laws[law].outcome not in NO_FAILURES:
            held = result.laws[law]
            yield layout.paint(f"{case.id}: law {law}: {held.outcome}", "bold red")
            yield from _draw(case, (LAW_CLAUSES[law],), held, layout)


def _draw(
    case: Case, clauses: tuple[str, ...], result: Result | LawResult, layout: Layout
) -> Iterator[str]:
    for line in fit(case.title, layout.width - 2):
        yield f"  {line}"
    width = layout.width - 2
    reason = visible(abridge(result.reason)) or "no reason given"
    for line in labelled("reason", [reason], width, _MARGIN):
        yield f"  {layout.paint(line, 'yellow')}"
    label = "against"
    for name in clauses:
        clause = spec.clause(name)
        origin = shorten(origin_of(clause), max(width - _MARGIN - len(name) - 2, 8))
        yield f"  {label:{_MARGIN}}{layout.paint(name, 'cyan')}, {origin}"
        yield f"  {'':{_MARGIN}}  {shorten(clause.text, width - _MARGIN - 2)}"
        label = "also" if label == "against" else ""
    yield ""
    question = list(_draw_question(case, result, layout))
    if question:
        yield from question
        yield ""
    if result.expected is not None or result.actual is not None:
        yield from draw_differences(result.expected, result.actual, layout)
        yield ""


def _draw_question(case: Case, result: Result | LawResult, layout: Layout) -> Iterator[str]:
    """Yield the lines of the question, around the first item that is wrong."""
    if isinstance(case, ReaderCase):
        yield from _draw_stream(case.items, first_difference(case.items, result.actual), layout)
        if case.stops:
            for line in fit(f"the caller {describe_stops(case.stops)}", layout.width - 2):
                yield f"  {line}"
    elif isinstance(case, WriterCase):
        yield f"  {layout.paint('the packet to write', 'underline')}"
        for row in item_rows(case.packet):
            yield from wrapped(f"    {row}", layout.width)


def _draw_stream(items: list[dict[str, Any]], wrong: int, layout: Layout) -> Iterator[str]:
    """Yield the items of a stream around the first that is wrong, by field."""
    start = max(min(wrong, len(items) - 1) - _BEFORE, 0)
    shown = items[start : start + _BEFORE + 1 + _AFTER]
    first = f", from item {start + 1:,} on" if start else ""
    yield f"  {layout.paint(f'the stream by field{first}', 'underline')}"
    for form in shown:
        item = item_from_dict(form)
        if isinstance(item, Passthrough):
            yield layout.paint(
                f"  passthrough at {item.offset:,}, {count(item.length, 'octet')}", "bold"
            )
            for row in octet_rows(item.data, " " * 10, most=_MOST_ROWS):
                yield layout.paint(row, "blue")
            continue
        kind = "damaged" if form["kind"] == "corrupt" else "packet"
        more = f": {form['error']}" if "error" in form else ""
        more += ": recovered" if form.get("recovered") else ""
        title = f"{kind} at {item.offset:,}, {count(item.length, 'octet')}{more}"
        yield f"  {layout.paint(title, 'bold')}"
        yield from draw_packet(encode(item), item.offset, layout)
    if start + len(shown) < len(items):
        yield f"  … {count(len(items) - start - len(shown), 'item')} more"
