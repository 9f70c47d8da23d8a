"""The command as a whole: arguments, exit statuses, errors and output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import subunit2
from subunit2.packets.backend import BACKEND
from subunit2.packets.crc import crc32
from support.command import (
    COMMAND,
    Done,
    Running,
    assert_one_line,
    environment,
    run,
    run_process,
    run_redirected,
)

COMMANDS = ("decode", "encode", "inspect", "spec")
FULL = Path("/dev/full")


def test_version_names_the_reader_and_what_computes_checksums() -> None:
    done = run("--version")
    assert (done.status, done.errors) == (0, b"")
    library = crc32.__module__.partition(".")[0]
    version = re.escape(subunit2.__version__)
    said = rf"subunit2 {version} \(reader: {BACKEND}, CRC-32: {library} [\d.]+\)"
    assert re.fullmatch(rf"{said}\n", done.text)


def test_version_among_other_words() -> None:
    assert run("--version", "decode") == run("--version")


def test_version_without_isal(tmp_path: Path) -> None:
    # This module shadows the real package, and cannot be imported.
    (tmp_path / "isal.py").write_text("raise ImportError")
    path = os.pathsep.join([str(tmp_path), str(Path(subunit2.__file__).parents[1])])
    done = run("--version", changes={"PYTHONPATH": path})
    assert done.status == 0
    assert f"CRC-32: zlib {zlib.ZLIB_RUNTIME_VERSION})" in done.text


def test_the_installed_script_is_the_module() -> None:
    script = Path(sys.executable).with_name("subunit2")
    done = subprocess.run([script, "--version"], capture_output=True, check=True, env=environment())
    assert done.stdout == run("--version").output


def test_help_lists_all_commands_with_examples() -> None:
    done = run("--help")
    assert (done.status, done.errors) == (0, b"")
    for command in COMMANDS:
        assert re.search(rf"^  {command} +\w", done.text, re.MULTILINE)
    assert "\nexamples:\n  subunit2 " in done.text
    assert "\nexit status:\n  0  " in done.text


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_examples(command: str) -> None:
    done = run(command, "--help")
    assert (done.status, done.errors) == (0, b"")
    examples = done.text.partition("\nexamples:\n")[2]
    assert f"subunit2 {command}" in examples
    # The examples use only options that the command has.
    options = done.text.partition("\nexamples:\n")[0]
    for option in re.findall(rf"subunit2 {command} (--[\w-]+)", examples):
        assert re.search(rf"^  {option}\b", options, re.MULTILINE), option


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_80_columns(command: str) -> None:
    lines = run(*filter(None, [command]), "--help", changes={"COLUMNS": "80"}).text.split("\n")
    assert [line for line in lines if len(line) > 80] == []


def test_without_a_command() -> None:
    done = run()
    assert (done.status, done.output) == (2, b"")
    assert "--help" in assert_one_line(done.errors, "")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["frobnicate"], "frobnicate"),
        (["decode", "a", "b"], "b"),
        (["decode", "--frobnicate"], "--frobnicate"),
        (["decode", "--stop-waiting", "0"], "0 is not a number of seconds"),
        (["decode", "--stop-waiting", "-1"], "--stop-waiting"),
        (["decode", "--stop-waiting", "nan"], "nan is not a number of seconds"),
        (["decode", "--stop-waiting", "inf"], "inf is not a number of seconds"),
        (["decode", "--stop-waiting", "soon"], "soon is not a number of seconds"),
        (["inspect", "--damage", "--summary"], "--summary"),
        (["inspect", "--json", "--damage"], "--damage"),
        (["inspect", "--color", "sometimes"], "sometimes"),
        (["inspect", "--color", "always", "--no-color"], "--no-color"),
    ],
)
def test_words_that_it_does_not_know(arguments: list[str], named: str) -> None:
    done = run(*arguments)
    assert (done.status, done.output) == (2, b"")
    assert b"Traceback" not in done.errors
    last = done.errors.decode().split("\n")[-2]
    assert last.startswith("subunit2")
    assert named in last


# --- Its output --------------------------------------------------------------------------

CALLS = [
    pytest.param(b"", ["--version"], id="version"),
    pytest.param(b"", ["--help"], id="help"),
    pytest.param(b"", ["decode", "--help"], id="decode-help"),
    pytest.param(b"hello\n", ["decode"], id="decode"),
    pytest.param(b"{}\n", ["encode"], id="encode"),
    pytest.param(b"hello\n", ["inspect"], id="inspect"),
    pytest.param(b"", ["spec"], id="spec"),
    pytest.param(b"", ["spec", "stream"], id="spec-chapter"),
]


def _reported(done: Done, arguments: list[str]) -> str:
    command = "" if arguments[0].startswith("-") else arguments[0]
    return assert_one_line(done.errors, command)


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize(("stdin", "arguments"), CALLS)
def test_output_on_a_full_disk(stdin: bytes, arguments: list[str], unbuffered: str) -> None:
    with FULL.open("wb") as full:
        done = run_process(
            *arguments,
            stdin=stdin,
            stdout=full,
            changes={"PYTHONUNBUFFERED": unbuffered},
        )
    assert done.status == 2
    assert "No space left on device" in _reported(done, arguments)


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_output_of_a_file_on_a_full_disk(tmp_path: Path) -> None:
    # The packets of a file are written in batches, the last one at the end.
    lines = tmp_path / "items.json"
    lines.write_bytes(b"{}\n")
    with FULL.open("wb") as full:
        done = run_process("encode", lines, stdout=full)
    assert done.status == 2
    assert "No space left on device" in assert_one_line(done.errors, "encode")


@pytest.mark.parametrize(("stdin", "arguments"), CALLS)
def test_nobody_reads_the_output(stdin: bytes, arguments: list[str]) -> None:
    with Running(*arguments) as running:
        running.close_output()
        if stdin:
            running.feed(stdin)
        assert running.finish() == Done(0, b"", b"")


@pytest.mark.parametrize(
    ("command", "line"), [("decode", b"a\n"), ("encode", b"{}\n"), ("inspect", b"a\n")]
)
def test_nobody_reads_the_output_any_more(command: str, line: bytes) -> None:
    with Running(command) as running:
        running.feed(line)
        running.expect(len)
        running.close_output()
        # It ends while its input is still open.
        try:
            running.feed(line)
            running.process.wait(60)
        finally:
            running.close_input()
        assert running.finish()[::2] == (0, b"")


@pytest.mark.parametrize("arguments", [["decode"], ["encode"], ["inspect"], ["spec"]])
def test_closed_output(arguments: list[str]) -> None:
    done = run_redirected(">&-", *arguments)
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, arguments[0]) == "standard output is closed"


def test_closed_output_of_the_version() -> None:
    done = run_redirected(">&-", "--version")
    assert done.status == 2
    assert assert_one_line(done.errors, "") == "standard output is closed"


@pytest.mark.parametrize("command", ["decode", "encode", "inspect"])
def test_closed_input(command: str) -> None:
    done = run_redirected("<&-", command)
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, command).startswith("standard input: ")


@pytest.mark.parametrize(
    "arguments", [["decode", "nothing-here"], ["spec", "nothing-here"], ["frobnicate"], []]
)
def test_closed_errors_do_not_go_to_the_output(arguments: list[str]) -> None:
    assert run_redirected("2>&-", *arguments) == Done(2, b"", b"")


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_output_on_a_full_disk_and_closed_errors() -> None:
    assert run_redirected(">/dev/full 2>&-", "spec").status == 2


@pytest.mark.parametrize("command", ["decode", "encode", "inspect"])
def test_a_file_while_input_and_errors_are_closed(command: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"{}\n")
    done = run_redirected("<&- 2>&-", command, source)
    assert done.status == 0
    assert done.output == run(command, source).output


# --- Its file ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["decode", "encode", "inspect"])
def test_file_that_is_not_there(command: str, tmp_path: Path) -> None:
    missing = tmp_path / "nothing-here"
    done = run(command, missing)
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, command) == f"{missing}: No such file or directory"


@pytest.mark.parametrize("command", ["decode", "encode", "inspect"])
def test_file_that_is_a_directory(command: str, tmp_path: Path) -> None:
    done = run(command, tmp_path)
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, command) == f"{tmp_path}: Is a directory"


def test_file_that_may_not_be_read() -> None:
    # In a folder that everybody may look into, which `tmp_path` is not.
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        forbidden = Path(folder) / "forbidden"
        forbidden.touch(mode=0)
        run("decode")
        with _without_privileges():
            done = run("decode", forbidden)
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, "decode") == f"{forbidden}: Permission denied"


@contextmanager
def _without_privileges() -> Iterator[None]:
    """Open files as another user meanwhile, if root runs the tests."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
