"""A session in lines, for writers: `run --session CMD --questions lines`.

Strategy: as a session in JSON, but a request is a question of several lines (`questions`),
and the answer one line without an id. There is no `hello` and no `bye`: the program claims
the profile `writer`, and ends when its input does.
"""

from __future__ import annotations

import re
from functools import cached_property
from signal import SIGKILL
from typing import Any, Final

from subunit2.conformance.drivers.process import (
    Answers,
    Child,
    NoAnswerError,
    Silence,
    exit_reason,
)
from subunit2.conformance.drivers.questions import question
from subunit2.conformance.drivers.session import FAREWELL, Session, first_line, show
from subunit2.conformance.results import Implementation

__all__ = ["LineSession"]

_HEX: Final = re.compile(rb"(?:[0-9a-f]{2})*")
_ALMOST_HEX: Final = re.compile(rb"[0-9A-Fa-f]*")


class LineSession(Session):
    """A program that answers questions in lines. It can be asked as a writer only."""

    @cached_property
    def _answers(self) -> Answers:
        return Answers(self._command)

    @property
    def silence(self) -> Silence | None:
        """The program, if it has only written to standard error so far."""
        return self._answers.silence

    def probe(self, packet: dict[str, Any]) -> None:
        """Ask for a packet, since the program does not describe itself."""
        transcript, self._transcript = self._transcript, None
        try:
            self.encode(packet)
        except NoAnswerError:
            pass
        finally:
            self._transcript = transcript

    def start(self) -> Implementation:
        """Start the program, which does not describe itself.

        :raises CommandError: if it cannot be started.
        """
        self._child = Child(self._words)
        return Implementation(name=self._command, profiles=("writer",))

    def encode(self, packet: dict[str, Any], *, split: bool = False) -> bytes | str | bool:
        """Return the octets of a packet, or the refused key, True if it is not named."""
        self._start_if_down()
        self._answers.ask()
        try:
            line = self._exchange(question(packet, split=split)).removesuffix(b"\r")
        except NoAnswerError as error:
            # A fault of its own, unless it ended with a message.
            complaint = self.last_error_line
            is_answer = error.outcome != "crashed" or not complaint
            self._answers.note(is_answer=is_answer, complaint=complaint)
            raise
        self._answers.note(is_answer=True)
        if _HEX.fullmatch(line):
            return bytes.fromhex(line.decode())
        word, _, rest = line.partition(b" ")
        said = rest.decode("utf-8", "replace").strip()
        match word:
            case b"refused":
                return said or True
            case b"unsupported":
                raise NoAnswerError("unsupported", first_line(said))
            case b"error":
                raise NoAnswerError("rejected", first_line(said))
        if not _ALMOST_HEX.fullmatch(line):
            # It may be no answer at all, such as a message: the two may be out of step.
            self.kill()
        raise NoAnswerError(
            "malformed",
            f"neither lower-case hex, nor `refused`, `unsupported` or `error`: {show(line)}",
        )

    def bye(self) -> None:
        """End the input of the program, and wait until it ends.

        :raises NoAnswerError: if it does not, or ends with another exit status than 0.
        """
        if self._child is None:
            return
        try:
            status = self._child.end(FAREWELL)
        finally:
            self.kill()
        if status == -SIGKILL:
            raise NoAnswerError("timed out", f"{FAREWELL:g} s after its input ended, it had not")
        if status != 0:
            raise NoAnswerError("malformed", f"it ended with {exit_reason(status)}, not with 0")
