"""Where the specification lies, and what its clauses say.

The files are in the package, so that whoever has the one has the other. In a
checkout they are read from `spec/` at its root.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

from subunit2.items import ErrorCode

__all__ = ["FILES", "Clause", "clause", "clause_of_error", "clauses", "glossary", "path"]

#: The files of the specification, and what each of them is.
FILES: Final = {
    "subunit2.ksy": "a packet, in Kaitai Struct",
    "grammar.ebnf": "packets and streams, and version 1, as an executable grammar",
    "clauses.toml": "every normative sentence, with its id and where it comes from",
    "item.schema.json": "the JSON form of one item, in JSON Schema",
}


class Clause(NamedTuple):
    """One normative sentence.

    :ivar id: such as `flags.version`. It never changes.
    :ivar level: MUST, SHOULD or MAY.
    :ivar who: whom it binds: format, reader, writer, multiplexer or consumer.
    :ivar text: the sentence.
    :ivar field: the field of subunit2.ksy that it is about, as type/field.
    :ivar production: the production of grammar.ebnf that it is about.
    :ivar outside: whether it is about neither.
    :ivar readme: the words of the published description that it comes from.
    :ivar decision: why it is as it is, where that is silent or says less.
    :ivar error: the error code of a packet that does not keep it.
    :ivar order: when it is checked, from 1.
    """

    id: str
    level: str
    who: str
    text: str
    field: str | None = None
    production: str | None = None
    outside: bool = False
    readme: str | None = None
    decision: str | None = None
    error: ErrorCode | None = None
    order: int | None = None

    @property
    def origin(self) -> Literal["readme", "decision"]:
        """Where it comes from: whether breaking it is a bug, or an argument.

        What the published description says, without a decision of ours, is a rule
        that everybody could read.
        """
        return "readme" if self.readme is not None and self.decision is None else "decision"


def path(name: str) -> Path:
    """Where a file of the specification lies.

    :raises KeyError: where it has no file of that name; see `FILES`.
    """
    if name not in FILES:
        raise KeyError(name)
    here = Path(__file__).resolve().parent
    installed = here / "spec_files" / name
    return installed if installed.exists() else here.parents[1] / "spec" / name


@cache
def _document() -> dict[str, list[dict[str, str]]]:
    with path("clauses.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def clauses() -> dict[str, Clause]:
    """All clauses by their ids, in the order of the specification."""
    return {entry["id"]: Clause(**entry) for entry in _document()["clause"]}  # type: ignore[arg-type]


def clause(id: str) -> Clause:
    """The clause of an id.

    :raises KeyError: where there is none.
    """
    return clauses()[id]


def clause_of_error(error: ErrorCode) -> Clause:
    """The clause that a packet with this error does not keep."""
    return next(clause for clause in clauses().values() if clause.error == error)


def glossary() -> dict[str, str]:
    """What each term of the specification means."""
    return {term["name"]: term["text"] for term in _document()["term"]}
