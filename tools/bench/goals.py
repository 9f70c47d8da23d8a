"""What was to be reached, and whether it was.

Strategy: goals are for those who work on the library. They are shown where it is
measured, and no test fails where a busy machine misses one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

__all__ = ["Goal", "goals"]

_MIB: Final = 1 << 20

#: How many times as fast as python-subunit, in pure Python.
_READ: Final = {"W1": 4, "W2": 4, "W3": 1.5, "W4": 40}
_WRITE: Final = 3


class Goal(NamedTuple):
    """Something to reach.

    :ivar wanted: in words.
    :ivar reached: the value measured.
    :ivar is_met: whether it is good enough.
    """

    name: str
    wanted: str
    reached: float
    is_met: bool


def goals(document: Mapping[str, Any]) -> Iterator[Goal]:
    """Each goal, and what a document says of it."""
    for one in document["readers"]:
        if one["workload"] in _READ:
            least = _READ[one["workload"]]
            yield _at_least(f"{one['workload']}, read", least, one["ratios"]["decode"]["median"])
    for one in document["writers"]:
        reached = one["ratios"]["encode"]["median"]
        yield _at_least(f"{one['workload']}, write", _WRITE, reached)
    damage = document["damage"]
    yield _at_least("W5, undamaged packets read", 1, damage["recovered"]["least"])
    yield _at_most("W5, times W2", 1.3, damage["times_of_w2"]["median"])
    for one in document["growth"]:
        yield _at_most(f"W6, {one['family']}: exponent", 1.15, one["exponent"])
        seconds = dict(zip(one["mebioctets"], one["seconds"], strict=True))
        if 4 in seconds:
            yield _at_most(f"W6, {one['family']}: seconds for 4 MiB", 2, seconds[4])
    whole = document["pieces"][-1]["times_of_whole"]["median"]
    yield _at_most("W2 in pieces of 64 KiB, times whole", 1.3, whole)
    yield _at_most("JSON of W2, times reading", 10, document["json"]["times_of_parse"]["median"])
    if "growth" in document["memory"]:
        yield _at_most("Memory, MiB over the start", 32, document["memory"]["growth"] / _MIB)
    for name, times in list(document["start"]["times_of_first"].items())[1:]:
        yield _at_most(f"Start, {name}", 1.5, times["median"])


def _at_least(name: str, least: float, reached: float) -> Goal:
    return Goal(name, f"at least {least:g}", reached, reached >= least)


def _at_most(name: str, most: float, reached: float) -> Goal:
    return Goal(name, f"at most {most:g}", reached, reached <= most)
