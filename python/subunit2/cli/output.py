"""What a command writes to: all of it, safely, or a failure.

Strategy: standard output can be a terminal, a pipe that somebody set not to
block, a full disk, or closed; and Python can be told not to buffer it. One
stream stands in front of all of these, which continues short writes and waits
where it would block, so that a command just prints.

What comes out of a stream, or out of the call itself, can hold anything, also
octets that move the cursor or turn the text around. It is shown through
`visible`, with whatever is not plainly printable escaped. What another program
reads is written in UTF-8, and packets are not written to a terminal at all.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final

from subunit2.chunks import write_whole
from subunit2.cli.exits import CallError

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = [
    "abridge",
    "discard_output",
    "packet_output",
    "print_data",
    "standard_streams",
    "visible",
]

#: How many characters of a message are shown: it can hold what the input holds.
_MOST: Final = 400


class _Whole(io.RawIOBase):
    """Writes everything that it is given."""

    def __init__(self, file: io.RawIOBase) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, octets: ReadableBuffer, /) -> int:
        view = memoryview(octets)
        write_whole(self._file, view)
        return len(view)

    def isatty(self) -> bool:
        return self._file.isatty()

    def fileno(self) -> int:
        return self._file.fileno()


@contextmanager
def standard_streams() -> Iterator[None]:
    """Put such a stream in front of standard output while a command runs.

    Where standard output or standard error is closed, something that takes text
    and forgets it stands in its place; whether that will do is the caller's to
    say. Whoever has replaced standard output knows why, and it stays.
    """
    before = sys.stdout, sys.stderr
    encoding = getattr(sys.stdout, "encoding", None)
    if sys.stdout is None:
        sys.stdout = io.StringIO()
    elif sys.stdout is sys.__stdout__:
        file = io.BufferedWriter(_Whole(io.FileIO(1, "wb", closefd=False)), 1 << 16)
        # Whatever a terminal's encoding cannot show is escaped instead.
        sys.stdout = io.TextIOWrapper(file, encoding, "backslashreplace")
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def discard_output() -> None:
    """Nobody reads any more: what is buffered must not fail once more at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def packet_output() -> BinaryIO:
    """Standard output for packets, which are nothing for a terminal.

    :raises CallError: where it is one.
    """
    if sys.stdout.isatty():
        raise CallError(
            "packets are binary, and standard output is a terminal: send them to a file or "
            "through a pipe (`| cat` shows them as they are, `| subunit2 decode` as text)"
        )
    return sys.stdout.buffer


def print_data(text: str) -> None:
    """Print what programs read: in UTF-8, whatever the terminal's encoding is."""
    # What was printed before comes first.
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        # Somebody has put something in its place that takes text alone.
        sys.stdout.write(text)
    else:
        buffer.write(text.encode())


def visible(text: str) -> str:
    r"""Text with all that is not plainly printable escaped.

    >>> visible("ó\x1b[2J\u202e")
    'ó\\x1b[2J\\u202e'
    """
    if text.isprintable():
        return text
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def abridge(text: str) -> str:
    """The beginning of a message, where it is long."""
    return text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text) - _MOST:,} more)"
