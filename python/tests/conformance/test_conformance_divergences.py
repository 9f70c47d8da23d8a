"""Files of divergences: loading, comparing with results, drafting."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from subunit2.conformance.divergences import (
    DivergenceFileError,
    Divergences,
    draft,
    is_failure,
    load,
    observed,
)
from subunit2.conformance.drivers.schemas import schema
from subunit2.conformance.results import LawResult, Result
from support.conformance_cases import case

FILE = """\
[[divergence]]
name = "no-version"
kind = "bug"
clauses = ["flags.version"]
reason = "It never looks at the version."
link = "https://example.org/1"
report = "no-version.md"
[divergence.cases]
"packet/exists" = "wrong 4f53cda1"
"packet/full" = "timed out"

[[divergence]]
name = "late"
kind = "by design"
clauses = ["reader.packet-at-once"]
reason = "It reads lines."
law = "live"
cases = { "stream/only-text" = "wrong" }

[[divergence]]
name = "no-tags"
kind = "unsupported"
clauses = ["tags.field"]
reason = "It has none."
cases = { "writer/exists" = "unsupported" }
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "divergences.toml"
    path.write_text(text)
    return path


def result(id: str, outcome: Any, reason: str = "odd", actual: Any = None, **laws: Any) -> Result:
    by_law: Any = {law: LawResult(outcome=found, reason="late") for law, found in laws.items()}
    return Result(case=case(id), outcome=outcome, reason=reason, actual=actual, laws=by_law)


def faults_of(divergences: Divergences, *results: Result) -> list[str]:
    return [fault for each in results for fault in divergences.judge(each)[1]]


@pytest.fixture(name="divergences")
def _divergences(tmp_path: Path) -> Divergences:
    return load(written(tmp_path, FILE))


def test_a_file(divergences: Divergences) -> None:
    assert list(divergences.by_name) == ["no-version", "late", "no-tags"]
    entry = divergences.by_name["no-version"]
    assert (entry.kind, entry.clauses, entry.law) == ("bug", ("flags.version",), None)
    assert entry.cases == {"packet/exists": "wrong 4f53cda1", "packet/full": "timed out"}
    assert (entry.link, entry.report) == ("https://example.org/1", "no-version.md")


def test_what_was_observed() -> None:
    assert observed(result("packet/exists", "crashed")) == "crashed"
    # The digest of `[]` is computed by: printf '[]' | sha256sum
    assert observed(result("packet/exists", "wrong", actual=[])) == "wrong 4f53cda1"
    one = observed(result("packet/exists", "wrong", actual={"a": "ñ\ud800", "b": 1}))
    other = observed(result("packet/exists", "wrong", actual={"b": 1, "a": "ñ\ud800"}))
    assert one == other


def test_a_run_as_it_is_described(divergences: Divergences) -> None:
    results = [
        result("packet/exists", "wrong", actual=[]),
        result("packet/full", "timed out"),
        result("stream/only-text", "passed", live="wrong", cuts="passed"),
        result("writer/exists", "unsupported"),
        result("writer/nul", "passed"),
        result("writer/split", "skipped"),
        result("writer/surrogate", "unsupported"),
    ]
    judged = [divergences.judge(each) for each in results]
    assert [faults for _, faults in judged] == [[]] * 7
    assert [each.divergence for each, _ in judged] == [
        *("no-version", "no-version", None, "no-tags", None, None, None)
    ]
    assert judged[2][0].laws["live"].divergence == "late"
    assert not any(is_failure(each) for each, _ in judged)
    assert [is_failure(each) for each in results] == [True, True, True, *[False] * 4]
    assert divergences.faults([each.case.id for each in results]) == []


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (result("packet/full", "passed"), 'passed; "no-version" says that it fails'),
        (result("packet/full", "skipped"), 'skipped; "no-version" says that it fails'),
        (result("packet/full", "crashed"), 'crashed; "no-version" describes timed out: odd'),
        (
            result("packet/exists", "wrong", actual=[{}]),
            'wrong e10808d4; "no-version" describes wrong 4f53cda1: odd',
        ),
        (
            result("writer/exists", "wrong", actual=[]),
            'wrong 4f53cda1; "no-tags" describes unsupported: odd',
        ),
        (result("writer/nul", "wrong", actual=[]), "no divergence names this: wrong 4f53cda1: odd"),
        (
            result("stream/only-text", "passed", live="passed"),
            'law live: passed; "late" says that it fails',
        ),
        (
            result("stream/only-text", "passed", live="wrong", early="wrong"),
            "law early: no divergence names this: wrong: late",
        ),
        (
            result("stream/only-text", "passed"),
            'law live was not checked; "late" names it',
        ),
    ],
)
def test_a_run_that_is_not_as_described(
    divergences: Divergences, found: Result, fault: str
) -> None:
    [said] = faults_of(divergences, found)
    assert said == fault


def test_laws_that_were_not_asked_at_all(divergences: Divergences) -> None:
    found = result("stream/only-text", "passed")
    assert divergences.judge(found, laws=False)[1] == []


def test_cases_that_were_not_run_are_no_news(divergences: Divergences) -> None:
    assert faults_of(divergences, result("packet/full", "not run")) == []
    assert is_failure(result("packet/full", "not run"))


def test_ids_that_nobody_knows(divergences: Divergences) -> None:
    known = ["packet/exists", "packet/full", "stream/only-text"]
    assert divergences.faults(known) == [("writer/exists", 'no such case; "no-tags" names it')]


