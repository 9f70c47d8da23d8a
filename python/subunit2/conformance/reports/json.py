"""Count the results of a run, and report them as JSON.

Strategy: events are counted as they arrive, and only failures are kept, shortened. A
report has no times, so that equal runs give equal reports, octet for octet.

A failure counts once, by the origin of the clause that it violates (`attribution`): the
published README, or a decision of this specification. The failure of a law violates the
clause of the law.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from subunit2 import spec
from subunit2.conformance.attribution import clause_of_failure
from subunit2.conformance.corpus import PROFILES, Corpus, Origin
from subunit2.conformance.results import (
    LAWS,
    OUTCOMES,
    Implementation,
    Law,
    LawResult,
    Outcome,
    Result,
)
from subunit2.conformance.run import Disagreement, Event, GivenUp, Restarted, Started, is_failure

__all__ = ["LAW_CLAUSES", "NO_FAILURES", "ORIGINS", "Report", "Tally", "origin_of_failure"]

#: Outcomes of cases that the implementation did not answer.
_NOT_ASKED: Final = frozenset({"unsupported", "skipped", "not run"})

#: The outcomes that are not failures.
NO_FAILURES: Final = frozenset({"passed", "unsupported", "skipped"})

#: The clause that a law tests, or a part of it.
LAW_CLAUSES: Final[Mapping[Law, str]] = {
    "cuts": "stream.octets-alone",
    "live": "reader.packet-at-once",
    "early": "checksum.crc32",
    "partition": "stream.partition",
    "memory": "reader.memory",
}

#: The description of a failure, by the origin of its clause.
ORIGINS: Final[Mapping[Origin, str]] = {
    "readme": "against the published README",
    "decision": "against a decision of this specification",
}

#: Characters of a string and items of a list that a report keeps.
_MOST_CHARACTERS: Final = 400
_MOST_ITEMS: Final = 12
_MOST_BEFORE: Final = 2


def origin_of_failure(result: Result) -> Origin:
    """Return the origin of the clause violated: `readme` for a bug, `decision` for an argument."""
    if result.outcome not in NO_FAILURES:
        return spec.clause(clause_of_failure(result)).origin
    failed = (law for law in LAWS if law in result.laws and _is_wrong(result.laws[law]))
    clauses = [spec.clause(LAW_CLAUSES[law]) for law in failed]
    is_readme = any(clause.origin == "readme" for clause in clauses)
    return "readme" if is_readme else "decision"


def _is_wrong(result: LawResult) -> bool:
    return result.outcome not in NO_FAILURES


class Tally:
    """The counts of a run so far.

    :ivar implementation: None before the run has started.
    :ivar by_profile: outcomes of cases, by profile.
    :ivar by_clause: outcomes of cases, by each clause that they test.
    :ivar by_origin: failures that no divergence foresees, by origin.
    :ivar failures_of_laws: failures of a law alone that no divergence foresees.
    :ivar laws: outcomes by law.
    :ivar known: failures that a divergence foresees.
    """

    def __init__(self) -> None:
        self.implementation: Implementation | None = None
        self.total = 0
        self.by_profile: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
        self.by_clause: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
        self.by_origin: Counter[Origin] = Counter()
        self.failures_of_laws = 0
        self.laws: defaultdict[Law, Counter[Outcome]] = defaultdict(Counter)
        self.known = 0
        self.restarts = 0
        self.given_up: str | None = None
        self.disagreements: list[Disagreement] = []

    def add(self, event: Event) -> None:
        """Count an event."""
        match event:
            case Started():
                self.implementation = event.implementation
                self.total = event.total
            case Result():
                self._add_result(event)
            case Restarted():
                self.restarts += 1
            case GivenUp():
                self.given_up = event.reason
            case Disagreement():
                self.disagreements.append(event)

    def _add_result(self, result: Result) -> None:
        self.by_profile[result.case.profile][result.outcome] += 1
        for clause in result.case.clauses:
            self.by_clause[clause][result.outcome] += 1
        for law, held in result.laws.items():
            self.laws[law][held.outcome] += 1
        if result.outcome == "not run":
            # A case that was not run is not a failure.
            return
        if is_failure(result):
            self.by_origin[origin_of_failure(result)] += 1
            if result.outcome in NO_FAILURES or result.divergence is not None:
                self.failures_of_laws += 1
        elif result.divergence is not None:
            self.known += 1

    @property
    def outcomes(self) -> Counter[Outcome]:
        """The outcomes of all cases."""
        return sum(self.by_profile.values(), Counter())

    @property
    def asked(self) -> int:
        """The number of cases that the implementation answered, or failed to."""
        return sum(n for outcome, n in self.outcomes.items() if outcome not in _NOT_ASKED)

    @property
    def not_run(self) -> int:
        """The number of cases that were not run, since the run was given up."""
        return self.outcomes["not run"]

    @property
    def failures(self) -> int:
        """The number of failures that no divergence foresees."""
        return self.by_origin.total()

    @property
    def has_passed(self) -> bool:
        """Whether at least one case was run, and each one passed or failed as foreseen."""
        return (
            self.asked > 0
            and self.outcomes.total() == self.total
            and not self.failures
            and not self.not_run
            and not self.disagreements
            and self.given_up is None
        )


class Report(Tally):
    """A tally with its failures: the document that `report.schema.json` describes.

    Holds every failure, shortened.
    """

    def __init__(self, corpus: Corpus) -> None:
        super().__init__()
        self._corpus = {"version": corpus.version, "digest": corpus.digest}
        self._cases: list[dict[str, Any]] = []

    def _add_result(self, result: Result) -> None:
        super()._add_result(result)
        is_reported = result.outcome not in ("passed", "skipped", "not run")
        if is_reported or any(map(_is_wrong, result.laws.values())) or result.divergence:
            self._cases.append(_case_of(result))

    def document(self) -> dict[str, Any]:
        """Return the report as a JSON object."""
        implementation = self.implementation
        document: dict[str, Any] = {
            "format": 1,
            "corpus": self._corpus,
            "implementation": None,
            "passed": self.has_passed,
            "totals": _counts(self.outcomes),
            "by_profile": {
                profile: _counts(self.by_profile[profile])
                for profile in PROFILES
                if profile in self.by_profile
            },
            "by_origin": {origin: self.by_origin[origin] for origin in ORIGINS},
            "by_clause": {
                clause: _counts(self.by_clause[clause])
                for clause in spec.clauses()
                if clause in self.by_clause
            },
            "laws": {law: _counts(self.laws[law]) for law in LAWS if law in self.laws},
            "known_divergences": self.known,
            "disagreements": [
                {key: value for key, value in _disagreement(each).items() if value is not None}
                for each in self.disagreements
            ],
            "cases": self._cases,
        }
        if implementation is not None:
            document["implementation"] = asdict(implementation) | {
                "profiles": list(implementation.profiles)
            }
        if self.given_up is not None:
            document["given_up"] = self.given_up
        return document


def _disagreement(disagreement: Disagreement) -> dict[str, str | None]:
    """Return a disagreement as a JSON object."""
    return {"case": disagreement.case, "reason": disagreement.reason}


def _counts(outcomes: Mapping[Outcome, int]) -> dict[str, int]:
    return {outcome: outcomes[outcome] for outcome in OUTCOMES if outcomes.get(outcome)}


def _case_of(result: Result) -> dict[str, Any]:
    case = result.case
    form: dict[str, Any] = {
        "id": case.id,
        "title": case.title,
        "profile": case.profile,
        "clauses": list(case.clauses),
        "origin": origin_of_failure(result),
        "outcome": result.outcome,
    }
    if result.outcome not in NO_FAILURES:
        form["against"] = clause_of_failure(result)
    if result.reason:
        form["reason"] = result.reason
    form |= _comparison(result.expected, result.actual)
    laws = {
        law: {"outcome": held.outcome, "reason": held.reason}
        | _comparison(held.expected, held.actual)
        for law, held in result.laws.items()
        if _is_wrong(held)
    }
    if laws:
        form["laws"] = laws
    if result.divergence is not None:
        form["divergence"] = result.divergence
    return form


def _comparison(expected: Any, actual: Any) -> dict[str, Any]:
    """Return the expected and the actual answer, shortened, as far as there are any."""
    start = _equal_items(expected, actual) - _MOST_BEFORE
    sides = {"expected": expected, "actual": actual}
    return {
        name: _abridged(side, max(start, 0)) for name, side in sides.items() if side is not None
    }


def _equal_items(one: Any, other: Any) -> int:
    """Return the number of equal items at the start of two lists."""
    if not isinstance(one, list) or not isinstance(other, list):
        return 0
    for index, pair in enumerate(zip(one, other, strict=False)):
        if pair[0] != pair[1]:
            return index
    return min(len(one), len(other))


def _abridged(value: Any, start: int = 0) -> Any:
    """Return a JSON value with long strings and lists shortened."""
    if isinstance(value, str) and len(value) > _MOST_CHARACTERS:
        return f"{value[:_MOST_CHARACTERS]}... ({len(value)} characters)"
    if isinstance(value, dict):
        return {key: _abridged(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        kept = [_abridged(each) for each in value[start : start + _MOST_ITEMS]]
        if start:
            kept.insert(0, f"... ({min(start, len(value))} before)")
        if len(value) > start + _MOST_ITEMS:
            kept.append(f"... ({len(value) - start - _MOST_ITEMS} more)")
        return kept
    return value
