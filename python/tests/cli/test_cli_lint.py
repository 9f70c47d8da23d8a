"""`subunit2 lint`: the output of findings, and the exit status."""

from __future__ import annotations

import json
from pathlib import Path

from subunit2 import Packet, encode, replace
from subunit2.streams.lint_rules import RULES
from support.command import Running, assert_one_line, run, run_on_terminal
from support.streams import FOO_OCTETS, damaged

START = Packet(test_id="foo", test_status="inprogress", route_code="0")
END = replace(START, test_status="success")
SOUND = encode(START) + encode(END)
NOTED = encode(END)
WARNED = SOUND + encode(Packet(test_id="foo", test_tags=["late\x1b"], route_code="0"))


def test_statuses() -> None:
    for stream, status, strict in (
        (SOUND, 0, 0),
        (NOTED, 0, 0),
        (WARNED, 0, 1),
        (SOUND + encode(END), 1, 1),
        (b"ok\n", 2, 2),
        (damaged(FOO_OCTETS), 1, 1),
    ):
        assert run("lint", stdin=stream).status == status
        assert run("lint", "--strict", stdin=stream).status == strict


def test_a_finding_is_a_line(tmp_path: Path) -> None:
    done = run("lint", stdin=WARNED)
    assert done.errors == b""
    assert done.text == (
        f"{len(SOUND)}: warning: tags after the end of the test  foo  [route 0]  [after-end]\n"
        "0 errors, 1 warning, 0 notes\n"
    )
    source = tmp_path / "run.subunit"
    source.write_bytes(WARNED)
    assert run("lint", source).text.startswith(f"{source}:{len(SOUND)}: warning: ")
    assert run("lint", stdin=SOUND).text == ""


def test_a_file_name_that_is_used_again() -> None:
    log = Packet(test_id="foo", route_code="0", file_name="log", file_bytes=b"x", eof=True)
    stream = encode(START) + encode(log) + encode(log) + encode(END)
    done = run("lint", stdin=stream)
    assert done.status == 1
    offset = len(encode(START) + encode(log))
    assert done.text.startswith(f"{offset}: error: file log begins again after its end  foo")
    assert "[file-name-reused]\n" in done.text


def test_json() -> None:
    form = json.loads(run("lint", "--json", stdin=WARNED).output)
    assert form == {
        "findings": [
            {
                "rule": "after-end",
                "level": "warning",
                "offset": len(SOUND),
                "message": "tags after the end of the test",
                "test_id": "foo",
                "route_code": "0",
            }
        ],
        "counts": {"error": 0, "warning": 1, "note": 0},
    }
    assert json.loads(run("lint", "--json", stdin=SOUND).output)["findings"] == []


def test_some_rules() -> None:
    stream = damaged(FOO_OCTETS) + NOTED
    assert run("lint", "--rule", "ended-without-start", stdin=stream).status == 0
    both = run("lint", "--rule", "ended-without-start", "--rule", "damage", stdin=stream)
    assert both.text.endswith("1 error, 0 warnings, 1 note\n")
    done = run("lint", "--rule", "no\x1b", stdin=stream)
    assert (done.status, done.output) == (2, b"")
    reason = assert_one_line(done.errors, "lint")
    assert reason == "no\\x1b: no such rule; see `subunit2 lint --list-rules`"


def test_rules_are_listed() -> None:
    listed = run("lint", "--list-rules").text.splitlines()
    assert [line.split()[1] for line in listed] == list(RULES)
    forms = json.loads(run("lint", "--list-rules", "--json").output)["rules"]
    assert forms == [rule._asdict() for rule in RULES.values()]
    help_text = " ".join(run("lint", "--help").text.split())
    for rule in RULES.values():
        assert f" {rule.name} {rule.purpose} " in help_text


def test_a_finding_is_shown_at_once() -> None:
    with Running("lint") as running:
        running.feed(NOTED)
        running.expect(lambda output: b"[ended-without-start]\n" in output)
        assert running.finish().status == 0


def test_colour_on_a_terminal() -> None:
    shown = run_on_terminal("lint", "-", stdin=WARNED).output
    assert b"\x1b[33mwarning:\x1b[0m" in shown
