"""`subunit2 failing`: show the tests that failed or never ended, and why.

Strategy: a test is shown as soon as it has failed. Tests that never ended come last, with
the last output of their route, since that is all that a killed worker leaves. Text from a
stream is escaped, line by line.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from subunit2.cli.damage import describe_suspects, regions_line, report_damage
from subunit2.cli.exits import FAILED, TABLE, CallError
from subunit2.cli.id_list import FORMS, IdList
from subunit2.cli.input import add_stream_options, read_items
from subunit2.cli.output import visible
from subunit2.cli.plan import PLAN, add_plan_options, plan_of
from subunit2.cli.run_status import (
    format_id,
    format_route,
    format_seconds,
    judge,
    report_empty_run,
    timestamp_form,
)
from subunit2.damage.counting import DamageReports, is_report
from subunit2.damage.reports import DATA_FILE, ERROR_FILE, PARSER
from subunit2.items import Packet, Passthrough
from subunit2.plural import count
from subunit2.streams.attachments import is_text
from subunit2.streams.counting import RunCounts
from subunit2.streams.records import TestRecord, TestRecords
from subunit2.streams.routing import nearest_route

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from typing import Any

    from subunit2.cli.terminal import Paint
    from subunit2.damage.counting import DamageReport
    from subunit2.items import Item
    from subunit2.streams.attachments import Attachment

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
A test has failed if its status is fail or uxsuccess, if it started and never
ended, or if it was listed and never started. Only tests that can be run again
by their id are shown, without --all; the exit status counts all tests. --list
prints each id once, for the --load-list of a runner.

{PLAN}

{FORMS}

A report of damage (the test subunit.parser, of a multiplexer or a reader) is
shown with its reason. It counts as damage, and is never in --list.

--json prints one object: failing, each with test_id, route_code, status
(inprogress if the test never ended, exists if it never started), runnable,
start, end, duration (null if unknown), tags and attachments (name, mime_type,
complete, text; only those with text); never_started, the ids of the tests that
never started; routes, the last status of each route as a whole; output, the
last output of the routes of tests that never ended; damaged_regions, the number
of those of the stream itself; damage_reports, each with route_code, octets,
reason and complete; suspects, the number of places in the output that look like
a damaged packet, and suspect_offsets, the first 20.

examples:
  subunit2 failing run.subunit
  stestr last --subunit | subunit2 failing --list > again
  subunit2 failing --json run.subunit | jq -r '.failing[].attachments[].text'

{TABLE}"""

#: The most octets kept of the last output of a route, and the most lines shown of it and
#: of a log that is not a traceback.
_TAIL: Final = 4096
_LINES: Final = 20

#: The command that writes the octets of reports of damage.
_EXTRACT: Final = f"subunit2 extract --test {PARSER}"

#: The words for statuses that are not final.
_LABELS: Final = {"inprogress": "never ended", "exists": "never started"}

#: The files of printed output (`file.well-known`).
_OUTPUT: Final = ("stdout", "stderr")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    add_plan_options(parser)
    parser.add_argument(
        "--all",
        action="store_true",
        help="include tests that cannot be run by their id, such as layers",
    )
    parser.add_argument("--full", action="store_true", help="show all lines of logs and output")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--list", action="store_true", help="print only the ids, one a line")
    form.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "-0", "--null", action="store_true", help="with --list: end each id with NUL"
    )


def run(options: argparse.Namespace) -> int:
    """Show the tests that failed, and return the exit status."""
    if options.null and not options.list:
        raise CallError("--null needs --list")
    counts = RunCounts(plan_of(options))
    output = _LastOutput()
    ids = IdList("failing", null=options.null)
    keep = False if options.list else _is_shown
    shown: _List | _Json | _View
    shown = _List(ids) if options.list else _Json() if options.json else _View(full=options.full)
    reports = DamageReports()

    def take(item: Item) -> None:
        if not is_report(item):
            output.take(item)
        elif (report := reports.feed(item)) is not None:
            shown.show_report(report)
            sys.stdout.flush()

    records = TestRecords(keep_attachments=keep, on_other=take)

    def show(tests: Sequence[TestRecord]) -> None:
        for test in tests:
            if test.has_failed and (test.runnable or options.all):
                shown.show(test, output)
        if tests:
            sys.stdout.flush()

    def show_never_started(counts: RunCounts) -> None:
        for test in counts.never_started:
            if test.runnable or options.all:
                record = TestRecord(test.id, "exists", test.route_code, runnable=test.runnable)
                shown.show(record, output)

    for items in read_items(options):
        counts.feed(items)
        show(records.feed(items))
    show(records.close())
    for report in reports.close():
        shown.show_report(report)
    counts.close()
    show_never_started(counts)
    shown.end(counts)
    report_empty_run("failing", counts)
    is_whole = ids.close()
    return judge(counts, options) if is_whole else FAILED


