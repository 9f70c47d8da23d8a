"""The conformance suite finds the faults of `conformance/seeded-faults`."""

from __future__ import annotations

import subprocess
from collections import Counter
from pathlib import Path

import pytest

from subunit2.conformance import corpus
from subunit2.conformance.results import Law
from support import seeded_faults
from support.sampling import sample
from support.seeded_faults import Fault, ask, seed

FAULTS = seeded_faults.faults()
CASES = corpus.load().by_id

# The fewest faults of each kind. Raise the numbers when faults are added.
FEWEST = {"reader": 90, "writer": 15, "multiplexer": 40}
FEWEST_OF_THE_FAST_PATHS = 10


def test_there_are_enough_of_each_kind() -> None:
    kinds = Counter(fault.kind for fault in FAULTS)
    assert kinds.keys() == FEWEST.keys()
    assert all(kinds[kind] >= fewest for kind, fewest in FEWEST.items()), kinds


def test_there_are_enough_of_the_fast_paths() -> None:
    assert sum(fault.fast for fault in FAULTS) >= FEWEST_OF_THE_FAST_PATHS
    assert sum(fault.speedups for fault in FAULTS) >= FEWEST_OF_THE_FAST_PATHS


def test_no_two_faults_share_a_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_names_cases_of_the_corpus(fault: Fault) -> None:
    assert len(set(fault.caught_by)) == len(fault.caught_by) >= 1
    assert [case for case in fault.caught_by if case not in CASES] == []


def test_the_harness_imports_the_copy(tmp_path: Path) -> None:
    python_path = seed(FAULTS[0], tmp_path)
    asked = subprocess.run(
        seeded_faults.command(python_path, "-c", "import subunit2; print(subunit2.__file__)"),
        check=True,
        capture_output=True,
        text=True,
    )
    assert Path(asked.stdout.strip()) == tmp_path / "subunit2" / "__init__.py"


def test_a_fault_whose_text_is_gone_is_reported_as_stale(tmp_path: Path) -> None:
    change = seeded_faults.Change(file="reader.py", replace="no such text", by="")
    fault = Fault(
        name="gone",
        what="",
        kind="reader",
        changes=(change,),
        caught_by=(),
        law=None,
        fast=False,
        speedups=False,
    )
    with pytest.raises(
        seeded_faults.StaleFaultError, match="seeded fault gone no longer applies: update it"
    ):
        seed(fault, tmp_path)


@pytest.mark.parametrize("law", [None, "live"])
def test_a_fault_that_changes_nothing_is_not_caught(law: Law | None, tmp_path: Path) -> None:
    change = seeded_faults.Change(file="reader.py", replace="class Reader(", by="class Reader(")
    fault = Fault(
        name="none",
        what="",
        kind="reader",
        changes=(change,),
        caught_by=("packet/exists",),
        law=law,
        fast=False,
        speedups=False,
    )
    [result] = ask(seed(fault, tmp_path), [CASES["packet/exists"]], laws=law is not None)
    assert not fault.finds(result)


@pytest.mark.slow
def test_without_a_fault_all_of_these_cases_pass() -> None:
    """The same harness and the same cases, with the library itself."""
    named = {laws: set[str]() for laws in (False, True)}
    for fault in FAULTS:
        named[fault.law is not None].update(fault.caught_by)
    for laws, ids in named.items():
        results = ask(
            seeded_faults.LIBRARY.parent, [CASES[each] for each in sorted(ids)], laws=laws
        )
        assert [result.case.id for result in results] == sorted(ids)
        for result in results:
            assert result.outcome == "passed", f"{result.case.id}: {result.reason}"
            for law, each in result.laws.items():
                assert each.outcome == "passed", f"{result.case.id}, {law}: {each.reason}"


@pytest.mark.parametrize("fault", sample(FAULTS, FAULTS[::6], lambda fault: fault.name))
def test_a_fault_is_caught(fault: Fault, tmp_path: Path) -> None:
    python_path = seed(fault, tmp_path)
    cases = [CASES[each] for each in fault.caught_by]
    results = ask(python_path, cases, laws=fault.law is not None)
    survived = [result.case.id for result in results if not fault.finds(result)]
    assert survived == [], f"{fault.what}: not found by {', '.join(survived)}"
    assert len(results) == len(cases)
