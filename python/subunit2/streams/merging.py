"""Merge streams into one, in the order in which their items arrive.

Strategy: `merge` takes pairs of an input and its items, and does not wait for inputs
itself. `arrivals` is a shell that waits for several files, with a thread for each.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, Final, TypeAlias

from subunit2.chunks import read_chunks
from subunit2.items import Item
from subunit2.reader import Reader

__all__ = ["arrivals", "merge"]

#: The number of chunks that may be read ahead.
_MOST_WAITING: Final = 16

#: The number of a file, and its next chunk; None at its end, or the error that ended it.
_Arrival: TypeAlias = tuple[int, bytes | OSError | MemoryError | None]


def merge(arriving: Iterable[tuple[int, Iterable[Item]]]) -> Iterator[Item]:
    """Iterate over the items of several inputs, in order of arrival. Holds nothing.

    Each item stays whole, and the items of an input stay in order (`route.order`). Route
    codes are not changed: if several inputs have the same test, give each input its own
    route code with `routing.add_route`.

    :param arriving: pairs of the number of an input and the items that arrived from it.

    >>> from subunit2 import Packet
    >>> foo, bar = Packet(test_id="foo"), Packet(test_id="bar")
    >>> [packet.test_id for packet in merge([(1, [foo]), (0, [bar]), (1, [])])]
    ['foo', 'bar']
    """
    for _, items in arriving:
        yield from items


def arrivals(
    sources: Sequence[BinaryIO | Callable[[], BinaryIO]],
    failed: Callable[[int, OSError], object] | None = None,
) -> Iterator[tuple[int, list[Item]]]:
    """Iterate over the items of several files as they arrive, with the number of the file.

    Each file is read on a thread of its own, until all have ended. Holds the octets of
    their readers, and 16 chunks of 64 KiB.

    :param sources: binary files, or functions that open one, since opening a FIFO waits
        for its writer. Each file is closed at its end.
    :param failed: called with the number of a file and the error if it cannot be opened
        or read. The other files are read to their ends.
    :raises OSError: if a file cannot be opened or read, and `failed` is None.
    :raises MemoryError: also if it occurs on one of the threads.
    """
    waiting = _Waiting()
    for number, source in enumerate(sources):
        # A thread that waits for input must not keep the process alive.
        thread = threading.Thread(target=waiting.read, args=(number, source), daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # There is no room for its stack.
            raise MemoryError from None
    readers = [Reader() for _ in sources]
    left = len(readers)
    try:
        while left:
            number, chunk = waiting.get()
            if isinstance(chunk, bytes):
                items = readers[number].feed(chunk)
            else:
                left -= 1
                if chunk is not None:
                    if failed is None or isinstance(chunk, MemoryError):
                        raise chunk
                    failed(number, chunk)
                items = readers[number].close()
            if items:
                yield number, items
    finally:
        waiting.stop(len(readers))


class _Waiting:
    """Chunks that were read ahead."""

    def __init__(self) -> None:
        self._chunks: queue.SimpleQueue[_Arrival] = queue.SimpleQueue()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._stopped = False

    def read(self, number: int, source: BinaryIO | Callable[[], BinaryIO]) -> None:
        """Queue the chunks of a file, and at its end None, or the error that ended it."""
        end: OSError | MemoryError | None = None
        try:
            with source() if callable(source) else source as file:
                for chunk in read_chunks(file):
                    self._room.acquire()
                    if self._stopped:
                        return
                    self._chunks.put((number, bytes(chunk)))
        except (OSError, MemoryError) as error:
            # A thread that ends without a word would be waited for without end.
            end = error
        self._chunks.put((number, end))

    def get(self) -> _Arrival:
        """Wait for the next chunk and return it."""
        number, chunk = self._chunks.get()
        if isinstance(chunk, bytes):
            self._room.release()
        return number, chunk

    def stop(self, readers: int) -> None:
        """Let the threads end: no more chunks are wanted."""
        self._stopped = True
        for _ in range(readers):
            self._room.release()
