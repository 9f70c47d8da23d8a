"""Hand-written cases, and drafts for their authors."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from corpus import build
from corpus.assemble import exists, packet, string, written
from corpus.cases import CaseError, case_of_toml, complaint, read_case, validator
from corpus.draft import draft
from corpus.reading import find_items
from corpus.serialise import built
from corpus.source import FeedSource, octets_of
from subunit2.conformance.corpus import Report, Wrapped
from subunit2.grammar.generating import streams

FOO = exists("foo")
OUTPUT = (b"\xb3)", Report(b"\xb3*"), Wrapped(b"ok"), Report(b"", ends=True))
HEAD = 'title = "A title"\nclauses = ["packet.order"]\n'


# ---- From TOML -------------------------------------------------------------------


def test_short_forms_are_spelled_out() -> None:
    source = case_of_toml(
        HEAD
        + """
bytes = '''
"ok" b3 2901 0c  03 "foo"  08555f1b  # a comment
b3 2901 0c  03 "foo"  08555f1a
'''
items = [
  { passthrough = 2 },
  { packet = 12, test_id = "foo", test_status = "exists" },
  { corrupt = 12, error = "checksum" },
]
""",
        "packet/x",
    )
    damaged = FOO[:-1] + b"\x1a"
    assert octets_of(source.octets or []) == b"ok" + FOO + damaged
    assert source.items == find_items(b"ok" + FOO + damaged)


def test_file_bytes_are_written_like_bytes() -> None:
    octets = written({"file_name": "log", "file_bytes": "6f6b0a"})
    source = case_of_toml(
        HEAD
        + f"""
bytes = '{octets.hex()}'
items = [{{ packet = {len(octets)}, file_name = "log", file_bytes = '"ok" 0a' }}]
""",
        "packet/x",
    )
    assert source.items == find_items(octets)


def test_raw_is_filled_in_where_a_writer_writes_other_octets() -> None:
    octets = packet(0x2901, string("foo", 2))
    source = case_of_toml(
        HEAD
        + f"""
bytes = '{octets.hex()}'
items = [{{ packet = 13, test_id = "foo", test_status = "exists" }}]
""",
        "packet/x",
    )
    assert source.items is not None
    assert source.items[0]["raw"] == octets.hex()
    assert source.items == find_items(octets)


def test_cases_of_writers_and_multiplexers_are_read() -> None:
    source = case_of_toml(
        HEAD
        + """
packet = { test_id = [["a", 300]], file_name = "", file_bytes = '(00) * 2' }
refused = "test_id"
""",
        "writer/x",
    )
    assert source.packet == {
        "kind": "packet",
        "test_id": "a" * 300,
        "runnable": True,
        "file_name": "",
        "file_bytes": "0000",
        "eof": False,
    }
    source = case_of_toml(
        HEAD
        + """
routes = ["0"]
wrapped = ['"ok"']
[[feeds]]
input = 0
bytes = '"ok"'
packets = ["b3 29", { report = "b3 2a" }, { wrapped = '"ok"' }, { report = "", end = true }]
[[feeds]]
input = 0
end = true
""",
        "multiplexer/x",
    )
    assert source.feeds == (
        FeedSource(input=0, octets=b"ok", packets=OUTPUT),
        FeedSource(input=0, octets=None),
    )
    assert source.wrapped == (b"ok",)
    assert built(source)["feeds"][0]["packets"] == [
        "b329",
        {"report": "b32a"},
        {"wrapped": "6f6b"},
        {"report": "", "end": True},
    ]
    assert complaint(validator("case.schema.json"), built(source)) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "no TOML: "),
        ('title = "A title"', "'clauses' is a required property"),
        (HEAD + "colour = 1", r".*'colour' was unexpected"),
        (HEAD.replace("A title", "A\\ntitle"), "title: "),
        (HEAD + 'parent = "a/b"', "'mutation' is a dependency of 'parent'"),
        (HEAD + "bytes = 'b'", "bytes, line 1: b is not hex digits in pairs"),
        (HEAD + "bytes = ''\nitems = [{}]", r"items\[0\]: begin it with one of"),
        (HEAD + "bytes = ''\nitems = [{ packet = 1, corrupt = 1 }]", r"items\[0\]: begin it with"),
        (HEAD + "bytes = ''\nitems = [{ corrupt = 1 }]", r"items\[0\]: corrupt without an error"),
        (
            HEAD + "bytes = ''\nitems = [{ passthrough = 1, test_id = '' }]",
            r"items\[0\]: passthrough has no test_id",
        ),
        (
            HEAD + "bytes = ''\nitems = [{ packet = 8, test_status = 'error' }]",
            r"items\[0\]: no packet can say this: ",
        ),
        (
            HEAD + "bytes = ''\nitems = [{ packet = 8, file_name = '' }]",
            r"items\[0\]: no packet can say this: ",
        ),
        (
            HEAD + "bytes = ''\nitems = [{ packet = 8, file_name = '', file_bytes = '(' }]",
            r"items\[0\].file_bytes, line 1: \( without",
        ),
        (HEAD + "wrapped = ['b']", r"wrapped\[0\], line 1: b is not hex"),
        (
            HEAD + "feeds = [{ input = 0, bytes = '', packets = ['b'] }]",
            r"feeds\[0\].packets\[0\], line 1: b is not hex",
        ),
        (
            HEAD + "feeds = [{ input = 0, bytes = '', packets = [{ report = 'b' }] }]",
            r"feeds\[0\].packets\[0\].report, line 1: b is not hex",
        ),
        (HEAD + "feeds = [{ input = 0, bytes = '', packets = [{ end = true }] }]", r"feeds\[0\]"),
    ],
)
def test_a_file_that_is_no_case_is_named_in_a_line(text: str, message: str) -> None:
    with pytest.raises(CaseError, match=f"^{message}|{message}$") as caught:
        case_of_toml(text, "packet/x")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text_is_no_case(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xff")
    with pytest.raises(CaseError, match="not UTF-8"):
        read_case(tmp_path / "x.toml", tmp_path)


# ---- Drafts ----------------------------------------------------------------------


@given(streams())
def test_a_draft_is_a_case_of_that_stream(stream: bytes) -> None:
    text = draft(stream)
    source = case_of_toml(text.replace('."\n', '"\n'), "packet/x")
    assert octets_of(source.octets or []) == stream
    assert source.items == find_items(stream)


def test_a_draft_reads_like_the_format() -> None:
    text = draft(b"(Pdb) \n" + FOO)
    assert text.splitlines()[2:] == [
        "bytes = '''",
        r'"(Pdb) \n"',
        "",
        f"{'b3 2901 0c':24}  # header: version 2, test id, runnable, status exists, 12 octets",
        '03 "foo"                  # test id',
        "08555f1b                  # checksum",
        "'''",
        "items = [",
        "  { passthrough = 7 },",
        '  { packet = 12, test_id = "foo", test_status = "exists" },',
        "]",
    ]


def test_the_script_drafts_and_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    script = str(Path(build.__file__))
    (tmp_path / "x").write_bytes(FOO)
    drafted = subprocess.run(
        [sys.executable, script, "--draft", str(tmp_path / "x")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert drafted.stdout == draft(FOO)
    missing = subprocess.run(
        [sys.executable, script, "--draft", "no-such-file"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (missing.returncode, missing.stderr) == (1, "no-such-file: No such file or directory\n")
