"""The committed corpus: its lock, its files, and the command that makes them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from corpus import build, families
from corpus.assemble import exists
from corpus.cases import complaint, validator
from corpus.collect import CONFORMANCE, collect
from corpus.coverage_table import coverage
from corpus.files import corpus_files, differences, write
from corpus.lock import extend_lock
from corpus.pipeline import build_all
from corpus.source import Source
from subunit2.conformance import corpus

FOO = exists("foo")
HEAD = 'title = "A title"\nclauses = ["packet.order"]\n'


# ---- The lock --------------------------------------------------------------------------


def test_new_ids_are_added_behind_the_others() -> None:
    lock, problems = extend_lock("b/b 11\n", {"b/b": "11", "a/z": "33", "a/a": "22"})
    assert (lock, problems) == ("b/b 11\na/a 22\na/z 33\n", [])


@pytest.mark.parametrize(
    ("lock", "message"),
    [
        ("a/b 12\n", "asks something else"),
        ("a/b 11\na/c 22\n", "a/c has no case any more"),
        ("a/b 11 retired\n", "a/b is retired"),
        ("a/b 11\na/b 11\n", "a/b is locked twice"),
        ("a/b\n", "not `id digest`"),
        ("a/b 11 gone\n", "not `id digest`"),
        ("a/b 11\nx/y 22 retired now\n", "not `id digest`"),
    ],
)
def test_an_id_is_for_ever(lock: str, message: str) -> None:
    _, [problem] = extend_lock(lock, {"a/b": "11"})
    assert message in str(problem)
    assert str(problem).startswith("conformance/ids.lock:")


def test_a_case_that_is_retired_keeps_its_line() -> None:
    lock = "a/c 22 retired\na/b 11\n"
    assert extend_lock(lock, {"a/b": "11"}) == (lock, [])


# ---- Files -----------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cases" / "packet").mkdir(parents=True)
    for name in ("corpus.toml", "flags.toml", "no-case.toml"):
        (tmp_path / name).write_bytes((CONFORMANCE / name).read_bytes())
    (tmp_path / "cases" / "packet" / "foo.toml").write_text(
        HEAD
        + f"""
