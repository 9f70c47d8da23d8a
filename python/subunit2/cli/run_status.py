"""The exit status of the commands that judge a run, and the form of their output.

Strategy: a failure takes precedence, then damage, then an empty run (`exits`): where octets
are damaged, tests may have run. An empty run, and one of damage alone, is also reported in
one line on standard error, since it would look like success.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from subunit2.cli.exits import DAMAGED, DONE, FAILED, NO_VERDICT
from subunit2.plural import count

if TYPE_CHECKING:
    import argparse

    from subunit2.cli.damage import DamageCounts
    from subunit2.items import Timestamp
    from subunit2.streams.counting import RunCounts

__all__ = [
    "EMPTY",
    "all_damaged",
    "describe_clock_steps",
    "describe_empty_run",
    "format_id",
    "format_route",
    "format_seconds",
    "judge",
    "report_empty_run",
    "timestamp_form",
]

#: An empty route code or test id in output, to tell it from a missing one.
EMPTY: Final = '""'


def judge(counts: RunCounts, options: argparse.Namespace) -> int:
    """Return the exit status of a run."""
    if counts.has_failed or (options.strict and counts.damage.is_suspect):
        return FAILED
    if counts.is_damaged:
        return DAMAGED
    return DONE if counts.has_run else NO_VERDICT


def describe_empty_run(counts: RunCounts) -> str:
    """Explain why a run has no result; an empty string if a test ran."""
    if counts.has_run:
        return ""
    if counts.errors and not counts.packets:
        return all_damaged(counts.damage)
    if counts.is_damaged:
        return "no packet about a test's run, and the stream is damaged"
    if counts.listed:
        return f"nothing ran: {count(counts.listed, 'test')} listed, none started"
    if counts.packets:
        return "nothing ran: no packet is about a test's run"
    if counts.looks_like_version_1:
        return (
            "nothing ran: no subunit v2 packets; it looks like subunit v1, "
            "which subunit-1to2 converts"
        )
    if counts.passthrough_octets or counts.errors:
        return "nothing ran: no subunit v2 packets"
    return "nothing ran: the stream is empty"


def describe_clock_steps(counts: RunCounts) -> str:
    """Count the tests without a duration, since their clock stepped back."""
    number = counts.clock_steps
    if number == 1:
        return "1 test has no duration: its clock stepped back"
    return f"{number:,} tests have no duration: their clocks stepped back"


def all_damaged(damage: DamageCounts) -> str:
    """Describe a stream without an intact packet.

    >>> from subunit2.cli.damage import DamageCounts
    >>> damage = DamageCounts()
    >>> damage.errors["checksum"] = 66
    >>> all_damaged(damage)
    '66 packets, all damaged'
    """
    number = damage.errors.total()
    return f"{count(number, 'packet')}, {'all ' if number > 1 else ''}damaged"


def report_empty_run(command: str, counts: RunCounts) -> None:
    """Report on standard error that no test ran, if so."""
    if reason := describe_empty_run(counts):
        print(f"subunit2 {command}: {reason}", file=sys.stderr)


def format_id(test_id: str) -> str:
    """Format a test id for a person, with ` › ` between its parts (`test-id.children`).

    >>> format_id("foo"), format_id("")
    ('foo', '""')
    """
    from subunit2.cli.output import visible_id

    return visible_id(test_id) or EMPTY


def format_route(route: str | None) -> str:
    """Format a route to follow a test or file; an empty string for None.

    >>> format_route("0/3"), format_route(None), format_route("")
    ('  [route 0/3]', '', '  [route ""]')
    """
    from subunit2.cli.output import visible

    return "" if route is None else f"  [route {visible(route) or EMPTY}]"


def format_seconds(number: float) -> str:
    """Format a duration for a person: seconds, from a minute on minutes, then hours.

    >>> format_seconds(1.5), format_seconds(75), format_seconds(7261), format_seconds(-1)
    ('1.500 s', '1:15', '2:01:01', '-1.000 s')
    """
    if -60 < number < 60:
        return f"{number:.3f} s"
    whole = round(abs(number))
    minutes = f"{whole // 60 % 60}:{whole % 60:02}"
    if whole >= 3600:
        minutes = f"{whole // 3600}:{minutes.rjust(5, '0')}"
    return f"-{minutes}" if number < 0 else minutes


def timestamp_form(when: Timestamp | None) -> dict[str, int] | None:
    """Return the JSON form of a timestamp, as in the form of an item."""
    if when is None:
        return None
    return {"seconds": when.seconds, "nanoseconds": when.nanoseconds}
