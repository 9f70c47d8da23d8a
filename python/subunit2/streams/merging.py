"""Several streams into one, in the order in which their items arrive.

Strategy: `merge` takes what arrives, and from which input; it does not know how one waits
for several inputs at once. `arrivals` is a shell that does, with a thread for each file.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from subunit2.chunks import read_chunks
from subunit2.items import Item
from subunit2.reader import Reader

__all__ = ["arrivals", "merge"]

#: How many pieces may have come that nobody has asked for yet.
_MOST_WAITING: Final = 16


def merge(arriving: Iterable[tuple[int, Iterable[Item]]]) -> Iterator[Item]:
    """The items of several inputs, in the order in which they arrive. Holds nothing.

    Each item stays whole, and those of an input stay in order (`route.order`). Route codes
    stay as they are: give each input its own with `routing.add_route` where the same test
    is in several.

    :param arriving: which input, and what came from it.

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
    """What arrives from several files, and from which of them: (number, items).

    Each is read on a thread of its own, until all have ended. Holds what their readers
    hold, and 16 pieces of 64 KiB.

    :param sources: binary files, or what opens one: to open a FIFO waits for its writer.
        They are closed at their end.
    :param failed: called where one cannot be opened or read, which ends it and no other.
        What arrives raises the error where it is missing.
    """
    waiting = _Waiting()
    for number, source in enumerate(sources):
        # A thread that waits for what never comes must not keep the process alive.
        threading.Thread(target=waiting.read, args=(number, source), daemon=True).start()
    readers = [Reader() for _ in sources]
    left = len(readers)
    try:
        while left:
            number, piece = waiting.get()
            if isinstance(piece, bytes):
                items = readers[number].feed(piece)
            else:
                left -= 1
                if piece is not None:
                    if failed is None:
                        raise piece
                    failed(number, piece)
                items = readers[number].close()
            if items:
                yield number, items
    finally:
        waiting.stop(len(readers))


class _Waiting:
    """Pieces that have come, and nobody has asked for yet."""

    def __init__(self) -> None:
        self._pieces: queue.SimpleQueue[tuple[int, bytes | OSError | None]] = queue.SimpleQueue()
        self._room = threading.Semaphore(_MOST_WAITING)
        self._stopped = False

    def read(self, number: int, source: BinaryIO | Callable[[], BinaryIO]) -> None:
        """Put what comes from a file here, until it ends; then None, or why it failed."""
        end = None
        try:
            with source() if callable(source) else source as file:
                for piece in read_chunks(file):
                    self._room.acquire()
                    if self._stopped:
                        return
                    self._pieces.put((number, bytes(piece)))
        except OSError as error:
            end = error
        self._pieces.put((number, end))

    def get(self) -> tuple[int, bytes | OSError | None]:
        """What came first, once something has."""
        number, piece = self._pieces.get()
        if isinstance(piece, bytes):
            self._room.release()
        return number, piece

    def stop(self, readers: int) -> None:
        """Nobody will ask for more: so many threads need not wait for room."""
        self._stopped = True
        for _ in range(readers):
            self._room.release()
