"""What readers make of a case's stream, and how long each has to wait.

Strategy: the grammar's recogniser finds the items that nobody wrote down, since it
is the clauses word for word. Both readers of the library have to come to the same,
and to what a person wrote: then three agree. The recogniser goes octet by octet
and is slow, so where a case is `large` the readers stand alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from subunit2 import Item, Reader
from subunit2.grammar.recogniser import recognise

__all__ = ["MOST_WAITS", "disagreements", "find_items", "waits"]

#: A megabyte of characters that end in 0xB3 waits half a million times. More than
#: so many are joined, and ask for less.
MOST_WAITS: Final = 1000


def find_items(stream: bytes, *, large: bool = False) -> list[dict[str, Any]]:
    """The items of a stream, in JSON's terms, by the recogniser.

    :param large: by the reader instead.
    """
    return _read(stream) if large else _joined(recognise(stream))


def disagreements(
    stream: bytes, items: list[dict[str, Any]], *, large: bool = False
) -> Iterable[str]:
    """Who comes to other items than these, and where they first differ."""
    readers = [
        ("the reader", _read(stream)),
        ("the Kaitai reader", _read(stream, reference=True)),
    ]
    if not large:
        readers.append(("the grammar's recogniser", _joined(recognise(stream))))
    for name, found in readers:
        if found != items:
            yield f"{name} {_difference(items, found)}"


def _read(stream: bytes, *, reference: bool = False) -> list[dict[str, Any]]:
    reader = Reader(reference=reference)
    return _joined(reader.feed(stream) + reader.close())


def _joined(items: Iterable[Item]) -> list[dict[str, Any]]:
    joined: list[dict[str, Any]] = []
    for form in (item.to_dict() for item in items):
        if joined and form["kind"] == joined[-1]["kind"] == "passthrough":
            joined[-1]["bytes"] += form["bytes"]
            joined[-1]["length"] += form["length"]
        else:
            joined.append(form)
    return joined


def _difference(expected: list[dict[str, Any]], found: list[dict[str, Any]]) -> str:
    for at, (one, other) in enumerate(zip(expected, found, strict=False)):
        if one != other:
            keys = sorted(key for key in one | other if one.get(key) != other.get(key))
            said = ", ".join(
                f"{key} {_short(one.get(key))} and finds {_short(other.get(key))}"
                if key in other
                else f"{key} {_short(one[key])} and finds none"
                for key in keys
            )
            return f"does not agree with items[{at}], which has {said}"
    return f"finds {len(found)} items, not {len(expected)}"


def _short(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def waits(stream: bytes) -> list[list[int]]:
    """[first, last, settled]: after so many octets, only so many are in items.

    The reader is fed octet by octet from each 0xB3 on: without one nothing waits.
    """
    reader = Reader()
    found: list[list[int]] = []
    fed = 0
    while fed < len(stream):
        if reader.pending == 0 and stream[fed] != 0xB3:
            end = stream.find(b"\xb3", fed)
            end = len(stream) if end < 0 else end
            reader.feed(stream[fed:end])
            fed = end
            continue
        reader.feed(stream[fed : fed + 1])
        fed += 1
        if reader.pending == 0:
            continue
        settled = reader.offset
        if found and found[-1][1] == fed - 1 and found[-1][2] == settled:
            found[-1][1] = fed
        else:
            found.append([fed, fed, settled])
    return _joined_waits(found)


def _joined_waits(found: list[list[int]]) -> list[list[int]]:
    """At most `MOST_WAITS`: what is asked for still holds between and in them."""
    together = -(-len(found) // MOST_WAITS)
    if together <= 1:
        return found
    groups = (found[start : start + together] for start in range(0, len(found), together))
    return [[group[0][0], group[-1][1], group[0][2]] for group in groups]
