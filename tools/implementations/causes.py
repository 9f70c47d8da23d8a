"""Sort failures by their cause, and make the divergence file from them.

Strategy: one fault shows in many cases, so the hand-written file is about faults:
`causes.toml` describes each, with the conditions that identify its failures. The divergence
file is made from it and from a run: each failure goes to the first cause whose conditions
it meets. A failure that meets none is written at the end of the file, and the file is
rejected until a person has given it a cause.

The conditions are in `known_by`, and all of them have to hold: `law` (absent: the case
itself fails), `outcomes`, `clauses` (patterns of the case's first clause), `ids`
(patterns), and `says` (a regular expression to search for in the reason).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from subunit2.conformance.corpus import Case
from subunit2.conformance.divergences import FAILURES, Divergence, Divergences, draft
from subunit2.conformance.results import Law, LawResult, Result

__all__ = ["Cause", "LeftOver", "read_causes", "sort_failures"]


@dataclass(frozen=True, kw_only=True)
class Cause:
    """A fault, and the conditions that identify it.

    :ivar entry: its entry in the divergence file, without its cases.
    """

    entry: Divergence
    outcomes: tuple[str, ...]
    clauses: tuple[str, ...]
    ids: tuple[str, ...]
    says: str

    def is_of(self, case: Case, law: Law | None, found: Result | LawResult) -> bool:
        """Return whether a failure has this cause."""
        return (
            law == self.entry.law
            and (not self.outcomes or found.outcome in self.outcomes)
            and any(fnmatchcase(case.clauses[0], each) for each in self.clauses)
            and any(fnmatchcase(case.id, each) for each in self.ids)
            and re.search(self.says, found.reason) is not None
        )


@dataclass(frozen=True)
class LeftOver:
    """A failure without a cause."""

    id: str
    clause: str
    law: Law | None
    outcome: str
    reason: str


def read_causes(path: Path) -> list[Cause]:
    """Read the causes of a file, in order; none where the file is missing."""
    if not path.exists():
        return []
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_cause(form) for form in document["cause"]]


def _cause(form: dict[str, Any]) -> Cause:
    known_by = form.pop("known_by")
    form["clauses"] = tuple(form["clauses"])
    form["reason"] = " ".join(form["reason"].split())
    return Cause(
        entry=Divergence(**form, law=known_by.pop("law", None), cases={}),
        outcomes=tuple(known_by.pop("outcomes", ())),
        clauses=tuple(known_by.pop("clauses", ("*",))),
        ids=tuple(known_by.pop("ids", ("*",))),
        says=known_by.pop("says", ""),
        **known_by,
    )


def sort_failures(causes: list[Cause], results: Iterable[Result]) -> tuple[str, list[LeftOver]]:
    """Return the divergence file for the failures, and the failures without a cause."""
    left_over: list[LeftOver] = []

    def name(case: Case, law: Law | None, found: Result | LawResult) -> str | None:
        if found.outcome not in FAILURES:
            return None
        for cause in causes:
            if cause.is_of(case, law, found):
                return cause.entry.name
        left = LeftOver(case.id, case.clauses[0], law, found.outcome, found.reason)
        left_over.append(left)
        return None

    named = [
        replace(
            result,
            divergence=name(result.case, None, result),
            laws={
                law: replace(found, divergence=name(result.case, law, found))
                for law, found in result.laws.items()
            },
        )
        for result in results
    ]
    return draft(named, Divergences(cause.entry for cause in causes)), left_over
