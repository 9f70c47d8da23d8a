"""The command: called in this process, or run in one of its own, live or on a terminal.

No test waits for time to pass: `Running.expect` reads until the expected output has
arrived, and fails if it does not come. A test of live output holds the command's input open
while it reads.
"""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple

from support import in_process
from support.patience import PATIENCE

COMMAND: Final = (sys.executable, "-m", "subunit2")
CAPTURES: Final = sorted(
    (Path(__file__).resolve().parents[3] / "conformance/captures").glob("*.subunit")
)

# Variables that change the output of the command.
_CHANGING: Final = {
    *("COLUMNS", "LINES", "COLORTERM", "NO_COLOR", "FORCE_COLOR"),
    *("TTY_COMPATIBLE", "TTY_INTERACTIVE", "LANG", "LANGUAGE"),
    *("PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONWARNINGS"),
    # Variables of the make that runs the tests, which tests that run make must not inherit.
    *("MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS", "MAKEFILES"),
}


# Commands that pass signals on to their children or replace their own process.
_PROCESSES: Final = {"mux", "run", "shell"}

# Variables that are read once, when Python or the library starts.
_READ_AT_START: Final = ("PYTHON", "SUBUNIT2_PURE", "LC_", "LANG", "TZ")


class Done(NamedTuple):
    """The exit status and the output of a command."""

    status: int
    output: bytes
    errors: bytes

    @property
    def text(self) -> str:
        return self.output.decode()


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of this process, without variables that change the output.

    A file that the command leaves open shows on its standard error.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _CHANGING and not name.startswith("LC_")
    }
    plain = {"LC_ALL": "C.UTF-8", "TERM": "xterm", "PYTHONWARNINGS": "error::ResourceWarning"}
    return kept | plain | dict(changes or {})


def run(
    *arguments: str | Path, stdin: bytes = b"", changes: Mapping[str, str] | None = None
) -> Done:
    """Run the command to its end, with `stdin` through a pipe; in this process if possible.

    :param changes: variables to set.
    """
    words = [str(each) for each in arguments]
    if _needs_process(words, changes):
        return run_process(*words, stdin=stdin, changes=changes)
    return Done(*in_process.call(words, stdin, environment(changes)))


def _needs_process(words: list[str], changes: Mapping[str, str] | None) -> bool:
    is_read = any(name.startswith(_READ_AT_START) for name in changes or ())
    return is_read or not _PROCESSES.isdisjoint(words[:1])


def run_process(
    *arguments: str | Path,
    stdin: bytes = b"",
    changes: Mapping[str, str] | None = None,
    stdout: int | IO[Any] = subprocess.PIPE,
) -> Done:
    """Run the command to its end in a process of its own, with `stdin` through a pipe."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        input=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(changes),
        timeout=PATIENCE,
        check=False,
    )
    return Done(done.returncode, done.stdout or b"", done.stderr)


def run_redirected(redirection: str, *arguments: str | Path) -> Done:
    """Run the command as a shell does with a redirection, such as `<&-`."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        env=environment(),
        timeout=PATIENCE,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def run_on_terminal(
    *arguments: str | Path,
    stdin: bytes = b"",
    columns: int = 80,
    changes: Mapping[str, str] | None = None,
) -> Done:
    """Run the command to its end, with its output on a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    words = [str(each) for each in arguments]
    if not _needs_process(words, changes):
        return Done(*in_process.call(words, stdin, environment(changes), (ours, theirs)))
    with Running(*arguments, changes=changes, stdout=theirs) as running:
        os.close(theirs)
        try:
            running.feed(stdin)
            running.close_input()
            shown = _read_terminal(ours)
        finally:
            os.close(ours)
        done = running.finish()
    return done._replace(output=shown)


def run_watched(*arguments: str | Path, stdout: IO[Any]) -> Done:
    """Run the command to its end, with its errors on a terminal and its output in a file."""
    ours, theirs = pty.openpty()
    with Running(*arguments, stdout=stdout.fileno(), stderr=theirs) as running:
        os.close(theirs)
        try:
            shown = _read_terminal(ours)
        finally:
            os.close(ours)
        done = running.finish()
    return done._replace(errors=shown)


def _read_terminal(terminal: int) -> bytes:
    shown = bytearray()
    while select.select([terminal], [], [], PATIENCE)[0]:
        try:
            chunk = os.read(terminal, 1 << 16)
        except OSError:
            # So a terminal says that nobody has it open any more.
            break
        if not chunk:
            break
        shown += chunk
    return bytes(shown)


class Running:
    """The running command, with its input held open."""

    def __init__(
        self,
        *arguments: str | Path,
        changes: Mapping[str, str] | None = None,
        stdin: int = subprocess.PIPE,
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.PIPE,
    ) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            bufsize=0,
            env=environment(changes),
        )
        self._output = bytearray()

    def feed(self, octets: bytes) -> None:
        """Write octets to its input, and leave the input open."""
        assert self.process.stdin is not None
        left = memoryview(octets)
        while left:
            left = left[self.process.stdin.write(left) :]

    def expect(self, satisfied: Callable[[bytes], object]) -> bytes:
        """Wait until its output is `satisfied`, and return all of it."""
        assert self.process.stdout is not None
        output = self.process.stdout.fileno()
        deadline = time.monotonic() + PATIENCE
        while not satisfied(bytes(self._output)):
            left = max(deadline - time.monotonic(), 0)
            assert select.select([output], [], [], left)[0], f"only {bytes(self._output)!r}"
            chunk = os.read(output, 1 << 16)
            assert chunk, f"ended after {bytes(self._output)!r}"
            self._output += chunk
        return bytes(self._output)

    def expect_count(self, what: bytes, count: int) -> bytes:
        """Wait until `what` is `count` times in its output, and return all of it."""
        return self.expect(lambda output: output.count(what) == count)

    def close_input(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    def close_output(self) -> None:
        """Read no more of its output."""
        assert self.process.stdout is not None
        self.process.stdout.close()

    def finish(self) -> Done:
        """End its input, wait for its end, and return its status and all its output."""
        process = self.process
        if process.stdin is not None:
            process.stdin.close()
            process.stdin = None
        if process.stdout is not None and process.stdout.closed:
            process.stdout = None
        output, errors = process.communicate(timeout=PATIENCE)
        return Done(process.returncode, bytes(self._output) + (output or b""), errors or b"")

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for file in (self.process.stdin, self.process.stdout, self.process.stderr):
            if file is not None:
                file.close()


@contextmanager
def interruptible() -> Iterator[None]:
    """Let processes started in the block be interrupted, even if the tests ignore SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def json_lines(output: bytes) -> list[dict[str, Any]]:
    """Return the objects of JSON Lines, each of which has to be a whole line."""
    assert output == b"" or output.endswith(b"\n")
    return [json.loads(line) for line in output.decode().split("\n")[:-1]]


def assert_one_line(errors: bytes, command: str) -> str:
    """Check that a failure is reported in one line that begins with the command's name.

    :return: the reason.
    """
    said = errors.decode()
    assert said.endswith("\n"), said
    line = said[:-1]
    assert controls(line) == [], said
    prefix = f"subunit2 {command}: ".replace("  ", " ") if command else "subunit2: "
    assert line.startswith(prefix), said
    return line.removeprefix(prefix)


def controls(text: str) -> list[str]:
    """Return the characters that control a terminal, line feeds included."""
    return [each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp")]
