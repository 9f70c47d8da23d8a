"""The reports of a run: JSON, JUnit XML, and a subunit stream."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator

from subunit2 import Packet, decode, spec
from subunit2.conformance.corpus import Corpus
from subunit2.conformance.reports.json import LAW_CLAUSES, Report, Tally
from subunit2.conformance.reports.junit import JUnitReport
from subunit2.conformance.reports.subunit import SubunitReport
from subunit2.conformance.results import LAWS, Implementation, LawResult, Outcome, Result
from subunit2.conformance.run import Disagreement, Event, GivenUp, Restarted, Started
from support.small_corpus import small_corpus

SCHEMA = json.loads(
    (Path(__file__).resolve().parents[3] / "conformance/schemas/report.schema.json").read_bytes()
)

MINE = Implementation(name="mine", version="1", language="C", profiles=("packet",))


class Takes(Protocol):
    def add(self, event: Event, /) -> None: ...


@pytest.fixture
def corpus() -> Corpus:
    return small_corpus()


def result(corpus: Corpus, id: str, outcome: Outcome = "passed", **more: Any) -> Result:
    return Result(case=corpus.by_id[id], outcome=outcome, **more)


def feed(taker: Takes, events: Iterable[Event]) -> None:
    for event in events:
        taker.add(event)


def document(corpus: Corpus, *events: Event) -> dict[str, Any]:
    report = Report(corpus)
    total = sum(isinstance(event, Result) for event in events)
    feed(report, [Started(MINE, total), *events])
    said = json.loads(json.dumps(report.document()))
    Draft202012Validator(SCHEMA).validate(said)
    return dict(said)


# --- Counting ---------------------------------------------------------------------------


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def test_all_passed(corpus: Corpus) -> None:
    said = document(corpus, *(Result(case=case, outcome="passed") for case in corpus.cases))
    assert said["passed"] is True
    assert said["totals"] == {"passed": len(corpus.cases)}
    assert said["by_origin"] == {"readme": 0, "decision": 0}
    assert said["cases"] == []
    assert said["corpus"] == {"version": "0.9.0", "digest": corpus.digest}
    assert said["implementation"]["name"] == "mine"


def test_failures_are_split_by_where_their_first_clause_comes_from(corpus: Corpus) -> None:
    readme, decision = "recovery/checksum-then-good-packet", "recovery/truncated"
    assert spec.clause(corpus.by_id[readme].clauses[0]).decision is None
    assert spec.clause(corpus.by_id[decision].clauses[0]).decision is not None
    said = document(
        corpus,
        result(corpus, readme, "wrong", reason="r"),
        result(corpus, decision, "crashed", reason="d"),
        result(corpus, "writer/exists", "rejected", reason="d"),
    )
    assert said["passed"] is False
    assert said["by_origin"] == {"readme": 1, "decision": 2}
    assert [case["origin"] for case in said["cases"]] == ["readme", "decision", "decision"]
    assert said["by_profile"] == {
        "recovery": {"wrong": 1, "crashed": 1},
        "writer": {"rejected": 1},
    }
    assert said["by_clause"]["checksum.crc32"] == {"wrong": 1}


@pytest.mark.parametrize("outcomes", [[], ["skipped"], ["unsupported", "skipped"], ["not run"]])
def test_a_run_in_which_nothing_was_asked_has_not_passed(
    corpus: Corpus, outcomes: list[Outcome]
) -> None:
    events = (
        Result(case=case, outcome=outcome)
        for case, outcome in zip(corpus.cases, outcomes, strict=False)
    )
    assert document(corpus, *events)["passed"] is False


@pytest.mark.parametrize(
    "event",
    [GivenUp("it crashed three times"), Disagreement(None, "no case x"), Disagreement("x", "y")],
)
def test_what_else_keeps_a_run_from_having_passed(corpus: Corpus, event: Event) -> None:
    passed = result(corpus, "packet/exists")
    assert document(corpus, passed)["passed"] is True
    assert document(corpus, passed, event)["passed"] is False


def test_a_run_that_did_not_come_to_its_end_has_not_passed(corpus: Corpus) -> None:
    tally = Tally()
    feed(tally, [Started(MINE, 2), result(corpus, "packet/exists")])
    assert not tally.has_passed
    tally.add(result(corpus, "packet/exists-twice"))
    assert tally.has_passed


def test_a_known_divergence_is_no_failure_and_is_told(corpus: Corpus) -> None:
    known = result(corpus, "packet/exists", "wrong", reason="r", divergence="no-exists")
    said = document(corpus, result(corpus, "packet/exists-twice"), known)
    assert said["passed"] is True
    assert said["known_divergences"] == 1
    assert said["by_origin"] == {"readme": 0, "decision": 0}
    assert [case["divergence"] for case in said["cases"]] == ["no-exists"]


@pytest.mark.parametrize("law", LAWS)
def test_a_law_that_does_not_hold_is_a_failure(corpus: Corpus, law: Any) -> None:
    failed = result(
        corpus, "packet/exists", laws={law: LawResult(outcome="wrong", reason="cut at 3")}
    )
    said = document(corpus, failed)
    assert said["passed"] is False
    assert said["totals"] == {"passed": 1}
    assert said["laws"] == {law: {"wrong": 1}}
    (case,) = said["cases"]
    assert case["laws"] == {law: {"outcome": "wrong", "reason": "cut at 3"}}
    clause = spec.clause(LAW_CLAUSES[law])
    assert case["origin"] == ("readme" if clause.decision is None else "decision")


def test_failures_of_which_only_a_law_is_one_are_counted(corpus: Corpus) -> None:
    laws: Any = {"live": LawResult(outcome="wrong", reason="late")}
    tally = Tally()
    feed(
        tally,
        [
            result(corpus, "packet/exists", laws=laws),
            result(corpus, "packet/exists", "wrong", laws=laws),
            result(corpus, "packet/exists", "wrong", laws=laws, divergence="known"),
        ],
    )
    assert (tally.failures, tally.failures_of_laws) == (3, 2)


def test_restarts_are_counted(corpus: Corpus) -> None:
    tally = Tally()
    feed(tally, [Started(MINE, 1), Restarted(corpus.cases[0], "crashed")])
    assert tally.restarts == 1


# --- Shortened failures -----------------------------------------------------------


def test_what_is_long_is_abridged(corpus: Corpus) -> None:
    long = [{"kind": "passthrough", "bytes": "61" * 5000}]
    said = document(
        corpus, result(corpus, "packet/exists", "wrong", expected=long, actual=[{"a": "b" * 400}])
    )
    (case,) = said["cases"]
    assert case["expected"][0]["bytes"] == "61" * 200 + "... (10000 characters)"
    assert case["actual"] == [{"a": "b" * 400}]


def test_of_many_items_those_around_the_first_that_differs_are_kept(corpus: Corpus) -> None:
    expected = [{"n": number} for number in range(100)]
    actual = [*expected[:50], {"n": -1}, *expected[51:]]
    said = document(
        corpus, result(corpus, "packet/exists", "wrong", expected=expected, actual=actual)
    )
    (case,) = said["cases"]
    assert case["expected"][0] == "... (48 before)"
    assert case["expected"][3] == {"n": 50}
    assert case["actual"][3] == {"n": -1}
    assert case["expected"][-1] == "... (40 more)"


def test_nothing_that_came_is_not_the_same_as_no_items(corpus: Corpus) -> None:
    said = document(
        corpus,
        result(corpus, "packet/exists", "crashed", expected=[], actual=None),
        result(corpus, "packet/exists-twice", "wrong", expected=[], actual=[]),
    )
    assert ["actual" in case for case in said["cases"]] == [False, True]


# --- JUnit XML ---------------------------------------------------------------------------


def junit(*events: Event) -> ElementTree.Element:
    report = JUnitReport()
    feed(report, [Started(MINE, len(events)), *events])
    return ElementTree.fromstring(report.document())  # noqa: S314 - it is our own


def test_junit_has_a_suite_a_profile_and_a_test_a_case(corpus: Corpus) -> None:
    root = junit(
        result(corpus, "packet/exists", laws={"cuts": LawResult(outcome="passed")}),
        result(corpus, "packet/exists-twice", "wrong", reason="2 items"),
        result(corpus, "recovery/truncated", "crashed", reason="signal 11"),
        result(corpus, "writer/split", "unsupported", reason="no"),
        result(corpus, "writer/exists", "wrong", reason="x", divergence="known-one"),
    )
    assert root.get("name") == "subunit2 conformance: mine"
    assert [suite.get("name") for suite in root] == ["packet", "recovery", "writer"]
    tests = {test.get("name"): test for test in root.iter("testcase")}
    assert list(tests) == [
        *("packet/exists", "packet/exists (law cuts)", "packet/exists-twice"),
        *("recovery/truncated", "writer/split", "writer/exists"),
    ]
    outcomes = {name: [each.tag for each in test] for name, test in tests.items()}
    assert list(outcomes.values()) == [[], [], ["failure"], ["error"], ["skipped"], ["skipped"]]
    failure = tests["packet/exists-twice"][0]
    assert failure.get("message") == "wrong: 2 items"
    assert failure.get("type") == "wrong"
    assert "length.whole" in (failure.text or "")
    assert "known-one" in (tests["writer/exists"][0].get("message") or "")
    counts = {key: root.get(key) for key in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": "6", "failures": "1", "errors": "1", "skipped": "2"}


def test_junit_can_be_read_whatever_an_implementation_says(corpus: Corpus) -> None:
    reason = "\x00\x1b[2J \ud800 \ufffe <&> é"
    root = junit(result(corpus, "packet/exists", "wrong", reason=reason))
    message = next(root.iter("failure")).get("message")
    assert message == "wrong: \\x00\\x1b[2J \\ud800 \\ufffe <&> é"


# --- The subunit stream -----------------------------------------------------------------


def stream(corpus: Corpus, *events: Event) -> list[Packet]:
    file = io.BytesIO()
    asked = [event.case for event in events if isinstance(event, Result)]
    feed(SubunitReport(file, asked), [Started(MINE, len(asked)), *events])
    items = list(decode(file.getvalue()))
    assert all(isinstance(item, Packet) for item in items)
    return [item for item in items if isinstance(item, Packet)]


def test_a_run_is_a_stream(corpus: Corpus) -> None:
    packets = stream(
        corpus,
        result(corpus, "packet/exists", laws={"cuts": LawResult(outcome="wrong", reason="c")}),
        result(corpus, "recovery/truncated", "crashed", reason="signal 11"),
        result(corpus, "writer/split", "unsupported", reason="no"),
        result(corpus, "writer/exists", "wrong", reason="x", divergence="known-one"),
    )
    assert [(packet.test_id, packet.test_status) for packet in packets] == [
        ("packet/exists", "inprogress"),
        ("packet/exists", "success"),
        ("packet/exists (law cuts)", "fail"),
        ("recovery/truncated", "inprogress"),
        ("recovery/truncated", "fail"),
        ("writer/split", "inprogress"),
        ("writer/split", "skip"),
        ("writer/exists", "inprogress"),
        ("writer/exists", "xfail"),
    ]
    assert not any(packet.runnable for packet in packets)
    crashed = packets[4]
    assert crashed.test_tags == ("packet.truncated", "recovery")
    assert (crashed.file_name, crashed.file_bytes) == ("reason", b"crashed: signal 11")
    assert crashed.eof
    assert packets[1].file_name is None


def test_a_stream_shows_where_it_hangs(corpus: Corpus) -> None:
    file = io.BytesIO()
    SubunitReport(file, corpus.cases).add(Started(MINE, 1))
    (packet,) = decode(file.getvalue())
    assert isinstance(packet, Packet)
    assert (packet.test_id, packet.test_status) == (corpus.cases[0].id, "inprogress")


def test_a_reason_that_is_no_text_is_written(corpus: Corpus) -> None:
    packets = stream(corpus, result(corpus, "packet/exists", "rejected", reason="\0 \ud800"))
    assert packets[1].file_bytes == b"rejected: \0 \\ud800"
