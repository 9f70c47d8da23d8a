"""Records of tests: their content, and the moment they are returned."""

from __future__ import annotations

import io
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import subunit2
from subunit2 import Corrupt, Item, Packet, Passthrough, TestRecord, TestRecords, Timestamp, encode
from subunit2.items import FINAL_STATUSES
from subunit2.streams.counting import RunCounts
from subunit2.streams.records import MOST_UNSTARTED, tests
from support.command import environment
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged


def at(seconds: int) -> Timestamp:
    return Timestamp(1_754_000_000 + seconds)


def start(test_id: str, **fields: object) -> Packet:
    return Packet(test_id=test_id, test_status="inprogress", **fields)  # type: ignore[arg-type]


def end(test_id: str, **fields: object) -> Packet:
    return Packet(test_id=test_id, **({"test_status": "success"} | fields))  # type: ignore[arg-type]


def said(records: list[TestRecord]) -> list[tuple[str, str | None]]:
    return [(record.id, record.status) for record in records]


# --- Content of a record -----------------------------------------------------------------


def test_a_test_in_all_its_packets() -> None:
    stream = [
        start("foo", route_code="0/3", timestamp=at(1), test_tags=["b"]),
        Packet(
            test_id="foo", route_code="0/3", file_name="log", file_bytes=b"one ", test_tags=["c"]
        ),
        Packet(test_id="foo", route_code="0/3", file_name="log", file_bytes=b"two", eof=True),
        end("foo", route_code="0/3", timestamp=at(3), test_tags=["a", "b"]),
    ]
    assert list(tests(stream)) == [
        TestRecord(
            "foo",
            "success",
            "0/3",
            start=at(1),
            end=at(3),
            tags=("a", "b", "c"),
            attachments=(subunit2.Attachment("log", None, b"one two"),),
        )
    ]


def test_each_comes_with_its_final_status() -> None:
    records = TestRecords()
    assert records.feed([start("foo"), start("bar")]) == []
    assert said(records.feed([end("bar", test_status="fail")])) == [("bar", "fail")]
    assert said(records.running) == [("foo", "inprogress")]
    assert said(records.feed([end("foo"), end("baz")])) == [("foo", "success"), ("baz", "success")]
    assert records.close() == []


def test_incomplete_tests_come_last_with_what_they_had() -> None:
    # clause status.inprogress
    stream = [
        start("foo", timestamp=at(1)),
        Packet(test_id="foo", file_name="log", file_bytes=b"half"),
        start("bar", timestamp=at(2)),
        end("bar", timestamp=at(5)),
    ]
    bar, foo = tests(stream)
    assert (bar.id, bar.duration, bar.is_complete, bar.has_failed) == ("bar", 3.0, True, False)
    assert (foo.id, foo.start, foo.end, foo.duration) == ("foo", at(1), None, None)
    assert (foo.is_complete, foo.is_incomplete, foo.has_failed) == (False, True, True)
    [log] = foo.attachments
    assert (log.data, log.is_complete) == (b"half", False)


@pytest.mark.parametrize("status", sorted(FINAL_STATUSES))
def test_final_statuses(status: str) -> None:
    [record] = tests([start("foo"), end("foo", test_status=status)])
    assert record.is_complete
    assert record.has_failed == (status in ("fail", "uxsuccess"))


def test_the_same_id_on_two_routes_is_two_tests() -> None:
    # clause test-id.identity
    stream = [
        start("foo", route_code="0", timestamp=at(0)),
        start("foo", route_code="1", timestamp=at(1)),
        end("foo", route_code="1", timestamp=at(2)),
        end("foo", route_code="0", timestamp=at(9)),
        end("foo"),
        end("foo", route_code=""),
    ]
    found = [(record.route_code, record.duration) for record in tests(stream)]
    assert found == [("1", 1.0), ("0", 9.0), (None, None), ("", None)]


def test_a_start_behind_the_end_is_another_record() -> None:
    stream = [
        start("foo", timestamp=at(1), test_tags=["first"]),
        end("foo", test_status="fail", timestamp=at(2)),
        start("foo", timestamp=at(5)),
        end("foo", timestamp=at(9)),
    ]
    first, second = tests(stream)
    assert (first.status, first.duration, first.tags) == ("fail", 1.0, ("first",))
    assert (second.status, second.duration, second.tags) == ("success", 4.0, ())


def test_a_second_start_is_not() -> None:
    stream = [
        start("foo", timestamp=at(1)),
        start("foo", timestamp=at(4)),
        end("foo", timestamp=at(5)),
    ]
    [record] = tests(stream)
    assert record.start == at(1)


def test_a_test_that_only_ends_has_no_start() -> None:
    [record] = tests([end("foo", timestamp=at(3))])
    assert (record.start, record.end, record.duration) == (None, at(3), None)


def test_a_clock_that_stepped_back_leaves_no_duration() -> None:
    [record] = tests([start("foo", timestamp=at(3)), end("foo", timestamp=at(1))])
    assert (record.duration, record.clock_stepped_back) == (None, True)
    [record] = tests([start("foo", timestamp=at(3)), end("foo", timestamp=at(3))])
    assert (record.duration, record.clock_stepped_back) == (0.0, False)


