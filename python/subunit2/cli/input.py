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
import select
import stat
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import BinaryIO, Final, cast

from subunit2.cli.failures import CallError
from subunit2.files import READ_SIZE
from subunit2.header import LEAST_PACKET
from subunit2.items import Item
from subunit2.reader import Reader

__all__ = ["Input", "add_file", "add_stream_options", "open_input", "read_items"]

#: From this size on, in octets, a file takes long enough to show progress.
_LARGE: Final = 1 << 24

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
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return seconds


class Input:
    """Octets that a command reads, in pieces as they come.

    :ivar is_file: whether it is a file, which is all there, and not a pipe.
    """

    def __init__(self, file: io.RawIOBase | BinaryIO, name: str, *, is_file: bool) -> None:
        self._file = file
        self._name = name
        self.is_file = is_file

    def pieces(self, patience: float | None = None) -> Iterator[bytes | None]:
        """The pieces, and None each time that none came for `patience` seconds.

        :raises CallError: where reading fails.
        """
        while True:
            while patience is not None and not self._wait(patience):
                yield None
            try:
                piece = self._file.read(READ_SIZE)
            except OSError as error:
                raise CallError(f"{self._name}: {error.strerror}") from None
            if piece is None:
                # Somebody set this pipe not to block, and it is empty.
                self._wait(None)
            elif piece:
                yield piece
            else:
                return

    def _wait(self, patience: float | None) -> bool:
        return bool(select.select([self._file], [], [], patience)[0])


@contextmanager
def open_input(name: str) -> Iterator[Input]:
    """A file, or for `-` standard input. What is large is read with progress.

    :raises CallError: where it cannot be opened.
    """
    called = "standard input" if name == "-" else name
    try:
        # Unbuffered: a buffer would wait until it is full.
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
    is_watched = sys.stderr.isatty()
    with open_input(options.file) as source:
        for piece in source.pieces(options.stop_waiting or (_NOTICE if is_watched else None)):
            if piece is not None:
                yield reader.feed(piece)
            elif options.stop_waiting:
                yield reader.stop_waiting()
            elif reader.pending >= LEAST_PACKET and is_watched:
                print(
                    f"waiting: {reader.pending:,} octets, from {reader.offset:,} on, look like a "
                    "longer packet; --stop-waiting SECONDS goes on without the rest",
                    file=sys.stderr,
                )
                is_watched = False
        yield reader.close()
