"""`subunit2 slowest`: show the tests that took longest.

Strategy: a heap holds only the tests to show, so memory does not grow with the run. The
duration of a test that never ended is the time from its start to the last timestamp of
the stream, so that hangs come first.
"""

from __future__ import annotations

import argparse
import heapq
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from subunit2.cli.damage import report_damage
from subunit2.cli.exits import TABLE
from subunit2.cli.input import add_stream_options, read_items
from subunit2.cli.live import LiveClock
from subunit2.cli.plan import PLAN, add_plan_options, plan_of
from subunit2.cli.run_status import (
    describe_clock_steps,
    format_id,
    format_route,
    format_seconds,
    judge,
    report_empty_run,
)
from subunit2.plural import count
from subunit2.streams.counting import RunCounts
from subunit2.streams.records import TestRecords

if TYPE_CHECKING:
    from collections.abc import Iterable

    from subunit2.streams.records import TestRecord

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
The same id on two routes counts as two tests, and each run of a test counts
separately. A test that never ended is shown with the time from its start to the
last timestamp of the stream, and marked; up to now, if a live stream is silent.
A test without a timestamp at its start or end is left out, and so is one whose
clock stepped back between them. Standard error says how many.

{PLAN}

--json prints one object: slowest, each with test_id, route_code, duration
(seconds), status (inprogress if the test never ended) and runnable.

examples:
  subunit2 slowest run.subunit
  subunit2 slowest -n 3 --json run.subunit | jq '.slowest[].duration'

{TABLE}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    add_plan_options(parser)
    parser.add_argument(
        "-n", "--number", type=_number, default=10, metavar="N", help="number of tests; default: 10"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="include tests that cannot be run by their id, such as layers",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
        raise argparse.ArgumentTypeError(f"{text} is not a number of tests")
    return int(text[:9])


class _Run(NamedTuple):
    """A run of a test, to be compared: by duration, then hangs first, then the earlier run."""

    duration: float
    hangs: bool
    order: int
    test: TestRecord


def run(options: argparse.Namespace) -> int:
    """Show the slowest tests, and return the exit status."""
    counts = RunCounts(plan_of(options))
    clock = LiveClock(options.file)
    records = TestRecords(keep_attachments=False)
    heap: list[_Run] = []
    order = 0

    def add(tests: Iterable[TestRecord]) -> None:
        nonlocal order
        for test in tests:
            took = test.duration
            if test.is_incomplete:
                took = clock.age(test.start)
            if took is None or not (test.runnable or options.all):
                continue
            order -= 1
            if len(heap) < options.number:
                heapq.heappush(heap, _Run(took, test.is_incomplete, order, test))
            elif took >= heap[0].duration:
                heapq.heappushpop(heap, _Run(took, test.is_incomplete, order, test))

    for items in read_items(options):
        counts.feed(items)
        clock.note(counts.last)
        add(records.feed(items))
    clock.stop()
    add(records.close())
    counts.close()
    _show(sorted(heap, reverse=True), as_json=options.json)
    report_empty_run("slowest", counts)
    if counts.has_run and not heap and not options.json:
        print("no test has timestamps at both its start and its end")
    if counts.clock_steps:
        print(f"subunit2 slowest: {describe_clock_steps(counts)}", file=sys.stderr)
    if counts.never_started:
        number = count(len(counts.never_started), "listed test")
        print(f"subunit2 slowest: {number} never started", file=sys.stderr)
    report_damage(counts.damage, "slowest", suspects=options.strict)
    return judge(counts, options)


def _show(runs: list[_Run], *, as_json: bool) -> None:
    if as_json:
        import json

        forms = [
            {
                "test_id": test.id,
                "route_code": test.route_code,
                "duration": took,
                "status": test.status,
                "runnable": test.runnable,
            }
            for took, _, _, test in runs
        ]
        print(json.dumps({"slowest": forms}))
        return
    for took, _, _, test in runs:
        mark = "  never ended" if test.is_incomplete else ""
        print(
            f"{format_seconds(took):>10}  {format_id(test.id)}{format_route(test.route_code)}{mark}"
        )