bytes = '{FOO.hex()}'
items = [{{ packet = 12, test_id = "foo", test_status = "exists" }}]
"""
    )
    return tmp_path


def files_of(folder: Path) -> dict[str, bytes]:
    collection = collect(folder, families=False)
    assert collection.problems == []
    return corpus_files(collection, list(build_all(collection, collection.sources)))


def test_what_is_built_is_a_corpus(folder: Path) -> None:
    files = files_of(folder)
    assert sorted(files) == [
        "COVERAGE.md",
        "corpus/SHA256SUMS",
        "corpus/cases.json",
        "corpus/streams/go.mod",
        "corpus/streams/packet/foo.subunit",
        "corpus/writer-answers.txt",
        "corpus/writer-questions.txt",
    ]
    assert files["corpus/streams/packet/foo.subunit"] == FOO
    cases = files["corpus/cases.json"]
    assert complaint(validator("corpus.schema.json"), json.loads(cases)) is None
    [case] = corpus.Corpus(cases).cases
    assert isinstance(case, corpus.ReaderCase)
    assert (case.id, case.stream, case.waits) == ("packet/foo", FOO, [(1, 11, 0)])
    # One case a line.
    assert [line[:5] for line in cases.decode().splitlines()] == ['{"for', '{"id"', "]}"]
    sums = dict(line.split("  ")[::-1] for line in files["corpus/SHA256SUMS"].decode().splitlines())
    assert sums == {
        "cases.json": sha256(cases).hexdigest(),
        "streams/packet/foo.subunit": sha256(FOO).hexdigest(),
        # There is no case of a writer.
        "writer-answers.txt": sha256(b"").hexdigest(),
        "writer-questions.txt": sha256(b"").hexdigest(),
    }


def test_a_case_of_another_form_is_no_corpus(folder: Path) -> None:
    document = json.loads(files_of(folder)["corpus/cases.json"])
    document["cases"][0]["colour"] = "red"
    assert "colour" in (complaint(validator("corpus.schema.json"), document) or "")


def test_files_that_differ_are_named_and_written(folder: Path) -> None:
    files = files_of(folder)
    (folder / "corpus" / "streams" / "old").mkdir(parents=True)
    (folder / "corpus" / "streams" / "old" / "gone.subunit").write_bytes(b"")
    (folder / "COVERAGE.md").write_text("old")
    assert sorted(differences(folder, files)) == [
        "DIFFERS    COVERAGE.md",
        "left over  corpus/streams/old/gone.subunit",
        "missing    corpus/SHA256SUMS",
        "missing    corpus/cases.json",
        "missing    corpus/streams/go.mod",
        "missing    corpus/streams/packet/foo.subunit",
        "missing    corpus/writer-answers.txt",
        "missing    corpus/writer-questions.txt",
    ]
    assert len(list(write(folder, files))) == 8
    assert list(differences(folder, files)) == []
    assert list(write(folder, files)) == []
    assert not (folder / "corpus" / "streams" / "old").exists()


def test_a_file_that_cannot_be_read_hides_no_other(folder: Path) -> None:
    (folder / "cases" / "packet" / "bar.toml").write_text("title")
    collection = collect(folder, families=False)
    assert list(collection.sources) == ["packet/foo"]
    [problem] = collection.problems
    assert problem.id == "packet/bar"
    assert "no TOML" in str(problem)


def test_a_version_that_is_none_is_noticed(folder: Path) -> None:
    (folder / "corpus.toml").write_text('version = "one"')
    [problem] = collect(folder, families=False).problems
    assert "version" in str(problem)


def test_a_family_that_does_not_run_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Any:
        yield Source(id="packet/of-a-family", title="", clauses=())
        raise KeyError("fruit")

    monkeypatch.setattr("corpus.collect.all_families", lambda: iter([("fruits", broken)]))
    collection = collect()
    assert collection.sources["packet/of-a-family"].where == "tools/corpus/families/fruits.py"
    assert [str(each) for each in collection.problems] == [
        "tools/corpus/families/fruits.py: KeyError: 'fruit'"
    ]


def test_every_family_has_a_name_and_makes_cases() -> None:
    names = [name for name, _ in families.all_families()]
    assert names == sorted(names)
    assert not [name for name in names if name.startswith("_")]
    for _, family in families.all_families():
        assert isinstance(next(family()), Source)


def test_coverage_tells_met_from_broken_and_why_not() -> None:
    forms: list[dict[str, Any]] = [
        {"id": "a/met", "clauses": ["packet.order"], "items": [{"kind": "packet"}]},
        {
            "id": "a/broken",
            "clauses": ["checksum.crc32", "packet.order"],
            "items": [{"kind": "corrupt"}],
        },
        {"id": "a/refused", "clauses": ["writer.refuses"], "refused": "test_id"},
    ]
    table = coverage(forms, {"writer.flush": "Nobody can see\nit."})
    assert "| `packet.order` | MUST | format | readme | 1 | 1 | `a/met`, `a/broken` |" in table
    assert "| `writer.refuses` | MUST | writer | decision | 0 | 1 | `a/refused` |" in table
    assert "| `writer.flush` | SHOULD | writer | readme | Nobody can see it. |" in table
    assert "| `wrap.origin` | SHOULD | multiplexer | readme | no case yet |" in table


# ---- The command ------------------------------------------------------------------------


def test_some_cases_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--only", "packet/exists", "--only", "packet/exists-twice"]) == 0
    assert capsys.readouterr().out == "2 cases are well\n"


@pytest.mark.slow
def test_a_name_that_no_case_has_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(["--only", "packet/no-such-case"]) == 1
    assert capsys.readouterr().err == "no case is called packet/no-such-case\n"


def test_what_is_wrong_is_said_and_nothing_is_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = folder / "cases" / "packet" / "foo.toml"
    case.write_text(case.read_text().replace("= 12", "= 11"))
    collection = collect(folder, families=False)
    monkeypatch.setattr(build, "CONFORMANCE", folder)
    monkeypatch.setattr(build, "collect", lambda: collection)
    assert build.main([]) == 1
    captured = capsys.readouterr()
    assert "items end at 11, and the stream has 12 octets" in captured.err
    assert captured.err.endswith("problem\n")
    assert not (folder / "corpus").exists()


def test_a_corpus_is_built_once_and_checked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    collection = collect(folder, families=False)
    monkeypatch.setattr(build, "CONFORMANCE", folder)
    monkeypatch.setattr(build, "collect", lambda: collection)
    monkeypatch.setattr(build, "uncovered", lambda sources, reasons: [])
    assert build.main(["--check"]) == 1
    assert "missing    corpus/cases.json" in capsys.readouterr().out
    assert build.main([]) == 0
    assert build.main(["--check"]) == 0
    (folder / "corpus" / "cases.json").write_text("{}")
    assert build.main(["--check"]) == 1
    assert (folder / "corpus" / "cases.json").read_text() == "{}"


def test_a_clause_that_no_case_is_about_fails_the_check(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build, "CONFORMANCE", folder)
    monkeypatch.setattr(build, "collect", lambda: collect(folder, families=False))
    assert build.main([]) == 0
    assert build.main(["--check"]) == 1
    assert "wrap.origin has no case, and nothing says why not" in capsys.readouterr().err
