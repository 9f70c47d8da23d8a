"""`subunit2 tag`: tags onto packets, and off them."""

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
+TAG is short for --add TAG, and -TAG for --remove TAG. Tags are added to packets about
tests, once each, and removed from all packets. A packet that already has them, or has
none of what is removed, stays as it is, octet for octet; so do output and damage.

examples:
  subunit2 tag +nightly -local run.subunit > tagged.subunit
  ./worker | subunit2 tag --add worker-3 | subunit2 stats

{EXITS}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.usage = "%(prog)s [-h] [+TAG | -TAG] ... [options] [FILE]"
    parser.epilog = _EPILOG
    # The parser is made where all commands' are; only this one reads signs.
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
    """A parser that takes +TAG and -TAG, which argparse takes for a file and an option."""

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
            # Where a word begins with a sign, that is a tag's, with `--` before it or not.
            if word != "--":
                longer.append(word)
        elif word[0] in "+-":
            longer.append(f"--{'add' if word[0] == '+' else 'remove'}={word[1:]}")
        else:
            longer.append(word)
        before = word
    return longer


def run(options: argparse.Namespace) -> int:
    """Tag a stream; the exit status."""
    added, removed = options.add, frozenset(options.remove)
    if not added and not removed:
        raise CallError("which tags? See `subunit2 tag --help`")
    for each in added:
        if each in removed:
            raise CallError(f"{each} is to be added and to be removed")

    def change(items: list[Item]) -> Iterable[Item]:
        return tag(items, add=added, remove=removed)

    return forward(options, change)
