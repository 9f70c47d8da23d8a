"""The outputs of a command that has ended, which another process holds open.

Strategy: a daemon that a test left behind holds its pipes for as long as it lives. When the
command has ended, its outputs may end by themselves for a short time, the grace. After it,
what is in the pipes is taken, and they are closed. A message names the processes that hold
them, if the system shows these in `/proc`.
"""

from __future__ import annotations

import argparse
import os
import select
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from time import monotonic
from typing import Final, Protocol

from subunit2.chunks import READ_SIZE
from subunit2.cli.children import Child, Children, report
from subunit2.cli.output import visible
from subunit2.plural import count
from subunit2.streams.multiplexing import held_octets

__all__ = ["Leftovers", "add_grace", "read_output", "report_printed"]

#: The default grace, and the longest one, in seconds.
_GRACE: Final = 2.0
_DAY: Final = 86_400

#: The processes that are named, and the characters of a command line that are shown.
_MOST_NAMED: Final = 3
_LONGEST_NAME: Final = 60


class _Reading(Protocol):
    """What reads the outputs of commands."""

    wake_at: float | None

    @property
    def jobs(self) -> Collection[int]: ...

    def reads(self, fd: int) -> bool: ...

    def end(self, fd: int) -> bytes: ...


def add_grace(parser: argparse.ArgumentParser) -> None:
    """Add the argument `--grace`."""
    parser.add_argument(
        "--grace",
        type=_grace,
        default=_GRACE,
        metavar="SECONDS",
        help="time for which output is read after the end of its command if another process "
        f"holds it open, such as a daemon; default: {_GRACE:g}",
    )


def _grace(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= _DAY:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds up to {_DAY:,}")
    return seconds


class Leftovers:
    """Ends the outputs of commands that have ended, when the grace is over.

    :param command: the name of our command, for messages.
    :param grace: in seconds.
    """

    def __init__(self, command: str, grace: float, children: Children, reading: _Reading) -> None:
        self._command = command
        self._grace = grace
        self._children = children
        self._reading = reading
        self._ended_at: dict[Child, float] = {}

    def take(self) -> Iterator[bytes]:
        """Yield the last output of commands for which the grace is over.

        To be called whenever a command may have ended; sets the time to be called again.
        """
        now = monotonic()
        times: list[float] = []
        for child in self._children.ended:
            fds = [*filter(self._reading.reads, child.read)]
            if child.has_jobs:
                fds += self._reading.jobs
            if not fds:
                continue
            limit = self._ended_at.setdefault(child, now) + self._grace
            if now < limit:
                times.append(limit)
                continue
            self._report(child, fds)
            for fd in fds:
                # The end of one output can be that of another, or show it to be none.
                if self._reading.reads(fd):
                    yield self._reading.end(fd)
        self._reading.wake_at = min(times, default=None)

    def _report(self, child: Child, fds: Collection[int]) -> None:
        names = {fd: child.read.get(fd, "the output of a job") for fd in fds}
        prefix = f"{child.name}: " if self._command == "mux" else ""
        holders = _describe_holders(names, self._grace)
        report(self._command, f"{prefix}{holders}; not waited for (see --grace)")


def report_printed(command: str, number: int) -> None:
    """Report packets that were taken for output: they could be meant to count."""
    if number:
        were = "was" if number == 1 else "were"
        report(
            command,
            f"{count(number, 'packet')} in printed output {were} taken for output, since packets "
            "have a file descriptor of their own",
        )


def read_output(command: str, fd: int, children: Children) -> Iterator[bytes]:
    """Yield the output of the only command in chunks, to its end or that of the grace.

    Closes the file descriptor. Holds one chunk.

    :param command: the name of our command, for messages.
    """
    poll = select.poll()
    poll.register(fd, select.POLLIN)
    poll.register(children.wakeup_fd, select.POLLIN)
    limit: float | None = None
    try:
        while True:
            if limit is None and children.ended:
                limit = monotonic() + _GRACE
            left = None if limit is None else max(0, limit - monotonic())
            ready = dict(poll.poll(left and 1000 * left))
            if children.wakeup_fd in ready:
                os.read(children.wakeup_fd, READ_SIZE)
            if fd in ready:
                chunk = os.read(fd, READ_SIZE)
                if not chunk:
                    return
                yield chunk
            if limit is not None and monotonic() >= limit:
                report(command, _describe_holders({fd: "the output"}, _GRACE))
                if rest := held_octets(fd):
                    yield os.read(fd, rest)
                return
    finally:
        os.close(fd)


def _describe_holders(names: Mapping[int, str], grace: float) -> str:
    """Describe the other processes that have pipes open, by the names of these."""
    found = _find_holders(names)
    holders = [f"{_command_line(pid)} (pid {pid})" for pid in found[:_MOST_NAMED]]
    if len(found) > _MOST_NAMED:
        holders.append(f"{len(found) - _MOST_NAMED} more")
    verb = "hold" if len(found) > 1 else "holds"
    return (
        f"{_join(holders or ['a process'])} still {verb} {_join(dict.fromkeys(names.values()))} "
        f"open {grace:g} s after the command ended"
    )


def _find_holders(fds: Iterable[int]) -> list[int]:
    """Return the numbers of the processes; none where there is no /proc."""
    try:
        pipes = {str(Path(f"/proc/self/fd/{fd}").readlink()) for fd in fds}
        pids = sorted(int(each.name) for each in Path("/proc").iterdir() if each.name.isdecimal())
    except OSError:
        return []
    return [pid for pid in pids if pid != os.getpid() and not pipes.isdisjoint(_files(pid))]


def _files(pid: int) -> Iterator[str]:
    try:
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            yield str(entry.readlink())
    except OSError:
        # It has ended, or belongs to another user.
        return


def _command_line(pid: int) -> str:
    try:
        octets = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        octets = b""
    text = visible(" ".join(os.fsdecode(octets).rstrip("\0").split("\0")))
    if len(text) > _LONGEST_NAME:
        text = f"{text[:_LONGEST_NAME]}…"
    return text or "a process"


def _join(names: Iterable[str]) -> str:
    """Join names as a sentence does.

    >>> _join(["a", "b", "c"])
    'a, b and c'
    """
    *front, last = names
    return f"{', '.join(front)} and {last}" if front else last