def test_a_listed_test_is_a_record_of_its_own() -> None:
    # clause status.exists
    stream = [
        Packet(test_id="foo", test_status="exists", test_tags=["t"], timestamp=at(0)),
        start("foo"),
        Packet(test_id="foo", test_status="exists"),
        end("foo"),
    ]
    listed, run = tests(stream)
    assert (listed.status, listed.tags, listed.is_complete) == ("exists", ("t",), False)
    assert (listed.start, listed.end, listed.is_incomplete) == (None, None, False)
    assert (run.status, run.tags) == ("success", ())


def test_files_before_the_start_belong_to_the_run() -> None:
    stream = [
        Packet(test_id="foo", file_name="log", file_bytes=b"x", eof=True),
        start("foo"),
        end("foo"),
    ]
    [record] = tests(stream)
    assert [attachment.name for attachment in record.attachments] == ["log"]


def test_files_behind_the_end_come_as_a_record_without_status() -> None:
    stream = [
        start("foo"),
        end("foo"),
        Packet(test_id="foo", file_name="log", file_bytes=b"x", eof=True),
        end("bar"),
    ]
    foo, bar, late = tests(stream)
    assert (foo.attachments, bar.id) == ((), "bar")
    assert (late.id, late.status, late.is_incomplete, late.has_failed) == (
        "foo",
        None,
        False,
        False,
    )
    assert late.attachments[0].data == b"x"


def test_runnable_is_what_the_status_says() -> None:
    # Emitters leave the bit of a layer's attachments set.
    stream = [
        start("layer", runnable=False),
        Packet(test_id="layer", file_name="traceback", file_bytes=b"x", runnable=True),
        end("layer", test_status="fail", runnable=False),
    ]
    [record] = tests(stream)
    assert not record.runnable


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("last", [True, False])
def test_all_packets_with_a_status_since_the_start_say_runnable(first: bool, last: bool) -> None:
    # clause runnable.consumer: zope.testrunner fails a layer as runnable
    listed = Packet(test_id="layer", test_status="exists", runnable=False)
    run = [start("layer", runnable=first), end("layer", test_status="fail", runnable=last)]
    assert [record.runnable for record in tests([listed, *run])] == [False, first and last]
    # Each run is judged on its own, and so is an end without a start.
    for again in ([start("layer"), end("layer")], [end("layer")]):
        assert [record.runnable for record in tests([*run, *again])][1] is True
    # Within a run, a listing and a second start count.
    for said in (start("layer", runnable=False), listed):
        [record] = tests([run[0], said, run[1]])
        assert record.runnable is False


def test_what_is_about_no_test_is_for_others() -> None:
    others: list[Item] = []
    version = Packet(file_name="version-info", file_bytes=b"{}", eof=True)
    route = Packet(test_status="inprogress", route_code="0")
    octets = b"ok\n" + encode(version) + encode(route) + damaged(FOO_OCTETS) + b"\n" + BAR_OCTETS
    records = list(tests(octets, on_other=others.append))
    assert said(records) == [("bar.test_b", "success")]
    assert [type(item) for item in others][:1] == [Passthrough]
    assert others[1:3] == [version, route]
    assert any(isinstance(item, Corrupt) for item in others)
    assert sum(item.length for item in others) == len(octets) - len(BAR_OCTETS)


def test_reports_of_damage_are_for_others() -> None:
    # clause damage.parser
    others: list[Item] = []
    data = Packet(test_id="subunit.parser", file_name="Packet data", file_bytes=b"\xb3")
    report = [data, Packet(test_id="subunit.parser", test_status="fail", route_code="0")]
    assert said(list(tests([start("foo"), *report, end("foo")], on_other=others.append))) == [
        ("foo", "success")
    ]
    assert others == report


def test_without_attachments() -> None:
    [record] = tests(FULL_OCTETS, keep_attachments=False)
    assert record.attachments == ()


def test_chosen_attachments() -> None:
    def is_log(packet: Packet) -> bool:
        return packet.mime_type == "text/plain"

    stream = [
        Packet(test_id="foo", file_name="a", file_bytes=b"1", mime_type="text/plain"),
        Packet(test_id="foo", file_name="b", file_bytes=b"2", mime_type="image/png"),
        # The function is called for the first packet of a file.
        Packet(test_id="foo", file_name="b", file_bytes=b"3", mime_type="text/plain", eof=True),
        Packet(test_id="foo", file_name="a", file_bytes=b"4", eof=True),
        Packet(test_id="foo", file_name="b", file_bytes=b"5", mime_type="text/plain", eof=True),
        end("foo"),
    ]
    [record] = tests(stream, keep_attachments=is_log)
    assert [(each.name, each.data) for each in record.attachments] == [("a", b"14"), ("b", b"5")]


# --- Sources -----------------------------------------------------------------------------


def test_sources() -> None:
    octets = FOO_OCTETS + b"ok\n" + BAR_OCTETS
    expected = list(tests(octets))
    assert said(expected) == [("foo", "exists"), ("bar.test_b", "success")]
    for source in (
        bytearray(octets),
        memoryview(octets),
        io.BytesIO(octets),
        list(subunit2.decode(octets)),
        subunit2.decode(octets),
    ):
        assert list(tests(source)) == expected


