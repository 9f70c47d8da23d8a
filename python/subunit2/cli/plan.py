"""The options of commands that hold a run to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from subunit2.cli.exits import CallError
from subunit2.streams.plan import Plan, read_plan

if TYPE_CHECKING:
    import argparse

__all__ = ["PLAN", "add_plan_options", "plan_of"]

#: The rules, for the help texts.
PLAN: Final = """\
A stream that lists tests and runs some of them is held to its list: a listed
test that never started is a failure, and --no-plan ignores the list. A stream
that only lists is a listing. --expect holds the run to a plan from outside as
well: a list with an id a line, ids ended by NUL, or a stream; of a stream that
lists tests, these, of another, the tests that ran."""


def add_plan_options(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a plan."""
    parser.add_argument(
        "--no-plan", action="store_true", help="do not judge by the tests that the stream lists"
    )
    parser.add_argument(
        "--expect",
        metavar="PLAN",
        help="judge by the tests of this list of ids, or stream, too; - is standard input",
    )


def plan_of(options: argparse.Namespace) -> Plan:
    """Return the plan that the options ask for.

    :raises CallError: if it cannot be read, or has no tests.
    """
    return Plan(_expected(options), is_held=not options.no_plan)


def _expected(options: argparse.Namespace) -> list[tuple[str | None, str]]:
    from subunit2.cli.input import open_input
    from subunit2.cli.output import visible

    name = options.expect
    if name is None:
        return []
    if name == "-" and options.file == "-":
        raise CallError("the plan and the stream are both standard input: name a FILE for one")
    with open_input(name) as source:
        octets = b"".join(chunk for chunk in source.chunks() if chunk)
    try:
        return read_plan(octets)
    except ValueError as error:
        label = "standard input" if name == "-" else visible(name)
        raise CallError(f"the plan {label}: {error}") from None
