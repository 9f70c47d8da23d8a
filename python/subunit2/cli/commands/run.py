"""`subunit2 run`: run a command, and combine its packets and output in one stream."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import ExitStack
from typing import Final

from subunit2 import environment
from subunit2.cli.children import Children, StoppedError, standard_input
from subunit2.cli.exits import CallError
from subunit2.cli.leftovers import Leftovers, add_grace, report_printed
from subunit2.cli.output import packet_output, write_at_once
from subunit2.items import EncodeError
from subunit2.streams.multiplexing import LiveMultiplexer

__all__ = ["configure", "run"]

_EPILOG: Final = """\
The command gets a pipe for its packets as file descriptor N, and the number N
as SUBUNIT_FD in its environment, so that printed output cannot damage packets.
`subunit2 emit` and StreamWriter.from_environment() write there; so do nested
`run` and `mux`, and all commands that write packets to standard output, unless
that is redirected. SUBUNIT_FD_ID and SUBUNIT_STDOUT_ID name the pipe and the
standard output by device and inode.
Packets and output are combined in one stream on standard output, as they
arrive: packets unchanged, printed output as the files stdout and stderr, other
octets on descriptor N as the file fdN. Damage is reported in packets of a test
subunit.parser, as by `subunit2 mux`.

Packets on its standard output and standard error count until the first packet
comes on descriptor N. From then on, and with --only-fd from the start, they are
output that a test prints, and are wrapped as such; a message on standard error
says how many there were.

When the command has ended, processes that it left behind may hold its pipes
open. For the time of --grace, what they write is read. After it, what is in the
pipes is taken, and a message on standard error names these processes.

The command gets the standard input of run, unless that is a terminal. SIGINT,
SIGTERM and SIGHUP are passed on to its process group.

examples:
  subunit2 run -- pytest --subunit > run.subunit
  subunit2 run --fd 3 -- sh -c 'make >&2; ./tests --subunit >&3' > run.subunit

exit status:
  the status of the command; 128 plus the number of the signal that killed it
  2 if the command cannot be run, for a usage error, or if standard output is a
  terminal (`| cat` shows the packets anyway)
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.usage = "%(prog)s [OPTION ...] -- COMMAND [WORD ...]"
    parser.epilog = _EPILOG
    parser.add_argument("words", nargs="+", metavar="COMMAND", help="the command and its arguments")
    parser.add_argument(
        "--fd",
        type=int,
        default=3,
        metavar="N",
        help="file descriptor for packets, 3 to 255; default: 3",
    )
    parser.add_argument("--route", metavar="CODE", help="put this route code in front")
    parser.add_argument(
        "--only-fd",
        action="store_true",
        help="take packets on standard output and standard error for output from the start",
    )
    add_grace(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command, and return its exit status."""
    if not 3 <= options.fd <= 255:
        raise CallError(f"--fd: {options.fd} is not within 3 to 255")
    stdin = standard_input()
    packet_output()
    environment.forget()
    # Before any other file is open, since the descriptor N has to be free.
    packets, theirs = _pipe_to(options.fd)
    children = Children()
    try:
        with ExitStack() as stack:
            stack.enter_context(children)
            multiplexer = stack.enter_context(
                LiveMultiplexer(output=sys.stdout.fileno(), wakeup_fd=children.wakeup_fd)
            )
            try:
                multiplexer.add(packets, options.route, f"fd{options.fd}")
            except EncodeError as error:
                raise CallError(f"--route: {error}") from None
            ends, read = [theirs], {packets: f"file descriptor {options.fd}"}
            for file, name in (("stdout", "standard output"), ("stderr", "standard error")):
                ours, write = os.pipe()
                multiplexer.add(
                    ours, options.route, file, packets=packets, only_output=options.only_fd
                )
                ends.append(write)
                read[ours] = name
            try:
                children.start(
                    options.words,
                    name=options.words[0],
                    read=read,
                    environment=environment.variables(theirs, ends[1]),
                    stdin=stdin,
                    stdout=ends[1],
                    stderr=ends[2],
                    keep_open=True,
                )
            finally:
                for end in ends:
                    os.close(end)
            leftovers = Leftovers("run", options.grace, children, multiplexer)
            for octets in multiplexer:
                write_at_once(octets)
                for last in leftovers.take():
                    write_at_once(last)
            children.wait()
            [child] = children.take_ended(multiplexer.reads)
    except StoppedError:
        return 128 + children.interrupted
    report_printed("run", multiplexer.printed)
    assert child.status is not None
    return child.status if child.status >= 0 else 128 - child.status


def _pipe_to(fd: int) -> tuple[int, int]:
    """Open a pipe whose write end is `fd`, and inheritable."""
    read, write = os.pipe()
    if read == fd:
        read = os.dup(read)
    if write != fd:
        os.dup2(write, fd)
        os.close(write)
    os.set_inheritable(fd, True)
    return read, fd
