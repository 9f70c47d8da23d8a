"""The sources of the pages, read once: the .ksy, the grammar, the corpus.

Strategy: each source has a parser elsewhere in the project; this module has the queries that pages
need. The .ksy is also read as plain YAML, because pages show its descriptions (`doc`), which the
packet decoder's layout does not keep.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import yaml

from docs.links import ROOT
from packet_decoder.layout import Layout, read_layout
from subunit2 import spec
from subunit2.conformance.corpus import Case, Corpus, load

__all__ = [
    "Production",
    "cases_of",
    "corpus",
    "fields",
    "ksy",
    "layout",
    "productions",
    "why_no_case",
]


@cache
def corpus() -> Corpus:
    """Return the built corpus."""
    return load(ROOT / "conformance" / "corpus")


#: Flags of cases that were generated or captured, not written as explanations.
_NOT_BY_HAND: Final = frozenset({"family", "captured", "large"})


@cache
def _cases_by_clause() -> Mapping[str, list[Case]]:
    cases = sorted(corpus().cases, key=lambda case: not _NOT_BY_HAND.isdisjoint(case.flags))
    found: dict[str, list[Case]] = {}
    for is_first in (True, False):
        for case in cases:
            for clause in case.clauses:
                if (clause == case.clauses[0]) is is_first:
                    found.setdefault(clause, []).append(case)
    return found


def cases_of(clause: str) -> list[Case]:
    """Return the cases about a clause, the most explanatory ones first."""
    return _cases_by_clause().get(clause, [])


@cache
def why_no_case() -> dict[str, str]:
    """Return the reasons for clauses without a case, by their ids."""
    text = (ROOT / "conformance" / "no-case.toml").read_text(encoding="utf-8")
    return {entry["id"]: entry["reason"] for entry in tomllib.loads(text)["clause"]}


@cache
def ksy() -> dict[str, Any]:
    """Return `subunit2.ksy` as parsed YAML."""
    document: dict[str, Any] = yaml.safe_load(spec.path("subunit2.ksy").read_text(encoding="utf-8"))
    return document


@cache
def layout() -> Layout:
    """Return the layout that the packet decoder reads from `subunit2.ksy`."""
    return read_layout(spec.path("subunit2.ksy").read_text(encoding="utf-8"))


@cache
def fields() -> Set[str]:
    """Return all fields of the .ksy, as type/field."""
    document = ksy()
    types = {document["meta"]["id"]: document, **document["types"]}
    return {
        f"{name}/{entry}"
        for name, type_ in types.items()
        for entry in [*(field["id"] for field in type_["seq"]), *type_.get("instances", ())]
    }


@dataclass(frozen=True)
class Production:
    """A production as it is written, and the comment right above it.

    :ivar text: all of its lines.
    :ivar comment: without its marks; empty where there is none.
    """

    name: str
    text: str
    comment: str


#: A comment, or a production up to the next one or to a blank line.
_ENTRY = re.compile(
    r"/\*(?P<comment>.*?)\*/|^(?P<name>\w+)\s*::=.*?(?=^\w+\s*::=|^/\*|^$|\Z)",
    re.MULTILINE | re.DOTALL,
)


@cache
def productions() -> dict[str, Production]:
    """Return the productions of the grammar by name, in order."""
    found: dict[str, Production] = {}
    comment = ""
    for entry in _ENTRY.finditer(spec.path("grammar.ebnf").read_text(encoding="utf-8")):
        if entry["name"] is None:
            comment = " ".join(entry["comment"].split())
            comment = "" if comment.startswith("---") else comment
            continue
        found[entry["name"]] = Production(entry["name"], entry[0].rstrip(), comment)
        comment = ""
    return found
