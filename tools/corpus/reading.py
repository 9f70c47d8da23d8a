"""The items that readers find in a case's stream, and how long each may wait.

Strategy: the grammar's recogniser, which follows the clauses word for word, finds the items
that a source leaves out. Both readers of the library have to agree with it, and with the
items of a hand-written case. The recogniser goes octet by octet and is slow, so for a
`large` case only the two readers are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

from subunit2 import Item, Reader
from subunit2.grammar.recogniser import recognise

__all__ = ["MOST_WAITS", "disagreements", "find_items", "waits"]

#: A megabyte of characters that end in 0xB3 waits half a million times. Waits beyond this
#: number are joined, and demand less.
MOST_WAITS: Final = 1000

#: From this length on, in octets, a wait is followed in steps of this length.
_LONG: Final = 1 << 14


def find_items(
    stream: bytes, stops: Sequence[int] = (), *, large: bool = False
) -> list[dict[str, Any]]:
    """Return the items of a stream in the JSON form, found by the recogniser.

    :param stops: the offsets at which the caller stops waiting.
    :param large: use the library's reader instead.
    """
    return _read(stream, stops) if large else _joined(recognise(stream, stops))


def disagreements(
    stream: bytes, items: list[dict[str, Any]], stops: Sequence[int] = (), *, large: bool = False
) -> Iterable[str]:
    """Return a line for each reader that finds other items, with the first difference."""
    readers = [
        ("the reader", _read(stream, stops)),
        ("the Kaitai reader", _read(stream, stops, reference=True)),
    ]
    if stops:
        readers.append(("the reader, octet by octet,", _read(stream, stops, step=1)))
    if not large:
        readers.append(("the grammar's recogniser", _joined(recognise(stream, stops))))
    for name, found in readers:
        if found != items:
            yield f"{name} {_difference(items, found)}"


def _read(
    stream: bytes, stops: Sequence[int] = (), *, step: int = 0, reference: bool = False
) -> list[dict[str, Any]]:
    reader = Reader(reference=reference)
    items: list[Item] = []
    cuts = range(step, len(stream), step) if step else ()
    for start, end in pairwise(sorted({0, *cuts, *stops, len(stream)})):
        items += reader.feed(stream[start:end])
        if end in stops:
            items += reader.stop_waiting()
    return _joined(items + reader.close())


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


def waits(stream: bytes, stops: Sequence[int] = ()) -> list[list[int]]:
    """Return triples (first, last, settled): after `first` to `last` octets, `settled` are
    in items.

    Feeds the reader octet by octet from each 0xB3 on; without a 0xB3 nothing waits.

    :param stops: the offsets at which the caller stops waiting, after the wait there.
    """
    if stops:
        return _joined_waits(list(_waits_with_stops(stream, stops)))
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
            if (fed - found[-1][0]) % _LONG == 0:
                end = _end_of_long_wait(stream, fed, settled)
                reader.feed(stream[fed:end])
                fed = end
            found[-1][1] = fed
        else:
            found.append([fed, fed, settled])
    return _joined_waits(found)


def _waits_with_stops(stream: bytes, stops: Sequence[int]) -> Iterator[list[int]]:
    """Yield the waits of a stream with stops. For all of it octet by octet, so it is slow."""
    reader = Reader()
    wait = [0, 0, -1]
    for fed in range(1, len(stream) + 1):
        reader.feed(stream[fed - 1 : fed])
        settled = reader.offset
        if settled != fed and wait[1:] == [fed - 1, settled]:
            wait[1] = fed
        elif settled != fed:
            wait = [fed, fed, settled]
            yield wait
        if fed in stops:
            reader.stop_waiting()


def _end_of_long_wait(stream: bytes, fed: int, settled: int) -> int:
    """Return an offset, less than a step before the end of the wait at `fed`.

    `Reader.offset` never falls: if it is the same after a step, it is the same within it.
    """
    scout = Reader()
    scout.feed(stream[:fed])
    while fed < len(stream):
        end = min(fed + _LONG, len(stream))
        scout.feed(stream[fed:end])
        if scout.offset != settled:
            break
        fed = end
    return fed


def _joined_waits(found: list[list[int]]) -> list[list[int]]:
    """Join the waits to at most `MOST_WAITS`; the joined waits demand less."""
    together = -(-len(found) // MOST_WAITS)
    if together <= 1:
        return found
    groups = (found[start : start + together] for start in range(0, len(found), together))
    return [[group[0][0], group[-1][1], group[0][2]] for group in groups]
