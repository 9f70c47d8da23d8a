"""Readers and writers on binary files: thin shells around the core.

Strategy: reading returns the items that a chunk settles before it reads the next chunk.
Writing passes each packet to the system in one call.

A signal handler can write at any point of another write, in the same thread, so that a
lock does not keep the two apart. Packets therefore wait in a queue, and one call at a time
writes from it: a handler that interrupts this call only adds to the queue. The rest of a
packet is kept as well, so that a handler that raises, such as that of SIGINT, does not
leave half a packet.

A batch is written by a timer if its block does not write it before. The timer is a thread
without an object in `threading`, whose locks a signal handler must not take.
"""

from __future__ import annotations

import io
import threading
import time
from _thread import start_new_thread
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final, cast

from subunit2.atfork import reset_after_fork
from subunit2.chunks import read_chunks, write_some
from subunit2.items import EncodeError, Item, Packet, replace
from subunit2.uncopied import Uncopied
from subunit2.writer import DEFAULT_CHUNK, encode, encode_attachment, split_content

__all__ = ["StreamWriter", "decode"]

#: The size from which a batch is written, in octets.
_BATCH_SIZE: Final = 1 << 16

#: The time after which a batch is written, in seconds. Packets go out within 50 ms, and the
#: timer may be late.
_BATCH_TIME: Final = 0.04


def decode(
    source: BinaryIO | bytes | bytearray | memoryview, *, reference: bool = False
) -> Iterator[Item]:
    r"""Iterate over the items of a whole stream, each as soon as it is settled.

    Holds the octets of a `Reader`, and `READ_SIZE` octets.

    :param source: octets, or a binary file, which is read from its current position. A
        pipe is followed live.
    :param reference: as for `Reader`.
    :raises TypeError: if `source` is neither, such as a text file.
    :raises OSError: if the file cannot be read.

    >>> list(decode(b"building\n"))
    [Passthrough(data=b'building\n', offset=0)]
    """
    # A program that only writes does not load the reader.
    from subunit2.reader import Reader

    return Reader(reference=reference).read(read_chunks(source))


