"""`subunit2 route`: route codes in front of packets, and off them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from subunit2.cli.exits import CallError
from subunit2.cli.forwarding import EXITS, forward, text_of
from subunit2.cli.input import add_stream_options
from subunit2.streams.filtering import on_route, select
from subunit2.streams.routing import add_route, strip_route

if TYPE_CHECKING:
    from collections.abc import Iterable

    from subunit2.items import Item

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
First only what --match names is kept, then routes are stripped, then added. What stands
before the route code in a packet stays as it is, octet for octet. Output and damage stay
too, under --match as well: nothing says which route they came from.

examples:
  subunit2 route --add 3 worker.subunit > three.subunit
  subunit2 route run.subunit --strip | subunit2 ls --routes
      0/3 becomes 3, and 3 no route at all
  subunit2 route run.subunit --strip I1 --add X > X.subunit
  subunit2 route --match 0/3 run.subunit | subunit2 stats
      what is on 0/3 and 0/3/1, not on 0/30

{EXITS}"""

#: Said instead of a path: whatever the first step is.
_ONE_STEP: Final = object()


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    # Whether a file was named at all is asked below.
    parser.set_defaults(file=None)
    parser.add_argument(
        "--match",
        action="append",
        default=[],
        metavar="PATH",
        help="only packets whose route code is this path or leads on from it; can be repeated",
    )
    parser.add_argument(
        "--strip",
        nargs="?",
        const=_ONE_STEP,
        metavar="PATH",
        help="take this path off route codes that begin with it; without a path, the first "
        "step off all (then write FILE before it)",
    )
    parser.add_argument("--add", metavar="CODE", type=_code, help="put this code in front")


def _code(text: str) -> str:
    """A route code to put in front: one with a step of no characters leads nowhere."""
    if not all(text.split("/")):
        raise argparse.ArgumentTypeError(f"{text or 'one without a character'}: is no route code")
    return text_of("route_code")(text)


def run(options: argparse.Namespace) -> int:
    """Change the routes of a stream; the exit status."""
    if not options.match and options.strip is None and options.add is None:
        raise CallError("what is to be done? See `subunit2 route --help`")
    if options.file is None:
        _check_path(options.strip)
        options.file = "-"
    is_wanted = on_route(options.match)

    def change(items: Iterable[Item]) -> Iterable[Item]:
        if options.match:
            items = select(items, is_wanted)
        if options.strip is not None:
            items = strip_route(items, None if options.strip is _ONE_STEP else options.strip)
        if options.add is not None:
            items = add_route(items, options.add)
        return items

    return forward(options, change)


def _check_path(path: object) -> None:
    """Refuse a path that was meant to be the file: nothing would be stripped."""
    if isinstance(path, str) and Path(path).is_file():
        raise CallError(
            f"--strip {path}: that is a file. Write `{path} --strip`, or `--strip {path} -` for "
            "a route of this name on standard input"
        )
