r"""The one judgement: which packets are about a test, and how its runs begin and end.

All commands, `tests()` and the reports judge a stream by this module. `TestStates` follows
the tests one packet at a time. `subunit2.streams.plan` holds a run to its list. Each packet
with a test id means one thing for its test:

| status | not under way | under way | not under way, ended before |
| --- | --- | --- | --- |
| none | waits | part | late |
| exists | listed | listed in run | listed |
| inprogress | started | started twice | started again |
| a final one | ended at once | ended | ended again |

| judgement | rule | clause |
| --- | --- | --- |
| test | a route code and a test id together; no packet without a test id, and no report of damage | `test-id.identity` |
| runnable | all packets with a status say so, from the first inprogress of the run on, or else its final one | `runnable.consumer` |
| ended | a final status came; it needs no inprogress before it | `status.final` |
| never ended | inprogress came, and no final status by the end of the stream: a failure | `status.inprogress` |
| listed | exists came outside of a run; a stream in which nothing ran is a listing | `status.exists` |
| never started | it is listed as runnable, something ran, and no start of it came, before or after: a failure | `status.exists` |
| ran twice | a start or a final status came after the end: two runs, and each counts | `test-id.identity` |
| failed | fail or uxsuccess, never ended, or never started | `status.final` |
| without a status | only files or tags came, and no run that they belong to | `status.none` |
| duration | from inprogress to the final status; unknown if a timestamp is absent, or the clock stepped back between them | `timestamp.clock` |
| damage | a corrupt region that is not output of a program, or a report of `subunit.parser` | `damage.parser` |
"""  # noqa: E501 - rows of a table

from __future__ import annotations

import enum
import re
from collections.abc import Iterable
from typing import Final, TypeAlias

from subunit2.damage.reports import PARSER
from subunit2.items import Packet, Timestamp

__all__ = [
    "Event",
    "Key",
    "Run",
    "TestStates",
    "duration_between",
    "is_listing",
    "is_runnable",
    "key_of",
    "place_of",
    "seconds_between",
]

#: The identity of a test: route code and test id (`test-id.identity`).
Key: TypeAlias = tuple[str | None, str]


class Event(enum.Enum):
    """The meaning of a packet for its test: a cell of the table above.

    >>> Event.STARTED.value
    'started'
    """

    #: The packet is about a route as a whole, or a report of damage.
    NO_TEST = "no test"
    #: A file or tags outside of a run: they belong to the next run, if there is one.
    WAITS = "waits"
    PART = "part"
    #: A file or tags after the end of the test.
    LATE = "late"
    LISTED = "listed"
    #: A listing that adds nothing, since the test is under way.
    LISTED_IN_RUN = "listed in run"
    STARTED = "started"
    #: A second start before the end: it is ignored.
    STARTED_TWICE = "started twice"
    STARTED_AGAIN = "started again"
    #: A final status without a start before it.
    ENDED_AT_ONCE = "ended at once"
    ENDED = "ended"
    #: A final status after the end, without a start between.
    ENDED_AGAIN = "ended again"


class Run:
    """One run of a test.

    :ivar start: the packet that started it; None if it ended without a start.
    :ivar runnable: whether all its packets with a status so far say so
        (`runnable.consumer`).
    """

    __slots__ = ("runnable", "start")

    def __init__(self, start: Packet | None, runnable: bool) -> None:
        self.start = start
        self.runnable = runnable

    @property
    def started(self) -> Timestamp | None:
        """The timestamp of the start, if there is one."""
        return None if self.start is None else self.start.timestamp


