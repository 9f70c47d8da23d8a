"""The parser of the command line, and its help."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final, NoReturn

from subunit2.cli.commands import GROUPS, MODULES
from subunit2.cli.exits import TABLE, CallError

__all__ = ["build_parser", "duration"]

#: The longest time that an option takes, in seconds.
_DAY: Final = 86_400

_EPILOG: Final = """\
examples:
  subunit2 inspect run.subunit
      show a stream, and explain its damage
  stestr last --subunit | subunit2 decode
      print one JSON object a line
  subunit2 decode a | jq -c 'select(.kind == "packet")' | subunit2 encode
      keep the packets, and drop the output around them
"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    """Formats help as wide as the terminal.

    argparse creates a formatter for each added argument, and its default imports `shutil`
    for the width, with all the modules that `shutil` needs for archives.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(1).columns or 80
    except OSError:
        return 80


class _Parser(argparse.ArgumentParser):
    """A parser that reports a usage error in one line, and can be configured late.

    :param configure: adds the arguments. It is called once, before the parser parses
        or prints help, so that the modules of actions that are not called stay
        unimported.
    """

    def __init__(
        self,
        *arguments: Any,
        configure: Callable[[argparse.ArgumentParser], None] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(*arguments, **options)
        self._configure = configure

    def configure_now(self) -> None:
        """Add the arguments, unless they were added already."""
        configure, self._configure = self._configure, None
        if configure is not None:
            configure(self)

    def parse_known_args(self, *arguments: Any, **options: Any) -> Any:
        """Parse, as argparse does."""
        self.configure_now()
        return super().parse_known_args(*arguments, **options)

    def format_usage(self) -> str:
        """Return the usage, as argparse does."""
        self.configure_now()
        return super().format_usage()

    def format_help(self) -> str:
        """Return the help, as argparse does."""
        self.configure_now()
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        raise CallError(f"{message}; see `{self.prog} --help`")


def duration(text: str) -> float:
    """Read the argument of an option that limits a time.

    :returns: seconds, above 0 and at most a day.
    :raises argparse.ArgumentTypeError: for any other text.
    """
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds <= _DAY:
        raise argparse.ArgumentTypeError(
            f"{text} is not a number of seconds above 0 and up to {_DAY:,}"
        )
    return seconds


def build_parser(
    commands: Mapping[str, str], selected: str | None = None, *, whole: bool = False
) -> argparse.ArgumentParser:
    """Build the parser of the command line.

    :param commands: the purpose of each command, by its name.
    :param selected: the command that gets its arguments.
    :param whole: True if all commands get their arguments.
    """
    parser = _Parser(
        prog="subunit2",
        allow_abbrev=False,
        usage="subunit2 [--help] [--version] COMMAND ...",
        description="Read, write, combine and inspect subunit v2 streams of test results.",
        epilog=f"{_overview(commands)}\n{_EPILOG}\n{TABLE}",
        formatter_class=_Formatter,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    # The epilog lists the commands by group.
    subparsers = parser.add_subparsers(
        dest="command",
        metavar="COMMAND",
        help="the command to run" if whole else argparse.SUPPRESS,
        prog=parser.prog,
    )
    for name, purpose in commands.items():
        command = subparsers.add_parser(
            name,
            help=purpose,
            description=purpose[0].upper() + purpose[1:] + ".",
            formatter_class=_Formatter,
            allow_abbrev=False,
        )
        if whole or name == selected:
            module = import_module(MODULES.get(name, f"subunit2.cli.commands.{name}"))
            module.configure(command)
            command.set_defaults(run=module.run)
            if whole:
                _configure_all(command)
    return parser


def _configure_all(parser: argparse.ArgumentParser) -> None:
    """Configure a parser and the parsers of its actions."""
    if isinstance(parser, _Parser):
        parser.configure_now()
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                _configure_all(each)


def _overview(commands: Mapping[str, str]) -> str:
    """List the commands by group."""
    width = max(map(len, commands))
    groups = [
        [f"{title}:", *(f"  {name:{width}}  {purpose}" for name, purpose in group.items()), ""]
        for title, group in GROUPS.items()
    ]
    return "\n".join(line for group in groups for line in group)
