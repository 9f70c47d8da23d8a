"""`subunit2 run`: run a command with a separate file descriptor for packets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from subunit2 import Packet, decode
from support.command import (
    COMMAND,
    Running,
    assert_one_line,
    environment,
    run,
    run_process,
    run_redirected,
)
from support.multiplexed import damage_of
from support.patience import PATIENCE
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, packets


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    path = tmp_path / "stream"
    path.write_bytes(FOO_OCTETS + BAR_OCTETS)
    return path


def whole(octets: bytes) -> list[Packet]:
    """Return the packets of an output that contains nothing else."""
    items = list(decode(octets))
    assert len(packets(items)) == len(items)
    return packets(items)


def file_of(found: list[Packet], name: str, route: str | None = None) -> bytes:
    chunks = [each for each in found if (each.file_name, each.route_code) == (name, route)]
    assert [chunk.eof for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    return b"".join(chunk.file_bytes or b"" for chunk in chunks)


@pytest.mark.parametrize("fd", [3, 4, 5, 9, 200])
def test_packets_have_their_own_file_descriptor(stream: Path, fd: int) -> None:
    # File descriptors of a shell have one digit.
    program = (
        "import os, pathlib, sys; print('out', end=''); print('oops', file=sys.stderr);"
        "os.write(int(os.environ['SUBUNIT_FD']), pathlib.Path(sys.argv[1]).read_bytes())"
    )
    done = run("run", "--fd", str(fd), "--", sys.executable, "-c", program, stream)
    assert (done.status, done.errors) == (0, b"")
    found = whole(done.output)
    assert [packet.test_id for packet in found if packet.test_id] == ["foo", "bar.test_b"]
    # Without options, packets are unchanged.
    assert FOO_OCTETS + BAR_OCTETS in done.output
    assert file_of(found, "stdout") == b"out"
    assert file_of(found, "stderr") == b"oops\n"


def test_its_packets_are_pure_whatever_it_prints(stream: Path) -> None:
    script = f"printf 'half a l'; cat {stream} >&3; printf 'ine'; cat {stream} >&3"
    found = whole(run("run", "--", "sh", "-c", script).output)
    assert [packet.test_id for packet in found if packet.test_id] == ["foo", "bar.test_b"] * 2
    assert file_of(found, "stdout") == b"half a line"


def test_packets_in_its_output_are_found(stream: Path) -> None:
    done = run("run", "--route", "W1", "--", "sh", "-c", f"echo a; cat {stream}; echo b")
    found = whole(done.output)
    assert [packet.route_code for packet in found if packet.test_id] == ["W1", "W1/0/3"]
    assert file_of(found, "stdout", "W1") == b"a\nb\n"


def test_what_comes_goes_out_at_once() -> None:
    # The command then hangs until its input ends.
    with Running("run", "--", "sh", "-c", "printf '(Pdb) '; read x; echo $x >&2") as running:
        assert whole(running.expect(lambda octets: b"(Pdb) " in octets))
        running.feed(b"hello\n")
        assert file_of(whole(running.finish().output), "stderr") == b"hello\n"


def test_a_packet_that_the_command_was_killed_in_is_not_lost(stream: Path) -> None:
    stream.write_bytes(FOO_OCTETS + FULL_OCTETS[:-9])
    done = run("run", "--", "sh", "-c", f"cat {stream} >&3; kill -9 $$")
    assert done.status == 128 + signal.SIGKILL
    found = whole(done.output)
    assert found[0].test_id == "foo"
    assert damage_of(found) == [FULL_OCTETS[:-9]]


@pytest.mark.parametrize("status", [0, 1, 3, 77])
def test_its_exit_status_is_passed_on(status: int) -> None:
    assert run("run", "--", "sh", "-c", f"exit {status}") == (status, b"", b"")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--", "/missing/command"], "/missing/command: No such file or directory"),
        (["--fd", "2", "--", "true"], "--fd: 2 is not within 3 to 255"),
        (["--fd", "256", "--", "true"], "--fd: 256 is not within 3 to 255"),
        (["--route", os.fsdecode(b"\xff"), "--", "true"], None),
    ],
)
def test_a_wrong_call(words: list[str], reason: str | None) -> None:
    done = run("run", *words)
    assert (done.status, done.output) == (2, b"")
    said = assert_one_line(done.errors, "run")
    assert said == reason if reason else said.startswith("--route: route_code")


def test_a_signal_reaches_the_command() -> None:
    script = "trap 'echo bye; exit 5' TERM; echo ready; while :; do read x; done"
    with Running("run", "--", "sh", "-c", script) as running:
        running.expect(lambda octets: b"ready" in octets)
        running.process.send_signal(signal.SIGTERM)
        # Its input is still open: only the signal ends it.
        assert running.process.wait(PATIENCE) == 5
        assert file_of(whole(running.finish().output), "stdout") == b"ready\nbye\n"


def test_standard_input_that_is_closed() -> None:
    done = run_redirected("<&-", "run", "--", "sh", "-c", "cat; echo end >&3")
    assert (done.status, done.errors) == (0, b"")
    assert file_of(whole(done.output), "fd3") == b"end\n"


def test_a_full_disk() -> None:
    with Path("/dev/full").open("wb") as full:
        done = run_process("run", "--", "sh", "-c", "echo hello; read x", stdout=full)
    assert done.status == 2
    assert assert_one_line(done.errors, "run") == "output: No space left on device"


def test_pytest_with_a_descriptor_that_is_taken(stream: Path) -> None:
    # The command gets the pipe, even if the caller has a file open under this number.
    call = f'exec 3>/dev/null; exec "$@" -- sh -c "cat {stream} >&3"'
    done = subprocess.run(
        ["sh", "-c", call, "sh", *COMMAND, "run"],
        capture_output=True,
        env=environment(),
        timeout=PATIENCE,
        check=True,
    )
    assert done.stdout == FOO_OCTETS + BAR_OCTETS
