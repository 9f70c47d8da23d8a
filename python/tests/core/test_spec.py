"""The specification files and their clauses, found by the library."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from kaitaistruct import KaitaiStruct

from subunit2 import ERROR_CODES, ErrorCode, spec
from subunit2.packets.kaitai_generated import Subunit2


@pytest.mark.parametrize("name", spec.FILES)
def test_files_of_the_specification_are_there(name: str) -> None:
    assert spec.path(name).is_file()
    assert spec.path(name).name == name


def test_a_file_that_it_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match="README"):
        spec.path("README")


def test_an_installed_package_has_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "subunit2"
    (installed / "spec_files").mkdir(parents=True)
    (installed / "spec_files" / "grammar.ebnf").write_text("")
    monkeypatch.setattr(spec, "__file__", str(installed / "spec.py"))
    assert spec.path("grammar.ebnf") == installed.resolve() / "spec_files" / "grammar.ebnf"


def test_every_clause_says_where_it_comes_from() -> None:
    for clause in spec.clauses().values():
        assert clause.level in ("MUST", "SHOULD", "MAY")
        assert clause.who in ("format", "reader", "writer", "multiplexer", "consumer")
        assert clause.fact or clause.decision, clause.id
        # Clauses about a field, a production, both, or neither.
        about = clause.field is not None or clause.production is not None
        assert about is not clause.outside, clause.id


def test_no_clause_is_there_twice() -> None:
    document = tomllib.loads(spec.path("clauses.toml").read_text(encoding="utf-8"))
    assert len(spec.clauses()) == len(document["clause"])
    assert list(spec.clauses()) == [entry["id"] for entry in document["clause"]]


def test_a_clause_by_its_id() -> None:
    clause = spec.clause("packet.signature")
    assert clause.text == "A packet starts with the octet 0xB3."
    assert (clause.level, clause.who, clause.field) == ("MUST", "format", "subunit2/signature")
    assert clause.error is None
    assert not clause.outside


def test_an_id_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError, match="other"):
        spec.clause("other")


@pytest.mark.parametrize("error", ERROR_CODES)
def test_every_error_has_one_clause(error: ErrorCode) -> None:
    clause = spec.clause_of_error(error)
    assert clause.error == error
    assert sum(each.error == error for each in spec.clauses().values()) == 1


def test_errors_are_checked_in_the_order_of_their_clauses() -> None:
    # clause packet.first-error
    orders = [spec.clause_of_error(error).order for error in ERROR_CODES]
    assert orders == [1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 8]


def test_the_schema_names_the_same_errors() -> None:
    schema = json.loads(spec.path("item.schema.json").read_text(encoding="utf-8"))
    named = schema["$defs"]["corrupt"]["properties"]["error"]["enum"]
    assert tuple(named) == ERROR_CODES


def test_the_glossary_explains_the_three_kinds_of_item() -> None:
    terms = spec.glossary()
    assert {"packet", "passthrough", "corrupt region", "item", "stream"} <= set(terms)
    assert terms["stream"].startswith("Octets in order")
    assert all(terms.values())


def test_the_generated_reader_is_of_this_specification() -> None:
    assert issubclass(Subunit2, KaitaiStruct)
