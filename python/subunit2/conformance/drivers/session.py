"""A session: the lock-step protocol of `conformance/HARNESS.md`, the runner's side.

Strategy: a request is a line, and its answer is judged before the next is sent.
What is not an answer as the protocol has it is `malformed`, with one line that tells
the harness's author what it was. Where it is not even clear what was answered (no
JSON, another id), the two are out of step, and the process is ended; `start` begins
a new one. An answer's items are read by `item_from_dict`, which is strict.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from signal import SIGKILL
from typing import Any, Final, NoReturn

from subunit2.conformance.corpus import PROFILES
from subunit2.conformance.drivers.process import (
    Child,
    CommandError,
    NoAnswerError,
    exit_reason,
    split_command,
)
from subunit2.conformance.drivers.schemas import AnswerSchema
from subunit2.conformance.results import Implementation
from subunit2.jsonform import item_from_dict

__all__ = ["PROTOCOL", "Session", "check_item", "show"]

#: The version of the protocol that is spoken here.
PROTOCOL: Final = 1

#: How long a harness may take to end by itself after `bye`, in seconds.
_FAREWELL: Final = 2.0

#: What is shown of an answer that is none, in octets.
_SHOWN: Final = 60

_NOT_HEX: Final = re.compile("[^0-9a-f]")

Transcript = Callable[[str], None]


class Session:
    """A harness that is asked in lock-step.

    It is started by the first request, and again by the one after it was ended.
    Every method raises NoAnswerError where there is no answer to be judged.

    :param timeout: for each answer, in seconds.
    :param validate: whether answers are compared with the schema of the protocol.
    :raises CommandError: where the command is not there.
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

    @property
    def is_down(self) -> bool:
        """Whether the next request has to start it first."""
        return self._child is None

    def start(self) -> Implementation:
        """Start it; what it says of itself."""
        self._child = Child(self._words)
        answer = self._ask(f'"op":"hello","protocol":{PROTOCOL}}}', "name", "profiles")
        try:
            return _implementation(answer)
        except _UnfitError as unfit:
            self._out_of_step(str(unfit))

    def open(self) -> None:
        """A new stream."""
        self._ask_running('"op":"open"}')

    def feed(self, octets: bytes) -> list[dict[str, Any]]:
        """The items that are settled now."""
        return self._items(f'"op":"feed","bytes":"{octets.hex()}"}}')

    def close(self) -> list[dict[str, Any]]:
        """The items that were left."""
        return self._items('"op":"close"}')

    def encode(self, packet: dict[str, Any], *, split: bool = False) -> bytes | str | bool:
        """What it writes, or the key that is wrong; True where it does not say which."""
        more = ',"split":true' if split else ""
        answer = self._ask_running(f'"op":"encode","packet":{_json(packet)}{more}}}')
        if "refused" in answer:
            refused = answer["refused"]
            if "bytes" in answer:
                _malformed("`bytes` and `refused` in one answer")
            if refused is not True and not isinstance(refused, str):
                _malformed("`refused` is neither a key nor true")
            return refused
        return _octets(answer)

    def open_multiplexer(self, routes: list[str]) -> None:
        """A new multiplexer, whose inputs have these codes."""
        self._ask_running(f'"op":"open","routes":{_json(routes)}}}')

    def feed_input(self, input: int, octets: bytes) -> bytes:
        """What the multiplexer writes now."""
        return _octets(self._ask_running(f'"op":"feed","input":{input},"bytes":"{octets.hex()}"}}'))

    def close_input(self, input: int) -> bytes:
        """What the multiplexer writes at the end of an input."""
        return _octets(self._ask_running(f'"op":"close","input":{input}}}'))

    def bye(self) -> None:
        """Let it end; it has to do so by itself, and with 0."""
        if self._child is None:
            return
        try:
            self._ask('"op":"bye"}')
            status = self._child.end(_FAREWELL)
        finally:
            self.kill()
        if status == -SIGKILL:
            raise NoAnswerError("timed out", f"it had not ended after {_FAREWELL:g} s")
        if status != 0:
            raise NoAnswerError("malformed", f"it ended with {exit_reason(status)}, not with 0")

    def kill(self) -> None:
        """End it at once, if it runs."""
        if self._child is not None:
            self._child.end()
            self._child = None

    def _ask_running(self, request: str) -> dict[str, Any]:
        if self._child is None:
            try:
                self.start()
            except CommandError as error:
                raise NoAnswerError("crashed", str(error)) from None
        return self._ask(request)

    def _items(self, request: str) -> list[dict[str, Any]]:
        items = self._ask_running(request).get("items")
        if not isinstance(items, list):
            _malformed("`items` is missing" if items is None else "`items` is no array")
        for place, item in enumerate(items, 1):
            if (fault := check_item(item)) is not None:
                _malformed(f"item {place} of the answer: {fault}")
        return items

    def _ask(self, request: str, *keys: str) -> dict[str, Any]:
        """The answer to a request, which is given without its id."""
        assert self._child is not None
        self._id += 1
        request = f'{{"id":{self._id},{request}\n'
        if self._child.unread:
            self._out_of_step(f"it wrote without being asked: {show(self._child.unread)}")
        if self._transcript is not None:
            self._transcript(f"-> {request[:-1]}")
        try:
            line = self._child.ask(request.encode(), self._timeout)
        except NoAnswerError:
            self.kill()
            raise
        if line is None:
            rest = self._child.unread
            reason = self._child.end_dead()
            self._child = None
            if rest:
                reason += f" (in the middle of an answer: {show(rest)})"
            raise NoAnswerError("crashed", reason)
        if self._transcript is not None:
            self._transcript(f"<- {line.decode('utf-8', 'replace')}")
        answer = self._read(line)
        if self._schema is not None:
            self._schema.check(request, answer)
        for key in keys:
            if key not in answer:
                _malformed(f"`{key}` is missing")
        return answer

    def _read(self, line: bytes) -> dict[str, Any]:
        try:
            answer = json.loads(line.decode())
        except (ValueError, RecursionError):
            self._out_of_step(f"not JSON: {show(line)}")
        if not isinstance(answer, dict):
            self._out_of_step(f"not a JSON object: {show(line)}")
        echoed = answer.get("id")
        if echoed != self._id or isinstance(echoed, bool):
            said = "without an id" if echoed is None else f"with id {_json(echoed)[:_SHOWN]}"
            self._out_of_step(f"answered {said} to request {self._id}")
        if "error" in answer:
            raise NoAnswerError("rejected", _line(answer["error"]))
        if "unsupported" in answer:
            raise NoAnswerError("unsupported", _line(answer["unsupported"]))
        return answer

    def _out_of_step(self, reason: str) -> NoReturn:
        self.kill()
        _malformed(reason)


