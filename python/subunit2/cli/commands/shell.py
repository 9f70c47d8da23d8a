"""`subunit2 shell`: act as the SHELL of a `make` whose jobs write packets.

Strategy: under `subunit2 mux -- make`, the job becomes an input of the multiplexer, and
this process becomes its shell. Otherwise all jobs write to one output. Then this process
reads the output of its job, and writes whole packets and whole lines while it holds a
lock on the common output.
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
Takes the arguments of sh(1), and runs them with /bin/sh, or with the shell
named by SUBUNIT2_SHELL. Jobs can write packets of any size in any number of
chunks, and output without an end of line: each packet and each line is written
whole. A missing end of the last line is added. Damage is copied as it is.

If a job leaves a process behind that holds its output open, this is read for
two seconds more, and a message on standard error names the process.

Under `subunit2 mux -- make`, which sets SHELL itself, each job is a live input
of its own, the SHELL of the Makefile runs the recipes, and .ONESHELL works.
The multiplexer also reports damage.
Elsewhere, .ONESHELL needs a SHELL that is one file, such as a script called sh
with the line exec subunit2 shell "$@".

Lines written by `make` itself do not pass through this shell. If the jobs write
packets of more than 4,096 octets to a pipe, such a line can end up inside a
packet. `make -s` writes no such lines, and `subunit2 mux -- make` keeps them
apart.

examples:
  make -j8 SHELL='subunit2 shell' check > run.subunit
  subunit2 mux -- make -j8 check | subunit2 stats

exit status:
  the status of the shell; 128 plus the number of the signal that killed it
  2 if the shell cannot be run
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.usage = "%(prog)s [WORD ...]"
    parser.epilog = _EPILOG
    # All arguments belong to the shell, even if they look like options.
    parser.prefix_chars = ""
    parser.add_argument(
        "words", nargs=argparse.REMAINDER, metavar="WORD", help="arguments of sh(1)"
    )
    parser.set_defaults(print_help=parser.print_help)


def run(options: argparse.Namespace) -> int:
    """Run the shell, and return its exit status."""
    if options.words in (["--help"], ["-h"]):
        options.print_help()
        return 0
    command = [*shell_command(), *options.words]
    if hand_over():
        _become(command)
    return _forward(command)


def _become(command: list[str]) -> NoReturn:
    sys.stdout.flush()
    # Python ignores these signals, and ignored signals are inherited.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        raise CallError(f"{command[0]}: {error.strerror}") from None


def _forward(command: list[str]) -> int:
    from subunit2.cli.atomic_output import AtomicOutput
    from subunit2.cli.children import Children, StoppedError, standard_input
    from subunit2.cli.leftovers import read_output
    from subunit2.environment import output_variables

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
                    environment=output_variables(theirs),
                    stdin=stdin,
                    stdout=theirs,
                    stderr=theirs if is_shared else None,
                    keep_open=True,
                )
            finally:
                os.close(theirs)
            AtomicOutput(1).forward(read_output("shell", read, children))
            children.wait()
            [child] = children.take_ended(lambda fd: False)
    except StoppedError:
        return 128 + children.interrupted
    assert child.status is not None
    return child.status if child.status >= 0 else 128 - child.status
