"""What a run comes to: the exit status that all commands share which judge one.

Strategy: a failure comes first, then that nothing ran, then damage (`exits`). That
nothing ran is also said, in one line on standard error: an empty stream is the one
thing that looks like success and is none.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from subunit2.cli.exits import DAMAGED, DONE, FAILED, NO_VERDICT
from subunit2.plural import count

if TYPE_CHECKING:
    import argparse

    from subunit2.items import Timestamp
    from subunit2.streams.counting import RunCounts

__all__ = [
    "EMPTY",
    "complain_of_nothing",
    "judge",
    "say_id",
    "say_nothing",
    "say_route",
    "seconds",
    "timestamp_form",
]

#: How an empty route code or test id is shown, which is not the same as none.
EMPTY: Final = '""'


def judge(counts: RunCounts, options: argparse.Namespace) -> int:
    """The exit status of a run that was counted."""
    if counts.has_failed or (options.strict and counts.is_damaged):
        return FAILED
    if not counts.has_run:
        return NO_VERDICT
    return DAMAGED if counts.is_damaged else DONE


def say_nothing(counts: RunCounts) -> str:
    """Why there is nothing to judge; empty where something ran."""
    if counts.has_run:
        return ""
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


def complain_of_nothing(command: str, counts: RunCounts) -> None:
    """Say on standard error that nothing ran, if so."""
    if reason := say_nothing(counts):
        print(f"subunit2 {command}: {reason}", file=sys.stderr)


def say_id(test_id: str) -> str:
    """A test id to read.

    >>> say_id("foo"), say_id("")
    ('foo', '""')
    """
    from subunit2.cli.output import visible

    return visible(test_id) or EMPTY


def say_route(route: str | None) -> str:
    """A route behind what is on it; empty where there is none.

    >>> say_route("0/3"), say_route(None), say_route("")
    ('  [route 0/3]', '', '  [route ""]')
    """
    from subunit2.cli.output import visible

    return "" if route is None else f"  [route {visible(route) or EMPTY}]"


def seconds(number: float) -> str:
    """A time to read, in seconds, from an hour on in hours.

    >>> seconds(1.5), seconds(75), seconds(7261), seconds(-1)
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
    """A time in JSON, as in the form of an item."""
    if when is None:
        return None
    return {"seconds": when.seconds, "nanoseconds": when.nanoseconds}