@pytest.mark.parametrize("source", ["text", io.StringIO("text"), 3])
def test_not_a_source(source: object) -> None:
    with pytest.raises(TypeError, match="octets or a binary file"):
        list(tests(source))  # type: ignore[arg-type]


def test_a_pipe_is_followed() -> None:
    import os

    theirs, ours = os.pipe()
    with os.fdopen(theirs, "rb") as reading, os.fdopen(ours, "wb", 0) as writing:
        records = tests(reading)
        writing.write(BAR_OCTETS)
        assert next(records).id == "bar.test_b"
        writing.write(FULL_OCTETS)
        assert next(records).id == "pkg.Case.test_é"
        writing.close()
        assert list(records) == []


# --- Memory and laws ---------------------------------------------------------------------


def many(number: int) -> Iterator[Item]:
    for index in range(number):
        yield start(f"test_{index}", timestamp=at(index), test_tags=("worker",))
        yield Packet(test_id=f"test_{index}", file_name="log", file_bytes=b"x" * 1000, eof=True)
        yield end(f"test_{index}", timestamp=at(index + 1))


def late(number: int) -> Iterator[Item]:
    for index in range(number):
        yield end(f"test_{index}")
        yield Packet(test_id=f"test_{index}", file_name="log", file_bytes=b"x" * 1000, eof=True)


def peak(items: Iterator[Item], records: int) -> int:
    tracemalloc.start()
    try:
        assert sum(1 for _ in tests(items)) == records
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_run() -> None:
    # Holding all of them would take more than ten times as much.
    assert peak(many(10_000), 10_000) < peak(many(1_000), 1_000) + 500_000


def test_memory_does_not_grow_with_what_comes_late() -> None:
    assert peak(late(10_000), 20_000) < peak(late(2_000), 4_000) + 500_000


def test_what_comes_late_is_all_told() -> None:
    number = MOST_UNSTARTED + 3
    records = list(tests(late(number)))
    without = [record for record in records if record.status is None]
    assert [record.id for record in without] == [f"test_{index}" for index in range(number)]
    assert all(record.attachments[0].data == b"x" * 1000 for record in without)
    counts = RunCounts()
    counts.feed(late(number))
    assert counts.without_status == number


_IDS = st.sampled_from(["a", "b"])
_PACKETS = st.builds(
    Packet,
    test_id=_IDS | st.none(),
    test_status=st.sampled_from([None, *subunit2.TEST_STATUSES]),
    test_tags=st.none() | st.lists(st.sampled_from("xy"), max_size=2),
    runnable=st.booleans(),
    file_name=st.none() | st.sampled_from("fg"),
    file_bytes=st.binary(max_size=2),
    eof=st.booleans(),
    route_code=st.none() | st.sampled_from(["0", "1"]),
).map(lambda packet: packet if packet.file_name else subunit2.replace(packet, file_bytes=None))


@given(st.lists(_PACKETS))
def test_nothing_of_a_test_is_lost_or_told_twice(packets: list[Packet]) -> None:
    records = list(tests(packets))
    about_tests = [packet for packet in packets if packet.test_id is not None]
    final = [packet for packet in about_tests if packet.test_status in FINAL_STATUSES]
    complete = [record for record in records if record.is_complete]
    assert [(each.id, each.status, each.route_code, each.runnable) for each in complete] == [
        (each.test_id, each.test_status, each.route_code, each.runnable) for each in final
    ]
    kept = b"".join(sorted(each.data for record in records for each in record.attachments))
    assert sorted(kept) == sorted(b"".join(each.file_bytes or b"" for each in about_tests))
    assert {tag for record in records for tag in record.tags} == {
        tag for packet in about_tests for tag in packet.test_tags or ()
    }
    # At most one record of each test is left, and chunks make no difference.
    left = [(each.route_code, each.id) for each in records if each.status in (None, "inprogress")]
    assert len(left) == len(set(left))
    collector = TestRecords()
    again = [record for packet in packets for record in collector.feed([packet])]
    assert again + collector.close() == records


@given(st.lists(st.binary(max_size=30) | st.sampled_from([FOO_OCTETS, BAR_OCTETS, FULL_OCTETS])))
def test_any_octets(chunks: list[bytes]) -> None:
    for record in tests(b"".join(chunks)):
        assert all(isinstance(each.text, str) for each in record.attachments)


# --- Under pytest ------------------------------------------------------------------------


def test_pytest_does_not_take_them_for_tests(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "from subunit2 import TestRecord, TestRecords, TestStatus, tests\n"
        "def test_one() -> None:\n"
        "    assert list(tests(b'')) == []\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", tmp_path],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environment(),
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
    assert "warning" not in done.stdout


def test_a_record_is_immutable_and_can_be_kept_in_a_set() -> None:
    [record] = tests(FULL_OCTETS)
    with pytest.raises(AttributeError):
        record.status = "skip"  # type: ignore[misc]
    assert len({record, *tests(FULL_OCTETS)}) == 1
