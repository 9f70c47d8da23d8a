"""The command line: one module a command, read only when it is called.

Strategy: a command is a module with two functions: `configure` gives its parser
arguments, `run` does the work and returns the exit status. What goes wrong on
the way is one line on standard error, and the exit status says whose fault it
was:

    0  done; also where the stream is damaged, but for --strict
    1  the input's fault
    2  the call's fault: its words, a file that cannot be read or written

A closed output pipe ends a command silently.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import Final, NoReturn

from subunit2.cli.failures import CallError, InputError
from subunit2.cli.output import abridge, discard_output, standard_streams, visible

__all__ = ["main"]

#: The commands, and what `subunit2 --help` says of each.
_COMMANDS: Final = {
    "decode": "a stream to JSON Lines, an item a line, live",
    "encode": "JSON Lines to a stream",
    "inspect": "show a stream to a person: octets, fields, damage and why",
    "spec": "where the specification lies, and what its clauses say",
    "conformance": "what an implementation gets right, case by case",
}

_EPILOG: Final = """\
examples:
  subunit2 inspect run.subunit
      what is in this stream, and what is wrong with it?
  stestr last --subunit | subunit2 decode
      one JSON object a line
  subunit2 decode a | jq -c 'select(.kind == "packet")' | subunit2 encode
      the packets, without the output around them

exit status:
  0  done; also where the stream is damaged, but for --strict
  1  the input's fault
  2  the call's fault: its words, a file that cannot be read or written
"""


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with a call."""

    def error(self, message: str) -> NoReturn:
        raise CallError(f"{message}; see `{self.prog} --help`")


def _build_parser(selected: str | None) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="subunit2",
        allow_abbrev=False,
        description="Read, write and look at subunit v2 streams of test results.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, purpose in _COMMANDS.items():
        command = commands.add_parser(
            name,
            help=purpose,
            description=purpose[0].upper() + purpose[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if name == selected:
            module = import_module(f"subunit2.cli.{name}")
            module.configure(command)
            command.set_defaults(run=module.run)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status.

    :param arguments: without the program's name; those of the process if None.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    selected = next((word for word in arguments if word in _COMMANDS), None)
    is_closed = sys.stdout is None
    with standard_streams():
        try:
            if is_closed:
                raise CallError("standard output is closed")
            status = _run(arguments, selected)
            sys.stdout.flush()
        except BrokenPipeError:
            discard_output()
            return 0
        except KeyboardInterrupt:
            discard_output()
            return 130
        except (InputError, CallError) as error:
            return _fail(selected, str(error), error.status)
        except OSError as error:
            # Reading fails with a CallError: what is left is writing.
            return _fail(selected, f"output: {error.strerror}", 2)
        return status


def _run(arguments: list[str], selected: str | None) -> int:
    parser = _build_parser(selected)
    try:
        options = parser.parse_args(arguments)
    except SystemExit:
        # It has printed its help.
        return 0
    if options.version:
        from subunit2 import __version__

        print(f"subunit2 {__version__}")
        return 0
    if selected is None:
        raise CallError("which command? See `subunit2 --help`")
    status: int = options.run(options)
    return status


def _fail(command: str | None, reason: str, status: int) -> int:
    try:
        # What was done before it failed is given out.
        sys.stdout.flush()
    except OSError:
        # What the failure is about may be the output itself.
        discard_output()
    name = f"subunit2 {command}" if command else "subunit2"
    print(f"{name}: {visible(abridge(reason))}", file=sys.stderr)
    return status
