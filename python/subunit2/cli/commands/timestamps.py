"""`subunit2 timestamps`: add missing timestamps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from subunit2.cli.forwarding import EXITS, forward
from subunit2.cli.input import add_stream_options
from subunit2.streams.timestamps import stamp

if TYPE_CHECKING:
    import argparse

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
A packet without a timestamp gets the time of its arrival. All other packets,
output and damage are copied octet for octet.

examples:
  ./worker | subunit2 timestamps > run.subunit

{EXITS}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)


def run(options: argparse.Namespace) -> int:
    """Add timestamps to a stream, and return the exit status."""
    return forward(options, stamp)
