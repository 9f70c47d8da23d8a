"""`subunit2 stats`: show how a run went, in numbers.

On a terminal, a bar above the numbers shows the share of each status.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from subunit2.cli.damage import describe_suspects, regions_line, report_lines
from subunit2.cli.exits import TABLE
from subunit2.cli.input import add_stream_options, read_items
from subunit2.cli.live import LiveClock
from subunit2.cli.plan import PLAN, add_plan_options, plan_of
from subunit2.cli.run_status import (
    EMPTY,
    format_id,
    format_route,
    format_seconds,
    judge,
    report_empty_run,
    timestamp_form,
)
from subunit2.plural import count
from subunit2.streams.counting import RunCounts

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping
    from typing import Any

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
Tests that cannot be run by their id (a layer, a subtest, an assertion) are
counted separately. A test that started and never ended is incomplete, which is
a failure. A test that ran twice counts twice.

{PLAN}

keys of --json:
  tests, not_runnable  the number of each final status, and of incomplete tests
  running              the incomplete tests: test_id, route_code, runnable,
                       started (seconds and nanoseconds), age (seconds up to
                       the last packet; up to now, if a live stream is silent)
  never_started        the ids of the tests that never started, each once
  not_started          these tests: test_id, route_code of the listing, runnable
  without_status       the number of tests without a status: with only files or
                       tags, or with packets after their end
  listed               the number of packets with status exists
  routes               route_code, tests (ended), status of the route as a whole
  elapsed              seconds from the first timestamp to the last
  total_time           the sum of all known durations, in seconds
  clock_steps          the number of tests without a duration, since the clock
                       stepped back between start and end
  packets, recovered, passthrough_octets, damaged_regions, damaged_octets,
  errors               counts of the stream's items; damaged regions that are
                       output of a program count as passthrough, and packets
                       inside the octets that they seem to claim as recovered
  damage_reports       for each route with packets of the test subunit.parser,
                       which report damage: route_code, reports, octets
  suspects             the number of places in the output that look like a
                       damaged packet
  suspect_offsets      the offsets of the first 20 of them

examples:
  subunit2 stats run.subunit
  make check 2>&1 | subunit2 stats && echo all is well
  subunit2 stats --json run.subunit | jq '.running[].test_id'

{TABLE}"""

#: The colour of each status, in the order of the output.
_STYLES: Final = {
    "success": "green",
    "xfail": "cyan",
    "skip": "yellow",
    "uxsuccess": "magenta",
    "fail": "red",
    "incomplete": "bright_red",
}

