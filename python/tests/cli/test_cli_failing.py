"""`subunit2 failing`: show the tests that failed or never ended, and why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from subunit2 import Packet, Timestamp, decode, encode, replace, tests
from subunit2.streams.listing import read_list
from subunit2.streams.plan import Plan
from support.command import (
    CAPTURES,
    Running,
    assert_one_line,
    environment,
    run,
    run_on_terminal,
)

FAILED = Packet(test_id="foo", test_status="fail", route_code="0/3")
TRACEBACK = Packet(
    test_id="foo",
    route_code="0/3",
    file_name="traceback",
    file_bytes="Traceback:\r\n  adiós\x1b[2J\n\tAssertionError\n".encode(),
    mime_type="text/x-traceback;charset=utf8,language=python",
    eof=True,
)
LAYER = Packet(test_id="layer", test_status="fail", runnable=False)


def stream_of(*packets: Packet) -> bytes:
    return b"".join(map(encode, packets))


def test_why_a_test_failed() -> None:
    done = run("failing", stdin=stream_of(TRACEBACK, FAILED))
    assert (done.status, done.errors) == (1, b"")
    assert done.text == (
        "fail  foo  [route 0/3]\n"
        "  traceback:\n"
        "    Traceback:\n"
        "      adiós\\x1b[2J\n"
        "            AssertionError\n"
        "1 failed, 0 never ended, of 1 test\n"
    )


def test_only_what_can_be_run_again_unless_asked() -> None:
    stream = stream_of(LAYER, FAILED)
    assert run("failing", "--list", stdin=stream).text == "foo\n"
    assert run("failing", "--list", "--all", stdin=stream).text == "layer\nfoo\n"
    only = run("failing", "--list", stdin=stream_of(LAYER))
    assert (only.status, only.output) == (1, b"")
    said = run("failing", stdin=stream_of(LAYER)).text
    assert said == (
        "0 failed, 0 never ended, of 0 tests\n"
        "1 failed, 0 never ended, of 1 not runnable, shown by --all\n"
    )


def test_a_list_is_each_id_once_and_can_be_read_again() -> None:
    ids = ["two\nlines", "foo", "started"]
    stream = stream_of(
        replace(FAILED, test_id=ids[0]),
        Packet(test_id="started", test_status="inprogress"),
        FAILED,
        replace(FAILED, route_code="1"),
        replace(FAILED, test_id="passed", test_status="success"),
    )
    assert read_list(run("failing", "--list", "-0", stdin=stream).output) == ids
    done = run("failing", "--list", stdin=stream)
    assert (done.status, read_list(done.output)) == (1, ids[1:])
    assert done.errors.decode().splitlines() == [
        'subunit2 failing: left out: "two\\nlines"',
        "subunit2 failing: 1 id left out, which a line cannot hold; -0 and a stream can",
    ]
    # An id that no line can hold travels as a stream, too.
    again = run("filter", "--whole-tests", "--status", "fail", stdin=stream).output
    assert set(read_list(again)) == {"two\nlines", "foo"}


def test_a_list_ended_by_nul_is_asked_for_with_the_list() -> None:
    done = run("failing", "-0", stdin=stream_of(FAILED))
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, "failing") == "--null needs --list"


def test_runners_take_the_lines_as_they_are() -> None:
    ids = ['"quoted"', "trailing ", "-x", "🦄", "cr\rlf", '"a\\n"']
    stream = stream_of(*(replace(FAILED, test_id=test_id) for test_id in ids))
    done = run("failing", "--list", stdin=stream)
    assert (done.text.split("\n"), done.errors) == ([*ids, ""], b"")


def test_json() -> None:
    started = Packet(test_id="bar", test_status="inprogress", timestamp=Timestamp(5, 7))
    stream = b"last words" + stream_of(
        started, TRACEBACK, replace(FAILED, test_tags=["b", "a"]), Packet(test_status="fail")
    )
    form = json.loads(run("failing", "--json", stdin=stream).output)
    assert form["failing"] == [
        {
            "test_id": "foo",
            "route_code": "0/3",
            "status": "fail",
            "runnable": True,
            "start": None,
            "end": None,
            "duration": None,
            "tags": ["a", "b"],
            "attachments": [
                {
                    "name": "traceback",
                    "mime_type": TRACEBACK.mime_type,
                    "complete": True,
                    "text": (TRACEBACK.file_bytes or b"").decode(),
                }
            ],
        },
        {
            "test_id": "bar",
            "route_code": None,
            "status": "inprogress",
            "runnable": True,
            "start": {"seconds": 5, "nanoseconds": 7},
            "end": None,
            "duration": None,
            "tags": [],
            "attachments": [],
        },
    ]
    assert form["routes"] == [{"route_code": None, "status": "fail"}]
    assert form["output"] == [{"route_code": None, "text": "last words"}]


def test_a_killed_worker() -> None:
    # The test that it had started, with its route and its last output.
    lines = b"".join(b"line %d\n" % number for number in range(30))
    stream = stream_of(
        Packet(test_id="foo", test_status="inprogress", route_code="I2/W3"),
        Packet(file_name="stdout", file_bytes=lines, route_code="I2/W3", runnable=False),
        Packet(file_name="stdout", file_bytes=b"of another", route_code="I2/W4"),
        Packet(test_id="foo", file_name="log", file_bytes=b"half", route_code="I2/W3",
               mime_type="text/plain"),
        Packet(test_id="bar", test_status="inprogress", route_code="I2/W3"),
    )  # fmt: skip
    done = run("failing", stdin=stream)
    assert done.status == 1
    assert done.text == (
        "never ended  foo  [route I2/W3]\n"
        "  log:  (without its end)\n"
        "    half\n"
        "  last output  [route I2/W3]:\n"
        "    … 10 lines before\n"
        + "".join(f"    line {number}\n" for number in range(10, 30))
        + "never ended  bar  [route I2/W3]\n"
        "0 failed, 2 never ended, of 2 tests\n"
    )
    assert "    line 0\n" in run("failing", "--full", stdin=stream).text


def test_the_output_of_the_route_above_where_a_route_has_none() -> None:
    started = Packet(test_id="foo", test_status="inprogress", route_code="0/1/2")
    above = Packet(file_name="stderr", file_bytes=b"above", route_code="0")
    assert (
        "last output  [route 0]:\n    above\n"
        in run("failing", stdin=stream_of(above, started)).text
    )
    bare = b"bare\n" + stream_of(started)
    assert "last output:\n    bare\n" in run("failing", stdin=bare).text


def test_the_output_of_two_files_stays_in_lines() -> None:
    chunks = [
        ("stdout", b"last out"),
        ("stderr", b"err "),
        ("stdout", b"put\nadi\xc3"),
        ("stderr", b"line\nmore"),
        ("stdout", b"\xb3s"),
    ]
    stream = stream_of(
        Packet(test_id="foo", test_status="inprogress", route_code="0"),
        *(Packet(file_name=name, file_bytes=text, route_code="0") for name, text in chunks),
    )
    [output] = json.loads(run("failing", "--json", stdin=stream).output)["output"]
    assert output == {"route_code": "0", "text": "last output\nerr line\nadiós\nmore"}


def test_of_much_output_the_end_is_kept() -> None:
    long = b"x" * 10_000
    stream = stream_of(
        Packet(test_id="foo", test_status="inprogress"),
        *(
            Packet(file_name=name, file_bytes=text)
            for name in ("stdout", "stderr")
            for text in (long, long + b"\n" + long, b"end of " + name.encode())
        ),
    )
    [output] = json.loads(run("failing", "--json", stdin=stream).output)["output"]
    assert len(output["text"]) == 4096
    assert output["text"].endswith("xend of stderr")


def test_an_empty_id_is_shown() -> None:
    empty = replace(FAILED, test_id="", route_code=None)
    started = replace(empty, test_status="inprogress", timestamp=Timestamp(1))
    assert run("failing", stdin=stream_of(empty)).text.startswith('fail  ""\n')
    assert 'never ended\n  ""' in run("stats", stdin=stream_of(started)).text
    assert '  ""  never ended\n' in run("slowest", stdin=stream_of(started)).text
    assert 'error: started here, and never ended  ""' in run("lint", stdin=stream_of(started)).text


def test_routes_that_failed_as_a_whole() -> None:
    stream = stream_of(
        Packet(test_status="inprogress", route_code="0"),
        Packet(test_status="fail", route_code="1"),
        Packet(test_status="success", route_code="2"),
        replace(FAILED, test_status="success"),
    )
    done = run("failing", stdin=stream)
    assert done.status == 1
    assert done.text.startswith(
        "never ended  as a whole  [route 0]\nfail  as a whole  [route 1]\n0 failed"
    )


def test_other_text_is_shown_too_and_pictures_are_not() -> None:
    log = replace(TRACEBACK, file_name="log", mime_type="text/plain", file_bytes=b"x\n" * 25)
    picture = replace(TRACEBACK, file_name="shot", mime_type="image/png")
    empty = replace(TRACEBACK, file_name="empty", file_bytes=b" \n")
    shown = run("failing", stdin=stream_of(log, picture, empty, FAILED)).text
    assert "empty" not in shown
    assert "  log:\n    … 5 lines before\n" in shown
    assert "shot" not in shown


def test_a_failure_is_shown_at_once() -> None:
    with Running("failing") as running:
        running.feed(stream_of(TRACEBACK, FAILED))
        running.expect(lambda output: b"AssertionError\n" in output)
        assert running.finish().status == 1


def test_colour_on_a_terminal() -> None:
    shown = run_on_terminal("failing", "-", stdin=stream_of(FAILED)).output
    assert b"\x1b[1;31mfail\x1b[0m" in shown


def test_captures_list_what_their_records_say() -> None:
    for capture in CAPTURES:
        stream = capture.read_bytes()
        expected = {test.id for test in tests(stream) if test.has_failed and test.runnable}
        plan = Plan()
        for item in decode(stream):
            if isinstance(item, Packet):
                plan.note(item)
        expected |= {test.id for test in plan.never_started() if test.runnable}
        assert set(read_list(run("failing", "--list", stdin=stream).output)) == expected


def test_a_layer_that_zope_testrunner_fails_is_not_run_again() -> None:
    # clause runnable.consumer
    [capture] = [path for path in CAPTURES if path.stem == "zope-testrunner"]
    layer = "layered.layers.Mail:setUp"
    for command in (["failing", "--list"], ["ls"], ["ls", "--status", "fail"]):
        listed = read_list(run(*command, capture).output)
        assert layer not in listed
        assert "layered.tests.OnDatabase.test_error" in listed
        assert layer in read_list(run(*command, "--all", capture).output)


def test_what_failed_is_run_again(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(
        "import unittest\n"
        "class Some(unittest.TestCase):\n"
        "    def test_passes(self): pass\n"
        "    def test_fails(self): self.fail()\n"
    )

    def python_subunit(*arguments: str) -> bytes:
        return subprocess.run(
            [sys.executable, "-m", "subunit.run", *arguments],
            cwd=tmp_path,
            capture_output=True,
            env=environment(),
            check=False,
        ).stdout

    failing = run("failing", "--list", stdin=python_subunit("test_some"))
    (tmp_path / "again").write_bytes(failing.output)
    again = tests(python_subunit("--load-list", "again", "test_some"))
    outcomes = [(test.id, test.status) for test in again if test.is_complete]
    assert outcomes == [("test_some.Some.test_fails", "fail")]
