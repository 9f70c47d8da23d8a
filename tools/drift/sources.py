"""All that says what a packet is, and how what it says is compared.

Strategy: a check is a function that takes one fact out of every file that says
it, and yields a line for each difference. It gets the files as they were read,
so that a test can change one of them and see that the check notices.
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
    """All that says what a packet is, as it is read from its file."""

    ksy: dict[str, Any]
    ksy_text: str
    grammar: Grammar
    clauses: list[dict[str, Any]]
    terms: dict[str, str]
    schema: dict[str, Any]
    readme: str

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> Specification:
        """The specification of these texts, by the names of their files."""
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
        """The fields of a type of the .ksy, or of the packet."""
        body = self.ksy if type_name == "subunit2" else self.ksy["types"][type_name]
        fields: list[dict[str, Any]] = body["seq"]
        return fields

    def field(self, type_name: str, name: str) -> dict[str, Any]:
        """One of them."""
        return {field["id"]: field for field in self.seq(type_name)}[name]

    def clause(self, id: str) -> str:
        """The text of a clause; nothing where there is none."""
        return next((clause["text"] for clause in self.clauses if clause["id"] == id), "")

    def packet_property(self, name: str) -> dict[str, Any]:
        """What the schema says of a key of a packet."""
        described: dict[str, Any] = self.schema["$defs"]["packet"]["properties"][name]
        return described

    def bits(self) -> Bits:
        """The flags of the grammar."""
        flags = self.grammar["flags"]
        assert isinstance(flags, Bits)
        return flags


def read_texts() -> dict[str, str]:
    """The files of this checkout, and python-subunit's README as it is installed."""
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
    """What a check finds. What it cannot find where it should be is drift too."""
    try:
        return list(CHECKS[name](found))
    except (AssertionError, AttributeError, LookupError, TypeError, ValueError) as error:
        return [f"not to be compared: {error!r}"]


def differences(what: str, **said: object) -> Iterator[str]:
    """A line where not all say the same."""
    if any(each != next(iter(said.values())) for each in said.values()):
        yield what + ": " + "; ".join(f"{who} has {each!r}" for who, each in said.items())
