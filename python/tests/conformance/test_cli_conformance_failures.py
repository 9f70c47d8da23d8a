"""The view of a failure: the question, the expected and the actual answer, in lines that fit."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from subunit2.cli.packet_view import Layout
from subunit2.cli.terminal import Paint
from subunit2.conformance.results import LawResult, Outcome, Result
from subunit2.conformance.terminal.failure_view import draw_failure
from subunit2.conformance.terminal.side_by_side import draw_differences
from support.command import controls
from support.small_corpus import small_corpus

CORPUS = small_corpus()
IDS = [case.id for case in CORPUS.cases]


def shown(id: str, outcome: Outcome = "wrong", width: int = 80, **more: Any) -> list[str]:
    result = Result(case=CORPUS.by_id[id], outcome=outcome, **more)
    lines = list(draw_failure(result, Layout(Paint("never"), width, None)))
    assert [line for line in lines if cell_len(line) > width] == []
    assert controls("".join(lines)) == []
    return lines


def differences(expected: object, actual: object, width: int = 80) -> list[str]:
    return list(draw_differences(expected, actual, Layout(Paint("never"), width, None)))


@pytest.mark.parametrize("width", [52, 80, 140])
@pytest.mark.parametrize("id", IDS)
def test_any_case_can_fail_in_any_way(id: str, width: int) -> None:
    for actual in (None, [], "b3", {"refused": True}, [{"kind": "packet"}], "no hex"):
        lines = shown(id, width=width, reason="\x1b[2J" + "because " * 40, actual=actual)
        assert lines[0] == f"{id}: wrong"
        assert len(lines) < 90


def test_a_law_that_did_not_hold_is_shown_with_its_clause() -> None:
    law = LawResult(outcome="wrong", reason="cut at 3", expected=[{"kind": "packet"}], actual=[])
    lines = shown("packet/exists", "passed", laws={"cuts": law})
    assert lines[0] == "packet/exists: law cuts: wrong"
    assert any("stream.octets-alone, decided here" in line for line in lines)
    assert any("(no item)" in line for line in lines)


def test_the_clause_that_it_is_against_stands_first() -> None:
    case = CORPUS.by_id["recovery/checksum-then-good-packet"]
    items: list[dict[str, Any]] = [dict(item) for item in case.form["items"]]
    items[0]["error"] = "truncated"
    lines = shown(case.id, expected=case.form["items"], actual=items)
    said = [line.split(",")[0] for line in lines if line.startswith(("  against", "  also"))]
    assert said == ["  against   packet.first-error", f"  also      {case.clauses[0]}"]


def test_the_stream_is_drawn_from_before_what_is_wrong() -> None:
    case = CORPUS.by_id["stream/text-between"]
    items: list[dict[str, Any]] = [dict(item) for item in case.form["items"]]
    items[3]["test_id"] = "baz"
    lines = shown(case.id, expected=case.form["items"], actual=items)
    assert "  the stream by field, from item 3 on" in lines
    assert any('"bar"' in line and "#" in line and '"baz"' in line for line in lines)


def test_only_some_of_many_items_are_shown() -> None:
    many = [{"kind": "passthrough", "bytes": f"{number:04x}"} for number in range(100)]
    lines = differences(many, [])
    assert any("… 96 items more" in line for line in lines)
    assert len(lines) < 40
    assert any("96 items more" in line for line in differences(many, None))


def test_rows_far_from_what_differs_are_left_out() -> None:
    item = {"kind": "packet", **{f"key-{number}": number for number in range(30)}}
    lines = differences([item], [dict(item, **{"key-15": -1})])
    assert [line.strip() for line in lines if "the same" in line] == [
        "… 12 rows the same",
        "… 11 rows the same",
    ]
    assert len(lines) < 14


def test_many_rows_are_cut() -> None:
    item = {"kind": "packet", **{f"key-{number}": number for number in range(100)}}
    other = {"kind": "packet", **{f"other-{number}": number for number in range(100)}}
    assert any("rows more" in line for line in differences([item], [other]))


def test_what_is_no_item_is_shown() -> None:
    lines = differences([1, {"bytes": 3, "x": ["long"] * 100}], {"a": {"b": 1}, "c": [], "d": "é"})
    text = "\n".join(lines)
    assert "100 in all" in text
    assert '"é"' in text
