"""`subunit2 shell`: the shell of a `make` whose jobs write subunit.

Strategy: below `subunit2 mux -- make` the job becomes an input of the multiplexer,
and this its shell. Otherwise all jobs write to one output. Then this reads what its
job writes, and writes whole packets and whole lines, each time alone: the output is
locked while one writes, by what all of them have in common, the output itself.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING, Final

from subunit2.cli.exits import CallError
from subunit2.cli.jobs import hand_over, shell_command

if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["configure", "run"]

_EPILOG: Final = """\
It takes the words of sh(1), which runs them: /bin/sh, or what SUBUNIT2_SHELL
names. Jobs of one `make` can write packets of any size in any number of
chunks, and output without an end of line: each packet is written whole, and so
is each line. A last line that has no end gets one. Below `subunit2 mux --
make` each job is an input of its own, live, and nothing needs to be said but
that: there the Makefile's own SHELL runs the lines, and .ONESHELL is heeded.
Without it, .ONESHELL asks for one file, such as a script called sh that says
exec subunit2 shell "$@".

The lines that `make` itself writes are not its jobs': where these go to one
pipe, and have packets of more than 4,096 octets, such a line can get into one.
`make -s` writes none, and below `subunit2 mux -- make` they get into nothing.

examples:
  make -j8 SHELL='subunit2 shell' check > run.subunit
  subunit2 mux -- make -j8 check | subunit2 stats

exit status:
  that of the shell; 128 and the number of the signal that killed it
  2 where it cannot be run
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.usage = "%(prog)s [WORD ...]"
    parser.epilog = _EPILOG
    # All of its words are the shell's, whatever they look like.
    parser.prefix_chars = ""
    parser.add_argument("words", nargs=argparse.REMAINDER, metavar="WORD", help="words of sh(1)")
    parser.set_defaults(print_help=parser.print_help)


def run(options: argparse.Namespace) -> int:
    """Run the shell; its exit status."""
    if options.words in (["--help"], ["-h"]):
        options.print_help()
        return 0
    command = [*shell_command(), *options.words]
    if hand_over():
        _become(command)
    return _forward(command)


def _become(command: list[str]) -> NoReturn:
    sys.stdout.flush()
    # Python has changed them for itself.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        raise CallError(f"{command[0]}: {error.strerror}") from None


def _forward(command: list[str]) -> int:
    from subunit2.cli.atomic_output import WholeOutput
    from subunit2.cli.children import Children, StoppedError, standard_input

    stdin = standard_input()
    children = Children()
    try:
        with children:
            read, theirs = os.pipe()
            is_shared = os.path.samestat(os.fstat(1), os.fstat(2))
            try:
                children.start(
                    command,
                    name=command[0],
                    stdin=stdin,
                    stdout=theirs,
                    stderr=theirs if is_shared else None,
                    keep_open=True,
                )
            finally:
                os.close(theirs)
            WholeOutput(1).forward(read)
            children.wait()
            [child] = children.take_ended(lambda fd: False)
    except StoppedError:
        return 128 + children.interrupted
    assert child.status is not None
    return child.status if child.status >= 0 else 128 - child.status
