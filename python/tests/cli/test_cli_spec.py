"""`subunit2 spec`: show where the specification files are, and print clauses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from subunit2 import spec
from support.command import Done, assert_one_line, run

CHAPTERS = list(dict.fromkeys(clause.partition(".")[0] for clause in spec.clauses()))


def test_files_are_there_and_said_to_be_what_they_are() -> None:
    done = run("spec")
    assert (done.status, done.errors) == (0, b"")
    lines = done.text.split("\n")
    assert lines.pop() == ""
    paths, says = lines[::2], lines[1::2]
    assert [Path(path).name for path in paths] == list(spec.FILES)
    assert all(Path(path).is_absolute() and Path(path).is_file() for path in paths)
    assert [text.strip() for text in says] == list(spec.FILES.values())


def test_files_as_json() -> None:
    done = run("spec", "--json")
    assert (done.status, done.errors) == (0, b"")
    assert json.loads(done.text) == {name: str(spec.path(name)) for name in spec.FILES}


@pytest.mark.parametrize("name", spec.FILES)
def test_a_file(name: str) -> None:
    done = run("spec", name)
    assert done == Done(0, f"{spec.path(name)}\n".encode(), b"")
    assert json.loads(run("spec", "--json", name).text) == done.text.strip()


def test_a_clause() -> None:
    done = run("spec", "length.least")
    assert (done.status, done.errors) == (0, b"")
    assert done.text.startswith("length.least  (MUST, format)\n")
    said = " ".join(done.text.split())
    clause = spec.clause("length.least")
    assert clause.text in said
    assert "Error: length_too_short" in said
    assert (clause.readme or clause.decision or "nothing") in said


def test_a_clause_of_the_readme() -> None:
    said = " ".join(run("spec", "status.exists").text.split())
    clause = spec.clause("status.exists")
    assert clause.readme
    assert clause.fact
    assert f"python-subunit's README, {clause.readme}: {clause.fact}" in said


def test_a_clause_as_json() -> None:
    (line,) = run("spec", "--json", "length.least").text.splitlines()
    said = json.loads(line)
    clause = spec.clause("length.least")
    assert said["id"] == clause.id
    assert said["text"] == clause.text
    assert said == {key: value for key, value in clause._asdict().items() if value}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter(chapter: str) -> None:
    done = run("spec", chapter)
    assert (done.status, done.errors) == (0, b"")
    heads = re.findall(r"^(\S+)  \((?:MUST|SHOULD|MAY), \w+\)$", done.text, re.MULTILINE)
    assert heads == [each for each in spec.clauses() if each.startswith(f"{chapter}.")]
    said = " ".join(done.text.split())
    for head in heads:
        assert " ".join(spec.clause(head).text.split()) in said
    assert [line for line in done.text.split("\n") if len(line) > 80] == []


def test_a_chapter_as_json() -> None:
    lines = run("spec", "--json", "stream").text.split("\n")
    assert lines.pop() == ""
    ids = [json.loads(line)["id"] for line in lines]
    assert ids == [each for each in spec.clauses() if each.startswith("stream.")]


@pytest.mark.parametrize("name", ["nothing", "stream.nothing", "stream.", "", "README.md"])
def test_a_name_that_it_does_not_know(name: str) -> None:
    done = run("spec", name)
    assert (done.status, done.output) == (2, b"")
    said = assert_one_line(done.errors, "spec")
    assert all(chapter in said for chapter in CHAPTERS)


@pytest.mark.parametrize("name", ["\x1b[2J", "a\nb", "\u202e"])
def test_a_name_that_it_does_not_know_is_shown_safely(name: str) -> None:
    assert_one_line(run("spec", name).errors, "spec")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("arguments", [[], ["stream"], ["--json", "stream"]])
def test_a_terminal_that_cannot_show_everything(arguments: list[str], encoding: str) -> None:
    done = run("spec", *arguments, changes={"PYTHONIOENCODING": encoding})
    assert (done.status, done.errors) == (0, b"")
    assert done.output.decode(encoding)
