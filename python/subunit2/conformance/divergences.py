"""Known failures of an implementation: a TOML file, checked in both directions.

Strategy: an entry records for each case the observed outcome and a digest of the actual
answer. It is an error if a listed case passes, fails in another way, or does not exist,
and if a case fails without being listed. An unchecked list of known failures goes out
of date. The form of the file is `conformance/schemas/divergences.schema.json`.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from subunit2 import spec
from subunit2.conformance.results import LAWS, OUTCOMES, Law, LawResult, Result

__all__ = [
    "FAILURES",
    "KINDS",
    "Divergence",
    "DivergenceFileError",
    "Divergences",
    "Kind",
    "draft",
    "found_in",
    "is_failure",
    "load",
    "observed",
]

#: The kind of a divergence.
Kind: TypeAlias = Literal["bug", "by design", "unsupported"]
#: All kinds.
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

#: The outcomes that are failures.
FAILURES: Final = frozenset(OUTCOMES) - {"passed", "unsupported", "skipped"}

#: The failures that a file can list. `not run` is not a fault of the implementation.
_KNOWABLE: Final = FAILURES - {"not run"}

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_OBSERVED: Final = re.compile(
    rf"({'|'.join(sorted({*_KNOWABLE, 'unsupported'}))})(?: [0-9a-f]{{8}})?"
)


class DivergenceFileError(Exception):
    """A file of divergences is invalid; one line that names the entry."""


@dataclass(frozen=True, kw_only=True)
class Divergence:
    """A known fault, and the cases that show it.

    :ivar name: lower-case words with hyphens, unique in the file.
    :ivar kind: bug, by design, or unsupported.
    :ivar clauses: ids of the clauses violated, the main one first.
    :ivar reason: the behaviour observed, and its cause.
    :ivar link: address of the report to the maintainers.
    :ivar report: name of a file beside this one, with the text of the bug report.
    :ivar law: the law that fails; None if the case itself fails.
    :ivar cases: by id, the observation, such as `wrong 1a2b3c4d` or `timed out`.
    """

    name: str
    kind: Kind
    clauses: tuple[str, ...]
    reason: str
    cases: dict[str, str]
    link: str | None = None
    report: str | None = None
    law: Law | None = None


class Divergences:
    """The entries of a file.

    :ivar entries: in the order of the file.
    :ivar by_name: the entries by name.
    """

    def __init__(self, entries: Iterable[Divergence]) -> None:
        self.entries = tuple(entries)
        self.by_name = {entry.name: entry for entry in self.entries}
        self._named: dict[tuple[str, Law | None], Divergence] = {}
        self._twice: list[tuple[str, str]] = []
        for entry in self.entries:
            for case_id in entry.cases:
                first = self._named.setdefault((case_id, entry.law), entry)
                if first is not entry:
                    law = f", law {entry.law}" if entry.law else ""
                    self._twice.append(
                        (case_id, f'named by "{first.name}" and by "{entry.name}"{law}')
                    )

    def faults(self, known_ids: Collection[str]) -> list[tuple[str, str]]:
        """Return the faults of the entries themselves: (case id, one line).

        :param known_ids: ids of all existing cases.
        """
        unknown = [
            (case_id, f'no such case; "{entry.name}" names it')
            for entry in self.entries
            for case_id in entry.cases
            if case_id not in known_ids
        ]
        return self._twice + unknown

    def judge(self, result: Result, *, laws: bool = True) -> tuple[Result, list[str]]:
        """Return the result with the names of its divergences, and the disagreements.

        :param laws: whether laws were checked at all.
        """
        case_id = result.case.id
        entry = self._named.get((case_id, None))
        is_known, faults = self._compare(entry, case_id, result)
        if is_known and entry is not None:
            result = replace(result, divergence=entry.name)
        judged = dict(result.laws)
        for law in LAWS:
            entry = self._named.get((case_id, law))
            found = result.laws.get(law)
            if found is None:
                if entry is not None and laws:
                    faults.append(f'law {law} was not checked; "{entry.name}" names it')
                continue
            is_known, more = self._compare(entry, case_id, found)
            faults += [f"law {law}: {fault}" for fault in more]
            if is_known and entry is not None:
                judged[law] = replace(found, divergence=entry.name)
        return replace(result, laws=judged), faults

    def _compare(
        self, entry: Divergence | None, id: str, found: Result | LawResult
    ) -> tuple[bool, list[str]]:
        """Return whether the entry describes the result, and the disagreements."""
        if found.outcome == "not run":
            return False, []
        if entry is None:
            if found.outcome in FAILURES:
                return False, [f"no divergence names this: {observed(found)}: {found.reason}"]
            return False, []
        if found.outcome in ("passed", "skipped"):
            return False, [f'{found.outcome}; "{entry.name}" says that it fails']
        if (now := observed(found)) == entry.cases[id]:
            return True, []
        return False, [f'{now}; "{entry.name}" describes {entry.cases[id]}: {found.reason}']


def observed(found: Result | LawResult) -> str:
    """Return the observation as a file of divergences records it: outcome and digest."""
    if found.actual is None:
        return found.outcome
    canonical = json.dumps(found.actual, sort_keys=True, separators=(",", ":"))
    return f"{found.outcome} {sha256(canonical.encode()).hexdigest()[:8]}"


def found_in(result: Result) -> list[Result | LawResult]:
    """Return a result and the results of its laws."""
    return [result, *result.laws.values()]


def is_failure(result: Result) -> bool:
    """Return whether its case or a law failed, and no divergence foresees it."""
    return any(found.outcome in FAILURES and found.divergence is None for found in found_in(result))


# --- Reading a file ----------------------------------------------------------------------


def load(path: Path) -> Divergences:
    """Load a file.

    :raises DivergenceFileError: if it cannot be read, or is invalid.
    """
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise DivergenceFileError(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DivergenceFileError(f"{path}: {error}") from None
    try:
        return Divergences(_entries(document))
    except _InvalidEntryError as error:
        raise DivergenceFileError(f"{path}: {error}") from None


class _InvalidEntryError(Exception):
    """An entry violates the schema."""


def _entries(document: dict[str, Any]) -> list[Divergence]:
    forms = document.pop("divergence", [])
    if document:
        raise _InvalidEntryError(f"{next(iter(document))}: unknown key")
    if not isinstance(forms, list) or not all(isinstance(form, dict) for form in forms):
        raise _InvalidEntryError("divergence: not an array of tables, [[divergence]]")
    entries: list[Divergence] = []
    for number, form in enumerate(forms, 1):
        try:
            entry = _entry(form)
        except _InvalidEntryError as error:
            raise _InvalidEntryError(f'"{form.get("name", f"entry {number}")}": {error}') from None
        if any(entry.name == other.name for other in entries):
            raise _InvalidEntryError(f'"{entry.name}": two entries have this name')
        entries.append(entry)
    return entries


def _entry(form: dict[str, Any]) -> Divergence:
    texts = ("name", "kind", "reason", "link", "report", "law")
    for key, value in form.items():
        if key not in (*texts, "clauses", "cases"):
            raise _InvalidEntryError(f"{key}: unknown key of a divergence")
        if key in texts and not (isinstance(value, str) and value.strip()):
            raise _InvalidEntryError(f"{key}: has to be a string, not empty")
    for key in ("name", "kind", "clauses", "reason", "cases"):
        if key not in form:
            raise _InvalidEntryError(f"{key}: missing")
    if not _SLUG.fullmatch(form["name"]):
        raise _InvalidEntryError("name: has to be lower-case words with hyphens")
    if form["kind"] not in KINDS:
        raise _InvalidEntryError(f"kind: {form['kind']!r} is not one of {', '.join(KINDS)}")
    if form["reason"].startswith("TODO"):
        raise _InvalidEntryError("reason: still to be written")
    if form.get("law", LAWS[0]) not in LAWS:
        raise _InvalidEntryError(f"law: {form['law']!r} is not one of {', '.join(LAWS)}")
    _check_clauses(form["clauses"])
    _check_cases(form["cases"])
    return Divergence(**{**form, "clauses": tuple(form["clauses"])})


def _check_clauses(clauses: object) -> None:
    if not isinstance(clauses, list) or not clauses:
        raise _InvalidEntryError("clauses: has to be an array of ids")
    for clause in clauses:
        if not isinstance(clause, str) or clause not in spec.clauses():
            raise _InvalidEntryError(f"clauses: no clause {clause!r}")


def _check_cases(cases: object) -> None:
    if not isinstance(cases, dict) or not cases:
        raise _InvalidEntryError("cases: has to be a table of observations by case id")
    for case_id, said in cases.items():
        if not isinstance(said, str) or not _OBSERVED.fullmatch(said):
            raise _InvalidEntryError(
                f"cases: {case_id}: {said!r} is not an outcome, or an outcome and a digest"
            )


# --- Drafting one ------------------------------------------------------------------------


def draft(results: Iterable[Result], known: Divergences | None = None) -> str:
    """Return the text of a file that lists all failures of the results.

    Failures with the same first clause, outcome and law become one entry. Its kind and
    reason are left for a person to write. Holds the ids of the failures.

    :param known: entries to keep, with those of their cases that still fail the same way.
    """
    kept: dict[str, dict[str, str]] = {}
    groups: dict[tuple[str, str, Law | None], tuple[dict[str, str], str]] = {}
    for result in results:
        by_law: list[tuple[Law | None, Result | LawResult]] = [(None, result)]
        by_law += result.laws.items()
        for law, found in by_law:
            if found.divergence is not None:
                kept.setdefault(found.divergence, {})[result.case.id] = observed(found)
            elif found.outcome in _KNOWABLE:
                key = (result.case.clauses[0], found.outcome, law)
                group = groups.setdefault(key, ({}, found.reason))
                group[0][result.case.id] = observed(found)
    out = []
    for entry in known.entries if known is not None else ():
        if entry.name in kept:
            out.append(_text(replace(entry, cases=kept[entry.name])))
    for (clause, outcome, law), (cases, reason) in groups.items():
        name = "-".join(filter(None, (clause, outcome, law)))
        # A control character cannot stand in a comment.
        example = "".join(each if each.isprintable() else " " for each in reason)
        out.append(
            _entry_text(
                {
                    "name": re.sub(r"[^a-z0-9]+", "-", name),
                    "kind": "TODO",
                    "clauses": [clause],
                    "reason": "TODO: the behaviour observed, and its cause",
                    "law": law,
                },
                cases,
                f"# {next(iter(cases))}: {example}\n",
            )
        )
    return "\n".join(out)


def _text(entry: Divergence) -> str:
    form = {
        key: getattr(entry, key) for key in ("name", "kind", "clauses", "reason", "link", "report")
    }
    return _entry_text(form | {"law": entry.law}, entry.cases)


def _entry_text(form: dict[str, Any], cases: dict[str, str], comment: str = "") -> str:
    lines = [f"{key} = {_toml(value)}\n" for key, value in form.items() if value is not None]
    named = [f"{_toml(case_id)} = {_toml(said)}\n" for case_id, said in sorted(cases.items())]
    return "".join(["[[divergence]]\n", comment, *lines, "[divergence.cases]\n", *named])


def _toml(value: str | Iterable[str]) -> str:
    """Return a string or an array of strings as TOML, whose ASCII escapes are JSON's."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(map(_toml, value))}]"
