"""`subunit2 mux`: combine files, FIFOs and commands in one live stream, in real processes."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from subunit2 import Packet, decode, encode
from subunit2.items import replace
from support.command import COMMAND, Running, assert_one_line, environment, run, run_redirected
from support.multiplexed import by_route, damage_of, fifo, ids_of_tests, output_of, printing, stream
from support.patience import PATIENCE
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, header

SUBUNIT2 = shlex.join(COMMAND)


@pytest.fixture
def worker(tmp_path: Path) -> Path:
    path = tmp_path / "worker"
    path.write_bytes(FOO_OCTETS + b"hello\n" + BAR_OCTETS)
    return path


# --- Output ---------------------------------------------------------------------------


def test_files_and_standard_input(worker: Path) -> None:
    done = run("mux", f"W1={worker}", "W2=-", stdin=FULL_OCTETS)
    assert (done.status, done.errors) == (0, b"")
    routes = by_route(done.output)
    assert set(routes) == {"W1", "W1/0/3", "W2/1"}
    assert ids_of_tests(routes["W1"]) == ["foo"]
    assert output_of(routes["W1"]) == b"hello\n"
    assert [packet.eof for packet in routes["W1"] if packet.file_name] == [False, True]
    [full] = decode(FULL_OCTETS)
    assert isinstance(full, Packet)
    assert routes["W2/1"] == [replace(full, route_code="W2/1")]


def test_an_empty_input_is_an_empty_stream() -> None:
    assert run("mux", "0=-") == (0, b"", b"")


def test_two_levels_over_four_workers(tmp_path: Path) -> None:
    for name in ("a", "b", "c", "d"):
        (tmp_path / name).write_bytes(stream(name, 500) + b"x\n")
    call = (
        f"{SUBUNIT2} mux I1=<({SUBUNIT2} mux W1=<(cat a) W2=<(cat b)) "
        f"I2=<({SUBUNIT2} mux W3=<(cat c) W4=<(cat d))"
    )
    done = subprocess.run(
        ["bash", "-c", call],
        capture_output=True,
        cwd=tmp_path,
        env=environment(),
        timeout=PATIENCE,
        check=True,
    )
    assert done.stderr == b""
    routes = by_route(done.stdout)
    assert sorted(map(str, routes)) == ["I1/W1", "I1/W2", "I2/W3", "I2/W4"]
    for route, name in zip(sorted(routes, key=str), "abcd", strict=True):
        assert ids_of_tests(routes[route]) == [f"{name}.{number}" for number in range(500)]
        assert output_of(routes[route]) == b"x\n"


def test_a_hang_is_seen_at_the_top_at_once(tmp_path: Path) -> None:
    started = encode(Packet(test_id="hangs", test_status="inprogress"))
    (tmp_path / "good").write_bytes(stream("good", 50))
    # It waits for a writer of the FIFO until the test ends.
    with fifo(tmp_path / "hang") as never:
        (tmp_path / "started").write_bytes(started)
        worker = f"cd {shlex.quote(str(tmp_path))}; cat started; printf '(Pdb) '; read x < hang"
        good = printing(tmp_path / "good")
        inner = [
            shlex.join([*COMMAND, "mux", "--run", f"W1={good}", "--run", f"W2={other}"])
            for other in (worker, good)
        ]
        with Running("mux", "--run", f"I1={inner[0]}", "--run", f"I2={inner[1]}") as running:
            shown = running.expect(
                lambda octets: b"(Pdb) " in octets and octets.count(b"good.49") == 3
            )
            routes = by_route(shown)
            assert ids_of_tests(routes["I1/W2"]) == ["hangs"]
            assert output_of(routes["I1/W2"]) == b"(Pdb) "
            for route in ("I1/W1", "I2/W1", "I2/W2"):
                assert ids_of_tests(routes[route]) == [f"good.{number}" for number in range(50)]
            os.write(never, b"on\n")
            done = running.finish()
    assert (done.status, done.errors) == (0, b"")


def test_a_fifo_that_nobody_opens_holds_nothing_back(worker: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with Running("mux", f"W1={tmp_path / 'fifo'}", f"W2={worker}") as running:
        running.expect(lambda octets: b"bar.test_b" in octets)
        assert running.process.poll() is None
        with (tmp_path / "fifo").open("wb") as late:
            late.write(FOO_OCTETS)
        done = running.finish()
    assert done.status == 0
    assert ids_of_tests(by_route(done.output)["W1"]) == ["foo"]


def test_what_a_command_writes_to_standard_error_is_a_file(worker: Path) -> None:
    done = run("mux", "--run", f"W1={printing(worker)}; echo oops >&2")
    assert (done.status, done.errors) == (0, b"")
    found = by_route(done.output)["W1"]
    assert output_of(found, "stderr") == b"oops\n"
    assert output_of(found) == b"hello\n"


def test_to_stop_waiting_lets_out_what_is_held(tmp_path: Path) -> None:
    claim = header(0x2901, 1_000_000, 3)
    with Running("mux", "--stop-waiting", "0.05", "0=-") as running:
        running.feed(claim + FOO_OCTETS)
        shown = running.expect(lambda octets: octets.count(b"foo") == 1)
        assert ids_of_tests(by_route(shown)["0"]) == ["foo"]
        assert damage_of(by_route(shown)["0"]) == [claim]


def test_a_command_without_a_name(worker: Path) -> None:
    done = run("mux", f"W1={worker}", "--", "sh", "-c", printing(worker))
    assert (done.status, done.errors) == (0, b"")
    routes = by_route(done.output)
    assert set(routes) == {"W1", "W1/0/3", None, "0/3"}
    done = run("mux", "--route", "R", "--", "cat", str(worker))
    assert set(by_route(done.output)) == {"R", "R/0/3"}


def test_what_a_command_reads(worker: Path) -> None:
    done = run("mux", "--", "cat", stdin=FOO_OCTETS)
    assert done == (0, FOO_OCTETS, b"")
    # Only one of several inputs could read it.
    assert run("mux", "--run", "W1=cat", stdin=FOO_OCTETS) == (0, b"", b"")


# --- Calls that cannot be followed -----------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ([], "no input: name NAME=PATH, --run NAME=COMMAND or -- COMMAND"),
        (["W1=missing"], "missing: No such file or directory"),
        (["W1=."], ".: Is a directory"),
        (["W1=-", "W2=-"], "standard input: named twice, as W1 and W2"),
        (["W1=a", "W1=b"], "W1: named twice"),
        (["W1=a", "--run", "W1=b"], "W1: named twice"),
        (["=a"], "an empty name: not a route code"),
        (["--route", "a/", "--", "true"], "a/: not a route code"),
        (["a//b=a"], "a//b: not a route code"),
        (["W1="], "W1=: not of the form NAME=PATH"),
        (["--run", "make"], "make: not of the form --run NAME=COMMAND"),
        (["missing"], "missing: no such command; an input is NAME=PATH"),
        (["--route", "R", "W1=-"], "--route: needs a command after --"),
        (
            ["--stop-waiting", "0", "W1=-"],
            "argument --stop-waiting: 0 is not a number of seconds above 0 and up to 86,400; "
            "see `subunit2 mux --help`",
        ),
    ],
)
def test_a_wrong_call(words: list[str], reason: str) -> None:
    done = run("mux", *words)
    assert done.status == 2
    assert assert_one_line(done.errors, "mux") == reason
    assert done.output == b""


def test_standard_input_that_is_closed() -> None:
    done = run_redirected("<&-", "mux", "W1=-")
    assert done.status == 2
    assert assert_one_line(done.errors, "mux") == "standard input: Bad file descriptor"
    assert run_redirected("<&-", "mux", "--", "sh", "-c", "cat; echo $?").status == 0


def test_a_name_that_is_not_utf8() -> None:
    done = run("mux", os.fsdecode(b"\xff=-"))
    assert done.status == 2
    assert "route_code" in assert_one_line(done.errors, "mux")


def test_a_name_that_leaves_no_room(tmp_path: Path) -> None:
    done = run("mux", f"{'x' * 100_000}=-", stdin=FOO_OCTETS)
    assert done.status == 0
    assert ids_of_tests(by_route(done.output)["x" * 100_000]) == ["foo"]


def test_damage_is_reported(tmp_path: Path) -> None:
    (tmp_path / "damaged").write_bytes(damaged(BAR_OCTETS) + FOO_OCTETS)
    routes = by_route(run("mux", f"W1={tmp_path / 'damaged'}").output)
    assert damage_of(routes["W1"]) == [damaged(BAR_OCTETS)]
    assert ids_of_tests(routes["W1"]) == ["foo"]


def test_the_memory_stays_flat(tmp_path: Path) -> None:
    packet = encode(Packet(test_id="foo", file_name="log", file_bytes=bytes(65_000)))
    (tmp_path / "small").write_bytes(packet)
    (tmp_path / "large").write_bytes(packet * 1_000)
    measure = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    most = [
        int(
            subprocess.check_output(
                [sys.executable, "-c", measure, *COMMAND, "mux", f"W1={tmp_path / name}"],
                env=environment(),
            )
        )
        for name in ("small", "large")
    ]
    assert most[1] < most[0] + 4096
