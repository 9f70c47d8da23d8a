"""`subunit2 spec`: show where the specification files are, and print clauses."""

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
  subunit2 spec                          list the files of the specification
  cat "$(subunit2 spec subunit2.ksy)"    print one of the files
  subunit2 spec length.least             print a clause, and its reason
  subunit2 spec length_too_short         print the clause of an error
  subunit2 spec recovery                 print all clauses of a chapter
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="a file, a clause, an error, or a chapter of clauses",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print paths or clauses, and return the exit status."""
    name = options.name
    if name in spec.FILES:
        print(json.dumps(str(spec.path(name))) if options.json else spec.path(name))
        return 0
    if name is None:
        if options.json:
            print(json.dumps({file: str(spec.path(file)) for file in spec.FILES}))
            return 0
        for file, content in spec.FILES.items():
            print(f"{spec.path(file)}\n    {content}")
        return 0
    selected = [
        clause
        for clause in spec.clauses().values()
        if name in (clause.id, clause.id.partition(".")[0], clause.error)
    ]
    if not selected:
        chapters = dict.fromkeys(clause.partition(".")[0] for clause in spec.clauses())
        raise CallError(
            f"no file, clause, error or chapter is called {name}; "
            f"chapters are {', '.join(chapters)}"
        )
    if options.json:
        for clause in selected:
            form = {key: value for key, value in clause._asdict().items() if value}
            print(json.dumps(form, ensure_ascii=False))
    else:
        print("\n\n".join(map(_describe, selected)))
    return 0


def _describe(clause: spec.Clause) -> str:
    lines = [f"{clause.id}  ({clause.level}, {clause.who})"]
    lines += textwrap.wrap(clause.text, 76, initial_indent="    ", subsequent_indent="    ")
    if clause.error is not None:
        lines.append(f"    Error: {clause.error}")
    sources = []
    if clause.readme is not None:
        sources.append(f"python-subunit's README, {clause.readme}: {clause.fact}")
    if clause.decision is not None:
        sources.append(f"Decided here: {clause.decision}")
    for source in sources:
        lines += textwrap.wrap(source, 76, initial_indent="    ", subsequent_indent="      ")
    return "\n".join(lines)
