"""The mutants that are known to equal the port: `equivalent.toml`.

Strategy: an entry names a file, the text of a line and the text that a mutant makes of it, so that
it outlives changes of other lines. An entry is wrong if it names no mutant, or one that is killed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mutants.rules import RULES, Mutant
from mutants.trial import Trial

__all__ = ["FILE", "Equivalent", "EquivalentsError", "faults", "load", "reason_of"]

FILE: Final = Path(__file__).with_name("equivalent.toml")


class EquivalentsError(ValueError):
    """The file is not in its form."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Mutants that no input tells from the port.

    :ivar line: the line, without the space around it.
    :ivar after: the same with the change; a mutant of any of these is meant, of all if empty.
    :ivar operator: the rule.
    """

    file: str
    line: str
    operator: str
    after: tuple[str, ...]
    reason: str

    def names(self, mutant: Mutant) -> bool:
        """Return whether a mutant is meant."""
        same = (self.file, self.line, self.operator) == (
            mutant.file,
            mutant.before,
            mutant.operator,
        )
        return same and (not self.after or mutant.after in self.after)


def load(path: Path = FILE) -> list[Equivalent]:
    """Return the entries of the file.

    :raises EquivalentsError: if a key is missing or unknown, or a reason is empty.
    """
    entries = []
    for number, form in enumerate(tomllib.loads(path.read_text("utf-8"))["equivalent"], 1):
        if set(form) - {"after"} != {"file", "line", "operator", "reason"}:
            raise EquivalentsError(f"entry {number}: the keys are {', '.join(sorted(form))}")
        if form["operator"] not in RULES or not form["reason"].strip():
            raise EquivalentsError(f"entry {number}: no such operator, or no reason")
        after = tuple(form.get("after", ()))
        entries.append(
            Equivalent(form["file"], form["line"], form["operator"], after, form["reason"])
        )
    return entries


def reason_of(mutant: Mutant, entries: Iterable[Equivalent]) -> str | None:
    """Return why a mutant equals the port; None if no entry says that it does."""
    return next((entry.reason for entry in entries if entry.names(mutant)), None)


def faults(
    entries: Sequence[Equivalent], mutants: Sequence[Mutant], trials: Iterable[Trial]
) -> list[str]:
    """Return what is wrong with the entries, a line each.

    :param mutants: all mutants of the port.
    :param trials: those that were tried.
    """
    found = []
    killed = [trial for trial in trials if trial.outcome == "killed"]
    for entry in entries:
        where = f"{entry.file}: {entry.line}"
        named = [mutant for mutant in mutants if entry.names(mutant)]
        shown = {mutant.after for mutant in named}
        if not named:
            found.append(f"{where}: no mutant of the operator {entry.operator}")
        found += [
            f"{where}: no mutant makes it {each}"
            for each in entry.after
            if named and each not in shown
        ]
        found += [
            f"{where}: {trial.mutant.id} is killed by {trial.killer or trial.reason}"
            for trial in killed
            if entry.names(trial.mutant)
        ]
    return found
