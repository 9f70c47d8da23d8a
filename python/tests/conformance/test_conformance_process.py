"""Child processes that do not answer, do not end, are not quiet, or leave children behind."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Timer

import pytest

from subunit2.conformance.drivers.process import Child, CommandError, NoAnswerError, split_command

#: Seconds to wait for an answer that is expected.
PATIENCE = 60.0

#: Seconds to wait for an answer that never arrives.
IMPATIENCE = 0.2


def python(code: str) -> Child:
    return Child([sys.executable, "-c", f"import os, signal, sys, time\n{code}"])


ECHO = "for line in sys.stdin:\n  print(line.strip().upper(), flush=True)"


def test_a_line_is_answered_by_a_line() -> None:
    child = python(ECHO)
    assert child.request(b"one\n", PATIENCE) == b"ONE"
    assert child.request(b"two\n", PATIENCE) == b"TWO"
    assert child.status is None
    assert child.end(PATIENCE) == 0


def test_lines_of_megabytes_in_both_directions() -> None:
    line = b"x" * 5_000_000
    child = python(ECHO)
    assert child.request(line + b"\n", PATIENCE) == line.upper()
    child.end()


def test_a_flood_of_standard_error_blocks_nobody_and_is_not_kept() -> None:
    child = python("os.write(2, b'x' * (1 << 24) + b'\\nlast words\\n')\n" + ECHO)
    assert child.request(b"one\n", PATIENCE) == b"ONE"
    assert child.last_error_line == "last words"
    child.end()


def test_what_is_not_fit_to_be_shown_is_not() -> None:
    child = python("os.write(2, b'\\x1b[31mred\\x07\\n\\n' + b' ' * 9 + b'\\n')")
    assert child.request(b"one\n", PATIENCE) is None
    assert child.reap() == "exit status 0: [31mred"


def test_no_answer_in_time() -> None:
    child = python("signal.pause()")
    with pytest.raises(NoAnswerError, match=r"no answer within 0\.2 s") as caught:
        child.request(b"one\n", IMPATIENCE)
    assert caught.value.outcome == "timed out"
    assert child.end() < 0


def test_it_does_not_read_what_is_written() -> None:
    # More than a pipe holds, so that writing has to time out too.
    child = python("signal.pause()")
    with pytest.raises(NoAnswerError) as caught:
        child.request(b"x" * (1 << 22) + b"\n", IMPATIENCE)
    assert caught.value.outcome == "timed out"
    child.end()


def test_it_answers_without_having_read() -> None:
    child = python("os.close(0)\nprint('ONE', flush=True)\nsignal.pause()")
    assert child.request(b"x" * (1 << 22) + b"\n", PATIENCE) == b"ONE"
    child.end()


@pytest.mark.parametrize("written", ["b'x' * 4096", "b'x'"])
def test_a_line_without_an_end(written: str) -> None:
    child = python(f"while True: os.write(1, {written})")
    with pytest.raises(NoAnswerError, match="more than 100,000 octets") as caught:
        child.request(b"one\n", PATIENCE, limit=100_000)
    assert caught.value.outcome == "malformed"
    child.end()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("sys.exit(3)", "exit status 3"),
        ("sys.exit('no such thing')", "exit status 1: no such thing"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "killed by SIGSEGV"),
        (
            "print('one', file=sys.stderr, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)",
            "killed by SIGKILL: one",
        ),
        ("os.close(1)\nsignal.pause()", "closed its standard output"),
    ],
)
def test_how_it_died(code: str, reason: str) -> None:
    child = python(code)
    assert child.request(b"one\n", PATIENCE) is None
    assert child.reap() == reason
    # A second call returns the same.
    child.end()


def test_its_children_are_killed_with_it(tmp_path: Path) -> None:
    # The pipe ends when the grandchild does; opening it waits for the grandchild.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = Child(["sh", "-c", f"sleep 1000 >'{pipe}' & wait"])
    with pipe.open("rb") as written:
        child.end()
        assert written.read() == b""


@pytest.mark.parametrize(
    ("command", "words"),
    [("sh -c 'exit 3'", ["sh", "-c", "exit 3"]), (" sh  ", ["sh"])],
)
def test_a_command_is_split_as_a_shell_does(command: str, words: list[str]) -> None:
    assert split_command(command) == words


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("my-harness --fast", "my-harness: not found"),
        ("./my-harness", "./my-harness: not found"),
        ("", "an empty command"),
        ("sh -c 'exit", "sh -c 'exit: no closing quotation"),
    ],
)
def test_a_command_that_cannot_be_run(command: str, reason: str) -> None:
    with pytest.raises(CommandError) as caught:
        split_command(command)
    assert str(caught.value) == reason


def test_a_file_that_is_not_executable(tmp_path: Path) -> None:
    path = tmp_path / "harness"
    path.write_text("#!/bin/sh\n")
    with pytest.raises(CommandError, match="harness: not executable"):
        split_command(str(path))


def test_a_file_that_cannot_be_started(tmp_path: Path) -> None:
    path = tmp_path / "harness"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    with pytest.raises(CommandError, match="harness: No such file or directory"):
        Child(split_command(str(path)))


def test_all_that_it_writes_and_how_it_ended() -> None:
    child = python("sys.stdout.write(sys.stdin.read().upper())\nsys.exit(4)")
    assert child.run(b"abc" * 100_000, PATIENCE, 1 << 20) == (4, b"ABC" * 100_000)
    child.end()


def test_a_run_that_does_not_end() -> None:
    child = python("os.close(1)\nsignal.pause()")
    with pytest.raises(NoAnswerError) as caught:
        child.run(b"", IMPATIENCE, 1000)
    assert caught.value.outcome == "timed out"
    child.end()


def test_one_that_waits_is_ended_by_another_thread() -> None:
    child = python("signal.pause()")
    timer = Timer(0, child.kill)
    timer.start()
    assert child.run(b"", PATIENCE, 1000) == (-9, b"")
    timer.join()
    child.end()
