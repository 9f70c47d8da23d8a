"""The results of a run of mutants: tables for people, JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mutants.clauses import clause_of
from mutants.mutant import OPERATORS, Mutant
from mutants.ports import Port
from mutants.survey import Trial

__all__ = ["COLUMNS", "document", "lines", "listed"]

#: The results that count. A mutant that is not compiled is none.
COLUMNS = ("killed", "equivalent", "survived")


def lines(port: Port, trials: Sequence[Trial], equivalent: dict[str, str]) -> Iterator[str]:
    """Yield a table of the operators, and each survivor with its clause, before and after.

    :param equivalent: the reasons of survivors that equal the port, by id.
    """
    counts = _counts(trials, equivalent)
    yield f"{port.name:12}{'mutants':>9}{'killed':>9}{'equivalent':>12}{'survived':>10}"
    for name in (*OPERATORS, "all"):
        shown = [counts[name, column] for column in COLUMNS]
        if any(shown):
            killed, equal, survived = shown
            yield f"{name:12}{sum(shown):>9,}{killed:>9,}{equal:>12,}{survived:>10,}"
    if invalid := counts["all", "invalid"]:
        yield f"not counted, as the compiler refuses them: {invalid:,}"
    left = [
        trial.mutant
        for trial in trials
        if trial.outcome == "survived" and trial.mutant.id not in equivalent
    ]
    if left:
        yield ""
        yield from listed(port, left)


def listed(port: Port, mutants: Sequence[Mutant]) -> Iterator[str]:
    """Yield each mutant: its id, the clause that it breaks, and its line before and after."""
    for mutant in mutants:
        clause = clause_of(port.source(mutant.file), mutant.line)
        yield f"{mutant.id}  {clause}".rstrip()
        yield f"  - {mutant.before}"
        yield f"  + {mutant.after}"


def document(port: Port, trials: Sequence[Trial], equivalent: dict[str, str]) -> dict[str, Any]:
    """Return the results as JSON values."""
    counts = _counts(trials, equivalent)
    operators = {
        name: {column: counts[name, column] for column in COLUMNS}
        for name in OPERATORS
        if any(counts[name, column] for column in COLUMNS)
    }
    return {
        "port": port.name,
        "operators": operators,
        "mutants": [
            {
                "id": trial.mutant.id,
                "clause": clause_of(port.source(trial.mutant.file), trial.mutant.line),
                "before": trial.mutant.before,
                "after": trial.mutant.after,
                "outcome": trial.outcome,
                "killer": trial.killer,
                "reason": equivalent.get(trial.mutant.id, trial.reason),
                "equivalent": trial.mutant.id in equivalent,
            }
            for trial in trials
        ],
    }


def _counts(trials: Sequence[Trial], equivalent: dict[str, str]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for trial in trials:
        kind = "equivalent" if trial.mutant.id in equivalent else trial.outcome
        counts[trial.mutant.operator, kind] += 1
        counts["all", kind] += 1
    return counts
