"""Count a run in one pass: tests by status, damage, routes and times.

Strategy: only counts and the tests under way are kept, and no records are made, so a
stream of hundreds of thousands of tests is counted about as fast as it is read. The start
and the end of a test are decided in `subunit2.streams.judgement`, those that never started in
`subunit2.streams.plan`, damage in `subunit2.damage`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from subunit2.damage.counting import DamageCounts
from subunit2.items import (
    FINAL_STATUSES,
    Corrupt,
    ErrorCode,
    Item,
    Packet,
    Passthrough,
    TestStatus,
    Timestamp,
)
from subunit2.streams.judgement import Event, Key, Run, TestStates, seconds_between
from subunit2.streams.plan import NeverStarted, Plan
from subunit2.streams.records import MOST_UNSTARTED

__all__ = ["RunCounts"]

#: The beginnings of lines of subunit v1 that are rare in other text.
_VERSION_1: Final = re.compile(
    rb"^(?:test|success|successful|failure|skip|xfail|uxsuccess): ?\S", re.MULTILINE
)
#: The octets of an incomplete line that are kept to be searched with the next octets.
_LINE_START: Final = 32

_NOTHING: Final = Timestamp(0)


class RunCounts:
    """Counts the tests, damage, routes and times of a stream. It does no IO.

    Holds the tests under way, the ids of up to `MOST_UNSTARTED` others, the route codes, and
    what a `Plan` holds.

    :param plan: compares the listed tests with those that start; None: no test is held to a
        list.
    :ivar ended: the number of runnable tests by final status.
    :ivar ended_not_runnable: the same for tests that are not runnable: layers, subtests,
        assertions.
    :ivar listed: the number of packets of status `exists`.
    :ivar running: by route and id, each run that has not ended.
    :ivar never_started: the listed tests that never started, at the end of the stream.
    :ivar routes: the number of tests that ended on each route; None is the route of
        packets without a route code.
    :ivar route_statuses: the last status of each route as a whole (`status.route-end`).
    :ivar first: the earliest timestamp, and `last` the latest; None if there is none.
    :ivar total_time: the sum of the known durations, in seconds.
    :ivar clock_steps: the number of tests whose end is earlier than their start: their
        durations are unknown.
    :ivar packets: the number of packets, and `recovered` the number of recovered ones.
    :ivar damage: the damage and the output of the stream.
    :ivar looks_like_version_1: whether the output has lines of subunit v1.

    >>> counts = RunCounts()
    >>> counts.feed([Packet(test_id="foo", test_status="inprogress")])
    >>> counts.feed([Packet(test_id="bar", test_status="success"), Passthrough(b"ok")])
    >>> counts.close()
    >>> counts.ended["success"], len(counts.running), counts.passthrough_octets
    (1, 1, 2)
    >>> counts.has_failed  # foo did not end
    True
    """

    def __init__(self, plan: Plan | None = None) -> None:
        self.ended: dict[TestStatus, int] = dict.fromkeys(sorted(FINAL_STATUSES), 0)
        self.ended_not_runnable: dict[TestStatus, int] = dict(self.ended)
        self.listed = 0
        self._states = TestStates(keep_ended=False)
        self.running: dict[Key, Run] = self._states.running
        self.never_started: list[NeverStarted] = []
        self.clock_steps = 0
        self._plan = plan
        self._unstarted: dict[tuple[str | None, str | None], None] = {}
        self._given_up = 0
        self.routes: dict[str | None, int] = {}
        self.route_statuses: dict[str | None, TestStatus] = {}
        self.first: Timestamp | None = None
        self.last: Timestamp | None = None
        self.packets = 0
        self.recovered = 0
        self.damage = DamageCounts()
        self.looks_like_version_1 = False
        self._total_nanoseconds = 0
        self._line_start = b""

    @property
    def total_time(self) -> float:
        """The sum of the known durations, in seconds."""
        return self._total_nanoseconds / 1_000_000_000

    @property
    def elapsed(self) -> float | None:
        """Seconds from the earliest to the latest timestamp; None if there is none."""
        if self.first is None or self.last is None:
            return None
        return seconds_between(self.first, self.last)

    @property
    def without_status(self) -> int:
        """The number of tests with files or tags outside of a run, and no status for them."""
        return self._given_up + len(self._unstarted)

    @property
    def has_run(self) -> bool:
        """Whether any test, runnable or not, has started or ended."""
        return bool(self.running) or any(self.routes.values())

    @property
    def has_failed(self) -> bool:
        """Whether a test or a route failed, started and did not end, or never started.

        An unexpected success is a failure.
        """
        if (
            self.running
            or self.never_started
            or any(
                ended["fail"] or ended["uxsuccess"]
                for ended in (self.ended, self.ended_not_runnable)
            )
        ):
            return True
        return not _FAILING.isdisjoint(self.route_statuses.values())

    @property
    def errors(self) -> Mapping[ErrorCode, int]:
        """The number of damaged regions by error."""
        return self.damage.errors

    @property
    def passthrough_octets(self) -> int:
        """The number of octets of output."""
        return self.damage.output_octets

    @property
    def is_damaged(self) -> bool:
        """Whether there are damaged regions, or reports of damage (`damage.parser`)."""
        return self.damage.is_damaged

    def incomplete(self, *, runnable: bool) -> Mapping[Key, Run]:
        """Return the tests under way, either the runnable ones or the others."""
        return {key: run for key, run in self.running.items() if run.runnable == runnable}

    def feed(self, items: Iterable[Item]) -> None:
        """Count items."""
        routes, take = self.routes, self._states.take
        first, last = self.first or _NOTHING, self.last or _NOTHING
        knows_time = self.first is not None
        damage = self.damage
        for item in items:
            if not isinstance(item, Packet):
                self._count_other(item)
                continue
            self.packets += 1
            if item.recovered:
                self.recovered += 1
            route, status = item.route_code, item.test_status
            when = item.timestamp
            if when is not None:
                if when > last:
                    last = when
                    if not knows_time:
                        first, knows_time = when, True
                elif when < first or not knows_time:
                    first, knows_time = when, True
            if route not in routes:
                routes[route] = 0
            event, run = take(item)
            if event is _NO_TEST:
                damage.add(item)
                if status is not None and item.test_id is None:
                    # clause test-id.absent
                    self.route_statuses[route] = status
                continue
            if damage.is_waiting:
                damage.add(item)
            if status is None:
                if run is None:
                    self._wait((route, item.test_id))
                continue
            if self._unstarted:
                self._unstarted.pop((route, item.test_id), None)
            if status == "exists":
                self.listed += 1
            elif run is not None and status != "inprogress":
                routes[route] += 1
                self._count_end(run, item, status)
                if run.start is not None and status != "skip":
                    continue
            if self._plan is not None and event is not _STARTED_TWICE:
                self._plan.note(item)
        if knows_time:
            self.first, self.last = first, last

    def close(self) -> None:
        """Count the last octets and the tests that never started, at the end of the stream."""
        self.damage.close()
        if self._plan is not None:
            self.never_started = self._plan.never_started()

    def _count_end(self, run: Run, end: Packet, status: TestStatus) -> None:
        ended = self.ended if run.runnable else self.ended_not_runnable
        ended[status] += 1
        start, when = run.start, end.timestamp
        if start is not None and when is not None and (begin := start.timestamp) is not None:
            took = (
                (when.seconds - begin.seconds) * 1_000_000_000
                + when.nanoseconds
                - begin.nanoseconds
            )
            if took < 0:
                # clause timestamp.clock
                self.clock_steps += 1
            else:
                self._total_nanoseconds += took

    def _wait(self, key: tuple[str | None, str | None]) -> None:
        """Note a file or tags outside of a run: they may belong to the next run of the test."""
        self._unstarted[key] = None
        if len(self._unstarted) > MOST_UNSTARTED:
            del self._unstarted[next(iter(self._unstarted))]
            self._given_up += 1

    def _count_other(self, item: Corrupt | Passthrough) -> None:
        self.damage.add(item)
        is_output = isinstance(item, Passthrough)
        if is_output and not self.looks_like_version_1 and not self.packets:
            text = self._line_start + item.data
            self.looks_like_version_1 = _VERSION_1.search(text) is not None
            # A longer incomplete line has been searched from its beginning already.
            self._line_start = text[text.rfind(b"\n") + 1 :][:_LINE_START]


# A member of an enumeration takes long to look up.
_NO_TEST: Final = Event.NO_TEST
_STARTED_TWICE: Final = Event.STARTED_TWICE

#: The last statuses of a route that has failed: it failed, or it never ended.
_FAILING: Final[frozenset[TestStatus]] = frozenset(("fail", "uxsuccess", "inprogress"))
