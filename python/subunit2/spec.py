"""The files of the specification, and its clauses.

An installed package contains the files. In a checkout they are read from `spec/` at its
root.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

from subunit2.items import ErrorCode

__all__ = ["FILES", "Clause", "clause", "clause_of_error", "clauses", "glossary", "path"]

#: The files of the specification, each with a description.
FILES: Final = {
    "subunit2.ksy": "a packet, in Kaitai Struct",
    "grammar.ebnf": "packets and streams, and version 1, as an executable grammar",
    "clauses.toml": "every normative sentence, with its id and its origin",
    "item.schema.json": "the JSON form of one item, in JSON Schema",
}


class Clause(NamedTuple):
    """One normative sentence.

    :ivar id: a permanent name, such as `flags.version`.
    :ivar level: MUST, SHOULD or MAY.
    :ivar who: the party it binds: format, reader, writer, multiplexer or consumer.
    :ivar text: the sentence.
    :ivar field: the field of subunit2.ksy that it is about, as type/field.
    :ivar production: the production of grammar.ebnf that it is about.
    :ivar outside: whether it is about neither.
    :ivar readme: the section of the published description that it comes from: its heading,
        behind those above it, such as `The protocol / Version 2`.
    :ivar fact: what that section states on the matter, in words of this specification.
    :ivar decision: the reason for it, if the published description does not settle it.
    :ivar error: the error code of a packet that violates it.
    :ivar order: the position of its check, from 1.
    """

    id: str
    level: str
    who: str
    text: str
    field: str | None = None
    production: str | None = None
    outside: bool = False
    readme: str | None = None
    fact: str | None = None
    decision: str | None = None
    error: ErrorCode | None = None
    order: int | None = None

    @property
    def origin(self) -> Literal["readme", "decision"]:
        """The origin of the clause: the published description, or a decision of ours.

        An implementation that violates the published description has a bug. One that
        violates a decision may disagree with it.
        """
        return "readme" if self.readme is not None and self.decision is None else "decision"


def path(name: str) -> Path:
    """Return the path of a file of the specification.

    :raises KeyError: if the specification has no file of that name; see `FILES`.
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
    """Return all clauses by id, in the order of the specification."""
    return {entry["id"]: Clause(**entry) for entry in _document()["clause"]}  # type: ignore[arg-type]


def clause(id: str) -> Clause:
    """Return the clause with an id.

    :raises KeyError: if no clause has that id.
    """
    return clauses()[id]


def clause_of_error(error: ErrorCode) -> Clause:
    """Return the clause that a packet with this error violates."""
    return next(clause for clause in clauses().values() if clause.error == error)


def glossary() -> dict[str, str]:
    """Return the meaning of each term of the specification."""
    return {term["name"]: term["text"] for term in _document()["term"]}
