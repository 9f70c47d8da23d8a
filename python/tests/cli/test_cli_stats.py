"""`subunit2 stats`: show how a run went, in numbers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from subunit2 import Packet, Timestamp, encode
from support.command import (
    COMMAND,
    Running,
    environment,
    interruptible,
    run,
    run_on_terminal,
)
from support.streams import FOO_OCTETS, damaged

STATUSES = ("success", "xfail", "skip", "uxsuccess", "fail")


def at(seconds: int) -> Timestamp:
    return Timestamp(1_754_000_000 + seconds)


def form_of(stream: bytes) -> dict[str, Any]:
    form: dict[str, Any] = json.loads(run("stats", "--json", stdin=stream).output)
    return form


def stream_of(*packets: Packet) -> bytes:
    return b"".join(map(encode, packets))


def test_tests_and_what_is_no_test_are_counted_apart() -> None:
    packets = [
        Packet(test_id=f"{status}_{number}", test_status=status, runnable=runnable)  # type: ignore[arg-type]
        for count, status in enumerate(STATUSES, 1)
        for runnable in (True, False)
        for number in range(count * (2 if runnable else 1))
    ]
    form = form_of(stream_of(*packets))
    assert form["tests"] == {
        "success": 2,
        "xfail": 4,
        "skip": 6,
        "uxsuccess": 8,
        "fail": 10,
        "incomplete": 0,
    }
    assert form["not_runnable"] == {
        "success": 1,
        "xfail": 2,
        "skip": 3,
        "uxsuccess": 4,
        "fail": 5,
        "incomplete": 0,
    }


def test_what_never_ended_is_named_with_its_age() -> None:
    stream = stream_of(
        Packet(test_id="foo", test_status="inprogress", route_code="I2/W3", timestamp=at(0)),
        Packet(test_id="bar", test_status="inprogress", timestamp=at(1)),
        Packet(test_id="bar", test_status="success", timestamp=at(90)),
    )
    form = form_of(stream)
    assert form["running"] == [
        {
            "test_id": "foo",
            "route_code": "I2/W3",
            "runnable": True,
            "started": {"seconds": 1_754_000_000, "nanoseconds": 0},
            "age": 90.0,
        }
    ]
    assert (form["tests"]["incomplete"], form["tests"]["success"]) == (1, 1)
    assert (form["elapsed"], form["total_time"]) == (90.0, 89.0)
    shown = run("stats", stdin=stream)
    assert shown.status == 1
    assert "\nnever ended\n  foo  [route I2/W3]  for 1:30\n" in shown.text


def test_damage_output_and_routes() -> None:
    stream = (
        b"ok\r\n"
        + damaged(FOO_OCTETS)
        + stream_of(
            Packet(test_id="foo", test_status="exists"),
            Packet(test_id="foo", test_status="success", route_code="0"),
            Packet(test_id="bar", test_tags=["late"]),
            Packet(test_status="success", route_code="0"),
        )
    )
    form = form_of(stream)
    assert (form["damaged_regions"], form["damaged_octets"]) == (1, len(FOO_OCTETS))
    assert form["errors"] == {"checksum": 1}
    assert (form["passthrough_octets"], form["listed"], form["packets"]) == (4, 1, 4)
    assert form["without_status"] == 1
    assert form["routes"] == [
        {"route_code": None, "tests": 0, "status": None},
        {"route_code": "0", "tests": 1, "status": "success"},
    ]
    shown = run("stats", stdin=stream).text
    assert "damaged       1 region, 12 octets: 1 checksum\n" in shown
    assert "output        4 octets between packets\n" in shown
    assert "listed                1\n" in shown
    assert "\n  as a whole: success  [route 0]\n" in shown


def test_a_damaged_end_leaves_its_test_incomplete() -> None:
    started = Packet(test_id="foo", test_status="inprogress")
    ended = encode(Packet(test_id="foo", test_status="success"))
    form = form_of(encode(started) + damaged(ended))
    assert (form["tests"]["success"], form["tests"]["incomplete"]) == (0, 1)
    assert [test["test_id"] for test in form["running"]] == ["foo"]


def test_a_packet_behind_output_without_a_line_end() -> None:
    stream = b"starting server" + encode(Packet(test_id="foo", test_status="success"))
    assert run("stats", stdin=stream).status == 0
    assert form_of(stream)["tests"]["success"] == 1


def test_many_that_never_ended_are_cut_short_where_a_person_reads() -> None:
    stream = stream_of(*(Packet(test_id=f"t{n}", test_status="inprogress") for n in range(25)))
    assert "  … 5 more, see --json\n" in run("stats", stdin=stream).text
    assert len(form_of(stream)["running"]) == 25


def test_a_bar_on_a_terminal() -> None:
    stream = stream_of(
        *(Packet(test_id=f"t{n}", test_status="success") for n in range(99)),
        Packet(test_id="foo", test_status="fail"),
    )
    shown = run_on_terminal("stats", "-", stdin=stream, columns=60).output.decode()
    bar = shown.split("\r\n")[0]
    # Green, then at least one column of red, in one line.
    assert bar.index("\x1b[32m━") < bar.index("\x1b[31m━")
    assert 50 < bar.count("━") <= 60
    assert "99 success" in shown
    assert "1 fail" in shown
    assert "━" not in run("stats", stdin=stream).text
    # Without colour, the legend tells them apart.
    plain = run_on_terminal("stats", "-", stdin=stream, changes={"NO_COLOR": "1"}).output
    assert b"\x1b[32m" not in plain


def test_interrupted_it_says_what_hangs() -> None:
    stream = stream_of(
        Packet(test_id="hangs", test_status="inprogress"),
        Packet(test_id="waits", test_status="exists"),
    )
    with interruptible(), Running("stats") as running:
        running.feed(stream)
        # When a pipe takes more than it can hold, the command has read.
        running.feed(b"x" * (1 << 17))
        running.process.send_signal(signal.SIGINT)
        running.process.wait(60)
        done = running.finish()
    assert done.status == 130
    assert "\nnever ended\n  hangs\nnot started           1\n  waits\n" in done.text


# --- Beside subunit-stats ----------------------------------------------------------------


@pytest.fixture(scope="module")
def streams(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    folder = tmp_path_factory.mktemp("streams")

    def stream(tests: int) -> Path:
        path = folder / str(tests)
        with path.open("wb") as file:
            for number in range(tests):
                test = f"package.module{number // 100}.Case.test_number_{number}"
                for status, when in (("inprogress", number), ("success", number + 1)):
                    packet = Packet(
                        test_id=test,
                        test_status=status,  # type: ignore[arg-type]
                        timestamp=at(when),
                        test_tags=("worker-1",),
                        route_code=str(number % 4),
                    )
                    file.write(encode(packet))
        return path

    return stream


def measured(arguments: list[str], source: Path) -> tuple[float, int]:
    """Return the processor time of a process, in seconds, and its memory, in KiB."""
    with source.open("rb") as file:
        process = subprocess.Popen(
            arguments, stdin=file, stdout=subprocess.DEVNULL, env=environment()
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss


@pytest.mark.slow
def test_four_times_as_fast_as_subunit_stats(streams: Callable[[int], Path]) -> None:
    stream = streams(60_000)
    theirs = str(Path(sys.executable).with_name("subunit-stats"))
    ours = min(measured([*COMMAND, "stats"], stream)[0] for _ in range(3))
    assert 4 * ours < measured([theirs], stream)[0]


@pytest.mark.slow
def test_memory_does_not_grow_with_the_run(streams: Callable[[int], Path]) -> None:
    small = measured([*COMMAND, "stats"], streams(1_000))[1]
    large = measured([*COMMAND, "stats"], streams(60_000))[1]
    # The reader holds one chunk of the 8 MB of the larger stream.
    assert large < small + 2_048
