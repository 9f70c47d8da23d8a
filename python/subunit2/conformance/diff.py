"""Two lists of items side by side: the first difference, in words for a person.

Strategy: a packet and a corrupt region are one token each, an octet of passthrough
is one too, and the two sequences of tokens are aligned. So one octet that was
dropped is seen as that, however the passthrough around it was cut, and a packet
that is missing between two lines is not taken for a longer line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice
from typing import Any, Final, TypeAlias

from subunit2.plural import count

__all__ = ["PLACE_KEYS", "ItemForm", "common", "differences", "joined", "quoted", "same"]

#: An item in its JSON form.
ItemForm: TypeAlias = dict[str, Any]

#: Compared only where the one who answers gives them.
PLACE_KEYS: Final = ("offset", "length", "raw")

#: How many tokens are aligned: it takes time that grows with their product. Beyond
#: that, the first that differ are compared.
_MOST_ALIGNED: Final = 1500

#: What is shown of a value, in characters.
_SHOWN: Final = 60

#: How many octets are shown.
_SHOWN_OCTETS: Final = 8


def joined(items: Iterable[ItemForm]) -> list[ItemForm]:
    """The items, neighbouring passthrough as one, and empty passthrough left out."""
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
    """A value as it would stand in JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    # A lone surrogate is none that could be shown, and neither is a control character.
    text = "".join(each if each.isprintable() else _escaped(each) for each in text)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}... ({len(text):,} characters)"


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]


def _item_difference(expected: ItemForm, actual: ItemForm) -> str | None:
    """The first key in which an item of the same kind is not what is right."""
    for key in dict.fromkeys((*expected, *actual)):
        if key in PLACE_KEYS:
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
    right, given = bytes.fromhex(expected), bytes.fromhex(actual)
    place = common(right, given)
    if place < min(len(right), len(given)):
        return f"octet {place} is {given[place]:02x}, not {right[place]:02x}"
    return f"{count(len(given), 'octet')}, not {len(right):,}"


@dataclass(slots=True)
class _Token:
    """An item, or an octet of passthrough.

    :ivar said: what is compared.
    :ivar item: in which it is.
    :ivar number: of the item, from 1.
    :ivar place: of an octet in its passthrough; -1 for an item.
    """

    said: object
    item: ItemForm
    number: int
    place: int = -1


def differences(expected: list[ItemForm], actual: list[ItemForm]) -> str | None:
    """What is wrong with the items, in one line; None where nothing is.

    Both have to be `joined`, and the expected ones to say where they are. Place and
    `raw` of the actual ones are compared where they are there.
    """
    if len(expected) == len(actual) and all(map(same, expected, actual)):
        return _place_difference(expected, actual)
    right, given = _middles(expected, actual)
    if max(len(right), len(given)) > _MOST_ALIGNED:
        return _replaced(right, given) if right and given else _one_sided(right, given)
    matcher = SequenceMatcher(
        None, [token.said for token in right], [token.said for token in given], autojunk=False
    )
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    _, i1, i2, j1, j2 = changes[0]
    if i1 == i2 or j1 == j2:
        reason = _one_sided(right[i1:i2], given[j1:j2])
    else:
        reason = _replaced(right[i1:i2], given[j1:j2])
    more = len(changes) - 1
    return reason + (f"; and {more} more difference{'s' * (more > 1)}" if more else "")


def same(one: ItemForm, other: ItemForm) -> bool:
    """Whether two items say the same, wherever they are."""
    if one == other:
        return True
    keys = one.keys() | other.keys()
    return all(one.get(key) == other.get(key) for key in keys if key not in PLACE_KEYS)


def _middles(expected: list[ItemForm], actual: list[ItemForm]) -> tuple[list[_Token], list[_Token]]:
    """The tokens of each without those that both begin and end with; the first of them."""
    shorter = min(len(expected), len(actual))
    start = 0
    while start < shorter and same(expected[start], actual[start]):
        start += 1
    end = 0
    while end < shorter - start and same(expected[-1 - end], actual[-1 - end]):
        end += 1
    right, given = expected[start : len(expected) - end], actual[start : len(actual) - end]
    before = after = 0
    if right and given:
        before = common(_data(right[0]), _data(given[0]))
        one, other = _data(right[-1])[::-1], _data(given[-1])[::-1]
        room = min(len(one) - before * (len(right) == 1), len(other) - before * (len(given) == 1))
        after = min(common(one, other), room)
    return (
        list(islice(_tokens(right, start, before, after), _MOST_ALIGNED + 1)),
        list(islice(_tokens(given, start, before, after), _MOST_ALIGNED + 1)),
    )