#: The most incomplete tests, and the most routes, named without --json.
_MOST: Final = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    add_plan_options(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Count the tests of a stream, and return the exit status."""
    counts = RunCounts(plan_of(options))
    clock = LiveClock(options.file)
    interrupted = False
    try:
        for items in read_items(options):
            counts.feed(items)
            clock.note(counts.last)
    except KeyboardInterrupt:
        # The usual end of watching a run that hangs: the hanging tests are still shown.
        interrupted = True
    clock.stop(interrupted=interrupted)
    counts.close()
    if options.json:
        import json

        print(json.dumps(_form(counts, clock)))
    else:
        _show(counts, clock)
    if not interrupted:
        report_empty_run("stats", counts)
    return 130 if interrupted else judge(counts, options)


def _statuses(counts: RunCounts, *, runnable: bool) -> dict[str, int]:
    ended = counts.ended if runnable else counts.ended_not_runnable
    numbers: dict[str, int] = dict(ended.items())
    numbers["incomplete"] = len(counts.incomplete(runnable=runnable))
    return {name: numbers[name] for name in _STYLES}


def _form(counts: RunCounts, clock: LiveClock) -> dict[str, Any]:
    """Return the JSON form that `--json` prints."""
    damage = counts.damage
    return {
        "tests": _statuses(counts, runnable=True),
        "not_runnable": _statuses(counts, runnable=False),
        "running": [
            {
                "test_id": test_id,
                "route_code": route,
                "runnable": test_run.runnable,
                "started": timestamp_form(test_run.started),
                "age": clock.age(test_run.started),
            }
            for (route, test_id), test_run in counts.running.items()
        ],
        "never_started": list(dict.fromkeys(test.id for test in counts.never_started)),
        "not_started": [
            {"test_id": test.id, "route_code": test.route_code, "runnable": test.runnable}
            for test in counts.never_started
        ],
        "without_status": counts.without_status,
        "listed": counts.listed,
        "routes": [
            {
                "route_code": route,
                "tests": tests,
                "status": counts.route_statuses.get(route),
            }
            for route, tests in counts.routes.items()
        ],
        "elapsed": counts.elapsed,
        "total_time": counts.total_time,
        "clock_steps": counts.clock_steps,
        "packets": counts.packets,
        "recovered": counts.recovered,
        "passthrough_octets": counts.passthrough_octets,
        "damaged_regions": damage.errors.total(),
        "damaged_octets": damage.octets,
        "errors": dict(damage.errors),
        "damage_reports": [
            {
                "route_code": route,
                "reports": reports,
                "octets": damage.reported_octets[route],
            }
            for route, reports in damage.reports.items()
        ],
        "suspects": damage.suspects,
        "suspect_offsets": damage.suspect_offsets,
    }


def _show(counts: RunCounts, clock: LiveClock) -> None:
    seen = counts.packets or counts.errors or counts.passthrough_octets
    if not (seen or counts.never_started):
        # `report_empty_run` says everything about an empty stream.
        return
    numbers = _statuses(counts, runnable=True)
    if sys.stdout.isatty() and any(numbers.values()):
        _draw(numbers)
    for line in _lines(counts, numbers, clock):
        print(line)


def _draw(numbers: Mapping[str, int]) -> None:
    """Draw a bar across the terminal, divided by status."""
    try:
        from rich.console import Console
        from rich.text import Text
    except ModuleNotFoundError:
        return
    console = Console(file=sys.stdout)
    total = sum(numbers.values())
    # Even a single test of a status is visible.
    widths = {
        name: max(1, round(number * (console.width - len(numbers)) / total))
        for name, number in numbers.items()
        if number
    }
    bar = Text(no_wrap=True, overflow="crop")
    for name, width in widths.items():
        bar.append("━" * width, style=_STYLES[name])
    console.print(bar)
    legend = "   ".join(f"[{_STYLES[name]}]━[/] {numbers[name]:,} {name}" for name in widths)
    console.print(legend, highlight=False)
    console.print()


def _lines(counts: RunCounts, numbers: Mapping[str, int], clock: LiveClock) -> Iterator[str]:
    yield from _tally("tests", numbers)
    others = _statuses(counts, runnable=False)
    if any(others.values()):
        yield from _tally("not runnable", others)
    if counts.running:
        yield "never ended"
    for (route, test_id), test_run in list(counts.running.items())[:_MOST]:
        age = clock.age(test_run.started)
        since = "" if age is None else f"  for {format_seconds(age)}"
        yield f"  {format_id(test_id)}{format_route(route)}{since}"
    if len(counts.running) > _MOST:
        yield f"  … {len(counts.running) - _MOST:,} more, see --json"
    # An interrupted run might have started them.
    label = "not started" if clock.was_interrupted else "never started"
    yield from _never_started_lines(counts, label)
    if counts.listed:
        yield f"{'listed':14}{counts.listed:9,}"
    if counts.without_status:
        yield f"{'no status':14}{counts.without_status:9,}  (only files or tags, or after the end)"
    yield from _route_lines(counts)
    if counts.elapsed is not None:
        yield f"{'elapsed':14}{format_seconds(counts.elapsed):>9}"
        yield f"{'in tests':14}{format_seconds(counts.total_time):>9}"
    if counts.clock_steps:
        yield f"{'no duration':14}{counts.clock_steps:9,}  (the clock stepped back)"
    if counts.passthrough_octets:
        yield f"{'output':14}{count(counts.passthrough_octets, 'octet')} between packets"
    if line := regions_line(counts.damage):
        yield f"{'damaged':14}{line}"
    for line in report_lines(counts.damage):
        yield f"{'damaged':14}{line}"
    if line := describe_suspects(counts.damage):
        yield f"{'suspect':14}{line}"
    if counts.recovered and counts.errors:
        yield f"{'recovered':14}{count(counts.recovered, 'packet')} from damaged regions"


def _never_started_lines(counts: RunCounts, label: str) -> Iterator[str]:
    tests = counts.never_started
    if tests:
        yield f"{label:14}{len(tests):9,}"
    for test in tests[:_MOST]:
        mark = "" if test.runnable else "  not runnable"
        yield f"  {format_id(test.id)}{format_route(test.route_code)}{mark}"
    if len(tests) > _MOST:
        yield f"  … {len(tests) - _MOST:,} more, see --json"


def _tally(label: str, numbers: Mapping[str, int]) -> Iterator[str]:
    yield f"{label:14}{sum(numbers.values()):9,}"
    for name, number in numbers.items():
        if number:
            yield f"  {name:12}{number:9,}"


def _route_lines(counts: RunCounts) -> Iterator[str]:
    from subunit2.cli.output import visible

    routes = [route for route in counts.routes if route is not None]
    if routes:
        named = ", ".join(visible(route) or EMPTY for route in routes[:_MOST])
        more = " …" if len(routes) > _MOST else ""
        yield f"{'routes':14}{len(routes):9,}  {named}{more}"
    for route, status in counts.route_statuses.items():
        label = "never ended" if status == "inprogress" else status
        yield f"  as a whole: {label}{format_route(route)}"
