"""Octets out of files, in chunks as they come, and whole into them.

Strategy: what is there is taken, and more is asked for only when that has been
given on. A file that somebody set not to block is waited for: that nothing is
there now is not the end.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    from _typeshed import HasFileno

__all__ = ["READ_SIZE", "read_chunks", "wait_to_read", "write_whole"]

#: How much is read at a time, in octets. More gains nothing.
READ_SIZE: Final = 1 << 16


def read_chunks(source: BinaryIO | bytes | bytearray | memoryview) -> Iterator[memoryview]:
    """The octets of `source`, in chunks as they arrive. Holds one."""
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
    while (chunk := _read(source, read)) != b"":
        if chunk is None:
            # Somebody set this file not to block, and nothing is there.
            wait_to_read(source)
        else:
            yield memoryview(chunk).cast("B")


def _read(source: BinaryIO, read: Callable[[int], Any]) -> Any:
    chunk = read(READ_SIZE)
    if chunk == b"" and isinstance(source, io.BufferedReader) and not _blocks(source):
        # The buffer does not tell the end from nothing being there; below it is told.
        return source.raw.read(READ_SIZE)
    return chunk


def _blocks(file: BinaryIO) -> bool:
    try:
        return os.get_blocking(file.fileno())
    except OSError:
        # It is no file of the system's.
        return True


def write_whole(file: BinaryIO | io.RawIOBase, octets: bytes | memoryview) -> None:
    """Write all octets, in one call where the system takes them so.

    A short write is continued, and a file that would block is waited for.
    """
    target: BinaryIO | io.RawIOBase = file
    if isinstance(file, io.BufferedWriter):
        # A buffer would cut a packet where it happens to be full.
        file.flush()
        target = file.raw
    left = memoryview(octets)
    while left:
        written = target.write(left)
        if written is None:
            if not isinstance(target, io.RawIOBase):
                # A file that does not say how much it wrote has written all.
                break
            # Somebody set this file not to block, and it is full.
            _wait_to_write(target)
        elif written > 0:
            left = left[written:]
        else:
            raise OSError(errno.EIO, "nothing more is written")
    if target is file and not isinstance(file, io.RawIOBase):
        file.flush()


def wait_to_read(file: HasFileno, seconds: float | None = None) -> bool:
    """Wait until there is something to read, for so many seconds at most.

    :returns: whether there is. Of files that the system cannot wait for there always is.
    """
    from selectors import EVENT_READ

    return _wait(file, EVENT_READ, seconds)


def _wait_to_write(file: HasFileno) -> None:
    from selectors import EVENT_WRITE

    _wait(file, EVENT_WRITE)


def _wait(file: HasFileno, event: int, seconds: float | None = None) -> bool:
    from selectors import DefaultSelector

    with DefaultSelector() as selector:
        try:
            selector.register(file, event)
        except (OSError, ValueError):
            return True
        return bool(selector.select(seconds))
