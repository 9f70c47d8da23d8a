"""The pages of the conformance suite follow their sources, and escape the octets of streams."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from bs4 import Tag

from docs.conformance import drawing
from docs.conformance.case_pages import case_page
from docs.conformance.other_pages import bug_page, clause_page, implementation_page
from docs.conformance.pages import render
from docs.conformance.places import case_url, clause_cases_url
from docs.conformance.suite import Suite
from docs.links import ROOT
from subunit2 import Packet, Reader, encode
from subunit2.conformance.corpus import MultiplexerCase, ReaderCase, WriterCase
from support.docs_site import article_of, build, soup_of, write_source

CONFORMANCE = ROOT / "conformance"

#: A case of each kind, among them one that some implementations fail.
_FEW = {
    "stream/adios",
    "packet/exists-twice",
    "recovery/checksum-then-good-packet",
    "writer/everything",
    "multiplexer/longer-length",
}


# --- Pages follow changes of their sources -----------------------------------------------


def _write_few(folder: Path, change: Callable[[dict[str, Any]], None] = lambda case: None) -> None:
    """Write a suite of a few cases, with the results of these cases in the reports."""
    if not folder.exists():
        shutil.copytree(
            CONFORMANCE, folder, ignore=shutil.ignore_patterns("streams", "node_modules")
        )
    document = json.loads((CONFORMANCE / "corpus" / "cases.json").read_bytes())
    by_id = {case["id"]: case for case in document["cases"]}
    kept = {id_ for name in _FEW for id_ in (name, by_id[name].get("parent")) if id_}
    document["cases"] = [case for case in document["cases"] if case["id"] in kept]
    for case in document["cases"]:
        change(case)
    octets = json.dumps(document).encode()
    (folder / "corpus" / "cases.json").write_bytes(octets)
    for path in CONFORMANCE.glob("implementations/*/report.json"):
        report = json.loads(path.read_bytes())
        report["corpus"]["digest"] = sha256(octets).hexdigest()
        report["cases"] = [case for case in report["cases"] if case["id"] in kept]
        written = folder / path.relative_to(CONFORMANCE)
        written.write_text(json.dumps(report))


@pytest.mark.slow
@pytest.mark.docs
def test_a_changed_case_and_a_changed_report_show_up(tmp_path: Path) -> None:
    write_source(tmp_path)
    with (tmp_path / "docs" / "conf.py").open("a") as conf:
        conf.write(f"conformance_folder = {str(tmp_path / 'conformance')!r}\n")
    folder = tmp_path / "conformance"
    _write_few(folder)
    # The page of seeded faults links to cases that are not among these few.
    site = build(tmp_path)
    page = site / case_url("stream/adios")
    before = page.read_text(), (site / "conformance/cases.html").read_text()

    def change(case: dict[str, Any]) -> None:
        if case["id"] == "stream/adios":
            case["title"] = "A title that was never there"

    _write_few(folder, change)
    path = folder / "implementations" / "subunit2" / "report.json"
    report = json.loads(path.read_bytes())
    report["cases"] = [
        {
            "id": "stream/adios",
            "title": "",
            "profile": "stream",
            "clauses": ["stream.character"],
            "origin": "decision",
            "outcome": "crashed",
            "against": "stream.character",
            "reason": "it crashed on a word",
        }
    ]
    path.write_text(json.dumps(report))
    # The build is incremental: only pages that depend on a changed file are built again.
    build(tmp_path)
    assert "A title that was never there" not in before[0] + before[1]
    assert "A title that was never there" in page.read_text()
    assert "A title that was never there" in (site / "conformance/cases.html").read_text()
    assert "it crashed on a word" in page.read_text()
    clause = (site / clause_cases_url("stream.character")).read_text()
    assert "it crashed on a word" in clause
    row = article_of(site / "conformance/matrix.html").find("tr", id="stream.character")
    assert isinstance(row, Tag)
    assert "1 argument" in row.text


@pytest.mark.slow
@pytest.mark.docs
def test_a_report_of_another_corpus_fails_the_build(tmp_path: Path) -> None:
    _write_few(tmp_path / "conformance")
    path = tmp_path / "conformance" / "implementations" / "subunit2" / "report.json"
    report = json.loads(path.read_bytes())
    report["corpus"]["digest"] = "0" * 64
    path.write_text(json.dumps(report))
    assert [each.name for each in Suite(tmp_path / "conformance").stale] == ["subunit2"]
    write_source(tmp_path)
    with (tmp_path / "docs" / "conf.py").open("a") as conf:
        conf.write(f"conformance_folder = {str(tmp_path / 'conformance')!r}\n")
    with pytest.raises(AssertionError, match=r"subunit2: its report\.json was made with another"):
        build(tmp_path)


# --- Octets of streams are escaped --------------------------------------------------------

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{ 7 * 7 }}`<b>`"


def _make_hostile(case: dict[str, Any]) -> None:
    """Put markup into every text of a case."""
    for key in ("title", "notes"):
        case[key] = HOSTILE
    packet = Packet(
        test_id=HOSTILE,
        test_tags=(HOSTILE,),
        file_name=HOSTILE,
        file_bytes=HOSTILE.encode(),
        mime_type=HOSTILE,
        route_code=HOSTILE,
    )
    stream = HOSTILE.encode() + b"\n" + encode(packet) + encode(packet)[:-1] + b"!"
    if "items" in case:
        reader = Reader()
        items = [item.to_dict() for item in (*reader.feed(stream), *reader.close())]
        case |= {"bytes": stream.hex(), "items": items, "waits": []}
    elif "packet" in case:
        case |= {"packet": packet.to_dict(), "bytes": encode(packet).hex()}
    else:
        case["routes"] = [HOSTILE] * len(case["routes"])
        fed = {"input": 0, "bytes": stream.hex(), "packets": [encode(packet).hex()]}
        case["feeds"] = [fed]
        case["wrapped"] = [stream.hex()] * len(case["routes"])


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Suite:
    folder = tmp_path_factory.mktemp("hostile") / "conformance"
    _write_few(folder, _make_hostile)
    path = folder / "implementations" / "python-subunit" / "report.json"
    report = json.loads(path.read_bytes())
    for case in report["cases"]:
        case["reason"] = HOSTILE
        case["actual"] = [{"kind": HOSTILE, HOSTILE: HOSTILE}, HOSTILE]
    report["cases"] += [
        {
            "id": id_,
            "origin": "readme",
            "outcome": "passed",
            "laws": {"cuts": {"outcome": "wrong", "reason": HOSTILE, "actual": HOSTILE}},
        }
        for id_ in _FEW - {case["id"] for case in report["cases"]}
    ]
    path.write_text(json.dumps(report))
    bug = folder / "implementations" / "python-subunit" / "bugs" / "hostile.md"
    bug.write_text(f"# {HOSTILE}\n\n`{HOSTILE}` {HOSTILE}\n\n```\n{HOSTILE}\n```\n")
    return Suite(folder)


def _assert_harmless(html: str) -> None:
    soup = soup_of(html)
    assert "alert(1)" in soup.text
    assert not soup.find_all(["script", "b"])
    assert not [tag for tag in soup.find_all("img") if tag["src"] == "x"]
    assert "49" not in soup.text or "{{ 7 * 7 }}" in soup.text
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")], tag


@pytest.mark.parametrize("kind", [ReaderCase, WriterCase, MultiplexerCase])
def test_markup_in_a_case_is_text(hostile: Suite, kind: type) -> None:
    cases = [case for case in hostile.corpus.cases if isinstance(case, kind)]
    assert cases
    for case in cases:
        _assert_harmless(case_page(case, hostile))


def test_markup_in_reports_and_lists_is_text(hostile: Suite) -> None:
    [measured] = [each for each in hostile.measured if each.name == "python-subunit"]
    _assert_harmless(clause_page("stream.character", hostile))
    for report in measured.bug_reports:
        if report.stem == "hostile":
            _assert_harmless(bug_page(report, measured, hostile))
    _assert_harmless(implementation_page(measured, hostile))
    chapters = [("all", [("", hostile.corpus.cases)], 1)]
    _assert_harmless(render("cases.html", "conformance/cases", hostile, chapters=chapters))


def test_invisible_characters_are_escaped() -> None:
    shown = drawing.pretty({"test_id": "a\u202e\x1b[2J\x7fb"}, drawing.Limits())
    assert shown.replace("\n", "").isprintable()
    assert json.loads(shown) == {"test_id": "a\u202e\x1b[2J\x7fb"}
