"""The sources of all cases: hand-written files, families, and their tables.

Strategy: an unreadable source becomes a problem and hides no other, since several people
may be writing cases at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

from corpus.cases import ROOT, CaseError, complaint, hand_cases, read_case, validator
from corpus.families import all_families
from corpus.lint import Problem, duplicates
from corpus.serialise import Sources
from corpus.source import Source

__all__ = ["CONFORMANCE", "Collection", "collect"]

CONFORMANCE: Final = ROOT / "conformance"


@dataclass
class Collection:
    """All cases in the order of their ids, with their tables.

    :ivar flags: the meaning of each flag.
    :ivar reasons: by clause, the reason why it has no case.
    """

    version: str
    flags: dict[str, str]
    reasons: dict[str, str]
    sources: Sources = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def collect(folder: Path = CONFORMANCE, *, families: bool = True) -> Collection:
    """Collect the cases of `conformance/` and of the families."""
    reasons = _toml(folder / "no-case.toml").get("clause", [])
    collection = Collection(
        version=_toml(folder / "corpus.toml")["version"],
        flags=_toml(folder / "flags.toml"),
        reasons={entry["id"]: entry["reason"] for entry in reasons},
    )
    head = {"format": 2, "version": collection.version, "flags": collection.flags, "cases": []}
    if fault := complaint(validator("corpus.schema.json"), head):
        collection.problems.append(Problem("corpus.toml, flags.toml", "", fault))
    found = list(_read_cases(folder / "cases", collection.problems))
    if families:
        found += _make_families(collection.problems)
    collection.problems += duplicates(found)
    for source in sorted(found, key=lambda source: source.id):
        collection.sources.setdefault(source.id, source)
    return collection


def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


def _read_cases(folder: Path, problems: list[Problem]) -> Iterator[Source]:
    for path in hand_cases(folder):
        try:
            yield read_case(path, folder)
        except CaseError as error:
            where = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
            name = path.relative_to(folder).with_suffix("").as_posix()
            problems.append(Problem(where, name, str(error)))


def _make_families(problems: list[Problem]) -> Iterator[Source]:
    for name, family in all_families():
        where = f"tools/corpus/families/{name}.py"
        try:
            for source in family():
                yield source if source.where else replace(source, where=where)
        # A module's exception is a problem of that module alone.
        except Exception as error:
            frames = extract_tb(error.__traceback__)
            lines = [frame.lineno for frame in frames if frame.filename.endswith(where)]
            place = f"{where}:{lines[-1]}" if lines else where
            problems.append(Problem(place, "", f"{type(error).__name__}: {error}"))
