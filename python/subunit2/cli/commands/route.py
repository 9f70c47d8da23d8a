"""`subunit2 route`: add or remove route codes, or select packets by them."""

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
--match selects packets first, then --strip removes route codes, then --add adds
one. The fields in front of the route code are copied unchanged, octet for
octet. Output and damage are kept, even with --match, as their route is unknown.

examples:
  subunit2 route --add 3 worker.subunit > three.subunit
  subunit2 route run.subunit --strip | subunit2 ls --routes
      change 0/3 to 3, and remove 3
  subunit2 route run.subunit --strip I1 --add X > X.subunit
  subunit2 route --match 0/3 run.subunit | subunit2 stats
      match 0/3 and 0/3/1, but not 0/30

{EXITS}"""

#: The value of --strip without a path: strip the first step.
_ONE_STEP: Final = object()


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    # `run` has to know whether a file was named.
    parser.set_defaults(file=None)
    parser.add_argument(
        "--match",
        action="append",
        default=[],
        metavar="PATH",
        help="select packets whose route code is this path or begins with it; can be repeated",
    )
    parser.add_argument(
        "--strip",
        nargs="?",
        const=_ONE_STEP,
        metavar="PATH",
        help="remove this path from route codes that begin with it; without a path, remove the "
        "first step of all route codes (FILE must then come first)",
    )
    parser.add_argument("--add", metavar="CODE", type=_code, help="put this route code in front")


def _code(text: str) -> str:
    """Read the argument of `--add`: a route code without an empty step."""
    if not all(text.split("/")):
        raise argparse.ArgumentTypeError(f"{text or 'an empty code'}: not a route code")
    return text_of("route_code")(text)


def run(options: argparse.Namespace) -> int:
    """Change the routes of a stream, and return the exit status."""
    if not options.match and options.strip is None and options.add is None:
        raise CallError(
            "nothing to do: name --match, --strip or --add; see `subunit2 route --help`"
        )
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
    """Reject a path that is a file: the user meant FILE, and nothing would be stripped."""
    if isinstance(path, str) and Path(path).is_file():
        raise CallError(
            f"--strip {path}: this is a file. Write `{path} --strip`, or `--strip {path} -` for "
            "a route of this name on standard input"
        )
