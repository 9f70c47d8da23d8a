"""Compare an implementation's answer with the expected one.

Strategy: each judge takes a case and an answer, and returns the fault in one line, or
None. Content that is split has more than one correct answer: the library's reader
reads the packets that were written, and their fields are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from subunit2.conformance.corpus import MultiplexerCase, ReaderCase, WriterCase
from subunit2.conformance.diff import common_length, differences, joined, quoted
from subunit2.items import Item, Packet
from subunit2.packets.dissect import dissect
from subunit2.plural import count
from subunit2.reader import Reader

__all__ = [
    "MultiplexerVerdict",
    "expected_of_writer",
    "judge_items",
    "judge_written",
    "written_form",
]


def judge_items(case: ReaderCase, actual: Iterable[dict[str, Any]]) -> str | None:
    """Return the fault of a reader's items; None if they are as expected."""
    return differences(case.items, joined(actual))


# --- Writers -----------------------------------------------------------------------------


def written_form(written: bytes | str | bool) -> Any:
    """Return a writer's answer as a JSON value: hex, or {"refused": key}."""
    return written.hex() if isinstance(written, bytes) else {"refused": written}


def expected_of_writer(case: WriterCase) -> Any:
    """Return the expected answer as a JSON value; None if several are correct (`split`)."""
    if case.refused is not None:
        return {"refused": case.refused}
    return None if case.octets is None else case.octets.hex()


def judge_written(case: WriterCase, written: bytes | str | bool) -> str | None:
    """Return the fault of a writer's octets, or of its refusal; None if there is none.

    :param written: the octets; or the refused key, True if the writer did not name it.
    """
    if not isinstance(written, bytes):
        if case.refused is None:
            key = "" if written is True else f", for its {written}"
            return f"refused{key}; the packet is valid"
        if written is not True and written != case.refused:
            return f"refused for its {written}; the invalid key is {case.refused}"
        return None
    if case.refused is not None:
        size = f"{count(len(written), 'octet')} written" if written else "nothing written"
        return f"{size}, and not refused for its {case.refused}"
    if case.split:
        return _judge_split(case.packet, written)
    assert case.octets is not None
    return _octet_difference(case.octets, written)


def _octet_difference(expected: bytes, written: bytes) -> str | None:
    if expected == written:
        return None
    if not written:
        return f"nothing written; the packet has {count(len(expected), 'octet')}"
    index = common_length(expected, written)
    if index == len(expected):
        return (
            f"{count(len(written) - index, 'octet')} too many behind the packet's {len(expected):,}"
        )
    field = _field_at(expected, index)
    if index == len(written):
        return f"it ends before octet {index} ({expected[index]:02x}, in {field})"
    return f"octet {index} is {written[index]:02x}, not {expected[index]:02x}: in {field}"


def _field_at(octets: bytes, index: int) -> str:
    """Return the field that holds an octet of a packet, by its name in the .ksy."""
    parts = (part.path for part in dissect(octets) if part.start <= index < part.end)
    return next(parts, "none of its fields")


#: Keys that each packet of split content has to repeat. The MIME type and the tags can
#: be in any of the packets, and the status is in the last.
_EVERYWHERE: Final = ("test_id", "file_name", "route_code", "timestamp", "runnable")


def _judge_split(packet: dict[str, Any], written: bytes) -> str | None:
    items = _read(written)
    for number, item in enumerate(items, 1):
        if not isinstance(item, Packet):
            return f"item {number} of the output is no packet, at octet {item.offset}"
        if item.raw is not None:
            return f"packet {number} is not in its shortest form"
    packets = [item for item in items if isinstance(item, Packet)]
    if not packets:
        return "nothing written"
    for number, form in enumerate((item.to_dict() for item in packets), 1):
        if (fault := _split_fault(packet, form, is_last=number == len(packets))) is not None:
            return f"packet {number} of {len(packets)}: {fault}"
    for key in ("mime_type", "test_tags"):
        if key in packet and all(getattr(item, key) is None for item in packets):
            return f"no packet has the {key}"
    content = b"".join(item.file_bytes or b"" for item in packets)
    if content.hex() != packet["file_bytes"]:
        expected = bytes.fromhex(packet["file_bytes"])
        if len(content) != len(expected):
            size = f"{count(len(content), 'octet')} of content in {len(packets)} packets"
            return f"{size}, not {len(expected):,}"
        index = common_length(content, expected)
        return f"octet {index} of the content is {content[index]:02x}, not {expected[index]:02x}"
    return None


