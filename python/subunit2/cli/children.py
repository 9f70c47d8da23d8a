"""Child processes: start commands, pass signals on to them, and end them.

Strategy: each command runs in a process group of its own, so that signals reach its
descendants too. A process that has ended remains a zombie until the end, so that the
number of its group is not reused. Signal handlers do their work at once, and the
interrupted wait then continues.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from time import monotonic, sleep
from types import FrameType, TracebackType
from typing import Final, TypeAlias

from subunit2.cli.exits import CallError

__all__ = [
    "Child",
    "Children",
    "StoppedError",
    "describe_status",
    "is_killed",
    "report",
    "standard_input",
]

#: The time that commands may take to end after a signal, in seconds; then they are killed.
_GRACE: Final = 5.0

#: The same if their output is no longer read.
_SHORT_GRACE: Final = 1.0

#: A shell reports a command that was killed by a signal with this plus the number of the
#: signal; and the highest number of a signal with a name.
_BY_SIGNAL: Final = 128
_LAST_SIGNAL: Final = 31

#: The interval at which ending commands are polled, in seconds.
_STEP: Final = 0.01

_PASSED_ON: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None


class StoppedError(Exception):
    """A signal ended us, and no command is left to pass it on to."""


class Child:
    """A command that was started.

    :ivar name: its name in messages.
    :ivar route: the route code of its output.
    :ivar read: the file descriptors from which its output is read, with their names.
    :ivar has_jobs: whether other inputs belong to it, such as the jobs of a `make`.
    :ivar status: its exit status, or minus the number of the signal that killed it;
        None while it runs.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        name: str,
        route: str | None,
        read: Mapping[int, str],
        *,
        has_jobs: bool = False,
    ) -> None:
        self.has_jobs = has_jobs
        self.name = name
        self.route = route
        self.read = read
        self.process = process
        self.status: int | None = None

    def poll(self) -> None:
        """Update the status; kill the rest of its group if a signal killed it."""
        if self.status is not None:
            return
        # WNOWAIT leaves the zombie, which keeps the number of its group reserved.
        ended = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return
        killed = ended.si_code != os.CLD_EXITED
        self.status = -ended.si_status if killed else ended.si_status
        if killed:
            self.send(signal.SIGKILL)

    def send(self, number: int) -> None:
        """Send a signal to its process group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Children:
    """The commands started by one call; a context manager that ends them after a failure.

    :ivar interrupted: the number of the signal that asked us to end, or 0.
    :ivar wakeup_fd: a file descriptor that becomes readable after a signal.
    """

    def __init__(self) -> None:
        self.interrupted = 0
        self.wakeup_fd, self._wakeup_write_fd = os.pipe()
        os.set_blocking(self._wakeup_write_fd, False)
        self._reported: set[Child] = set()
        self._children: list[Child] = []
        self._before: dict[int, _Handler] = {}
        self._previous_wakeup_fd = -1

    def start(
        self,
        command: Sequence[str],
        *,
        name: str,
        route: str | None = None,
        read: Mapping[int, str] | None = None,
        has_jobs: bool = False,
        environment: Mapping[str, str] | None = None,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        keep_open: bool = False,
        pass_fds: Collection[int] = (),
    ) -> Child:
        """Start a command.

        :param environment: variables to add to our environment.
        :param keep_open: True if it inherits our inheritable file descriptors, such as the
            job server of a `make`.
        :param pass_fds: file descriptors that it inherits anyway.
        :raises CallError: if it cannot be started.
        """
        try:
            process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                close_fds=not keep_open,
                pass_fds=pass_fds,
                process_group=0,
                env={**os.environ, **(environment or {})},
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise CallError(f"{command[0]}: {reason}") from None
        child = Child(process, name, route, read or {}, has_jobs=has_jobs)
        self._children.append(child)
        # It may have ended, or missed a signal, while it was being started.
        child.poll()
        if self.interrupted:
            child.send(self.interrupted)
        return child

    @property
    def ended(self) -> list[Child]:
        """The commands that have ended."""
        return [child for child in self._children if child.status is not None]

    def take_ended(self, is_read: Callable[[int], bool]) -> Iterator[Child]:
        """Yield each command once, after it has ended and its output has been read.

        :param is_read: returns whether a file descriptor is still being read.
        """
        for child in self._children:
            if child.status is None or child in self._reported or any(map(is_read, child.read)):
                continue
            self._reported.add(child)
            yield child

    def wait(self) -> None:
        """Wait until all commands have ended."""
        for child in self._children:
            while child.status is None:
                os.waitid(os.P_PID, child.process.pid, os.WEXITED | os.WNOWAIT)
                child.poll()

    def _have_ended(self) -> bool:
        for child in self._children:
            child.poll()
        return all(child.status is not None for child in self._children)

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        # A second signal kills.
        passed: int = signal.SIGKILL if self.interrupted else number
        if not self.interrupted:
            self.interrupted = number
        if not self._children:
            raise StoppedError
        # The timer first: the commands may end before all have got the signal.
        signal.setitimer(signal.ITIMER_REAL, _GRACE)
        for child in self._children:
            child.send(passed)

    def _poll(self, *_: object) -> None:
        if self._have_ended() and self.interrupted:
            # Only their last output is left to be read.
            signal.setitimer(signal.ITIMER_REAL, _SHORT_GRACE)

    def _run_out(self, *_: object) -> None:
        if self._have_ended():
            # Only other inputs are still being waited for.
            raise StoppedError
        self._kill()

    def _kill(self) -> None:
        for child in self._children:
            child.send(signal.SIGKILL)

    def _end(self) -> None:
        """Ask all groups to end, and kill them after a short time."""
        for child in self._children:
            child.send(signal.SIGTERM)
        limit = monotonic() + _SHORT_GRACE
        while not self._have_ended() and monotonic() < limit:
            sleep(_STEP)
        self._kill()

    def __enter__(self) -> Children:
        handlers: dict[int, _Handler] = {signal.SIGCHLD: self._poll, signal.SIGALRM: self._run_out}
        for number in _PASSED_ON:
            # A signal that is ignored from the start, as under nohup, stays ignored.
            if signal.getsignal(number) != signal.SIG_IGN:
                handlers[number] = self._pass_on
        for each, handler in handlers.items():
            self._before[each] = signal.signal(each, handler)
        self._previous_wakeup_fd = signal.set_wakeup_fd(
            self._wakeup_write_fd, warn_on_full_buffer=False
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is not None or self.interrupted:
                self._end()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.set_wakeup_fd(self._previous_wakeup_fd)
            for number, handler in self._before.items():
                signal.signal(number, handler)
            os.close(self.wakeup_fd)
            os.close(self._wakeup_write_fd)
            for child in self._children:
                child.process.wait()


def standard_input() -> int:
    """Return the standard input for a command: ours, or DEVNULL if that is a terminal.

    Has to be called before any file is opened, which would take the number of a closed
    standard input.
    """
    try:
        os.fstat(0)
    except OSError:
        return os.open(os.devnull, os.O_RDONLY)
    return subprocess.DEVNULL if os.isatty(0) else 0


def is_killed(status: int) -> bool:
    """Return whether a signal seems to have killed a command, or the child of its shell.

    >>> is_killed(-9), is_killed(128 + 9), is_killed(255)
    (True, True, False)
    """
    return status < 0 or 0 < status - _BY_SIGNAL <= _LAST_SIGNAL


def describe_status(status: int) -> str:
    """Describe the exit status of a command.

    >>> describe_status(-9), describe_status(3)
    ('killed by SIGKILL', 'exit status 3')
    >>> describe_status(137)
    'exit status 137, as if killed by SIGKILL'
    """
    if status >= 0:
        text = f"exit status {status}"
        if not is_killed(status):
            return text
        return f"{text}, as if {describe_status(_BY_SIGNAL - status)}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def report(command: str, message: str) -> None:
    """Print a message of a command, as one line on standard error."""
    print(f"subunit2 {command}: {message}", file=sys.stderr, flush=True)
