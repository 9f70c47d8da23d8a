"""Read files in chunks as their octets arrive, and write octets whole.

Strategy: a read returns the octets that are available, and the next read follows only when
these were passed on. A non-blocking file is waited for: no octets now do not mean the end.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, Final

if TYPE_CHECKING:
    from _typeshed import HasFileno

__all__ = ["READ_SIZE", "read_chunks", "wait_to_read", "write_some", "write_whole"]

#: The size of a read, in octets. Larger reads are no faster.
READ_SIZE: Final = 1 << 16


def read_chunks(source: BinaryIO | bytes | bytearray | memoryview) -> Iterator[memoryview]:
    """Yield the octets of `source` in chunks as they arrive. Holds one chunk.

    :raises TypeError: if `source` is neither octets nor a binary file.
    :raises OSError: if reading fails.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        octets = memoryview(source).cast("B")
        for start in range(0, len(octets), READ_SIZE):
            yield octets[start : start + READ_SIZE]
        return
    if isinstance(source, (str, io.TextIOBase)):
        raise TypeError("octets or a binary file, not text: open it with mode 'rb'")
    # read1 returns the octets that are available; read would wait for all READ_SIZE.
    read = getattr(source, "read1", None) or getattr(source, "read", None)
    if read is None:
        raise TypeError(f"octets or a binary file, not {type(source).__name__}")
    while (chunk := _read(source, read)) != b"":
        if chunk is None:
            # A non-blocking file without octets now.
            wait_to_read(source)
        else:
            yield memoryview(chunk).cast("B")


def _read(source: BinaryIO, read: Callable[[int], Any]) -> Any:
    chunk = read(READ_SIZE)
    if chunk == b"" and isinstance(source, io.BufferedReader) and not _blocks(source):
        # The buffer returns b"" for the end and for no octets now; the raw file differs.
        return source.raw.read(READ_SIZE)
    return chunk


def _blocks(file: BinaryIO) -> bool:
    try:
        return os.get_blocking(file.fileno())
    except OSError:
        # Not a file of the operating system.
        return True


def write_whole(file: BinaryIO | io.RawIOBase, octets: bytes | memoryview) -> None:
    """Write all octets, in one call of the system if it takes them all.

    A short write is continued, and a file that would block is waited for.

    :raises OSError: if writing fails.
    """
    left = memoryview(octets)
    while left:
        left = left[write_some(file, left) :]


def write_some(file: BinaryIO | io.RawIOBase, octets: memoryview) -> int:
    """Write octets in one call, and return how many were written; 0 after a wait.

    :raises OSError: if writing fails.
    """
    if isinstance(file, io.BufferedWriter):
        # A buffer that fills up would cut a packet in two writes.
        file.flush()
        file = file.raw
    written = file.write(octets)
    if isinstance(file, io.RawIOBase):
        if written is None:
            # A non-blocking file that is full.
            _wait_to_write(file)
            return 0
    else:
        if written is None:
            # A file whose write returns None has written all.
            written = len(octets)
        if written == len(octets):
            file.flush()
    if written <= 0:
        raise OSError(errno.EIO, "nothing more is written")
    return written


def wait_to_read(file: HasFileno, seconds: float | None = None) -> bool:
    """Wait until a file has octets to read, or has ended.

    :param seconds: to wait at most; None: without limit.
    :returns: False if the time is over. True at once if the system cannot wait for the file.
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
