"""Compare an implementation's answer with the expected one.

Strategy: each judge takes a case and an answer, and returns the fault in one line, or
None. (`multiplexer_verdict` judges multiplexers.) Content that is split has more than one
correct answer: the library's reader reads the packets that were written, and their fields
are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from subunit2.conformance.corpus import ReaderCase, WriterCase
from subunit2.conformance.diff import common_length, differences, joined, quoted
from subunit2.items import Item, Packet
from subunit2.packets.dissect import dissect
from subunit2.plural import count
from subunit2.reader import Reader

__all__ = [
    "expected_of_writer",
    "judge_items",
    "judge_written",
    "octet_difference",
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
    return octet_difference(case.octets, written)


def octet_difference(expected: bytes, written: bytes) -> str | None:
    """Return the first difference of a packet's octets, by field; None if there is none."""
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
