"""The built form of a case, as in `cases.json`.

Strategy: a completed source (`completed`) becomes JSON with its keys in a fixed order; in a
large case, long strings become [string, times] pairs. The search for repetition starts from
the runs of the source, so the pairs are those that an author would have written.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from hashlib import sha256
from typing import Any, Final, TypeVar

from corpus.mutations import MutationError, mutate
from corpus.reading import find_items, waits
from corpus.source import FeedSource, Runs, Source, octets_of, runs
from subunit2.conformance.corpus import Report, Wrapped, Written, surrogate_octets

__all__ = [
    "READER_PROFILES",
    "Sources",
    "built",
    "completed",
    "compressed",
    "profile_of",
    "question",
]

READER_PROFILES: Final = ("packet", "stream", "recovery")

#: Strings shorter than this stay as they are, in octets or characters.
_LEAST_REPEATED: Final = 256
#: The keys of items whose values are hex.
_HEX: Final = ("file_bytes", "raw", "bytes")
_TEXTS: Final = ("test_id", "file_name", "mime_type", "route_code")

#: All sources, by id.
Sources = dict[str, Source]


def profile_of(source: Source) -> str:
    """Return the profile of a case: its own, or the first part of its id."""
    return source.profile or source.id.partition("/")[0]


def completed(source: Source, sources: Sources, above: tuple[str, ...] = ()) -> Source:
    """Complete a reader's case: its octets from the mutation, and its items.

    :param above: ids of its descendants on the way here, so that a circle is found.
    :raises MutationError: the mutation does not apply to the parent.
    """
    if profile_of(source) not in READER_PROFILES:
        return source
    if source.octets is None and source.parent and source.mutation:
        source = replace(source, octets=runs(mutated(source, sources, above)))
    if source.items is None and source.octets is not None:
        large = "large" in source.flags
        items = find_items(octets_of(source.octets), source.stops, large=large)
        source = replace(source, items=items)
    return source


def mutated(source: Source, sources: Sources, above: tuple[str, ...] = ()) -> bytes:
    """Return the parent's octets after the case's mutation.

    :raises MutationError: the mutation does not apply.
    """
    assert source.parent is not None
    assert source.mutation is not None
    above = (*above, source.id)
    if source.parent in above:
        raise MutationError(f"{' is made of '.join((*above, source.parent))}")
    parent = sources.get(source.parent)
    if parent is None:
        raise MutationError(f"there is no case {source.parent}")
    parent = completed(parent, sources, above)
    if parent.octets is None or parent.items is None:
        raise MutationError(f"{source.parent} has no stream")
    return mutate(octets_of(parent.octets), source.mutation, parent.items)


def built(source: Source) -> dict[str, Any]:
    """Return the built form of a completed source."""
    large = "large" in source.flags
    form: dict[str, Any] = {
        "id": source.id,
        "title": source.title,
        "profile": profile_of(source),
        "clauses": list(source.clauses),
        "flags": list(source.flags),
    }
    for key in ("parent", "mutation", "notes"):
        if getattr(source, key) is not None:
            form[key] = getattr(source, key)
    if form["profile"] in READER_PROFILES:
        assert source.octets is not None
        assert source.items is not None
        stream = octets_of(source.octets)
        units = _units(source.octets)
        form["bytes"] = _hex_pairs(source.octets) if large else stream.hex()
        form["sha256"] = sha256(stream).hexdigest()
        form["items"] = [_item(item, units) if large else item for item in source.items]
        if source.stops:
            form["stops"] = list(source.stops)
        form["waits"] = waits(stream, source.stops)
    elif form["profile"] == "writer":
        packet = _expanded(source.packet or {})
        form["packet"] = _item(packet, _units_of_packet(source)) if large else packet
        if octets := surrogate_octets(packet):
            form["octets"] = octets
        if source.octets is not None:
            whole = octets_of(source.octets).hex()
            form["bytes"] = _hex_pairs(source.octets) if large else whole
        if source.refused is not None:
            form["refused"] = source.refused
        if source.split:
            form["split"] = True
    else:
        form["routes"] = list(source.routes)
        form["feeds"] = [
            {"input": feed.input}
            | _fed(feed, large)
            | {"packets": [_output(part, large) for part in feed.packets]}
            for feed in source.feeds
        ]
        wrapped = source.wrapped or (b"",) * len(source.routes)
        form["wrapped"] = [_long_hex(octets, large) for octets in wrapped]
    return form


def _fed(feed: FeedSource, large: bool) -> dict[str, Any]:
    if feed.octets is not None:
        return {"bytes": _long_hex(feed.octets, large)}
    return {"stop": True} if feed.is_stop else {"end": True}


def _output(part: Written, large: bool) -> Any:
    match part:
        case Report(octets, ends):
            return {"report": _long_hex(octets, large)} | ({"end": True} if ends else {})
        case Wrapped(octets):
            return {"wrapped": _long_hex(octets, large)}
    return _long_hex(part, large)


def question(source: Source) -> str:
    """Return the SHA-256 of a case's question, which never changes under an id.

    The expected answer is left out: a wrong one can be corrected.
    """
    if profile_of(source) in READER_PROFILES:
        digest = sha256(octets_of(source.octets or []))
        if source.stops:
            digest.update(f" stops {source.stops}".encode())
        return digest.hexdigest()
    if profile_of(source) == "writer":
        asked: Any = {"packet": _expanded(source.packet or {}), "split": source.split}
    else:
        asked = {
            "routes": source.routes,
            "feeds": [
                [feed.input, "stop" if feed.is_stop else feed.octets and feed.octets.hex()]
                for feed in source.feeds
            ],
        }
    return sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _expanded(packet: dict[str, Any]) -> dict[str, Any]:
    """Return a packet to write, with its long values as strings and its kind."""
    return {"kind": "packet"} | {
        key: "".join(part * times for part, times in value)
        if isinstance(value, list) and key in _TEXTS + _HEX
        else value
        for key, value in packet.items()
    }


def _units(octets: Runs) -> tuple[int, ...]:
    """Return the lengths of the source's repeated units, in octets or characters."""
    found = {1}
    for part, times in octets:
        if times > 1:
            found |= {len(part), len(part.decode(errors="replace"))}
    return tuple(sorted(found))


