"""Which clause a failure is against, where it is another than the case's first.

Strategy: a case is about one rule, but a reader can read all of that right and
yet answer something else: it names another error, or its clock has no
nanoseconds. Where such a difference is all there is, the failure is against the
clause that asks for that, so that nobody is told of a bug that is none.
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


#: What items are like when a clause is left out of account.
_WITHOUT: Final[dict[str, Callable[[_Form], _Form]]] = {
    "packet.first-error": _without_error,
    "timestamp.exact": _without_nanoseconds,
    "tags.wire-order": _without_order_of_tags,
    "recovery.recovered": _without_recovered,
}


def clause_of_failure(result: Result) -> str:
    """The clause that a case's failure is against."""
    expected, actual = result.expected, result.actual
    clause = result.case.clauses[0]
    if (
        not isinstance(result.case, ReaderCase)
        or result.outcome != "wrong"
        or not isinstance(expected, list)
        or not isinstance(actual, list)
        or not _agree(expected, actual, leaving_out=set(_WITHOUT))
    ):
        return clause
    against = (
        each
        for each in _WITHOUT
        if not _agree(expected, actual, leaving_out=_WITHOUT.keys() - {each})
    )
    return next(against, clause)


def _agree(expected: list[_Form], actual: list[_Form], *, leaving_out: Set[str]) -> bool:
    right, came = joined(expected), joined(actual)
    for clause in leaving_out:
        without = _WITHOUT[clause]
        right, came = list(map(without, right)), list(map(without, came))
    return len(right) == len(came) and all(map(same, right, came))
