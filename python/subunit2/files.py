"""Readers and writers on binary files: thin shells around the core.

Reading gives out what a piece settles before it asks for the next. Writing
gives each packet to the system in one call.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final

from subunit2.atfork import reset_after_fork
from subunit2.chunks import read_chunks, write_whole
from subunit2.items import Item, Packet
from subunit2.writer import DEFAULT_CHUNK, encode, encode_attachment

__all__ = ["StreamWriter", "decode"]

#: How much a batch collects before it is written, in octets.
_BATCH_SIZE: Final = 1 << 16


def decode(
    source: BinaryIO | bytes | bytearray | memoryview, *, reference: bool = False
) -> Iterator[Item]:
    r"""The items of a whole stream, each as soon as it is settled.

    Holds what a `Reader` holds, and `READ_SIZE` octets.

    :param source: octets, or a binary file. Of a file, what is there is read;
        a pipe is followed live.
    :param reference: as for `Reader`.
    :raises TypeError: where `source` is neither, such as a file of text.

    >>> list(decode(b"building\n"))
    [Passthrough(data=b'building\n', offset=0)]
    """
    # Whoever writes does without.
    from subunit2.reader import Reader

    return Reader(reference=reference).read(read_chunks(source))


class StreamWriter:
    """Writes items to a binary file, a packet in one write (`writer.one-write`).

    Threads may share it: a lock keeps their packets whole. Processes may share
    a file that each has opened to append. A child may be forked at any time, also
    while another thread writes, and write in its turn. Each packet is flushed, but
    within `batch`.

    Holds one packet, or a batch.

    :param file: a binary file. It is not closed.

    >>> file = io.BytesIO()
    >>> StreamWriter(file).write(Packet(test_id="foo", test_status="exists"))
    >>> file.getvalue().hex()
    'b329010c03666f6f08555f1b'
    """

    def __init__(self, file: BinaryIO) -> None:
        if isinstance(file, io.TextIOBase):
            raise TypeError("a binary file, not one of text")
        self._file = file
        self._lock = threading.RLock()
        self._batches = 0
        self._collected: list[bytes] = []
        self._collected_size = 0
        reset_after_fork(self, StreamWriter._mend)

    def write(self, item: Item) -> None:
        """Write one item, and flush it.

        :raises EncodeError: where it cannot be written; nothing was.
        :raises OSError: what the file raises. A part may be written.
        """
        self._put(encode(item))

    def write_attachment(
        self,
        packet: Packet,
        content: BinaryIO | Iterable[bytes] | bytes,
        *,
        chunk: int = DEFAULT_CHUNK,
    ) -> None:
        """Write an attachment of any size as several packets (`file.split`).

        Other threads may write between two of them. See `encode_attachment`.
        """
        for octets in encode_attachment(packet, content, chunk=chunk):
            self._put(octets)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Collect packets and write them together, up to 64 KiB at a time.

        For listings, and for whoever has many packets at once. The packets of
        other threads are collected as well. What is collected is written when 64 KiB
        are there, by `flush`, and when the block is left, also by an exception:
        the outermost, where blocks stand in one another. There is no clock: a packet
        stays as long as none of these comes, so a block in which something is
        waited for calls `flush` before.

        A child that is forked in the block is not in it: each of its packets is
        written at once, and what was collected is its parent's to write.
        """
        lock = self._lock
        with lock:
            self._batches += 1
        try:
            yield
        finally:
            # The lock is another in a child.
            if self._lock is lock:
                with lock:
                    self._batches -= 1
                    if not self._batches:
                        self.flush()

    def flush(self) -> None:
        """Write what is collected."""
        with self._lock:
            collected, self._collected, self._collected_size = self._collected, [], 0
            if collected:
                write_whole(self._file, b"".join(collected))

    def _mend(self) -> None:
        """Begin anew in a process that was forked."""
        self._lock = threading.RLock()
        self._batches = 0
        self._collected, self._collected_size = [], 0

    def _put(self, octets: bytes) -> None:
        with self._lock:
            if not self._batches:
                write_whole(self._file, octets)
                return
            if self._collected_size + len(octets) > _BATCH_SIZE:
                self.flush()
            self._collected.append(octets)
            self._collected_size += len(octets)

    def __enter__(self) -> StreamWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