def _is_shown(packet: Packet) -> bool:
    """Return whether a file may explain a failure, judged by its first packet."""
    return is_text(packet.mime_type) or "traceback" in (packet.file_name or "").lower()


class _LastOutput:
    """The last output of each route, outside of tests.

    Holds a few KiB for each route with output, and for each of its files.
    """

    def __init__(self) -> None:
        self._tails: dict[str | None, _Tail] = {}
        self._lengths: set[int] = set()

    def take(self, item: Item) -> None:
        """Keep the output in an item, if any."""
        if isinstance(item, Passthrough):
            self._add(None, None, item.data)
        elif isinstance(item, Packet) and item.file_bytes and item.file_name in _OUTPUT:
            self._add(item.route_code, item.file_name, item.file_bytes)

    def _add(self, route: str | None, name: str | None, octets: bytes) -> None:
        if route not in self._tails:
            self._tails[route] = _Tail()
            self._lengths.add(len(route or ""))
        self._tails[route].add(name, octets)

    def of(self, route: str | None) -> tuple[str | None, str] | None:
        """Return the route with output nearest to a route, and its last output."""
        nearest = None if route is None else nearest_route(route, self._tails, self._lengths)
        if nearest not in self._tails:
            return None
        return nearest, self._tails[nearest].octets.decode("utf-8", "replace")


class _Tail:
    """The end of the output of a route: its lines, in the order in which they ended.

    A line stays whole even if chunks of another file arrive between its chunks.
    """

    def __init__(self) -> None:
        self._lines = bytearray()
        #: The unfinished line of each file.
        self._begun: dict[str | None, bytes] = {}

    def add(self, name: str | None, octets: bytes) -> None:
        """Add a chunk of a file."""
        ended, newline, begun = octets.rpartition(b"\n")
        if newline:
            self._lines += (self._begun.pop(name, b"") + ended + newline)[-_TAIL:]
            del self._lines[:-_TAIL]
        if begun:
            self._begun[name] = (self._begun.get(name, b"") + begun)[-_TAIL:]

    @property
    def octets(self) -> bytes:
        """The kept output, unfinished lines last."""
        return (bytes(self._lines) + b"\n".join(self._begun.values()))[-_TAIL:]


class _List:
    """Prints each id once."""

    def __init__(self, ids: IdList) -> None:
        self._ids = ids
        self._seen: set[str] = set()

    def show(self, test: TestRecord, output: _LastOutput) -> None:
        if test.id not in self._seen:
            self._seen.add(test.id)
            self._ids.add(test.id)
            self._ids.flush()

    def show_report(self, report: DamageReport) -> None:
        """Print nothing: a report is no test (`damage.parser`)."""

    def end(self, counts: RunCounts) -> None:
        """Print no summary; report damage on standard error."""
        report_damage(counts.damage, "failing")


class _Json:
    """Prints one JSON object at the end of the stream."""

    def __init__(self) -> None:
        self._failing: list[dict[str, Any]] = []
        self._output: dict[str | None, str] = {}
        self._reports: list[dict[str, Any]] = []

    def show(self, test: TestRecord, output: _LastOutput) -> None:
        self._failing.append(
            {
                "test_id": test.id,
                "route_code": test.route_code,
                "status": test.status,
                "runnable": test.runnable,
                "start": timestamp_form(test.start),
                "end": timestamp_form(test.end),
                "duration": test.duration,
                "tags": test.tags,
                "attachments": [
                    {
                        "name": attachment.name,
                        "mime_type": attachment.mime_type,
                        "complete": attachment.is_complete,
                        "text": attachment.text,
                    }
                    for attachment in test.attachments
                ],
            }
        )
        if test.is_incomplete and (last := output.of(test.route_code)):
            self._output[last[0]] = last[1]

    def show_report(self, report: DamageReport) -> None:
        self._reports.append(
            {
                "route_code": report.route_code,
                "octets": report.octets,
                "reason": report.reason,
                "complete": report.is_complete,
            }
        )

    def end(self, counts: RunCounts) -> None:
        import json

        form = {
            "failing": self._failing,
            "routes": [
                {"route_code": route, "status": status}
                for route, status in counts.route_statuses.items()
            ],
            "output": [{"route_code": route, "text": text} for route, text in self._output.items()],
            "damaged_regions": counts.damage.errors.total(),
            "never_started": list(dict.fromkeys(test.id for test in counts.never_started)),
            "damage_reports": self._reports,
            "suspects": counts.damage.suspects,
            "suspect_offsets": counts.damage.suspect_offsets,
        }
        print(json.dumps(form))
        report_damage(counts.damage, "failing")


