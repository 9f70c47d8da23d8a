"""`subunit2 conformance run`: run the cases against an implementation.

Strategy: the runner yields events, and each consumer (the view on the terminal, the
progress bar, the reports) takes them as they arrive. If the run is interrupted, the
results so far are still shown and written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from subunit2.cli.exits import INTERRUPTED, CallError
from subunit2.cli.output import discard_output
from subunit2.cli.packet_view import Layout
from subunit2.cli.parser import duration
from subunit2.conformance import divergences
from subunit2.conformance.reports.files import Outputs
from subunit2.conformance.reports.json import Report
from subunit2.conformance.results import Result
from subunit2.conformance.run import CommandError, Event, Settings, Started, is_failure
from subunit2.conformance.run import run as run_cases
from subunit2.conformance.selection import (
    add_colour,
    add_corpus,
    add_selection,
    layout_of,
    number,
    open_corpus,
    select_cases,
    whole_number,
)
from subunit2.conformance.terminal.failure_view import draw_failure
from subunit2.conformance.terminal.progress import Progress
from subunit2.conformance.terminal.summary import print_summary

__all__ = ["configure", "run"]

_EPILOG: Final = """\
A decoder reads a stream on standard input and writes JSON Lines; an encoder is
the reverse. Both are started once per case. A session is one process that
answers all cases in JSON Lines; it is faster, and shows when each item is
delivered. HARNESS.md, which `subunit2 conformance export` writes, describes the
protocol.

examples:
  subunit2 conformance run --decoder 'subunit2 decode' --jobs 4
  subunit2 conformance run --encoder 'subunit2 encode' --case 'writer/tags/*'
  subunit2 conformance run --session ./harness --profile packet --profile stream
  subunit2 conformance run --session ./harness --case 'recovery/*' --max-shown 1
  subunit2 conformance run --session ./harness --validate
  subunit2 conformance run --session ./my-writer --questions lines
  subunit2 conformance run --session ./harness --write-divergences known.toml
  subunit2 conformance run --session ./harness --divergences known.toml

exit status:
  0  all cases passed, or failed as the divergence file says
  1  a case failed, or no case was run
  2  usage error, a command does not start or only writes to standard error,
     or a file cannot be written
"""

#: The message if no implementation is given.
_EXAMPLE: Final = (
    "no implementation: give --decoder, --encoder or --session, such as "
    "--decoder 'subunit2 decode' or --session ./my-harness"
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the action."""
    parser.epilog = _EPILOG
    tested = parser.add_argument_group("implementation")
    tested.add_argument(
        "--decoder", metavar="CMD", help="test CMD, which reads a stream and writes JSON Lines"
    )
    tested.add_argument(
        "--encoder", metavar="CMD", help="test CMD, which reads JSON Lines and writes a stream"
    )
    tested.add_argument(
        "--session", metavar="CMD", help="test the harness CMD, one process for all cases"
    )
    tested.add_argument(
        "--questions",
        choices=("json", "lines"),
        default="json",
        help="ask an encoder, or a session of a writer, in JSON or in plain lines (json)",
    )
    add_selection(parser)
    add_corpus(parser)
    parser.add_argument(
        "--jobs", type=whole_number, default=1, metavar="N", help="run N filters at once (1)"
    )
    parser.add_argument(
        "--timeout",
        type=duration,
        default=10.0,
        metavar="S",
        help="seconds to wait for an answer (10)",
    )
    parser.add_argument(
        "--give-up-after",
        type=whole_number,
        default=3,
        metavar="N",
        help="stop after N crashes, timeouts or malformed answers in a row (3)",
    )
    parser.add_argument("--no-laws", action="store_true", help="do not check laws in a session")
    parser.add_argument(
        "--validate",
        action="store_true",
        help="check that a harness speaks the protocol, with a few cases",
    )
    parser.add_argument(
        "--max-shown", type=number, default=20, metavar="N", help="show at most N failures (20)"
    )
    files = parser.add_argument_group("files")
    files.add_argument("--divergences", type=Path, metavar="FILE", help="read the known failures")
    files.add_argument(
        "--write-divergences", metavar="FILE", help="write a draft of known failures"
    )
    files.add_argument("--json", metavar="FILE", help="write a report as JSON")
    files.add_argument("--junit", metavar="FILE", help="write a report as JUnit XML")
    files.add_argument("--subunit", metavar="FILE", help="write the run as a subunit v2 stream")
    files.add_argument("--transcript", metavar="FILE", help="write all requests and answers")
    add_colour(parser)


def run(options: argparse.Namespace) -> int:
    """Run the cases; return the exit status."""
    _check(options)
    corpus = open_corpus(options)
    if options.validate:
        from subunit2.conformance.terminal.validation import validate

        return validate(corpus, options)
    cases = select_cases(corpus, options, is_run=True)
    report = Report(corpus)
    with ExitStack() as stack:
        known = _known(options.divergences)
        outputs = stack.enter_context(Outputs(report, cases, options))
        settings = Settings(
            cases=cases,
            decoder=options.decoder,
            encoder=options.encoder,
            session=options.session,
            questions=options.questions,
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
            # Closing the iterator ends the processes that it has started.
            with _ignoring_closed_output(), closing(run_cases(settings)) as events:
                for event in events:
                    report.add(event)
                    outputs.add(event)
                    shown.add(event)
        except CommandError as error:
            raise CallError(str(error)) from None
        except KeyboardInterrupt:
            is_interrupted = True
        with _ignoring_closed_output():
            shown.end(is_interrupted=is_interrupted)
        outputs.end()
    if is_interrupted:
        return INTERRUPTED
    return 0 if report.has_passed else 1


@contextmanager
def _ignoring_closed_output() -> Iterator[None]:
    """End the block silently if standard output is closed; the run has then not passed."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()


def _check(options: argparse.Namespace) -> None:
    if options.session is None and options.decoder is None and options.encoder is None:
        raise CallError(_EXAMPLE)
    if options.session is not None and (options.decoder or options.encoder):
        raise CallError(
            "a session answers all cases: give either --session, or --decoder and --encoder"
        )
    if options.session is None and options.validate:
        raise CallError("--validate needs --session")
    if options.questions == "lines":
        if options.session is None and options.encoder is None:
            raise CallError("--questions lines needs --encoder or --session")
        if options.validate:
            raise CallError("--validate checks the protocol in JSON, not --questions lines")


def _known(path: Path | None) -> divergences.Divergences | None:
    if path is None:
        return None
    try:
        return divergences.load(path)
    except divergences.DivergenceFileError as error:
        raise CallError(str(error)) from None


class _Shown:
    """Shows a run on the terminal: progress, failures, and a summary."""

    def __init__(self, report: Report, progress: Progress, layout: Layout, most: int) -> None:
        self._report = report
        self._progress = progress
        self._layout = layout
        self._left = most
        self._hidden = 0

    def add(self, event: Event) -> None:
        """Show an event."""
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
        """Show the summary."""
        self._progress.stop()
        print_summary(self._report, self._hidden, self._layout, is_interrupted=is_interrupted)
