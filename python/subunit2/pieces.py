"""Octets out of files, in pieces as they come.

Strategy: what is there is taken, and more is asked for only when that has been
given on. A file that somebody set not to block is waited for: that nothing is
there now is not the end.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from selectors import EVENT_READ, DefaultSelector
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    from _typeshed import HasFileno

__all__ = ["READ_SIZE", "read_pieces", "wait_until"]

#: How much is read at a time, in octets. More gains nothing.
READ_SIZE: Final = 1 << 16


def read_pieces(source: BinaryIO | bytes | bytearray | memoryview) -> Iterator[memoryview]:
    """The octets of `source`, in pieces as they arrive. Holds one."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        octets = memoryview(source).cast("B")
        for start in range(0, len(octets), READ_SIZE):
            yield octets[start : start + READ_SIZE]
        return
    if isinstance(source, (str, io.TextIOBase)):
        raise TypeError("octets or a binary file, not text: open it with mode 'rb'")
    # read1 gives what is there, where read would wait for all that was asked.
    read = getattr(source, "read1", None) or getattr(source, "read", None)
    if read is None:
        raise TypeError(f"octets or a binary file, not {type(source).__name__}")
    while (piece := _read(source, read)) != b"":
        if piece is None:
            # Somebody set this file not to block, and nothing is there.
            wait_until(source, EVENT_READ)
        else:
            yield memoryview(piece).cast("B")


def _read(source: BinaryIO, read: Callable[[int], Any]) -> Any:
    piece = read(READ_SIZE)
    if piece == b"" and isinstance(source, io.BufferedReader) and not _blocks(source):
        # The buffer does not tell the end from nothing being there; below it is told.
        return source.raw.read(READ_SIZE)
    return piece


def _blocks(file: BinaryIO) -> bool:
    try:
        return os.get_blocking(file.fileno())
    except OSError:
        # It is no file of the system's.
        return True


def wait_until(file: HasFileno, event: int, seconds: float | None = None) -> bool:
    """Wait until a file can be read or written, for so many seconds at most.

    :returns: whether it can. Files that the system cannot wait for always can.
    """
    with DefaultSelector() as selector:
        try:
            selector.register(file, event)
        except (OSError, ValueError):
            return True
        return bool(selector.select(seconds))
