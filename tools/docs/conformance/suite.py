"""The data of the conformance pages: the corpus, results of implementations, report cards.

Strategy: all results are read from the reports. A report lists the cases that did not
pass. A case that is not listed has passed, or was skipped because its profile is not
claimed. That is true only for the corpus that the report was made with, so the build of
the site warns of each report in `Suite.stale`.
"""

from __future__ import annotations

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from implementations.folders import Folder, read_folder
from report_cards.emitters import Emitter, emitters
from subunit2.conformance import corpus, divergences
from subunit2.conformance.corpus import Case, Corpus, Origin
from subunit2.conformance.divergences import FAILURES, Divergence, Divergences

__all__ = ["BrokenLaw", "Carded", "Counts", "Measured", "Suite", "Verdict", "load", "sources"]


@dataclass(frozen=True, kw_only=True)
class BrokenLaw:
    """A law that did not hold on a stream that was read correctly."""

    law: str
    reason: str
    actual: Any
    divergence: Divergence | None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The result of a case.

    :ivar origin: the origin of the violated clause: the published README, or a decision.
    :ivar against: the violated clause.
    :ivar actual: the actual answer as a JSON value, shortened; None if there was none.
    """

    outcome: str
    origin: Origin = "readme"
    against: str | None = None
    reason: str = ""
    actual: Any = None
    divergence: Divergence | None = None
    laws: tuple[BrokenLaw, ...] = ()

    @property
    def is_failure(self) -> bool:
        """Whether the case failed, foreseen or not."""
        return self.outcome in FAILURES


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of cases by outcome."""

    passed: int = 0
    bugs: int = 0
    arguments: int = 0
    unsupported: int = 0
    skipped: int = 0
    laws: int = 0

    @property
    def failed(self) -> int:
        """The number of failed cases: bugs and arguments."""
        return self.bugs + self.arguments

    @property
    def answered(self) -> int:
        """The number of cases that passed or failed."""
        return self.passed + self.failed


_PASSED: Final = Verdict(outcome="passed")
_SKIPPED: Final = Verdict(outcome="skipped")


