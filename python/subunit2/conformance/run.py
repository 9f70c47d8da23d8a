"""A run: each case is put to the implementation, judged, and compared with known failures.

Strategy: `run` is an iterator of events, so that the caller decides how much to keep.
The runner itself keeps nothing: the result of a case that passed carries no items, and
results are forgotten once they are yielded.

An implementation that crashes or hangs is started again. After too many such cases in
a row, the last case that it answered is repeated. If that fails as well, the
implementation is given up, and the remaining cases are `not run`. Otherwise the run
goes on: only these cases make it crash.

A command that only complains on standard error was perhaps never started: it is not judged.
Its results are held until it answers. If it answers neither a good packet nor a few cases,
there is no verdict.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Final, TypeAlias

from subunit2.conformance import corpus
from subunit2.conformance.corpus import Case
from subunit2.conformance.divergences import Divergences, found_in, is_failure
from subunit2.conformance.drivers.driver import Driver, FilterDriver, SessionDriver
from subunit2.conformance.drivers.filter import Decoder, Encoder
from subunit2.conformance.drivers.line_session import LineSession
from subunit2.conformance.drivers.process import CommandError, NoAnswerError
from subunit2.conformance.drivers.questions import Questions
from subunit2.conformance.drivers.session import Session
from subunit2.conformance.results import Implementation, Outcome, Result

__all__ = [
    "CommandError",
    "Disagreement",
    "Event",
    "GivenUp",
    "Restarted",
    "Settings",
    "Started",
    "is_failure",
    "run",
]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The cases of a run, the implementation, and options.

    Commands are split into words as a shell does it, and run without a shell. A session
    answers all cases. Otherwise a decoder answers the cases of readers, and an encoder
    the cases of writers.

    :ivar cases: in the order of their results.
    :ivar questions: the form of the questions to an encoder, or to a session, which then is
        a writer: JSON, or lines.
    :ivar timeout: seconds for each answer of a session, or each run of a filter.
    :ivar jobs: number of filters that run at once. A session is one process.
    :ivar give_up_after: number of cases in a row that may crash or time out, or have a
        malformed answer.
    :ivar seed: selects the cuts of streams too long to be cut everywhere.
    :ivar laws: whether to check laws (with a session only).
    :ivar transcript: called with each line sent (`->`) and received (`<-`).
    :ivar divergences: the known failures; None: results are not compared with any.
    :ivar known_ids: ids of all existing cases, to check those in `divergences`. None:
        the ids of the package's corpus and of `cases`.
    :ivar validate: whether to check answers against the JSON Schemas; needs the
        package jsonschema.
    """

    cases: list[Case]
    decoder: str | None = None
    encoder: str | None = None
    session: str | None = None
    questions: Questions = "json"
    timeout: float = 10.0
    jobs: int = 1
    give_up_after: int = 3
    seed: int = 0
    laws: bool = True
    transcript: Callable[[str], None] | None = None
    divergences: Divergences | None = None
    known_ids: Collection[str] | None = None
    validate: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """The first event: the session has answered `hello`, or the filters exist.

    :ivar total: number of results to come.
    """

    implementation: Implementation
    total: int


