"""`subunit2 filter`: keep some packets of a stream, unchanged."""

from __future__ import annotations

import argparse
import re
from functools import partial
from typing import TYPE_CHECKING, Final

from subunit2.cli.forwarding import EXITS, forward
from subunit2.cli.input import add_stream_options, read_lists
from subunit2.items import TEST_STATUSES, EncodeError, Timestamp
from subunit2.streams import filtering
from subunit2.streams.filtering import Predicate, all_of, not_, of_tests, select

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from subunit2.items import Item

    _Select = Callable[[list[Item]], list[Item]]
    _End = Callable[[], list[Item]]

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
Packets are written unchanged, octet for octet, as they arrive. A packet is kept
if it matches all given options; an option given several times matches if one of
its values does. The options about tests (--id to --not-runnable) keep packets
without a test id, such as coverage data, and reports of damage (the test
subunit.parser); --after and --before keep packets without a timestamp; output
and damage are kept. The last group of options changes that.

Each packet is judged on its own: `--status fail` drops attachments, which are
in earlier packets, and `--not-status success` leaves tests that start and never
end. With --whole-tests, a test is judged when it ends, by its last status, all
its tags and its end time. Its packets are held in memory until then and written
together, so a test may follow packets that arrived after its start. A test that
never ends is judged at the end of the stream.

The listing of a test is kept with its runs: it is written before the first run
that is kept, or at the end if the test never started. It is dropped if all runs
of the test are, unless no run is left in the stream. Conditions on ids choose
it as they choose the runs, in its place.

examples:
  subunit2 filter --not-tag slow --route 0 run.subunit | subunit2 stats
  subunit2 filter --whole-tests --status fail run.subunit | subunit2 extract
  subunit2 ls --status fail first | subunit2 filter --list - second > again

{EXITS}"""

#: The options whose conditions a run can meet otherwise than its listing. A run has the id
#: of its listing, so a filter by ids holds nothing and keeps the order.
_CONDITIONS: Final = (
    *("status", "not_status", "tag", "not_tag", "runnable"),
    *("route", "not_route", "after", "before"),
)
#: The argument of `--status` for packets without a status.
_NONE: Final = "none"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    tests = parser.add_argument_group("tests")
    _add(tests, "id", "REGEX", "whose id matches this expression anywhere", _pattern)
    tests.add_argument(
        "--list", action="append", default=[], metavar="LIST",
        help="keep tests whose id is in this file: a list with an id a line, or a stream; - "
        "is standard input",
    )  # fmt: skip
    _add(
        tests, "status", "STATUS", f"with this status: {', '.join(TEST_STATUSES)} or none", _status
    )
    _add(tests, "tag", "TAG", "with this tag", str)
    runnable = tests.add_mutually_exclusive_group()
    runnable.add_argument(
        "--runnable",
        action="store_true",
        default=None,
        help="keep tests that can be run by their id",
    )
    runnable.add_argument(
        "--not-runnable",
        dest="runnable",
        action="store_false",
        help="keep tests that cannot be run by their id, such as layers",
    )
    packets = parser.add_argument_group("packets")
    _add(packets, "route", "PATH", "whose route code is this path or begins with it", str)
    when = "keep packets {} this time: 2026-11-22T10:15:00+01:00, or seconds since 1970"
    packets.add_argument("--after", type=_time, metavar="TIME", help=when.format("at or after"))
    packets.add_argument("--before", type=_time, metavar="TIME", help=when.format("before"))
    whole = parser.add_argument_group("scope")
    whole.add_argument(
        "--whole-tests", action="store_true", help="judge whole tests, when they end"
    )
    whole.add_argument("--only-tests", action="store_true", help="drop packets without a test id")
    whole.add_argument("--no-passthrough", action="store_true", help="drop output between packets")
    whole.add_argument(
        "--no-corrupt", action="store_true", help="drop damaged packets, and reports of damage"
    )


def _add(
    group: argparse._ArgumentGroup,
    name: str,
    metavar: str,
    condition: str,
    read: Callable[[str], object],
) -> None:
    kind = group.title
    for option, verb in ((f"--{name}", "keep"), (f"--not-{name}", "drop")):
        group.add_argument(
            option,
            action="append",
            default=[],
            metavar=metavar,
            type=read,
            help=f"{verb} {kind} {condition}",
        )


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text} is not a regular expression: {error}") from None


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
        # Not a number, so perhaps ISO 8601.
        pass
    try:
        return Timestamp.from_datetime(datetime.fromisoformat(text))
    except EncodeError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from None
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a time") from None


def run(options: argparse.Namespace) -> int:
    """Filter a stream, and return the exit status."""
    predicate = _predicate(options)
    kinds = {"passthrough": not options.no_passthrough, "corrupt": not options.no_corrupt}
    if options.whole_tests:
        from subunit2.streams.select_tests import WholeTests

        tests = WholeTests(predicate, **kinds)
        chosen: _Select = tests.feed
        end: _End = tests.close
    else:
        chosen, end = partial(_chosen, predicate, kinds), list
    if _may_drop_runs(options):
        chosen, end = _with_listings(chosen, end)
    if not (options.no_passthrough or options.no_corrupt):
        return forward(options, chosen, end)
    from subunit2.damage.output import RegionJudge

    # Only here it matters which regions are output of a program.
    judge = RegionJudge()
    return forward(
        options,
        lambda items: chosen(judge.feed(items)),
        lambda: [*chosen(judge.close()), *end()],
        lambda: chosen(judge.stop_waiting()),
        held=lambda: (judge.pending, 0),
    )


def _may_drop_runs(options: argparse.Namespace) -> bool:
    """Return whether runs can be dropped whose listing is kept, beside others."""
    if not options.not_status and set(options.status) == {"exists"}:
        return False
    return any(getattr(options, name) not in ([], None) for name in _CONDITIONS)


def _with_listings(chosen: _Select, end: _End) -> tuple[_Select, _End]:
    from subunit2.streams.select_listings import SelectedListings

    listings = SelectedListings()

    def take(items: list[Item]) -> list[Item]:
        listings.note(items)
        return listings.take(chosen(items))

    return take, lambda: [*listings.take(end()), *listings.close()]


def _chosen(predicate: Predicate, kinds: dict[str, bool], items: list[Item]) -> list[Item]:
    return list(select(items, predicate, **kinds))


def _predicate(options: argparse.Namespace) -> Predicate:
    """Return the condition that a packet has to meet."""
    of_test: list[Predicate] = []
    if options.list:
        of_test.append(filtering.id_in(read_lists(options.list, options.file)))
    for values, unwanted, make in (
        (options.id, options.not_id, _has_id),
        (options.status, options.not_status, filtering.has_status),
        (options.tag, options.not_tag, filtering.has_tag),
    ):
        of_test += _both(values, unwanted, make)
    of_packet: list[Predicate] = []
    if options.runnable is not None:
        whole = options.whole_tests
        is_runnable = filtering.is_runnable if whole else filtering.is_of_runnable_test()
        # First, since it has to see each packet.
        of_packet.append(of_tests(is_runnable if options.runnable else not_(is_runnable)))
    of_packet += _both(options.route, options.not_route, filtering.on_route)
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
    """Return the conditions of an option and of its negation."""
    return ([make(wanted)] if wanted else []) + ([not_(make(unwanted))] if unwanted else [])


def _has_id(patterns: list[re.Pattern[str]]) -> Predicate:
    return filtering.any_of(map(filtering.id_matches, patterns))


def _where_known(predicate: Predicate) -> Predicate:
    return lambda packet: packet.timestamp is None or predicate(packet)