class Measured:
    """An implementation and its report.

    :ivar name: the name of its folder.
    :ivar report: its report, as `report.schema.json` describes it.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.name = folder.path.name
        self.report: dict[str, Any] = json.loads((folder.path / "report.json").read_bytes())
        known = folder.path / "divergences.toml"
        self.divergences = divergences.load(known) if known.exists() else Divergences(())
        self._reported = {case["id"]: case for case in self.report["cases"]}
        self._laws = {
            (case_id, entry.law): entry
            for entry in self.divergences.entries
            if entry.law is not None
            for case_id in entry.cases
        }

    @property
    def title(self) -> str:
        """Its name and version."""
        return f"{self.folder.name} {self.folder.version}"

    @property
    def profiles(self) -> list[str]:
        """The profiles that it claims."""
        claimed: list[str] = self.report["implementation"]["profiles"]
        return claimed

    def verdict(self, case: Case) -> Verdict:
        """Return the result of a case."""
        entry = self._reported.get(case.id)
        if entry is None:
            return _PASSED if case.profile in self.profiles else _SKIPPED
        return Verdict(
            outcome=entry["outcome"],
            origin=entry["origin"],
            against=entry.get("against"),
            reason=entry.get("reason", ""),
            actual=entry.get("actual"),
            divergence=self.divergences.by_name.get(entry.get("divergence", "")),
            laws=tuple(
                BrokenLaw(
                    law=law,
                    reason=broken["reason"],
                    actual=broken.get("actual"),
                    divergence=self._laws.get((case.id, law)),
                )
                for law, broken in entry.get("laws", {}).items()
            ),
        )

    def counts(self, cases: Iterable[Case]) -> Counts:
        """Count the results of some cases."""
        by: defaultdict[str, int] = defaultdict(int)
        for case in cases:
            verdict = self.verdict(case)
            kind = verdict.outcome
            if verdict.is_failure:
                kind = "bugs" if verdict.origin == "readme" else "arguments"
            by[kind] += 1
            by["laws"] += bool(verdict.laws)
        return Counts(**by)

    @property
    def bug_reports(self) -> list[Path]:
        """The bug reports for its maintainers, in Markdown."""
        return sorted((self.folder.path / "bugs").glob("*.md"))


class Carded:
    """An emitter and its report card.

    :ivar name: the name of its folder.
    :ivar card: its card as a JSON value.
    """

    def __init__(self, emitter: Emitter) -> None:
        self.emitter = emitter
        self.name = emitter.path.name
        self.card: dict[str, Any] = json.loads(emitter.card.read_bytes())
        self.checks: dict[str, dict[str, Any]] = {
            check["check"]: check for check in self.card["checks"]
        }

    @property
    def version(self) -> str:
        """The version, with the package if that has another name."""
        package, version = self.emitter.package.split()
        return version if package == self.emitter.name else f"of {self.emitter.package}"

    @property
    def title(self) -> str:
        """Its name and version."""
        return f"{self.emitter.name} {self.version}"

    @property
    def bug_reports(self) -> list[Path]:
        """The bug reports for its maintainers, in Markdown."""
        return self.emitter.bug_reports


class Suite:
    """The corpus, the results of implementations, report cards, and the seeded faults.

    :ivar folder: `conformance/`.
    :ivar no_case: by clause id, the reason why the clause has no case.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.corpus: Corpus = corpus.load(folder / "corpus")
        self.measured = [
            Measured(read_folder(path.parent))
            for path in sorted((folder / "implementations").glob("*/implementation.toml"))
            # An implementation without a report is on no page.
            if path.with_name("report.json").exists()
        ]
        self.carded = [Carded(emitter) for emitter in emitters(folder / "report-cards")]
        self.no_case: dict[str, str] = {
            entry["id"]: entry["reason"] for entry in _toml(folder / "no-case.toml")["clause"]
        }

    @property
    def stale(self) -> list[Measured]:
        """The implementations whose report was made with another corpus."""
        return [
            each for each in self.measured if each.report["corpus"]["digest"] != self.corpus.digest
        ]

    @cached_property
    def by_clause(self) -> dict[str, list[Case]]:
        """The cases of each clause, those that test it as their main clause first."""
        found: defaultdict[str, list[Case]] = defaultdict(list)
        for case in self.corpus.cases:
            for clause in case.clauses:
                found[clause].append(case)
        for clause, cases in found.items():
            cases.sort(key=lambda case: case.clauses[0] != clause)
        return dict(found)

    @cached_property
    def children(self) -> dict[str, list[Case]]:
        """The mutated cases of each parent, by the id of the parent."""
        found: defaultdict[str, list[Case]] = defaultdict(list)
        for case in self.corpus.cases:
            if case.parent is not None:
                found[case.parent].append(case)
        return dict(found)

    @cached_property
    def seeded_faults(self) -> list[dict[str, Any]]:
        """The seeded faults, as `seeded-faults/*.toml` describe them."""
        return [
            fault
            for path in sorted((self.folder / "seeded-faults").glob("*.toml"), reverse=True)
            for fault in _toml(path)["fault"]
        ]


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def sources(folder: Path) -> Iterator[Path]:
    """Yield the files that a suite is read from."""
    yield folder / "corpus" / "cases.json"
    yield folder / "no-case.toml"
    yield from sorted((folder / "seeded-faults").glob("*.toml"))
    for path in sorted((folder / "implementations").glob("*/implementation.toml")):
        yield path
        yield from sorted(path.parent.glob("report.json"))
        yield from sorted(path.parent.glob("divergences.toml"))
        yield from sorted(path.parent.glob("bugs/*.md"))
    yield from sorted((folder / "report-cards").glob("*/*.toml"))
    yield from sorted((folder / "report-cards").glob("*/card.json"))
    yield from sorted((folder / "report-cards").glob("*/bugs/*.md"))


def load(folder: Path) -> Suite:
    """Load the suite of a folder, or return the last one if no file has changed."""
    stamps = ((path, path.stat()) for path in sources(folder))
    return _load(folder, tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stamps))


@lru_cache(maxsize=1)
def _load(folder: Path, _stamps: tuple[tuple[Path, int, int], ...]) -> Suite:
    return Suite(folder)
