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
import os
import sys
from importlib import import_module
from typing import Final

from subunit2.cli.failures import CallError, InputError

__all__ = ["main"]

#: The commands, and what `subunit2 --help` says of each.
_COMMANDS: Final = {
    "decode": "a stream to JSON Lines, an item a line, live",
    "encode": "JSON Lines to a stream",
    "inspect": "show a stream to a person: octets, fields, damage and why",
    "spec": "where the specification lies, and what its clauses say",
}

_EPILOG: Final = """\
examples:
  subunit2 inspect run.subunit              what is in this stream, what is wrong with it?
  stestr last --subunit | subunit2 decode   one JSON object a line
  subunit2 decode a | jq -c 'select(.kind == "packet")' | subunit2 encode
                                            the packets without the output around them

exit status:
  0  done; also where the stream is damaged, but for --strict
  1  the input's fault
  2  the call's fault: its words, a file that cannot be read or written
"""


def _build_parser(selected: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="subunit2",
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
    parser = _build_parser(selected)
    options = parser.parse_args(arguments)
    if sys.stdout is None:
        return _fail(selected, "standard output is closed", 2)
    try:
        if options.version:
            from subunit2 import __version__

            print(f"subunit2 {__version__}")
            return _flush()
        if selected is None:
            parser.print_usage(sys.stderr)
            print("subunit2: which command? See `subunit2 --help`.", file=sys.stderr)
            return 2
        status: int = options.run(options)
        return status or _flush()
    except BrokenPipeError:
        # Nobody reads any more. What is buffered has nowhere to go, and the
        # interpreter must not complain about it either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except (InputError, CallError) as error:
        return _fail(selected, str(error), error.status)
    except OSError as error:
        return _fail(selected, f"{error.filename or 'output'}: {error.strerror}", 2)


def _flush() -> int:
    sys.stdout.flush()
    return 0


def _fail(command: str | None, reason: str, status: int) -> int:
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        # What the failure is about may be the output itself.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    print(f"subunit2 {command}: {reason}", file=sys.stderr)
    return status
