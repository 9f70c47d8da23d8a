"""Is what came what is right? For readers, writers and multiplexers.

Strategy: each judge takes a case and an answer and gives one line that says what is
wrong with it, or None. Where several packets would be right (content that was
split), the library's reader reads what came, and its fields are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from subunit2.conformance.corpus import MultiplexerCase, ReaderCase, WriterCase
from subunit2.conformance.diff import common, differences, joined, quoted
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
    """What is wrong with a reader's items."""
    return differences(case.items, joined(actual))


# --- Writers -----------------------------------------------------------------------------


def written_form(written: bytes | str | bool) -> Any:
    """What a writer answered, in JSON's terms: hex, or {"refused": key}."""
    return written.hex() if isinstance(written, bytes) else {"refused": written}


def expected_of_writer(case: WriterCase) -> Any:
    """What is right, in JSON's terms; None where many answers are (`split`)."""
    if case.refused is not None:
        return {"refused": case.refused}
    return None if case.octets is None else case.octets.hex()


def judge_written(case: WriterCase, written: bytes | str | bool) -> str | None:
    """What is wrong with a writer's octets, or with its refusal.

    :param written: the octets; or the key that was refused, True where that was not said.
    """
    if not isinstance(written, bytes):
        if case.refused is None:
            key = "" if written is True else f", for its {written}"
            return f"refused{key}; nothing is wrong with it"
        if written is not True and written != case.refused:
            return f"refused for its {written}; what is wrong is {case.refused}"
        return None
    if case.refused is not None:
        what = f"{count(len(written), 'octet')} written" if written else "nothing written"
        return f"{what}, and not refused for its {case.refused}"
    if case.split:
        return _judge_split(case.packet, written)
    assert case.octets is not None
    return _octet_difference(case.octets, written)


def _octet_difference(expected: bytes, written: bytes) -> str | None:
    if expected == written:
        return None
    if not written:
        return f"nothing written; the packet has {count(len(expected), 'octet')}"
    place = common(expected, written)
    if place == len(expected):
        return (
            f"{count(len(written) - place, 'octet')} too many behind the packet's {len(expected):,}"
        )
    inside = _field_at(expected, place)
    if place == len(written):
        return f"it ends before octet {place} ({expected[place]:02x}, in {inside})"
    return f"octet {place} is {written[place]:02x}, not {expected[place]:02x}: in {inside}"


def _field_at(octets: bytes, place: int) -> str:
    """The field in which an octet of a packet lies, as the .ksy names it."""
    parts = (part.path for part in dissect(octets) if part.start <= place < part.end)
    return next(parts, "none of its fields")


#: What each packet of split content says as the whole does. The others can stand
#: where they count: the MIME type in any, tags in any, the status in the last.
_EVERYWHERE: Final = ("test_id", "file_name", "route_code", "timestamp", "runnable")


def _judge_split(packet: dict[str, Any], written: bytes) -> str | None:
    items = _read(written)
    for number, item in enumerate(items, 1):
        if not isinstance(item, Packet):
            return f"item {number} of what was written is no packet, at octet {item.offset}"
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
        right = bytes.fromhex(packet["file_bytes"])
        if len(content) != len(right):
            what = f"{count(len(content), 'octet')} of content in {len(packets)} packets"
            return f"{what}, not {len(right):,}"
        place = common(content, right)
        return f"octet {place} of the content is {content[place]:02x}, not {right[place]:02x}"
    return None


def _split_fault(whole: dict[str, Any], form: dict[str, Any], *, is_last: bool) -> str | None:
    for key in _EVERYWHERE:
        right = whole.get(key, True if key == "runnable" else None)
        if form.get(key) != right:
            return f"{key} is {quoted(form.get(key))}, not {quoted(right)}"
    for key in ("mime_type", "test_tags"):
        if key in form and form[key] != whole.get(key):
            return f"{key} is {quoted(form[key])}, not {quoted(whole.get(key))}"
    for key, right in (
        ("test_status", whole.get("test_status") if is_last else None),
        ("eof", whole.get("eof", False) and is_last),
    ):
        if form.get(key) != right:
            return f"{key} is {quoted(form.get(key))}, not {quoted(right)}"
    return None


def _read(octets: bytes) -> list[Item]:
    reader = Reader()
    return reader.feed(octets) + reader.close()


# --- Multiplexers ------------------------------------------------------------------------


class MultiplexerVerdict:
    """Judges what a multiplexer writes, answer by answer.

    :ivar actual: what came so far: the octets after each feed, and what was wrapped.
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
        """What is right, in JSON's terms."""
        return {
            "feeds": ["".join(packet.hex() for packet in feed.packets) for feed in self._feeds],
            "wrapped": [octets.hex() for octets in self._wrapped],
        }

    @property
    def actual(self) -> Any:
        """What came so far, in the same form, wrapped packets in their feeds too."""
        return {
            "feeds": list(self._answers),
            "wrapped": [bytes(octets).hex() for octets in self._contents],
        }

    def judge_answer(self, octets: bytes) -> str | None:
        """What is wrong with the octets that came after the next feed."""
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
            return f"feed {self._number}: a packet of {count(len(due[0]), 'octet')} did not come"
        return None

    def judge_end(self) -> str | None:
        """What is wrong with what was wrapped, once all was fed."""
        for route, right, given in zip(self._routes, self._wrapped, self._contents, strict=True):
            if right == given:
                continue
            place = common(right, given)
            what = f"of what input {quoted(route)} wrapped"
            if place == len(right):
                return f"{count(len(given) - place, 'octet')} too many at the end {what}"
            if place == len(given):
                return f"octet {place} ({right[place]:02x}) {what} is missing"
            return f"octet {place} {what} is {given[place]:02x}, not {right[place]:02x}"
        return None

    def _take_wrapped(self, packet: Packet) -> str | None:
        """Note the content of a wrapping packet; what is wrong where it is none."""
        if packet.test_id is not None or packet.file_bytes is None:
            return f"a packet that was not due, on route {quoted(packet.route_code)}"
        if packet.route_code not in self._routes:
            return f"wrapped on route {quoted(packet.route_code)}, which is no input's"
        self._contents[self._routes.index(packet.route_code)] += packet.file_bytes
        return None