def _data(item: ItemForm) -> bytes:
    """The octets of passthrough; none for what is no passthrough."""
    return bytes.fromhex(item["bytes"]) if item["kind"] == "passthrough" else b""


def common(one: bytes | bytearray, other: bytes | bytearray) -> int:
    """How many octets both begin with: where the first is that differs."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return shorter
    return next(place for place in range(shorter) if one[place] != other[place])


def _tokens(items: list[ItemForm], skipped: int, before: int, after: int) -> Iterator[_Token]:
    """The tokens of items, without some octets at either end.

    :param skipped: how many items there are before these.
    """
    for number, item in enumerate(items, 1):
        if item.get("kind") != "passthrough":
            kept = {key: value for key, value in item.items() if key not in PLACE_KEYS}
            yield _Token(json.dumps(kept, sort_keys=True), item, skipped + number)
            continue
        octets = _data(item)
        end = len(octets) - (after if number == len(items) else 0)
        for place in range(before if number == 1 else 0, end):
            yield _Token(octets[place], item, skipped + number, place)


def _name(token: _Token) -> str:
    item = token.item
    match item["kind"]:
        case "packet":
            said = "packet"
        case "corrupt":
            said = f"corrupt region ({item['error']})"
        case _:
            said = "passthrough"
    return f"{said} at {item['offset']}" if "offset" in item else said


def _run(tokens: Sequence[_Token]) -> list[_Token]:
    """The octets of one passthrough with which these begin."""
    first = tokens[0]
    return [token for token in tokens if token.item is first.item]


def _span(tokens: Sequence[_Token]) -> str:
    """Octets by where they are in the stream, and what they are."""
    base = tokens[0].item.get("offset", 0)
    first, last = base + tokens[0].place, base + tokens[-1].place
    shown = "".join(f"{token.said:02x}" for token in tokens[:_SHOWN_OCTETS])
    shown += "..." if len(tokens) > _SHOWN_OCTETS else ""
    return f"octet {first} ({shown})" if first == last else f"octets {first} to {last} ({shown})"


def _one_sided(right: Sequence[_Token], given: Sequence[_Token]) -> str:
    """What is missing, or too many."""
    if right:
        if right[0].place < 0:
            return f"the {_name(right[0])} is missing"
        run = _run(right)
        are = "is" if len(run) == 1 else "are"
        if len(run) * 2 == len(run[0].item["bytes"]):
            return f"{_span(run)}, the whole {_name(run[0])}, {are} missing"
        return f"{_span(run)} of the {_name(run[0])} {are} missing"
    if given[0].place < 0:
        items = sum(token.place < 0 for token in given)
        many = f"{items:,} items too many, the first:" if items > 1 else "an item too many:"
        return f"{many} item {given[0].number}, a {_name(given[0])}"
    run = _run(given)
    shown = "".join(f"{token.said:02x}" for token in run[:_SHOWN_OCTETS])
    shown += "..." if len(run) > _SHOWN_OCTETS else ""
    return f"{count(len(run), 'octet')} too many in item {run[0].number}, passthrough: {shown}"


def _replaced(right: Sequence[_Token], given: Sequence[_Token]) -> str:
    """The first of what stands where something else should."""
    one, other = right[0], given[0]
    if one.place >= 0 and other.place >= 0:
        where = one.item.get("offset", 0) + one.place
        return f"octet {where} of the {_name(one)} is {other.said:02x}, not {one.said:02x}"
    if one.place >= 0:
        return f"{_span(_run(right))} of the {_name(one)} came as a {_name(other)}"
    if one.item["kind"] == other.item["kind"]:
        difference = _item_difference(one.item, other.item)
        return f"item {one.number}, the {_name(one)}: {difference}"
    return f"the {_name(one)} came as {'' if other.place >= 0 else 'a '}{_name(other)}"


def _place_difference(expected: list[ItemForm], actual: list[ItemForm]) -> str | None:
    """The first offset, length or raw that was given and is wrong."""
    for number, (right, given) in enumerate(zip(expected, actual, strict=True), 1):
        for key in ("offset", "length"):
            if key in given and given[key] != right[key]:
                return f"item {number}, {right['kind']}: {key} is {given[key]}, not {right[key]}"
        if "raw" in given and given["raw"] != right.get("raw"):
            if "raw" not in right:
                return f"item {number}, packet: raw is given, and its numbers are in shortest form"
            return f"item {number}, packet: raw: {_octet_difference(right['raw'], given['raw'])}"
    return None
