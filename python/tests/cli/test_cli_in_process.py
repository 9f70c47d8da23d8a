"""Calls of `main` in the process of the tests behave as a process of the command does."""

from __future__ import annotations

import gc
import os
import shlex
import signal
import sys
from pathlib import Path

import pytest

from subunit2.cli.commands import decode
from support.command import CAPTURES, run, run_process
from support.streams import FOO_OCTETS, FULL_OCTETS, damaged

STREAM = FOO_OCTETS + b"building\xff\n" + damaged(FOO_OCTETS) + FULL_OCTETS


@pytest.mark.parametrize(
    "words",
    [
        "--version",
        "--help",
        "decode --help",
        "frobnicate",
        "decode --frobnicate",
        "decode missing-file",
        "decode",
        "inspect --full --color always",
        "inspect --json",
        "encode",
        "ls -0",
        "failing",
        "stats --json",
        "slowest",
        "filter --status fail",
        "tag +a",
        "route --add 1",
        "lint",
        "info",
        "extract --list",
        "wrap",
        "tee --to 'cat >&2'",
        "spec stream",
        "completion bash",
        "conformance list",
        "emit --success foo --timestamp 0",
    ],
)
def test_status_output_and_errors_are_the_same(words: str) -> None:
    call = shlex.split(words)
    assert run(*call, stdin=STREAM) == run_process(*call, stdin=STREAM)


def test_more_than_a_pipe_holds_goes_in_and_comes_out() -> None:
    stdin = (b"x" * 79 + b"\n") * 100_000
    assert run("tee", stdin=stdin).output == stdin


def test_an_input_that_is_not_read_to_its_end() -> None:
    assert run("--version", stdin=b"x" * (1 << 20)).status == 0


def test_the_environment_is_the_one_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    plain = run("inspect", stdin=STREAM)
    assert b"\x1b[" not in plain.output
    assert b"\x1b[" in run("inspect", stdin=STREAM, changes={"FORCE_COLOR": "1"}).output
    assert os.environ["FORCE_COLOR"] == "1"


def test_everything_is_put_back() -> None:
    def state() -> tuple[object, ...]:
        files = [(os.fstat(fd).st_dev, os.fstat(fd).st_ino) for fd in range(3)]
        handlers = [signal.getsignal(number) for number in signal.valid_signals()]
        objects = sys.stdin, sys.stdout, sys.stderr, sys.__stdout__, sys.unraisablehook
        return files, handlers, objects, dict(os.environ), gc.isenabled(), gc.get_freeze_count()

    before, opened = state(), len(list(Path("/dev/fd").iterdir()))
    run("inspect", CAPTURES[0])
    run("frobnicate")
    assert state() == before
    assert len(list(Path("/dev/fd").iterdir())) == opened


def test_a_file_left_open_shows_on_standard_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "left-open"
    path.touch()

    def leave_open(_: object) -> int:
        cycle: list[object] = [path.open("rb")]
        cycle.append(cycle)
        return 0

    monkeypatch.setattr(decode, "run", leave_open)
    done = run("decode")
    assert done.status == 0
    assert b"ResourceWarning: unclosed file" in done.errors
