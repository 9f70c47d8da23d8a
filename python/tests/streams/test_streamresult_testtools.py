"""The classes of testtools as targets of `replay`, and in front of the writer."""

from __future__ import annotations

import datetime
import io
import queue
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
import testtools

from subunit2 import (
    Packet,
    StreamResultWriter,
    TestStatus,
    Timestamp,
    encode,
    replay,
)
from subunit2.items import replace
from support.events import Event, Recorder, event_of, replayed, written_events
from support.streams import BAR, BAR_OCTETS, FOO, FOO_OCTETS, FULL, FULL_OCTETS, damaged

#: Packets that testtools can show: it fails on a traceback that does not match its charset.
SHOWN: Final = replace(FULL, file_bytes="Traceback é\n".encode())

#: All fields of a packet, damage, output and a test that never ends.
STREAM: Final = b"".join(
    [
        b"building\n",
        *(encode(Packet(test_id=name, test_status="exists")) for name in ("a", "b")),
        encode(Packet(test_id="hangs", test_status="inprogress", timestamp=Timestamp(1))),
        encode(SHOWN),
        BAR_OCTETS,
        encode(Packet(test_id="later", test_status="skip", runnable=False)),
        encode(Packet(test_id="known", test_status="xfail", route_code="0/1")),
        encode(Packet(test_id="surprising", test_status="uxsuccess", route_code="1")),
        damaged(FOO_OCTETS),
    ]
)


def stream_of(result: Callable[[Any], Any], events: list[Event]) -> list[Event]:
    """Return the items written through a result in front of the writer."""
    file = io.BytesIO()
    told_first = result(StreamResultWriter(file))
    told_first.startTestRun()
    for event in events:
        told_first.status(**event._asdict())
    told_first.stopTestRun()
    return replayed(file.getvalue())


# --- Counted and collected --------------------------------------------------------------------


def test_a_summary() -> None:
    summary = testtools.StreamSummary()
    replay(STREAM, summary)
    assert not summary.wasSuccessful()
    # The tests that ran, the one that never ended, and the damage.
    assert summary.testsRun == 7
    assert sorted(test.id() for test, _ in summary.errors) == [
        "hangs",
        FULL.test_id,
        "subunit.parser",
    ]
    assert [test.id() for test, _ in summary.skipped] == ["later"]
    assert [test.id() for test, _ in summary.expectedFailures] == ["known"]
    assert [test.id() for test in summary.unexpectedSuccesses] == ["surprising"]


def test_what_a_summary_cannot_show_is_still_reported() -> None:
    # testtools decodes a traceback strictly, and raises. Collect the octets to avoid that.
    with pytest.raises(UnicodeDecodeError):
        replay(FULL_OCTETS, testtools.StreamSummary())
    tests: list[Any] = []
    replay(FULL_OCTETS, testtools.StreamToDict(tests.append))
    [traceback] = tests[0]["details"].values()
    assert b"".join(traceback.iter_bytes()) == FULL.file_bytes


def test_a_summary_in_front_of_the_writer() -> None:
    summary = testtools.StreamSummary()
    events = replayed(STREAM)
    assert stream_of(lambda writer: testtools.CopyStreamResult([writer, summary]), events) == events
    assert summary.testsRun == 7
    assert not summary.wasSuccessful()


def test_a_dictionary_for_each_test() -> None:
    tests: dict[str, Any] = {}
    replay(STREAM, testtools.StreamToDict(lambda test: tests.update({test["id"]: test})))
    assert tests["hangs"]["status"] == "inprogress"
    assert tests["hangs"]["timestamps"] == [Timestamp(1).datetime, None]
    assert tests["bar.test_b"]["tags"] == {"linux", "slow"}
    traceback = tests[str(FULL.test_id)]["details"]["traceback"]
    assert b"".join(traceback.iter_bytes()) == SHOWN.file_bytes
    assert repr(traceback.content_type) == 'text/plain; charset="utf8"'
    assert set(tests["subunit.parser"]["details"]) == {"Packet data", "Parser Error"}
    error = tests["subunit.parser"]["details"]["Parser Error"]
    assert error.as_text().startswith("Bad checksum")


# --- Passed on ----------------------------------------------------------------------------------


def test_a_copy_for_each_of_several() -> None:
    one, other = Recorder(), Recorder()
    file = io.BytesIO()
    writer: Any = StreamResultWriter(file)
    replay(STREAM, testtools.CopyStreamResult([one, writer, other]))
    assert one.calls == other.calls
    assert one.calls[0] == "startTestRun"
    assert replayed(file.getvalue()) == one.events == replayed(STREAM)


def test_a_router_by_route_code_and_by_test() -> None:
    rest, inner, global_output = Recorder(), Recorder(), Recorder()
    router = testtools.StreamResultRouter(rest)
    router.add_rule(inner, "route_code_prefix", route_prefix="0", consume_route=True)
    router.add_rule(global_output, "test_id", test_id=None)
    replay(STREAM, router)
    assert [(event.test_id, event.route_code) for event in inner.events] == [
        ("bar.test_b", "3"),
        ("known", "1"),
    ]
    assert global_output.events == [Event(file_name="stdout", file_bytes=b"building\n")]
    assert len(rest.events) == len(replayed(STREAM)) - 3


