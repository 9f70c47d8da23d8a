"""`subunit2 conformance show`: cases as a person would draw them."""

from __future__ import annotations

import argparse
import json
from typing import Final

from subunit2.conformance.selection import (
    add_colour,
    add_corpus,
    add_selection,
    choose,
    layout_of,
    open_corpus,
)
from subunit2.conformance.terminal.case_view import draw_case

__all__ = ["configure", "run"]

_EPILOG: Final = """\
A case is shown with what its clauses say and where they come from, what was
done to which octets, the octets by field, and what has to come out of them.

examples:
  subunit2 conformance show recovery/checksum-then-good-packet
  subunit2 conformance show 'writer/refuse-*'
  subunit2 conformance show --clause stream.text | less -R
  subunit2 conformance show --json CASE | jq -r .bytes | xxd -r -p > case.subunit
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the action can be called with."""
    parser.epilog = _EPILOG
    parser.add_argument("ids", nargs="*", metavar="CASE", help="an id, or a pattern of ids")
    add_selection(parser)
    add_corpus(parser)
    parser.add_argument(
        "--full", action="store_true", help="show all octets of a field, all items and all lines"
    )
    parser.add_argument(
        "--json", action="store_true", help="JSON Lines: the cases as cases.json has them"
    )
    add_colour(parser)


def run(options: argparse.Namespace) -> int:
    """Show cases; the exit status."""
    corpus = open_corpus(options)
    layout = layout_of(options, None if options.full else 32)
    for number, case in enumerate(choose(corpus, options, [*options.ids, *options.case])):
        if options.json:
            print(json.dumps(case.form))
            continue
        if number:
            print(layout.paint("─" * layout.width, "dim"))
        draw_case(case, corpus, layout)
    return 0
