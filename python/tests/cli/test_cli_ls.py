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
from subunit2.streams.listing import fits_a_line, is_plain_line, read_list
from support.command import (
    Done,
    Running,
    assert_one_line,
    controls,
    environment,
    run,
    run_on_terminal,
)
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged

#: Ids that are lines of a list.
PLAIN = (
    *("pkg.test[a b]", "a::b[x/y]", "🦄", "-x", "#1", "C:\\n", "'q'", "a\u0301", "тест"),
    *("a\tb", "a\xa0b", "👩\u200d💻", "a\xadb", "\ue000", '"quoted"', '"', "{}", '"a\\n"'),
    *(
        "a ",
        " a",
        " ",
        "\ta",
        "a\t",
        "a\rb",
        "\rb",
        "a\u2028b",
        "\x85",
        "\u202ea",
        "\x1b[2J",
        "\x7f",
    ),
)
#: Ids that are lines of a list, but not of one that begins with them.
LATER = ("a\r", "\r", "\ufeff", "\ufeffa")
#: Ids that no line can hold.
UNFIT = ("two\nlines", "\n", "", "a\r\n")


def exists(test_id: str, **fields: object) -> bytes:
    return encode(Packet(test_id=test_id, **({"test_status": "exists"} | fields)))  # type: ignore[arg-type]


# --- Lists -------------------------------------------------------------------------------


_IDS = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), unique=True)


@given(_IDS | st.just([*LATER, *PLAIN, *UNFIT]) | st.just([*LATER]))
def test_lists_are_read_as_they_were(ids: list[str]) -> None:
    stream = b"".join(map(exists, ids))
    listed = run("ls", stdin=stream) if ids else Done(0, b"", b"")
    left_out = {json.loads(line) for line in _left_out(listed.errors)}
    assert left_out >= {test_id for test_id in ids if not fits_a_line(test_id)}
    if any(map(is_plain_line, filter(fits_a_line, ids))):
        assert left_out <= {test_id for test_id in ids if not fits_a_line(test_id)} or len(ids) > 20
    # No id is read that is none, and none is lost in silence.
    read = read_list(listed.output)
    assert set(read) <= set(ids)
    assert set(ids) - set(read) == left_out or len(ids) > 20
    assert listed.status == (1 if left_out else 0)
    assert read_list("".join(f"{test_id}\0" for test_id in ids).encode()) == ids
    assert read_list(b"ok\n" + stream) == ids or not ids


def _left_out(errors: bytes) -> list[str]:
    before = "subunit2 ls: left out: "
    lines = errors.decode().splitlines()
    return [line.removeprefix(before) for line in lines if line.startswith(before)]


@given(_IDS)
def test_a_list_that_was_saved_on_windows(ids: list[str]) -> None:
    ids = [test_id for test_id in ids if fits_a_line(test_id) and is_plain_line(test_id)]
    lines = "".join(f"{test_id}\r\n" for test_id in ids)
    for saved in (lines, "\r\n" + lines + "\r\n", lines.removesuffix("\r\n"), "\ufeff" + lines):
        assert read_list(saved.encode()) == ids or len(ids) < 2


@pytest.mark.parametrize(
    ("octets", "ids"),
    [
        pytest.param(b"", [], id="empty"),
        pytest.param(b"\n\n", [], id="empty-lines"),
        pytest.param(b"\xef\xbb\xbf", [], id="a-mark-alone"),
        pytest.param(b"a", ["a"], id="without-a-line-end"),
        pytest.param(b"a\n\nb\na\n", ["a", "b"], id="each-once"),
        pytest.param(b"\xef\xbb\xbfa\nb\n", ["a", "b"], id="a-byte-order-mark"),
        pytest.param(b"a\r\nb\r\n", ["a", "b"], id="windows"),
        pytest.param(b"a\r\n\r\nb", ["a", "b"], id="windows-without-the-last-end"),
        pytest.param(b"a\r\n\nb\r\n", ["a", "b"], id="windows-and-an-empty-line"),
        pytest.param(b"a\nb\r\n", ["a", "b\r"], id="one-carriage-return"),
        pytest.param(b"a\rb\n", ["a\rb"], id="a-carriage-return-within"),
        pytest.param(b" a \n\ta\t\n", [" a ", "\ta\t"], id="spaces"),
        pytest.param(b'"a\\nb"\n"half\n', ['"a\\nb"', '"half'], id="quotes"),
        pytest.param(b"# a\n-x\n", ["# a", "-x"], id="no-comments-and-no-options"),
        pytest.param(b"a\xffb\n\xc3\xa9\n", ["a\ufffdb", "é"], id="not-utf-8"),
        pytest.param(b"a\nb\0c\0", ["a\nb", "c"], id="nul"),
        pytest.param(b"a\0\0b", ["a", "", "b"], id="nul-and-an-empty-id"),
    ],
)
def test_lists_of_others(octets: bytes, ids: list[str]) -> None:
    assert read_list(octets) == ids


