"""`subunit2 spec`: show where the specification files are, and print clauses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from subunit2 import spec
from support.command import Done, assert_one_line, run, run_on_terminal

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


# ---- The search ------------------------------------------------------------------


def heads(done: Done) -> list[str]:
    assert (done.status, done.errors) == (0, b"")
    return re.findall(r"^(\S+)  \((?:MUST|SHOULD|MAY), \w+\)$", done.text, re.MULTILINE)


@pytest.mark.parametrize(
    ("words", "clause"),
    [
        (["SYNC-POINT"], "stream.sync-point"),  # in the id
        (["edb88320"], "checksum.crc32"),  # in the text
        (["pipe_buf"], "writer.one-write"),  # in the reason
        (["short buffering"], "writer.flush"),  # in the fact
        (["length_too_short"], "length.least"),  # the error
        (["castagnoli", "zlib"], None),
        (["gigabyte", "proportion"], "reader.memory"),  # in the reason and in the text
    ],
)
def test_a_search_finds_a_clause(words: list[str], clause: str | None) -> None:
    done = run("spec", "--search", *words)
    if clause is None:
        assert done.status == 1
        return
    assert clause in heads(done)
    # Each word is seen, also where it is in a reason.
    said = " ".join(done.text.split()).casefold()
    assert all(word.casefold() in said for word in words)


def test_a_search_finds_the_clauses_with_all_words_in_their_order() -> None:
    found = heads(run("spec", "--search", "line", "feed"))
    both = [
        clause.id
        for clause in spec.clauses().values()
        if {"line", "feed"}
        <= {
            word
            for word in ("line", "feed")
            if word in f"{clause.id}\n{clause.text}\n{clause.fact}\n{clause.decision}".casefold()
        }
    ]
    # Those with a word in their id come first.
    named = [id_ for id_ in both if "line" in id_ or "feed" in id_]
    assert found == [*named, *(id_ for id_ in both if id_ not in named)]
    assert set(heads(run("spec", "--search", "line feed"))) <= set(found)
    assert len(found) < len(heads(run("spec", "--search", "line")))


def test_clauses_with_the_word_in_their_id_come_first() -> None:
    found = heads(run("spec", "--search", "route"))
    named = ["route" in id_ for id_ in found]
    assert named == sorted(named, reverse=True)
    assert len(set(named)) == 2


@pytest.mark.parametrize("word", ["4194303", "4,194,303", "194,303"])
def test_commas_in_numbers_do_not_matter(word: str) -> None:
    assert "length.limit" in heads(run("spec", "--search", word))
    assert b"\x1b[1;33m" in run_on_terminal("spec", "--search", word).output


@pytest.mark.parametrize(("columns", "expected"), [(20, 40), (40, 40), (80, 80), (200, 100)])
def test_text_is_wrapped_at_the_width_of_the_terminal(columns: int, expected: int) -> None:
    shown = run_on_terminal("spec", "length.limit", columns=columns).output.decode()
    widths = [len(line) for line in shown.splitlines()]
    assert expected - 15 < max(widths) <= expected


def test_a_search_on_a_terminal_ends_with_a_count() -> None:
    shown = run_on_terminal("spec", "--search", "4,194,303").output.decode().split()
    assert shown[-2:] == [str(len(heads(run("spec", "--search", "4194303")))), "clauses"]


def test_a_search_shows_the_reasons_that_have_a_word() -> None:
    text = run("spec", "--search", "pipe_buf").text
    assert "Decided here: No other octets" in text
    text = run("spec", "--search", "polynomial").text
    assert "python-subunit's README" not in text


def test_a_search_within_a_chapter() -> None:
    found = heads(run("spec", "recovery", "--search", "claim"))
    assert found
    assert all(id_.startswith("recovery.") for id_ in found)
    assert found == [
        id_ for id_ in heads(run("spec", "--search", "claim")) if id_.startswith("recovery.")
    ]


def test_a_search_as_json() -> None:
    lines = run("spec", "--json", "--search", "edb88320").text.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["checksum.crc32"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["chcksum"], "no clause has chcksum; did you mean checksum?"),
        (["stream.syncpoint"], "no clause has stream.syncpoint; did you mean stream.sync-point?"),
        (["packet", "Nanosecnds"], "no clause has nanosecnds; did you mean nanoseconds?"),
        (["splitting"], "no clause has splitting; did you mean split?"),
        (["passthru"], "no clause has passthru; did you mean passthrough?"),
        (["qqqqqq"], "no clause has qqqqqq"),
        (["gigabyte", "pipe_buf"], "gigabyte in 1 clause, pipe_buf in 1 clause"),
    ],
)
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_search_that_finds_nothing(words: list[str], says: str, options: list[str]) -> None:
    done = run("spec", *options, "--search", *words)
    assert (done.status, done.output) == (1, b"")
    assert assert_one_line(done.errors, "spec").endswith(says)


def test_a_search_for_nothing_and_in_no_chapter_is_refused() -> None:
    for arguments in (["--search", ""], ["--search"], ["nothing", "--search", "packet"]):
        done = run("spec", *arguments)
        assert (done.status, done.output) == (2, b"")
        assert_one_line(done.errors, "spec")


def test_matches_are_marked_on_a_terminal_only() -> None:
    plain = run("spec", "--search", "edb88320", "polynomial")
    assert b"\x1b" not in plain.output
    shown = run_on_terminal("spec", "--search", "edb88320", "polynomial").output
    assert b"0x\x1b[1;33mEDB88320\x1b[0m" in shown
    assert b"\x1b[1;33mpolynomial\x1b[0m" in shown
