"""`subunit2 filter`: some of a stream's packets, as they were."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Final

from subunit2.cli.forwarding import EXITS, forward
from subunit2.cli.input import add_stream_options, read_lists
from subunit2.items import TEST_STATUSES, EncodeError, Timestamp
from subunit2.streams import filtering
from subunit2.streams.filtering import Predicate, all_of, not_, of_tests, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from subunit2.items import Item

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
What is kept stays as it is, octet for octet, and goes out as it arrives. A packet is
kept where every option given keeps it, and an option that is given several times where
one of them does. What is about tests (--id to --not-runnable) drops no packet without a
test id, such as coverage data; a time drops none without a timestamp; and output and
damage stay. See the last options.

A packet is judged by itself: `--status fail` leaves no attachments, which came before,
and `--not-status success` leaves starts without an end. With --whole-tests a test is
judged when it ends: by its last status, all its tags and its end. Its packets are held
until then, in memory, and go out together, so a test may come behind what stood behind
its start. A test that never ends is judged by what there was of it, at the end of the
stream.

examples:
  subunit2 filter --not-tag slow --route 0 run.subunit | subunit2 stats
  subunit2 filter --whole-tests --status fail run.subunit | subunit2 extract
  subunit2 ls --status fail first | subunit2 filter --list - second > again

{EXITS}"""

#: Of a packet without a status.
_NONE: Final = "none"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    tests = parser.add_argument_group("which tests")
    _add(tests, "id", "REGEX", "whose id this is found in", _pattern)
    tests.add_argument(
        "--list", action="append", default=[], metavar="LIST",
        help="only those whose id is in this file: a list, an id a line, or a stream; - is "
        "standard input",
    )  # fmt: skip
    _add(tests, "status", "STATUS", f"of this status: {', '.join(TEST_STATUSES)} or none", _status)
    _add(tests, "tag", "TAG", "with this tag", str)
    runnable = tests.add_mutually_exclusive_group()
    runnable.add_argument(
        "--runnable",
        action="store_true",
        default=None,
        help="only those that can be run by their id",
    )
    runnable.add_argument(
        "--not-runnable",
        dest="runnable",
        action="store_false",
        help="only those that cannot: layers, subtests",
    )
    packets = parser.add_argument_group("which packets")
    _add(packets, "route", "PATH", "whose route code is this path or leads on from it", str)
    when = "only those {} this time: 2026-11-22T10:15:00+01:00, or seconds since the epoch"
    packets.add_argument("--after", type=_time, metavar="TIME", help=when.format("from"))
    packets.add_argument("--before", type=_time, metavar="TIME", help=when.format("before"))
    whole = parser.add_argument_group("how, and what else")
    whole.add_argument("--whole-tests", action="store_true", help="judge a test when it ends")
    whole.add_argument("--only-tests", action="store_true", help="no packets without a test id")
    whole.add_argument("--no-passthrough", action="store_true", help="no output between packets")
    whole.add_argument("--no-corrupt", action="store_true", help="no damaged packets")


def _add(
    group: argparse._ArgumentGroup,
    name: str,
    metavar: str,
    what: str,
    read: Callable[[str], object],
) -> None:
    for option, kept in ((f"--{name}", "only those"), (f"--not-{name}", "none of those")):
        group.add_argument(
            option, action="append", default=[], metavar=metavar, type=read, help=f"{kept} {what}"
        )


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text} is no regular expression: {error}") from None


def _status(text: str) -> str | None:
    if text not in (*TEST_STATUSES, _NONE):
        raise argparse.ArgumentTypeError(f"{text} is not one of {', '.join(TEST_STATUSES)}, none")
    return None if text == _NONE else text


def _time(text: str) -> Timestamp:
    from datetime import datetime
    from decimal import Decimal

    try:
        nanoseconds = int(Decimal(text) * 10**9)
        if 0 <= nanoseconds < 2**32 * 10**9:
            return Timestamp(*divmod(nanoseconds, 10**9))
    except (ArithmeticError, ValueError):
        # It is no number.
        pass
    try:
        return Timestamp.from_datetime(datetime.fromisoformat(text))
    except EncodeError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no time") from None


def run(options: argparse.Namespace) -> int:
    """Filter a stream; the exit status."""
    predicate = _predicate(options)
    kinds = {"passthrough": not options.no_passthrough, "corrupt": not options.no_corrupt}
    if options.whole_tests:
        from subunit2.streams.select_tests import WholeTests

        tests = WholeTests(predicate, **kinds)
        return forward(options, tests.feed, tests.close)

    def change(items: list[Item]) -> Iterable[Item]:
        return select(items, predicate, **kinds)

    return forward(options, change)


def _predicate(options: argparse.Namespace) -> Predicate:
    """What a packet has to be to be kept."""
    of_test: list[Predicate] = []
    if options.list:
        of_test.append(filtering.id_in(read_lists(options.list, options.file)))
    for values, unwanted, make in (
        (options.id, options.not_id, _has_id),
        (options.status, options.not_status, filtering.has_status),
        (options.tag, options.not_tag, filtering.has_tag),
    ):
        of_test += _both(values, unwanted, make)
    if options.runnable is not None:
        is_runnable = filtering.is_runnable
        of_test.append(is_runnable if options.runnable else not_(is_runnable))
    of_packet = _both(options.route, options.not_route, filtering.on_route)
    if options.after is not None:
        of_packet.append(_where_known(filtering.is_since(options.after)))
    if options.before is not None:
        of_packet.append(_where_known(filtering.is_before(options.before)))
    if options.only_tests:
        of_packet.append(lambda packet: packet.test_id is not None)
    if of_test:
        of_packet.append(of_tests(all_of(of_test)))
    return all_of(of_packet)


def _both(
    wanted: list[Any], unwanted: list[Any], make: Callable[[list[Any]], Predicate]
) -> list[Predicate]:
    """What an option and its opposite ask for."""
    return ([make(wanted)] if wanted else []) + ([not_(make(unwanted))] if unwanted else [])


def _has_id(patterns: list[re.Pattern[str]]) -> Predicate:
    return filtering.any_of(map(filtering.id_matches, patterns))


def _where_known(predicate: Predicate) -> Predicate:
    return lambda packet: packet.timestamp is None or predicate(packet)