@given(st.binary())
def test_any_octets_are_a_list(octets: bytes) -> None:
    ids = read_list(octets)
    assert len(ids) == len(set(ids))


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
    ids = [*LATER, *PLAIN, *UNFIT]
    stream = b"".join(map(exists, ids))
    done = run("ls", stdin=stream)
    # The first line tells a list of lines from others.
    listed = [PLAIN[0], *LATER, *PLAIN[1:]]
    assert (done.status, done.text) == (1, "".join(f"{test_id}\n" for test_id in listed))
    assert done.errors.decode().splitlines() == [
        *(f"subunit2 ls: left out: {json.dumps(test_id)}" for test_id in UNFIT),
        "subunit2 ls: 4 ids left out, which a line cannot hold; -0 and a stream can",
    ]
    ended = run("ls", "-0", stdin=stream)
    assert (ended.status, ended.output.decode().split("\0")) == (0, [*ids, ""])
    assert [
        test["test_id"] for test in json.loads(run("ls", "--json", stdin=stream).output)["tests"]
    ] == ids
    # With --routes, the columns are told apart by the first tab.
    done = run("ls", "--routes", stdin=exists("a", route_code="x\ty") + exists("b"))
    assert (done.status, done.text, done.errors.count(b"\n")) == (1, "\tb\n", 2)


def test_a_list_of_ids_that_would_be_misread_is_empty() -> None:
    for test_id in LATER:
        done = run("ls", stdin=exists(test_id))
        assert (done.status, done.output) == (1, b"")
        assert json.dumps(test_id).encode() in done.errors


def test_ids_left_out_are_named_up_to_a_limit() -> None:
    done = run("ls", stdin=b"".join(exists(f"{number}\n") for number in range(30)))
    assert (done.status, done.output, done.errors.count(b"\n")) == (1, b"", 21)
    assert b"30 ids left out" in done.errors


@pytest.mark.parametrize("call", [["ls"], ["ls", "-0"], ["ls", "--routes"], ["failing", "--list"]])
def test_a_terminal_gets_every_id_escaped(call: list[str]) -> None:
    ids = [*LATER, *PLAIN, *UNFIT]
    stream = b"".join(exists(test_id, test_status="fail") for test_id in ids)
    if call == ["failing", "--list"]:
        call = [*call, "-"]
    done = run_on_terminal(*call, stdin=stream)
    shown = done.output.decode().replace("\r\n", "\n")
    assert controls(shown.replace("\n", "").replace("\t", "")) == []
    assert shown.count("\n") == len(ids)
    assert "two\\nlines" in shown
    assert done.errors == b""


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
        "lines": b"foo\nmissing\n",
        "NUL": "".join(f"{test_id}\0" for test_id in wanted).encode(),
        "stream": b"".join(map(exists, wanted)),
    }
    (tmp_path / "wanted").write_bytes(octets[form])
    stream = exists("foo") + exists("bar") + exists("two\nlines")
    done = run("ls", "--load-list", tmp_path / "wanted", stdin=stream)
    assert b"subunit2 ls: 1 test of the list not in the stream, such as missing\n" in done.errors
    assert done.text == "foo\n"
    assert done.status == (0 if form == "lines" else 1)
    done = run("ls", "-0", "--load-list", tmp_path / "wanted", stdin=stream)
    assert (done.status, done.text) == (0, "foo\0" if form == "lines" else "foo\0two\nlines\0")
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


def test_a_list_of_which_some_lines_end_as_on_windows(tmp_path: Path) -> None:
    (tmp_path / "wanted").write_bytes(b"foo\r\nbar\nno\r\n")
    stream = exists("foo") + exists("bar\r") + exists("bar") + exists("baz")
    done = run("ls", "--load-list", tmp_path / "wanted", stdin=stream)
    assert (done.status, done.text) == (0, "foo\nbar\n")
    assert done.errors == b"subunit2 ls: 1 test of the list not in the stream, such as no\n"
    (tmp_path / "wanted").write_bytes(b"bar\r\nbaz\n")
    done = run("ls", "--load-list", tmp_path / "wanted", stdin=stream)
    assert (done.status, done.text, done.errors) == (0, "bar\nbar\r\nbaz\n", b"")


def test_an_empty_id_that_is_missing_is_named() -> None:
    wanted = run("ls", "-0", stdin=exists("")).output
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
    # It strips the lines of a list.
    ids = [test_id for test_id in PLAIN if test_id.encode().strip() == test_id.encode()]
    assert '"quoted"' in ids
    (tmp_path / "test_named.py").write_text(_MODULE.format(ids=ids), encoding="utf-8")
    listing = python(tmp_path, "subunit.run", "--list", "test_named")
    listed = run("ls", stdin=listing).text
    assert listed.split("\n") == [*ids, ""]
    chosen = ids[1::2]
    (tmp_path / "chosen").write_bytes("\n".join(chosen).encode())
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
