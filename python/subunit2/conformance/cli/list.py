"""`subunit2 conformance list`: list the cases, one a line."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Final

from subunit2.cli.terminal import shorten
from subunit2.conformance.selection import (
    add_colour,
    add_corpus,
    add_selection,
    layout_of,
    open_corpus,
    select_cases,
)

__all__ = ["configure", "run"]

_EPILOG: Final = """\
examples:
  subunit2 conformance list
  subunit2 conformance list --profile recovery --flag captured
  subunit2 conformance list --clause checksum.crc32
  subunit2 conformance list --json | jq -r 'select(.origin == "readme").id'
"""

#: Maximum width of the column of ids, to leave room for titles.
_WIDEST: Final = 64

#: Minimum room for a title; with less, profiles are left out.
_LEAST_TITLE: Final = 24


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the action."""
    parser.epilog = _EPILOG
    add_selection(parser)
    add_corpus(parser)
    parser.add_argument("--json", action="store_true", help="write JSON Lines, one object a case")
    add_colour(parser)


def run(options: argparse.Namespace) -> int:
    """List cases; return the exit status."""
    cases = select_cases(open_corpus(options), options)
    if options.json:
        for case in cases:
            fields = {
                "id": case.id,
                "profile": case.profile,
                "title": case.title,
                "clauses": case.clauses,
                "origin": case.origin,
                "flags": case.flags,
            }
            print(json.dumps(fields))
        return 0
    paint, width, _ = layout_of(options, None)
    ids = min(max(len(case.id) for case in cases), _WIDEST)
    profiles = max(len(case.profile) for case in cases)
    room = width - ids - 2
    has_profiles = not sys.stdout.isatty() or room >= profiles + 2 + _LEAST_TITLE
    if has_profiles:
        room -= profiles + 2
    for case in cases:
        profile = f"{case.profile:{profiles}}  " if has_profiles else ""
        title = case.title
        if sys.stdout.isatty():
            # On a terminal each case stays on one line.
            title = shorten(title, max(room - max(len(case.id) - ids, 0), 1))
        print(f"{paint(f'{case.id:{ids}}', 'bold')}  {profile}{title}")
    return 0
