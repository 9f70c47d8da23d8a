"""Records compared with testtools' StreamToDict and StreamSummary, on every capture.

All fields of a test are compared. The known differences, each with a test below:

- python-subunit rounds a timestamp to the nearest microsecond. `Timestamp.datetime`
  truncates it, and the record holds the nanoseconds (clause timestamp.exact).
- testtools takes the first timestamp of a test as its start. In a record, the start is
  the timestamp of status `inprogress`, so a test that only ends has none.
- testtools takes the tags of the last packet with tags, a record those of all packets.
- testtools leaves out files without content.
- testtools appends chunks after the end of a file to that file.
- testtools ends a test in progress at a packet of status `exists`.
- A test without any status is `unknown` in testtools, and a failure.
- testtools returns the tests that did not end in reverse order.
- python-subunit reports damage as a test `subunit.parser`, and loses packets near it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import subunit
from testtools import StreamSummary, StreamToDict

from subunit2 import Packet, TestRecord, Timestamp, decode, encode
from subunit2.streams.counting import RunCounts
from subunit2.streams.records import tests
from support.command import CAPTURES

Told = dict[str, Any]

#: The captures in which python-subunit loses packets, near damaged octets or output that
#: contains 0xB3 (`test_three_readers` lists those octets).
LOSSY = {"cut-then-goes-on", "latin1-noise", "make-noise", "subunit-run", "torn-writers"}
#: The capture without packets, in which python-subunit finds a damaged one.
NO_STREAM = "stestr-repository-v1"


def told_by_testtools(stream: bytes) -> list[Told]:
    told: list[Any] = []
    result = StreamToDict(told.append)
    result.startTestRun()
    subunit.ByteStreamToStreamResult(BytesIO(stream), non_subunit_name="stdout").run(result)
    result.stopTestRun()
    return [
        {
            "id": test["id"],
            "status": test["status"],
            "tags": test["tags"],
            "details": {
                name: b"".join(content.iter_bytes()) for name, content in test["details"].items()
            },
            "times": test["timestamps"],
        }
        for test in told
        if test["id"] != "subunit.parser"
    ]


def as_testtools(record: TestRecord) -> Told:
    details: dict[str, bytes] = {}
    for attachment in record.attachments:
        if attachment.data:
            details[attachment.name] = details.get(attachment.name, b"") + attachment.data
    return {
        "id": record.id,
        "status": record.status or "unknown",
        "tags": set(record.tags),
        "details": details,
        "times": [record.start and rounded(record.start), record.end and rounded(record.end)],
    }


def rounded(timestamp: Timestamp) -> datetime:
    """Return the time to the nearest microsecond, computed as in python-subunit."""
    return datetime.fromtimestamp(timestamp.seconds, UTC) + timedelta(
        microseconds=timestamp.nanoseconds / 1000
    )


def order_of_testtools(records: list[TestRecord]) -> list[TestRecord]:
    ended = [record for record in records if record.status not in (None, "inprogress")]
    return ended + [record for record in reversed(records) if record not in ended]


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_a_capture(capture: Path) -> None:
    stream = capture.read_bytes()
    theirs = told_by_testtools(stream)
    ours = list(tests(stream))
    if capture.stem in LOSSY:
        outcomes = sorted((told["id"], told["status"]) for told in theirs)
        assert outcomes != sorted((record.id, record.status or "unknown") for record in ours)
        return
    ordered = order_of_testtools(ours)
    assert len(theirs) == len(ordered)
    for told, record in zip(theirs, ordered, strict=True):
        expected = as_testtools(record)
        if record.status == "exists":
            assert told["times"][0] == told["times"][1]
            expected["times"] = told["times"]
        elif record.start is None:
            expected["times"][0] = told["times"][0]
        assert told == expected


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_the_summary_of_a_capture(capture: Path) -> None:
    stream = capture.read_bytes()
    summary = StreamSummary()
    summary.startTestRun()
    subunit.ByteStreamToStreamResult(BytesIO(stream), non_subunit_name="stdout").run(summary)
    summary.stopTestRun()
    counts = RunCounts()
    counts.feed(decode(stream))
    if capture.stem in {*LOSSY, NO_STREAM} or counts.is_damaged:
        # testtools counts damage as a failed test.
        assert not summary.wasSuccessful()
        return
    ended = {
        status: counts.ended[status] + counts.ended_not_runnable[status] for status in counts.ended
    }
    assert summary.testsRun == sum(ended.values()) + len(counts.running) + counts.without_status
    assert len(summary.errors) == ended["fail"] + len(counts.running) + counts.without_status
    assert len(summary.skipped) == ended["skip"]
    assert len(summary.expectedFailures) == ended["xfail"]
    assert len(summary.unexpectedSuccesses) == ended["uxsuccess"]


# --- The differences ---------------------------------------------------------------------


def both(*packets: Packet) -> tuple[list[Told], list[TestRecord]]:
    stream = b"".join(map(encode, packets))
    return told_by_testtools(stream), list(tests(stream))


def test_the_start_of_a_test_that_only_ends() -> None:
    when = Timestamp(1_754_000_000)
    [told], [record] = both(Packet(test_id="foo", test_status="success", timestamp=when))
    assert told["times"] == [when.datetime, when.datetime]
    assert (record.start, record.end) == (None, when)


def test_tags_of_all_packets() -> None:
    [told], [record] = both(
        Packet(test_id="foo", test_status="inprogress", test_tags=["a"]),
        Packet(test_id="foo", test_status="success", test_tags=["b"]),
    )
    assert (told["tags"], record.tags) == ({"b"}, ("a", "b"))


def test_nanoseconds_are_rounded_and_kept() -> None:
    time = Timestamp(0, 999_999_999)
    [told], [record] = both(Packet(test_id="foo", test_status="success", timestamp=time))
    second = timedelta(seconds=1)
    epoch = datetime.fromtimestamp(0, UTC)
    assert told["times"][1] == epoch + second
    assert record.end == time
    assert time.datetime == epoch + second - timedelta.resolution


def test_files_without_content_and_names_used_again() -> None:
    [told], [record] = both(
        Packet(test_id="foo", file_name="empty", file_bytes=b"", eof=True),
        Packet(test_id="foo", file_name="log", file_bytes=b"1", eof=True),
        Packet(test_id="foo", file_name="log", file_bytes=b"2", eof=True),
        Packet(test_id="foo", test_status="success"),
    )
    assert told["details"] == {"log": b"12"}
    assert [each.data for each in record.attachments] == [b"", b"1", b"2"]


def test_a_test_in_progress_that_exists() -> None:
    theirs, ours = both(
        Packet(test_id="foo", test_status="inprogress"),
        Packet(test_id="foo", test_status="exists"),
        Packet(test_id="foo", test_status="success"),
    )
    assert [told["status"] for told in theirs] == ["exists", "success"]
    assert [record.status for record in ours] == ["success"]


def test_files_behind_the_end_are_a_failure_there() -> None:
    stream = encode(Packet(test_id="foo", test_status="success")) + encode(
        Packet(test_id="foo", file_name="log", file_bytes=b"late", eof=True)
    )
    summary = StreamSummary()
    summary.startTestRun()
    subunit.ByteStreamToStreamResult(BytesIO(stream), non_subunit_name="stdout").run(summary)
    summary.stopTestRun()
    assert not summary.wasSuccessful()
    assert [record.has_failed for record in tests(stream)] == [False, False]


def test_the_order_of_what_did_not_end() -> None:
    theirs, ours = both(*(Packet(test_id=each, test_status="inprogress") for each in "abc"))
    assert [told["id"] for told in theirs] == ["c", "b", "a"]
    assert [record.id for record in ours] == ["a", "b", "c"]
