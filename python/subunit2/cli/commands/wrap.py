"""`subunit2 wrap`: wrap non-subunit output in packets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from subunit2.cli.exits import CallError
from subunit2.cli.forwarding import EXITS, forward, text_of
from subunit2.cli.input import add_stream_options
from subunit2.items import EncodeError
from subunit2.multiplexer import WRAPPED_FILE
from subunit2.streams.wrapping import Wrapper

if TYPE_CHECKING:
    import argparse

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
All octets outside of packets become chunks of a file as they arrive, even
without an end of line. The chunks, joined, are these octets; an empty last
chunk ends the file. Packets are copied octet for octet.

Damage is reported in packets of a test subunit.parser, on the same route: its
octets as a file "Packet data", at once, and the reason as a file "Parser Error"
with status fail, in front of the next packet. The damage between two packets is
one report.

examples:
  make check | subunit2 wrap > run.subunit
  ./worker 2>&1 | subunit2 wrap --name log --route 3 | subunit2 stats
  subunit2 wrap run.subunit | subunit2 extract --name stdout

{EXITS}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    parser.add_argument(
        "--name",
        default=WRAPPED_FILE,
        type=text_of("file_name"),
        help=f"name of the file; default: {WRAPPED_FILE}",
    )
    parser.add_argument(
        "--route",
        metavar="CODE",
        type=text_of("route_code"),
        help="route code of the new packets",
    )
    parser.add_argument(
        "--test",
        metavar="ID",
        type=text_of("test_id"),
        help="id of the test that the file belongs to",
    )
    parser.add_argument(
        "--mime-type", metavar="TYPE", type=text_of("mime_type"), help="MIME type of the file"
    )


def run(options: argparse.Namespace) -> int:
    """Wrap the output in a stream, and return the exit status."""
    try:
        wrapper = Wrapper(
            options.name,
            route_code=options.route,
            test_id=options.test,
            mime_type=options.mime_type,
        )
    except EncodeError as error:
        raise CallError(str(error)) from None
    return forward(
        options,
        wrapper.feed,
        wrapper.close,
        wrapper.stop_waiting,
        held=lambda: (wrapper.pending, wrapper.report),
    )
