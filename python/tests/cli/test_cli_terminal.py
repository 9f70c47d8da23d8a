"""Commands that write packets refuse to write them to a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.command import assert_one_line, run, run_on_terminal
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
