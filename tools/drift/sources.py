"""The files that describe a packet, and the checks that compare them.

Strategy: a check is a function that extracts one fact from every file that states it, and
yields a line for each difference. It gets the texts of the files, so that a test can change
one of them and see that the check notices.
"""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import metadata
from typing import Any, TypeAlias

import yaml

from subunit2 import spec
from subunit2.grammar.notation import Bits, Grammar, parse


@dataclasses.dataclass(frozen=True)
class Specification:
    """The parsed files that describe a packet."""

    ksy: dict[str, Any]
    ksy_text: str
    grammar: Grammar
    clauses: list[dict[str, Any]]
    terms: dict[str, str]
    schema: dict[str, Any]
    readme: str

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Specification:
        """Parse the specification from these texts, by file name."""
        document = tomllib.loads(texts["clauses.toml"])
        return cls(
            ksy=yaml.safe_load(texts["subunit2.ksy"]),
            ksy_text=texts["subunit2.ksy"],
            grammar=parse(texts["grammar.ebnf"]),
            clauses=document["clause"],
            terms={term["name"]: term["text"] for term in document["term"]},
            schema=json.loads(texts["item.schema.json"]),
            readme=texts["README"],
        )

    def seq(self, type_name: str) -> list[dict[str, Any]]:
        """Return the fields of a type of the .ksy, or of the packet."""
        body = self.ksy if type_name == "subunit2" else self.ksy["types"][type_name]
        fields: list[dict[str, Any]] = body["seq"]
        return fields

    def field(self, type_name: str, name: str) -> dict[str, Any]:
        """Return one of these fields."""
        return {field["id"]: field for field in self.seq(type_name)}[name]

    def clause(self, id: str) -> str:
        """Return the text of a clause; empty where it does not exist."""
        return next((clause["text"] for clause in self.clauses if clause["id"] == id), "")

    def packet_property(self, name: str) -> dict[str, Any]:
        """Return the schema of a packet's key."""
        described: dict[str, Any] = self.schema["$defs"]["packet"]["properties"][name]
        return described

    def bits(self) -> Bits:
        """Return the flags of the grammar."""
        flags = self.grammar["flags"]
        assert isinstance(flags, Bits)
        return flags


def read_texts() -> dict[str, str]:
    """Read the files of this checkout, and python-subunit's README as installed."""
    texts = {name: spec.path(name).read_text(encoding="utf-8") for name in spec.FILES}
    return texts | {"README": metadata("python-subunit")["Description"]}


Check: TypeAlias = Callable[[Specification], Iterator[str]]
#: All checks, by the line that each prints.
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register a check under the line that it prints."""

    def register(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return register


def found_by(name: str, found: Specification) -> list[str]:
    """Return the differences that a check finds. A fact missing from a file is drift, too."""
    try:
        return list(CHECKS[name](found))
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        return [f"not to be compared: {error!r}"]


def differences(what: str, **said: object) -> Iterator[str]:
    """Yield a line where the values differ."""
    if any(each != next(iter(said.values())) for each in said.values()):
        yield what + ": " + "; ".join(f"{who} has {each!r}" for who, each in said.items())
