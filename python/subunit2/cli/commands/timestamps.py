"""`subunit2 timestamps`: timestamps where there are none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from subunit2.cli.forwarding import EXITS, forward
from subunit2.cli.input import add_stream_options
from subunit2.streams.timestamps import stamp

if TYPE_CHECKING:
    import argparse

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
A packet without a timestamp gets the time at which it arrives. All others, output
and damage stay as they are, octet for octet, so that doing it twice changes nothing.

examples:
  ./worker | subunit2 timestamps > run.subunit

{EXITS}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    add_stream_options(parser)


def run(options: argparse.Namespace) -> int:
    """Stamp a stream; the exit status."""
    return forward(options, stamp)
