"""Compare the output of a multiplexer with the expected one, answer by answer.

Strategy: an answer is read as packets, and each is one of three. A packet with the octets
that are due next is forwarded. A packet without a test id that holds a file is wrapped
output. A packet of the test `subunit.parser` is part of a report of damage. The latter two
are the multiplexer's own: their sizes and texts are free, so only their contents are
compared, joined. But each has to keep the rules of its kind, which depend on the state of
its input.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import zip_longest
from typing import Any, Final

from subunit2.conformance.corpus import Feed, MultiplexerCase, Report, Wrapped, Written
from subunit2.conformance.diff import common_length, quoted
from subunit2.conformance.verdict import octet_difference
from subunit2.items import Packet
from subunit2.plural import count
from subunit2.reader import Reader

__all__ = ["MultiplexerVerdict"]

#: The name of the file that output becomes (`wrap.origin`).
_OUTPUT: Final = "stdout"

#: The test of a report, and its two files with their MIME types (`damage.report`).
_PARSER: Final = "subunit.parser"
_DATA: Final = "Packet data"
_REASON: Final = "Parser Error"
_MIME_TYPES: Final = {_DATA: "application/octet-stream", _REASON: "text/plain;charset=utf8"}


class _FaultError(Exception):
    """A packet breaks a rule; the text is one line."""


class MultiplexerVerdict:
    """Judges the output of a multiplexer, answer by answer."""

    def __init__(self, case: MultiplexerCase) -> None:
        self._feeds = case.feeds
        self._wrapped = case.wrapped
        self._lists_wrapped = case.lists_wrapped
        # Inputs that share a route have one report at a time (`damage.one-report`).
        reports = {route: _Reports() for route in case.routes}
        self._inputs = [_Input(route, reports[route]) for route in case.routes]
        self._answers: list[list[Written]] = []

    @property
    def expected(self) -> Any:
        """The expected output as a JSON value."""
        return {
            "feeds": [list(map(_form, _joined(feed.output))) for feed in self._feeds],
            "wrapped": [octets.hex() for octets in self._wrapped],
        }

    @property
    def actual(self) -> Any:
        """The output so far, in the same form. A packet that breaks a rule is in hex."""
        return {
            "feeds": [list(map(_form, answer)) for answer in self._answers],
            "wrapped": [bytes(each.wrapped).hex() for each in self._inputs],
        }

    def judge_answer(self, octets: bytes) -> str | None:
        """Return the fault of the octets written after the next feed; None if there is none."""
        feed = self._feeds[len(self._answers)]
        parts: list[Written] = []
        fault = None
        try:
            self._read(octets, feed, parts)
        except _FaultError as error:
            fault = str(error)
        answer = _joined(parts)
        self._answers.append(answer)
        if fault is None:
            fault = _difference(_joined(feed.output), answer)
        if fault is None:
            is_end = feed.octets is None and not feed.is_stop
            fault = self._inputs[feed.input].fault_behind_answer(is_end=is_end)
        return None if fault is None else f"feed {len(self._answers)}: {fault}"

    def judge_end(self) -> str | None:
        """Return the fault of the wrapped octets, after the last feed; None if there is none."""
        for each, expected in zip(self._inputs, self._wrapped, strict=True):
            source = f"of the wrapped output of input {quoted(each.route)}"
            if (fault := _content_difference(expected, bytes(each.wrapped), source)) is not None:
                return fault
        return None

    def _read(self, octets: bytes, feed: Feed, parts: list[Written]) -> None:
        """Add the parts of an answer.

        :raises _FaultError: for a packet that breaks a rule, after it was added whole.
        """
        due = feed.packets[::-1]
        reader = Reader()
        for item in reader.feed(octets) + reader.close():
            if not isinstance(item, Packet):
                raise _FaultError(f"octet {item.offset} of the answer begins no packet")
            packet = octets[item.offset : item.offset + item.length]
            if packet in due[-1:]:
                due.pop()
                parts.append(packet)
                continue
            try:
                parts += self._own(item, packet, feed)
            except _FaultError:
                parts.append(packet)
                raise

    def _own(self, packet: Packet, octets: bytes, feed: Feed) -> Iterable[Written]:
        """Return the part that a packet of the multiplexer's own is."""
        if packet.test_id == _PARSER:
            return [self._input_of(packet, feed, "a report", is_live=True).reports.take(packet)]
        if packet.test_id is None and packet.file_bytes is not None:
            source = self._input_of(packet, feed, "wrapped", is_live=self._lists_wrapped)
            is_end = feed.octets is None and not feed.is_stop
            is_end = is_end and source is self._inputs[feed.input]
            wrapped = source.take_wrapped(packet, is_end=is_end)
            return [wrapped] if self._lists_wrapped and wrapped.octets else []
        return [octets]

    def _input_of(self, packet: Packet, feed: Feed, what: str, *, is_live: bool) -> _Input:
        """Return the input under whose route a packet is.

        :param is_live: whether it has to be the input that was fed.
        """
        route = packet.route_code
        if route == self._inputs[feed.input].route:
            return self._inputs[feed.input]
        for each in self._inputs:
            if each.route == route:
                if is_live:
                    fed = quoted(self._inputs[feed.input].route)
                    raise _FaultError(f"{what} on route {quoted(route)}; input {fed} was fed")
                return each
        raise _FaultError(f"{what} on route {quoted(route)}, which no input has")


