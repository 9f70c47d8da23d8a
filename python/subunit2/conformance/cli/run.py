"""`subunit2 conformance run`: ask an implementation, and show what it gets wrong.

Strategy: the runner gives out events; each of what is asked for (what is shown,
the progress, the reports) takes them as they come. What was found is shown and
written also where the run is interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from subunit2.cli.exits import CallError
from subunit2.cli.output import discard_output
from subunit2.cli.packet_view import Layout
from subunit2.cli.parser import duration
from subunit2.conformance import divergences
from subunit2.conformance.reports.files import Outputs
from subunit2.conformance.reports.json import Report
from subunit2.conformance.results import Result
from subunit2.conformance.run import CommandError, Event, Settings, Started, is_failure
from subunit2.conformance.run import run as ask
from subunit2.conformance.selection import (
    add_colour,
    add_corpus,
    add_selection,
    choose,
    layout_of,
    number,
    open_corpus,
    whole_number,
)
from subunit2.conformance.terminal.failure_view import draw_failure
from subunit2.conformance.terminal.progress import Progress
from subunit2.conformance.terminal.summary import print_summary

__all__ = ["configure", "run"]

_EPILOG: Final = """\
A decoder reads a stream on its standard input and writes JSON Lines; an encoder
is the reverse. Both are started once a case. A session is one process that
answers JSON objects, a line each, for all cases; it is fast, and shows when an
item comes out. HARNESS.md in the corpus' folder says what to answer.

examples:
  subunit2 conformance run --decoder 'subunit2 decode' --encoder 'subunit2 encode'
  subunit2 conformance run --session ./my-harness --profile packet --profile stream
  subunit2 conformance run --session ./my-harness --case 'recovery/*' --max-shown 1
  subunit2 conformance run --session ./my-harness --validate
  subunit2 conformance run --session ./my-harness --write-divergences known.toml
  subunit2 conformance run --session ./my-harness --divergences known.toml --json r.json

exit status:
  0  all that was asked passed, or failed as the divergence file says
  1  something failed, or nothing was asked
  2  the call's fault: a command that does not start, a file that cannot be written
"""

#: What is said where nothing is given to ask.
_EXAMPLE: Final = (
    "nothing to ask: give --decoder, --encoder or --session, such as "
    "--decoder 'subunit2 decode' or --session ./my-harness"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the action can be called with."""
    parser.epilog = _EPILOG
    asked = parser.add_argument_group("what is asked")
    asked.add_argument("--decoder", metavar="CMD", help="a program: stream in, JSON Lines out")
    asked.add_argument("--encoder", metavar="CMD", help="a program: JSON Lines in, stream out")
    asked.add_argument("--session", metavar="CMD", help="a harness that answers for all cases")
    add_selection(parser)
    add_corpus(parser)
    parser.add_argument(
        "--jobs", type=whole_number, default=1, metavar="N", help="filters that run at once (1)"
    )
    parser.add_argument(
        "--timeout", type=duration, default=10.0, metavar="S", help="seconds for an answer (10)"
    )
    parser.add_argument(
        "--give-up-after",
        type=whole_number,
        default=3,
        metavar="N",
        help="end the run where it dies or times out so often in a row (3)",
    )
    parser.add_argument("--no-laws", action="store_true", help="ask a session only for its items")
    parser.add_argument(
        "--validate",
        action="store_true",
        help="for whoever writes a session harness: check its answers to a few cases, strictly",
    )
    parser.add_argument(
        "--max-shown", type=number, default=20, metavar="N", help="failures shown (20)"
    )
    files = parser.add_argument_group("files")
    files.add_argument("--divergences", type=Path, metavar="FILE", help="what is known to be wrong")
    files.add_argument(
        "--write-divergences", metavar="FILE", help="draft such a file from what is wrong"
    )
    files.add_argument("--json", metavar="FILE", help="write a report, as JSON")
    files.add_argument("--junit", metavar="FILE", help="write JUnit XML")
    files.add_argument("--subunit", metavar="FILE", help="write the run as a subunit v2 stream")
    files.add_argument("--transcript", metavar="FILE", help="write what is asked and answered")
    add_colour(parser)


def run(options: argparse.Namespace) -> int:
    """Ask; the exit status."""
    _check(options)
    corpus = open_corpus(options)
    if options.validate:
        from subunit2.conformance.terminal.validation import validate

        return validate(corpus, options)
    cases = choose(corpus, options, is_run=True)
    report = Report(corpus)
    with ExitStack() as stack:
        known = _known(options.divergences)
        outputs = stack.enter_context(Outputs(report, cases, options))
        settings = Settings(
            cases=cases,
            decoder=options.decoder,
            encoder=options.encoder,
            session=options.session,
            timeout=options.timeout,
            jobs=options.jobs,
            give_up_after=options.give_up_after,
            laws=not options.no_laws,
            transcript=outputs.transcript,
            divergences=known,
            known_ids=corpus.by_id,
        )
        progress = stack.enter_context(Progress())
        shown = _Shown(report, progress, layout_of(options, None), options.max_shown)
        is_interrupted = False
        try:
            # Closing it ends the processes that it has started.
            with _while_read(), closing(ask(settings)) as events:
                for event in events:
                    report.add(event)
                    outputs.add(event)
                    shown.add(event)
        except CommandError as error:
            raise CallError(str(error)) from None
        except KeyboardInterrupt:
            is_interrupted = True
        with _while_read():
            shown.end(is_interrupted=is_interrupted)
        outputs.end()
    if is_interrupted:
        return 130
    return 0 if report.has_passed else 1


@contextmanager
def _while_read() -> Iterator[None]:
    """Who reads what is shown may stop: that ends the run, and makes no success of it."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()


def _check(options: argparse.Namespace) -> None:
    if options.session is None and options.decoder is None and options.encoder is None:
        raise CallError(_EXAMPLE)
    if options.session is not None and (options.decoder or options.encoder):
        raise CallError("a session is asked everything: give it, or a decoder and an encoder")
    if options.session is None and options.validate:
        raise CallError("--validate is about a session: give --session")


def _known(path: Path | None) -> divergences.Divergences | None:
    if path is None:
        return None
    try:
        return divergences.load(path)
    except divergences.DivergenceFileError as error:
        raise CallError(str(error)) from None


class _Shown:
    """What a person sees of a run: progress, failures, and what came of it."""

    def __init__(self, report: Report, progress: Progress, layout: Layout, most: int) -> None:
        self._report = report
        self._progress = progress
        self._layout = layout
        self._left = most
        self._hidden = 0

    def add(self, event: Event) -> None:
        """Show what there is to show of an event."""
        if isinstance(event, Started):
            self._progress.start(event.total, event.implementation.name)
        elif isinstance(event, Result):
            if is_failure(event) and event.outcome != "not run":
                self._show(event)
            self._progress.advance(self._report.failures)

    def _show(self, result: Result) -> None:
        if not self._left:
            self._hidden += 1
            return
        self._left -= 1
        with self._progress.aside():
            for line in draw_failure(result, self._layout):
                print(line)

    def end(self, *, is_interrupted: bool) -> None:
        """Show what came of all."""
        self._progress.stop()
        print_summary(self._report, self._hidden, self._layout, is_interrupted=is_interrupted)
