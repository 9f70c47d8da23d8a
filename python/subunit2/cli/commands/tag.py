"""`subunit2 tag`: add or remove tags."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from subunit2.cli.exits import CallError
from subunit2.cli.forwarding import EXITS, forward, text_of
from subunit2.cli.input import add_stream_options
from subunit2.streams.tags import tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from subunit2.items import Item

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
+TAG is short for --add TAG, and -TAG for --remove TAG. Tags are added to
packets with a test id, unless present, and removed from all packets. Packets
without a change, output and damage are copied octet for octet.

examples:
  subunit2 tag +nightly -local run.subunit > tagged.subunit
  ./worker | subunit2 tag --add worker-3 | subunit2 stats

{EXITS}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.usage = "%(prog)s [-h] [+TAG | -TAG] ... [options] [FILE]"
    parser.epilog = _EPILOG
    # `build_parser` creates the parsers of all commands; only this one reads signs.
    parser.__class__ = _signed(type(parser))
    add_stream_options(parser)
    for name, short in (("add", "+TAG"), ("remove", "-TAG")):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar="TAG",
            type=text_of("test_tags"),
            help=f"{name} this tag, also {short}; can be repeated",
        )


def _signed(kind: type[argparse.ArgumentParser]) -> type[argparse.ArgumentParser]:
    """Return a parser class that reads +TAG and -TAG, which argparse takes for FILE and options."""

    class Signed(kind):  # type: ignore[misc, valid-type]
        def parse_known_args(self, args: Sequence[str], namespace: Any = None) -> Any:
            return super().parse_known_args(_long_forms(args), namespace)

    return Signed


def _long_forms(words: Sequence[str]) -> list[str]:
    longer: list[str] = []
    before = ""
    for word in words:
        is_long = word.startswith("--")
        if before in {"--add", "--remove"} and not is_long:
            longer[-1] = f"{before}={word}"
            before = ""
            continue
        if before == "--stop-waiting" or is_long or len(word) < 2 or word == "-h":
            # A word with a sign is a tag even after `--`.
            if word != "--":
                longer.append(word)
        elif word[0] in "+-":
            longer.append(f"--{'add' if word[0] == '+' else 'remove'}={word[1:]}")
        else:
            longer.append(word)
        before = word
    return longer


def run(options: argparse.Namespace) -> int:
    """Change the tags of a stream, and return the exit status."""
    added, removed = options.add, frozenset(options.remove)
    if not added and not removed:
        raise CallError("no tags to add or remove; see `subunit2 tag --help`")
    for each in added:
        if each in removed:
            raise CallError(f"{each}: cannot be both added and removed")

    def change(items: list[Item]) -> Iterable[Item]:
        return tag(items, add=added, remove=removed)

    return forward(options, change)
