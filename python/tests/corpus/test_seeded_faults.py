"""The conformance suite finds what it is there to find: `conformance/seeded-faults`."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from subunit2.conformance import corpus
from subunit2.conformance.results import Law
from support import seeded_faults
from support.seeded_faults import Defect, ask, plant

DEFECTS = seeded_faults.defects()
CASES = corpus.load().by_id

# What the suite has at least; the list is there to grow.
FEWEST = {"reader": 18, "writer": 10, "multiplexer": 4}
FEWEST_OF_THE_FAST_WAYS = 10


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(defect.kind for defect in DEFECTS)
    assert kinds.keys() == FEWEST.keys()
    assert all(kinds[kind] >= fewest for kind, fewest in FEWEST.items()), kinds


def test_there_are_enough_of_the_fast_ways() -> None:
    assert sum(defect.fast for defect in DEFECTS) >= FEWEST_OF_THE_FAST_WAYS
    assert sum(defect.compiled for defect in DEFECTS) >= FEWEST_OF_THE_FAST_WAYS


def test_no_two_defects_share_a_name() -> None:
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_names_cases_that_are_there(defect: Defect) -> None:
    assert len(set(defect.caught_by)) == len(defect.caught_by) >= 1
    assert [case for case in defect.caught_by if case not in CASES] == []


def test_what_is_asked_is_the_copy(tmp_path: Path) -> None:
    python_path = plant(DEFECTS[0], tmp_path)
    asked = subprocess.run(
        seeded_faults.command(python_path, "-c", "import subunit2; print(subunit2.__file__)"),
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(asked.stdout.strip()) == tmp_path / "subunit2" / "__init__.py"


def test_a_defect_whose_text_is_gone_is_said_to_be_stale(tmp_path: Path) -> None:
    change = seeded_faults.Change(file="reader.py", replace="no such text", by="")
    defect = Defect(
        name="gone",
        what="",
        kind="reader",
        changes=(change,),
        caught_by=(),
        law=None,
        fast=False,
        compiled=False,
    )
    with pytest.raises(
        seeded_faults.StaleDefectError, match="defect gone no longer applies: update it"
    ):
        plant(defect, tmp_path)


@pytest.mark.parametrize("law", [None, "live"])
def test_a_defect_that_changes_nothing_is_not_caught(law: Law | None, tmp_path: Path) -> None:
    change = seeded_faults.Change(file="reader.py", replace="class Reader:", by="class Reader:")
    defect = Defect(
        name="none",
        what="",
        kind="reader",
        changes=(change,),
        caught_by=("packet/exists",),
        law=law,
        fast=False,
        compiled=False,
    )
    [result] = ask(plant(defect, tmp_path), [CASES["packet/exists"]], laws=law is not None)
    assert not defect.finds(result)


def test_without_a_defect_all_of_these_cases_pass() -> None:
    """The library is not planted into: the same harness, the same cases."""
    named = {laws: set[str]() for laws in (False, True)}
    for defect in DEFECTS:
        named[defect.law is not None].update(defect.caught_by)
    for laws, ids in named.items():
        results = ask(
            seeded_faults.LIBRARY.parent, [CASES[each] for each in sorted(ids)], laws=laws
        )
        assert [result.case.id for result in results] == sorted(ids)
        for result in results:
            assert result.outcome == "passed", f"{result.case.id}: {result.reason}"
            for law, each in result.laws.items():
                assert each.outcome == "passed", f"{result.case.id}, {law}: {each.reason}"


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_a_defect_is_caught(defect: Defect, tmp_path: Path) -> None:
    python_path = plant(defect, tmp_path)
    cases = [CASES[each] for each in defect.caught_by]
    results = ask(python_path, cases, laws=defect.law is not None)
    survived = [result.case.id for result in results if not defect.finds(result)]
    assert survived == [], f"{defect.what}: not seen by {', '.join(survived)}"
    assert len(results) == len(cases)
