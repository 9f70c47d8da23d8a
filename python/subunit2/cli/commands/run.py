"""`subunit2 run`: one command, its packets and its output made one stream."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from typing import Final

from subunit2.chunks import write_whole
from subunit2.cli.children import Children, StoppedError, standard_input
from subunit2.cli.exits import CallError
from subunit2.items import EncodeError
from subunit2.streams.multiplexing import LiveMultiplexer

__all__ = ["configure", "run"]

#: What says to the command where its packets go.
_VARIABLE: Final = "SUBUNIT_FD"

_EPILOG: Final = """\
The command gets a pipe for its packets as file descriptor N, and N as
SUBUNIT_FD in its environment: so whatever it and its tests print cannot get
into them. What comes there and what it prints goes out as it comes, one stream
on standard output: packets as they are, output as the files stdout and stderr.
Packets among its output are found as well.

It gets our standard input, where that is no terminal. SIGINT, SIGTERM and
SIGHUP are passed on to all that it started.

examples:
  subunit2 run -- pytest --subunit > run.subunit
  subunit2 run --fd 3 -- sh -c 'make >&2; ./tests --subunit >&3' > run.subunit

exit status:
  that of the command; 128 and the number of the signal that killed it
  2 where it cannot be run, or the call is wrong
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.usage = "%(prog)s [OPTION ...] -- COMMAND [WORD ...]"
    parser.epilog = _EPILOG
    parser.add_argument("words", nargs="+", metavar="COMMAND", help="the command, and its words")
    parser.add_argument(
        "--fd",
        type=int,
        default=3,
        metavar="N",
        help="the file descriptor of its packets, 3 to 255 (default: 3)",
    )
    parser.add_argument("--route", metavar="CODE", help="a route code to put in front of all")


def run(options: argparse.Namespace) -> int:
    """Run the command; its exit status."""
    if not 3 <= options.fd <= 255:
        raise CallError(f"--fd: {options.fd} is not within 3 to 255")
    stdin = standard_input()
    # Before anything else is open: nothing of ours may be where the command's is to be.
    packets, theirs = _pipe_to(options.fd)
    children = Children()
    try:
        with ExitStack() as stack:
            stack.enter_context(children)
            multiplexer = stack.enter_context(
                LiveMultiplexer(output=1, wakeup_fd=children.wakeup_fd)
            )
            try:
                multiplexer.add(packets, options.route)
            except EncodeError as error:
                raise CallError(f"--route: {error}") from None
            ends = [theirs]
            for file in ("stdout", "stderr"):
                read, write = os.pipe()
                multiplexer.add(read, options.route, file)
                ends.append(write)
            try:
                children.start(
                    options.words,
                    name=options.words[0],
                    environment={_VARIABLE: str(options.fd)},
                    stdin=stdin,
                    stdout=ends[1],
                    stderr=ends[2],
                    keep_open=True,
                )
            finally:
                for end in ends:
                    os.close(end)
            for octets in multiplexer:
                write_whole(sys.stdout.buffer, octets)
                sys.stdout.buffer.flush()
            children.wait()
            [child] = children.take_ended(multiplexer.reads)
    except StoppedError:
        return 128 + children.interrupted
    assert child.status is not None
    return child.status if child.status >= 0 else 128 - child.status


def _pipe_to(fd: int) -> tuple[int, int]:
    """A pipe whose end to write to is `fd`, and is inherited."""
    read, write = os.pipe()
    if read == fd:
        read = os.dup(read)
    if write != fd:
        os.dup2(write, fd)
        os.close(write)
    os.set_inheritable(fd, True)
    return read, fd
