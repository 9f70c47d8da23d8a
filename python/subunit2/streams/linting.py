"""Find defects of a stream that can be read: by rule, with offsets.

Strategy: the rules are a table, which is also their help. A `Linter` takes items and
returns findings, each as soon as it is certain. Tests and files that never end are found
at the end of the stream. Those that have ended are kept as hashes, so that a long run
takes little memory.

A rule is about a requirement on writers whose violation no reader can repair, or about a
well-formed construct that consumers interpret in different ways.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Final, Literal, NamedTuple, TypeAlias

from subunit2.items import (
    CHILD_SEPARATOR,
    Corrupt,
    ErrorCode,
    Item,
    Packet,
    Passthrough,
    Timestamp,
)
from subunit2.plural import count
from subunit2.streams.records import FINAL_STATUSES, seconds_between
from subunit2.structs import Struct

__all__ = ["RULES", "Finding", "Level", "Linter", "Rule"]

#: The severity of a finding.
Level: TypeAlias = Literal["error", "warning", "note"]
_Key: TypeAlias = tuple[str | None, str | None]


class Rule(NamedTuple):
    """A rule of the linter.

    :ivar name: its name in findings and for `--rule`.
    :ivar level: the level of its findings.
    :ivar purpose: the defect that it finds.
    :ivar clause: the clause of the specification; empty if there is none.
    """

    name: str
    level: Level
    purpose: str
    clause: str = ""


_TABLE: Final[tuple[tuple[str, Level, str, str], ...]] = (
    ("damage", "error", "octets that start as a packet, and are damaged or malformed",
     "recovery.region"),
    ("file-name-reused", "error", "a file name is used again after the end of the file",
     "file.names-unique"),
    ("ended-twice", "error", "a test ends again without a start: two tests with one id?",
     "test-id.unique"),
    ("never-ended", "error", "a test started and never ended", "status.inprogress"),
    ("route-never-ended", "error", "a route as a whole started and never ended",
     "status.route-end"),
    ("recovered", "warning", "a packet inside the length that damage claims: of the stream, or "
     "of an attachment?", "recovery.recovered"),
    ("started-twice", "warning", "a test starts again before it ended: two tests with one id?",
     "test-id.unique"),
    ("time-backwards", "warning", "a timestamp earlier than the previous one on its route",
     "timestamp.clock"),
    ("after-end", "warning", "files or tags of a test after its end", "status.final"),
    ("no-status", "warning", "files or tags of a test without a status", "status.none"),
    ("status-with-chunk", "warning", "a final status with a chunk that is not the last of its file",
     "file.eof"),
    ("file-never-ended", "warning", "a file without an end: it may be cut short",
     "file.never-ended"),
    ("mime-changed", "warning", "the MIME type of a file changes", "mime.scope"),
    ("child-runnable", "warning", "a part of a test, such as a subtest, that can be run by its id",
     "test-id.children"),
    ("child-unnamed", "warning", "a part of a test without a name, or a test without an id before "
     "its parts", "test-id.children"),
    ("mime-without-file", "warning", "a MIME type without a file, which is ignored",
     "mime.without-file"),
    ("eof-without-file", "warning", "an end of file without a file, which is ignored",
     "file.eof-without-file"),
    ("mid-line", "note", "output without a line end right before a packet; some readers "
     "lose such packets", "stream.sync-point"),
    ("run-again", "note", "a test that ended starts again", "test-id.identity"),
    ("ended-without-start", "note", "a test ends without a start", "status.final"),
    ("runnable-output", "note", "a file stdout or stderr of a route that is runnable or has a "
     "status", "wrap.output"),
    ("status-without-test", "note", "a status of a route as a whole", "test-id.absent"),
    ("long-number", "note", "a number is not in its shortest form", "number.shortest"),
)  # fmt: skip

#: All rules by name, errors first.
RULES: Final[dict[str, Rule]] = {row[0]: Rule(*row) for row in _TABLE}

_CAUSES: Final[dict[ErrorCode, str]] = {
    "truncated": "the writer was killed, or the stream cut",
    "checksum": "octets were changed or lost, or two writers wrote at once",
}
#: The files of printed output (`file.well-known`).
_OUTPUT: Final = ("stdout", "stderr")

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


class Linter:
    """Finds defects of a stream, from its items. It does no IO.

    Holds the tests and files under way, a hash of each that has ended, and the findings
    about packets recovered from damage, until there are no more of those.

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
        self._damage: Corrupt | None = None
        self._recovered = 0
        self._is_mid_line = False
        self._running: dict[_Key, int] = {}
        self._unstarted: dict[_Key, int] = {}
        self._late: set[int] = set()
        self._ended: set[int] = set()
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
            if isinstance(item, Passthrough):
                self._is_mid_line = not item.data.endswith(b"\n")
                continue
            if isinstance(item, Corrupt):
                self._settle_damage(found)
                self._damage, self._recovered = item, 0
            else:
                if item.recovered:
                    self._recovered += 1
                else:
                    self._settle_damage(found)
                for check in self._CHECKS:
                    check(self, item)
            self._is_mid_line = False
            if self._damage is None and self._findings:
                found += self._findings
                self._findings.clear()
        return found

    def close(self) -> list[Finding]:
        """Return the findings at the end of the stream; a second call returns none."""
        found: list[Finding] = []
        self._settle_damage(found)
        for rule, left in (("never-ended", self._running), ("no-status", self._unstarted)):
            for (route, test_id), offset in left.items():
                self._find(rule, offset, _ENDINGS[rule], (route, test_id))
        for route, offset in self._routes.items():
            self._find("route-never-ended", offset, _ENDINGS["route-never-ended"], (route, None))
        for (route, test_id, name), file in self._files.items():
            self._find("file-never-ended", file.offset, f"file {name} has no end", (route, test_id))
        found += sorted(self._findings, key=lambda finding: finding.offset)
        for left_over in (self._findings, self._running, self._unstarted, self._routes):
            left_over.clear()
        self._files.clear()
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
        if packet.recovered:
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
        if packet.test_id is None and name in _OUTPUT:
            message = f"file {name} of the route is runnable or has a status"
            if packet.runnable or packet.test_status is not None:
                self._find_once("runnable-output", packet, message, about, name)
        file = self._files.get(key)
        if file is None:
            if hash(key) in self._ended_files:
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
        key, status = (packet.route_code, packet.test_id), packet.test_status
        if CHILD_SEPARATOR in packet.test_id:
            self._check_child(packet, packet.test_id)
        if status is None:
            self._check_without_status(packet, key)
            return
        self._unstarted.pop(key, None)
        has_ended = hash(key) in self._ended
        is_running = key in self._running
        if status == "inprogress":
            # clause test-id.unique: only runnable tests need ids of their own
            if is_running and packet.runnable:
                message = f"started at {self._running[key]:,}, and again before it ended"
                self._find("started-twice", packet.offset, message, key)
            elif has_ended and packet.runnable:
                self._find("run-again", packet.offset, "starts again after it ended", key)
            self._late.discard(hash(key))
            self._running.setdefault(key, packet.offset)
        elif status != "exists":
            if not is_running and has_ended and packet.runnable:
                self._find(
                    "ended-twice",
                    packet.offset,
                    f"{status} again, without a start",
                    key,
                )
            elif not is_running and not has_ended:
                self._find("ended-without-start", packet.offset, f"{status} without a start", key)
            self._running.pop(key, None)
            self._ended.add(hash(key))

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

    def _check_without_status(self, packet: Packet, key: _Key) -> None:
        if key in self._running or (packet.file_name is None and not packet.test_tags):
            return
        if hash(key) not in self._ended:
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


_ENDINGS: Final = {
    "never-ended": "started here, and never ended",
    "no-status": "files or tags came here, and never a status",
    "route-never-ended": "the route as a whole started here, and never ended",
}
