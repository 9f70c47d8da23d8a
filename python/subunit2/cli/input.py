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
from typing import BinaryIO, Final, cast

from subunit2.chunks import READ_SIZE, wait_to_read
from subunit2.cli.failures import CallError

__all__ = ["Input", "add_file", "open_input"]

#: From this size on, in octets, a file takes long enough to show progress.
_LARGE: Final = 1 << 24


def add_file(parser: argparse.ArgumentParser, what: str) -> None:
    """Give a command its FILE."""
    parser.add_argument(
        "file", nargs="?", metavar="FILE", default="-", help=f"{what}; standard input if missing"
    )


class Input:
    """Octets that a command reads, in chunks as they come.

    :ivar is_file: whether it is a file, which is all there, and not a pipe.
    """

    def __init__(self, file: io.RawIOBase | BinaryIO, name: str, *, is_file: bool) -> None:
        self._file = file
        self._name = name
        self.is_file = is_file

    def chunks(self, patience: Callable[[], float | None] = lambda: None) -> Iterator[bytes | None]:
        """The chunks, and None each time that patience is at its end.

        :param patience: for how many seconds to wait for the next; None: for ever.
        :raises CallError: where reading fails.
        """
        while True:
            seconds = None if self.is_file else patience()
            if seconds is not None and (seconds <= 0 or not wait_to_read(self._file, seconds)):
                yield None
                continue
            try:
                chunk = self._file.read(READ_SIZE)
            except OSError as error:
                raise CallError(f"{self._name}: {error.strerror}") from None
            if chunk is None:
                # Somebody set this pipe not to block, and it is empty.
                wait_to_read(self._file)
            elif chunk:
                yield chunk
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
