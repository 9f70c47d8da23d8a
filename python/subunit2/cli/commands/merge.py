"""`subunit2 merge`: merge streams into one, in order of arrival."""

from __future__ import annotations

import shutil
import stat
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from subunit2.chunks import read_chunks
from subunit2.cli.damage import DamageCounts, fails_strictly
from subunit2.cli.exits import DONE, FAILED, NO_VERDICT, CallError
from subunit2.cli.forwarding import EXITS, write_items
from subunit2.cli.output import packet_output, visible
from subunit2.items import Item, Packet
from subunit2.plural import count
from subunit2.reader import Reader

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

__all__ = ["configure", "run"]

_EPILOG: Final = f"""\
Reads files, FIFOs and standard input (`-`) at the same time. Packets and chunks
of output are written as they arrive, octet for octet and never interleaved.
Route codes stay unchanged; `subunit2 mux` gives each input a route of its own,
which also shows the origin of output.

--prefer-last keeps one run of each test (by route code and test id): the last
run in the last input that ran it, so that a rerun replaces earlier runs. Routes
that differ only in steps such as 0 or worker-0 are workers of one runner. There
the id alone names the test, unless an input ran it on several of them: a rerun
may be on another worker. A line on standard error says how many results were
replaced so. The same test on `linux` and on `windows` is two tests.

Packets that only list a test, and packets without a test, are kept: tests that
were listed and ran in no input are still named. The inputs are read one after
the other, in the given order, and twice: nothing is written before the last
input has ended, pipes are kept in a temporary file, and some numbers for each
test in memory.

--align-clocks shifts all timestamps of an input by the error of its clock,
estimated from the arrival of its first timestamps; no duration changes. The
shift is written as a file `clock-offset`.

examples:
  subunit2 merge worker-0.fifo worker-1.fifo | subunit2 stats
  subunit2 merge --prefer-last run.subunit rerun.subunit > result.subunit

{EXITS}"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    parser.add_argument("files", nargs="+", metavar="FILE", help="the streams; - is standard input")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--prefer-last", action="store_true", help="keep only the last run of each test"
    )
    how.add_argument(
        "--align-clocks",
        action="store_true",
        help="shift the timestamps of the inputs to one clock",
    )
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a stream is damaged")


def run(options: argparse.Namespace) -> int:
    """Merge streams, and return the exit status."""
    packet_output()
    names: list[str] = options.files
    if names.count("-") > 1:
        raise CallError("standard input: named twice")
    for name in names:
        _check(name)
    return _merge_last(options) if options.prefer_last else _merge_live(options)


def _check(name: str) -> None:
    """Fail early if a file cannot be read.

    :raises CallError: if so.
    """
    if name == "-":
        return
    try:
        # Opening a FIFO would wait for its writer, which would notice.
        if not stat.S_ISFIFO(Path(name).stat().st_mode):
            _open(name).close()
    except OSError as error:
        raise CallError(f"{name}: {error.strerror}") from None


def _open(name: str) -> BinaryIO:
    # Unbuffered: a buffer would wait until it is full.
    if name == "-":
        return cast(BinaryIO, open(0, "rb", buffering=0, closefd=False))
    return cast(BinaryIO, Path(name).open("rb", buffering=0))


def _merge_live(options: argparse.Namespace) -> int:
    from subunit2.streams.clocks import ClockAligner
    from subunit2.streams.merging import arrivals

    failed: list[str] = []

    def note(number: int, error: OSError) -> None:
        failed.append(f"{visible(options.files[number])}: {error.strerror}")

    damage = [DamageCounts() for _ in options.files]
    aligners = [ClockAligner() for _ in options.files] if options.align_clocks else []
    sources = [partial(_open, name) for name in options.files]
    for number, items in arrivals(sources, note):
        damage[number].feed(items)
        write_items(aligners[number].feed(items) if aligners else items)
    for reason in failed:
        print(f"subunit2 merge: {reason}", file=sys.stderr)
    if failed:
        return NO_VERDICT
    return _judge(damage, options)


def _judge(damage: list[DamageCounts], options: argparse.Namespace) -> int:
    for each in damage:
        each.close()
    # Suspects of every input are reported.
    fails = [
        fails_strictly(each, options, f"{visible(name)}: ")
        for each, name in zip(damage, options.files, strict=True)
    ]
    return FAILED if any(fails) else DONE


def _merge_last(options: argparse.Namespace) -> int:
    from subunit2.streams.reruns import LastRuns

    runs = LastRuns()
    damage = [DamageCounts() for _ in options.files]
    with ExitStack() as stack:
        files = [_kept(stack, name) for name in options.files]
        for number, items in _all_items(files):
            damage[number].feed(items)
            for item in items:
                if isinstance(item, Packet):
                    runs.note(item, number)
        for number, items in _all_items(files):
            write_items(
                [
                    item
                    for item in items
                    if not isinstance(item, Packet) or runs.is_last(item, number)
                ]
            )
    if replaced := runs.replaced_across_routes:
        line = f"{count(replaced, 'result')} replaced by a run on another worker's route"
        print(f"subunit2 merge: {line}", file=sys.stderr)
    return _judge(damage, options)


def _kept(stack: ExitStack, name: str) -> BinaryIO:
    """Open a file that can be read twice; a pipe is copied to a temporary file."""
    try:
        file = stack.enter_context(_open(name))
        if file.seekable():
            return file
        kept = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed by stack
        shutil.copyfileobj(file, kept)
    except OSError as error:
        raise CallError(f"{name}: {error.strerror}") from None
    return cast(BinaryIO, kept)


def _all_items(files: Sequence[BinaryIO]) -> Iterator[tuple[int, list[Item]]]:
    for number, file in enumerate(files):
        file.seek(0)
        reader = Reader()
        for chunk in read_chunks(file):
            yield number, reader.feed(chunk)
        yield number, reader.close()
