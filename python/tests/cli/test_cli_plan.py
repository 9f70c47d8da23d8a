"""A run is held to its list, and damage and clocks that stepped back are named."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from subunit2 import CHILD_SEPARATOR, Packet, Timestamp, encode, replace
from subunit2.cli.live import LiveClock
from subunit2.items import TestStatus
from support.command import CAPTURES, assert_one_line, run
from support.streams import damaged

HALF = bytes.fromhex(
    "b329010a016177c80f31b329010a0162eec15e8bb329020a0161657da0dfb329030a0161ddc1c7ba"
)


def packet(
    test_id: str, status: TestStatus, route: str | None = None, *, runnable: bool = True
) -> bytes:
    return encode(Packet(test_id=test_id, test_status=status, route_code=route, runnable=runnable))


def listed(*ids: str, route: str | None = None, runnable: bool = True) -> bytes:
    return b"".join(packet(each, "exists", route, runnable=runnable) for each in ids)


def ran(*ids: str, route: str | None = None, status: TestStatus = "success") -> bytes:
    return b"".join(packet(each, which, route) for each in ids for which in ("inprogress", status))


def form(command: str, stream: bytes, *options: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(run(command, "--json", *options, stdin=stream).output)
    return read


def test_a_run_that_stopped_half_way_has_failed() -> None:
    for command in ("stats", "failing", "slowest", "lint"):
        assert run(command, stdin=HALF).status == 1
    assert "never started         1\n  b\n" in run("stats", stdin=HALF).text
    assert run("failing", "--list", stdin=HALF).output == b"b\n"
    assert run("failing", stdin=HALF).text == (
        "never started  b\n0 failed, 0 never ended, 1 never started, of 2 tests\n"
    )
    assert form("stats", HALF)["never_started"] == ["b"]
    failing = form("failing", HALF)
    assert failing["never_started"] == ["b"]
    assert [(each["test_id"], each["status"]) for each in failing["failing"]] == [("b", "exists")]
    for command in ("stats", "failing", "slowest"):
        assert run(command, "--no-plan", stdin=HALF).status == 0


SEPARATED = f"a{CHILD_SEPARATOR}part"


@pytest.mark.parametrize(
    ("stream", "never_started"),
    [
        pytest.param(listed("a", "b") + ran("a", "b"), [], id="complete"),
        pytest.param(ran("a") + listed("a"), [], id="listed after it ran"),
        pytest.param(listed("a") + packet("a", "success"), [], id="ended at once"),
        pytest.param(listed("a") + packet("a", "skip"), [], id="skipped"),
        pytest.param(listed("a", "a", "b", "b") + ran("a"), ["b"], id="listed twice"),
        pytest.param(listed("T") + ran("T(a)", "T(b)"), [], id="scenarios"),
        pytest.param(listed("T", "T(a)") + ran("T(a)"), ["T"], id="both are listed"),
        pytest.param(listed("T") + ran("T2"), ["T"], id="another test"),
        pytest.param(listed("a") + ran(SEPARATED), [], id="a child"),
        pytest.param(listed("a", route="0") + ran("a", route="1"), [], id="another route"),
        pytest.param(listed("a", "b") + ran("a", route="0"), ["b"], id="without a route"),
        pytest.param(
            listed("a", "b", route="0") + ran("a", route="0") + ran("b", route="1"),
            ["b"],
            id="its own route ran others",
        ),
        pytest.param(
            listed("a", route="linux") + listed("a", route="windows") + ran("a", route="linux"),
            ["a"],
            id="a machine that ended at once",
        ),
        pytest.param(
            listed("a", route="linux")
            + listed("a", route="windows")
            + ran("a", route="linux")
            + ran("a", route="windows"),
            [],
            id="two machines",
        ),
        pytest.param(
            listed("a") + listed("a", route="0") + ran("b", route="0"), ["a"], id="listed by both"
        ),
        pytest.param(
            listed("layer", runnable=False) + listed("a") + ran("a"), [], id="a layer is listed"
        ),
        pytest.param(
            listed("a", "b", runnable=False) + ran("a"), ["b"], id="a writer without the flag"
        ),
        pytest.param(
            listed("m.C.a", "m.C.b", "m.D.a") + ran("setUpClass (m.C)", status="skip"),
            ["m.D.a"],
            id="a skipped class",
        ),
        pytest.param(
            listed("m.C.a") + packet("setUpModule (m)", "skip"), [], id="a skipped module"
        ),
        pytest.param(
            listed("m.C.a") + ran("setUpClass (m.C)", status="fail"), ["m.C.a"], id="a failed class"
        ),
        pytest.param(
            listed("a") + packet("a", "inprogress") + listed("a"), [], id="listed in its run"
        ),
    ],
)
def test_the_tests_that_never_started(stream: bytes, never_started: list[str]) -> None:
    assert form("stats", stream)["never_started"] == never_started
    found = [each for each in form("lint", stream)["findings"] if each["rule"] == "never-started"]
    assert [each["test_id"] for each in found] == never_started
    list_ = run("failing", "--list", "--all", stdin=stream).text.splitlines()
    assert set(never_started) <= set(list_)


def test_a_listing_alone_is_a_listing() -> None:
    for stream in (listed("a", "b"), listed("a") + encode(Packet(test_status="inprogress"))):
        read = form("stats", stream)
        assert (read["never_started"], read["not_started"]) == ([], [])
        assert form("lint", stream, "--rule", "never-started")["findings"] == []
    assert run("stats", stdin=listed("a", "b")).status == 2


def test_the_captures_that_newly_have_tests_that_never_started() -> None:
    found = {path.stem: form("stats", path.read_bytes())["never_started"] for path in CAPTURES}
    # Each of them had failed without these, too.
    assert {stem: len(ids) for stem, ids in found.items() if ids} == {
        "cut-in-packet": 1,
        "cut-then-goes-on": 1,
        "stestr-two-workers": 1,
        "subunit-output": 1,
        "subunit-run-import-error": 9,
        "subunit-run": 1,
    }


# A plan from outside.


@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(b"a\nb\n", id="lines"),
        pytest.param(b"a\r\nb\r\n", id="lines of Windows"),
        pytest.param(b"a\0b\0", id="ended by NUL"),
        pytest.param(listed("a", "b"), id="a listing"),
        pytest.param(ran("a", "b"), id="a run"),
        pytest.param(listed("a", "b", route="worker-3"), id="a listing by a worker"),
    ],
)
def test_a_plan_from_outside(tmp_path: Path, plan: bytes) -> None:
    file = tmp_path / "plan"
    file.write_bytes(plan)
    expect = ("--expect", str(file))
    for command in ("stats", "failing", "slowest"):
        assert run(command, *expect, stdin=ran("a", "b")).status == 0
        assert run(command, *expect, stdin=ran("a", "b", route="0")).status == 0
        assert run(command, *expect, stdin=ran("a")).status == 1
    assert form("stats", ran("a"), *expect)["never_started"] == ["b"]
    # Nothing ran at all, which is not the plan.
    assert run("stats", *expect, stdin=listed("a", "b")).status == 1
    assert run("failing", "--list", *expect, stdin=b"").output == b"a\nb\n"


def test_a_plan_names_machines_and_no_workers(tmp_path: Path) -> None:
    file = tmp_path / "plan"
    file.write_bytes(ran("a", route="linux/0") + ran("a", route="windows/0"))
    both = ran("a", route="linux/1") + ran("a", route="windows/1")
    assert run("stats", "--expect", str(file), stdin=both).status == 0
    one = ran("a", route="linux/1") + ran("b", route="windows/1")
    read = form("stats", one, "--expect", str(file))
    assert [each["route_code"] for each in read["not_started"]] == ["windows/0"]


def test_a_plan_from_outside_comes_beside_that_of_the_stream(tmp_path: Path) -> None:
    file = tmp_path / "plan"
    file.write_bytes(b"a\n")
    assert run("stats", "--expect", str(file), stdin=HALF).status == 1
    assert run("stats", "--expect", str(file), "--no-plan", stdin=HALF).status == 0


def test_a_plan_with_layers_and_scenarios(tmp_path: Path) -> None:
    file = tmp_path / "plan"
    layer = packet("layer", "inprogress", runnable=False) + packet("layer", "success")
    file.write_bytes(layer + ran("T", "setUpClass (m.C)"))
    assert run("stats", "--expect", str(file), stdin=ran("T(a)", "T(b)")).status == 0


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "no test in it"),
        (b"\n\n", "no test in it"),
        (encode(Packet(test_status="success")), "no test in it"),
        (b"\xff\xfe\n", "neither a stream nor a list of ids in UTF-8"),
        (listed("a") + damaged(listed("b")), "the stream is damaged"),
    ],
)
def test_a_plan_that_is_none(tmp_path: Path, octets: bytes, reason: str) -> None:
    file = tmp_path / "plan"
    file.write_bytes(octets)
    for command in ("stats", "failing", "slowest"):
        done = run(command, "--expect", str(file), stdin=ran("a"))
        assert (done.status, done.output) == (2, b"")
        assert reason in assert_one_line(done.errors, command)


def test_a_plan_that_cannot_be_read(tmp_path: Path) -> None:
    done = run("stats", "--expect", str(tmp_path / "nowhere"), stdin=HALF)
    assert (done.status, done.output) == (2, b"")
    done = run("stats", "--expect", "-", stdin=HALF)
    assert done.status == 2
    assert "both standard input" in done.errors.decode()


def test_a_plan_on_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "run"
    file.write_bytes(ran("a"))
    assert run("stats", "--expect", "-", str(file), stdin=b"a\n").status == 0
    assert run("stats", "--expect", "-", str(file), stdin=b"a\nb\n").status == 1


# Damage.


@pytest.mark.parametrize("number", [1, 66])
def test_packets_that_are_all_damaged(number: int) -> None:
    stream = ran(*(f"tests.{each}" for each in range(number))).replace(b"tests", b"TESTS")
    said = f"{2 * number} packets, all damaged"
    for command in ("stats", "failing", "slowest", "ls"):
        done = run(command, stdin=stream)
        assert (done.status, said in done.errors.decode()) == (3, True)
    done = run("lint", stdin=stream)
    assert (done.status, said in done.errors.decode()) == (1, True)
    assert run("lint", "--rule", "never-ended", stdin=stream).status == 3
    # A multiplexer reports them, and nothing else is about a test.
    wrapped = run("wrap", stdin=stream).output
    assert run("stats", stdin=wrapped).status == 3


@pytest.mark.parametrize(
    "options", [("failing", "--list"), ("failing", "--json"), ("ls",), ("slowest",)]
)
def test_damage_is_on_standard_error(options: tuple[str, ...]) -> None:
    done = run(*options, stdin=ran("a") + damaged(packet("b", "success")))
    assert done.status == 3
    assert "damaged: 1 region, 10 octets: 1 checksum" in done.errors.decode()
    assert run(*options, stdin=ran("a")).errors == b""


# Clocks.


def timed(test_id: str, start: int, end: int, status: TestStatus = "success") -> bytes:
    begin = Packet(test_id=test_id, test_status="inprogress", timestamp=Timestamp(start))
    return encode(begin) + encode(replace(begin, test_status=status, timestamp=Timestamp(end)))


def test_a_clock_that_stepped_back() -> None:
    stream = timed("a", 1_700_000_100, 1_700_000_090) + timed("b", 1_700_000_091, 1_700_000_093)
    read = form("stats", stream)
    assert (read["total_time"], read["clock_steps"]) == (2.0, 1)
    said = run("stats", stdin=stream)
    assert (said.status, "no duration           1  (the clock" in said.text) == (0, True)
    slowest = run("slowest", stdin=stream)
    assert slowest.text == "   2.000 s  b\n"
    assert b"1 test has no duration: its clock stepped back" in slowest.errors


def test_the_duration_of_a_failed_test_is_null() -> None:
    stream = timed("a", 9, 5, "fail")
    assert form("failing", stream)["failing"][0]["duration"] is None
    assert "fail  a  (the clock stepped back)\n" in run("failing", stdin=stream).text


def test_a_live_stream_is_measured_up_to_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    start, last = Timestamp(1_700_000_000), Timestamp(1_700_000_001)
    live = LiveClock("/dev/null")
    live.note(last)
    now = 100.5
    live.stop()
    # A moment of silence at the end is none.
    assert live.age(start) == 1.0
    now = 112.0
    live.note(last)
    live.stop()
    assert live.age(start) == 13.0
    assert live.age(None) is None
    live = LiveClock("/dev/null")
    live.note(last)
    now = 112.25
    live.stop(interrupted=True)
    assert live.age(start) == 1.25
    # A file that takes long to read is not live.
    file = tmp_path / "file"
    file.touch()
    live = LiveClock(str(file))
    live.note(last)
    now = 130.0
    live.stop(interrupted=True)
    assert live.age(start) == 1.0


# Filters.


@pytest.mark.parametrize(
    "options",
    [
        ("--not-status", "success", "--not-status", "inprogress"),
        ("--whole-tests", "--not-status", "success"),
        ("--not-id", "b"),
        ("--not-route", "1"),
        ("--not-tag", "fast", "--whole-tests"),
    ],
)
def test_a_filter_that_drops_runs_drops_their_listings(options: tuple[str, ...]) -> None:
    fast = Packet(test_id="b", test_status="success", route_code="1", test_tags=["fast"])
    stream = listed("a", "b") + ran("a", status="fail") + encode(fast)
    kept = run("filter", *options, stdin=stream).output
    assert form("stats", kept)["never_started"] == []
    assert run("ls", stdin=kept).text == "a\n"


def test_a_filter_keeps_what_never_started() -> None:
    stream = listed("a", "b", "c") + ran("a", status="fail") + ran("b")
    kept = run("filter", "--whole-tests", "--not-status", "success", stdin=stream).output
    assert form("stats", kept)["never_started"] == ["c"]
    # The listing comes before the run, and the rest at the end.
    assert kept == listed("a") + ran("a", status="fail") + listed("c")


def test_a_filter_by_ids_keeps_the_order() -> None:
    stream = listed("a", "b", "c") + ran("a", status="fail") + ran("b")
    kept = run("filter", "--not-id", "b", stdin=stream).output
    assert kept == listed("a", "c") + ran("a", status="fail")
    assert form("stats", kept)["never_started"] == ["c"]


def test_a_filter_keeps_a_listing() -> None:
    stream = listed("a", "b", route="0")
    assert run("filter", "--route", "0", stdin=stream).output == stream
    assert run("filter", "--status", "exists", stdin=stream + ran("a")).output == stream
    assert run("filter", "--not-status", "fail", stdin=stream).output == stream


def test_a_layer_that_failed_is_not_kept_as_runnable() -> None:
    layer = packet("layer", "inprogress", runnable=False) + packet("layer", "fail")
    kept = run("filter", "--runnable", stdin=layer + ran("a")).output
    assert kept == ran("a")
    assert run("filter", "--not-runnable", stdin=layer + ran("a")).output == layer