class _Input:
    """The state of the wrapped output of one input, and the reports of its route.

    :ivar wrapped: the content of the wrapped output.
    """

    def __init__(self, route: str, reports: _Reports) -> None:
        self.route = route
        self.reports = reports
        self.wrapped = bytearray()
        self._has_ended = False

    def take_wrapped(self, packet: Packet, *, is_end: bool) -> Wrapped:
        """Take a packet of wrapped output.

        :param is_end: whether it answers the end of the input.
        """
        content = packet.file_bytes or b""
        # clause wrap.output
        _check_own(packet, "wrapped output")
        if packet.test_status is not None:
            raise _FaultError(f"wrapped output with the status {packet.test_status}")
        # clause wrap.origin
        if packet.file_name != _OUTPUT:
            raise _FaultError(
                f"wrapped output as the file {quoted(packet.file_name)}, not {quoted(_OUTPUT)}"
            )
        if self._has_ended:
            raise _FaultError("wrapped output behind its end of file")
        if packet.eof and not is_end:
            raise _FaultError("an end of file of wrapped output before the end of its input")
        self.wrapped += content
        self._has_ended = packet.eof
        if packet.eof and not self.wrapped:
            raise _FaultError("an end of file, and no wrapped output before it")
        return Wrapped(content)

    def fault_behind_answer(self, *, is_end: bool) -> str | None:
        """Return the fault of an answer as a whole; None if there is none.

        :param is_end: whether the input has ended.
        """
        if self.reports.is_half_ended:
            return f"a report without its end: the file `{_REASON}` with the status fail"
        if is_end and self.wrapped and not self._has_ended:
            return "the wrapped output has no end of file, and its input has ended"
        return None


class _Reports:
    """The state of the reports under one route."""

    def __init__(self) -> None:
        #: Files of the report that have begun and ended, in order, and the text of its reason.
        self._begun: list[str] = []
        self._ended: list[str] = []
        self._reason = bytearray()

    def take(self, packet: Packet) -> Report:
        """Take a packet of a report of damage."""
        # clause damage.report
        _check_own(packet, "a report")
        name = packet.file_name
        if name not in _MIME_TYPES:
            raise _FaultError(f"a packet of {_PARSER} with the file {quoted(name)}")
        is_first = name not in self._begun
        if packet.mime_type != _MIME_TYPES[name] and (is_first or packet.mime_type is not None):
            mime_type = f"is {quoted(packet.mime_type)}, not {quoted(_MIME_TYPES[name])}"
            raise _FaultError(f"the MIME type of `{name}` {mime_type}")
        if name in self._ended:
            raise _FaultError(f"`{name}` goes on behind its end of file")
        if name == _REASON and _DATA not in self._ended:
            raise _FaultError(f"`{_REASON}` before the end of `{_DATA}`")
        if is_first:
            self._begun.append(name)
        if packet.eof:
            self._ended.append(name)
        is_last = name == _REASON and packet.eof
        status = "fail" if is_last else None
        if packet.test_status != status:
            place = f"the {'last packet' if is_last else 'packet before the last'} of a report"
            raise _FaultError(
                f"{place} has the status {quoted(packet.test_status)}, not {quoted(status)}"
            )
        if name == _DATA:
            return Report(packet.file_bytes or b"")
        self._reason += packet.file_bytes or b""
        if is_last:
            if not self._reason.decode(errors="replace").strip():
                raise _FaultError(f"`{_REASON}` is empty")
            self._begun, self._ended, self._reason = [], [], bytearray()
        return Report(b"", ends=is_last)

    @property
    def is_half_ended(self) -> bool:
        """Whether one of the files has ended, or the last has begun, and the report goes on."""
        return bool(self._ended) or _REASON in self._begun


