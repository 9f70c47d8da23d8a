"""Compare two lists of items, and describe the first difference in one line.

Strategy: a packet or a corrupt region is one token, and so is each octet of passthrough.
The two sequences of tokens are aligned. A dropped octet is then reported as such,
regardless of how the passthrough around it was cut, and a packet missing between two
lines is not mistaken for a longer line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Final, TypeAlias

from subunit2.plural import count

__all__ = ["OPTIONAL_KEYS", "ItemForm", "common_length", "differences", "joined", "quoted", "same"]

#: An item in its JSON form.
ItemForm: TypeAlias = dict[str, Any]

#: Keys that an implementation may leave out, compared only if it gives them.
OPTIONAL_KEYS: Final = ("offset", "length", "raw")

#: Number of tokens that are aligned: the time grows with the product of the lengths.
#: For longer lists only the first tokens that differ are compared.
_MOST_ALIGNED: Final = 1500

#: Characters of a value that are shown.
_SHOWN: Final = 60

#: Octets that are shown.
_SHOWN_OCTETS: Final = 8


def joined(items: Iterable[ItemForm]) -> list[ItemForm]:
    """Return the items with neighbouring passthrough joined, and empty passthrough left out."""
    out: list[ItemForm] = []
    chunks: list[ItemForm] = []
    for item in items:
        if item.get("kind") != "passthrough":
            if chunks:
                out.append(_one(chunks))
                chunks = []
            out.append(item)
        elif item["bytes"]:
            chunks.append(item)
    if chunks:
        out.append(_one(chunks))
    return out


def _one(chunks: list[ItemForm]) -> ItemForm:
    if len(chunks) == 1:
        return chunks[0]
    form: ItemForm = {"kind": "passthrough"}
    if "offset" in chunks[0]:
        form["offset"] = chunks[0]["offset"]
    if all("length" in chunk for chunk in chunks):
        form["length"] = sum(chunk["length"] for chunk in chunks)
    form["bytes"] = "".join(chunk["bytes"] for chunk in chunks)
    return form


def quoted(value: object) -> str:
    """Return a value as JSON, shortened if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    # Lone surrogates and control characters cannot be shown.
    text = "".join(each if each.isprintable() else _escaped(each) for each in text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text):,} characters)"


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]


def _item_difference(expected: ItemForm, actual: ItemForm) -> str | None:
    """Describe the first key in which two items of the same kind differ."""
    for key in dict.fromkeys((*expected, *actual)):
        if key in OPTIONAL_KEYS:
            continue
        if key not in actual:
            return f"{key} is missing; it is {quoted(expected[key])}"
        if key not in expected:
            return f"{key} is {quoted(actual[key])}; there is none"
        if expected[key] != actual[key]:
            if key in ("bytes", "file_bytes"):
                return f"{key}: {_octet_difference(expected[key], actual[key])}"
            return f"{key} is {quoted(actual[key])}, not {quoted(expected[key])}"
    return None


def _octet_difference(expected: str, actual: str) -> str:
    wanted, got = bytes.fromhex(expected), bytes.fromhex(actual)
    index = common_length(wanted, got)
    if index < min(len(wanted), len(got)):
        return f"octet {index} is {got[index]:02x}, not {wanted[index]:02x}"
    return f"{count(len(got), 'octet')}, not {len(wanted):,}"


@dataclass(slots=True)
class _Token:
    """An item, or one octet of passthrough.

    :ivar value: the value to compare: JSON of the item, or the octet.
    :ivar item: the item, or the passthrough that holds the octet.
    :ivar number: the number of the item, from 1.
    :ivar index: index of the octet in its passthrough; -1 for an item.
    """

    value: object
    item: ItemForm
    number: int
    index: int = -1


def differences(expected: list[ItemForm], actual: list[ItemForm]) -> str | None:
    """Describe the first difference in one line; None if the items are as expected.

    Both lists have to be `joined`, and the expected items to have offset and length.
    `offset`, `length` and `raw` of the actual items are compared if they are given.
    """
    if len(expected) == len(actual) and all(map(same, expected, actual)):
        return _optional_difference(expected, actual)
    wanted, got = _middles(expected, actual)
    if max(len(wanted), len(got)) > _MOST_ALIGNED:
        return _replaced(wanted, got) if wanted and got else _one_sided(wanted, got)
    matcher = SequenceMatcher(
        None, [token.value for token in wanted], [token.value for token in got], autojunk=False
    )
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    _, i1, i2, j1, j2 = changes[0]
    if i1 == i2 or j1 == j2:
        reason = _one_sided(wanted[i1:i2], got[j1:j2])
    else:
        reason = _replaced(wanted[i1:i2], got[j1:j2])
    more = len(changes) - 1
    return reason + (f"; and {more} more difference{'s' * (more > 1)}" if more else "")


def same(one: ItemForm, other: ItemForm) -> bool:
    """Return whether two items are equal, apart from their optional keys."""
    if one == other:
        return True
    keys = one.keys() | other.keys()
    return all(one.get(key) == other.get(key) for key in keys if key not in OPTIONAL_KEYS)


