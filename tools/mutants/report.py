"""The results of a run of mutants: tables for people, JSON for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mutants.rules import RULES
from mutants.trial import Trial

__all__ = ["document", "lines"]


def lines(trials: Sequence[Trial], equivalent: dict[str, str]) -> Iterator[str]:
    """Yield a table of the operators, and each survivor with its line before and after.

    :param equivalent: the reasons of survivors that equal the port, by id.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for trial in trials:
        kind = "equivalent" if trial.mutant.id in equivalent else trial.outcome
        counts[trial.mutant.operator, kind] += 1
        counts["all", kind] += 1
    yield f"{'operator':12}{'mutants':>9}{'killed':>9}{'equivalent':>12}{'survived':>10}"
    for name in (*RULES, "all"):
        shown = [counts[name, kind] for kind in ("killed", "equivalent", "survived")]
        if any(shown):
            killed, equal, survived = shown
            yield f"{name:12}{sum(shown):>9,}{killed:>9,}{equal:>12,}{survived:>10,}"
    if invalid := counts["all", "invalid"]:
        yield f"not counted, as Perl does not compile them: {invalid:,}"
    for trial in trials:
        if trial.outcome == "survived" and trial.mutant.id not in equivalent:
            yield ""
            yield trial.mutant.id
            yield f"  - {trial.mutant.before}"
            yield f"  + {trial.mutant.after}"


def document(trials: Sequence[Trial], equivalent: dict[str, str]) -> dict[str, Any]:
    """Return the results as JSON values."""
    return {
        "mutants": [
            {
                "id": trial.mutant.id,
                "before": trial.mutant.before,
                "after": trial.mutant.after,
                "outcome": trial.outcome,
                "killer": trial.killer,
                "reason": equivalent.get(trial.mutant.id, trial.reason),
                "equivalent": trial.mutant.id in equivalent,
            }
            for trial in trials
        ]
    }
