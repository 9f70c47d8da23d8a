"""Failures sorted by their cause, and the divergence file that is made of them.

Strategy: one fault shows in many cases, so what is written by hand is the fault:
`causes.toml` describes each, and says by which failures it is known. The file of
divergences is made from it and from a run: each failure goes to the first cause
whose conditions it meets. One that meets none is left over, for a person; it is
put at the end of the file, which is not accepted as long as it stands there.

The conditions, in `known_by`, all of which have to hold: `law` (absent: the case
itself fails), `outcomes`, `clauses` (patterns of the case's first clause), `ids`
(patterns), and `says` (a regular expression that is searched for in the reason).
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
    """A fault, and how it is known.

    :ivar entry: what the divergence file says of it, without its cases.
    """

    entry: Divergence
    outcomes: tuple[str, ...]
    clauses: tuple[str, ...]
    ids: tuple[str, ...]
    says: str

    def is_of(self, case: Case, law: Law | None, found: Result | LawResult) -> bool:
        """Whether a failure has this cause."""
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
    """The causes of a file, in their order; none where there is no file."""
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
    """The divergence file for what failed, and what has no cause in it."""
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
