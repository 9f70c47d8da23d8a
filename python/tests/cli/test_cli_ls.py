"""`subunit2 ls`, and the lists that runners take."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Packet, TestStatus, encode, tests
from subunit2.streams.listing import list_line, read_list
from support.command import Running, assert_one_line, environment, run
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged

#: Ids that are printed unchanged.
PLAIN = (
    *("pkg.test[a b]", "a::b[x/y]", "🦄", "-x", "#1", "C:\\n", "'q'", "a\u0301", "тест"),
    # Not printable, but not an end of line either.
    *("a\tb", "a\xa0b", "👩\u200d💻", "a\xadb", "\ue000"),
)
#: Ids that are printed as JSON strings.
ESCAPED = (
    *("two\nlines", "\r", "", " a", "a ", '"quoted"', "\x1b[2J", "\u202e", "\x85", "\ufeff"),
    *("\ta", "a\t", "a\u2028b", "a\u2067b", "a\x7fb", "\ufeffa", "a\rb"),
)


def exists(test_id: str, **fields: object) -> bytes:
    return encode(Packet(test_id=test_id, **({"test_status": "exists"} | fields)))  # type: ignore[arg-type]


# --- Lists -------------------------------------------------------------------------------


@pytest.mark.parametrize("test_id", PLAIN)
def test_an_id_stands_as_it_is(test_id: str) -> None:
    assert list_line(test_id) == test_id


@pytest.mark.parametrize("test_id", ESCAPED)
def test_an_id_that_cannot_is_a_json_string(test_id: str) -> None:
    line = list_line(test_id)
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == test_id


_IDS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), unique=True)


@given(_IDS | st.just([*PLAIN, *ESCAPED]))
def test_lists_are_read_as_they_were(ids: list[str]) -> None:
    lines = "".join(f"{list_line(test_id)}\n" for test_id in ids)
    assert read_list(lines.encode()) == ids
    # Saved by an editor on Windows.
    assert read_list(b"\xef\xbb\xbf" + lines.replace("\n", "\r\n").encode()) == ids
    assert read_list(lines.removesuffix("\n").encode()) == ids
    assert read_list("".join(f"{test_id}\0" for test_id in ids).encode()) == ids
    assert read_list(b"ok\n" + b"".join(map(exists, ids))) == ids or not ids


@given(st.binary())
def test_any_octets_are_a_list(octets: bytes) -> None:
    ids = read_list(octets)
    assert len(ids) == len(set(ids))


def test_a_line_that_only_begins_like_a_json_string_stands_as_it_is() -> None:
    assert read_list(b'"half\n"a" b\n"whole"\n') == ['"half', '"a" b', "whole"]


# --- The command -------------------------------------------------------------------------


def test_each_id_once_whatever_is_said_of_it() -> None:
    stream = (
        b"ok\n"
        + exists("foo")
        + exists("bar", test_status="inprogress", route_code="0")
        + exists("bar", test_status="fail", route_code="0")
        + exists("bar", test_status="success", route_code="1")
        + exists("layer", test_status="success", runnable=False)
        + exists("baz", test_status=None, test_tags=["a"])
        + exists("foo", test_status="success")
    )
    assert run("ls", stdin=stream).text == "foo\nbar\n"
    assert run("ls", "--all", stdin=stream).text == "foo\nbar\nlayer\n"
    assert run("ls", "--routes", stdin=stream).text == "\tfoo\n0\tbar\n1\tbar\n"
    assert run("ls", "--status", "success", stdin=stream).text == "bar\nfoo\n"
    both = run("ls", "--status", "exists", "--status", "fail", stdin=stream)
    assert both.text == "foo\nbar\n"
    assert json.loads(run("ls", "--json", "--routes", stdin=stream).output) == {
        "tests": [
            {"test_id": "foo", "route_code": None, "status": "exists", "runnable": True},
            {"test_id": "bar", "route_code": "0", "status": "inprogress", "runnable": True},
            {"test_id": "bar", "route_code": "1", "status": "success", "runnable": True},
        ]
    }


def test_a_test_is_runnable_if_all_its_packets_since_its_start_say_so() -> None:
    # clause runnable.consumer
    started = exists("layer", test_status="inprogress", runnable=False)
    failed = exists("layer", test_status="fail")
    assert run("ls", "--all", stdin=started + failed).text == "layer\n"
    for call in (["ls"], ["ls", "--status", "fail"]):
        done = run(*call, stdin=started + failed)
        assert (done.status, done.output) == (2, b"")
        # Its next run, and the same id on another route, are judged on their own.
        for stream in (
            started + failed + failed,
            started + exists("layer", test_status="fail", route_code="0"),
        ):
            assert run(*call, stdin=stream).text == "layer\n"
    late = (
        exists("t", test_status="inprogress")
        + exists("t", runnable=False)
        + exists("t", test_status="fail")
    )
    assert run("ls", "--status", "fail", stdin=late).status == 2
    form = json.loads(run("ls", "--json", "--all", "--status", "fail", stdin=late).output)
    assert form["tests"][0]["runnable"] is False


def test_ids_of_all_kinds() -> None:
    ids = [*PLAIN, *ESCAPED]
    stream = b"".join(map(exists, ids))
    done = run("ls", stdin=stream)
    assert (done.status, read_list(done.output)) == (0, ids)
    assert done.output.count(b"\n") == len(ids)
    ended = run("ls", "-0", stdin=stream)
    assert ended.output.decode().split("\0") == [*ids, ""]
    assert [
        test["test_id"] for test in json.loads(run("ls", "--json", stdin=stream).output)["tests"]
    ] == ids


@pytest.mark.parametrize("call", [["ls"], ["ls", "-0"], ["ls", "--routes"], ["failing", "--list"]])
def test_a_list_is_utf_8_whatever_the_encoding_of_the_output(call: list[str]) -> None:
    stream = exists("adiós😀", test_status="fail") + exists("bar", test_status="fail")
    plain = run(*call, stdin=stream)
    assert "adiós😀" in plain.text
    for changes in ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        assert run(*call, stdin=stream, changes=changes) == plain


def test_damage_may_hide_tests() -> None:
    stream = FOO_OCTETS + damaged(BAR_OCTETS)
    assert (run("ls", stdin=stream).status, run("ls", stdin=stream).text) == (3, "foo\n")
    assert run("ls", "--strict", stdin=stream).status == 1


@pytest.mark.parametrize("form", ["lines", "NUL", "stream"])
def test_load_list(form: str, tmp_path: Path) -> None:
    wanted = ["two\nlines", "foo", "missing"]
    octets = {
        "lines": "".join(f"{list_line(test_id)}\n" for test_id in wanted).encode(),
        "NUL": "".join(f"{test_id}\0" for test_id in wanted).encode(),
        "stream": b"".join(map(exists, wanted)),
    }
    (tmp_path / "wanted").write_bytes(octets[form])
    stream = exists("foo") + exists("bar") + exists("two\nlines")
    done = run("ls", "--load-list", tmp_path / "wanted", stdin=stream)
    assert (done.status, done.text) == (0, 'foo\n"two\\nlines"\n')
    assert done.errors == b"subunit2 ls: 1 test of the list not in the stream, such as missing\n"
    missing = run("ls", "--load-list", tmp_path / "no", stdin=stream)
    assert (missing.status, missing.output) == (2, b"")


def test_a_report_of_damage_in_a_stream_is_not_a_test_of_the_list() -> None:
    # clause damage.parser
    report = exists("subunit.parser", test_status="fail")
    assert read_list(exists("foo") + report) == ["foo"]
    assert read_list(report) == []


def test_a_list_on_standard_input(tmp_path: Path) -> None:
    (tmp_path / "stream").write_bytes(exists("foo") + exists("bar"))
    done = run("ls", "--load-list", "-", tmp_path / "stream", stdin=b"bar\n")
    assert (done.status, done.text, done.errors) == (0, "bar\n", b"")
    both = run("ls", "--load-list", "-", stdin=b"bar\n")
    assert (both.status, both.output) == (2, b"")
    assert "both standard input" in assert_one_line(both.errors, "ls")


def test_an_empty_id_that_is_missing_is_named() -> None:
    wanted = run("ls", stdin=exists("")).output
    with NamedTemporaryFile() as file:
        file.write(wanted)
        file.flush()
        done = run("ls", "--load-list", file.name, stdin=exists("foo"))
    assert b'such as ""\n' in done.errors


def test_an_id_is_shown_at_once() -> None:
    with Running("ls") as running:
        running.feed(FOO_OCTETS)
        running.expect(lambda output: output == b"foo\n")
        running.feed(FULL_OCTETS + FOO_OCTETS)
        running.expect(lambda output: output == "foo\npkg.Case.test_é\n".encode())
        assert running.finish().status == 0


# --- With runners ------------------------------------------------------------------------

_MODULE = """
import unittest

