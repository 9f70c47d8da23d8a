"""What is known to be wrong with an implementation: a TOML file, strict both ways.

Strategy: an entry says of each case what was observed, as an outcome and a digest of
what came. So a case that passes by now, one that fails in another way, one that fails
and is not named, and one that does not exist are each told apart, and each is an
error: a list of known failures that nobody has to look after rots. What a file says
is in `conformance/schemas/divergences.schema.json`.
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

#: What is said of a divergence.
Kind: TypeAlias = Literal["bug", "by design", "unsupported"]
#: All that can be.
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

#: The outcomes that are failures.
FAILURES: Final = frozenset(OUTCOMES) - {"passed", "unsupported", "skipped"}

#: Those that can be known of an implementation: that a case was not run is no fault
#: of its own.
_KNOWABLE: Final = FAILURES - {"not run"}

_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_OBSERVED: Final = re.compile(
    rf"({'|'.join(sorted({*_KNOWABLE, 'unsupported'}))})(?: [0-9a-f]{{8}})?"
)


class DivergenceFileError(Exception):
    """The file is not one of divergences; one line that names the entry."""


@dataclass(frozen=True, kw_only=True)
class Divergence:
    """A known fault.

    :ivar name: lower-case words with hyphens; no two entries have the same.
    :ivar kind: bug, by design, or unsupported.
    :ivar clauses: ids, the one that is broken first in front.
    :ivar reason: what was observed, and why.
    :ivar link: where it was reported.
    :ivar report: a file beside this one: the text of the bug report.
    :ivar law: the law that fails; None where the case itself does.
    :ivar cases: by id, what was observed, such as `wrong 1a2b3c4d` or `timed out`.
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
    :ivar by_name: the same by their names.
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
        """What is wrong with the entries themselves: (case id, one line).

        :param known_ids: of all cases that there are.
        """
        unknown = [
            (case_id, f'there is no such case; "{entry.name}" names it')
            for entry in self.entries
            for case_id in entry.cases
            if case_id not in known_ids
        ]
        return self._twice + unknown

    def judge(self, result: Result, *, laws: bool = True) -> tuple[Result, list[str]]:
        """The result with the names of its divergences, and what does not agree.

        :param laws: whether laws were asked at all.
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
                    faults.append(f'law {law} was not asked; "{entry.name}" names it')
                continue
            is_known, more = self._compare(entry, case_id, found)
            faults += [f"law {law}: {fault}" for fault in more]
            if is_known and entry is not None:
                judged[law] = replace(found, divergence=entry.name)
        return replace(result, laws=judged), faults

    def _compare(
        self, entry: Divergence | None, id: str, found: Result | LawResult
    ) -> tuple[bool, list[str]]:
        """Whether what was found is what the entry describes, and what does not agree."""
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
    """What was observed, as a file of divergences says it."""
    if found.actual is None:
        return found.outcome
    canonical = json.dumps(found.actual, sort_keys=True, separators=(",", ":"))
    return f"{found.outcome} {sha256(canonical.encode()).hexdigest()[:8]}"


def found_in(result: Result) -> list[Result | LawResult]:
    """A result and those of its laws."""
    return [result, *result.laws.values()]


def is_failure(result: Result) -> bool:
    """Whether a result makes the exit status 1: its case or a law failed, unforeseen."""
    return any(found.outcome in FAILURES and found.divergence is None for found in found_in(result))


# --- Reading a file ----------------------------------------------------------------------


def load(path: Path) -> Divergences:
    """Read a file.

    :raises DivergenceFileError: where it cannot be read or is malformed.
    """
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise DivergenceFileError(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DivergenceFileError(f"{path}: {error}") from None
    try:
        return Divergences(_entries(document))
    except _MalformedError as error:
        raise DivergenceFileError(f"{path}: {error}") from None


class _MalformedError(Exception):
    """An entry is not what the schema says."""


def _entries(document: dict[str, Any]) -> list[Divergence]:
    forms = document.pop("divergence", [])
    if document:
        raise _MalformedError(f"{next(iter(document))}: no key of such a file")
    if not isinstance(forms, list) or not all(isinstance(form, dict) for form in forms):
        raise _MalformedError("divergence: not an array of tables, [[divergence]]")
    entries: list[Divergence] = []
    for number, form in enumerate(forms, 1):
        try:
            entry = _entry(form)
        except _MalformedError as error:
            raise _MalformedError(f'"{form.get("name", f"entry {number}")}": {error}') from None
        if any(entry.name == other.name for other in entries):
            raise _MalformedError(f'"{entry.name}": two entries have this name')
        entries.append(entry)
    return entries


def _entry(form: dict[str, Any]) -> Divergence:
    texts = ("name", "kind", "reason", "link", "report", "law")
    for key, value in form.items():
        if key not in (*texts, "clauses", "cases"):
            raise _MalformedError(f"{key}: no key of a divergence")
        if key in texts and not (isinstance(value, str) and value.strip()):
            raise _MalformedError(f"{key}: a text that says something")
    for key in ("name", "kind", "clauses", "reason", "cases"):
        if key not in form:
            raise _MalformedError(f"{key}: missing")
    if not _SLUG.fullmatch(form["name"]):
        raise _MalformedError("name: lower-case words with hyphens")
    if form["kind"] not in KINDS:
        raise _MalformedError(f"kind: {form['kind']!r} is not one of {', '.join(KINDS)}")
    if form["reason"].startswith("TODO"):
        raise _MalformedError("reason: still to be written")
    if form.get("law", LAWS[0]) not in LAWS:
        raise _MalformedError(f"law: {form['law']!r} is not one of {', '.join(LAWS)}")
    _check_clauses(form["clauses"])
    _check_cases(form["cases"])
    return Divergence(**{**form, "clauses": tuple(form["clauses"])})


def _check_clauses(clauses: object) -> None:
    if not isinstance(clauses, list) or not clauses:
        raise _MalformedError("clauses: an array of ids")
    for clause in clauses:
        if not isinstance(clause, str) or clause not in spec.clauses():
            raise _MalformedError(f"clauses: there is no {clause!r}")


def _check_cases(cases: object) -> None:
    if not isinstance(cases, dict) or not cases:
        raise _MalformedError("cases: a table of what was observed by case id")
    for case_id, said in cases.items():
        if not isinstance(said, str) or not _OBSERVED.fullmatch(said):
            raise _MalformedError(f"cases: {case_id}: {said!r} is nothing that can be observed")


# --- Drafting one ------------------------------------------------------------------------


def draft(results: Iterable[Result], known: Divergences | None = None) -> str:
    """The text of a file that names all failures of the results.

    Failures that are of one kind (first clause, outcome and law) are one entry; its
    kind and reason are for a person to write. Holds the ids of the failures.

    :param known: entries to be kept, with those of their cases that the results
        say are still so.
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
                    "reason": "TODO: what is observed, and why",
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
    """A string or an array of them. JSON's escapes are TOML's, in ASCII."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f"[{', '.join(map(_toml, value))}]"