@dataclass(frozen=True, slots=True)
class Restarted:
    """A session was started again, after the result of this case.

    :ivar reason: the cause, in one line.
    """

    case: Case
    reason: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Too many cases in a row had no answer to be judged: the remaining ones are `not run`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An error that is not the result of a case; the exit status is 1.

    The run contradicts the divergence file, or the harness did not end properly. The
    event follows the result of its case, or comes at the end.

    :ivar case: the id of the case; None if it is not about one.
    :ivar reason: one line.
    """

    case: str | None
    reason: str


#: `Started`; then for each case its `Result`, and other events about the case.
Event: TypeAlias = Started | Result | Restarted | GivenUp | Disagreement


#: Outcomes that count towards giving an implementation up.
_LOST: Final[frozenset[Outcome]] = frozenset({"crashed", "timed out", "malformed"})

#: The number of questions to a command that only writes to standard error.
_MOST_ASKED: Final = 10


def run(settings: Settings) -> Generator[Event]:
    """Run the cases and yield events. Holds one result (two for each job).

    Results come in the order of the cases, even with several jobs. Closing the
    iterator ends all processes.

    :raises CommandError: before the first event, if a command does not exist or answers
        nothing, a session does not answer `hello`, or the settings contradict each other.
    """
    driver = _driver_of(settings)
    try:
        yield from _once_it_answers(driver, settings, _started(driver, settings))
        if (fault := driver.end()) is not None:
            yield Disagreement(None, fault)
        if settings.divergences is not None:
            for case_id, reason in settings.divergences.faults(_known_ids(settings)):
                yield Disagreement(case_id, reason)
    finally:
        driver.kill()


def _driver_of(settings: Settings) -> Driver:
    if settings.session is not None:
        if settings.decoder is not None or settings.encoder is not None:
            raise CommandError("a session answers all cases: give no decoder or encoder with it")
        kind = LineSession if settings.questions == "lines" else Session
        session = kind(
            settings.session,
            timeout=settings.timeout,
            transcript=settings.transcript,
            validate=settings.validate,
        )
        try:
            return SessionDriver(session, seed=settings.seed, laws=settings.laws)
        except NoAnswerError as error:
            hint = ""
            if kind is Session and error.outcome == "timed out":
                hint = "; a harness that reads lines needs --questions lines"
            raise CommandError(f"{settings.session}: no answer to hello: {error}{hint}") from None
    if settings.decoder is None and settings.encoder is None:
        raise CommandError("a session, a decoder or an encoder is needed")
    commands = [command for command in (settings.decoder, settings.encoder) if command is not None]
    timeout, transcript = settings.timeout, settings.transcript
    decoder = encoder = None
    if settings.decoder is not None:
        decoder = Decoder(settings.decoder, timeout=timeout, transcript=transcript)
    if settings.encoder is not None:
        encoder = Encoder(
            settings.encoder,
            timeout=timeout,
            transcript=transcript,
            questions=settings.questions,
        )
    return FilterDriver(decoder, encoder, name=" and ".join(commands))


def _known_ids(settings: Settings) -> Collection[str]:
    if settings.known_ids is not None:
        return settings.known_ids
    ids = {case.id for case in settings.cases}
    return ids | {case.id for case in corpus.load().cases} if corpus.path().exists() else ids


def _started(driver: Driver, settings: Settings) -> Iterator[Event]:
    yield Started(driver.implementation, len(settings.cases))
    yield from _run_all(driver, settings)


def _once_it_answers(
    driver: Driver, settings: Settings, events: Iterator[Event]
) -> Iterator[Event]:
    """Yield events, but none until a command that seems not to start has answered.

    :raises CommandError: if it answers nothing.
    """
    driver.probe(settings.cases)
    held: list[Event] = []
    for event in events:
        held.append(event)
        silence = driver.silence
        if silence is None:
            yield from held
            yield from events
            return
        if silence.runs > _MOST_ASKED:
            break
    if (silence := driver.silence) is not None:
        raise CommandError(str(silence))
    yield from held


def _run_all(driver: Driver, settings: Settings) -> Iterator[Event]:
    """Yield the results of all cases, each followed by other events about it."""
    lost_in_a_row = 0
    control: Case | None = None
    done = 0
    with closing(_results(driver, settings)) as results:
        for result in results:
            done += 1
            yield from _compared(result, settings)
            reason = _lost(result, settings)
            if driver.is_down:
                yield Restarted(result.case, reason or result.reason)
            if reason is not None:
                lost_in_a_row += 1
            elif result.outcome != "skipped":
                lost_in_a_row = 0
                control = result.case
            if lost_in_a_row >= settings.give_up_after:
                if control is None or _lost(driver.run(control), settings) is not None:
                    yield GivenUp(f"{lost_in_a_row} cases in a row, the last: {reason}")
                    break
                lost_in_a_row = 0
    for case in settings.cases[done:]:
        yield from _compared(
            Result(case=case, outcome="not run", reason="the run was given up"), settings
        )


def _lost(result: Result, settings: Settings) -> str | None:
    """Return the reason if a case or one of its laws had no answer that can be judged."""
    for found in found_in(result):
        # A validation is there to find malformed answers.
        if found.outcome in _LOST and not (settings.validate and found.outcome == "malformed"):
            return f"{found.outcome}: {found.reason}"
    return None


def _compared(result: Result, settings: Settings) -> Iterator[Event]:
    """Yield a result with its divergences, and the disagreements with the divergence file."""
    if settings.divergences is None:
        yield result
        return
    checks_laws = settings.laws and settings.session is not None
    judged, faults = settings.divergences.judge(result, laws=checks_laws)
    yield judged
    for fault in faults:
        yield Disagreement(result.case.id, fault)


def _results(driver: Driver, settings: Settings) -> Generator[Result]:
    """Yield the results in the order of the cases. Holds two for each job."""
    if settings.session is not None or settings.jobs <= 1:
        for case in settings.cases:
            yield driver.run(case)
        return
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(settings.jobs) as pool:
        try:
            for case in settings.cases:
                waiting.append(pool.submit(driver.run, case))
                if len(waiting) >= 2 * settings.jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
            if waiting:
                driver.kill()
