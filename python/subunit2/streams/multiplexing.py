"""Multiplex live inputs into one stream: pipes, FIFOs and files.

Strategy: one loop polls all inputs, reads a chunk from each that is ready, and feeds it to
a `Multiplexer`, which returns the output. No input waits for another: a FIFO without a
writer is one more silent input. Processes can also add inputs while the loop runs, by
sending their pipes through a socket, as the jobs of a `make` do.

A process may have a pipe for its packets beside its outputs. From its first packet there,
packets in its outputs are what a test prints. The pipe for packets is therefore read
between the read of an output and the look at what was read: a packet written before that
output is in the pipe by then.
"""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import select
import socket
import stat
import sys
import termios
from collections.abc import Iterator
from time import monotonic
from typing import Final

from subunit2.chunks import READ_SIZE
from subunit2.damage.reports import PARSER
from subunit2.multiplexer import WRAPPED_FILE, Multiplexer
from subunit2.packets.decode import decode_whole
from subunit2.packets.header import STATUS_MASK
from subunit2.packets.numbers import read_number
from subunit2.streams.clocks import ClockAligner
from subunit2.streams.waits import Wait
from subunit2.uncopied import Uncopied

__all__ = ["JOB_FILES", "LiveMultiplexer", "held_octets", "make_room"]

#: The file names of the outputs that a job sends, in order.
JOB_FILES: Final = (WRAPPED_FILE, "stderr")

#: The statuses of a failure, fail and uxsuccess, in the second octet of a packet's flags.
_FAILING: Final = (6, 4)

_ENDED: Final = select.POLLERR | select.POLLHUP | select.POLLNVAL


class _Live:
    """An input that has not ended."""

    def __init__(
        self, fd: int, number: int, name: str, source: str | None, limit: float | None
    ) -> None:
        self.fd = fd
        self.number = number
        self.name = name
        # The route code that `has_failed` takes.
        self.source = source
        self.is_job = False
        # For an output: the input for the packets of the same process. For that: whether a
        # packet came.
        self.packets: _Live | None = None
        self.has_packets = False
        # A file does not wait.
        is_file = stat.S_ISREG(os.fstat(fd).st_mode)
        self.wait = Wait(limit) if limit and not is_file else None