def _split_fault(whole: dict[str, Any], form: dict[str, Any], *, is_last: bool) -> str | None:
    for key in _EVERYWHERE:
        expected = whole.get(key, True if key == "runnable" else None)
        if form.get(key) != expected:
            return f"{key} is {quoted(form.get(key))}, not {quoted(expected)}"
    for key in ("mime_type", "test_tags"):
        if key in form and form[key] != whole.get(key):
            return f"{key} is {quoted(form[key])}, not {quoted(whole.get(key))}"
    for key, expected in (
        ("test_status", whole.get("test_status") if is_last else None),
        ("eof", whole.get("eof", False) and is_last),
    ):
        if form.get(key) != expected:
            return f"{key} is {quoted(form.get(key))}, not {quoted(expected)}"
    return None


def _read(octets: bytes) -> list[Item]:
    reader = Reader()
    return reader.feed(octets) + reader.close()


# --- Multiplexers ------------------------------------------------------------------------


class MultiplexerVerdict:
    """Judges the output of a multiplexer, answer by answer.

    :ivar actual: the output so far: the octets after each feed, and the wrapped octets.
    """

    def __init__(self, case: MultiplexerCase) -> None:
        self._feeds = case.feeds
        self._routes = case.routes
        self._wrapped = case.wrapped
        self._number = 0
        self._answers: list[str] = []
        self._contents = [bytearray() for _ in self._routes]

    @property
    def expected(self) -> Any:
        """The expected output as a JSON value."""
        return {
            "feeds": ["".join(packet.hex() for packet in feed.packets) for feed in self._feeds],
            "wrapped": [octets.hex() for octets in self._wrapped],
        }

    @property
    def actual(self) -> Any:
        """The output so far, in the same form; `feeds` holds the wrapped packets too."""
        return {
            "feeds": list(self._answers),
            "wrapped": [bytes(octets).hex() for octets in self._contents],
        }

    def judge_answer(self, octets: bytes) -> str | None:
        """Return the fault of the octets written after the next feed; None if there is none."""
        feed = self._feeds[self._number]
        self._number += 1
        self._answers.append(octets.hex())
        due = list(feed.packets)
        for item in _read(octets):
            if not isinstance(item, Packet):
                return f"feed {self._number}: octet {item.offset} of the answer begins no packet"
            packet = octets[item.offset : item.offset + item.length]
            if due and packet == due[0]:
                del due[0]
            elif (fault := self._take_wrapped(item)) is not None:
                if due:
                    difference = _octet_difference(due[0], packet)
                    return f"feed {self._number}: not the packet that is due: {difference}"
                return f"feed {self._number}: {fault}"
        if due:
            return f"feed {self._number}: a packet of {count(len(due[0]), 'octet')} is missing"
        return None

    def judge_end(self) -> str | None:
        """Return the fault of the wrapped octets, after the last feed; None if there is none."""
        for route, expected, actual in zip(
            self._routes, self._wrapped, self._contents, strict=True
        ):
            if expected == actual:
                continue
            index = common_length(expected, actual)
            source = f"of the wrapped output of input {quoted(route)}"
            if index == len(expected):
                return f"{count(len(actual) - index, 'octet')} too many at the end {source}"
            if index == len(actual):
                return f"octet {index} ({expected[index]:02x}) {source} is missing"
            return f"octet {index} {source} is {actual[index]:02x}, not {expected[index]:02x}"
        return None

    def _take_wrapped(self, packet: Packet) -> str | None:
        """Note the content of a wrapping packet; return the fault if it is no such packet."""
        if packet.test_id is not None or packet.file_bytes is None:
            return f"a packet that was not due, on route {quoted(packet.route_code)}"
        if packet.route_code not in self._routes:
            return f"wrapped on route {quoted(packet.route_code)}, which no input has"
        self._contents[self._routes.index(packet.route_code)] += packet.file_bytes
        return None