def test_a_case_that_is_named_twice(tmp_path: Path) -> None:
    again = FILE.replace('"stream/only-text" = "wrong"', '"packet/full" = "wrong"')
    # The failure of a law needs an entry of its own.
    assert (
        load(written(tmp_path, again)).faults(["packet/full", "packet/exists", "writer/exists"])
        == []
    )
    again = again.replace('law = "live"\n', "")
    divergences = load(written(tmp_path, again))
    assert divergences.faults(["packet/full", "packet/exists", "writer/exists"]) == [
        ("packet/full", 'named by "no-version" and by "late"')
    ]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('kind = "bug"', 'kind = "TODO"', "kind: 'TODO' is not one of bug, by design, unsupported"),
        ('kind = "bug"\n', "", "kind: missing"),
        ('reason = "It n', 'reason = "TODO: ', "reason: still to be written"),
        ('"flags.version"', '"flags.colour"', "clauses: no clause 'flags.colour'"),
        ('["flags.version"]', "[]", "clauses: has to be an array of ids"),
        ('"no-version"', '"No version"', "name: has to be lower-case words with hyphens"),
        ('"no-version"', '"late"', "two entries have this name"),
        ("link =", "url =", "url: unknown key of a divergence"),
        ('"no-version.md"', "3", "report: has to be a string, not empty"),
        ('"timed out"', '"slow"', "cases: packet/full: 'slow' is not an outcome"),
        ('"timed out"', '"passed"', "cases: packet/full: 'passed' is not an outcome"),
        ('"live"', '"lively"', "law: 'lively' is not one of cuts, live, early, partition"),
        ('{ "stream/only-text" = "wrong" }', "{}", "cases: has to be a table of observations"),
        ("[[divergence]]", "[[diverge]]", "diverge: unknown key"),
        ('kind = "bug"', "kind", "Expected '='"),
    ],
)
def test_a_file_that_is_none(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert old in FILE
    text = FILE.replace(old, new) if "diverge" in new else FILE.replace(old, new, 1)
    with pytest.raises(DivergenceFileError) as caught:
        load(written(tmp_path, text))
    assert reason in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "divergences.toml"))
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DivergenceFileError, match="No such file"):
        load(tmp_path / "none.toml")


def test_a_draft() -> None:
    results = [
        result("packet/full", "wrong", "the packet at 0 is missing", actual=[]),
        result("packet/exists", "wrong", "odd\nand long", actual=[]),
        result("writer/nul", "timed out"),
        result("writer/exists", "passed"),
        result("writer/split", "not run"),
        result("stream/only-text", "passed", live="wrong"),
    ]
    text = draft(results)
    assert text == (
        "[[divergence]]\n"
        "# packet/full: the packet at 0 is missing\n"
        'name = "checksum-crc32-wrong"\n'
        'kind = "TODO"\n'
        'clauses = ["checksum.crc32"]\n'
        'reason = "TODO: the behaviour observed, and its cause"\n'
        "[divergence.cases]\n"
        '"packet/exists" = "wrong 4f53cda1"\n'
        '"packet/full" = "wrong 4f53cda1"\n'
        "\n"
        "[[divergence]]\n"
        "# writer/nul: odd\n"
        'name = "number-shortest-timed-out"\n'
        'kind = "TODO"\n'
        'clauses = ["number.shortest"]\n'
        'reason = "TODO: the behaviour observed, and its cause"\n'
        "[divergence.cases]\n"
        '"writer/nul" = "timed out"\n'
        "\n"
        "[[divergence]]\n"
        "# stream/only-text: late\n"
        'name = "checksum-crc32-wrong-live"\n'
        'kind = "TODO"\n'
        'clauses = ["checksum.crc32"]\n'
        'reason = "TODO: the behaviour observed, and its cause"\n'
        'law = "live"\n'
        "[divergence.cases]\n"
        '"stream/only-text" = "wrong"\n'
    )


def test_a_draft_becomes_a_file(tmp_path: Path) -> None:
    found = [
        result("packet/full", "wrong", 'octet 3 "\\\x7f\u202eñ', actual=[]),
        result("stream/only-text", "passed", live="wrong"),
    ]
    path = written(tmp_path, draft(found))
    with pytest.raises(DivergenceFileError, match="kind: 'TODO'"):
        load(path)
    edited = path.read_text().replace('"TODO"', '"bug"').replace("TODO: the", "The")
    divergences = load(written(tmp_path, edited))
    judged = [divergences.judge(each) for each in found]
    assert [faults for _, faults in judged] == [[], []]
    assert not any(is_failure(each) for each, _ in judged)
    # A second draft, with one more failure, keeps the entries and adds the failure.
    more = [each for each, _ in judged] + [result("writer/nul", "crashed")]
    again = draft(more, divergences)
    assert again.count('kind = "bug"') == 2
    assert again.count('kind = "TODO"') == 1
    assert draft([], divergences) == ""


def test_the_schema_says_the_same(tmp_path: Path) -> None:
    validator = Draft202012Validator(schema("divergences"))
    assert list(validator.iter_errors(tomllib.loads(FILE))) == []
    drafted = tomllib.loads(draft([result("writer/nul", "crashed")]))
    assert [error.json_path for error in validator.iter_errors(drafted)] == ["$.divergence[0].kind"]
    for text in ("slow", "passed", "not run", "wrong 4F53CDA1"):
        changed = json.loads(json.dumps(tomllib.loads(FILE)).replace("timed out", text))
        assert list(validator.iter_errors(changed)) != []
        with pytest.raises(DivergenceFileError):
            load(written(tmp_path, FILE.replace("timed out", text)))
