"""The stream that a command reads: its items as they settle, and what is waited for."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from time import monotonic
from typing import Final

from subunit2.cli.input import add_file, open_input
from subunit2.items import Item
from subunit2.packets.header import LEAST_PACKET
from subunit2.reader import Reader

__all__ = ["add_stream_options", "read_items"]

_DAY: Final = 86_400

#: After so many seconds a person wonders why nothing is shown.
_NOTICE: Final = 3.0


_STRICT: Final = (
    "exit with 1 where the stream is damaged (a packet that lost its first octet is output, "
    "not damage)"
)


def add_stream_options(parser: argparse.ArgumentParser, *, strict: str = _STRICT) -> None:
    """Give a command that reads a stream its FILE and what all of them can do.

    :param strict: what `--strict` asks for.
    """
    add_file(parser, "the stream")
    parser.add_argument(
        "--strict",
        action="store_true",
        help=strict,
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


def read_items(options: argparse.Namespace) -> Iterator[list[Item]]:
    """The items of the stream that a command was called for, as they settle."""
    reader = Reader(reference=options.reference)
    waits = _Waits(reader, options.stop_waiting)
    with open_input(options.file) as source:
        for chunk in source.chunks(waits.left):
            if chunk is not None:
                yield reader.feed(chunk)
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
