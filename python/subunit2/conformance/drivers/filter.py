"""Filters: a decoder or an encoder that is started once a case.

Strategy: the whole input goes in and the whole output comes out, within a time and
within a size that belongs to the input. Then the exit status says what the output
is: see `conformance/HARNESS.md`. A filter that stops reading before the end of its
input is judged by what it wrote.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from subunit2.conformance.drivers.process import (
    Child,
    CommandError,
    NoAnswerError,
    exit_reason,
    split_command,
)
from subunit2.conformance.drivers.session import check_item, show

__all__ = ["Decoder", "Encoder"]

#: The exit status by which a filter says that it does not have what it was asked.
UNSUPPORTED: Final = 77

#: The exit status by which an encoder refuses.
REFUSED: Final = 1

#: Output is malformed beyond so many octets, and so many for each octet of input: an
#: item of 8 octets has a line of 100.
_OUTPUT: Final = 1 << 20
_OUTPUT_PER_OCTET: Final = 32


class _Filter:
    #: Whether its output is lines.
    _is_text: bool

    def __init__(
        self, command: str, *, timeout: float, transcript: Callable[[str], None] | None = None
    ) -> None:
        self._words = split_command(command)
        self._timeout = timeout
        self._transcript = transcript
        self._running: set[Child] = set()

    def kill(self) -> None:
        """End all that run."""
        for child in tuple(self._running):
            child.kill()

    def _run(self, request: str, octets: bytes, *, good: tuple[int, ...]) -> tuple[int, bytes]:
        """One run: its exit status, which is one of `good`, and its output.

        :param request: what the transcript says of the octets.
        """
        try:
            status, output = self._run_once(octets, good=good)
        except NoAnswerError as error:
            self._note(f"-> {request}", f"<- ({error})")
            raise
        lines = output.decode("utf-8", "replace").splitlines() if self._is_text else [output.hex()]
        said = [f"<- ({exit_reason(status)})"] if status else []
        self._note(f"-> {request}", *(f"<- {line}" for line in lines if line), *said)
        return status, output

    def _run_once(self, octets: bytes, *, good: tuple[int, ...]) -> tuple[int, bytes]:
        try:
            child = Child(self._words)
        except CommandError as error:
            raise NoAnswerError("crashed", str(error)) from None
        self._running.add(child)
        try:
            limit = _OUTPUT + _OUTPUT_PER_OCTET * len(octets)
            status, output = child.run(octets, self._timeout, limit)
        finally:
            self._running.discard(child)
            child.end()
        complaint = child.complaint
        if status == UNSUPPORTED and not output:
            raise NoAnswerError("unsupported", complaint or exit_reason(status))
        if status not in good:
            reason = exit_reason(status) + (f": {complaint}" if complaint else "")
            raise NoAnswerError("crashed" if status < 0 else "rejected", reason)
        return status, output

    def _note(self, *lines: str) -> None:
        if self._transcript is not None:
            # At once, so that those of several filters are not mixed.
            for line in lines:
                self._transcript(line)


class Decoder(_Filter):
    """A stream on its standard input, JSON Lines on its standard output.

    :param timeout: for a run, in seconds.
    :raises CommandError: where the command is not there.
    """

    _is_text = True

    def decode(self, stream: bytes) -> list[dict[str, Any]]:
        """What it makes of a stream.

        :raises NoAnswerError: where it makes nothing of it that could be judged.
        """
        _, output = self._run(stream.hex(), stream, good=(0,))
        lines = output.split(b"\n")
        if not lines[-1]:
            lines.pop()
        return [_item(number, line) for number, line in enumerate(lines, 1)]


class Encoder(_Filter):
    """A packet as JSON on its standard input, its octets on its standard output.

    :param timeout: for a run, in seconds.
    :raises CommandError: where the command is not there.
    """

    _is_text = False

    def encode(self, packet: dict[str, Any]) -> bytes | bool:
        """What it writes; True where it refuses.

        :raises NoAnswerError: where it does neither.
        """
        request = json.dumps(packet, separators=(",", ":"))
        status, output = self._run(request, request.encode() + b"\n", good=(0, REFUSED))
        if status != REFUSED:
            return output
        if output:
            raise NoAnswerError(
                "malformed", f"exit status {REFUSED}, and {len(output):,} octets all the same"
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