def test_a_router_between_two_writers() -> None:
    files = {code: io.BytesIO() for code in ("0", "1")}
    rest: Any = StreamResultWriter(io.BytesIO())
    router = testtools.StreamResultRouter(rest)
    for code, file in files.items():
        writer: Any = StreamResultWriter(file)
        router.add_rule(writer, "route_code_prefix", route_prefix=code)
    replay(STREAM, router)
    routes = {
        code: [event.route_code for event in replayed(file.getvalue())]
        for code, file in files.items()
    }
    assert routes == {"0": ["0/3", "0/1"], "1": ["1", "1"]}


def test_tags_are_added_and_discarded() -> None:
    expected = [
        event._replace(test_tags={*(event.test_tags or ()), "seen"} - {"slow"})
        for event in replayed(STREAM)
    ]

    def tagger(target: Any) -> testtools.StreamTagger:
        return testtools.StreamTagger([target], add=["seen"], discard=["slow"])

    behind = Recorder()
    replay(STREAM, tagger(behind))
    assert behind.events == expected
    assert stream_of(tagger, replayed(STREAM)) == expected


def test_times_are_added_where_there_are_none() -> None:
    before = datetime.datetime.now(datetime.UTC)
    behind = Recorder()
    replay(STREAM, testtools.TimestampingStreamResult(behind))
    in_front = stream_of(testtools.TimestampingStreamResult, replayed(STREAM))
    after = datetime.datetime.now(datetime.UTC)
    for events in (behind.events, in_front):
        assert len(events) == len(replayed(STREAM))
        for event, without in zip(events, replayed(STREAM), strict=True):
            assert event._replace(timestamp=None) == without._replace(timestamp=None)
            if without.timestamp is None:
                assert event.timestamp is not None
                assert before <= event.timestamp <= after
            else:
                assert event.timestamp == without.timestamp


def test_a_queue() -> None:
    events: queue.Queue[Any] = queue.Queue()
    replay(STREAM, testtools.StreamToQueue(events, "I1"))
    calls = [events.get_nowait() for _ in range(events.qsize())]
    assert [call["event"] for call in calls] == [
        "startTestRun",
        *["status"] * len(replayed(STREAM)),
        "stopTestRun",
    ]
    # The events are written at the other end.
    file = io.BytesIO()
    writer = StreamResultWriter(file)
    for call in calls:
        if call.pop("event") == "status":
            writer.status(**call)
    routes = [event.route_code for event in replayed(file.getvalue())]
    assert routes == [
        f"I1/{event.route_code}" if event.route_code else "I1" for event in replayed(STREAM)
    ]


# --- Stopped ---------------------------------------------------------------------------------


class Stopped(Exception):  # noqa: N818 - nothing has gone wrong
    """A test has failed; the rest of the stream is not read."""


def test_reading_stops_at_the_first_failure() -> None:
    def fail() -> None:
        raise Stopped

    seen = Recorder()
    result = testtools.CopyStreamResult([seen, testtools.StreamFailFast(fail)])
    with pytest.raises(Stopped):
        replay(BAR_OCTETS + FULL_OCTETS + FOO_OCTETS, result)
    assert seen.calls == ["startTestRun", *map(event_of, (BAR, FULL)), "stopTestRun"]


def test_a_live_stream_stops_the_run_that_writes_it() -> None:
    control = testtools.TestControl()
    failing = io.BytesIO(encode(Packet(test_id="t", test_status="uxsuccess")))
    replay(failing, testtools.StreamFailFast(control.stop))
    assert control.shouldStop


# --- Several at once ------------------------------------------------------------------------


STATUSES: Final[tuple[TestStatus, ...]] = ("inprogress", "success")


class Stream:
    """A stream as a test case of a testtools suite."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets

    def run(self, result: Any) -> None:
        replay(self._octets, result, whole_run=False)


def test_two_levels_of_suites_and_streams_run_at_once() -> None:
    def worker(name: str) -> Stream:
        events = (
            Packet(test_id=f"{name}.{number}", test_status=status)
            for number in range(100)
            for status in STATUSES
        )
        return Stream(b"x\n" + b"".join(map(encode, events)))

    def level(names: str) -> Any:
        def workers() -> Iterator[Any]:
            for name in names.split():
                yield worker(name), name

        return testtools.ConcurrentStreamTestSuite(workers)

    def top() -> Iterator[Any]:
        yield level("W1 W2"), "I1"
        yield level("W3 W4"), "I2"

    file = io.BytesIO()
    writer: Any = StreamResultWriter(file)
    writer.startTestRun()
    testtools.ConcurrentStreamTestSuite(top).run(writer)
    writer.stopTestRun()
    by_route: dict[str | None, list[Event]] = defaultdict(list)
    for event in replayed(file.getvalue()):
        by_route[event.route_code].append(event)
    assert set(by_route) == {"I1/W1", "I1/W2", "I2/W3", "I2/W4"}
    for route, events in by_route.items():
        name = str(route).rpartition("/")[2]
        # The events of each route are in order, its output with its route.
        assert (events[0].file_name, events[0].file_bytes) == ("stdout", b"x\n")
        assert [(event.test_id, event.test_status) for event in events[1:]] == [
            (f"{name}.{number}", status) for number in range(100) for status in STATUSES
        ]
        assert all(event.timestamp is not None for event in events)


def test_nothing_of_what_is_told_gets_lost_between_two_writers() -> None:
    events = [event_of(packet) for packet in (FOO, SHOWN, BAR)]
    assert replayed(written_events(*events)) == events
    assert stream_of(testtools.ExtendedToStreamDecorator, events) == events
