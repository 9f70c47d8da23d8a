"""The mutants that no case kills, with the reason: `equivalent/perl.toml`, `equivalent/go.toml`.

Strategy: an entry names a file, the text of a line and the text that a mutant makes of it, so that
it outlives changes of other lines. An entry is wrong if it names no mutant, or one that a case
kills. A mutant that is only slow, or hoards, has an entry with the law that it breaks: it is not
equivalent, and hostile streams kill it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mutants.mutant import OPERATORS, Mutant
from mutants.ports import PORTS, Port
from mutants.survey import Trial

__all__ = [
    "Equivalent",
    "EquivalentsError",
    "faults",
    "is_gap",
    "law_of",
    "load",
    "path_of",
    "reason_of",
    "reasons",
]

_FOLDER: Final = Path(__file__).with_name("equivalent")


class EquivalentsError(ValueError):
    """The file is not in its form."""


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Mutants that no input tells from the port.

    :ivar line: the line, without the space around it.
    :ivar after: the same with the change; a mutant of any of these is meant, of all if empty.
    :ivar operator: the rule.
    :ivar above: the line above, or two, if several lines have the same text; empty: any.
    :ivar law: `time` or `memory`, if hostile streams kill it; empty: nothing does.
    :ivar gap: whether it waits for a case: an input would tell it from the port.
    """

    file: str
    line: str
    operator: str
    after: tuple[str, ...]
    reason: str
    above: str = ""
    law: str = ""
    gap: bool = False

    def names(self, mutant: Mutant) -> bool:
        """Return whether a mutant is meant."""
        same = (self.file, self.line, self.operator) == (
            mutant.file,
            mutant.before,
            mutant.operator,
        )
        is_there = mutant.above.endswith(self.above)
        return same and is_there and (not self.after or mutant.after in self.after)


def path_of(port: Port) -> Path:
    """Return the file for a port: ours are in this folder, and another port has its own."""
    if port.folder in PORTS:
        return _FOLDER / f"{port.name}.toml"
    return port.folder / "equivalent.toml"


def load(path: Path) -> list[Equivalent]:
    """Return the entries of a file; none if there is no file.

    :raises EquivalentsError: if a key is missing or unknown, or a reason is empty.
    """
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except tomllib.TOMLDecodeError as error:
        raise EquivalentsError(f"{path}: {error}") from None
    entries = []
    for number, form in enumerate(document.get("equivalent", []), 1):
        if set(form) - {"after", "above", "law", "gap"} != {"file", "line", "operator", "reason"}:
            raise EquivalentsError(
                f"{path}: entry {number}: the keys are {', '.join(sorted(form))}"
            )
        if form["operator"] not in OPERATORS or not form["reason"].strip():
            raise EquivalentsError(f"{path}: entry {number}: no such operator, or no reason")
        after = tuple(form.pop("after", ()))
        entries.append(Equivalent(after=after, **form))
    return entries


def reasons(trials: Iterable[Trial], entries: Sequence[Equivalent]) -> dict[str, str]:
    """Return why each survivor that is listed equals the port, by its id."""
    return {
        trial.mutant.id: reason
        for trial in trials
        if trial.outcome == "survived" and (reason := reason_of(trial.mutant, entries)) is not None
    }


def reason_of(mutant: Mutant, entries: Iterable[Equivalent]) -> str | None:
    """Return why a mutant equals the port; None if no entry says that it does."""
    equal = (entry for entry in entries if not entry.law and not entry.gap)
    return next((entry.reason for entry in equal if entry.names(mutant)), None)


def is_gap(mutant: Mutant, entries: Iterable[Equivalent]) -> bool:
    """Return whether a mutant is known to wait for a case."""
    return any(entry.gap and entry.names(mutant) for entry in entries)


def law_of(mutant: Mutant, entries: Iterable[Equivalent]) -> str:
    """Return the law that hostile streams show to be broken; nothing if there is none."""
    return next((entry.law for entry in entries if entry.names(mutant)), "")


def faults(
    entries: Sequence[Equivalent], mutants: Sequence[Mutant], trials: Iterable[Trial]
) -> list[str]:
    """Return what is wrong with the entries, a line each.

    :param mutants: all mutants of the port.
    :param trials: those that were tried.
    """
    found = []
    trials = list(trials)
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
            if entry.names(trial.mutant) and (trial.killer or not entry.law)
        ]
    return found
