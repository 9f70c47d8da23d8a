"""Readers and writers on binary files: thin shells around the core.

Reading returns the items that a chunk settles before it reads the next chunk. Writing
passes each packet to the system in one call.
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

#: The size from which a batch is written, in octets.
_BATCH_SIZE: Final = 1 << 16


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


class StreamWriter:
    """Writes items to a binary file, a packet in one write (`writer.one-write`).

    Threads may share a writer: a lock keeps their packets whole. Processes may share a
    file that each has opened for appending. A process may fork at any time, also while
    another thread writes, and the child may write as well. Each packet is flushed,
    except within `batch`.

    Holds one packet, or a batch.

    :param file: a binary file. It is not closed.
    :raises TypeError: if it is a text file.

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
        reset_after_fork(self, StreamWriter._reset)

    def write(self, item: Item) -> None:
        """Write one item, and flush it.

        :raises EncodeError: if the item cannot be written; nothing was.
        :raises OSError: if the file cannot be written. A part may have been.
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

        Other threads may write between two of them. See `encode_attachment` for the
        parameters.

        :raises EncodeError: as `encode_attachment` does.
        :raises OSError: if the file cannot be written. A part may have been.
        """
        for octets in encode_attachment(packet, content, chunk=chunk):
            self._put(octets)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Collect packets and write them together, up to 64 KiB at a time.

        Use it to write many packets at once, such as a listing. The packets of other
        threads are collected as well. Collected packets are written when they reach
        64 KiB, by `flush`, and at the end of the block (of the outermost, if blocks are
        nested), also after an exception. No timer writes them: call `flush` before
        waiting for something within the block.

        A child forked within the block starts outside of it: each of its packets is
        written at once, and the packets collected so far are written by the parent.

        :raises OSError: if the file cannot be written at the end of the block.
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
            collected, self._collected, self._collected_size = self._collected, [], 0
            if collected:
                write_whole(self._file, b"".join(collected))

    def _reset(self) -> None:
        """Start without a batch in a forked process."""
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
