"""What was decided where the README is silent, why, and what each implementation does.

Strategy: the reasons are the clauses', the numbers are those of the reports, and what is known of a
failure are the divergences that name the clause; nothing is said here that is not in one of these
files.
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

#: What is no answer: the case was not asked.
_NOT_ASKED = frozenset({"unsupported", "skipped"})


@dataclass(frozen=True, kw_only=True)
class Implementation:
    """An implementation that was measured.

    :ivar by_clause: how many cases came to what, by the clause.
    :ivar divergences: what is known to be wrong with it.
    """

    name: str
    version: str
    language: str
    by_clause: dict[str, dict[str, int]]
    divergences: tuple[dict[str, Any], ...]

    def passed(self, clause: str) -> tuple[int, int]:
        """Of the cases about a clause that it was asked, how many it passes."""
        found = self.by_clause.get(clause, {})
        asked = sum(count for outcome, count in found.items() if outcome not in _NOT_ASKED)
        return found.get("passed", 0), asked

    def known_of(self, clause: str) -> list[dict[str, Any]]:
        """The divergences that name a clause; where none does, those with cases about it."""
        naming = [each for each in self.divergences if clause in each["clauses"]]
        ids = {case.id for case in cases_of(clause)}
        return naming or [each for each in self.divergences if not ids.isdisjoint(each["cases"])]


@cache
def implementations() -> tuple[Implementation, ...]:
    """All that have a report, by their names."""
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
    """The clauses that were decided here, chapter by chapter."""

    def run(self) -> list[nodes.Node]:
        """A part for each clause."""
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
            head = nodes.strong("", "README: ")
            part += nodes.paragraph("", "", head, nodes.Text(f"“{clause.readme}”"))
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
            heads = ["implementation", "cases passed", "why not all"]
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
