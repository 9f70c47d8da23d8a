"""`subunit2 conformance` list, show and export: the corpus for people and for programs."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from rich.cells import cell_len

from subunit2 import decode, encode, item_from_dict, spec
from subunit2.cli.packet_view import Layout
from subunit2.cli.terminal import Paint
from subunit2.conformance.terminal.mutation_view import describe_mutation, draw_mutation
from subunit2.conformance.terminal.side_by_side import draw_differences
from support.command import Done, assert_one_line, controls, json_lines, run, run_on_terminal
from support.small_corpus import FORMS, write_corpus

IDS = [form["id"] for form in FORMS]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def conformance(action: str, corpus: Path, *arguments: str | Path) -> Done:
    return run("conformance", action, "--corpus", corpus, *arguments)


def succeeds(action: str, corpus: Path, *arguments: str | Path) -> str:
    done = conformance(action, corpus, *arguments)
    assert (done.status, done.errors) == (0, b"")
    return done.text


def fails(action: str, corpus: Path, *arguments: str | Path, status: int = 2) -> str:
    done = conformance(action, corpus, *arguments)
    assert (done.status, done.output) == (status, b"")
    return assert_one_line(done.errors, "conformance")


# --- The call ---------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["", "run", "list", "show", "export", "laws"])
def test_help_has_examples(action: str) -> None:
    done = run("conformance", *filter(None, [action]), "--help")
    assert (done.status, done.errors) == (0, b"")
    assert "\nexamples:\n  " in done.text


def test_no_action() -> None:
    done = run("conformance")
    assert (done.status, done.output) == (2, b"")
    assert "--help" in assert_one_line(done.errors, "conformance")


def test_a_corpus_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file" in fails("list", tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"version":"1"}', "\xff"])
def test_a_corpus_that_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "cases.json").write_text(text, "latin-1")
    assert "no corpus" in fails("list", tmp_path)


def test_a_corpus_of_another_format(tmp_path: Path) -> None:
    (tmp_path / "cases.json").write_text('{"format":1,"cases":[]}')
    assert "its format is 1; only 2 is supported" in fails("list", tmp_path)


def test_a_corpus_of_a_later_specification(tmp_path: Path) -> None:
    file = write_corpus(tmp_path) / "cases.json"
    file.write_text(file.read_text().replace('"checksum.crc32"', '"checksum.crc64"'))
    assert "no clause checksum.crc64 in this version's spec" in fails("list", tmp_path)


# --- list -------------------------------------------------------------------------------


def test_all_cases_are_listed_in_order(corpus: Path) -> None:
    lines = succeeds("list", corpus).splitlines()
    assert [line.split()[:2] for line in lines] == [[each["id"], each["profile"]] for each in FORMS]
    assert all(line.endswith(f"  {form['title']}") for line, form in zip(lines, FORMS, strict=True))


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--profile", "recovery"], ["recovery/checksum-then-good-packet", "recovery/truncated"]),
        (["--profile", "stream", "--profile", "multiplexer"], [IDS[0], "stream/text-between"]),
        (["--case", "*/exists"], ["packet/exists", "writer/exists"]),
        (["--case", "*/exists", "--profile", "writer"], ["writer/exists"]),
        (["--clause", "recovery.report"], ["recovery/checksum-then-good-packet"]),
        (["--clause", "string"], ["writer/refuse-nul"]),
        (["--flag", "large"], ["packet/large", "writer/split"]),
    ],
)
def test_some_cases_are_listed(corpus: Path, options: list[str], ids: list[str]) -> None:
    lines = succeeds("list", corpus, *options).splitlines()
    assert [line.split()[0] for line in lines] == ids


def test_a_list_as_json(corpus: Path) -> None:
    said = json_lines(succeeds("list", corpus, "--json").encode())
    assert [each["id"] for each in said] == IDS
    keys = {"id", "profile", "title", "clauses", "origin", "flags"}
    assert all(each.keys() == keys for each in said)


@pytest.mark.parametrize(
    ("options", "meant"),
    [
        (["--case", "truncated"], "recovery/truncated"),
        (["--case", "packet/exist"], "packet/exists"),
        (["--clause", "stream.txet"], "stream.text"),
        (["--flag", "lage"], "large"),
        (["--profile", "reader"], "packet"),
    ],
)
@pytest.mark.parametrize("action", ["list", "show"])
def test_what_there_is_not_may_be_meant_for_what_there_is(
    corpus: Path, action: str, options: list[str], meant: str
) -> None:
    assert meant in fails(action, corpus, *options)


def test_no_case_that_is_all_of_that(corpus: Path) -> None:
    fails("list", corpus, "--profile", "writer", "--flag", "text", status=1)


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_a_list_fits_the_terminal(corpus: Path, columns: int) -> None:
    shown = run_on_terminal(
        "conformance", "list", "--corpus", corpus, "--no-color", columns=columns
    )
    lines = shown.output.decode().split("\r\n")
    assert max(map(cell_len, lines)) <= columns
    assert sum(bool(line) for line in lines) == len(FORMS)


# --- show -------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS, ids=IDS)
def test_a_case_is_shown_with_what_it_is_about(corpus: Path, form: dict[str, object]) -> None:
    text = succeeds("show", corpus, str(form["id"]))
    joined = " ".join(text.split())
    assert text.startswith(f"{form['id']}\n{form['title']}\n")
    assert f"profile {form['profile']}: " in joined
    clauses = form["clauses"]
    assert isinstance(clauses, list)
    for clause in clauses:
        assert f"{clause}, {spec.clause(clause).level}, " in joined
        assert " ".join(spec.clause(clause).text.split()) in joined
    assert set(controls(text)) == {"\n"}
    assert max(map(cell_len, text.splitlines())) <= 100


def test_a_damaged_stream_shows_what_was_done_to_it(corpus: Path) -> None:
    text = succeeds("show", corpus, "recovery/checksum-then-good-packet")
    assert "made from packet/exists-twice by flip-bit 11.0\n" in text
    lines = text.splitlines()
    before = next(line for line in lines if line.startswith("  before"))
    carets = lines[lines.index(before) + 1]
    assert before[carets.index("^^") :].startswith("1b ")
    after = next(line for line in lines if line.startswith("  after"))
    assert after[carets.index("^^") :].startswith("1a ")
    assert "damaged at 0, 12 octets: checksum" in text
    assert "packet at 12, 12 octets: foo, exists" in text
    assert "1 to 11                 none\n" in text
    assert "13 to 23                the first 12\n" in text
    assert "flags     bit-flip: one bit of a good stream is flipped\n" in text
    assert "notes     The stored checksum is one bit off.\n" in text


def test_a_writers_case_shows_what_is_written_and_what_comes_out(corpus: Path) -> None:
    text = succeeds("show", corpus, "writer/*")
    assert '    test_id      "foo"\n' in text
    assert "packet at 0, 12 octets: foo, exists\n" in text
    assert "the packet has to be refused, for its test_id" in text
    assert "One or more packets with these fields" in text
    assert "10000000 characters" not in text
    assert len(text) < 5000


def test_strings_with_a_lone_surrogate_are_shown_in_octets(tmp_path: Path) -> None:
    packet = {"kind": "packet", "test_tags": ["a\ud800c"]}
    [form] = [each for each in FORMS if each["id"] == "writer/refuse-nul"]
    form = form | {"packet": packet, "octets": {"test_tags": ["61eda08063"]}}
    text = succeeds("show", write_corpus(tmp_path, [form]), "writer/*")
    assert "    test_tags    61 ed a0 80 63\n" in text


def test_a_multiplexers_case_is_shown_feed_by_feed(corpus: Path) -> None:
    text = succeeds("show", corpus, "multiplexer/one-input")
    assert '1. input 0, route code "0": 8 octets\n' in text
    assert "   out: nothing\n" in text
    assert "   out: 1 packet\n" in text
    assert "route code  0\n" in text
    assert '3. input 0, route code "0": ends\n' in text
    assert "6f 6b 0a" in text.partition("wrapped")[2]


def test_large_cases_are_shown_in_short_but_where_all_is_asked_for(corpus: Path) -> None:
    short = succeeds("show", corpus, "packet/large")
    assert len(short.splitlines()) < 60
    assert "… 16,355 more" in short
    assert len(succeeds("show", corpus, "--full", "packet/large").splitlines()) > 2000


@pytest.mark.parametrize("columns", [52, 80, 120])
def test_cases_fit_the_terminal(corpus: Path, columns: int) -> None:
    shown = run_on_terminal(
        *("conformance", "show", "--corpus", corpus, "--no-color"), columns=columns
    )
    lines = shown.output.decode().split("\r\n")
    assert [line for line in lines if cell_len(line) > columns] == []


def test_colour_only_on_a_terminal(corpus: Path) -> None:
    call = ("conformance", "show", "--corpus", corpus, "recovery/truncated")
    assert b"\x1b[" in run_on_terminal(*call).output
    assert b"\x1b[" not in run_on_terminal(*call, "--no-color").output
    assert b"\x1b[" not in run(*call).output


def test_cases_as_json(corpus: Path) -> None:
    said = json_lines(succeeds("show", corpus, "--json").encode())
    assert said == FORMS


# --- export -----------------------------------------------------------------------------


@pytest.fixture
def exported(corpus: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "new" / "folder"
    assert succeeds("export", corpus, folder).startswith(f"{folder}: {len(FORMS)} cases, ")
    return folder


def test_everything_is_exported(corpus: Path, exported: Path) -> None:
    assert (exported / "cases.json").read_bytes() == (corpus / "cases.json").read_bytes()
    for form in FORMS:
        stream = exported / "streams" / f"{form['id']}.subunit"
        lines = stream.with_name(f"{stream.stem}.jsonl")
        if form["profile"] == "multiplexer":
            assert not stream.exists()
        elif form["profile"] == "writer":
            (packet,) = json_lines(lines.read_bytes())
            assert packet["kind"] == "packet"
            assert stream.exists() == ("bytes" in form)
        else:
            octets = stream.read_bytes()
            assert sha256(octets).hexdigest() == form["sha256"]
            items = [item_from_dict(item) for item in json_lines(lines.read_bytes())]
            assert b"".join(map(encode, items)) == octets
    answers = (exported / "writer-answers.txt").read_text().splitlines()
    assert answers == ["b329010c03666f6f08555f1b", "refused test_id"]
    assert (exported / "writer-questions.txt").read_text().count("\n\n") == len(answers)
    assert [each.name for each in exported.parent.iterdir()] == [exported.name]


def test_the_sums_are_those_of_all_files(exported: Path) -> None:
    sums = (exported / "SHA256SUMS").read_text().splitlines()
    named = {line.partition("  ")[2]: line.partition("  ")[0] for line in sums}
    files = {
        str(file.relative_to(exported)): sha256(file.read_bytes()).hexdigest()
        for file in exported.rglob("*")
        if file.is_file() and file.name != "SHA256SUMS"
    }
    assert named == files
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=exported, check=True)


def test_what_is_there_is_not_overwritten(corpus: Path, exported: Path) -> None:
    (exported / "cases.json").write_text("mine")
    assert "--force" in fails("export", corpus, exported)
    assert (exported / "cases.json").read_text() == "mine"
    succeeds("export", corpus, "--force", exported)
    assert (exported / "cases.json").read_bytes() == (corpus / "cases.json").read_bytes()


def test_an_empty_folder_is_filled(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    succeeds("export", corpus, tmp_path / "empty")
    assert (tmp_path / "empty" / "SHA256SUMS").exists()


def test_a_folder_of_something_else_is_never_replaced(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("42")
    assert "not a corpus" in fails("export", corpus, "--force", tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "42"


def test_where_nothing_can_be_written(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert str(tmp_path) in fails("export", corpus, tmp_path / "file" / "there")
    assert "not a folder" in fails("export", corpus, tmp_path / "file")


# --- Mutations and differences ------------------------------------------------------


PLAIN = Layout(Paint("never"), 80, 32)


@pytest.mark.parametrize(
    ("mutation", "words"),
    [
        ("flip-bit 11.0", "one bit is flipped, bit 0 of the octet at 11"),
        ("truncate 17", "only the first 17 octets are kept"),
        ("remove 3..5", "the octets from 3 up to 5 are removed"),
        ("insert 3 ff", "octets are inserted before the one at 3"),
        (
            "write 3 ff sealed",
            "octets are overwritten, from the one at 3 on; the checksum is recomputed",
        ),
        (
            "remove 3..5 resized sealed",
            "the octets from 3 up to 5 are removed; the checksum is recomputed",
        ),
        ("something else", "something else"),
    ],
)
def test_mutations_in_words(mutation: str, words: str) -> None:
    assert describe_mutation(mutation).startswith(words)


def test_octets_that_came_in_or_went_are_marked() -> None:
    lines = list(draw_mutation(bytes(range(20)), bytes(range(17)), PLAIN))
    assert lines[0] == "  before        16  10 11 12 13"
    assert lines[1].index("^^") == lines[0].index("11")
    assert lines[1].count("^^") == 3
    assert "nothing else" in lines[2]


def test_a_long_change_is_shown_in_short() -> None:
    lines = list(draw_mutation(bytes(10_000), bytes(5_000) + b"\1" * 5_000 + b"\2", PLAIN))
    assert len(lines) < 40
    assert "rows more" in lines[-1]


def differences(expected: object, actual: object, width: int = 80) -> list[str]:
    return list(draw_differences(expected, actual, PLAIN._replace(width=width)))


ITEMS = [item.to_dict() for item in decode(b"building\n" * 400 + bytes.fromhex(FORMS[1]["bytes"]))]


def test_only_what_differs_is_shown() -> None:
    actual = [dict(ITEMS[0], bytes=ITEMS[0]["bytes"][:-4]), *ITEMS[1:]]
    lines = differences(ITEMS, actual)
    assert len(lines) < 12
    assert [line for line in lines if "3592 before" in line or "3,584 before" in line]
    assert lines[-1].strip().startswith("… ")


@pytest.mark.parametrize("width", [52, 80, 120])
def test_what_may_be_left_out_does_not_differ(width: int) -> None:
    actual = [
        {key: value for key, value in item.items() if key not in ("offset", "length")}
        for item in ITEMS
    ]
    actual[-1] = dict(actual[-1], test_status="fail")
    lines = differences(ITEMS, actual, width)
    marked = [line for line in lines if " # " in line or line.startswith(("  - ", "  + "))]
    assert all("test_status" in line for line in marked if "expected" not in line)
    assert max(map(cell_len, lines)) <= width


def test_nothing_came() -> None:
    lines = differences(ITEMS, None)
    assert lines[0] == "  expected; there was no answer"


def test_a_refusal_beside_octets() -> None:
    assert any('refused: "test_id"' in line for line in differences({"refused": "test_id"}, "b3"))