def _middles(expected: list[ItemForm], actual: list[ItemForm]) -> tuple[list[_Token], list[_Token]]:
    """Return the tokens between the common start and the common end, at most a limit."""
    shorter = min(len(expected), len(actual))
    start = 0
    while start < shorter and same(expected[start], actual[start]):
        start += 1
    end = 0
    while end < shorter - start and same(expected[-1 - end], actual[-1 - end]):
        end += 1
    expected, actual = expected[start : len(expected) - end], actual[start : len(actual) - end]
    before = after = 0
    if expected and actual:
        before = common_length(_data(expected[0]), _data(actual[0]))
        one, other = _data(expected[-1])[::-1], _data(actual[-1])[::-1]
        room = min(
            len(one) - before * (len(expected) == 1), len(other) - before * (len(actual) == 1)
        )
        after = min(common_length(one, other), room)
    return (
        list(islice(_tokens(expected, start, before, after), _MOST_ALIGNED + 1)),
        list(islice(_tokens(actual, start, before, after), _MOST_ALIGNED + 1)),
    )


def _data(item: ItemForm) -> bytes:
    """Return the octets of passthrough; none for another item."""
    return bytes.fromhex(item["bytes"]) if item["kind"] == "passthrough" else b""


def common_length(one: bytes | bytearray, other: bytes | bytearray) -> int:
    """Return the length of the common prefix: the index of the first octet that differs."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return shorter
    return next(index for index in range(shorter) if one[index] != other[index])


def _tokens(items: list[ItemForm], skipped: int, before: int, after: int) -> Iterator[_Token]:
    """Yield the tokens of items, without some octets at either end.

    :param skipped: number of items before these.
    :param before: octets to leave out at the start of the first passthrough.
    :param after: octets to leave out at the end of the last passthrough.
    """
    for number, item in enumerate(items, 1):
        if item.get("kind") != "passthrough":
            kept = {key: value for key, value in item.items() if key not in OPTIONAL_KEYS}
            yield _Token(json.dumps(kept, sort_keys=True), item, skipped + number)
            continue
        octets = _data(item)
        end = len(octets) - (after if number == len(items) else 0)
        for index in range(before if number == 1 else 0, end):
            yield _Token(octets[index], item, skipped + number, index)


def _name(token: _Token) -> str:
    item = token.item
    match item["kind"]:
        case "packet":
            name = "packet"
        case "corrupt":
            name = f"corrupt region ({item['error']})"
        case _:
            name = "passthrough"
    return f"{name} at {item['offset']}" if "offset" in item else name


def _run(tokens: Sequence[_Token]) -> list[_Token]:
    """Return the leading tokens that are octets of one passthrough."""
    first = tokens[0]
    return [token for token in tokens if token.item is first.item]


def _span(tokens: Sequence[_Token]) -> str:
    """Return octets by their offsets in the stream, and in hex."""
    base = tokens[0].item.get("offset", 0)
    first, last = base + tokens[0].index, base + tokens[-1].index
    shown = "".join(f"{token.value:02x}" for token in tokens[:_SHOWN_OCTETS])
    shown += "..." if len(tokens) > _SHOWN_OCTETS else ""
    return f"octet {first} ({shown})" if first == last else f"octets {first} to {last} ({shown})"


def _one_sided(expected: Sequence[_Token], actual: Sequence[_Token]) -> str:
    """Describe tokens that are missing, or too many."""
    if expected:
        if expected[0].index < 0:
            return f"the {_name(expected[0])} is missing"
        run = _run(expected)
        are = "is" if len(run) == 1 else "are"
        if len(run) * 2 == len(run[0].item["bytes"]):
            return f"{_span(run)}, the whole {_name(run[0])}, {are} missing"
        return f"{_span(run)} of the {_name(run[0])} {are} missing"
    if actual[0].index < 0:
        items = sum(token.index < 0 for token in actual)
        many = f"{items:,} items too many, the first:" if items > 1 else "an item too many:"
        return f"{many} item {actual[0].number}, a {_name(actual[0])}"
    run = _run(actual)
    shown = "".join(f"{token.value:02x}" for token in run[:_SHOWN_OCTETS])
    shown += "..." if len(run) > _SHOWN_OCTETS else ""
    return f"{count(len(run), 'octet')} too many in item {run[0].number}, passthrough: {shown}"


def _replaced(expected: Sequence[_Token], actual: Sequence[_Token]) -> str:
    """Describe the first of tokens that stand in place of others."""
    one, other = expected[0], actual[0]
    if one.index >= 0 and other.index >= 0:
        offset = one.item.get("offset", 0) + one.index
        return f"octet {offset} of the {_name(one)} is {other.value:02x}, not {one.value:02x}"
    if one.index >= 0:
        return f"{_span(_run(expected))} of the {_name(one)} was read as a {_name(other)}"
    if one.item["kind"] == other.item["kind"]:
        difference = _item_difference(one.item, other.item)
        return f"item {one.number}, the {_name(one)}: {difference}"
    return f"the {_name(one)} was read as {'' if other.index >= 0 else 'a '}{_name(other)}"


def _optional_difference(expected: list[ItemForm], actual: list[ItemForm]) -> str | None:
    """Describe the first offset, length or raw that is given and wrong."""
    for number, (wanted, got) in enumerate(zip(expected, actual, strict=True), 1):
        for key in ("offset", "length"):
            if key in got and got[key] != wanted[key]:
                return f"item {number}, {wanted['kind']}: {key} is {got[key]}, not {wanted[key]}"
        if "raw" in got and got["raw"] != wanted.get("raw"):
            if "raw" not in wanted:
                return f"item {number}, packet: raw is given, and its numbers are in shortest form"
            return f"item {number}, packet: raw: {_octet_difference(wanted['raw'], got['raw'])}"
    return None
