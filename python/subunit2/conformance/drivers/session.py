"""A session: the runner's side of the lock-step protocol in `conformance/HARNESS.md`.

Strategy: a request is one line, and its answer is checked before the next request is
sent. An answer that violates the protocol is `malformed`, with one line for the author
of the harness. If it cannot be matched to the request (no JSON, another id), the two
sides are out of step: the process is killed, and the next request starts a new one.
Items are checked by `item_from_dict`, which is strict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from signal import SIGKILL
from typing import Any, Final, NoReturn

from subunit2.conformance.corpus import PROFILES, surrogate_octets
from subunit2.conformance.drivers.process import (
    Child,
    CommandError,
    NoAnswerError,
    Silence,
    exit_reason,
    split_command,
)
from subunit2.conformance.drivers.schemas import AnswerSchema
from subunit2.conformance.results import Implementation
from subunit2.jsonform import item_from_dict

__all__ = ["FAREWELL", "PROTOCOL", "Session", "check_item", "first_line", "show"]

#: The version of the protocol.
PROTOCOL: Final = 1

#: Seconds that a harness has to end by itself after `bye`, or after the end of its input.
FAREWELL: Final = 2.0

#: Octets of a malformed answer that are shown.
_SHOWN: Final = 60

_NOT_HEX: Final = re.compile("[^0-9a-f]")

Transcript = Callable[[str], None]


class Session:
    """A harness that answers requests in lock-step.

    The first request starts it, and so does the first one after it has ended. Every
    request raises NoAnswerError if there is no answer that can be judged.

    :ivar held: how many octets the reader holds, as its last answer says; None if it does not.
    :param timeout: for each answer, in seconds.
    :param transcript: called with each line sent (`->`) and received (`<-`).
    :param validate: whether to check answers against the schema of the protocol.
    :raises CommandError: if the command does not exist.
    """

    def __init__(
        self,
        command: str,
        *,
        timeout: float,
        transcript: Transcript | None = None,
        validate: bool = False,
    ) -> None:
        self._command = command
        self._words = split_command(command)
        self._timeout = timeout
        self._transcript = transcript
        self._schema = AnswerSchema() if validate else None
        self._child: Child | None = None
        self._id = 0
        self.held: int | None = None
        #: Of the process that ended last.
        self.last_error_line = ""

    @property
    def is_down(self) -> bool:
        """Whether the next request has to start the harness."""
        return self._child is None

    @property
    def silence(self) -> Silence | None:
        """None: without an answer to `hello`, there is no session."""
        return None

    def probe(self, packet: dict[str, Any]) -> None:
        """Do nothing: the harness has answered `hello`."""

    @property
    def pid(self) -> int:
        """The process of the harness, which leads its session of processes; 0 if it is down."""
        return 0 if self._child is None else self._child.pid

    def start(self) -> Implementation:
        """Start the harness; return its own description.

        :raises CommandError: if it cannot be started.
        :raises NoAnswerError: if there is no valid answer to `hello`.
        """
        self._child = Child(self._words)
        answer = self._request(f'"op":"hello","protocol":{PROTOCOL}}}', "name", "profiles")
        try:
            return _implementation(answer)
        except _InvalidHelloError as error:
            self._out_of_step(str(error))

    def open(self) -> None:
        """Start a new stream."""
        self._request_running('"op":"open"}')

    def feed(self, octets: bytes) -> list[dict[str, Any]]:
        """Feed octets; return the items that are settled now."""
        return self._items(f'"op":"feed","bytes":"{octets.hex()}"}}')

    def stop(self) -> list[dict[str, Any]]:
        """Stop waiting for octets; return the items of those held. The stream goes on."""
        return self._items('"op":"stop"}')

    def close(self) -> list[dict[str, Any]]:
        """End the stream; return the remaining items."""
        return self._items('"op":"close"}')

    def encode(self, packet: dict[str, Any], *, split: bool = False) -> bytes | str | bool:
        """Return the octets of a packet, or the refused key, True if it is not named."""
        # In front of the packet: a harness without JSON takes all behind `"packet":` for it.
        octets = surrogate_octets(packet)
        before = f'"octets":{_json(octets)},' if octets else ""
        more = ',"split":true' if split else ""
        answer = self._request_running(f'"op":"encode",{before}"packet":{_json(packet)}{more}}}')
        if "refused" in answer:
            refused = answer["refused"]
            if "bytes" in answer:
                _malformed("`bytes` and `refused` in one answer")
            if refused is not True and not isinstance(refused, str):
                _malformed("`refused` is neither a key nor true")
            return refused
        return _octets(answer)

    def open_multiplexer(self, routes: list[str]) -> None:
        """Start a new multiplexer whose inputs have these route codes."""
        self._request_running(f'"op":"open","routes":{_json(routes)}}}')

    def feed_input(self, input: int, octets: bytes) -> bytes:
        """Feed octets to an input; return the output of the multiplexer."""
        return _octets(
            self._request_running(f'"op":"feed","input":{input},"bytes":"{octets.hex()}"}}')
        )

    def stop_input(self, input: int) -> bytes:
        """Stop waiting for octets of an input; return the output of the multiplexer."""
        return _octets(self._request_running(f'"op":"stop","input":{input}}}'))

    def close_input(self, input: int) -> bytes:
        """End an input; return the output of the multiplexer."""
        return _octets(self._request_running(f'"op":"close","input":{input}}}'))

    def bye(self) -> None:
        """Tell the harness to end, and wait until it does.

        :raises NoAnswerError: if it does not answer, does not end by itself, or ends
            with another exit status than 0.
        """
        if self._child is None:
            return
        try:
            self._request('"op":"bye"}')
            status = self._child.end(FAREWELL)
        finally:
            self.kill()
        if status == -SIGKILL:
            raise NoAnswerError("timed out", f"it had not ended after {FAREWELL:g} s")
        if status != 0:
            raise NoAnswerError("malformed", f"it ended with {exit_reason(status)}, not with 0")

    def kill(self) -> None:
        """Kill the harness, if it runs."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def _request_running(self, request: str) -> dict[str, Any]:
        self._start_if_down()
        return self._request(request)

    def _start_if_down(self) -> None:
        if self._child is None:
            try:
                self.start()
            except CommandError as error:
                raise NoAnswerError("crashed", str(error)) from None

    def _items(self, request: str) -> list[dict[str, Any]]:
        answer = self._request_running(request)
        items = answer.get("items")
        if not isinstance(items, list):
            _malformed("`items` is missing" if items is None else "`items` is no array")
        for number, item in enumerate(items, 1):
            if (fault := check_item(item)) is not None:
                _malformed(f"item {number} of the answer: {fault}")
        held = answer.get("held")
        if held is not None and (type(held) is not int or held < 0):
            _malformed("`held` is no number of octets")
        self.held = held
        return items

    def _request(self, request: str, *keys: str) -> dict[str, Any]:
        """Send a request, and return the answer.

        :param request: without the brace and the id that it starts with.
        :param keys: keys that the answer has to have.
        """
        self._id += 1
        request = f'{{"id":{self._id},{request}\n'
        answer = self._read(self._exchange(request))
        if self._schema is not None:
            self._schema.check(request, answer)
        for key in keys:
            if key not in answer:
                _malformed(f"`{key}` is missing")
        return answer

    def _exchange(self, request: str) -> bytes:
        """Send the lines of a request, and return the line of the answer."""
        assert self._child is not None
        if self._child.unread:
            self._out_of_step(f"it wrote without being asked: {show(self._child.unread)}")
        if self._transcript is not None:
            for sent in request.splitlines():
                self._transcript(f"-> {sent}")
        try:
            line = self._child.request(request.encode(), self._timeout)
        except NoAnswerError:
            self.kill()
            raise
        if line is None:
            rest = self._child.unread
            reason = self._child.reap()
            self.last_error_line = self._child.last_error_line
            self._child = None
            if rest:
                reason += f" (in the middle of an answer: {show(rest)})"
            raise NoAnswerError("crashed", reason)
        if self._transcript is not None:
            self._transcript(f"<- {line.decode('utf-8', 'replace')}")
        return line

    def _read(self, line: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(line.decode())
        except (ValueError, RecursionError):
            self._out_of_step(f"not JSON: {show(line)}")
        if not isinstance(answer, dict):
            self._out_of_step(f"not a JSON object: {show(line)}")
        echoed = answer.get("id")
        if echoed != self._id or isinstance(echoed, bool):
            shown = "without an id" if echoed is None else f"with id {_json(echoed)[:_SHOWN]}"
            self._out_of_step(f"answered {shown} to request {self._id}")
        if "error" in answer:
            raise NoAnswerError("rejected", first_line(answer["error"]))
        if "unsupported" in answer:
            raise NoAnswerError("unsupported", first_line(answer["unsupported"]))
        return answer

    def _out_of_step(self, reason: str) -> NoReturn:
        self.kill()
        _malformed(reason)


class _InvalidHelloError(Exception):
    """The answer to `hello` lacks a key, or has an invalid value."""


def check_item(item: object) -> str | None:
    """Return the fault by which an item violates `spec/item.schema.json`; None if none.

    `offset`, `length` and `raw` are optional. Values that no packet can have (a test id
    with NUL) are wrong rather than malformed: comparing the items finds them.
    """
    if not isinstance(item, dict):
        return "not an object"
    try:
        item_from_dict(item)
    except ValueError as error:
        return str(error)
    if "kind" not in item:
        return "kind: missing"
    if item["kind"] == "packet":
        for key in ("runnable", "eof"):
            if key not in item:
                return f"{key}: missing; it is required"
        if not item.get("recovered", True):
            return "recovered: allowed only when true"
        if ("file_name" in item) != ("file_bytes" in item):
            return "file_name, file_bytes: one without the other"
    return None


def _implementation(answer: dict[str, Any]) -> Implementation:
    profiles = answer["profiles"]
    if not isinstance(profiles, list):
        raise _InvalidHelloError("`profiles` is no array")
    for profile in profiles:
        if profile not in PROFILES:
            raise _InvalidHelloError(f"{_json(profile)} is no profile: {', '.join(PROFILES)}")
    for key in ("name", "version", "language"):
        if not isinstance(answer.get(key, ""), str):
            raise _InvalidHelloError(f"`{key}` is no string")
    live = answer.get("live", True)
    if not isinstance(live, bool):
        raise _InvalidHelloError("`live` is neither true nor false")
    return Implementation(
        name=answer["name"],
        version=answer.get("version", ""),
        language=answer.get("language", ""),
        profiles=tuple(profiles),
        live=live,
    )


def _octets(answer: dict[str, Any]) -> bytes:
    octets = answer.get("bytes")
    if octets is None:
        _malformed("`bytes` is missing")
    if not isinstance(octets, str) or len(octets) % 2 or _NOT_HEX.search(octets):
        _malformed("`bytes` is not hex: two of 0-9 a-f for each octet, in lower case")
    return bytes.fromhex(octets)


def _malformed(reason: str) -> NoReturn:
    raise NoAnswerError("malformed", reason)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def first_line(said: object) -> str:
    """Return the first line of a harness's own reason."""
    text = said if isinstance(said, str) else _json(said)
    lines = text.strip().splitlines() or ["no reason given"]
    return "".join(each if each.isprintable() else " " for each in lines[0])[:200]


def show(octets: bytes) -> str:
    """Return the beginning of a malformed answer, quoted."""
    return repr(octets[:_SHOWN])[1:] + (" ..." if len(octets) > _SHOWN else "")
