"""A child process that is not trusted to answer, to end, or to be quiet.

Strategy: its three pipes are non-blocking, and one selector waits for all of them.
Standard error is drained while the runner waits for an answer, and a request is written
while the child writes. Each wait has a deadline, each line and each output a limit, and
only the end of standard error is kept. The child leads its own process group, which is
killed as a whole, so that a shell script leaves no processes behind. (POSIX only.)
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE, DefaultSelector
from shutil import which
from time import monotonic
from typing import IO, Final, NamedTuple

from subunit2.conformance.results import Outcome

__all__ = [
    "LONGEST_LINE",
    "Answers",
    "Child",
    "CommandError",
    "NoAnswerError",
    "Silence",
    "exit_reason",
    "split_command",
]

#: Limit of one line of an answer, in octets. A packet of 4 MiB takes 8 MiB in hex.
LONGEST_LINE: Final = 64 << 20

#: Octets of the end of standard error that are kept.
_KEPT_ERRORS: Final = 8 << 10

#: Seconds that a child has to end after it closed its output. Its own exit status says
#: more than a kill.
_GRACE: Final = 1.0

_CHUNK: Final = 1 << 16

#: Characters of a line of standard error that are shown.
_SHOWN: Final = 200


class CommandError(Exception):
    """A command cannot be run; one line such as `my-harness: not found`."""


class NoAnswerError(Exception):
    """There is no answer that can be judged.

    :ivar outcome: the outcome of the case.
    :ivar reason: one line.
    """

    def __init__(self, outcome: Outcome, reason: str) -> None:
        super().__init__(f"{outcome}: {reason}")
        self.outcome = outcome
        self.reason = reason


class Silence(NamedTuple):
    """A command that only wrote to standard error so far.

    :ivar command: as the user gave it.
    :ivar runs: the number of questions that it was asked.
    :ivar complaint: the last line of its standard error.
    """

    command: str
    runs: int
    complaint: str

    def __str__(self) -> str:
        return f"{self.command}: no answer, only standard error: {self.complaint}"


class Answers:
    """Tells a command that answers from one that only writes to standard error.

    :param command: as the user gave it.
    """

    def __init__(self, command: str) -> None:
        self._command = command
        self._runs = 0
        self._complaint = ""
        self._has_any = False

    def ask(self) -> None:
        """Note a question."""
        self._runs += 1

    def note(self, *, is_answer: bool, complaint: str = "") -> None:
        """Note the outcome of a question.

        :param is_answer: whether it can be judged; False: the command ended with a complaint.
        """
        self._has_any = self._has_any or is_answer
        self._complaint = complaint

    @property
    def silence(self) -> Silence | None:
        """Not None if the command has only written to standard error so far."""
        if self._has_any or not self._complaint:
            return None
        return Silence(self._command, self._runs, self._complaint)


def split_command(command: str) -> list[str]:
    """Split a command into words.

    :raises CommandError: if it cannot be split, or its program does not exist.
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise CommandError(f"{command}: {str(error).lower()}") from None
    if not words:
        raise CommandError("an empty command")
    if which(words[0]) is None:
        is_there = Path(words[0]).exists()
        raise CommandError(f"{words[0]}: {'not executable' if is_there else 'not found'}")
    return words


def exit_reason(status: int) -> str:
    """Describe an exit status of `subprocess`.

    >>> exit_reason(3), exit_reason(-11)
    ('exit status 3', 'killed by SIGSEGV')
    """
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


