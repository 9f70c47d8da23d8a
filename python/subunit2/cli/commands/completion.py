"""`subunit2 completion`: print a shell completion script."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Final

__all__ = ["configure", "run"]

_SHELLS: Final = ("bash", "zsh", "tcsh", "fish")

_EPILOG: Final = """\
Needs shtab: pip install 'subunit2[cli]'

examples:
  eval "$(subunit2 completion bash)"
      complete in this shell
  subunit2 completion bash > ~/.local/share/bash-completion/completions/subunit2
      complete in every bash started from now on
  subunit2 completion zsh > /usr/local/share/zsh/site-functions/_subunit2
  subunit2 completion fish > ~/.config/fish/completions/subunit2.fish
"""

#: The ends of the metavars of files and of folders.
_FILES: Final = ("FILE", "PATH")
_FOLDERS: Final = ("DIR", "FOLDER")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "shell", choices=_SHELLS, metavar="SHELL", help=f"one of {', '.join(_SHELLS)}"
    )


def run(options: argparse.Namespace) -> int:
    """Print the completion script, and return the exit status."""
    import shtab

    from subunit2.cli.commands import COMMANDS
    from subunit2.cli.parser import build_parser

    parser = build_parser(COMMANDS, whole=True)
    for action in _arguments(parser):
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        if metavar.endswith(_FILES):
            vars(action)["complete"] = shtab.FILE
        elif metavar.endswith(_FOLDERS):
            vars(action)["complete"] = shtab.DIRECTORY
    print(shtab.complete(parser, options.shell))
    return 0


def _arguments(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments of a parser and of its subparsers."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for each in action.choices.values():
                yield from _arguments(each)
