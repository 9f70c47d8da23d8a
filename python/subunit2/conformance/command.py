"""`subunit2 conformance`: test an implementation against the corpus.

Strategy: each action is a module of `conformance.cli` with the two functions of a
command: `configure` adds arguments to its parser, `run` does the work. A module is
imported when its action is called, or its help is printed.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import Final

from subunit2.cli.exits import INTERRUPTED, CallError

__all__ = ["ACTIONS", "configure", "run"]

_EPILOG: Final = """\
examples:
  subunit2 conformance run --decoder 'subunit2 decode'
      test a program that reads a stream and writes JSON Lines
  subunit2 conformance run --session ./harness
      test one process that answers all cases over its standard input and output
  subunit2 conformance list --profile recovery
  subunit2 conformance show 'recovery/*'

exit status:
  0  all cases passed
  1  a case failed, or no case was run
  2  usage error, or a file cannot be read or written
"""

#: The actions, and the purpose of each.
ACTIONS: Final = {
    "run": "run the cases against an implementation",
    "list": "list the cases: id, profile, title",
    "show": "show cases, with their octets by field",
    "export": "write the corpus to files, for use without Python",
    "laws": "check laws that hold for any stream, without expected results",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions of the command."""
    parser.epilog = _EPILOG
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    for name, purpose in ACTIONS.items():
        actions.add_parser(
            name,
            help=purpose,
            description=purpose[0].upper() + purpose[1:] + ".",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            configure=partial(_configure_action, name),
        )


def _configure_action(name: str, parser: argparse.ArgumentParser) -> None:
    module = import_module(f"subunit2.conformance.cli.{name}")
    module.configure(parser)
    parser.set_defaults(act=module.run)


def run(options: argparse.Namespace) -> int:
    """Run the action; return the exit status."""
    if options.action is None:
        raise CallError("no action given; see `subunit2 conformance --help`")
    received: list[int] = []
    with _interrupted_by_signals(received):
        try:
            status: int = options.act(options)
        except KeyboardInterrupt:
            if not received:
                raise
            status = INTERRUPTED
    # As a shell reports a process that this signal ended.
    return 128 + received[0] if received else status


@contextmanager
def _interrupted_by_signals(received: list[int]) -> Iterator[None]:
    """Make SIGTERM and SIGHUP raise KeyboardInterrupt, as Ctrl-C does.

    Child processes, which may hang, are then ended together with this one.

    :param received: the signals received are appended.
    """

    def interrupt(number: int, frame: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    # Windows has no SIGHUP.
    known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # A signal that `nohup` ignores stays ignored.
    signals = [each for each in known if signal.getsignal(each) is signal.SIG_DFL]
    for each in signals:
        signal.signal(each, interrupt)
    try:
        yield
    finally:
        for each in signals:
            signal.signal(each, signal.SIG_DFL)
