"""What the commands have in common that give a stream on, changed a little or not at all.

Strategy: the items that a chunk of the input settles go through a function, and what comes
out of it goes out in one write, at once. What was not changed on the way goes out octet
for octet, for `encode` gives back the octets that were read.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from typing import Final

from subunit2.cli.exits import DONE, FAILED
from subunit2.cli.input import read_items
from subunit2.cli.output import packet_output
from subunit2.items import Corrupt, EncodeError, Item, Packet, replace
from subunit2.writer import encode

__all__ = ["EXITS", "forward", "text_of", "write_items"]

#: What any text can be put into, but one that cannot be written.
_ANY: Final = Packet(file_name="", file_bytes=b"")

#: What the help of such a command says of its exit status.
EXITS: Final = """\
exit status:
  0  done: all of it was given on, or what was asked for
  1  the stream was damaged, under --strict
  2  the call's fault: its words, a file that cannot be read or written, or a
     terminal to write packets to (`| cat` shows them all the same)
"""


def forward(
    options: argparse.Namespace,
    change: Callable[[list[Item]], Iterable[Item]],
    end: Callable[[], Iterable[Item]] = tuple,
) -> int:
    """Give a stream on, live; the exit status.

    :param change: what becomes of the items that were settled together.
    :param end: what goes out at the end of the stream.
    :raises CallError: where standard output is a terminal.
    """
    # Before anything is read: whoever sees this calls again.
    packet_output()
    damaged = False
    for items in read_items(options):
        if options.strict and not damaged:
            damaged = any(isinstance(item, Corrupt) for item in items)
        if items:
            write_items(change(items))
    write_items(end())
    return FAILED if damaged else DONE


def write_items(items: Iterable[Item]) -> None:
    """Write items to standard output, all together."""
    if octets := b"".join(map(encode, items)):
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()


def text_of(field: str) -> Callable[[str], str]:
    """What an option that goes into a field of packets takes: what can be written there."""

    def check(text: str) -> str:
        try:
            encode(replace(_ANY, **{field: (text,) if field == "test_tags" else text}))
        except EncodeError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return text

    return check