@pytest.mark.parametrize("command", ["decode", "encode", "inspect"])
def test_file_that_cannot_be_read(command: str) -> None:
    done = run(command, "/proc/self/mem")
    assert done.status == 2
    assert assert_one_line(done.errors, command) == "/proc/self/mem: Input/output error"


@pytest.mark.parametrize("name", ["", "two\nlines", "\x1b[2Jclear", "\u202etxt.exe"])
def test_name_of_a_file_that_is_not_there_is_shown_safely(name: str) -> None:
    done = run("decode", name)
    assert (done.status, done.output) == (2, b"")
    assert "No such file or directory" in assert_one_line(done.errors, "decode")


def test_name_of_a_file_that_is_not_utf8() -> None:
    name = os.fsdecode(b"caf\xe9")
    done = run("decode", name)
    assert (done.status, done.output) == (2, b"")
    assert "No such file or directory" in assert_one_line(done.errors, "decode")


def test_a_dash_is_standard_input() -> None:
    assert run("encode", "-", stdin=b"{}") == run("encode", stdin=b"{}")


def test_a_file_may_be_called_as_a_command_is(tmp_path: Path) -> None:
    (tmp_path / "decode").write_bytes(b"hello\n")
    done = subprocess.run(
        [*COMMAND, "inspect", "decode"],
        cwd=tmp_path,
        env=environment({"PYTHONPATH": str(Path(subunit2.__file__).parents[1])}),
        capture_output=True,
        check=True,
    )
    assert done.stdout.startswith(b"passthrough at 0\n  | hello\n")
