"""Find defects of a stream that can be read: by rule, with offsets.

Strategy: a `Linter` takes items and returns findings, each as soon as it is certain. Tests
and files that never end are found at the end of the stream. Those that have ended are kept
as hashes, so that a long run takes little memory.

Corrupt regions that are output of a program are output here, too, and packets inside the
length that such a region claims are as good as others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final, NamedTuple, TypeAlias

from subunit2.damage.claims import claimed_end
from subunit2.damage.counting import DamageReport, DamageReports, is_report
from subunit2.damage.output import RegionJudge
from subunit2.damage.reports import PARSER
from subunit2.damage.suspects import OUTPUT_FILES, SuspectFinder, WrappedSuspectFinder
from subunit2.items import (
    CHILD_SEPARATOR,
    FINAL_STATUSES,
    Corrupt,
    ErrorCode,
    Item,
    Packet,
    Passthrough,
    Timestamp,
)
from subunit2.plural import count
from subunit2.streams.judgement import Event, TestStates, seconds_between
from subunit2.streams.lint_rules import RULES, Level
from subunit2.streams.plan import Plan
from subunit2.structs import Struct
from subunit2.uncopied import Uncopied

__all__ = ["Finding", "Linter"]

_Key: TypeAlias = tuple[str | None, str | None]

_CAUSES: Final[dict[ErrorCode, str]] = {
    "truncated": "the writer was killed, or the stream cut",
    "checksum": "octets were changed or lost, or two writers wrote at once",
}
_UNUSABLE: Final = "text that is not UTF-8, or octets that were lost"
_MADE_SO: Final = "the writer made it so, as its checksum holds"
_IS_UNUSABLE: Final = ("version", "reserved_bit", "length_encoding", "length_too_short")


class Finding(Struct, frozen=True, gc=False):
    """A defect that was found.

    :ivar rule: a name of `RULES`, and `level` its level.
    :ivar offset: the offset of the packet or of the damage in the stream.
    :ivar message: a description in one line, which can contain text of the stream.
    :ivar test_id: the test it is about, and `route_code` the route; None if there is none.
    """

    rule: str
    level: Level
    offset: int
    message: str
    test_id: str | None = None
    route_code: str | None = None


class _File(NamedTuple):
    offset: int
    mime_type: str | None


class Linter(Uncopied):
    """Finds defects of a stream, from its items. It does no IO.

    Holds the tests and files under way, a hash of each that has ended, what a `Plan` holds,
    and the findings about packets recovered from damage, until there are no more of those.

    :param rules: the names of the rules to check; None: all.

    >>> linter = Linter()
    >>> linter.feed([Packet(test_id="foo", test_status="inprogress")])
    []
    >>> [(finding.rule, finding.level, finding.offset) for finding in linter.close()]
    [('never-ended', 'error', 0)]
    """

    def __init__(self, *, rules: Collection[str] | None = None) -> None:
        self._rules = RULES.keys() if rules is None else rules
        self._findings: list[Finding] = []
        self._judge = RegionJudge()
        self._finder = SuspectFinder()
        self._wrapped = WrappedSuspectFinder()
        self._reports = DamageReports()
        #: The first packet of each report that has not ended, by route.
        self._report_offsets: dict[str | None, int] = {}
        #: The end of the octets that damage claims.
        self._claimed = 0
        self._damage: Corrupt | None = None
        self._recovered = 0
        self._is_mid_line = False
        self._states = TestStates()
        self._plan = Plan()
        self._unstarted: dict[_Key, int] = {}
        self._late: set[int] = set()
        self._routes: dict[str | None, int] = {}
        self._times: dict[str | None, Timestamp] = {}
        self._files: dict[tuple[str | None, str | None, str], _File] = {}
        self._ended_files: set[int] = set()
        #: Hashes of the tests and files that findings were about, by rule.
        self._told: set[int] = set()

    def feed(self, items: Iterable[Item]) -> list[Finding]:
        """Return the findings that these items make certain."""
        found: list[Finding] = []
        for item in items:
            # A region that is not decided yet comes before the suspects behind it.
            is_behind = self._judge.pending > 0
            if not is_behind:
                self._search(item)
            for judged in self._judge.feed((item,)):
                self._check(judged, found)
            if is_behind:
                self._search(item)
            self._release(found)
        return found

    def _check(self, item: Item, found: list[Finding]) -> None:
        if isinstance(item, Passthrough):
            self._is_mid_line = not item.data.endswith(b"\n")
            return
        if isinstance(item, Corrupt):
            self._settle_damage(found)
            self._damage, self._recovered = item, 0
            self._claimed = max(self._claimed, claimed_end(item))
        else:
            if item.recovered:
                self._recovered += 1
            else:
                self._settle_damage(found)
            for check in self._CHECKS:
                check(self, item)
        self._is_mid_line = False
        self._release(found)

    def _release(self, found: list[Finding]) -> None:
        """Return the findings, unless damage before them has to be described first."""
        if self._damage is None and self._findings:
            found += self._findings
            self._findings.clear()

    def close(self) -> list[Finding]:
        """Return the findings at the end of the stream; a second call returns none."""
        found: list[Finding] = []
        for judged in self._judge.close():
            self._check(judged, found)
        self._find_suspects(self._finder.close() + self._wrapped.close())
        self._settle_damage(found)
        for report in self._reports.close():
            self._find_report(report)
        for key, run in self._states.running.items():
            if run.start is not None:
                self._find("never-ended", run.start.offset, _ENDINGS["never-ended"], key)
        for test in self._plan.never_started():
            key = (test.route_code, test.id)
            self._find("never-started", test.offset, _ENDINGS["never-started"], key)
        for waiting, offset in self._unstarted.items():
            self._find("no-status", offset, _ENDINGS["no-status"], waiting)
        for route, offset in self._routes.items():
            self._find("route-never-ended", offset, _ENDINGS["route-never-ended"], (route, None))
        for (route, test_id, name), file in self._files.items():
            self._find("file-never-ended", file.offset, f"file {name} has no end", (route, test_id))
        found += sorted(self._findings, key=lambda finding: finding.offset)
        for left_over in (self._findings, self._unstarted, self._routes, self._files):
            left_over.clear()
        self._states.running.clear()
        self._plan = Plan()
        return found

    def _find(self, rule: str, offset: int, message: str, about: _Key = (None, None)) -> None:
        if rule in self._rules:
            route, test_id = about
            level = RULES[rule].level
            self._findings.append(Finding(rule, level, offset, message, test_id, route))

    def _settle_damage(self, found: list[Finding]) -> None:
        """Report damage before the findings about the packets recovered from it."""
        region, self._damage = self._damage, None
        if region is None:
            return
        held, self._findings = self._findings, []
        cause = _CAUSES.get(region.error, _MADE_SO)
        if region.error in _IS_UNUSABLE:
            cause = _UNUSABLE
        elif self._recovered:
            cause = "the packet was cut, or two writers wrote at once"
        self._find(
            "damage",
            region.offset,
            f"{region.error}: {count(region.length, 'octet')} skipped, "
            f"{count(self._recovered, 'packet')} recovered; likely {cause}",
        )
        found += self._findings
        found += held
        self._findings = []

    def _check_form(self, packet: Packet) -> None:
        about = (packet.route_code, packet.test_id)
        if packet.recovered and packet.offset < self._claimed:
            self._find("recovered", packet.offset, "inside the length that damage claims", about)
        if self._is_mid_line:
            self._find("mid-line", packet.offset, "output before it has no line end", about)
        if packet.raw is not None:
            self._find("long-number", packet.offset, "a number is not in its shortest form", about)

    def _check_time(self, packet: Packet) -> None:
        when, route = packet.timestamp, packet.route_code
        if when is None:
            return
        before = self._times.get(route)
        self._times[route] = when
        if before is not None and when < before:
            back = seconds_between(when, before)
            message = f"{back:.6f} s earlier than the previous timestamp on its route"
            self._find("time-backwards", packet.offset, message, (route, packet.test_id))

    def _check_file(self, packet: Packet) -> None:
        about, name = (packet.route_code, packet.test_id), packet.file_name
        if name is None:
            if packet.eof:
                self._find("eof-without-file", packet.offset, "end of file without a file", about)
            if packet.mime_type is not None:
                message = f"MIME type {packet.mime_type} without a file"
                self._find("mime-without-file", packet.offset, message, about)
            return
        key = (*about, name)
        if packet.test_id is None and name in OUTPUT_FILES:
            message = f"file {name} of the route is runnable or has a status"
            if packet.runnable or packet.test_status is not None:
                self._find_once("runnable-output", packet, message, about, name)
        file = self._files.get(key)
        if file is None:
            if hash(key) in self._ended_files and packet.test_id != PARSER:
                message = f"file {name} begins again after its end"
                self._find("file-name-reused", packet.offset, message, about)
            file = _File(packet.offset, packet.mime_type)
        elif packet.mime_type is not None:
            if file.mime_type not in (None, packet.mime_type):
                message = f"file {name} changes from {file.mime_type} to {packet.mime_type}"
                self._find("mime-changed", packet.offset, message, about)
            file = _File(file.offset, packet.mime_type)
        if packet.eof:
            self._files.pop(key, None)
            self._ended_files.add(hash(key))
            return
        self._files[key] = file
        if packet.test_status in FINAL_STATUSES:
            message = f"{packet.test_status} with a chunk of file {name} that is not its last"
            self._find("status-with-chunk", packet.offset, message, about)

    def _check_test(self, packet: Packet) -> None:
        if packet.test_id is None:
            self._check_route(packet)
            return
        if is_report(packet):
            self._report_offsets.setdefault(packet.route_code, packet.offset)
            if report := self._reports.feed(packet):
                self._find_report(report)
            return
        event, run = self._states.take(packet)
        key = (packet.route_code, packet.test_id)
        if CHILD_SEPARATOR in packet.test_id:
            self._check_child(packet, packet.test_id)
        if packet.test_status is None:
            self._check_without_status(packet, event, key)
            return
        self._plan.note(packet)
        self._unstarted.pop(key, None)
        self._late.discard(hash(key))
        # clause test-id.unique: only runnable tests need ids of their own
        if packet.runnable and event in _AGAIN:
            rule, message = _AGAIN[event]
            first = 0 if run is None or run.start is None else run.start.offset
            message = message.format(first=first, status=packet.test_status)
            self._find(rule, packet.offset, message, key)
        elif event is Event.ENDED_AT_ONCE:
            message = f"{packet.test_status} without a start"
            self._find("ended-without-start", packet.offset, message, key)

    def _find_report(self, report: DamageReport) -> None:
        offset = self._report_offsets.pop(report.route_code)
        reason = report.reason.split("\n", 1)[0] or "without a reason"
        message = f"damage of {count(report.octets, 'octet')} was reported: {reason}"
        self._find("damage-reported", offset, message, (report.route_code, None))

    def _search(self, item: Item) -> None:
        """Search an item for suspects."""
        offsets: list[int] = []
        if not isinstance(item, Packet) or self._finder.is_waiting:
            offsets += self._finder.feed((item,))
        if isinstance(item, Packet) and (item.test_id is None or self._wrapped.is_waiting):
            offsets += self._wrapped.feed(item)
        if offsets:
            self._find_suspects(offsets)

    def _find_suspects(self, offsets: list[int]) -> None:
        for offset in offsets:
            message = f"output at {offset:,} looks like a damaged packet"
            self._find("damage-suspected", offset, message)

    def _check_child(self, packet: Packet, test_id: str) -> None:
        """Check the id of a part of a test, once for each id and rule."""
        key = (packet.route_code, test_id)
        if not all(test_id.split(CHILD_SEPARATOR)):
            self._find_once("child-unnamed", packet, "an empty part of an id", key)
        # Emitters in use do not set the flag correctly in packets of files.
        if packet.runnable and packet.test_status is not None:
            self._find_once("child-runnable", packet, "a part of a test is runnable", key)

    def _find_once(
        self, rule: str, packet: Packet, message: str, about: _Key, name: str | None = None
    ) -> None:
        told = hash((rule, *about, name))
        if told not in self._told:
            self._told.add(told)
            self._find(rule, packet.offset, message, about)

    def _check_without_status(self, packet: Packet, event: Event, key: _Key) -> None:
        if event is Event.PART or (packet.file_name is None and not packet.test_tags):
            return
        if event is Event.WAITS:
            self._unstarted.setdefault(key, packet.offset)
        elif hash(key) not in self._late:
            self._late.add(hash(key))
            late = "tags" if packet.file_name is None else f"file {packet.file_name}"
            self._find("after-end", packet.offset, f"{late} after the end of the test", key)

    def _check_route(self, packet: Packet) -> None:
        status, route = packet.test_status, packet.route_code
        if status is None:
            return
        message = f"{status} of the route as a whole"
        self._find("status-without-test", packet.offset, message, (route, None))
        if status == "inprogress":
            self._routes.setdefault(route, packet.offset)
        elif status != "exists":
            self._routes.pop(route, None)

    #: The checks of each packet.
    _CHECKS: Final[tuple[Callable[[Linter, Packet], None], ...]] = (
        _check_form,
        _check_time,
        _check_file,
        _check_test,
    )


#: The rules about tests that run again.
_AGAIN: Final = {
    Event.STARTED_TWICE: ("started-twice", "started at {first:,}, and again before it ended"),
    Event.STARTED_AGAIN: ("run-again", "starts again after it ended"),
    Event.ENDED_AGAIN: ("ended-twice", "{status} again, without a start"),
}

_ENDINGS: Final = {
    "never-ended": "started here, and never ended",
    "never-started": "listed here, and never started",
    "no-status": "files or tags came here, and never a status",
    "route-never-ended": "the route as a whole started here, and never ended",
}
