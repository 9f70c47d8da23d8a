"""Where a command reads from: a file or standard input, live, with progress.

Strategy: what is there is read and handed on at once. Progress is shown on
standard error, and only where a person waits for it: standard error is a
terminal, the input a file large enough to take a while, and the output goes
elsewhere.
"""

from __future__ import annotations

import argparse
import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from selectors import EVENT_READ
from time import monotonic
from typing import BinaryIO, Final, cast

from subunit2.cli.failures import CallError
from subunit2.header import LEAST_PACKET
from subunit2.items import Item
from subunit2.pieces import READ_SIZE, wait_until
from subunit2.reader import Reader

__all__ = ["Input", "add_file", "add_stream_options", "open_input", "read_items"]

#: From this size on, in octets, a file takes long enough to show progress.
_LARGE: Final = 1 << 24

_DAY: Final = 86_400

#: After so many seconds a person wonders why nothing is shown.
_NOTICE: Final = 3.0


def add_file(parser: argparse.ArgumentParser, what: str) -> None:
    """Give a command its FILE."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", default="-", help=f"{what}; standard input if missing"
    )


def add_stream_options(parser: argparse.ArgumentParser) -> None:
    """Give a command that reads a stream its FILE and what all of them can do."""
    add_file(parser, "the stream")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 1 where the stream is damaged (a packet that lost its first octet is "
        "output, not damage)",
    )
    parser.add_argument(
        "--stop-waiting",
        type=_seconds,
        metavar="SECONDS",
        help="where a header claims octets that do not come for so long, go on without them",
    )
    parser.add_argument(
        "--reference",
        action="store_true",
        help="decode packets with the reader that Kaitai Struct generates, to compare",
    )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= _DAY:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds, up to a day's")
    return seconds


class Input:
    """Octets that a command reads, in pieces as they come.

    :ivar is_file: whether it is a file, which is all there, and not a pipe.
    """

    def __init__(self, file: io.RawIOBase | BinaryIO, name: str, *, is_file: bool) -> None:
        self._file = file
        self._name = name
        self.is_file = is_file

    def pieces(self, patience: Callable[[], float | None] = lambda: None) -> Iterator[bytes | None]:
        """The pieces, and None each time that patience is at its end.

        :param patience: for how many seconds to wait for the next; None: for ever.
        :raises CallError: where reading fails.
        """
        while True:
            seconds = None if self.is_file else patience()
            if seconds is not None and (
                seconds <= 0 or not wait_until(self._file, EVENT_READ, seconds)
            ):
                yield None
                continue
            try:
                piece = self._file.read(READ_SIZE)
            except OSError as error:
                raise CallError(f"{self._name}: {error.strerror}") from None
            if piece is None:
                # Somebody set this pipe not to block, and it is empty.
                wait_until(self._file, EVENT_READ)
            elif piece:
                yield piece
            else:
                return


@contextmanager
def open_input(name: str) -> Iterator[Input]:
    """A file, or for `-` standard input. What is large is read with progress.

    :raises CallError: where it cannot be opened.
    """
    called = "standard input" if name == "-" else name
    try:
        # Unbuffered: a buffer would wait until it is full. Closed further down.
        file = open(0 if name == "-" else name, "rb", buffering=0, closefd=name != "-")  # noqa: SIM115
    except OSError as error:
        raise CallError(f"{called}: {error.strerror}") from None
    with file:
        if file.isatty() and sys.stderr.isatty():
            print("reading from the terminal; Ctrl-D ends it", file=sys.stderr)
        information = os.fstat(file.fileno())
        is_file = stat.S_ISREG(information.st_mode)
        size = information.st_size
        watched = sys.stderr.isatty() and not sys.stdout.isatty()
        if is_file and size >= _LARGE and watched:
            with _progress(file, size) as shown:
                yield Input(shown, called, is_file=True)
        else:
            yield Input(file, called, is_file=is_file)


def _progress(file: BinaryIO | io.RawIOBase, size: int) -> AbstractContextManager[BinaryIO]:
    from rich.console import Console
    from rich.progress import wrap_file

    console = Console(stderr=True)
    return wrap_file(
        cast(BinaryIO, file), size, description="reading", console=console, transient=True
    )


def read_items(options: argparse.Namespace) -> Iterator[list[Item]]:
    """The items of the stream that a command was called for, as they settle."""
    reader = Reader(reference=options.reference)
    waits = _Waits(reader, options.stop_waiting)
    with open_input(options.file) as source:
        for piece in source.pieces(waits.left):
            if piece is not None:
                yield reader.feed(piece)
            elif options.stop_waiting:
                yield reader.stop_waiting()
            else:
                waits.say()
        yield reader.close()


class _Waits:
    """How long a reader has been waiting for what a header claims.

    It waits as long as it settles nothing, whatever arrives meanwhile.
    """

    def __init__(self, reader: Reader, limit: float | None) -> None:
        self._reader = reader
        # Without a limit a person is told, once.
        self._limit = limit or (_NOTICE if sys.stderr.isatty() else None)
        self._offset = 0
        self._since: float | None = None

    def left(self) -> float | None:
        """For how many seconds more it may wait; None: nothing limits it."""
        if self._limit is None or self._reader.pending < LEAST_PACKET:
            self._since = None
            return self._limit if self._limit and self._reader.pending else None
        if self._since is None or self._offset != self._reader.offset:
            self._offset = self._reader.offset
            self._since = monotonic()
        return self._since + self._limit - monotonic()

    def say(self) -> None:
        """Tell a person what is waited for, unless it is less than any packet."""
        if self._reader.pending >= LEAST_PACKET:
            self._limit = None
            print(
                f"waiting: {self._reader.pending:,} octets, from {self._reader.offset:,} on, look "
                "like a longer packet; --stop-waiting SECONDS goes on without the rest",
                file=sys.stderr,
            )