def _units_of_packet(source: Source) -> tuple[int, ...]:
    found = set(_units(source.octets or []))
    for key, value in (source.packet or {}).items():
        if isinstance(value, list) and key in _TEXTS + _HEX:
            found |= {len(part) // (2 if key in _HEX else 1) or 1 for part, _ in value}
    return tuple(sorted(found))


def _hex_pairs(octets: Runs) -> Any:
    """Return runs as pairs: repetition in the source, and repetition by chance."""
    pairs: list[list[Any]] = []
    for part, times in octets:
        if times > 1:
            pairs.append([part.hex(), times])
        else:
            inner = _long_hex(part, large=True)
            pairs += inner if isinstance(inner, list) else [[inner, 1]]
    repeats = any(times > 1 for _, times in pairs)
    return pairs if repeats else octets_of(octets).hex()


def _long_hex(octets: bytes, large: bool, units: tuple[int, ...] = (1,)) -> Any:
    pairs = compressed(octets, units) if large else [(octets, 1)]
    if all(times == 1 for _, times in pairs):
        return octets.hex()
    return [[part.hex(), times] for part, times in pairs]


def _item(item: dict[str, Any], units: tuple[int, ...]) -> dict[str, Any]:
    form = dict(item)
    for key in _HEX:
        if key in form:
            form[key] = _long_hex(bytes.fromhex(form[key]), True, units)
    for key in _TEXTS:
        if isinstance(form.get(key), str):
            pairs = compressed(form[key], units)
            if any(times > 1 for _, times in pairs):
                form[key] = [list(pair) for pair in pairs]
    return form


_Long = TypeVar("_Long", str, bytes)


def compressed(value: _Long, units: tuple[int, ...]) -> list[tuple[_Long, int]]:
    """Split `value` into parts and their repeat counts.

    :param units: possible lengths of a repeated part.

    >>> compressed("b3" + "a" * 300, (1,))
    [('b3', 1), ('a', 300)]
    """
    pairs: list[tuple[_Long, int]] = []
    at = 0
    pattern = _repetition(units, isinstance(value, bytes))
    for found in pattern.finditer(value):
        unit: _Long = found[1]
        times = (found.end() - found.start()) // len(unit)
        if times * len(unit) < _LEAST_REPEATED:
            continue
        if found.start() > at:
            pairs.append((value[at : found.start()], 1))
        pairs.append((unit, times))
        at = found.end()
    if at < len(value):
        pairs.append((value[at:], 1))
    return pairs


@cache
def _repetition(units: tuple[int, ...], octets: bool) -> re.Pattern[Any]:
    pattern = f"({'|'.join(f'.{{{unit}}}' for unit in reversed(units))})\\1+"
    return re.compile(pattern.encode() if octets else pattern, re.DOTALL)
