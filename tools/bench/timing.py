"""How long things take, beside each other.

Strategy: a machine's speed drifts, by a factor of two in minutes. So whatever is
compared takes turns, round for round, and a ratio is that of one round; what is
reported is the middle of the rounds, and the quartiles.
"""

from __future__ import annotations

import gc
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import NamedTuple, TypeAlias

__all__ = ["Spread", "Times", "exponent", "ratio", "spread", "take_turns"]

#: The seconds of each round, by what was done.
Times: TypeAlias = dict[str, list[float]]


class Spread(NamedTuple):
    """The middle of some values, and between which two their middle half lies."""

    median: float
    lower: float
    upper: float


def take_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> Times:
    """The seconds that each takes, so many times, each beginning as often as the others."""
    times: Times = {name: [] for name in works}
    names = list(works)
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            began = perf_counter()
            works[name]()
            times[name].append(perf_counter() - began)
    return times


def spread(values: Sequence[float]) -> Spread:
    """The median and the quartiles."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, lower, upper)


def ratio(slow: Sequence[float], fast: Sequence[float]) -> Spread:
    """How many times as long the first takes as the second, round for round."""
    return spread([one / other for one, other in zip(slow, fast, strict=True)])


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """The power of the size with which time grows: 1 is linear, 2 quadratic."""
    logs = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    return statistics.linear_regression(*logs).slope
