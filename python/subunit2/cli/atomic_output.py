"""An output shared by several processes, which keeps each packet and each line whole.

Strategy: processes with a common output share one open file, even if it is a pipe, so a
lock on it excludes all processes that take the lock too. Processes without the lock, such
as `make`, cannot interrupt a write of at most PIPE_BUF octets to a pipe, so packets and
lines are written in groups of at most that size, if they fit.
"""

from __future__ import annotations

import fcntl
import select
from collections.abc import Iterable, Iterator
from io import FileIO
from typing import Final

from subunit2.chunks import write_whole
from subunit2.items import Item, Passthrough
from subunit2.reader import Reader
from subunit2.writer import encode

__all__ = ["AtomicOutput"]

#: The most octets held of a line without an end.
_LONGEST_LINE: Final = select.PIPE_BUF


class AtomicOutput:
    """Copies octets to an output, each packet and each line whole.

    Holds the octets that a reader holds, and one line.

    :param fd: the file descriptor to write to. It is not closed.
    """

    def __init__(self, fd: int) -> None:
        self._file = FileIO(fd, "wb", closefd=False)
        self._line = b""
        # True if the beginning of a long line is written, and the rest follows.
        self._is_cut = False

    def forward(self, chunks: Iterable[bytes]) -> None:
        """Copy octets that arrive in chunks.

        :raises OSError: if the output cannot be written.
        """
        reader = Reader()
        for chunk in chunks:
            self._write(self._units(reader.feed(chunk)))
        rest = list(self._units(reader.close()))
        if self._line or self._is_cut:
            rest.append(self._line + b"\n")
        self._write(rest)

    def _units(self, items: Iterable[Item]) -> Iterator[bytes]:
        """Yield the octets that have to stay together: packets, and whole lines."""
        for item in items:
            if not isinstance(item, Passthrough):
                # The part of a line before a packet is written with the packet.
                yield self._line + encode(item)
                self._line = b""
                self._is_cut = False
                continue
            *lines, self._line = (self._line + item.data).split(b"\n")
            for line in lines:
                yield line + b"\n"
                self._is_cut = False
            if len(self._line) > _LONGEST_LINE:
                yield self._line
                self._line = b""
                self._is_cut = True

    def _write(self, units: Iterable[bytes]) -> None:
        groups = list(_grouped(units))
        if not groups:
            return
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            for group in groups:
                write_whole(self._file, group)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


def _grouped(units: Iterable[bytes]) -> Iterator[bytes]:
    """Join units into groups that a pipe takes in one write."""
    held: list[bytes] = []
    size = 0
    for unit in units:
        if size + len(unit) > select.PIPE_BUF and held:
            yield b"".join(held)
            held, size = [], 0
        held.append(unit)
        size += len(unit)
    if held:
        yield b"".join(held)
