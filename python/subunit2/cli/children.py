"""The commands that a command runs: started, told of signals, and ended.

Strategy: each runs in a process group of its own, so that whatever it starts can be
told and ended with it. A command that has ended stays in the system's table until
all is done, so that its group's number is nobody else's meanwhile. Signals are seen
to where they arrive, in the middle of whatever is waited for; what is waited for,
then goes on.
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
    "say",
    "standard_input",
]

#: How long commands that are told to end may take, in seconds, before they are killed.
_GRACE: Final = 5.0

#: As long where nobody reads any more what they have to say.
_SHORT_GRACE: Final = 1.0

#: What a shell adds to the number of a signal that ended what it ran, and the highest of
#: these that have a name.
_BY_SIGNAL: Final = 128
_LAST_SIGNAL: Final = 31

#: How often these are looked at meanwhile, in seconds.
_STEP: Final = 0.01

_PASSED_ON: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None


class StoppedError(Exception):
    """A signal told us to end, and nothing is left to be told."""


class Child:
    """A command that was started.

    :ivar name: what it is called where something is said of it.
    :ivar route: the route code of what it writes.
    :ivar read: the file descriptors that we read of it.
    :ivar status: its exit status, or minus the number of the signal that killed it;
        None while it runs.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        name: str,
        route: str | None,
        read: Collection[int],
    ) -> None:
        self.name = name
        self.route = route
        self.read = read
        self.process = process
        self.status: int | None = None

    def look(self) -> None:
        """See whether it has ended; whoever killed it has left its group to us."""
        if self.status is not None:
            return
        # Nobody waits for it here, so that the number of its group stays taken.
        ended = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return
        killed = ended.si_code != os.CLD_EXITED
        self.status = -ended.si_status if killed else ended.si_status
        if killed:
            self.tell(signal.SIGKILL)

    def tell(self, number: int) -> None:
        """Send a signal to its whole group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


class Children:
    """The commands of one call. Leaving the block ends those that still run.

    :ivar interrupted: the number of the signal that told us to end, or 0.
    :ivar wakeup_fd: a file descriptor that is readable after a signal.
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
        read: Collection[int] = (),
        environment: Mapping[str, str] | None = None,
        stdin: int | None = None,
        stdout: int | None = None,
        stderr: int | None = None,
        keep_open: bool = False,
    ) -> Child:
        """Run a command.

        :param environment: what is added to ours.
        :param keep_open: whether it gets the file descriptors that we were given, such as
            those by which a `make` tells others how many jobs there may be.
        :raises CallError: where it cannot be started.
        """
        try:
            process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                close_fds=not keep_open,
                process_group=0,
                env={**os.environ, **(environment or {})},
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise CallError(f"{command[0]}: {reason}") from None
        child = Child(process, name, route, read)
        self._children.append(child)
        # What happened while it was being started has not been seen, or not reached it.
        child.look()
        if self.interrupted:
            child.tell(self.interrupted)
        return child

    def take_ended(self, is_read: Callable[[int], bool]) -> Iterator[Child]:
        """The commands that have ended and of which nothing is left to be read, each once."""
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
                child.look()

    def _have_ended(self) -> bool:
        for child in self._children:
            child.look()
        return all(child.status is not None for child in self._children)

    def _pass_on(self, number: int, _: FrameType | None) -> None:
        # Who asks twice does not want to wait.
        told: int = signal.SIGKILL if self.interrupted else number
        if not self.interrupted:
            self.interrupted = number
        if not self._children:
            raise StoppedError
        # First the time: they can have ended before all are told.
        signal.setitimer(signal.ITIMER_REAL, _GRACE)
        for child in self._children:
            child.tell(told)

    def _look(self, *_: object) -> None:
        if self._have_ended() and self.interrupted:
            # What they said last is still to be read, which takes no time.
            signal.setitimer(signal.ITIMER_REAL, _SHORT_GRACE)

    def _run_out(self, *_: object) -> None:
        if self._have_ended():
            # What is still waited for are other inputs.
            raise StoppedError
        self._kill()

    def _kill(self) -> None:
        for child in self._children:
            child.tell(signal.SIGKILL)

    def _end(self) -> None:
        """Tell all groups to end, and see to it that they do."""
        for child in self._children:
            child.tell(signal.SIGTERM)
        limit = monotonic() + _SHORT_GRACE
        while not self._have_ended() and monotonic() < limit:
            sleep(_STEP)
        self._kill()

    def __enter__(self) -> Children:
        seen: dict[int, _Handler] = {signal.SIGCHLD: self._look, signal.SIGALRM: self._run_out}
        for number in _PASSED_ON:
            # Whoever started us may want us not to be stopped so, as nohup does.
            if signal.getsignal(number) != signal.SIG_IGN:
                seen[number] = self._pass_on
        for each, handler in seen.items():
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
    """What a command can have for its standard input: ours, where it is no terminal.

    Called before anything is opened: where ours is closed, its number is taken.
    """
    try:
        os.fstat(0)
    except OSError:
        return os.open(os.devnull, os.O_RDONLY)
    return subprocess.DEVNULL if os.isatty(0) else 0


def is_killed(status: int) -> bool:
    """Whether a signal ended a command, or what its shell ran, as far as can be told.

    >>> is_killed(-9), is_killed(128 + 9), is_killed(255)
    (True, True, False)
    """
    return status < 0 or 0 < status - _BY_SIGNAL <= _LAST_SIGNAL


def describe_status(status: int) -> str:
    """How a command ended, in words.

    >>> describe_status(-9), describe_status(3)
    ('killed by SIGKILL', 'exit status 3')
    >>> describe_status(137)
    'exit status 137, as of what is killed by SIGKILL'
    """
    if status >= 0:
        said = f"exit status {status}"
        if not is_killed(status):
            return said
        return f"{said}, as of what is {describe_status(_BY_SIGNAL - status)}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


def say(command: str, line: str) -> None:
    """One line on standard error, in the name of a command."""
    print(f"subunit2 {command}: {line}", file=sys.stderr, flush=True)
