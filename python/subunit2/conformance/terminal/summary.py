"""The summary of a run: tables of outcomes, and the conclusion."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import Final

from subunit2.cli.output import visible
from subunit2.cli.packet_view import Layout
from subunit2.conformance.corpus import PROFILES
from subunit2.conformance.reports.json import NO_FAILURES, ORIGINS, Tally
from subunit2.conformance.results import LAWS, OUTCOMES, Outcome
from subunit2.conformance.terminal.formatting import wrapped
from subunit2.plural import count

__all__ = ["print_summary"]

#: The meaning of a failure for the maintainer, by the origin of its clause.
_MEANS: Final = {
    "readme": "bugs",
    "decision": "arguments; the clause gives the reason",
}


def print_summary(tally: Tally, hidden: int, layout: Layout, *, is_interrupted: bool) -> None:
    """Print the summary of a run.

    :param hidden: number of failures that were not shown.
    """
    paint = layout.paint
    if hidden:
        note = f"… {count(hidden, 'more failure')} not shown: --max-shown N shows more, "
        for line in wrapped(f"{note}--json FILE has all", layout.width):
            print(paint(line, "bold"))
        print()
    for disagreement in tally.disagreements:
        case = f"{visible(disagreement.case)}: " if disagreement.case else ""
        for line in wrapped(f"{case}{visible(disagreement.reason)}", layout.width):
            print(paint(line, "bold red"))
    if tally.disagreements:
        print()
    rows: dict[str, Mapping[Outcome, int]] = {
        profile: tally.by_profile[profile] for profile in PROFILES if profile in tally.by_profile
    }
    if len(rows) > 1:
        rows["all"] = tally.outcomes
    if rows:
        _print_table("profile", rows, layout)
    laws: dict[str, Mapping[Outcome, int]] = {
        law: tally.laws[law] for law in LAWS if law in tally.laws
    }
    if laws:
        _print_table("law", laws, layout)
    for text, style in _conclusion(tally, is_interrupted):
        for line in wrapped(text, layout.width):
            print(paint(line, style))


def _print_table(head: str, rows: Mapping[str, Mapping[Outcome, int]], layout: Layout) -> None:
    outcomes = [each for each in OUTCOMES if any(row.get(each) for row in rows.values())]
    try:
        from rich import box
        from rich.console import Console
        from rich.table import Table
    except ModuleNotFoundError:
        for name, row in rows.items():
            numbers = ", ".join(f"{row[each]:,} {each}" for each in outcomes if row.get(each))
            print(f"{name}: {numbers}")
        print()
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column(head)
    for outcome in outcomes:
        table.add_column(outcome.replace(" ", "\N{NO-BREAK SPACE}"), justify="right")
    for name, row in rows.items():
        cells = [_cell(outcome, row.get(outcome, 0)) for outcome in outcomes]
        table.add_row(name, *cells, style="bold" if name == "all" else None)
    is_coloured = layout.paint("x", "bold") != "x"
    console = Console(
        file=sys.stdout,
        width=layout.width,
        color_system="standard" if is_coloured else None,
        force_terminal=is_coloured,
        highlight=False,
    )
    console.print(table)
    print()


def _cell(outcome: Outcome, number: int) -> str:
    if not number:
        return "[dim]-[/]"
    style = "green" if outcome == "passed" else "" if outcome in NO_FAILURES else "bold red"
    return f"[{style}]{number:,}[/]" if style else f"{number:,}"


def _conclusion(tally: Tally, is_interrupted: bool) -> Iterator[tuple[str, str]]:
    if tally.failures:
        yield "failures, by the origin of the clause", "bold"
        for origin, against in ORIGINS.items():
            number = tally.by_origin[origin]
            means = f" ({_MEANS[origin]})" if number else ""
            yield f"  {against}: {number:,}{means}", ""
        yield "", ""
    if tally.known:
        yield f"{count(tally.known, 'failure')} as the divergence file says", ""
    if tally.restarts:
        yield f"started again {count(tally.restarts, 'time')}", ""
    if tally.given_up is not None:
        yield f"given up: {visible(tally.given_up)}", "bold red"
    if is_interrupted:
        yield (
            f"interrupted after {tally.outcomes.total():,} of {count(tally.total, 'case')}",
            "bold",
        )
    asked = count(tally.asked, "case")
    if not tally.asked:
        yield "no case was run, so none has passed", "bold red"
    elif tally.failures:
        rest = f"; {tally.not_run:,} were not run" if tally.not_run else ""
        if tally.failures_of_laws:
            rest = f", {tally.failures_of_laws:,} of them only a law{rest}"
        yield f"{tally.failures:,} of {asked} failed{rest}", "bold red"
    elif tally.has_passed and not is_interrupted:
        yield f"{asked} passed" if not tally.known else f"{asked}: no other failure", "bold green"
    elif tally.disagreements:
        yield f"{asked}: no failure but those above", "bold red"
