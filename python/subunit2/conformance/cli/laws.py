"""`subunit2 conformance laws`: check the laws on streams without expected results.

Strategy: any stream will do, such as a capture, the find of a fuzzer, or a stream
generated from the grammar. Our own reader, fed octet by octet, determines when items
have to be delivered.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from subunit2 import Reader
from subunit2.cli.exits import CallError, InputError
from subunit2.cli.output import visible
from subunit2.cli.packet_view import Layout
from subunit2.cli.parser import duration
from subunit2.cli.terminal import fit
from subunit2.conformance.drivers.process import CommandError, NoAnswerError
from subunit2.conformance.drivers.session import Session
from subunit2.conformance.heavy_laws import check_memory, check_time
from subunit2.conformance.laws import check_laws
from subunit2.conformance.reports.files import writing
from subunit2.conformance.reports.json import NO_FAILURES
from subunit2.conformance.results import LAWS, Implementation, Law, LawResult
from subunit2.conformance.selection import add_colour, layout_of, whole_number
from subunit2.conformance.terminal.formatting import labelled, octet_rows
from subunit2.conformance.terminal.progress import Progress
from subunit2.conformance.terminal.side_by_side import draw_differences
from subunit2.plural import count

__all__ = ["configure", "generated_streams", "run"]

_EPILOG: Final = """\
laws:
  partition  the octets of the items, joined, are the stream
  cuts       the items are the same for every way to cut the stream
  live       no item is delivered later than necessary
  early      no packet is delivered before its last octet was read
  memory     octets are held until they are delivered, and no longer
  time       the work grows no faster than the stream

`memory` is checked on each stream if the harness says what it holds. --hostile
checks both laws on streams of megabytes, which takes minutes: the memory of the
processes of the harness may not grow with what was read, and four times the
octets may not take eight times the processor time. Both need Linux.

The command ends at the first stream that breaks a law.

examples:
  subunit2 conformance laws --session ./harness captures/*.subunit
  subunit2 conformance laws --session ./harness --generate 1000 --seed 7
  subunit2 conformance laws --session ./harness --generate 1000 --save x.subunit
  subunit2 conformance laws --session ./harness --hostile
"""

#: Rows of a failing stream to show.
_MOST_ROWS: Final = 16


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the action."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="a stream; any octets will do"
    )
    parser.add_argument("--session", required=True, metavar="CMD", help="test the harness CMD")
    parser.add_argument(
        "--generate", type=whole_number, default=0, metavar="N", help="generate N more streams"
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="S", help="seed of generated streams and of cuts (0)"
    )
    parser.add_argument(
        "--hostile", action="store_true", help="check memory and time on hostile streams, too"
    )
    parser.add_argument(
        "--timeout",
        type=duration,
        default=10.0,
        metavar="S",
        help="seconds to wait for an answer (10)",
    )
    parser.add_argument("--save", metavar="FILE", help="write a failing stream to FILE")
    add_colour(parser)


def run(options: argparse.Namespace) -> int:
    """Check the laws; return the exit status."""
    if not options.files and not options.generate and not options.hostile:
        raise CallError("no streams: give files, --generate N or --hostile")
    generated = generated_streams(options.generate, options.seed) if options.generate else []
    layout = layout_of(options, None)
    outcomes: Counter[str] = Counter()
    faults = 0
    try:
        session = Session(options.session, timeout=options.timeout)
        try:
            implementation = session.start()
            with Progress() as progress:
                progress.start(len(options.files) + len(generated), implementation.name)
                for name, stream in _streams(options.files, generated):
                    waits = _waits(stream) if implementation.live else None
                    laws = check_laws(session, stream, waits=waits, seed=options.seed)
                    wrong = [law for law in LAWS if laws[law].outcome not in NO_FAILURES]
                    if wrong:
                        progress.stop()
                        _show(name, stream, laws, wrong, layout)
                        _save(stream, options.save)
                        return 1
                    outcomes.update(law for law in LAWS if laws[law].outcome == "passed")
                    progress.advance(0)
            for law in LAWS if outcomes else ():
                print(f"{law:10}held for {count(outcomes[law], 'stream')}")
            if options.hostile:
                faults = _check_hostile(session, implementation, layout)
            session.bye()
        finally:
            session.kill()
    except (CommandError, NoAnswerError) as error:
        raise CallError(f"{options.session}: {error}") from None
    if not outcomes and not options.hostile:
        raise InputError("no law could be checked")
    return 1 if faults else 0


def _check_hostile(session: Session, implementation: Implementation, layout: Layout) -> int:
    """Check the laws of memory and time, and show each result; return how many are broken."""
    faults = 0
    laws = [("memory", check_memory(session, is_live=implementation.live))]
    for law, result in chain(
        laws, (("time", each) for each in check_time(session, implementation.profiles))
    ):
        row = f"{law:10}{result.name}: {visible(result.fault or result.note)}"
        for line in fit(row, layout.width):
            print(layout.paint(line, "bold red") if result.fault else line, flush=True)
        faults += result.fault is not None
    return faults


def generated_streams(number: int, seed: int) -> list[bytes]:
    """Generate up to a number of streams from the grammar, the same for the same seed.

    :raises ModuleNotFoundError: if the extra `grammar` is not installed.
    """
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    from subunit2.grammar.generating import streams

    drawn: list[bytes] = []

    @seeded(seed)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(streams())
    def draw(stream: bytes) -> None:
        drawn.append(stream)

    draw()
    return drawn


def _streams(files: list[Path], generated: list[bytes]) -> Iterator[tuple[str, bytes]]:
    for file in files:
        try:
            yield str(file), file.read_bytes()
        except OSError as error:
            raise CallError(f"{file}: {error.strerror}") from None
    for number, stream in enumerate(generated, 1):
        yield f"generated stream {number}", stream


def _waits(stream: bytes) -> list[tuple[int, int, int]]:
    """Return the ranges in which a reader may hold octets back, as `ReaderCase.waits` has them."""
    reader = Reader()
    waits: list[tuple[int, int, int]] = []
    settled = 0
    for fed in range(1, len(stream) + 1):
        for item in reader.feed(stream[fed - 1 : fed]):
            settled = item.offset + item.length
        if settled == fed:
            continue
        if waits and waits[-1][1:] == (fed - 1, settled):
            waits[-1] = (waits[-1][0], fed, settled)
        else:
            waits.append((fed, fed, settled))
    return waits


def _show(
    name: str, stream: bytes, laws: dict[Law, LawResult], wrong: list[Law], layout: Layout
) -> None:
    print(layout.paint(f"{visible(name)}: {count(len(stream), 'octet')}", "bold red"))
    for row in octet_rows(stream, "  ", most=_MOST_ROWS):
        print(row)
    for law in wrong:
        held = laws[law]
        failure = f"{held.outcome}: {visible(held.reason)}"
        for line in labelled(f"law {law}", [failure], layout.width, 16):
            print(layout.paint(line, "yellow"))
        if held.expected is not None or held.actual is not None:
            for line in draw_differences(held.expected, held.actual, layout):
                print(line)


def _save(stream: bytes, name: str | None) -> None:
    if name is not None:
        with writing(name):
            Path(name).write_bytes(stream)
        print(f"written to {visible(name)}")
