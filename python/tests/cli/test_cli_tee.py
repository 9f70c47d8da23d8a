"""`subunit2 tee`: copy a stream to files and commands, even if one of them fails."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subunit2.grammar.generating import streams
from support.command import CAPTURES, Done, Running, assert_one_line, run, run_process
from support.patience import PATIENCE
from support.streams import BAR_OCTETS, FOO_OCTETS

STREAM = b"ok\n" + FOO_OCTETS + BAR_OCTETS

#: More octets than a pipe and its reader hold.
MUCH = STREAM * 20_000


def copying_to(path: Path) -> str:
    return f"cat > {shlex.quote(str(path))}"


def test_every_sink_gets_everything(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("file", "other", "a 'command'", "another")]
    done = run(
        "tee", *paths[:2], "--to", copying_to(paths[2]), "--to", copying_to(paths[3]), stdin=MUCH
    )
    assert done == Done(0, MUCH, b"")
    assert [path.read_bytes() for path in paths] == [MUCH] * 4


@settings(max_examples=10)
@given(st.binary() | streams())
def test_any_octets(stream: bytes) -> None:
    assert run("tee", stdin=stream) == Done(0, stream, b"")


def test_files_are_written_anew_or_added_to(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    assert run("tee", "--append", path, stdin=STREAM) == Done(0, STREAM, b"")
    assert path.read_bytes() == b"before" + STREAM
    run("tee", path, path, stdin=STREAM)
    assert path.read_bytes() == STREAM


# --- Sinks that die ------------------------------------------------------------------------------

DEATHS = [
    (["/dev/full"], "/dev/full: No space left on device"),
    (["--to", "exit 0"], "command 1 (exit 0): ended before the stream did"),
    (["--to", "exit 3"], "command 1 (exit 3): exit status 3"),
    (["--to", "head -c 9 >/dev/null"], "ended before the stream did"),
    (["--to", "kill -9 $$"], "command 1 (kill -9 $$): killed by SIGKILL"),
    (["--to", "cat >/dev/null; exit 4"], "exit status 4"),
    (["--to", "no-such-command 2>/dev/null"], "exit status 127"),
]


@pytest.mark.parametrize(("call", "reason"), DEATHS, ids=[" ".join(call) for call, _ in DEATHS])
def test_a_sink_that_dies_does_not_stop_the_others(
    call: list[str], reason: str, tmp_path: Path
) -> None:
    file, command = tmp_path / "file", tmp_path / "command"
    done = run("tee", *call, file, "--to", copying_to(command), stdin=MUCH)
    assert (done.status, done.output) == (2, MUCH)
    assert reason in assert_one_line(done.errors, "tee")
    assert file.read_bytes() == command.read_bytes() == MUCH


def test_each_that_died_is_named() -> None:
    done = run("tee", "/dev/full", "--to", "exit 3", stdin=MUCH)
    assert (done.status, done.output) == (2, MUCH)
    assert sorted(done.errors.decode().splitlines()) == [
        "subunit2 tee: /dev/full: No space left on device",
        "subunit2 tee: command 1 (exit 3): exit status 3",
    ]


def test_a_full_output_does_not_stop_the_others(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = run_process("tee", file, stdin=MUCH, stdout=full)
    assert done.status == 2
    assert assert_one_line(done.errors, "tee") == "standard output: No space left on device"
    assert file.read_bytes() == MUCH


def test_where_nobody_reads_the_output_the_others_get_everything(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with Running("tee", file) as running:
        running.feed(STREAM)
        assert running.expect(STREAM.__eq__)
        running.close_output()
        running.feed(MUCH)
        assert running.finish() == Done(0, STREAM, b"")
    assert file.read_bytes() == STREAM + MUCH


# --- Live ----------------------------------------------------------------------------------------


def test_what_a_command_prints_does_not_get_into_the_stream() -> None:
    # It also shows that the command has read its input.
    script = "import sys; print(sys.stdin.read(3), flush=True); sys.stdin.read()"
    command = f"{shlex.quote(sys.executable)} -c {shlex.quote(script)}"
    with Running("tee", "--to", command) as running:
        running.feed(b"abc")
        assert running.expect(b"abc".__eq__)
        assert running.process.stderr is not None
        assert running.process.stderr.read(3) == b"abc"
        assert running.finish() == Done(0, b"abc", b"\n")


def test_a_command_is_a_command_of_ours() -> None:
    [capture] = [path for path in CAPTURES if path.stem == "subunit-run"]
    ours = f"{shlex.quote(sys.executable)} -m subunit2 ls >&2"
    done = run("tee", "--to", ours, stdin=capture.read_bytes())
    assert (done.status, done.output) == (0, capture.read_bytes())
    assert done.errors == run("ls", capture).output


def test_a_fifo_gets_everything_when_somebody_reads_it(tmp_path: Path) -> None:
    read, unread = tmp_path / "read", tmp_path / "unread"
    os.mkfifo(read)
    os.mkfifo(unread)
    with Running("tee", unread, read) as running:
        running.feed(STREAM)
        # The output continues, and a late reader gets all earlier octets.
        running.expect(STREAM.__eq__)
        with read.open("rb") as file:
            assert file.read(len(STREAM)) == STREAM
            running.feed(MUCH[:1000])
            assert file.read(1000) == MUCH[:1000]
            running.close_input()
            # It ends while the other FIFO still waits for its reader.
            assert file.read() == b""
        assert running.process.stderr is not None
        said = running.process.stderr.readline()
        assert said.endswith(b"unread: waiting for a reader\n")
        assert unread.read_bytes() == STREAM + MUCH[:1000]
        assert running.process.wait(PATIENCE) == 0


def test_a_fifo_that_is_read_no_more(tmp_path: Path) -> None:
    path, file = tmp_path / "fifo", tmp_path / "file"
    os.mkfifo(path)
    with Running("tee", path, file) as running:
        running.feed(STREAM)
        running.expect(STREAM.__eq__)
        with path.open("rb") as fifo:
            assert fifo.read(1) == STREAM[:1]
        running.feed(MUCH[:100_000])
        done = running.finish()
    assert (done.status, done.output) == (2, STREAM + MUCH[:100_000])
    assert assert_one_line(done.errors, "tee").endswith("fifo: ended before the stream did")
    assert file.read_bytes() == STREAM + MUCH[:100_000]


@pytest.mark.parametrize("call", [["/"], ["no/such/folder/file"]])
def test_a_file_that_cannot_be_opened(call: list[str]) -> None:
    done = run("tee", *call, stdin=STREAM)
    assert (done.status, done.output) == (2, b"")
    assert call[0] in assert_one_line(done.errors, "tee")