class _UnfitError(Exception):
    """The answer to `hello` does not say what it has to."""


def check_item(item: object) -> str | None:
    """What makes an answer's item none of `spec/item.schema.json`; None where nothing.

    Place and `raw` can be left out. Values that no packet can have (a test id with
    NUL) are wrong rather than malformed: they are found when items are compared.
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
                return f"{key}: missing; a reader always gives it"
        if not item.get("recovered", True):
            return "recovered: there only when true"
        if ("file_name" in item) != ("file_bytes" in item):
            return "file_name, file_bytes: one without the other"
    return None


def _implementation(answer: dict[str, Any]) -> Implementation:
    profiles = answer["profiles"]
    if not isinstance(profiles, list):
        raise _UnfitError("`profiles` is no array")
    for profile in profiles:
        if profile not in PROFILES:
            raise _UnfitError(f"{_json(profile)} is no profile: {', '.join(PROFILES)}")
    for key in ("name", "version", "language"):
        if not isinstance(answer.get(key, ""), str):
            raise _UnfitError(f"`{key}` is no string")
    live = answer.get("live", True)
    if not isinstance(live, bool):
        raise _UnfitError("`live` is neither true nor false")
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


def _line(said: object) -> str:
    """One line of what a harness says of a failure."""
    text = said if isinstance(said, str) else _json(said)
    lines = text.strip().splitlines() or ["it did not say why"]
    return "".join(each if each.isprintable() else " " for each in lines[0])[:200]


def show(octets: bytes) -> str:
    """The beginning of what is no answer."""
    return repr(octets[:_SHOWN])[1:] + (" ..." if len(octets) > _SHOWN else "")