class LiveMultiplexer(Uncopied):
    """Reads live inputs, and yields them as one stream.

    Iterating yields output as soon as it is complete, until all inputs have ended. It
    yields empty octets when an input ends without output, or `wakeup_fd` is readable.
    Iterating closes each input at its end. Holds the octets of a `Multiplexer`, and
    `READ_SIZE` octets.

    :param stop_waiting: a limit in seconds. If octets are held for so long because others
        that could decide do not arrive, stop waiting for those (`reader.stop-waiting`). A
        report of damage ends after this time, too, if no packet arrives
        (`damage.one-report`). None: wait until the input ends.
    :param align_clocks: whether the timestamps of each input are converted to the clock
        of this machine (`ClockAligner`).
    :param output: the file descriptor to which the caller writes. If its reader closes
        it, iterating raises `BrokenPipeError`, also while all inputs are silent.
    :param wakeup_fd: a file descriptor that interrupts the wait when it is readable, such
        as the one of `signal.set_wakeup_fd`. It is read.
    :ivar failures: the errors of inputs that could not be read to their ends, by name.
    :ivar at_fd_limit: whether new jobs wait until others end, since the process cannot
        open more files. The output of such jobs waits in their pipes.

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
        wakeup_fd: int | None = None,
    ) -> None:
        self.failures: dict[str, OSError] = {}
        self.at_fd_limit = False
        self.printed = 0
        self.wake_at: float | None = None
        self._failed: set[str | None] = set()
        self._multiplexer = Multiplexer()
        self._stop_waiting = stop_waiting
        self._align_clocks = align_clocks
        self._inputs: dict[int, _Live] = {}
        self._poll = select.poll()
        self._output = output
        if output is not None:
            self._poll.register(output, 0)
        self._wakeup_fd = wakeup_fd
        if wakeup_fd is not None:
            self._poll.register(wakeup_fd, select.POLLIN)
        # The socket through which jobs send their pipes, their route, and their number so far.
        self._jobs: socket.socket | None = None
        self._jobs_route: str | None = None
        self._job_count = 0

    def add(
        self,
        fd: int,
        route: str | None,
        file: str = WRAPPED_FILE,
        *,
        name: str | None = None,
        packets: int | None = None,
        only_output: bool = False,
    ) -> None:
        """Add an input.

        :param fd: its file descriptor.
        :param route: its route code; None: its packets are not changed.
        :param file: the file name for its output outside of packets.
        :param name: its name in `failures`; by default its route code.
        :param packets: an input added before, on which the same process may write its
            packets. From the first one there, packets of this input are plain output.
        :param only_output: whether packets of this input are plain output from the start.
        :raises EncodeError: if `route` is not a route code.
        """
        change = ClockAligner().feed if self._align_clocks else None
        number = self._multiplexer.add(route, file, change=change)
        live = _Live(fd, number, name or route or file, route, self._stop_waiting)
        self._inputs[fd] = live
        if only_output:
            self._multiplexer.take_as_output(number)
        elif packets is not None:
            live.packets = self._inputs[packets]
        self._poll.register(fd, select.POLLIN)

    def reads(self, fd: int) -> bool:
        """Return whether a file descriptor is an input that has not ended."""
        return fd in self._inputs

    @property
    def jobs(self) -> list[int]:
        """The file descriptors of jobs that have not ended."""
        return [fd for fd, live in self._inputs.items() if live.is_job]

    def end(self, fd: int) -> bytes:
        """Read the octets that a pipe holds now, and close it even if it has writers.

        Returns the output of these octets.
        """
        live = self._inputs[fd]
        left = held_octets(fd)
        octets = b""
        while left > 0 and fd in self._inputs:
            # No other process reads it, so this does not wait.
            chunk = os.read(fd, min(left, READ_SIZE))
            left = left - len(chunk) if chunk else 0
            octets += self._take_in(live, chunk)
        if fd in self._inputs:
            octets += self._take_in(live, b"")
        return octets

    def has_failed(self, route: str | None) -> bool:
        """Return whether an input added with this route had a packet of fail or uxsuccess.

        Reports of damage do not count: they are about no test (`damage.parser`). The inputs
        of jobs have the route that was passed to `listen`.
        """
        return route in self._failed

    def listen(self, jobs: socket.socket, route: str | None = None) -> None:
        """Receive inputs from a datagram socket: each message is a job with its pipes.

        The file descriptors of a message are the outputs of the job, as in `JOB_FILES`.
        Jobs are numbered from 1 as they arrive, and their numbers are their route codes
        below `route`. The socket is not closed.
        """
        self._jobs, self._jobs_route = jobs, route
        jobs.setblocking(False)
        self._poll.register(jobs, select.POLLIN)

    def __iter__(self) -> Iterator[bytes]:
        while self._inputs or self._take_jobs():
            ready = self._poll.poll(self._timeout())
            for fd, events in ready:
                if fd in self._inputs:
                    octets = self._read(self._inputs[fd])
                    if octets or fd not in self._inputs:
                        yield octets
                elif fd == self._wakeup_fd:
                    os.read(fd, READ_SIZE)
                    yield b""
                elif fd == self._output and events & _ENDED:
                    raise BrokenPipeError
                elif self._jobs is not None and fd == self._jobs.fileno():
                    self._take_jobs()
                    if self.at_fd_limit:
                        yield b""
            if self._stop_waiting:
                yield from self._stop_waits()
            if self.wake_at is not None and monotonic() >= self.wake_at:
                yield b""

    def _read(self, live: _Live) -> bytes:
        try:
            chunk = os.read(live.fd, READ_SIZE)
        except BlockingIOError:
            # Another reader of the pipe was faster.
            return b""
        except OSError as error:
            self.failures[live.name] = error
            chunk = b""
        return self._take_in(live, chunk)

    def _take_in(self, live: _Live, chunk: bytes) -> bytes:
        """Return the output of octets that were read; of none, that of the end."""
        octets = b""
        packets = live.packets
        if packets and not packets.has_packets and self._is_ready(packets):
            octets = self._read(packets)
        if chunk:
            octets += self._multiplexer.feed(live.number, chunk)
        else:
            self._poll.unregister(live.fd)
            del self._inputs[live.fd]
            os.close(live.fd)
            octets += self._multiplexer.close(live.number)
            self.printed += self._multiplexer.packets(live.number)[1]
            if self.at_fd_limit and self._jobs is not None:
                self.at_fd_limit = False
                self._poll.register(self._jobs, select.POLLIN)
        if not live.has_packets and self._multiplexer.packets(live.number)[0]:
            live.has_packets = True
            for each in self._inputs.values():
                if each.packets is live:
                    octets += self._multiplexer.take_as_output(each.number)
        self._note_failures(live, octets)
        return octets

    def _is_ready(self, live: _Live) -> bool:
        """Return whether an input that has not ended can be read now."""
        if live.fd not in self._inputs:
            return False
        poll = select.poll()
        poll.register(live.fd, select.POLLIN)
        return bool(poll.poll(0))

    def _note_failures(self, live: _Live, octets: bytes) -> None:
        if live.source not in self._failed and _says_failed(octets):
            self._failed.add(live.source)

    def _take_jobs(self) -> bool:
        """Add the inputs of new jobs, and return whether there were any."""
        has_new = False
        while self._jobs is not None:
            if self.at_fd_limit:
                break
            if not make_room(self._jobs.fileno(), len(JOB_FILES)) and any(
                live.is_job for live in self._inputs.values()
            ):
                # Descriptors in unread messages stay open, so no output is lost.
                self.at_fd_limit = True
                self._poll.unregister(self._jobs)
                break
            try:
                _, fds, flags, _ = socket.recv_fds(self._jobs, 1, len(JOB_FILES))
            except BlockingIOError:
                break
            has_new = True
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
        return has_new

    def _timeout(self) -> int | None:
        """Return the milliseconds to wait for inputs; None: no limit."""
        left = [] if self.wake_at is None else [self.wake_at - monotonic()]
        if self._stop_waiting:
            for live in self._inputs.values():
                seconds = self._remaining(live)
                if seconds is not None:
                    left.append(seconds)
        return max(0, int(1000 * min(left)) + 1) if left else None

    def _stop_waits(self) -> Iterator[bytes]:
        """Yield the output of inputs for which the wait has reached the limit."""
        for live in self._inputs.values():
            seconds = self._remaining(live)
            if seconds is None or seconds > 0:
                continue
            octets = self._multiplexer.stop_waiting(live.number)
            self._note_failures(live, octets)
            if octets:
                yield octets

    def _remaining(self, live: _Live) -> float | None:
        """Return the seconds until the wait for an input is over; None: it does not wait."""
        if live.wait is None:
            return None
        offset, held = self._multiplexer.pending(live.number)
        return live.wait.remaining(offset, held, self._multiplexer.report(live.number))

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
    """Return whether one of the packets in these octets says that a test failed."""
    start, end = 0, len(octets)
    while start < end:
        length, _ = read_number(octets, start + 3)
        if octets[start + 2] & STATUS_MASK in _FAILING:
            packet = decode_whole(octets[start : start + length])
            # clause damage.parser
            if packet is None or packet.test_id != PARSER:
                return True
        start += length
    return False


def held_octets(fd: int) -> int:
    """Return the number of octets that a pipe holds now."""
    return int.from_bytes(fcntl.ioctl(fd, termios.FIONREAD, bytes(4)), sys.byteorder)


def make_room(fd: int, count: int) -> bool:
    """Return whether `count` more files can be opened, raising the soft limit if needed.

    :param fd: any file descriptor that is open.
    """
    opened: list[int] = []
    try:
        while len(opened) < count:
            try:
                opened.append(os.dup(fd))
            except OSError:
                soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
                if soft == hard:
                    return False
                # Processes started before keep their limits.
                try:
                    raised = hard if soft == resource.RLIM_INFINITY else soft + count
                    if hard != resource.RLIM_INFINITY:
                        raised = min(raised, hard)
                    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
                except (OSError, ValueError):
                    return False
    finally:
        for each in opened:
            os.close(each)
    return True