class Child:
    """A running command.

    :raises CommandError: if it cannot be started.
    """

    def __init__(self, command: list[str]) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the user's own command
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise CommandError(f"{command[0]}: {error.strerror}") from None
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._input: IO[bytes] = process.stdin
        self._output: IO[bytes] = process.stdout
        self._errors: IO[bytes] = process.stderr
        self._selector = DefaultSelector()
        for pipe in (self._input, self._output, self._errors):
            os.set_blocking(pipe.fileno(), False)
        self._selector.register(self._output, EVENT_READ, self._read_output)
        self._selector.register(self._errors, EVENT_READ, self._read_errors)
        self._to_send = memoryview(b"")
        self._sends = False
        self._ends_input = False
        #: Output that was read and not returned yet, and the index up to which it is
        #: known to hold no line feed.
        self._read = bytearray()
        self._searched = 0
        self._output_ended = False
        self._error_tail = bytearray()

    @property
    def pid(self) -> int:
        """The process, which leads its own session."""
        return self._process.pid

    @property
    def unread(self) -> bytes:
        """The output read so far that is no answer to a request."""
        return bytes(self._read)

    @property
    def status(self) -> int | None:
        """The exit status, as `subprocess` gives it; None while the child runs."""
        return self._process.poll()

    @property
    def last_error_line(self) -> str:
        """The last line of standard error that is not blank, fit to be shown."""
        for line in reversed(self._error_tail.decode("utf-8", "replace").splitlines()):
            text = "".join(each if each.isprintable() else " " for each in line).strip()
            if text:
                return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."
        return ""

    def request(self, line: bytes, timeout: float, limit: int = LONGEST_LINE) -> bytes | None:
        """Send a line, and return the next line of output; None if the output ends first.

        :param line: with its line feed.
        :param timeout: in seconds, for request and answer together.
        :raises NoAnswerError: if it times out, or writes `limit` octets without a line feed.
        """
        self._send(line)
        self._wait(self._has_line, timeout, limit)
        end = self._read.find(b"\n", self._searched)
        if end < 0:
            return None
        # An answer can have megabytes, so it is copied only once.
        with memoryview(self._read) as read:
            answer = bytes(read[:end])
        del self._read[: end + 1]
        self._searched = 0
        return answer

    def run(self, octets: bytes, timeout: float, limit: int) -> tuple[int, bytes]:
        """Send the whole input; return the exit status and the whole output.

        The child need not read all of its input.

        :raises NoAnswerError: if it times out, or writes more than `limit` octets.
        """
        deadline = monotonic() + timeout
        self._ends_input = True
        self._send(octets)
        self._wait(lambda: self._output_ended, timeout, limit)
        try:
            status = self._process.wait(max(deadline - monotonic(), 0))
        except subprocess.TimeoutExpired:
            raise _timed_out(timeout) from None
        self._drain_errors()
        return status, bytes(self._read)

    def kill(self) -> None:
        """Kill the process group; a thread that waits for the child sees it end."""
        if self._process.poll() is None:
            self._kill_group()

    def end(self, grace: float = 0) -> int:
        """Close the input, kill the process group, and release all resources.

        :param grace: seconds that the child has to end by itself first.
        :return: the exit status, as `subprocess` gives it.
        """
        if self._input.closed and self._output.closed:
            return self._process.wait()
        self._close_input()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(grace)
        self._kill_group()
        status = self._process.wait()
        self._drain_errors()
        self._selector.close()
        self._output.close()
        self._errors.close()
        return status

    def _kill_group(self) -> None:
        # The group exists as long as one of its processes, even without its leader.
        # (macOS refuses the call if all of them have ended.)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def reap(self) -> str:
        """End a child that has closed its output; return the cause in one line."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        still_runs = self._process.poll() is None
        status = self.end()
        reason = "closed its standard output" if still_runs else exit_reason(status)
        return f"{reason}: {self.last_error_line}" if self.last_error_line else reason

    def _has_line(self) -> bool:
        if self._read.find(b"\n", self._searched) >= 0:
            return True
        self._searched = len(self._read)
        return self._output_ended

    def _wait(self, is_done: Callable[[], bool], timeout: float, limit: int) -> None:
        deadline = monotonic() + timeout
        while not is_done():
            if len(self._read) > limit:
                raise NoAnswerError("malformed", f"more than {limit:,} octets in one answer")
            left = deadline - monotonic()
            if left <= 0:
                raise _timed_out(timeout)
            for key, _ in self._selector.select(left):
                key.data()

    def _send(self, octets: bytes) -> None:
        self._to_send = memoryview(octets)
        self._write()

    def _write(self) -> None:
        """Write as much as the pipe takes, and register for writing the rest."""
        if self._input.closed:
            return
        try:
            while self._to_send:
                self._to_send = self._to_send[os.write(self._input.fileno(), self._to_send) :]
        except BlockingIOError:
            if not self._sends:
                self._selector.register(self._input, EVENT_WRITE, self._write)
                self._sends = True
            return
        except BrokenPipeError:
            # The child has stopped reading, but may still answer.
            self._close_input()
            return
        if self._ends_input:
            self._close_input()
        elif self._sends:
            self._selector.unregister(self._input)
            self._sends = False

    def _close_input(self) -> None:
        if self._sends:
            self._selector.unregister(self._input)
            self._sends = False
        self._to_send = memoryview(b"")
        self._input.close()

    def _read_output(self) -> None:
        chunk = os.read(self._output.fileno(), _CHUNK)
        self._read += chunk
        if not chunk:
            self._output_ended = True
            self._selector.unregister(self._output)

    def _read_errors(self) -> None:
        chunk = os.read(self._errors.fileno(), _CHUNK)
        self._error_tail += chunk
        del self._error_tail[:-_KEPT_ERRORS]
        if not chunk:
            self._selector.unregister(self._errors)

    def _drain_errors(self) -> None:
        """Read the rest of standard error; bounded, as descendants may still write to it."""
        with suppress(BlockingIOError, KeyError):
            for _ in range(64):
                self._read_errors()


def _timed_out(timeout: float) -> NoAnswerError:
    return NoAnswerError("timed out", f"no answer within {timeout:g} s")
