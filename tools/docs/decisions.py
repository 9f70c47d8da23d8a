"""The decisions of the specification, with their reasons and the results of implementations.

Strategy: the reasons come from the clauses, the numbers from the reports, and the explanations of
failures from the divergences that name the clause. This module adds no statement of its own.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from docutils import nodes

from docs.clauses import link_to
from docs.conformance.places import cell_url, implementation_url
from docs.links import ROOT
from docs.sources import cases_of
from docs.tables import Cell, SpecificationTable, as_nodes, table
from subunit2 import spec

__all__ = ["Decisions", "Implementation", "implementations"]

#: Outcomes of cases that were not run.
_NOT_ASKED = frozenset({"unsupported", "skipped"})


@dataclass(frozen=True, kw_only=True)
class Implementation:
    """An implementation with a report.

    :ivar by_clause: the number of cases of each outcome, by the clause.
    :ivar divergences: its known divergences.
    """

    name: str
    version: str
    language: str
    by_clause: dict[str, dict[str, int]]
    divergences: tuple[dict[str, Any], ...]

    def passed(self, clause: str) -> tuple[int, int]:
        """Return the numbers of cases about a clause that it passed, and that it was asked."""
        found = self.by_clause.get(clause, {})
        asked = sum(count for outcome, count in found.items() if outcome not in _NOT_ASKED)
        return found.get("passed", 0), asked

    def known_of(self, clause: str) -> list[dict[str, Any]]:
        """Return the divergences that name a clause, or else those with cases about it."""
        naming = [each for each in self.divergences if clause in each["clauses"]]
        ids = {case.id for case in cases_of(clause)}
        return naming or [each for each in self.divergences if not ids.isdisjoint(each["cases"])]


@cache
def implementations() -> tuple[Implementation, ...]:
    """Return all implementations with a report, ordered by name."""
    return tuple(_implementations())


def _implementations() -> Iterator[Implementation]:
    for path in sorted((ROOT / "conformance" / "implementations").glob("*/report.json")):
        report = json.loads(path.read_text(encoding="utf-8"))
        known = path.with_name("divergences.toml")
        text = known.read_text(encoding="utf-8") if known.exists() else ""
        yield Implementation(
            name=report["implementation"]["name"],
            version=report["implementation"]["version"],
            language=report["implementation"]["language"],
            by_clause=report["by_clause"],
            divergences=tuple(tomllib.loads(text).get("divergence", ())),
        )


class Decisions(SpecificationTable):
    """The clauses with a decision, chapter by chapter."""

    def run(self) -> list[nodes.Node]:
        """Return a part for each clause."""
        made: list[nodes.Node] = []
        for clause in spec.clauses().values():
            if clause.decision is not None:
                made.append(self._part(clause, clause.decision))
        return made

    def _part(self, clause: spec.Clause, decision: str) -> nodes.container:
        part = nodes.container(classes=["decision"])
        part["ids"].append(f"decision-{clause.id}")
        part += nodes.paragraph("", "", self.link("clause", clause.id), classes=["clause-head"])
        if clause.readme is not None:
            head = nodes.strong("", f"README, {clause.readme}: ")
            part += nodes.paragraph("", "", head, *as_nodes(self.words(clause.fact or "")))
        why = as_nodes(self.words(decision))
        part += nodes.paragraph("", "", nodes.strong("", "Why: "), *why)
        asked = [each for each in implementations() if each.passed(clause.id)[1]]
        right = [each for each in asked if len(set(each.passed(clause.id))) == 1]
        if right:
            names = ", ".join(f"{each.name} {each.version}" for each in right)
            head = nodes.strong("", "All cases passed: ")
            part += nodes.paragraph("", "", head, nodes.Text(f"{names}."))
        wrong = [each for each in asked if each not in right]
        if wrong:
            heads = ["implementation", "cases passed", "known divergences"]
            part += table(heads, [self._row(each, clause.id) for each in wrong])
        return part

    def _row(self, each: Implementation, clause: str) -> list[list[Cell]]:
        passed, asked = each.passed(clause)
        known: list[Cell] = []
        for divergence in each.known_of(clause):
            known += [" " if known else "", nodes.emphasis("", f"{divergence['kind']}: ")]
            known += self.words(divergence["reason"])
        page = self.env.current_document.docname
        name = link_to(implementation_url(each.name), page, f"{each.name} {each.version}")
        count = link_to(cell_url(clause, each.name), page, f"{passed:,} of {asked:,}")
        return [[name], [count], known]
