"""The whole run: every case asked, judged, compared with what is known, given out.

Strategy: `run` is an iterator of events, so that whoever shows them decides what
to keep. It keeps nothing itself: a result whose case passed carries no items, and
one that is given out is forgotten.

An implementation that dies or hangs is started again. Where that happens too
often in a row, the last case that it answered is asked once more: an
implementation that cannot answer that one either is given up, and what is left
is `not run`; otherwise it is only these cases that it cannot stand.
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
from subunit2.conformance.drivers.driver import AskFilters, Asking, AskSession
from subunit2.conformance.drivers.filter import Decoder, Encoder
from subunit2.conformance.drivers.process import CommandError, NoAnswerError
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
    """What to ask, of whom, and how.

    Commands are split as a shell splits them, and run without one. A session is
    asked everything; where there is none, a decoder the cases of readers and an
    encoder those of writers.

    :ivar cases: in the order in which their results come.
    :ivar timeout: seconds for each answer of a session, or run of a filter.
    :ivar jobs: how many filters run at once. A session is one process.
    :ivar give_up_after: how often in a row it may die or time out.
    :ivar seed: of the cuts of streams too long for all of them.
    :ivar laws: whether laws are asked (of a session).
    :ivar transcript: called with each line sent (`->`) and received (`<-`).
    :ivar divergences: what is known to be wrong. None: nothing is compared.
    :ivar known_ids: of all cases that there are, for ids in `divergences`. None: those
        of the corpus of the package and of `cases`.
    :ivar validate: whether answers have to be what the schemas say to the last
        key; needs the package jsonschema.
    """

    cases: list[Case]
    decoder: str | None = None
    encoder: str | None = None
    session: str | None = None
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
    """The implementation has answered `hello`, or is there: always the first event.

    :ivar total: how many results will come.
    """

    implementation: Implementation
    total: int


@dataclass(frozen=True, slots=True)
class Restarted:
    """A session was started again; the result of the case has come already.

    :ivar reason: one line: what had happened.
    """

    case: Case
    reason: str


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It crashed or timed out too often in a row: what is left is `not run`."""

    reason: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An error beside the results: exit status 1.

    The divergence file and the run do not agree; or the harness did not end as it
    should. Behind the result that it is about, or at the end.

    :ivar case: the id, where it is about one.
    :ivar reason: one line.
    """

    case: str | None
    reason: str


#: `Started`, then for each case in order its `Result` and what belongs to it.
Event: TypeAlias = Started | Result | Restarted | GivenUp | Disagreement


#: What counts towards giving an implementation up.
_LOST: Final[frozenset[Outcome]] = frozenset({"crashed", "timed out"})


def run(settings: Settings) -> Generator[Event]:
    """Ask everything; holds one result (a few with `jobs`).

    Results come in the order of the cases, also with several jobs. Closing the
    iterator ends all processes.

    :raises CommandError: before the first event: a command that is not there, a
        session that does not answer `hello`, a call that makes no sense.
    """
    asking = _plug_in(settings)
    try:
        yield Started(asking.implementation, len(settings.cases))
        yield from _ask_all(asking, settings)
        if (fault := asking.end()) is not None:
            yield Disagreement(None, fault)
        if settings.divergences is not None:
            for case_id, reason in settings.divergences.faults(_known_ids(settings)):
                yield Disagreement(case_id, reason)
    finally:
        asking.kill()


def _plug_in(settings: Settings) -> Asking:
    if settings.session is not None:
        if settings.decoder is not None or settings.encoder is not None:
            raise CommandError("a session is asked everything: no decoder or encoder beside it")
        session = Session(
            settings.session,
            timeout=settings.timeout,
            transcript=settings.transcript,
            validate=settings.validate,
        )
        try:
            return AskSession(session, seed=settings.seed, laws=settings.laws)
        except NoAnswerError as error:
            raise CommandError(f"{settings.session}: no answer to hello: {error}") from None
    if settings.decoder is None and settings.encoder is None:
        raise CommandError("a session, a decoder or an encoder is needed")
    commands = [command for command in (settings.decoder, settings.encoder) if command is not None]
    timeout, transcript = settings.timeout, settings.transcript
    decoder = encoder = None
    if settings.decoder is not None:
        decoder = Decoder(settings.decoder, timeout=timeout, transcript=transcript)
    if settings.encoder is not None:
        encoder = Encoder(settings.encoder, timeout=timeout, transcript=transcript)
    return AskFilters(decoder, encoder, name=" and ".join(commands))


def _known_ids(settings: Settings) -> Collection[str]:
    if settings.known_ids is not None:
        return settings.known_ids
    ids = {case.id for case in settings.cases}
    return ids | {case.id for case in corpus.load().cases} if corpus.path().exists() else ids


def _ask_all(asking: Asking, settings: Settings) -> Iterator[Event]:
    """The results of all cases, and what belongs to each."""
    lost_in_a_row = 0
    control: Case | None = None
    done = 0
    with closing(_results(asking, settings)) as results:
        for result in results:
            done += 1
            yield from _compared(result, settings)
            reason = _lost(result)
            if asking.is_down:
                yield Restarted(result.case, reason or result.reason)
            if reason is not None:
                lost_in_a_row += 1
            elif result.outcome != "skipped":
                lost_in_a_row = 0
                control = result.case
            if lost_in_a_row >= settings.give_up_after:
                if control is None or _lost(asking.ask(control)) is not None:
                    yield GivenUp(f"{lost_in_a_row} cases in a row, the last: {reason}")
                    break
                lost_in_a_row = 0
    for case in settings.cases[done:]:
        yield from _compared(
            Result(case=case, outcome="not run", reason="the run was given up"), settings
        )


def _lost(result: Result) -> str | None:
    """Why there is no answer to a case, or to one of its laws."""
    for found in found_in(result):
        if found.outcome in _LOST:
            return f"{found.outcome}: {found.reason}"
    return None


def _compared(result: Result, settings: Settings) -> Iterator[Event]:
    """A result with its divergences, and what does not agree."""
    if settings.divergences is None:
        yield result
        return
    asks_laws = settings.laws and settings.session is not None
    judged, faults = settings.divergences.judge(result, laws=asks_laws)
    yield judged
    for fault in faults:
        yield Disagreement(result.case.id, fault)


def _results(asking: Asking, settings: Settings) -> Generator[Result]:
    """The results in the order of the cases. Holds two for each job."""
    if settings.session is not None or settings.jobs <= 1:
        for case in settings.cases:
            yield asking.ask(case)
        return
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(settings.jobs) as pool:
        try:
            for case in settings.cases:
                waiting.append(pool.submit(asking.ask, case))
                if len(waiting) >= 2 * settings.jobs:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
            if waiting:
                asking.kill()