class TestStates:
    """Follows the tests of a stream, one packet at a time.

    Holds the tests under way, and a hash of each that has ended.

    :param keep_ended: whether tests that have ended are told from new ones. Otherwise they
        are forgotten, and the last column of the table is as the first.
    :ivar running: the runs that have not ended, in the order in which they started.

    >>> states = TestStates()
    >>> foo = Packet(test_id="foo", test_status="inprogress")
    >>> [states.take(foo)[0].value, states.take(foo)[0].value, len(states.running)]
    ['started', 'started twice', 1]
    """

    #: Keeps pytest from collecting the class.
    __test__ = False

    def __init__(self, *, keep_ended: bool = True) -> None:
        self.running: dict[Key, Run] = {}
        self._ended: set[int] | None = set() if keep_ended else None

    def take(self, packet: Packet) -> tuple[Event, Run | None]:
        """Return the meaning of a packet, and the run that it belongs to, if there is one."""
        test_id = packet.test_id
        if test_id is None or test_id == PARSER:
            # clause test-id.absent, damage.parser
            return _NO_TEST
        key = (packet.route_code, test_id)
        status = packet.test_status
        run = self.running.get(key)
        if status is None:
            # clause status.none
            if run is not None:
                return _PART, run
            return _LATE if self._has_ended(key) else _WAITS
        if run is not None and not packet.runnable:
            # clause runnable.consumer
            run.runnable = False
        if status == "inprogress":
            if run is not None:
                return Event.STARTED_TWICE, run
            run = self.running[key] = Run(packet, packet.runnable)
            return Event.STARTED_AGAIN if self._has_ended(key) else _STARTED, run
        if status == "exists":
            # clause status.exists
            return _LISTED if run is None else (Event.LISTED_IN_RUN, run)
        if run is not None:
            del self.running[key]
            event = _ENDED
        else:
            run = Run(None, packet.runnable)
            event = Event.ENDED_AGAIN if self._has_ended(key) else Event.ENDED_AT_ONCE
        if self._ended is not None:
            self._ended.add(hash(key))
        return event, run

    def _has_ended(self, key: Key) -> bool:
        return self._ended is not None and hash(key) in self._ended


# A member of an enumeration takes long to look up.
_PART: Final = Event.PART
_STARTED: Final = Event.STARTED
_ENDED: Final = Event.ENDED
_NO_TEST: Final = (Event.NO_TEST, None)
_WAITS: Final = (Event.WAITS, None)
_LATE: Final = (Event.LATE, None)
_LISTED: Final = (Event.LISTED, None)


def key_of(packet: Packet) -> Key | None:
    """Return the key of the test of a packet; None if it is about no test.

    That is a packet without a test id (`test-id.absent`), or a report of damage
    (`damage.parser`).
    """
    test_id = packet.test_id
    return None if test_id is None or test_id == PARSER else (packet.route_code, test_id)


def place_of(route: str | None) -> str | None:
    """Return a route without the steps that only number workers; None if none is left.

    Routes of the same place differ only in steps that are numbers, or `worker-` and a number.

    >>> place_of("linux/0"), place_of("worker-1/linux"), place_of("2/0"), place_of(None)
    ('linux', 'linux', None, None)
    """
    if route is None:
        return None
    steps = [step for step in route.split("/") if not _WORKER.fullmatch(step)]
    return "/".join(steps) if steps else None


#: A step of a route that only numbers a worker.
_WORKER: Final = re.compile(r"(?:worker-)?[0-9]+")


def is_listing(packet: Packet) -> bool:
    """Return whether a packet lists a test (`status.exists`).

    It adds nothing if the test is under way: see `Event.LISTED_IN_RUN`.
    """
    return packet.test_status == "exists" and key_of(packet) is not None


def is_runnable(packets: Iterable[Packet]) -> bool:
    """Return whether a run is runnable, by the packets of its test up to its end.

    >>> start = Packet(test_id="layer", test_status="inprogress", runnable=False)
    >>> is_runnable([start, Packet(test_id="layer", test_status="fail")])
    False
    """
    runnable, has_started = True, False
    for packet in packets:
        if packet.test_status is not None:
            # clause runnable.consumer
            runnable = packet.runnable and (runnable or not has_started)
            has_started = has_started or packet.test_status == "inprogress"
    return runnable


def seconds_between(start: Timestamp, end: Timestamp) -> float:
    """Return the seconds from one time to another; negative if that is earlier.

    >>> seconds_between(Timestamp(1, 750_000_000), Timestamp(3))
    1.25
    """
    nanoseconds = (end.seconds - start.seconds) * 1_000_000_000
    return (nanoseconds + end.nanoseconds - start.nanoseconds) / 1_000_000_000


def duration_between(start: Timestamp | None, end: Timestamp | None) -> float | None:
    """Return the seconds from the start of a test to its end; None if they are unknown.

    They are, too, if the clock stepped back between them (`timestamp.clock`).

    >>> duration_between(Timestamp(1), Timestamp(3)), duration_between(Timestamp(3), Timestamp(1))
    (2.0, None)
    """
    if start is None or end is None or end < start:
        return None
    return seconds_between(start, end)
