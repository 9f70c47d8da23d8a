"""The loop of the commands that copy a stream with changes.

Strategy: a function maps the items that a chunk of the input settles to the items of the
output, which are written at once, in one write. Unchanged items are written octet for
octet, since `encode` returns the octets that were read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import Final

from subunit2.cli.damage import DamageCounts, fails_strictly
from subunit2.cli.exits import DONE, FAILED
from subunit2.cli.input import read_items
from subunit2.cli.output import packet_output
from subunit2.items import EncodeError, Item, Packet, replace
from subunit2.writer import encode

__all__ = ["EXITS", "forward", "text_of", "write_items"]

#: A packet to test whether a text can be written in a field.
_ANY: Final = Packet(file_name="", file_bytes=b"")

#: The exit statuses of these commands, for their help texts.
EXITS: Final = """\
exit status:
  0  success
  1  damage, or output that looks like it, with --strict
  2  usage error; a file cannot be read or written; or standard output is a
     terminal (`| cat` shows the packets anyway)
"""


def forward(
    options: argparse.Namespace,
    change: Callable[[list[Item]], Iterable[Item]],
    end: Callable[[], Iterable[Item]] = tuple,
    stop: Callable[[], Iterable[Item]] = tuple,
    held: Callable[[], tuple[int, int]] = lambda: (0, 0),
) -> int:
    """Copy a stream to standard output, live, and return the exit status.

    :param change: maps the items that were settled together to the items to write.
    :param end: returns the items to write at the end of the stream.
    :param stop: returns the items to write when the reader has stopped waiting.
    :param held: as for `read_items`.
    :raises CallError: if standard output is a terminal.
    """
    # Before anything is read, so that no input is lost.
    packet_output()
    damage = DamageCounts()
    for items in read_items(options, stopped=lambda: write_items(stop()), held=held):
        if options.strict:
            damage.feed(items)
        if items:
            write_items(change(items))
    write_items(end())
    damage.close()
    return FAILED if fails_strictly(damage, options) else DONE


def write_items(items: Iterable[Item]) -> None:
    """Write items to standard output in one write."""
    if octets := b"".join(map(encode, items)):
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()


def text_of(field: str) -> Callable[[str], str]:
    """Return an argument type for a field of packets: text that can be written there."""

    def check(text: str) -> str:
        try:
            encode(replace(_ANY, **{field: (text,) if field == "test_tags" else text}))
        except EncodeError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return text

    return check