class StreamWriter(Uncopied):
    """Writes items to a binary file, a packet in one write (`writer.one-write`).

    Threads may share a writer: a lock keeps their packets whole. Processes may share a
    file that each has opened for appending. A process may fork at any time, also while
    another thread writes, and the child may write as well. A signal handler may write,
    too: if it interrupts a write, its packet follows the one in progress. Each packet is
    flushed, except within `batch`.

    Holds one packet, or a batch, and the packets of signal handlers.

    :param file: a binary file. It is not closed.
    :param limit: the most octets of a packet, such as 4,096 if processes share a pipe, which
        keeps writes of that size apart. Longer content is split (`file.split`), and a packet
        whose other fields are too long is refused. None: the limit of the format.
    :param route: goes in front of the route code of each packet, as `add_route` does.
    :raises TypeError: if it is a text file.

    >>> file = io.BytesIO()
    >>> StreamWriter(file).write(Packet(test_id="foo", test_status="exists"))
    >>> file.getvalue().hex()
    'b329010c03666f6f08555f1b'
    """

    def __init__(
        self, file: BinaryIO, *, limit: int | None = None, route: str | None = None
    ) -> None:
        if isinstance(file, io.TextIOBase):
            raise TypeError("a binary file, not one of text")
        self._file = file
        self._limit = limit
        self._route = route
        self._batch_size = min(limit or _BATCH_SIZE, _BATCH_SIZE)
        reset_after_fork(self, StreamWriter._reset)
        self._reset()

    @classmethod
    def from_environment(cls) -> StreamWriter | None:
        """Return a writer on the descriptor that `SUBUNIT_FD` names; None if it names none.

        `subunit2 run` and `mux --run` set this variable. The writer has the route of
        `SUBUNIT_ROUTE`, and, on a pipe, which several processes may share, a limit of 4,096
        octets. The descriptor is taken: the variables are removed from the environment, and
        child processes do not inherit it. So this returns a writer once.

        :raises OSError: if the descriptor is not open for writing, or `SUBUNIT_FD_ID` names
            another file (device and inode, as `8:1234`); or on Windows.

        >>> writer = StreamWriter.from_environment() or StreamWriter(io.BytesIO())
        """
        from subunit2.environment import packet_limit, take

        descriptor = take()
        if descriptor is None:
            return None
        file = io.FileIO(descriptor.fd, "wb", closefd=False)
        return cls(
            cast("BinaryIO", file), limit=packet_limit(descriptor.fd), route=descriptor.route
        )

    def _reset(self) -> None:
        """Start without a batch, also in a forked process."""
        self._lock = threading.RLock()
        self._batches = 0
        # Waiting packets, the number of their octets, and the unwritten rest of a packet.
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._rest = memoryview(b"")
        self._is_writing = False
        self._has_timer = False
        # The error of the timer, until a caller gets it.
        self._late_error: Exception | None = None

    def write(self, item: Item) -> None:
        """Write one item, and flush it.

        :raises EncodeError: if the item cannot be written; nothing was.
        :raises OSError: if the file cannot be written. A part may have been.
        """
        if self._route is not None and isinstance(item, Packet):
            item = self._with_route(item)
        octets = encode(item)
        if self._limit and len(octets) > self._limit and isinstance(item, Packet):
            for packet in split_content(item, self._limit):
                self._put(encode(packet))
        else:
            self._put(octets)

    def write_attachment(
        self,
        packet: Packet,
        content: BinaryIO | Iterable[bytes] | bytes,
        *,
        chunk: int = DEFAULT_CHUNK,
    ) -> None:
        """Write an attachment of any size as several packets (`file.split`).

        Other threads may write between two of them. See `encode_attachment` for the
        parameters.

        :raises EncodeError: as `encode_attachment` does.
        :raises OSError: if the file cannot be written. A part may have been.
        """
        if self._route is not None:
            packet = self._with_route(packet)
        if self._limit:
            # Each packet has the fields of this one at most, and content.
            around = len(encode(replace(packet, file_bytes=b"", eof=True)))
            room = self._limit - around - 4
            if room < 1:
                raise EncodeError(
                    "packet",
                    f"its fields need {around:,} octets beside content, and have {self._limit:,}",
                )
            chunk = min(chunk, room)
        for octets in encode_attachment(packet, content, chunk=chunk):
            self._put(octets)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Collect packets and write them together, up to 64 KiB at a time.

        Use it to write many packets at once, such as a listing. The packets of other
        threads are collected as well. Collected packets are written when they reach
        64 KiB, by `flush`, 50 milliseconds after the last one at the latest, and at the end
        of the block (of the outermost, if blocks are nested), also after an exception.

        A child forked within the block starts outside of it: each of its packets is
        written at once, and the packets collected so far are written by the parent.

        :raises OSError: if the file cannot be written at the end of the block; also at the
            next packet or `flush` after the 50 milliseconds.
        """
        lock = self._lock
        with lock:
            self._batches += 1
        try:
            yield
        finally:
            # A child has another lock, and no batch.
            if self._lock is lock:
                with lock:
                    self._batches -= 1
                    if not self._batches:
                        self.flush()

    def flush(self) -> None:
        """Write the collected packets.

        :raises OSError: if the file cannot be written. A part may have been.
        """
        with self._lock:
            self._raise_late_error()
            self._write_waiting(self._batch_size)

    def _with_route(self, packet: Packet) -> Packet:
        # clause route.add
        code = packet.route_code
        return replace(packet, route_code=self._route if code is None else f"{self._route}/{code}")

    def _put(self, octets: bytes) -> None:
        size, view = len(octets), memoryview(octets)
        with self._lock:
            if self._late_error is not None:
                self._raise_late_error()
            if not (self._batches or self._is_writing or self._size or self._rest):
                # The usual case, without the queue.
                self._rest = view
                self._write_waiting(0)
                return
            self._waiting.append(octets)
            # Signal handlers run at calls and jumps back, and not within this line.
            self._size += size
            if not self._batches:
                self._write_waiting(0)
            elif self._size > self._batch_size:
                # The last packets wait for more.
                self._write_waiting(self._batch_size, most=self._batch_size)
            elif not self._has_timer:
                self._start_timer()

    def _write_waiting(self, together: int, *, most: int = 0) -> None:
        """Write packets that wait until at most `most` octets are left.

        :param together: the octets that are written in one call; at least a packet is.
        """
        # A handler that interrupts the body only adds a packet, which the condition finds.
        # One that comes between the two writes, and may leave nothing.
        while not self._is_writing and (self._rest or (self._waiting and self._size > most)):
            self._is_writing = True
            try:
                if not self._rest:
                    self._rest = memoryview(self._take(together))
                while self._rest:
                    self._rest = self._rest[write_some(self._file, self._rest) :]
            except Exception as error:
                if self._is_failure(error):
                    # A failed write is not repeated later, unknown to the caller.
                    self._rest = memoryview(b"")
                    self._waiting.clear()
                    self._size = 0
                raise
            finally:
                self._is_writing = False

    def _is_failure(self, error: Exception) -> bool:
        """Return whether the file raised an error, not a signal handler, as for a time limit."""
        return getattr(error, "errno", None) is not None or self._file.closed

    def _take(self, together: int) -> bytes:
        """Take the next packet, if any, and those behind it that go with it in one write."""
        if not self._waiting:
            return b""
        packets = [self._waiting.popleft()]
        size = len(packets[0])
        try:
            while self._waiting and size + len(self._waiting[0]) <= together:
                packets.append(self._waiting.popleft())
                size += len(packets[-1])
            octets = b"".join(packets)
        except BaseException:
            # A signal handler has raised.
            self._waiting.extendleft(reversed(packets))
            raise
        self._size -= size
        return octets

    def _start_timer(self) -> None:
        self._has_timer = True
        try:
            start_new_thread(self._write_late, ())
        except RuntimeError:
            # No thread starts while Python ends.
            self._has_timer = False
            self._write_waiting(self._batch_size)

    def _write_late(self) -> None:
        """Write the packets of a batch some time after the first of them."""
        time.sleep(_BATCH_TIME)
        with self._lock:
            self._has_timer = False
            try:
                self._write_waiting(self._batch_size)
            except Exception as error:
                self._late_error = error

    def _raise_late_error(self) -> None:
        error, self._late_error = self._late_error, None
        if error is not None:
            raise error

    def __enter__(self) -> StreamWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
