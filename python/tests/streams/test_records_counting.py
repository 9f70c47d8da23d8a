"""Counts of runs agree with the records, and give verdicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import TEST_STATUSES, Item, Packet, Passthrough, Timestamp, decode, replace
from subunit2.items import TestStatus
from subunit2.streams.counting import RunCounts
from subunit2.streams.records import TestRecord, tests
from support.command import CAPTURES
from support.streams import FOO_OCTETS, damaged, named


def counted(items: Sequence[Item]) -> RunCounts:
    counts = RunCounts()
    for item in items:
        counts.feed([item])
    counts.close()
    whole = RunCounts()
    whole.feed(items)
    whole.close()
    assert numbers(whole) == numbers(counts)
    return counts


def numbers(counts: RunCounts) -> dict[str, object]:
    public = {name: value for name, value in vars(counts.damage).items() if name[0] != "_"}
    running = {key: (run.start, run.runnable) for key, run in counts.running.items()}
    return vars(counts) | {"damage": public, "running": running, "_states": None}


def assert_as_records(counts: RunCounts, records: list[TestRecord]) -> None:
    for is_runnable, ended in ((True, counts.ended), (False, counts.ended_not_runnable)):
        expected = Counter(
            record.status
            for record in records
            if record.is_complete and record.runnable == is_runnable
        )
        assert {status: number for status, number in ended.items() if number} == expected
    incomplete = [record for record in records if record.is_incomplete]
    for is_runnable in (True, False):
        assert set(counts.incomplete(runnable=is_runnable)) == {
            (record.route_code, record.id)
            for record in incomplete
            if record.runnable == is_runnable
        }
    assert sorted(counts.running, key=repr) == sorted(
        ((record.route_code, record.id) for record in incomplete), key=repr
    )
    assert counts.total_time == pytest.approx(sum(record.duration or 0 for record in records))
    assert counts.has_run == any(record.status not in (None, "exists") for record in records)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_a_capture(capture: Path) -> None:
    items = list(decode(capture.read_bytes()))
    assert_as_records(counted(items), list(tests(items, keep_attachments=False)))


_PACKETS = st.builds(
    Packet,
    test_id=st.sampled_from(["a", "b"]) | st.none(),
    test_status=st.sampled_from([None, *TEST_STATUSES]),
    runnable=st.booleans(),
    route_code=st.none() | st.sampled_from(["0", "1"]),
    timestamp=st.none() | st.builds(Timestamp, st.integers(0, 9), st.integers(0, 9)),
)


@given(st.lists(_PACKETS))
def test_any_packets(packets: list[Packet]) -> None:
    counts = counted(list(packets))
    assert_as_records(counts, list(tests(packets)))
    times = [packet.timestamp for packet in packets if packet.timestamp is not None]
    assert (counts.first, counts.last) == ((min(times), max(times)) if times else (None, None))
    assert counts.packets == len(packets)
    assert set(counts.routes) == {packet.route_code for packet in packets}


def test_the_time_of_the_epoch_is_a_time() -> None:
    counts = counted([Packet(timestamp=Timestamp(0)), Packet(timestamp=Timestamp(5))])
    assert counts.elapsed == 5


FOO = Packet(test_id="foo", test_status="success")


@pytest.mark.parametrize("status", ["inprogress", "exists"])
@pytest.mark.parametrize("is_first", [True, False])
def test_one_packet_is_enough_to_be_not_runnable(is_first: bool, status: TestStatus) -> None:
    # clause runnable.consumer
    first = replace(FOO, test_status="inprogress", runnable=is_first, timestamp=Timestamp(1))
    second = replace(first, test_status=status, runnable=not is_first, timestamp=Timestamp(2))
    counts = counted([first, second])
    assert_as_records(counts, list(tests([first, second])))
    [run] = counts.incomplete(runnable=False).values()
    # The first start has the time.
    assert run.start is not None
    assert run.start.timestamp == Timestamp(1)
    counts = counted([first, second, FOO])
    assert (counts.ended["success"], counts.ended_not_runnable["success"]) == (0, 1)


@pytest.mark.parametrize(
    ("items", "has_run", "has_failed"),
    named(
        [
            ("nothing", [], False, False),
            ("listed", [replace(FOO, test_status="exists")], False, False),
            ("passed", [FOO], True, False),
            ("skipped", [replace(FOO, test_status="skip")], True, False),
            ("expected", [replace(FOO, test_status="xfail")], True, False),
            ("failed", [replace(FOO, test_status="fail")], True, True),
            ("unexpected", [replace(FOO, test_status="uxsuccess")], True, True),
            ("layer failed", [FOO, replace(FOO, test_status="fail", runnable=False)], True, True),
            ("started", [replace(FOO, test_status="inprogress")], True, True),
            ("only a file", [replace(FOO, test_status=None)], False, False),
            # clause test-id.absent
            ("route passed", [Packet(test_status="success")], False, False),
            ("route failed", [FOO, Packet(test_status="fail", route_code="0")], True, True),
            # clause status.route-end
            ("route never ended", [FOO, Packet(test_status="inprogress")], True, True),
            (
                "route ended",
                [Packet(test_status="inprogress"), FOO, Packet(test_status="success")],
                True,
                False,
            ),
        ]
    ),
)
def test_verdicts(items: list[Item], has_run: bool, has_failed: bool) -> None:
    counts = counted(items)
    assert (counts.has_run, counts.has_failed) == (has_run, has_failed)


def test_damage_and_output() -> None:
    octets = damaged(FOO_OCTETS) + b"ok\n" + FOO_OCTETS
    counts = counted(list(decode(octets)))
    assert (counts.errors, counts.damage.octets) == ({"checksum": 1}, len(FOO_OCTETS))
    assert (counts.passthrough_octets, counts.listed, counts.is_damaged) == (3, 1, True)


@pytest.mark.parametrize(
    ("text", "is_version_1"),
    named(
        [
            ("a test", b"test: foo\nsuccess: foo\n", True),
            ("behind output", b"building\nfailure: foo [\n", True),
            ("output", b"latest: foo\nno test: foo\n", False),
            ("a compiler", b"error: undefined\n", False),
            ("empty", b"", False),
        ]
    ),
)
def test_version_1(text: bytes, is_version_1: bool) -> None:
    for cut in range(len(text) + 1):
        items: list[Item] = [Passthrough(part) for part in (text[:cut], text[cut:])]
        assert counted(items).looks_like_version_1 == is_version_1, cut


def test_a_long_line_is_not_kept() -> None:
    counts = counted([Passthrough(b"x" * 1000) for _ in range(3)] + [Passthrough(b"test: foo\n")])
    assert not counts.looks_like_version_1
