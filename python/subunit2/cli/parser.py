"""What `subunit2` can be called with, and its help."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from importlib import import_module
from typing import Final, NoReturn

from subunit2.cli.failures import CallError

__all__ = ["build_parser"]

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


def build_parser(commands: Mapping[str, str], selected: str | None) -> argparse.ArgumentParser:
    """The parser of a call.

    :param commands: their names, and what each is for.
    :param selected: the one whose arguments have to be known.
    """
    parser = _Parser(
        prog="subunit2",
        allow_abbrev=False,
        description="Read, write and look at subunit v2 streams of test results.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    subparsers = parser.add_subparsers(
        dest="command", metavar="COMMAND", title="commands", prog=parser.prog
    )
    for name, purpose in commands.items():
        command = subparsers.add_parser(
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
