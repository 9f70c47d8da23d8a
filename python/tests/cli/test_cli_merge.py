"""`subunit2 merge`: merge streams as they arrive, or keep the last run of each test."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any, cast

import pytest

from subunit2 import Packet, TestStatus, Timestamp, decode, encode
from subunit2.items import replace
from subunit2.streams.timestamps import now
from support.command import CAPTURES, Done, Running, assert_one_line, interruptible, run
from support.patience import PATIENCE
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, octets_of, packets


def packet(test_id: str, status: TestStatus | None = None, **more: Any) -> Packet:
    return replace(Packet(test_id=test_id, test_status=status), **more)


@contextmanager
def merging(tmp_path: Path, *options: str) -> Iterator[tuple[Running, FileIO, FileIO]]:
    """Run the command on two FIFOs; yield it and their write ends."""
    fifos = [tmp_path / "first", tmp_path / "second"]
    for fifo in fifos:
        os.mkfifo(fifo)
    with (
        Running("merge", *options, *fifos) as running,
        fifos[0].open("wb", buffering=0) as first,
        fifos[1].open("wb", buffering=0) as second,
    ):
        yield running, first, second


# --- Live ----------------------------------------------------------------------------------------


def test_what_arrives_is_out_at_once_while_the_others_are_silent(tmp_path: Path) -> None:
    with merging(tmp_path) as (running, first, second):
        expected = b""
        for fifo, octets in (
            (second, FOO_OCTETS),
            (first, BAR_OCTETS),
            (first, b"(Pdb) "),
            (second, FULL_OCTETS),
        ):
            fifo.write(octets)
            expected += octets
            assert running.expect(expected.__eq__)
        # The first input has ended, the second has not.
        first.close()
        second.write(b"\n" + FOO_OCTETS)
        expected += b"\n" + FOO_OCTETS
        assert running.expect(expected.__eq__)
        second.close()
        assert running.finish() == Done(0, expected, b"")


def test_a_packet_is_not_cut_by_another(tmp_path: Path) -> None:
    with merging(tmp_path) as (running, first, second):
        first.write(BAR_OCTETS[:10])
        second.write(FOO_OCTETS)
        assert running.expect(FOO_OCTETS.__eq__)
        first.write(BAR_OCTETS[10:])
        assert running.expect((FOO_OCTETS + BAR_OCTETS).__eq__)


def test_files_and_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(FOO_OCTETS * 3)
    done = run("merge", file, "-", file, stdin=BAR_OCTETS * 2)
    assert (done.status, done.errors) == (0, b"")
    found = [encode(item) for item in decode(done.output)]
    assert sorted(found) == sorted([FOO_OCTETS] * 6 + [BAR_OCTETS] * 2)


def test_captures_keep_their_order() -> None:
    clean = [
        path for path in CAPTURES if all(isinstance(e, Packet) for e in decode(path.read_bytes()))
    ]
    assert len(clean) > 3
    merged = list(decode(run("merge", *clean).output))
    for path in clean:
        mine = iter(merged)
        # The packets of an input stay in order.
        assert all(item in mine for item in decode(path.read_bytes()))
    assert len(merged) == sum(len(list(decode(path.read_bytes()))) for path in clean)


# --- Clocks --------------------------------------------------------------------------------------


def test_clocks_that_are_apart_come_together(tmp_path: Path) -> None:
    offsets = {"a": -3600 * 10**9, "b": 30 * 10**9}
    said: list[tuple[str, int]] = []
    arrived: list[int] = []
    with merging(tmp_path, "--align-clocks") as (running, first, second):
        for number in range(20):
            name, fifo = (("a", first), ("b", second))[number % 2]
            told = _count(now()) + offsets[name]
            arrived.append(_count(now()))
            fifo.write(encode(packet(name, "inprogress", timestamp=_timestamp(told))))
            said.append((name, told))
            running.expect(lambda output: _statuses(output) == len(said))
        first.close()
        second.close()
        done = running.finish()
    items = packets(decode(done.output))
    moved = [item for item in items if item.test_status]
    assert [item.test_id for item in moved] == [name for name, _ in said]
    times = [_count(item.timestamp) for item in moved]
    for name in "ab":
        # All durations are unchanged, to the nanosecond.
        mine = [time for time, (each, _) in zip(times, said, strict=True) if each == name]
        was = [time for each, time in said if each == name]
        assert [time - mine[0] for time in mine] == [time - was[0] for time in was]
        # The offset is written as a file.
    added = [json.loads(item.file_bytes or b"")["nanoseconds"] for item in items if item.file_name]
    assert added == [times[0] - said[0][1], times[1] - said[1][1]]
    # Both clocks are right now, except for the transit time of a packet.
    for time, expected in zip(times, arrived, strict=True):
        assert 0 <= time - expected < _SLOW


#: The longest transit time of a packet on a busy machine, in nanoseconds. The tests with a
#: clock of their own check that nothing else is added.
_SLOW = 10**9


def _statuses(output: bytes) -> int:
    return sum(item.test_status is not None for item in packets(decode(output)))


def _count(timestamp: Timestamp | None) -> int:
    assert timestamp is not None
    return timestamp.seconds * 10**9 + timestamp.nanoseconds


def _timestamp(nanoseconds: int) -> Timestamp:
    return Timestamp(*divmod(nanoseconds, 10**9))


# --- Reruns --------------------------------------------------------------------------------------

FIRST = [
    packet("good", "inprogress"),
    packet("good", "success", test_tags=("first",)),
    packet("bad", "inprogress"),
    packet("bad", file_name="traceback", file_bytes=b"...", eof=True),
    packet("bad", "fail"),
    Packet(file_name="coverage", file_bytes=b"\0"),
    packet("bad", "fail", route_code="1"),
]
RERUN = [
    packet("good", "exists"),
    packet("bad", "inprogress"),
    packet("bad", "success"),
    packet("new", "skip"),
]


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    """A run, and a rerun of its failed tests, with output and damage."""
    paths = [tmp_path / "first", tmp_path / "rerun"]
    paths[0].write_bytes(b"building\n" + octets_of(FIRST) + damaged(FOO_OCTETS))
    paths[1].write_bytes(octets_of(RERUN))
    return paths


LAST = b"building\n" + octets_of([*FIRST[:2], *FIRST[5:]]) + damaged(FOO_OCTETS) + octets_of(RERUN)


def test_of_a_test_that_ran_again_the_last_run_stays(runs: list[Path]) -> None:
    assert run("merge", "--prefer-last", *runs) == Done(0, LAST, b"")
    assert run("merge", "--prefer-last", runs[0]).output == runs[0].read_bytes()
    assert run("merge", "--prefer-last", "--strict", *runs) == Done(1, LAST, b"")


def test_reruns_through_pipes_are_read_in_the_order_of_the_call(
    runs: list[Path], tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Running("merge", "--prefer-last", "-", fifo) as running:
        running.feed(runs[0].read_bytes())
        running.close_input()
        with fifo.open("wb", buffering=0) as rerun:
            rerun.write(runs[1].read_bytes())
        running.process.stdin = None
        assert running.finish() == Done(0, LAST, b"")
    done = run("merge", "--prefer-last", runs[1], "-", stdin=runs[0].read_bytes())
    # In the other order, the failure is the last run.
    ends = {each.test_id: each.test_status for each in packets(decode(done.output))}
    assert ends["bad"] == "fail"


def test_it_says_how_many_results_were_replaced_on_other_workers(tmp_path: Path) -> None:
    # clause test-id.identity
    octets = {
        "first": "b32d060c01610132a0fdfede",
        "rerun": "b32d030c016101301e3e0e41",
    }
    for name, digits in octets.items():
        (tmp_path / name).write_bytes(bytes.fromhex(digits))
    done = run("merge", "--prefer-last", tmp_path / "first", tmp_path / "rerun")
    assert (done.status, done.output) == (0, bytes.fromhex(octets["rerun"]))
    assert assert_one_line(done.errors, "merge") == (
        "1 result replaced by a run on another worker's route"
    )
    # testr's and stestr's stores have tags in place of routes.
    for name, worker, status in (("first", 0, "fail"), ("rerun", 1, "success")):
        tagged = packet("a", cast(TestStatus, status), test_tags=(f"worker-{worker}",))
        (tmp_path / name).write_bytes(encode(tagged))
    done = run("merge", "--prefer-last", tmp_path / "first", tmp_path / "rerun")
    assert done == Done(0, (tmp_path / "rerun").read_bytes(), b"")


# --- Calls ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ([], "the following arguments are required: FILE"),
        (["-", "-"], "standard input: named twice"),
        (["--prefer-last", "--align-clocks", "-"], "not allowed with"),
        (["-", "/"], "/: Is a directory"),
        (["--prefer-last", "-", "/"], "/: Is a directory"),
    ],
)
def test_a_call_that_is_wrong(call: list[str], reason: str) -> None:
    done = run("merge", *call, stdin=FOO_OCTETS)
    assert (done.status, done.output) == (2, b"")
    assert reason in assert_one_line(done.errors, "merge")


def test_it_can_be_interrupted_while_a_fifo_has_no_writer(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with interruptible(), Running("merge", "-", fifo) as running:
        running.feed(FOO_OCTETS)
        running.expect(FOO_OCTETS.__eq__)
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(PATIENCE) == 128 + signal.SIGINT
        assert running.finish().errors == b""
