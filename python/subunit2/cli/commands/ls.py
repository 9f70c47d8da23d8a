"""`subunit2 ls`: the ids of the tests in a stream."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from subunit2.cli.exits import DAMAGED, DONE, FAILED, NO_VERDICT
from subunit2.cli.input import add_stream_options, read_items, read_lists
from subunit2.cli.output import print_data, visible
from subunit2.cli.run_status import say_id
from subunit2.items import TEST_STATUSES, Corrupt, Packet
from subunit2.plural import count
from subunit2.streams.listing import list_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from subunit2.items import Item

__all__ = ["configure", "run"]

_EPILOG: Final = """\
A test is listed when it is first heard of: that it exists, started or ended. Each id
is listed once, however often and on however many routes its test ran.

An id that cannot stand in a line as it is (it holds a newline or another control
character but a tab, or what turns text around, begins or ends with a space, begins
with ", or is empty) is printed as a JSON string; --load-list reads both. With --null,
ids stand as they are. Either way they are in UTF-8.

--json prints one object: tests, each with test_id, route_code, status (what was
heard of it first) and runnable; without --routes, route_code is that of the first.

examples:
  python -m subunit.run discover --list | subunit2 ls
  subunit2 ls --status fail run.subunit > again && python -m subunit.run --load-list again
  subunit2 ls --load-list wanted listing.subunit    those of `wanted` that are there

exit status:
  0  done
  1  the stream was damaged, under --strict
  2  there is no such test in the stream; the call's fault
  3  done, but the stream was damaged: tests may be missing
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    parser.add_argument(
        "--status",
        action="append",
        choices=TEST_STATUSES,
        metavar="STATUS",
        help=f"only tests that had this status ({', '.join(TEST_STATUSES)}); can be repeated",
    )
    parser.add_argument(
        "--all", action="store_true", help="also what cannot be run by its id, such as layers"
    )
    parser.add_argument(
        "--load-list",
        metavar="LIST",
        help="only tests whose id is in this file: a list, or a stream; - is standard input",
    )
    parser.add_argument(
        "--routes",
        action="store_true",
        help="print the route code and a tab before each id, and each test of a route",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object")
    form.add_argument("-0", "--null", action="store_true", help="end each id with NUL")


def run(options: argparse.Namespace) -> int:
    """List the tests of a stream; the exit status."""
    wanted = None if options.load_list is None else read_lists([options.load_list], options.file)
    listing = _Listing(options, wanted)
    damaged = False
    for items in read_items(options):
        damaged = damaged or any(isinstance(item, Corrupt) for item in items)
        lines = listing.lines_of(items)
        if lines and not options.json:
            # clause reader.packet-at-once
            print_data("".join(lines))
            sys.stdout.flush()
    if options.json:
        import json

        print(json.dumps({"tests": listing.forms}))
    if wanted is not None and (missing := wanted.difference(listing.ids)):
        said = f"{count(len(missing), 'test')} of the list not in the stream"
        example = say_id(min(missing))
        print(f"subunit2 ls: {said}, such as {example}", file=sys.stderr)
    if damaged and options.strict:
        return FAILED
    if not listing.seen:
        print("subunit2 ls: no such test in the stream", file=sys.stderr)
        return NO_VERDICT
    return DAMAGED if damaged else DONE


class _Listing:
    """What is listed, each test once.

    Holds what it has listed.
    """

    def __init__(self, options: argparse.Namespace, wanted: set[str] | None) -> None:
        self._statuses = frozenset(options.status or TEST_STATUSES)
        self._options = options
        self._wanted = wanted
        self._end = "\0" if options.null else "\n"
        self.seen: set[str | tuple[str | None, str]] = set()
        self.ids: set[str] = set()
        self.forms: list[dict[str, object]] = []

    def lines_of(self, items: Iterable[Item]) -> list[str]:
        """The lines of the tests that are new in these items."""
        lines = []
        for item in items:
            if isinstance(item, Packet) and item.test_id is not None and self._is_new(item):
                lines.append(self._line(item.route_code, item.test_id))
                self._note(item)
        return lines

    def _is_new(self, packet: Packet) -> bool:
        assert packet.test_id is not None
        if packet.test_status not in self._statuses:
            return False
        if not (packet.runnable or self._options.all):
            return False
        if self._wanted is not None and packet.test_id not in self._wanted:
            return False
        # clause test-id.identity
        key = (packet.route_code, packet.test_id) if self._options.routes else packet.test_id
        if key in self.seen:
            return False
        self.seen.add(key)
        return True

    def _line(self, route: str | None, test_id: str) -> str:
        shown = test_id if self._options.null else list_line(test_id)
        if self._options.routes:
            before = route or ""
            shown = f"{before if self._options.null else visible(before)}\t{shown}"
        return shown + self._end

    def _note(self, packet: Packet) -> None:
        assert packet.test_id is not None
        if self._wanted is not None:
            self.ids.add(packet.test_id)
        if self._options.json:
            self.forms.append(
                {
                    "test_id": packet.test_id,
                    "route_code": packet.route_code,
                    "status": packet.test_status,
                    "runnable": packet.runnable,
                }
            )
