"""`subunit2 ls`: list the ids of the tests in a stream."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from subunit2.cli.damage import DamageCounts, report_damage
from subunit2.cli.exits import DAMAGED, DONE, FAILED, NO_VERDICT
from subunit2.cli.id_list import FORMS, IdList
from subunit2.cli.input import add_stream_options, read_items, read_lists
from subunit2.cli.run_status import all_damaged, format_id
from subunit2.items import TEST_STATUSES, Packet
from subunit2.plural import count
from subunit2.streams.judgement import TestStates, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from subunit2.items import Item
    from subunit2.streams.judgement import Key

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
A test is listed at its first packet with a status. Each id is listed once, even
if the test ran several times or on several routes. A test is left out if one of
its packets with a status, from its start up to then, says that it cannot be run
by its id.

{FORMS}

--json prints one object: tests, each with test_id, route_code, status (the
first) and runnable; without --routes, route_code is the first one.

examples:
  python -m subunit.run discover --list | subunit2 ls
  subunit2 ls --status fail run.subunit > again
  python -m subunit.run --load-list again
  subunit2 ls --load-list wanted listing.subunit
      list the tests of `wanted` that are in the stream

exit status:
  0  success
  1  an id fits no line; damage, or output that looks like it, with --strict
  2  no such test in the stream; usage error, or a file cannot be read
  3  success, but the stream was damaged, or a report in it says so: tests may
     be missing
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    parser.add_argument(
        "--status",
        action="append",
        choices=TEST_STATUSES,
        metavar="STATUS",
        help=f"list only tests with this status ({', '.join(TEST_STATUSES)}); can be repeated",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="include tests that cannot be run by their id, such as layers",
    )
    parser.add_argument(
        "--load-list",
        metavar="LIST",
        help="list only tests whose id is in this file: a list, or a stream; - is standard input",
    )
    parser.add_argument(
        "--routes",
        action="store_true",
        help="print the route code and a tab before each id, and each id once for each route",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("-0", "--null", action="store_true", help="end each id with NUL")


def run(options: argparse.Namespace) -> int:
    """List the tests of a stream, and return the exit status."""
    wanted = None if options.load_list is None else read_lists([options.load_list], options.file)
    ids = IdList("ls", null=options.null)
    listing = _Listing(options, wanted)
    damage = DamageCounts()
    for items in read_items(options):
        damage.feed(items)
        new = listing.new_tests(items)
        if not options.json:
            for route, test_id in new:
                ids.add(test_id, (route or "") if options.routes else None)
            # clause reader.packet-at-once
            ids.flush()
    damage.close()
    is_whole = ids.close()
    if options.json:
        import json

        print(json.dumps({"tests": listing.forms}))
    if wanted is not None and (missing := _missing(wanted, listing.ids)):
        reason = f"{count(len(missing), 'test')} of the list not in the stream"
        example = format_id(min(missing))
        print(f"subunit2 ls: {reason}, such as {example}", file=sys.stderr)
    if listing.has_packets or not damage.errors:
        report_damage(damage, "ls", suspects=options.strict)
    else:
        print(f"subunit2 ls: {all_damaged(damage)}", file=sys.stderr)
    if (options.strict and damage.is_suspect) or not is_whole:
        return FAILED
    if damage.is_damaged:
        return DAMAGED
    if not listing.seen:
        print("subunit2 ls: no such test in the stream", file=sys.stderr)
        return NO_VERDICT
    return DONE


def _missing(wanted: set[str], found: set[str]) -> set[str]:
    """Return the ids of a list that were not found, each with or without a carriage return."""
    ends = {test_id.removesuffix("\r") for test_id in found}
    missing = wanted - found
    return {each.removesuffix("\r") for each in missing if each.removesuffix("\r") not in ends}


class _Listing:
    """Lists each test once.

    Holds the ids listed, and the tests under way.
    """

    def __init__(self, options: argparse.Namespace, wanted: set[str] | None) -> None:
        self._statuses = frozenset(options.status or TEST_STATUSES)
        self._options = options
        self._wanted = wanted
        self._states = TestStates(keep_ended=False)
        self.has_packets = False
        self.seen: set[str | tuple[str | None, str]] = set()
        self.ids: set[str] = set()
        self.forms: list[dict[str, object]] = []

    def new_tests(self, items: Iterable[Item]) -> list[Key]:
        """Return the tests to be listed that are new in these items."""
        new = []
        for item in items:
            if not isinstance(item, Packet):
                continue
            self.has_packets = True
            if (key := key_of(item)) is None:
                continue
            _, test_run = self._states.take(item)
            if item.test_status is None:
                continue
            runnable = item.runnable if test_run is None else test_run.runnable
            if self._is_new(item, runnable=runnable):
                new.append(key)
                self._note(item, runnable=runnable)
        return new

    def _is_new(self, packet: Packet, *, runnable: bool) -> bool:
        assert packet.test_id is not None
        if packet.test_status not in self._statuses:
            return False
        if not (runnable or self._options.all):
            return False
        if self._wanted is not None and packet.test_id not in self._wanted:
            return False
        # clause test-id.identity
        key = (packet.route_code, packet.test_id) if self._options.routes else packet.test_id
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def _note(self, packet: Packet, *, runnable: bool) -> None:
        assert packet.test_id is not None
        if self._wanted is not None:
            self.ids.add(packet.test_id)
        if self._options.json:
            self.forms.append(
                {
                    "test_id": packet.test_id,
                    "route_code": packet.route_code,
                    "status": packet.test_status,
                    "runnable": runnable,
                }
            )
