"""Put cases to an implementation, and judge its answers.

Strategy: a driver takes a case and returns a result, through filters or a session alike.
Failures of the implementation are results, never exceptions. A result that passed
carries no items.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, Final, Protocol

from subunit2.conformance.corpus import Case, MultiplexerCase, ReaderCase, WriterCase
from subunit2.conformance.diff import joined
from subunit2.conformance.drivers.filter import Decoder, Encoder
from subunit2.conformance.drivers.process import NoAnswerError, Silence
from subunit2.conformance.drivers.session import Session
from subunit2.conformance.feeding import answers
from subunit2.conformance.laws import check_laws
from subunit2.conformance.multiplexer_verdict import MultiplexerVerdict
from subunit2.conformance.results import Implementation, Result
from subunit2.conformance.verdict import (
    expected_of_writer,
    judge_items,
    judge_written,
    written_form,
)
from subunit2.items import Packet
from subunit2.writer import encode

__all__ = ["Driver", "FilterDriver", "SessionDriver"]

#: The profiles that a decoder and an encoder can be tested for.
_DECODERS: Final = ("packet", "stream", "recovery")
_ENCODERS: Final = ("writer",)

#: A packet that every filter can be tested with.
_GOOD: Final = Packet(test_id="foo", test_status="exists")


class Driver(Protocol):
    """Runs cases against an implementation.

    :ivar implementation: its name, version and claims.
    """

    implementation: Implementation

    def run(self, case: Case) -> Result:
        """Put a case to the implementation, and judge the answer.

        :raises TypeError: for a kind of case that the driver does not know.
        """

    @property
    def is_down(self) -> bool:
        """Whether the process has ended, and the next case starts it again."""

    @property
    def silence(self) -> Silence | None:
        """A command that was asked and has only written to standard error so far."""

    def probe(self, cases: Iterable[Case]) -> None:
        """Put a good packet to each command that these cases ask."""

    def end(self) -> str | None:
        """Let the process end; return the fault if it does not end properly."""

    def kill(self) -> None:
        """Kill the process."""


class SessionDriver:
    """Runs cases in a session.

    :param seed: selects the cuts of long streams.
    :param laws: whether to check laws.
    :raises NoAnswerError: if there is no valid answer to `hello`.
    """

    def __init__(self, session: Session, *, seed: int, laws: bool) -> None:
        self._session = session
        self._seed = seed
        self._laws = laws
        try:
            self.implementation = session.start()
        except NoAnswerError:
            session.kill()
            raise

    @property
    def is_down(self) -> bool:
        """Whether the process has ended, and the next case starts it again."""
        return self._session.is_down

    @property
    def silence(self) -> Silence | None:
        """The session, if it was asked and has only written to standard error so far."""
        return self._session.silence

    def probe(self, cases: Iterable[Case]) -> None:
        """Put a good packet to a session that has not described itself."""
        self._session.probe(_GOOD.to_dict())

    def run(self, case: Case) -> Result:
        """Put a case to the implementation, and judge the answer.

        :raises TypeError: for a kind of case other than reader, writer and multiplexer.
        """
        if case.profile not in self.implementation.profiles:
            return _skipped(case, f"the profile {case.profile} is not claimed")
        match case:
            case ReaderCase():
                return self._run_reader(case)
            case WriterCase():
                return _run_writer(
                    case, lambda: self._session.encode(case.packet, split=case.split)
                )
            case MultiplexerCase():
                return self._run_multiplexer(case)
        raise TypeError(type(case).__name__)

    def end(self) -> str | None:
        """Let the process end; return the fault if it does not end properly."""
        try:
            self._session.bye()
        except NoAnswerError as error:
            return f"after `bye`: {error.outcome}: {error.reason}"
        return None

    def kill(self) -> None:
        """Kill the process."""
        self._session.kill()

    def _run_reader(self, case: ReaderCase) -> Result:
        stream = case.stream
        items: list[dict[str, Any]] = []
        try:
            for answer in answers(self._session, stream, stops=case.stops):
                items += answer.items
        except NoAnswerError as error:
            return _failed(case, error, case.items, joined(items) or None)
        result = _judged_reader(case, items)
        if result.outcome != "passed" or not self._laws:
            return result
        is_live = self.implementation.live and "stream" in self.implementation.profiles
        laws = check_laws(
            self._session,
            stream,
            expected=case.items,
            waits=case.waits if is_live else None,
            stops=case.stops,
            seed=self._seed,
        )
        return Result(case=case, outcome="passed", laws=laws)

    def _run_multiplexer(self, case: MultiplexerCase) -> Result:
        verdict = MultiplexerVerdict(case)
        try:
            self._session.open_multiplexer(case.routes)
            for feed in case.feeds:
                if feed.octets is not None:
                    answer = self._session.feed_input(feed.input, feed.octets)
                elif feed.is_stop:
                    answer = self._session.stop_input(feed.input)
                else:
                    answer = self._session.close_input(feed.input)
                if (reason := verdict.judge_answer(answer)) is not None:
                    return _wrong(case, reason, verdict.expected, verdict.actual)
        except NoAnswerError as error:
            return _failed(case, error, verdict.expected, verdict.actual)
        if (reason := verdict.judge_end()) is not None:
            return _wrong(case, reason, verdict.expected, verdict.actual)
        return Result(case=case, outcome="passed")


class FilterDriver:
    """Runs cases with a decoder, an encoder, or both. Threads may share it.

    A program that does nothing passes the case of an empty stream, and a program that
    always fails passes every refusal. So such an answer passes only if the filter can
    read, or write, a valid packet.
    """

    #: Each case has its own process, so none is started again.
    is_down = False

    def __init__(self, decoder: Decoder | None, encoder: Encoder | None, name: str) -> None:
        self._decoder = decoder
        self._encoder = encoder
        profiles = (_DECODERS if decoder else ()) + (_ENCODERS if encoder else ())
        self.implementation = Implementation(name=name, profiles=profiles)

    def run(self, case: Case) -> Result:
        """Put a case to the implementation, and judge the answer."""
        if isinstance(case, ReaderCase):
            return self._run_decoder(case)
        if not isinstance(case, WriterCase):
            return _skipped(case, "filters are not tested as multiplexers")
        if self._encoder is None:
            return _skipped(case, "there is no encoder")
        if case.split:
            return _skipped(case, "an encoder is not tested for splitting")
        encoder = self._encoder
        result = _run_writer(case, lambda: encoder.encode(case.packet))
        if result.outcome == "passed" and case.refused is not None and not self._writes:
            reason = "refused, as is a valid packet"
            return _wrong(case, reason, expected_of_writer(case), written_form(True))
        return result

    @property
    def silence(self) -> Silence | None:
        """A filter that was asked and has only written to standard error so far."""
        for each in (self._decoder, self._encoder):
            if each is not None and each.silence is not None:
                return each.silence
        return None

    def probe(self, cases: Iterable[Case]) -> None:
        """Put a good packet to each filter that these cases ask."""
        kinds = {type(case) for case in cases}
        if self._decoder is not None and ReaderCase in kinds:
            self._decoder.probe(encode(_GOOD))
        if self._encoder is not None and WriterCase in kinds:
            self._encoder.probe(self._encoder.question(_GOOD.to_dict()))

    def end(self) -> str | None:
        """Do nothing: each filter has ended with its case."""
        return None

    def kill(self) -> None:
        """Kill the running filters; their cases count as crashed."""
        for each in (self._decoder, self._encoder):
            if each is not None:
                each.kill()

    def _run_decoder(self, case: ReaderCase) -> Result:
        if self._decoder is None:
            return _skipped(case, "there is no decoder")
        if case.stops:
            return _skipped(case, "a filter cannot be told to stop waiting")
        try:
            items = self._decoder.decode(case.stream)
        except NoAnswerError as error:
            return _failed(case, error, case.items, None)
        if not case.items and not items and not self._reads:
            return _wrong(case, "no items, and none from a valid packet either", [], [])
        return _judged_reader(case, items)

    @cached_property
    def _writes(self) -> bool:
        """Whether the encoder writes a valid packet."""
        try:
            return self._encoder is not None and isinstance(
                self._encoder.encode(_GOOD.to_dict()), bytes
            )
        except NoAnswerError:
            return False

    @cached_property
    def _reads(self) -> bool:
        """Whether the decoder reads a valid packet."""
        try:
            return self._decoder is not None and bool(self._decoder.decode(encode(_GOOD)))
        except NoAnswerError:
            return False


def _judged_reader(case: ReaderCase, items: list[dict[str, Any]]) -> Result:
    if (reason := judge_items(case, items)) is not None:
        return _wrong(case, reason, case.items, joined(items))
    return Result(case=case, outcome="passed")


def _run_writer(case: WriterCase, write: Callable[[], bytes | str | bool]) -> Result:
    try:
        written = write()
    except NoAnswerError as error:
        return _failed(case, error, expected_of_writer(case), None)
    if (reason := judge_written(case, written)) is not None:
        return _wrong(case, reason, expected_of_writer(case), written_form(written))
    return Result(case=case, outcome="passed")


def _wrong(case: Case, reason: str, expected: object, actual: object) -> Result:
    return Result(case=case, outcome="wrong", reason=reason, expected=expected, actual=actual)


def _failed(case: Case, error: NoAnswerError, expected: object, actual: object) -> Result:
    if error.outcome == "unsupported":
        return Result(case=case, outcome="unsupported", reason=error.reason)
    return Result(
        case=case, outcome=error.outcome, reason=error.reason, expected=expected, actual=actual
    )


def _skipped(case: Case, reason: str) -> Result:
    return Result(case=case, outcome="skipped", reason=reason)
