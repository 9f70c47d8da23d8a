"""Filters: a decoder or an encoder, started once for each case.

Strategy: write the whole input and read the whole output, within a timeout and a limit
that grows with the input. The exit status then tells an answer from a refusal and from
`unsupported`: see `conformance/HARNESS.md`. A filter that stops reading early is judged
by its output.

A command that cannot be started, such as an interpreter without its script, writes to
standard error and nothing else. As long as a filter has done only that, it has not answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from subunit2.conformance.drivers.process import (
    Answers,
    Child,
    CommandError,
    NoAnswerError,
    Silence,
    exit_reason,
    split_command,
)
from subunit2.conformance.drivers.questions import Questions, question
from subunit2.conformance.drivers.session import check_item, show

__all__ = ["Decoder", "Encoder"]

#: Exit status of a filter that does not support the case.
UNSUPPORTED: Final = 77

#: Exit status of an encoder that refuses the packet.
REFUSED: Final = 1

#: The limit of the output in octets: a constant, and a share for each octet of input. An
#: item of 8 octets takes a line of 100.
_OUTPUT: Final = 1 << 20
_OUTPUT_PER_OCTET: Final = 32


class _Filter:
    #: Whether the output consists of lines.
    _is_text: bool

    def __init__(
        self, command: str, *, timeout: float, transcript: Callable[[str], None] | None = None
    ) -> None:
        self._words = split_command(command)
        self._timeout = timeout
        self._transcript = transcript
        self._running: set[Child] = set()
        self._answers = Answers(command)
        self._start_error = ""

    @property
    def silence(self) -> Silence | None:
        """Not None if each run so far wrote to standard error and nothing else."""
        return self._answers.silence

    def probe(self, octets: bytes) -> None:
        """Run the filter with a good input, and ignore the answer but for its silence.

        :raises CommandError: if it cannot be started.
        """
        with suppress(NoAnswerError):
            self._run_once(octets, good=())
        if self._start_error:
            raise CommandError(self._start_error)

    def kill(self) -> None:
        """Kill the running processes."""
        for child in tuple(self._running):
            child.kill()

    def _run(self, request: str, octets: bytes, *, good: tuple[int, ...]) -> tuple[int, bytes]:
        """Run the filter; return its exit status, one of `good`, and its output.

        :param request: the input as the transcript shows it.
        """
        sent = [f"-> {line}" for line in request.splitlines()] or ["-> "]
        try:
            status, output = self._run_once(octets, good=good)
        except NoAnswerError as error:
            self._note(*sent, f"<- ({error})")
            raise
        lines = output.decode("utf-8", "replace").splitlines() if self._is_text else [output.hex()]
        said = [f"<- ({exit_reason(status)})"] if status else []
        self._note(*sent, *(f"<- {line}" for line in lines if line), *said)
        return status, output

    def _run_once(self, octets: bytes, *, good: tuple[int, ...]) -> tuple[int, bytes]:
        self._answers.ask()
        try:
            child = Child(self._words)
        except CommandError as error:
            self._start_error = str(error)
            raise NoAnswerError("crashed", str(error)) from None
        self._running.add(child)
        try:
            limit = _OUTPUT + _OUTPUT_PER_OCTET * len(octets)
            status, output = child.run(octets, self._timeout, limit)
        except NoAnswerError:
            # A fault of its own: a time-out, or too much output.
            self._answers.note(is_answer=True)
            raise
        finally:
            self._running.discard(child)
            child.end()
        complaint = child.last_error_line
        is_answer = bool(output) or status == UNSUPPORTED or not complaint
        self._answers.note(is_answer=is_answer, complaint=complaint)
        if status == UNSUPPORTED and not output:
            raise NoAnswerError("unsupported", complaint or exit_reason(status))
        if status not in good:
            reason = exit_reason(status) + (f": {complaint}" if complaint else "")
            raise NoAnswerError("crashed" if status < 0 else "rejected", reason)
        return status, output

    def _note(self, *lines: str) -> None:
        if self._transcript is not None:
            # All lines of a run together: filters may run side by side.
            for line in lines:
                self._transcript(line)


class Decoder(_Filter):
    """A program that reads a stream on standard input and writes JSON Lines.

    :param timeout: for a run, in seconds.
    :raises CommandError: if the command does not exist.
    """

    _is_text = True

    def decode(self, stream: bytes) -> list[dict[str, Any]]:
        """Return the items that the program reads from a stream.

        :raises NoAnswerError: if it gives no answer that can be judged.
        """
        _, output = self._run(stream.hex(), stream, good=(0,))
        lines = output.split(b"\n")
        if not lines[-1]:
            lines.pop()
        return [_item(number, line) for number, line in enumerate(lines, 1)]


class Encoder(_Filter):
    """A program that reads a packet on standard input and writes its octets.

    :param timeout: for a run, in seconds.
    :param questions: the form of the packet: a line of JSON, or lines.
    :raises CommandError: if the command does not exist.
    """

    _is_text = False

    def __init__(
        self,
        command: str,
        *,
        timeout: float,
        transcript: Callable[[str], None] | None = None,
        questions: Questions = "json",
    ) -> None:
        super().__init__(command, timeout=timeout, transcript=transcript)
        self._questions = questions

    def question(self, packet: dict[str, Any]) -> bytes:
        """Return the input that asks for a packet."""
        if self._questions == "lines":
            return question(packet).encode()
        return json.dumps(packet, separators=(",", ":")).encode() + b"\n"

    def encode(self, packet: dict[str, Any]) -> bytes | bool:
        """Return the octets that the program writes, or True if it refuses.

        :raises NoAnswerError: if it does neither.
        """
        request = self.question(packet)
        status, output = self._run(request.decode(), request, good=(0, REFUSED))
        if status != REFUSED:
            return output
        if output:
            raise NoAnswerError(
                "malformed", f"exit status {REFUSED}, and {len(output):,} octets of output"
            )
        return True


def _item(number: int, line: bytes) -> dict[str, Any]:
    try:
        item = json.loads(line.decode())
    except (ValueError, RecursionError):
        raise NoAnswerError("malformed", f"line {number}: not JSON: {show(line)}") from None
    if (fault := check_item(item)) is not None:
        raise NoAnswerError("malformed", f"line {number}: {fault}")
    form: dict[str, Any] = item
    return form
