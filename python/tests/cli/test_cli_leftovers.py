"""Outputs that a process holds open after its command has ended."""

from __future__ import annotations

import os
import re
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest

from subunit2 import Packet, decode, encode
from support.command import assert_one_line, run
from support.multiplexed import output_of
from support.streams import packets

PROC = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc")

#: A process that lives for a minute, unless it is ended.
DAEMON = "sleep 61"


@pytest.fixture(autouse=True)
def _no_daemon_is_left(tmp_path: Path) -> object:
    yield
    for path in tmp_path.glob("*.pid"):
        with suppress(ProcessLookupError):
            os.kill(int(path.read_text()), signal.SIGKILL)


def daemon(folder: Path, redirections: str = "", command: str = DAEMON) -> str:
    """Return a shell command that starts a daemon, and lets the fixture end it."""
    return f"{command} {redirections} & echo $! > {folder}/$$.pid"


HELD = {
    "standard output": "2>/dev/null 3>&-",
    "standard error": ">/dev/null 3>&-",
    "file descriptor 3": ">/dev/null 2>&1",
    "standard output and standard error": "3>&-",
    "file descriptor 3, standard output and standard error": "",
}


@PROC
@pytest.mark.parametrize("held", HELD)
def test_run_ends_and_names_who_holds_what(held: str, tmp_path: Path) -> None:
    script = f"{daemon(tmp_path, HELD[held])}; echo hi; exit 7"
    begun = time.monotonic()
    done = run("run", "--grace", "0.1", "--", "sh", "-c", script)
    assert time.monotonic() - begun < 60
    assert done.status == 7
    [pid] = [path.read_text().strip() for path in tmp_path.glob("*.pid")]
    assert assert_one_line(done.errors, "run") == (
        f"{DAEMON} (pid {pid}) still holds {held} open 0.1 s after the command ended; not waited "
        "for (see --grace)"
    )
    assert output_of(packets(decode(done.output))) == b"hi\n"


def test_nothing_that_is_written_in_the_grace_is_lost(tmp_path: Path) -> None:
    packet = encode(Packet(test_id="late", test_status="success"))
    (tmp_path / "late").write_bytes(packet)
    # The child writes after the command has ended, and ends before the grace does.
    script = f"(sleep 0.3; cat {tmp_path}/late >&3; echo late) &"
    done = run("run", "--grace", "50", "--", "sh", "-c", f"{script} exit 3")
    assert (done.status, done.errors) == (3, b"")
    found = packets(decode(done.output))
    assert [each.test_id for each in found if each.test_id] == ["late"]
    assert output_of(found) == b"late\n"


def test_a_daemon_that_keeps_writing(tmp_path: Path) -> None:
    writing = daemon(tmp_path, command="(while echo x; do :; done)")
    done = run("run", "--grace", "0.2", "--", "sh", "-c", f"{writing}; exit 5")
    assert done.status == 5
    assert b"still hold" in done.errors
    found = packets(decode(done.output))
    assert set(output_of(found)) <= set(b"x\n")
    assert [each.eof for each in found if each.file_name == "stdout"][-1]


def test_a_command_that_outlives_its_outputs() -> None:
    # The twin: nothing is held, and the command is waited for.
    done = run("run", "--grace", "0", "--", "sh", "-c", "exec >&- 2>&- 3>&-; sleep 0.3; exit 6")
    assert (done.status, done.errors) == (6, b"")


def test_mux_names_the_command(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(encode(Packet(test_id="t", test_status="success")))
    words = ["--run", f"W1={daemon(tmp_path)}; echo hi", "--run", f"W2=cat {tmp_path}/other"]
    done = run("mux", "--grace", "0.1", *words)
    assert done.status == 0
    said = assert_one_line(done.errors, "mux")
    assert re.fullmatch(
        r"W1: .* still holds? file descriptor 3, standard output and standard error open 0\.1 s "
        r"after the command ended; not waited for \(see --grace\)",
        said,
    )
    found = packets(decode(done.output))
    assert [each.test_id for each in found if each.test_id] == ["t"]
    assert output_of(found) == b"hi\n"


def test_a_job_of_make(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(f"all:\n\t@{daemon(tmp_path)}; echo hi\n".replace("$", "$$"))
    done = run("mux", "--grace", "0.1", "--", "make", "-C", str(tmp_path), "-s")
    assert done.status == 0
    assert b"the output of a job open" in done.errors
    assert output_of(packets(decode(done.output))) == b"hi\n"


def test_shell_ends_two_seconds_after_its_job(tmp_path: Path) -> None:
    # The standard error of the shell is that of the caller.
    done = run("shell", "-c", f"{daemon(tmp_path, '2>/dev/null')}; echo hi; exit 4")
    assert (done.status, done.output) == (4, b"hi\n")
    said = assert_one_line(done.errors, "shell")
    assert said.endswith("the output open 2 s after the command ended")


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "x", "86401"])
def test_a_wrong_grace(text: str) -> None:
    done = run("run", "--grace", text, "--", "true")
    assert done.status == 2
    said = assert_one_line(done.errors, "run")
    assert said.startswith(f"argument --grace: {text} is not a number of seconds up to 86,400")
