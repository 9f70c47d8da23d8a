"""The specification's pages follow their sources, and faults fail their build.

Two copies of the sources are built. In one, facts are changed, and each has to show up without
another edit. The other has faults, and the build has to name each.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from subunit2 import Packet, encode, spec
from support.docs_building import ROOT, Built, build_specification, copy_specification, replace_in

CASE = "packet/exists"


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build a copy with changes: a word of a clause, a name in the .ksy, an octet of a case, ...

    The copy is built once before the changes, so that the second build has to notice them.
    """
    copy = copy_specification(tmp_path_factory.mktemp("changed"))
    assert build_specification(copy).said == ""
    words = spec.clause("packet.signature").text
    replace_in(copy / "spec/clauses.toml", words, f"{words} It is no other.")
    replace_in(copy / "spec/clauses.toml", "seen from the supervisor", "beheld by the supervisor")
    replace_in(copy / "spec/subunit2.ksy", "has_file", "has_chunk", times=0)
    replace_in(copy / "spec/subunit2.ksy", "The test passed.", "The test went well.")
    replace_in(copy / "spec/grammar.ebnf", "crc32        ::= octet{4}", "crc32   ::= octet{4} tail")
    replace_in(copy / "spec/item.schema.json", "A well-formed packet.", "A packet that holds up.")
    replace_in(copy / "tools/docs/states.toml", '"mid-line"', '"amid a line"')
    _change_case(copy / "conformance/corpus/cases.json")
    _change_report(copy / "conformance/implementations/python-subunit/report.json")
    return build_specification(copy)


#: The changed packet of a case: the same packet of another test.
CHANGED = encode(Packet(test_id="bar", test_status="exists"))


def _change_case(path: Path) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    [case] = [case for case in document["cases"] if case["id"] == CASE]
    assert case["bytes"] != CHANGED.hex()
    case["bytes"] = CHANGED.hex()
    case["items"][0]["test_id"] = "bar"
    case["title"] = "A packet of another test"
    path.write_text(json.dumps(document), encoding="utf-8")


def _change_report(path: Path) -> None:
    report = json.loads(path.read_text(encoding="utf-8"))
    report["implementation"]["version"] = "99.5"
    report["by_clause"]["reader.no-exception"] = {"passed": 1, "wrong": 4321}
    path.write_text(json.dumps(report), encoding="utf-8")


@pytest.mark.slow
@pytest.mark.docs
def test_the_changed_sources_are_built_without_a_warning(changed: Built) -> None:
    assert (changed.said, changed.failed) == ("", False)


@pytest.mark.slow
@pytest.mark.docs
@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("packet", "It is no other."),
        ("glossary", "beheld by the supervisor"),
        ("packet", "flag chunk, 0x0040"),
        ("flags", ">chunk</text>"),
        ("ksy", ">has_chunk</"),
        ("statuses", "The test went well."),
        ("grammar", "#production-tail"),
        ("json", "A packet that holds up."),
        ("streams", ">amid a line</text>"),
        ("introduction", "A packet of another test"),
        ("introduction", "62 61 72"),
        ("introduction", '"test_id": "bar"'),
        ("introduction", CHANGED[-4:].hex(" ")),
        ("decisions", "1 of 4,322"),
        ("decisions", "python-subunit 99.5"),
    ],
)
def test_a_change_of_a_source_shows_up(changed: Built, page: str, shown: str) -> None:
    assert shown in html.unescape(changed.page(f"specification/{page}"))


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build a copy with faults of every kind."""
    copy = copy_specification(tmp_path_factory.mktemp("faulty"))
    pages = copy / "docs/specification"
    replace_in(pages / "packet.md", "```{clause} packet.signature\n```\n", "")
    replace_in(pages / "tags.md", "```{example} packet/tags-bar-foo", "```{example} packet/tagz")
    replace_in(pages / "reader.md", "reader.memory reader.time", "reader.memory reader.tide")
    replace_in(copy / "spec/subunit2.ksy", "id: runnable", "id: executable")
    with (pages / "writer.md").open("a", encoding="utf-8") as page:
        page.write("\n{clause}`writer.nothing`, {case}`packet/nothing`, {field}`flags/nothing`.\n")
        page.write("{production}`nothing`, {term}`nothing`, [nothing](#nothing), {doc}`nothing`.\n")
        page.write("\n```{clause} recovery.report\n```\n\n```{picture} nothing\n```\n")
        page.write("\n```{production} nothing\n```\n")
    return build_specification(copy)


def test_no_octets_are_typed_on_a_page() -> None:
    """Octets come from cases, except single ones, such as 0xB3."""
    hexes = re.compile(r"\b[0-9a-f]{2}(?: [0-9a-f]{2}){2,}\b|\b(?=[0-9a-f]*[0-9])[0-9a-f]{8,}\b")
    pages = [*(ROOT / "docs/specification").glob("*.md"), ROOT / "docs/index.md"]
    assert len(pages) > 20
    for page in pages:
        assert hexes.findall(page.read_text(encoding="utf-8")) == [], page.name


@pytest.mark.docs
def test_faults_fail_the_build(faulty: Built) -> None:
    assert faulty.failed


@pytest.mark.docs
@pytest.mark.parametrize(
    "said",
    [
        "clause packet.signature is on no page",
        "clause reader.time is on no page",
        "clause recovery.report is on specification/recovery and specification/writer",
        "no clause is called reader.tide",
        "no clause is called writer.nothing",
        "no case is called packet/tagz",
        "no case is called packet/nothing",
        "no field is called flags/nothing",
        "no production is called nothing",
        "no picture is called nothing",
        "spec:field reference target not found: flags/runnable",
        "term not in glossary: 'nothing'",
        "cross-reference target not found: 'nothing'",
        "unknown document: 'nothing'",
    ],
)
def test_a_fault_is_named(faulty: Built, said: str) -> None:
    assert said in faulty.said
