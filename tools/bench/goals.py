"""The speed goals, and the figures that reach or miss them.

Strategy: goals are for contributors to the library. The benchmark prints them, and no test
fails because a busy machine misses one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

__all__ = ["Goal", "goals"]

_MIB: Final = 1 << 20

#: The speed wanted, as a multiple of python-subunit's, by reader.
_READ: Final[dict[str, dict[str, float]]] = {
    "pure Python": {"W1": 4, "W2": 4, "W3": 1.5, "W4": 40},
    "compiled": {"W1": 10, "W2": 12, "W4": 100},
}
_WRITE: Final = 3


class Goal(NamedTuple):
    """A figure to reach.

    :ivar wanted: in words.
    :ivar reached: the value measured.
    :ivar is_met: whether it is good enough.
    """

    name: str
    wanted: str
    reached: float
    is_met: bool


def goals(document: Mapping[str, Any]) -> Iterator[Goal]:
    """Return each goal with the value that a results document has for it."""
    reader = document["machine"]["reader"]
    measured = {reader: document}
    if document["in_python"]:
        measured[document["in_python"]["reader"]] = document["in_python"]
    for way, found in measured.items():
        for one in found["readers"]:
            if one["workload"] in _READ[way]:
                least = _READ[way][one["workload"]]
                reached = one["ratios"]["decode"]["median"]
                yield _at_least(f"{one['workload']}, read, {way}", least, reached)
        yield from _goals_of_any(found, way)
    if "growth" in document["memory"]:
        yield _at_most("Memory, MiB over the start", 32, document["memory"]["growth"] / _MIB)
    for name, times in list(document["start"]["times_of_first"].items())[1:]:
        yield _at_most(f"Start, {name}", 1.5, times["median"])


def _goals_of_any(found: Mapping[str, Any], way: str) -> Iterator[Goal]:
    """Yield the goals of one reader and of the writer beside it."""
    for one in found["writers"]:
        reached = one["ratios"]["encode"]["median"]
        yield _at_least(f"{one['workload']}, write, {way}", _WRITE, reached)
    damage = found["damage"]
    yield _at_least(f"W5, undamaged packets read, {way}", 1, damage["recovered"]["least"])
    if way == "pure Python":
        # The compiled reader leaves damage to the Python reader, whose time dominates.
        yield _at_most(f"W5, times W2, {way}", 1.3, damage["times_of_w2"]["median"])
    for one in found["growth"]:
        yield _at_most(f"W6, {one['family']}: exponent, {way}", 1.15, one["exponent"])
        seconds = dict(zip(one["mebioctets"], one["seconds"], strict=True))
        if 4 in seconds:
            yield _at_most(f"W6, {one['family']}: seconds for 4 MiB, {way}", 2, seconds[4])
    whole = found["chunks"][-1]["times_of_whole"]["median"]
    yield _at_most(f"W2 in chunks of 64 KiB, times whole, {way}", 1.3, whole)
    json = found["json"]["times_of_parse"]["median"]
    yield _at_most(f"JSON of W2, times reading, {way}", 10, json)


def _at_least(name: str, least: float, reached: float) -> Goal:
    return Goal(name, f"at least {least:g}", reached, reached >= least)


def _at_most(name: str, most: float, reached: float) -> Goal:
    return Goal(name, f"at most {most:g}", reached, reached <= most)
