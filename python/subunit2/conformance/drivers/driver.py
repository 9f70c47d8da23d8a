"""A case put to an implementation, and what becomes of it.

Strategy: whichever way the implementation is plugged in, a case goes in and a
result comes out; nothing that an implementation does is raised from here. A result
that passed carries no items.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final, Protocol

from subunit2.conformance.corpus import Case, MultiplexerCase, ReaderCase, WriterCase
from subunit2.conformance.diff import joined
from subunit2.conformance.drivers.filter import Decoder, Encoder
from subunit2.conformance.drivers.process import NoAnswerError
from subunit2.conformance.drivers.session import Session
from subunit2.conformance.laws import check_laws
from subunit2.conformance.results import Implementation, Result
from subunit2.conformance.verdict import (
    MultiplexerVerdict,
    expected_of_writer,
    judge_items,
    judge_written,
    written_form,
)
from subunit2.items import Packet
from subunit2.writer import encode

__all__ = ["AskFilters", "AskSession", "Asking"]

#: The profiles that filters can be asked for.
_DECODERS: Final = ("packet", "stream", "recovery")
_ENCODERS: Final = ("writer",)


#: A packet that every filter can be asked for.
_GOOD: Final = Packet(test_id="foo", test_status="exists")


class Asking(Protocol):
    """What cases can be put to.

    :ivar implementation: what it says of itself.
    """

    implementation: Implementation

    def ask(self, case: Case) -> Result:
        """Put a case to it."""

    @property
    def is_down(self) -> bool:
        """Whether its process was ended, and will be started again."""

    def end(self) -> str | None:
        """End it; what is wrong with how it ended, in one line."""

    def kill(self) -> None:
        """End it at once."""


class AskSession:
    """An implementation behind a session.

    :param seed: of the cuts of long streams.
    :param laws: whether laws are asked.
    :raises NoAnswerError: where it does not answer `hello` as it should.
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
        """Whether its process was ended, and will be started again."""
        return self._session.is_down

    def ask(self, case: Case) -> Result:
        """Put a case to it."""
        if case.profile not in self.implementation.profiles:
            return _skipped(case, f"the profile {case.profile} is not claimed")
        match case:
            case ReaderCase():
                return self._ask_reader(case)
            case WriterCase():
                return _ask_writer(
                    case, lambda: self._session.encode(case.packet, split=case.split)
                )
            case MultiplexerCase():
                return self._ask_multiplexer(case)
        raise TypeError(type(case).__name__)

    def end(self) -> str | None:
        """End it; what is wrong with how it ended, in one line."""
        try:
            self._session.bye()
        except NoAnswerError as error:
            return f"after `bye`: {error.outcome}: {error.reason}"
        return None

    def kill(self) -> None:
        """End it at once."""
        self._session.kill()

    def _ask_reader(self, case: ReaderCase) -> Result:
        stream = case.stream
        items: list[dict[str, Any]] = []
        try:
            self._session.open()
            if stream:
                items += self._session.feed(stream)
            items += self._session.close()
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
            seed=self._seed,
        )
        return Result(case=case, outcome="passed", laws=laws)

    def _ask_multiplexer(self, case: MultiplexerCase) -> Result:
        verdict = MultiplexerVerdict(case)
        try:
            self._session.open_multiplexer(case.routes)
            for feed in case.feeds:
                if feed.octets is None:
                    answer = self._session.close_input(feed.input)
                else:
                    answer = self._session.feed_input(feed.input, feed.octets)
                if (reason := verdict.judge_answer(answer)) is not None:
                    return _wrong(case, reason, verdict.expected, verdict.actual)
        except NoAnswerError as error:
            return _failed(case, error, verdict.expected, verdict.actual)
        if (reason := verdict.judge_end()) is not None:
            return _wrong(case, reason, verdict.expected, verdict.actual)
        return Result(case=case, outcome="passed")


class AskFilters:
    """An implementation as a decoder, an encoder, or both.

    Can be asked by several threads at once.

    A program that does nothing makes no item of an empty stream, and one that always
    fails refuses what is wrong: where that is the right answer, it counts only from
    a filter that makes something of a good packet.
    """

    #: Each case has a process of its own.
    is_down = False

    def __init__(self, decoder: Decoder | None, encoder: Encoder | None, name: str) -> None:
        self._decoder = decoder
        self._encoder = encoder
        profiles = (_DECODERS if decoder else ()) + (_ENCODERS if encoder else ())
        self.implementation = Implementation(name=name, profiles=profiles)

    def ask(self, case: Case) -> Result:
        """Put a case to it."""
        if isinstance(case, ReaderCase):
            return self._ask_decoder(case)
        if not isinstance(case, WriterCase):
            return _skipped(case, "filters are not asked for a multiplexer")
        if self._encoder is None:
            return _skipped(case, "there is no encoder")
        if case.split:
            return _skipped(case, "an encoder is not asked to split")
        encoder = self._encoder
        result = _ask_writer(case, lambda: encoder.encode(case.packet))
        if result.outcome == "passed" and case.refused is not None and not self._writes:
            reason = "refused, as is a packet that nothing is wrong with"
            return _wrong(case, reason, expected_of_writer(case), written_form(True))
        return result

    def end(self) -> str | None:
        """Nothing is left of it."""
        return None

    def kill(self) -> None:
        """End what runs of it; whoever waits for that is told that it crashed."""
        for each in (self._decoder, self._encoder):
            if each is not None:
                each.kill()

    def _ask_decoder(self, case: ReaderCase) -> Result:
        if self._decoder is None:
            return _skipped(case, "there is no decoder")
        try:
            items = self._decoder.decode(case.stream)
        except NoAnswerError as error:
            return _failed(case, error, case.items, None)
        if not case.items and not items and not self._reads:
            return _wrong(case, "no items, and none of a stream of one packet", [], [])
        return _judged_reader(case, items)

    @cached_property
    def _writes(self) -> bool:
        """Whether the encoder writes a packet that nothing is wrong with."""
        try:
            return self._encoder is not None and isinstance(
                self._encoder.encode(_GOOD.to_dict()), bytes
            )
        except NoAnswerError:
            return False

    @cached_property
    def _reads(self) -> bool:
        """Whether the decoder makes an item of a good packet."""
        try:
            return self._decoder is not None and bool(self._decoder.decode(encode(_GOOD)))
        except NoAnswerError:
            return False


def _judged_reader(case: ReaderCase, items: list[dict[str, Any]]) -> Result:
    if (reason := judge_items(case, items)) is not None:
        return _wrong(case, reason, case.items, joined(items))
    return Result(case=case, outcome="passed")


def _ask_writer(case: WriterCase, ask: Callable[[], bytes | str | bool]) -> Result:
    try:
        written = ask()
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
