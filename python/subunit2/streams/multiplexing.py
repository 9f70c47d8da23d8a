"""Live inputs into one stream: pipes, FIFOs and files, as they come.

Strategy: one loop waits for whatever input has something, reads what is there,
and gives it to a `Multiplexer`, which says what goes out. Nothing waits for
anything else: a FIFO that nobody writes to yet is one more input that is silent.
Inputs can also be handed over while it runs, by processes that send their pipes
through a socket, as the jobs of a `make` do.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import socket
import stat
from collections.abc import Iterator
from time import monotonic
from typing import Final

from subunit2.chunks import READ_SIZE
from subunit2.multiplexer import WRAPPED_FILE, Multiplexer
from subunit2.packets.header import LEAST_PACKET, STATUS_MASK
from subunit2.streams.clocks import ClockAligner

__all__ = ["JOB_FILES", "LiveMultiplexer"]

#: What the outputs become that a job hands over, in their order.
JOB_FILES: Final = (WRAPPED_FILE, "stderr")

#: The statuses of a failure, fail and uxsuccess, in the second octet of a packet's flags.
_FAILING: Final = (6, 4)

_ENDED: Final = select.POLLERR | select.POLLHUP | select.POLLNVAL


class _Live:
    """An input that has not ended."""

    def __init__(self, fd: int, number: int, name: str, source: str | None) -> None:
        self.fd = fd
        self.number = number
        self.name = name
        # The route under which it is known whether it failed.
        self.source = source
        self.is_job = False
        self.is_file = stat.S_ISREG(os.fstat(fd).st_mode)
        # Since when the reader has been waiting for what a header claims, and where.
        self.offset = 0
        self.since: float | None = None


class LiveMultiplexer:
    """Inputs that are read as they come, as one stream.

    Iterating gives what goes out, as soon as it does, until all inputs have ended; it
    gives no octets where an input ends with none, or the bell is rung.
    Closes the inputs. Holds what a `Multiplexer` holds, and `READ_SIZE` octets.

    :param stop_waiting: after how many seconds an input whose header claims octets
        that do not come goes on without them (`reader.stop-waiting`); None: never.
    :param align_clocks: whether the timestamps of each input are brought to the clock by
        which they arrive (`ClockAligner`).
    :param output: the file descriptor that is written to. Where nobody reads it any
        more, iterating ends with `BrokenPipeError`, also while all inputs are silent.
    :param bell: a file descriptor that is read, and wakes who iterates: a signal's.
    :ivar failures: by the names of inputs that could not be read to their end, why.
    :ivar is_crowded: whether jobs wait until others have ended, as no more files can be
        opened; what they write meanwhile waits with them.

    >>> ours, theirs = os.pipe()
    >>> os.write(theirs, b"(Pdb) ")
    6
    >>> with LiveMultiplexer() as multiplexer:
    ...     multiplexer.add(ours, "W1")
    ...     octets = next(iter(multiplexer))
    >>> from subunit2 import decode
    >>> [packet] = decode(octets)
    >>> packet.route_code, packet.file_name, packet.file_bytes
    ('W1', 'stdout', b'(Pdb) ')
    >>> os.close(theirs)
    """

    def __init__(
        self,
        *,
        stop_waiting: float | None = None,
        align_clocks: bool = False,
        output: int | None = None,
        bell: int | None = None,
    ) -> None:
        self.failures: dict[str, OSError] = {}
        self.is_crowded = False
        self._failed: set[str | None] = set()
        self._multiplexer = Multiplexer()
        self._stop_waiting = stop_waiting
        self._align_clocks = align_clocks
        self._inputs: dict[int, _Live] = {}
        self._poll = select.poll()
        self._output = output
        if output is not None:
            self._poll.register(output, 0)
        self._bell = bell
        if bell is not None:
            self._poll.register(bell, select.POLLIN)
        # Where jobs hand their pipes over, the route that they are under, and how many came.
        self._jobs: socket.socket | None = None
        self._jobs_route: str | None = None
        self._job_count = 0

    def add(
        self, fd: int, route: str | None, file: str = WRAPPED_FILE, *, name: str | None = None
    ) -> None:
        """Read one more input.

        :param fd: its file descriptor.
        :param route: its code; None: its packets stay as they are.
        :param file: what its output becomes.
        :param name: what a failure calls it; its route if not said.
        :raises EncodeError: where the route is none.
        """
        change = ClockAligner().feed if self._align_clocks else None
        number = self._multiplexer.add(route, file, change=change)
        self._inputs[fd] = _Live(fd, number, name or route or file, route)
        self._poll.register(fd, select.POLLIN)

    def reads(self, fd: int) -> bool:
        """Whether it is an input that has not ended."""
        return fd in self._inputs

    def has_failed(self, route: str | None) -> bool:
        """Whether a packet has said fail or uxsuccess, of the inputs added with this route.

        Those of jobs are of the route that `listen` was called with.
        """
        return route in self._failed

    def listen(self, jobs: socket.socket, route: str | None = None) -> None:
        """Take inputs from a datagram socket: each message is a job with its pipes.

        The file descriptors of a message are the job's outputs, `JOB_FILES`. The jobs
        are numbered from 1 as they come, and their numbers are their route codes, under
        `route`. The socket is not closed.
        """
        self._jobs, self._jobs_route = jobs, route
        jobs.setblocking(False)
        self._poll.register(jobs, select.POLLIN)

    def __iter__(self) -> Iterator[bytes]:
        while self._inputs or self._take_jobs():
            ready = self._poll.poll(self._patience())
            for fd, events in ready:
                if fd in self._inputs:
                    octets = self._read(self._inputs[fd])
                    if octets or fd not in self._inputs:
                        yield octets
                elif fd == self._bell:
                    os.read(fd, READ_SIZE)
                    yield b""
                elif fd == self._output and events & _ENDED:
                    raise BrokenPipeError
                elif self._jobs is not None and fd == self._jobs.fileno():
                    self._take_jobs()
                    if self.is_crowded:
                        yield b""
            if self._stop_waiting:
                yield from self._go_on(self._stop_waiting)

    def _read(self, live: _Live) -> bytes:
        try:
            piece = os.read(live.fd, READ_SIZE)
        except BlockingIOError:
            # Whatever was there, somebody else has read it.
            return b""
        except OSError as error:
            self.failures[live.name] = error
            piece = b""
        if piece:
            octets = self._multiplexer.feed(live.number, piece)
        else:
            self._poll.unregister(live.fd)
            del self._inputs[live.fd]
            os.close(live.fd)
            octets = self._multiplexer.close(live.number)
            if self.is_crowded and self._jobs is not None:
                self.is_crowded = False
                self._poll.register(self._jobs, select.POLLIN)
        if live.source not in self._failed and _says_failed(octets):
            self._failed.add(live.source)
        return octets

    def _take_jobs(self) -> bool:
        """Read from the jobs that have come; whether any has."""
        came = False
        while self._jobs is not None:
            if self.is_crowded:
                break
            if not _has_room(self._jobs.fileno(), len(JOB_FILES)) and any(
                live.is_job for live in self._inputs.values()
            ):
                # What is on its way to us stays open, so nothing is lost meanwhile.
                self.is_crowded = True
                self._poll.unregister(self._jobs)
                break
            try:
                _, fds, flags, _ = socket.recv_fds(self._jobs, 1, len(JOB_FILES))
            except BlockingIOError:
                break
            came = True
            self._job_count += 1
            steps = [self._jobs_route] if self._jobs_route else []
            for fd, file in zip(fds, JOB_FILES, strict=False):
                os.set_inheritable(fd, False)
                self.add(fd, "/".join([*steps, str(self._job_count)]), file)
                self._inputs[fd].source = self._jobs_route
                self._inputs[fd].is_job = True
            if flags & socket.MSG_CTRUNC or not fds:
                reason = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
                self.failures[f"job {self._job_count}"] = reason
        return came

    def _patience(self) -> int | None:
        """For how many milliseconds to wait for inputs; None: for ever."""
        if not self._stop_waiting:
            return None
        started = [live.since for live in self._inputs.values() if live.since is not None]
        if not started:
            return None
        return max(0, int(1000 * (min(started) + self._stop_waiting - monotonic())) + 1)

    def _go_on(self, limit: float) -> Iterator[bytes]:
        """What goes out where an input has been waited for too long."""
        now = monotonic()
        for live in self._inputs.values():
            offset, held = self._multiplexer.pending(live.number)
            if live.is_file or held < LEAST_PACKET:
                live.since = None
            elif live.since is None or live.offset != offset:
                live.offset, live.since = offset, now
            elif now - live.since >= limit:
                live.since = None
                if octets := self._multiplexer.stop_waiting(live.number):
                    yield octets

    def close(self) -> None:
        """Close the inputs that have not ended."""
        while self._inputs:
            fd, _ = self._inputs.popitem()
            os.close(fd)

    def __enter__(self) -> LiveMultiplexer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _says_failed(octets: bytes) -> bool:
    """Whether one of the packets of which the octets consist is about a failure."""
    start, end = 0, len(octets)
    while start < end:
        if octets[start + 2] & STATUS_MASK in _FAILING:
            return True
        # clause number.encoding: one to four octets, and the first two bits say how many.
        size = octets[start + 3] >> 6
        length = int.from_bytes(octets[start + 3 : start + 4 + size], "big")
        start += length & ~(3 << (8 * size + 6))
    return False


def _has_room(fd: int, count: int) -> bool:
    """Whether so many files more can be open at once; asks for the most that is allowed."""
    opened: list[int] = []
    try:
        while len(opened) < count:
            try:
                opened.append(os.dup(fd))
            except OSError:
                soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
                if soft == hard:
                    return False
                # What was started before keeps its own limit.
                try:
                    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
                except (OSError, ValueError):
                    return False
    finally:
        for each in opened:
            os.close(each)
    return True