class _View:
    """Shows tests to a person, with a summary at the end."""

    def __init__(self, *, full: bool) -> None:
        from subunit2.cli.terminal import Paint

        self._paint: Paint = Paint("auto")
        self._full = full
        self._told: set[str | None] = set()

    def show(self, test: TestRecord, output: _LastOutput) -> None:
        label = _LABELS.get(str(test.status), str(test.status))
        took = "" if test.duration is None else f"  {format_seconds(test.duration)}"
        if test.clock_stepped_back:
            took = "  (the clock stepped back)"
        head = f"{self._paint(label, 'bold red')}  {self._paint(format_id(test.id), 'bold')}"
        print(f"{head}{format_route(test.route_code)}{took}")
        for attachment in test.attachments:
            for line in self._attachment_lines(attachment):
                print(line)
        if test.is_incomplete and (last := output.of(test.route_code)):
            route, text = last
            if route not in self._told:
                self._told.add(route)
                print(f"  last output{format_route(route)}:")
                for line in self._lines(text, most=_LINES):
                    print(line)

    def _attachment_lines(self, attachment: Attachment) -> Iterator[str]:
        text = attachment.text
        if not text.strip():
            return
        cut = "" if attachment.is_complete else "  (without its end)"
        yield f"  {self._paint(visible(attachment.name), 'cyan')}:{cut}"
        is_traceback = "traceback" in f"{attachment.name} {attachment.mime_type}".lower()
        yield from self._lines(text, most=None if is_traceback else _LINES)

    def _lines(self, text: str, *, most: int | None) -> Iterator[str]:
        """Format a text, its last lines if it has more than `most`."""
        lines = text.rstrip("\r\n").split("\n")
        if most is not None and not self._full and len(lines) > most:
            yield self._paint(f"    … {count(len(lines) - most, 'line')} before", "dim")
            lines = lines[-most:]
        for line in lines:
            # Tabs are expanded rather than escaped, and so are line ends of Windows.
            yield f"    {visible(line.removesuffix(chr(13)).expandtabs())}".rstrip()

    def show_report(self, report: DamageReport) -> None:
        cut = "" if report.is_complete else "  (without its end)"
        print(f"{self._paint('damaged', 'bold red')}{format_route(report.route_code)}{cut}")
        if report.reason.strip():
            print(f"  {self._paint(ERROR_FILE, 'cyan')}:")
            for line in self._lines(report.reason, most=_LINES):
                print(line)
        octets = count(report.octets, "octet")
        print(f"  {self._paint(DATA_FILE, 'cyan')}: {octets}, see `{_EXTRACT}`")

    def end(self, counts: RunCounts) -> None:
        for route, status in counts.route_statuses.items():
            if status in ("fail", "uxsuccess", "inprogress"):
                label = "never ended" if status == "inprogress" else status
                print(f"{self._paint(label, 'bold red')}  as a whole{format_route(route)}")
        if counts.has_run or counts.never_started:
            for line in _sums(counts):
                print(line)
        if line := regions_line(counts.damage):
            print(f"damaged: {line}; see `subunit2 inspect --damage`")
        if line := describe_suspects(counts.damage):
            print(f"suspect: {line}")


def _sums(counts: RunCounts) -> Iterator[str]:
    """Count the failures, of tests and of items that are not runnable."""
    for ended, noun, is_runnable in (
        (counts.ended, "test", True),
        (counts.ended_not_runnable, "not runnable, shown by --all", False),
    ):
        failed = ended["fail"] + ended["uxsuccess"]
        unended = len(counts.incomplete(runnable=is_runnable))
        unstarted = sum(test.runnable == is_runnable for test in counts.never_started)
        total = sum(ended.values()) + unended + unstarted
        numbers = f"{failed:,} failed, {unended:,} never ended"
        if unstarted:
            numbers += f", {unstarted:,} never started"
        if is_runnable:
            yield f"{numbers}, of {count(total, noun)}"
        elif failed or unended or unstarted:
            yield f"{numbers}, of {total:,} {noun}"
