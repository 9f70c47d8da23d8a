"""Runs that are compared with known divergences."""

from __future__ import annotations

from pathlib import Path

import pytest

from subunit2.conformance.divergences import Divergences, draft, load
from subunit2.conformance.results import Result
from subunit2.conformance.run import Disagreement, Event, is_failure
from support.conformance_cases import cases, events_of, harness, others, results
from support.sampling import sample


def drafted(events: list[Event], tmp_path: Path) -> Divergences:
    """Return the divergences of a run's draft, after a person has edited it."""
    text = draft(results(events)).replace('"TODO"', '"bug"').replace("TODO: the", "The")
    path = tmp_path / "divergences.toml"
    path.write_text(text)
    return load(path)


@pytest.mark.parametrize(
    "fault", sample(["drops-an-octet", "holds-back", "writes-short"], quick=["drops-an-octet"])
)
def test_a_run_that_is_as_its_divergences_say(fault: str, tmp_path: Path) -> None:
    command = harness(fault)
    first = events_of(session=command)
    assert any(is_failure(each) for each in results(first))
    divergences = drafted(first, tmp_path)
    known = [case.id for case in cases()]
    again = events_of(session=command, divergences=divergences, known_ids=known)
    assert others(again) == []
    assert not any(is_failure(each) for each in results(again))
    # A run of some of the cases agrees with the file as well.
    assert (
        others(events_of("writer/*", session=command, divergences=divergences, known_ids=known))
        == []
    )
    # An implementation without these failures disagrees with the file.
    better = events_of(session=harness(), divergences=divergences, known_ids=known)
    assert not any(is_failure(each) for each in results(better))
    assert others(better) != []
    assert all("says that it fails" in str(event) for event in others(better))


def test_a_failure_that_no_entry_names() -> None:
    events = events_of(
        "stream/only-text", session=harness("drops-an-octet"), divergences=Divergences([])
    )
    [result, disagreement] = events[1:]
    assert isinstance(result, Result)
    assert is_failure(result)
    assert isinstance(disagreement, Disagreement)
    assert disagreement.case == "stream/only-text"
    assert disagreement.reason.startswith("no divergence names this: wrong ")


def test_an_id_that_nobody_knows(tmp_path: Path) -> None:
    divergences = drafted(events_of(session=harness("drops-an-octet")), tmp_path)
    events = events_of("packet/*", session=harness(), divergences=divergences, known_ids=[])
    assert [event.case for event in others(events) if isinstance(event, Disagreement)] == [
        "stream/only-text",
        "stream/text-around",
    ]
