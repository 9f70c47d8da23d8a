"""Attribute a failure to the clause that it violates.

Strategy: a case tests one clause first, but a reader can satisfy that clause and fail
for another reason: it names another error, or it drops nanoseconds. If all differences
disappear when such a detail is ignored, the failure is attributed to the clause that
demands the detail, and not to the first clause of the case.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any, Final

from subunit2.conformance.corpus import ReaderCase
from subunit2.conformance.diff import joined, same
from subunit2.conformance.results import Result

__all__ = ["clause_of_failure"]

_Form = dict[str, Any]


def _without_error(item: _Form) -> _Form:
    return {key: value for key, value in item.items() if key != "error"}


def _without_recovered(item: _Form) -> _Form:
    return {key: value for key, value in item.items() if key != "recovered"}


def _without_nanoseconds(item: _Form) -> _Form:
    when = item.get("timestamp")
    return item | {"timestamp": when.get("seconds")} if isinstance(when, dict) else item


def _without_order_of_tags(item: _Form) -> _Form:
    tags = item.get("test_tags")
    return item | {"test_tags": sorted(set(tags))} if isinstance(tags, list) else item


#: For each such clause, a function that removes from an item the detail that it demands.
_WITHOUT: Final[dict[str, Callable[[_Form], _Form]]] = {
    "packet.first-error": _without_error,
    "timestamp.exact": _without_nanoseconds,
    "tags.wire-order": _without_order_of_tags,
    "recovery.recovered": _without_recovered,
}


def clause_of_failure(result: Result) -> str:
    """Return the clause that a failed case violates."""
    expected, actual = result.expected, result.actual
    clause = result.case.clauses[0]
    if (
        not isinstance(result.case, ReaderCase)
        or result.outcome != "wrong"
        or not isinstance(expected, list)
        or not isinstance(actual, list)
        or not _agree(expected, actual, ignored=set(_WITHOUT))
    ):
        return clause
    violated = (
        each for each in _WITHOUT if not _agree(expected, actual, ignored=_WITHOUT.keys() - {each})
    )
    return next(violated, clause)


def _agree(expected: list[_Form], actual: list[_Form], *, ignored: Set[str]) -> bool:
    expected, actual = joined(expected), joined(actual)
    for clause in ignored:
        without = _WITHOUT[clause]
        expected, actual = list(map(without, expected)), list(map(without, actual))
    return len(expected) == len(actual) and all(map(same, expected, actual))
