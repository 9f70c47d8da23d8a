"""`subunit2 spec`: where the specification lies, and what its clauses say."""

from __future__ import annotations

import argparse
import json
import textwrap
from typing import Final

from subunit2 import spec
from subunit2.cli.exits import CallError

__all__ = ["configure", "run"]

_EPILOG: Final = """\
examples:
  subunit2 spec                          the files of the specification
  cat "$(subunit2 spec subunit2.ksy)"    one of them
  subunit2 spec length.least             what a clause says, and why
  subunit2 spec length_too_short         the clause that an error breaks
  subunit2 spec recovery                 all clauses of a chapter
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="a file, a clause, an error, or a chapter of clauses",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print paths or clauses; the exit status."""
    name = options.name
    if name in spec.FILES:
        print(json.dumps(str(spec.path(name))) if options.json else spec.path(name))
        return 0
    if name is None:
        if options.json:
            print(json.dumps({file: str(spec.path(file)) for file in spec.FILES}))
            return 0
        for file, what in spec.FILES.items():
            print(f"{spec.path(file)}\n    {what}")
        return 0
    chosen = [
        clause
        for clause in spec.clauses().values()
        if name in (clause.id, clause.id.partition(".")[0], clause.error)
    ]
    if not chosen:
        chapters = dict.fromkeys(clause.partition(".")[0] for clause in spec.clauses())
        raise CallError(
            f"no file, clause, error or chapter is called {name}; "
            f"chapters are {', '.join(chapters)}"
        )
    if options.json:
        for clause in chosen:
            said = {key: value for key, value in clause._asdict().items() if value}
            print(json.dumps(said, ensure_ascii=False))
    else:
        print("\n\n".join(map(_describe, chosen)))
    return 0


def _describe(clause: spec.Clause) -> str:
    lines = [f"{clause.id}  ({clause.level}, {clause.who})"]
    lines += textwrap.wrap(clause.text, 76, initial_indent="    ", subsequent_indent="    ")
    if clause.error is not None:
        lines.append(f"    Error: {clause.error}")
    sources = []
    if clause.readme is not None:
        sources.append(f"python-subunit's README: “{clause.readme}”")
    if clause.decision is not None:
        sources.append(f"Decided here: {clause.decision}")
    for source in sources:
        lines += textwrap.wrap(source, 76, initial_indent="    ", subsequent_indent="      ")
    return "\n".join(lines)
