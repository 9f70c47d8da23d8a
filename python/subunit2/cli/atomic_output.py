"""An output that several processes write to, each packet and each line whole.

Strategy: what has a common output has one file below it, also where that is a pipe;
so a lock on it keeps all others out that take it too. Whoever takes no lock, as `make`
does not, cannot get into a write that a pipe takes at once: so packets and lines are
written in groups of no more than that, where they fit.
"""

from __future__ import annotations

import fcntl
import select
from collections.abc import Iterable, Iterator
from io import FileIO
from typing import Final

from subunit2.chunks import READ_SIZE, write_whole
from subunit2.items import Item, Passthrough
from subunit2.reader import Reader
from subunit2.writer import encode

__all__ = ["WholeOutput"]

#: How much of a line without an end is held, in octets.
_LONGEST_LINE: Final = select.PIPE_BUF


class WholeOutput:
    """Writes what is read from a pipe, each packet and each line whole.

    Holds what a reader holds, and one line.

    :param fd: the file descriptor to write to. It is not closed.
    """

    def __init__(self, fd: int) -> None:
        self._file = FileIO(fd, "wb", closefd=False)
        self._line = b""
        # Whether the beginning of the line is out, and nothing of it is held.
        self._is_cut = False

    def forward(self, source: int) -> None:
        """Read a file descriptor to its end, and close it.

        :raises OSError: where it cannot be written.
        """
        reader = Reader()
        with FileIO(source) as file:
            while piece := file.read(READ_SIZE):
                self._write(self._units(reader.feed(piece)))
        rest = list(self._units(reader.close()))
        if self._line or self._is_cut:
            rest.append(self._line + b"\n")
        self._write(rest)

    def _units(self, items: Iterable[Item]) -> Iterator[bytes]:
        """Octets that have to stay together: packets, and whole lines."""
        for item in items:
            if not isinstance(item, Passthrough):
                # A line that a packet cuts goes out with it.
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
    """Units joined, as many as a pipe takes at once."""
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
