"""A failure is attributed to the clause that it violates, if that is not the case's first."""

from __future__ import annotations

from typing import Any

import pytest

from subunit2 import Corrupt, Item, Packet, Passthrough, Timestamp
from subunit2.conformance.attribution import clause_of_failure
from subunit2.conformance.corpus import load
from subunit2.conformance.results import Result
from subunit2.items import replace

CASE = load().by_id["packet/exists"]

ABOUT_TIME = Packet(test_id="a", timestamp=Timestamp(7, 1), test_tags=("b", "a"), recovered=True)


def against(expected: list[Item], actual: list[Item]) -> str:
    right, came = ([item.to_dict() for item in items] for items in (expected, actual))
    return clause_of_failure(Result(case=CASE, outcome="wrong", expected=right, actual=came))


SECOND_ONLY = Timestamp(7, 0)
SORTED = ("a", "b")


@pytest.mark.parametrize(
    ("clause", "changes"),
    [
        ("timestamp.exact", {"timestamp": SECOND_ONLY}),
        ("tags.wire-order", {"test_tags": SORTED}),
        ("recovery.recovered", {"recovered": False}),
        # Of two violated clauses, the first counts.
        ("timestamp.exact", {"timestamp": SECOND_ONLY, "test_tags": SORTED}),
        # Any other difference is attributed to the first clause of the case.
        (CASE.clauses[0], {"timestamp": SECOND_ONLY, "test_id": "x"}),
        (CASE.clauses[0], {"timestamp": Timestamp(8, 1)}),
        (CASE.clauses[0], {"test_tags": ("b", "c")}),
        (CASE.clauses[0], {"timestamp": None}),
    ],
)
def test_what_a_packet_says_less_is_against_the_clause_that_asks_for_it(
    clause: str, changes: dict[str, Any]
) -> None:
    around: list[Item] = [Corrupt(b"\xb3", "version"), Passthrough(b"ok\n")]
    assert against([*around, ABOUT_TIME], [*around, replace(ABOUT_TIME, **changes)]) == clause


def test_another_name_of_an_error_is_against_the_order_of_checks() -> None:
    assert against([Corrupt(b"\xb3a", "utf8")], [Corrupt(b"\xb3a", "nul")]) == "packet.first-error"
    assert against([Corrupt(b"\xb3a", "utf8")], [Corrupt(b"\xb3", "nul")]) == CASE.clauses[0]


def test_what_did_not_come_at_all_is_against_the_case() -> None:
    assert clause_of_failure(Result(case=CASE, outcome="crashed")) == CASE.clauses[0]
    assert against([ABOUT_TIME], []) == CASE.clauses[0]
