"""`subunit2 filter`: keep some packets of a stream, unchanged and live."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from subunit2 import Item, Packet, Passthrough, TestStatus, Timestamp, decode, encode
from subunit2.items import replace
from support.command import Done, Running, assert_one_line, run
from support.streams import FOO_OCTETS, damaged, joined, octets_of, packets


def packet(test_id: str | None, status: TestStatus | None = None, **more: object) -> Packet:
    return replace(Packet(test_id=test_id, test_status=status), **more)


LOG: dict[str, Any] = {"file_name": "log", "file_bytes": b"x\n", "eof": True}

#: Two overlapping tests, a layer, coverage data, output and damage.
RUN: list[Item] = [
    packet("layer", "inprogress", runnable=False, route_code="1/0", timestamp=Timestamp(100)),
    packet("a.good", "inprogress", route_code="0/1", timestamp=Timestamp(101)),
    packet("a.bad", "inprogress", route_code="0/2", timestamp=Timestamp(102), test_tags=("slow",)),
    Passthrough(b"building\n"),
    packet("a.bad", route_code="0/2", **LOG),
    packet("a.good", "success", route_code="0/1", timestamp=Timestamp(103)),
    packet(None, file_name="coverage", file_bytes=b"\0\1", route_code="0/1"),
    packet("a.bad", "fail", route_code="0/2", timestamp=Timestamp(104, 500_000_000)),
    packet("hangs", "inprogress", route_code="0/10", timestamp=Timestamp(105)),
    packet("layer", "success", runnable=False, route_code="1/0", timestamp=Timestamp(106)),
]
STREAM = octets_of(RUN) + damaged(FOO_OCTETS)


OCTETS = [*map(encode, RUN), damaged(FOO_OCTETS)]


def kept(*call: str) -> list[int]:
    """Filter the run; return the indexes of the items kept, each unchanged octet for octet."""
    done = run("filter", *call, stdin=STREAM)
    assert (done.status, done.errors) == (0, b"")
    left = done.output
    places = []
    while left:
        [place] = [place for place, octets in enumerate(OCTETS) if left.startswith(octets)]
        places.append(place)
        left = left[len(OCTETS[place]) :]
    return places


ALWAYS = [3, 6, 10]


@pytest.mark.parametrize(
    ("call", "places"),
    [
        ("--id bad", [2, 4, 7]),
        ("--id ^a --not-id good$", [2, 4, 7]),
        ("--id bad --id hangs", [2, 4, 7, 8]),
        ("--not-id ^a --not-id hangs", [0, 9]),
        ("--status fail", [7]),
        ("--status fail --status success", [5, 7, 9]),
        ("--not-status inprogress --not-status none", [5, 7, 9]),
        ("--status none", [4]),
        ("--tag slow", [2]),
        ("--not-tag slow", [0, 1, 4, 5, 7, 8, 9]),
        ("--runnable", [1, 2, 4, 5, 7, 8]),
        ("--not-runnable", [0, 9]),
    ],
)
def test_which_tests(call: str, places: list[int]) -> None:
    assert kept(*call.split()) == sorted([*places, *ALWAYS])


@pytest.mark.parametrize(
    ("call", "places"),
    [
        ("--status fail", [3, 6, 2, 4, 7, 10]),
        ("--not-status success", [3, 6, 2, 4, 7, 10, 8]),
        ("--status inprogress", [3, 6, 10, 8]),
        ("--tag slow", [3, 6, 2, 4, 7, 10]),
        ("--not-tag slow --runnable", [3, 1, 5, 6, 10, 8]),
        ("--after 105 --only-tests", [3, 0, 9, 10, 8]),
        ("--before 104", [3, 1, 5, 6, 10]),
        ("--id good", [3, 1, 5, 6, 10]),
    ],
)
def test_which_whole_tests(call: str, places: list[int]) -> None:
    # Each test at its end, and the test without an end last.
    assert kept("--whole-tests", *call.split()) == places


@pytest.mark.parametrize(
    ("call", "places"),
    [
        ("--route 0", [1, 2, 4, 5, 6, 7, 8]),
        ("--route 0/1", [1, 5, 6]),
        ("--not-route 0", [0, 9]),
        ("--route 1/0 --route 0/10", [0, 8, 9]),
        ("--after 103", [4, 5, 6, 7, 8, 9]),
        ("--before 103", [0, 1, 2, 4, 6]),
        ("--after 1970-01-01T00:01:44.5Z", [4, 6, 7, 8, 9]),
        ("--after 1970-01-01T05:01:44.5+05:00 --before 106.0", [4, 6, 7, 8]),
        ("--after 104.500000001", [4, 6, 8, 9]),
        ("--only-tests", [0, 1, 2, 4, 5, 7, 8, 9]),
        ("--only-tests --id good", [1, 5]),
    ],
)
def test_which_packets(call: str, places: list[int]) -> None:
    assert kept(*call.split()) == sorted([*places, 3, 10])


def test_what_is_no_packet() -> None:
    assert kept("--no-passthrough") == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10]
    assert kept("--no-corrupt") == list(range(10))
    assert kept("--no-corrupt", "--no-passthrough", "--only-tests", "--id", "good") == [1, 5]


def test_lists(tmp_path: Path) -> None:
    first, second, stream = (tmp_path / name for name in ("first", "second", "stream"))
    first.write_bytes(b"hangs\r\nno such test\n")
    second.write_bytes(b"a.good")
    stream.write_bytes(encode(packet("a.bad", "exists")))
    assert kept("--list", str(first)) == sorted([8, *ALWAYS])
    assert kept("--list", str(first), "--list", str(second)) == sorted([1, 5, 8, *ALWAYS])
    assert kept("--list", str(stream)) == sorted([2, 4, 7, *ALWAYS])
    done = run("filter", "--list", str(tmp_path / "none"))
    assert done.status == 2
    assert "No such file" in assert_one_line(done.errors, "filter")


def test_a_list_on_standard_input(tmp_path: Path) -> None:
    stream = tmp_path / "stream"
    stream.write_bytes(STREAM)
    plain = tmp_path / "list"
    plain.write_bytes(b"a.bad\n")
    expected = run("filter", "--list", plain, stream)
    assert expected.status == 0
    assert run("filter", "--list", "-", stream, stdin=b"a.bad\n") == expected
    both = run("filter", "--list", "-", stdin=b"a.bad\n")
    assert (both.status, both.output) == (2, b"")
    assert "both standard input" in assert_one_line(both.errors, "filter")


def test_ids_that_a_list_cannot_hold_as_they_are(tmp_path: Path) -> None:
    ids = [" a[b/c]", "-x", "two\nlines", "::", "😀", '"quoted"', ""]
    stream = b"".join(encode(packet(test_id, "success")) for test_id in ids)
    listed = tmp_path / "list"
    listed.write_bytes(run("ls", "--null", stdin=stream).output)
    assert run("filter", "--list", listed, stdin=stream).output == stream
    listed.write_bytes(stream)
    assert run("filter", "--list", listed, stdin=stream).output == stream
    done = run("ls", stdin=stream)
    assert (done.status, done.errors.count(b"left out: ")) == (1, 2)
    listed.write_bytes(done.output)
    kept = packets(decode(run("filter", "--list", listed, stdin=stream).output))
    assert [each.test_id for each in kept] == [
        each for each in ids if each not in ("two\nlines", "")
    ]


# --- Bugs of python-subunit's filter -----------------------------------------------------


def test_what_is_kept_loses_nothing() -> None:
    tested = joined(decode(run("filter", "--id", "layer", "--no-corrupt", stdin=STREAM).output))
    layers = [each for each in tested if isinstance(each, Packet) and each.test_id == "layer"]
    assert layers == [RUN[0], RUN[9]]
    # These bugs of python-subunit's filter would fail this test.
    theirs = subprocess.run(
        [Path(sys.executable).parent / "subunit-filter", "-s", "--no-passthrough"],
        input=octets_of(layers),
        capture_output=True,
        check=True,
    )
    start, end = packets(decode(theirs.stdout))
    assert (start.test_id, start.test_status) == ("layer", "inprogress")
    assert (start.runnable, start.route_code) == (True, None)
    assert start.timestamp == end.timestamp == layers[1].timestamp != layers[0].timestamp


def test_a_running_test_is_no_failure() -> None:
    running = encode(RUN[8])
    assert run("filter", stdin=running) == Done(0, running, b"")
    assert run("filter", "--whole-tests", stdin=running) == Done(0, running, b"")


# --- Live ----------------------------------------------------------------------------------------


def test_a_test_that_is_running_is_out_at_once() -> None:
    started = encode(RUN[1])
    with Running("filter", "--id", "good") as running:
        running.feed(encode(RUN[2]) + started)
        assert running.expect(started.__eq__) == started


def test_a_whole_test_is_out_with_its_end() -> None:
    with Running("filter", "--whole-tests", "--status", "fail") as running:
        running.feed(octets_of(RUN[:7]))
        whole = encode(RUN[3]) + encode(RUN[6])
        assert running.expect(whole.__eq__)
        running.feed(encode(RUN[7]))
        whole += octets_of([RUN[2], RUN[4], RUN[7]])
        assert running.expect(whole.__eq__)
        assert running.finish() == Done(0, whole, b"")


def test_a_few_octets_are_not_held_for_ever() -> None:
    # clause reader.stop-waiting: the reader holds none of them
    with Running("filter", "--no-corrupt", "--stop-waiting", "0.05") as running:
        running.feed(b"\xb3> \n")
        running.expect(b"\xb3> \n".__eq__)
        # Without a line feed, it is damage.
        running.feed(b"\xb3> ")
        running.expect(b"\xb3> \n> ".__eq__)


# --- Calls ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (["--id", "("], "( is not a regular expression"),
        (["--status", "good"], "good is not one of exists, "),
        (["--after", "yesterday"], "yesterday is not a time"),
        (["--after", "2026-11-22T10:15:00"], "naive"),
        (["--before", "-1"], "-1 is not a time"),
        (["--before", "1900-01-01T00:00:00Z"], "1970"),
        (["--before", "4294967296"], "4294967296 is not a time"),
        (["--before", "nan"], "nan is not a time"),
        (["--before", "1e999999"], "1e999999 is not a time"),
        (["--runnable", "--not-runnable"], "not allowed with"),
        (["--i", "x"], "unrecognized arguments: --i"),
    ],
)
def test_a_call_that_is_wrong(call: list[str], reason: str) -> None:
    done = run("filter", *call)
    assert (done.status, done.output) == (2, b"")
    assert reason in assert_one_line(done.errors, "filter")