def _check_own(packet: Packet, what: str) -> None:
    """Check the fields that no packet of the multiplexer's own has."""
    if packet.runnable:
        raise _FaultError(f"{what} that is runnable")
    if packet.test_tags:
        raise _FaultError(f"{what} with tags")


def _joined(parts: Iterable[Written]) -> list[Written]:
    """Return the parts, with neighbouring ones of a report, and of wrapped output, joined."""
    joined: list[Written] = []
    for part in parts:
        match joined[-1:], part:
            case [Report(octets, ends=False)], Report(more, ends):
                joined[-1] = Report(octets + more, ends=ends)
            case [Wrapped(octets)], Wrapped(more):
                joined[-1] = Wrapped(octets + more)
            case _:
                joined.append(part)
    return joined


def _form(part: Written) -> Any:
    """Return a part as in the built form of a case."""
    match part:
        case Report(octets, ends):
            return {"report": octets.hex()} | ({"end": True} if ends else {})
        case Wrapped(octets):
            return {"wrapped": octets.hex()}
    return part.hex()


def _difference(expected: list[Written], actual: list[Written]) -> str | None:
    """Return the first difference of an answer; None if there is none."""
    for due, part in zip_longest(expected, actual):
        if due == part:
            continue
        if part is None:
            return f"{_name(due)} is missing"
        if isinstance(part, bytes) and not isinstance(due, bytes):
            place = f"; {_name(due)} is due" if due is not None else ""
            return f"a packet that was not due, on route {quoted(_route(part))}{place}"
        match due, part:
            case bytes(), bytes():
                return f"not the packet that is due: {octet_difference(due, part)}"
            case Wrapped(), Wrapped():
                return _content_difference(due.octets, part.octets, "of the wrapped output")
            case Report(), Report() if due.octets != part.octets:
                return _content_difference(due.octets, part.octets, "of the report")
            case Report(), Report():
                return "the report does not end here" if part.ends else "the report has no end"
        return f"{_name(part)} where {_name(due) if due is not None else 'nothing'} is due"
    return None


def _name(part: Written) -> str:
    match part:
        case Report(octets, ends=True) if not octets:
            return "the end of a report"
        case Report(octets):
            return f"a report of {count(len(octets), 'octet')}"
        case Wrapped(octets):
            return f"wrapped output of {count(len(octets), 'octet')}"
    return f"a packet of {count(len(part), 'octet')}"


def _route(octets: bytes) -> str | None:
    [packet] = Reader().feed(octets)
    return packet.route_code if isinstance(packet, Packet) else None


def _content_difference(expected: bytes, actual: bytes, source: str) -> str | None:
    """Return the first difference of two contents; None if there is none."""
    if expected == actual:
        return None
    index = common_length(expected, actual)
    if index == len(expected):
        return f"{count(len(actual) - index, 'octet')} too many at the end {source}"
    if index == len(actual):
        return f"octet {index} ({expected[index]:02x}) {source} is missing"
    return f"octet {index} {source} is {actual[index]:02x}, not {expected[index]:02x}"