class Named(unittest.TestCase):
    def __init__(self, id):
        super().__init__("runTest")
        self._id = id
    def id(self):
        return self._id
    def runTest(self):
        pass

def load_tests(loader, tests, pattern):
    return unittest.TestSuite(map(Named, {ids!r}))
"""


def python(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        capture_output=True,
        env=environment(),
        check=True,
    ).stdout


def outcomes(stream: bytes) -> list[tuple[str, TestStatus | None]]:
    return [(test.id, test.status) for test in tests(stream) if test.status != "exists"]


def test_python_subunit_runs_what_was_listed(tmp_path: Path) -> None:
    (tmp_path / "test_named.py").write_text(_MODULE.format(ids=PLAIN), encoding="utf-8")
    listing = python(tmp_path, "subunit.run", "--list", "test_named")
    listed = run("ls", stdin=listing).text
    assert listed.splitlines() == list(PLAIN)
    chosen = listed.splitlines()[1::2]
    (tmp_path / "chosen").write_text("\n".join(chosen), encoding="utf-8")
    ran = python(tmp_path, "subunit.run", "--load-list", "chosen", "test_named")
    assert outcomes(ran) == [(test_id, "success") for test_id in chosen]


@pytest.mark.slow
def test_pytest_runs_what_was_listed(tmp_path: Path) -> None:
    ids = ["a b", "[x/y]", "a::b", "-x", "two\nlines"]
    (tmp_path / "test_ids.py").write_text(
        f"import pytest\n@pytest.mark.parametrize('x', {ids!r}, ids=repr)\ndef test_it(x): pass\n"
    )
    collected = python(tmp_path, "pytest", "--collect-only", "-q", "-p", "no:cacheprovider")
    nodes = [line for line in collected.decode().splitlines() if "::" in line]
    assert len(nodes) == len(ids)
    listed = run("ls", "-0", stdin=b"".join(map(exists, nodes))).text
    ran = python(tmp_path, "pytest", "-q", "-p", "no:cacheprovider", *listed.split("\0")[:-1])
    assert f"{len(ids)} passed" in ran.decode()
