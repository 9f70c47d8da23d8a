"""`subunit2 conformance show`: show cases, with their octets by field."""

from __future__ import annotations

import argparse
import json
from typing import Final

from subunit2.cli.exits import CallError
from subunit2.conformance.corpus import Case, WriterCase
from subunit2.conformance.drivers.questions import answer, named_question
from subunit2.conformance.selection import (
    add_colour,
    add_corpus,
    add_selection,
    layout_of,
    open_corpus,
    select_cases,
)
from subunit2.conformance.terminal.case_view import draw_case

__all__ = ["configure", "run"]

_EPILOG: Final = """\
A case is shown with its clauses and their origin, its mutation if it has one,
its octets by field, and the expected answer.

examples:
  subunit2 conformance show recovery/checksum-then-good-packet
  subunit2 conformance show 'writer/refuse-*'
  subunit2 conformance show --lines writer/exists
  subunit2 conformance show --clause stream.text | less -R
  subunit2 conformance show --json CASE | jq -r .bytes | xxd -r -p > x.subunit
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the action."""
    parser.epilog = _EPILOG
    parser.add_argument("ids", nargs="*", metavar="CASE", help="the id of a case, or a pattern")
    add_selection(parser)
    add_corpus(parser)
    parser.add_argument(
        "--full", action="store_true", help="show all octets of a field, all items and all lines"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--json", action="store_true", help="write JSON Lines: the cases as in cases.json"
    )
    form.add_argument(
        "--lines",
        action="store_true",
        help="write cases of writers as questions in plain lines, with their answers",
    )
    add_colour(parser)


def run(options: argparse.Namespace) -> int:
    """Show cases; return the exit status."""
    corpus = open_corpus(options)
    layout = layout_of(options, None if options.full else 32)
    cases = select_cases(corpus, options, [*options.ids, *options.case])
    if options.lines:
        return _write_lines(cases)
    for number, case in enumerate(cases):
        if options.json:
            print(json.dumps(case.form))
            continue
        if number:
            print(layout.paint("─" * layout.width, "dim"))
        draw_case(case, corpus, layout)
    return 0


def _write_lines(cases: list[Case]) -> int:
    """Write cases of writers, each as a question and its answer."""
    asked = [case for case in cases if isinstance(case, WriterCase)]
    if not asked:
        raise CallError("--lines: none of these cases is one of a writer")
    for number, case in enumerate(asked):
        print("\n" if number else "", end="")
        print(named_question(case), end="")
        print(answer(case), end="")
    return 0
