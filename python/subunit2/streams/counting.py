"""Count a run in one pass: tests by status, damage, routes and times.

Strategy: only counts and the tests under way are kept, and no records are made, so a
stream of hundreds of thousands of tests is counted about as fast as it is read. The start
and the end of a test are defined in `subunit2.streams.records`, damage in
`subunit2.damage`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from subunit2.damage.counting import DamageCounts
from subunit2.damage.reports import PARSER
from subunit2.items import (
    FINAL_STATUSES,
    Corrupt,
    ErrorCode,
    Item,
    Packet,
    Passthrough,
    TestStatus,
    Timestamp,
    replace,
)
from subunit2.streams.records import MOST_UNSTARTED, seconds_between

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

    Holds the tests under way, the ids of up to `MOST_UNSTARTED` others, and the route
    codes.

    :ivar ended: the number of runnable tests by final status.
    :ivar ended_not_runnable: the same for tests that are not runnable: layers, subtests,
        assertions.
    :ivar listed: the number of packets of status `exists`.
    :ivar running: by route and id, the packet that started each test that has not ended.
        Its `runnable` is false if a later packet with a status says so (`runnable.consumer`).
    :ivar routes: the number of tests that ended on each route; None is the route of
        packets without a route code.
    :ivar route_statuses: the last status of each route as a whole (`status.route-end`).
    :ivar first: the earliest timestamp, and `last` the latest; None if there is none.
    :ivar total_time: the sum of the known durations, in seconds.
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

    def __init__(self) -> None:
        self.ended: dict[TestStatus, int] = dict.fromkeys(sorted(FINAL_STATUSES), 0)
        self.ended_not_runnable: dict[TestStatus, int] = dict(self.ended)
        self.listed = 0
        self.running: dict[tuple[str | None, str], Packet] = {}
        self._unstarted: dict[tuple[str | None, str], None] = {}
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
        """Whether a test or a route failed, or started and did not end.

        An unexpected success is a failure.
        """
        if self.running or any(
            ended["fail"] or ended["uxsuccess"] for ended in (self.ended, self.ended_not_runnable)
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

    def incomplete(self, *, runnable: bool) -> Mapping[tuple[str | None, str], Packet]:
        """Return the tests under way, either the runnable ones or the others."""
        return {key: packet for key, packet in self.running.items() if packet.runnable == runnable}

    def feed(self, items: Iterable[Item]) -> None:
        """Count items."""
        running, routes = self.running, self.routes
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
            test_id = item.test_id
            if test_id is None or test_id == PARSER:
                damage.add(item)
                # clause damage.parser: it is no test
                if status is not None and test_id is None:
                    # clause test-id.absent
                    self.route_statuses[route] = status
                continue
            if damage.is_waiting:
                damage.add(item)
            key = (route, test_id)
            if status is None:
                if key not in running:
                    self._wait(key)
                continue
            if self._unstarted:
                self._unstarted.pop(key, None)
            if status in _BEFORE_THE_END:
                if status == "exists":
                    self.listed += 1
                    begun = running.get(key)
                else:
                    begun = running.setdefault(key, item)
                if begun is not None and begun.runnable and not item.runnable:
                    # clause runnable.consumer
                    running[key] = replace(begun, runnable=False)
            else:
                routes[route] += 1
                self._count_end(running.pop(key, None), item, status)
        if knows_time:
            self.first, self.last = first, last

    def close(self) -> None:
        """Count the last octets, at the end of the stream."""
        self.damage.close()

    def _count_end(self, start: Packet | None, end: Packet, status: TestStatus) -> None:
        # clause runnable.consumer
        is_runnable = end.runnable and (start is None or start.runnable)
        ended = self.ended if is_runnable else self.ended_not_runnable
        ended[status] += 1
        when = end.timestamp
        if start is not None and when is not None and (begin := start.timestamp) is not None:
            self._total_nanoseconds += (
                (when.seconds - begin.seconds) * 1_000_000_000
                + when.nanoseconds
                - begin.nanoseconds
            )

    def _wait(self, key: tuple[str | None, str]) -> None:
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


#: The statuses that do not end a test.
_BEFORE_THE_END: Final = ("inprogress", "exists")

#: The last statuses of a route that has failed: it failed, or it never ended.
_FAILING: Final[frozenset[TestStatus]] = frozenset(("fail", "uxsuccess", "inprogress"))
