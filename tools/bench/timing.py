"""Times of functions, compared with each other.

Strategy: a machine's speed drifts, by a factor of two in minutes. So the functions compared
take turns, round for round, and a ratio is that of one round. The median of the rounds is
reported, with the quartiles.
"""

from __future__ import annotations

import gc
import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from time import perf_counter
from typing import NamedTuple, TypeAlias

__all__ = ["Spread", "Times", "exponent", "ratio", "spread", "take_turns"]

#: The seconds of each round, by function name.
Times: TypeAlias = dict[str, list[float]]


class Spread(NamedTuple):
    """The median of some values, and their quartiles."""

    median: float
    lower: float
    upper: float


def take_turns(works: Mapping[str, Callable[[], object]], rounds: int) -> Times:
    """Time each function for so many rounds; each starts a round equally often."""
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
    """Return the median and the quartiles of some values."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, lower, upper)


def ratio(slow: Sequence[float], fast: Sequence[float]) -> Spread:
    """Return the ratio of the first's time to the second's, round for round."""
    return spread([one / other for one, other in zip(slow, fast, strict=True)])


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the exponent with which time grows with size: 1 is linear, 2 quadratic."""
    logs = [math.log(size) for size in sizes], [math.log(second) for second in seconds]
    return statistics.linear_regression(*logs).slope
