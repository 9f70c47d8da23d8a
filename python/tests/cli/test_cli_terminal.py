"""Commands that write packets refuse to write them to a terminal."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.command import Running, assert_one_line, run, run_on_terminal, run_redirected
from support.streams import FOO_OCTETS

CALLS = [
    ["emit", "--fail", "foo"],
    ["encode"],
    ["filter"],
    ["merge", "-"],
    ["merge", "--prefer-last", "-"],
    ["mux", "a=-"],
    ["route", "--add", "1"],
    ["run", "--", "cat"],
    ["tag", "+slow"],
    ["tee"],
    ["timestamps"],
    ["wrap"],
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_packets_are_not_written_to_a_terminal(call: list[str]) -> None:
    # Refused before anything is read, so no input is fed.
    done = run_on_terminal(*call)
    assert (done.status, done.output) == (2, b"")
    reason = assert_one_line(done.errors, call[0])
    assert reason.startswith("packets are binary, and standard output is a terminal")
    assert "| cat" in reason
    assert "| cat" in run(call[0], "--help").text
    # Any other output is accepted.
    piped = run(*call, stdin=b"{}\n" if call == ["encode"] else FOO_OCTETS)
    assert (piped.status, piped.errors) == (0, b"")
    assert piped.output


def test_files_are_not_touched_where_a_call_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(FOO_OCTETS)
    assert run_on_terminal("tee", path).status == 2
    assert path.read_bytes() == FOO_OCTETS


def test_what_is_no_packet_is_shown() -> None:
    # Only packets are refused.
    assert run_on_terminal("ls", "-", stdin=FOO_OCTETS).output == b"foo\r\n"


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
@pytest.mark.parametrize(
    ("call", "status"),
    [(["stats"], 2), (["stats", "--no-such"], 2), (["extract"], 1), (["ls"], 2), (["no"], 2)],
    ids=lambda each: " ".join(each) if isinstance(each, list) else "",
)
def test_a_message_that_cannot_be_written_changes_no_status(
    redirection: str, call: list[str], status: int
) -> None:
    if "full" in redirection and not Path("/dev/full").exists():
        pytest.skip("no file that is always full")
    assert run_redirected(redirection, *call).status == status


def test_messages_that_nobody_reads() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with Running("stats", stderr=theirs) as running:
        os.close(theirs)
        assert running.finish().status == 2
