"""`subunit2 conformance`: what an implementation gets right, case by case.

Strategy: a module for each of the words behind it, in the way of the commands
themselves: `configure` gives its parser arguments, `run` does the work. What
takes long to import is imported where it is used.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Final

from subunit2.cli.exits import CallError

__all__ = ["configure", "run"]

_EPILOG: Final = """\
examples:
  subunit2 conformance run --decoder 'subunit2 decode' --encoder 'subunit2 encode'
      a program that reads a stream and writes JSON Lines, and its reverse
  subunit2 conformance run --session ./my-harness
      one process for all cases, asked over its standard input
  subunit2 conformance list --profile recovery
  subunit2 conformance show 'recovery/*'

exit status:
  0  all that was asked passed
  1  something failed, or nothing was asked
  2  the call's fault
"""

_ACTIONS: Final = {
    "run": "ask an implementation, and show what it gets wrong",
    "list": "the cases: id, profile, title",
    "show": "cases as a person would draw them",
    "export": "the corpus as files, for whoever does not use Python",
    "laws": "what holds for any stream, tried on captures and generated ones",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    for name, purpose in _ACTIONS.items():
        action = actions.add_parser(
            name,
            help=purpose,
            description=purpose[0].upper() + purpose[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        module = import_module(f"subunit2.conformance.cli.{name}")
        module.configure(action)
        action.set_defaults(act=module.run)


def run(options: argparse.Namespace) -> int:
    """Do what was asked for; the exit status."""
    if options.action is None:
        raise CallError("which action? See `subunit2 conformance --help`")
    with _ended_in_order():
        status: int = options.act(options)
    return status


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """What asks the process to end does so as Ctrl-C does.

    So what it has started, and may hang, is ended with it.
    """
    asked = [
        each
        for each in (signal.SIGTERM, signal.SIGHUP)
        # `nohup` has one ignored, and that is meant.
        if signal.getsignal(each) is signal.SIG_DFL
    ]
    for each in asked:
        signal.signal(each, signal.default_int_handler)
    try:
        yield
    finally:
        for each in asked:
            signal.signal(each, signal.SIG_DFL)
