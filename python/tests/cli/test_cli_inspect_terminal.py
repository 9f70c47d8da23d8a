"""`subunit2 inspect` on a terminal: live, in colour, with all control characters escaped."""

from __future__ import annotations

import os
import pty
import re
import select
from pathlib import Path

import pytest
from rich.cells import cell_len

from subunit2 import Packet, encode
from subunit2.packets.header import MAX_PACKET
from support.command import (
    CAPTURES,
    Done,
    Running,
    controls,
    json_lines,
    run,
    run_on_terminal,
    run_watched,
)
from support.patience import PATIENCE
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, header, intact, string

COLOUR = re.compile(rb"\x1b\[[0-9;]*m")

NOISY = b"building\n" + FOO_OCTETS + damaged(BAR_OCTETS) + b"(Pdb) " + FULL_OCTETS

#: Clears the screen, sets the title, rings the bell, overwrites text and changes its
#: direction; with C0 and C1 control characters, and invisible marks.
HOSTILE_TEXT = "\x1b[2J\x1b]0;title\x07\r\b\t\x9b31m\u202e\u2066\u200f\u2028\x7f\xad"

HOSTILE = [
    pytest.param(HOSTILE_TEXT.encode() + b"\x9b31m\xff\n", id="passthrough"),
    pytest.param(HOSTILE_TEXT.encode() * 20, id="a long line"),
    pytest.param(encode(Packet(test_id=f"id\n {HOSTILE_TEXT}")), id="test id"),
    pytest.param(encode(Packet(test_tags=(HOSTILE_TEXT,))), id="tag"),
    pytest.param(encode(Packet(mime_type=HOSTILE_TEXT)), id="MIME type"),
    pytest.param(encode(Packet(file_name=HOSTILE_TEXT, file_bytes=b"")), id="file name"),
    pytest.param(
        encode(Packet(file_name="f", file_bytes=HOSTILE_TEXT.encode() + b"\x9b\n")), id="content"
    ),
    pytest.param(encode(Packet(route_code=HOSTILE_TEXT)), id="route code"),
    pytest.param(intact(0x2800, string(b"\x1b[2J\x00\xff\x9b")), id="a string of no UTF-8"),
    pytest.param(intact(0x2800, b"\x01a" + HOSTILE_TEXT.encode()), id="octets left"),
    pytest.param(damaged(encode(Packet(test_id=HOSTILE_TEXT))), id="damaged"),
    pytest.param(header(0x2800, 4000, 2) + HOSTILE_TEXT.encode(), id="cut"),
]


@pytest.mark.parametrize("stream", HOSTILE)
def test_control_characters_never_reach_the_terminal(stream: bytes) -> None:
    for options in ([], ["--full"]):
        plain = run("inspect", *options, stdin=stream)
        assert (plain.status, plain.errors) == (0, b"")
        assert set(controls(plain.text)) == {"\n"}
    coloured = run_on_terminal("inspect", stdin=stream)
    assert (coloured.status, coloured.errors) == (0, b"")
    left = COLOUR.sub(b"", coloured.output).decode()
    assert left != coloured.text
    assert set(controls(left.replace("\r\n", ""))) == set()


@pytest.mark.parametrize("capture", CAPTURES[::4], ids=lambda path: path.stem)
def test_a_terminal_shows_what_a_file_has_but_for_colour(capture: Path) -> None:
    shown = run_on_terminal("inspect", capture)
    assert (shown.status, shown.errors) == (0, b"")
    plain = run("inspect", capture).output
    assert COLOUR.sub(b"", shown.output).replace(b"\r\n", b"\n") == plain


def test_damage_is_red() -> None:
    shown = run_on_terminal("inspect", stdin=damaged(FOO_OCTETS)).output
    first, reason = shown.split(b"\r\n")[:2]
    assert first == b"\x1b[1;31mdamaged at 0, 12 octets: checksum\x1b[0m"
    assert reason.startswith(b"\x1b[31m  ")


@pytest.mark.parametrize(
    ("options", "changes", "coloured"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": ""}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": "0"}, False),
        ([], {"TERM": "dumb"}, False),
        (["--no-color"], {}, False),
        (["--color", "never"], {}, False),
        (["--color", "auto"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "always"], {"TERM": "dumb"}, True),
    ],
    ids=str,
)
def test_colour_on_a_terminal(options: list[str], changes: dict[str, str], coloured: bool) -> None:
    done = run_on_terminal("inspect", *options, stdin=NOISY, changes=changes)
    assert (done.status, done.errors) == (0, b"")
    assert (b"\x1b" in done.output) == coloured


@pytest.mark.parametrize(
    ("options", "changes", "coloured"),
    [
        ([], {}, False),
        ([], {"COLORTERM": "truecolor"}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        (["--no-color"], {"FORCE_COLOR": "1"}, False),
        (["--color", "always"], {}, True),
    ],
    ids=str,
)
def test_colour_elsewhere(options: list[str], changes: dict[str, str], coloured: bool) -> None:
    done = run("inspect", *options, stdin=NOISY, changes=changes)
    assert (done.status, done.errors) == (0, b"")
    assert (b"\x1b" in done.output) == coloured
    assert COLOUR.sub(b"", done.output) == run("inspect", stdin=NOISY).output


@pytest.mark.parametrize("columns", [40, 60, 72, 100, 200])
def test_a_terminal_is_filled(columns: int) -> None:
    done = run_on_terminal("inspect", "--no-color", stdin=b"word " * 100, columns=columns)
    lines = done.text.split("\r\n")
    widest = max(map(cell_len, lines))
    limit = min(max(columns, 52), 120)
    assert limit - 8 < widest <= limit


# --- Encodings ---------------------------------------------------------------------------

TEXT = (
    "漢 ó \U0001f600\n".encode()
    + b"\xff\n"
    + encode(Packet(test_id="漢ó", file_name="é" * 90, file_bytes=b"x" * 90))
    + FULL_OCTETS[:-1]
)


@pytest.mark.parametrize(
    "changes",
    [
        {"LC_ALL": "C"},
        {"LC_ALL": "POSIX"},
        {"LC_ALL": "", "LANG": "C"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "latin-1"},
        {"PYTHONIOENCODING": "cp1252"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=str,
)
def test_what_an_encoding_does_not_have_is_escaped(changes: dict[str, str]) -> None:
    done = run("inspect", stdin=TEXT, changes=changes)
    assert (done.status, done.errors) == (0, b"")
    assert b"truncated" in done.output
    assert run_on_terminal("inspect", stdin=TEXT, changes=changes).status == 0


# --- Live --------------------------------------------------------------------------------


def test_a_live_pipe_is_followed() -> None:
    with Running("inspect") as running:
        running.feed(b"(Pdb) ")
        running.expect(lambda output: output == b"passthrough at 0\n  | (Pdb) ")
        running.feed(FOO_OCTETS)
        running.expect(lambda output: b"packet at 6" in output and output.endswith(b"right\n\n"))
        running.feed(damaged(FOO_OCTETS))
        running.expect(lambda output: b"damaged at 18" in output and output.endswith(b"\n\n"))
        running.feed(FOO_OCTETS[:-1])
        running.feed(FOO_OCTETS[-1:])
        shown = running.expect(lambda output: output.count(b"right\n\n") == 2)
        assert b"summary" not in shown
        done = running.finish()
    assert done == run("inspect", stdin=b"(Pdb) " + FOO_OCTETS + damaged(FOO_OCTETS) + FOO_OCTETS)


def test_stop_waiting() -> None:
    with Running("inspect", "--stop-waiting", "0.05") as running:
        running.feed(header(0x2800, 4_000_000, 3) + b"(Pdb) ")
        running.expect(lambda output: b"truncated" in output and output.endswith(b"\n\n"))
        running.feed(b"\n" + FOO_OCTETS)
        running.expect(lambda output: b": foo, exists" in output)
        # The reader holds nothing, and whether this is damage is not decided.
        running.feed(b"\n\xb3> \n")
        running.expect(lambda output: output.endswith(b"> \n"))
        done = running.finish()
    assert (done.status, done.errors) == (0, b"")


def test_a_wide_line_that_comes_in_chunks_fits() -> None:
    with Running("inspect") as running:
        running.feed("漢".encode() * 30)
        running.expect(lambda output: output.endswith("漢".encode() * 30))
        running.feed("漢".encode() * 30 + b"\n")
        done = running.finish()
    assert done.text.count("漢") == 60
    assert [line for line in done.text.split("\n") if cell_len(line) > 80] == []


def test_a_large_file_shows_progress_where_somebody_waits(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(1 << 24)
        file.seek(0, 2)
        file.write(FOO_OCTETS)
    # Not for a pipe, and not if the output is on the same terminal.
    assert run("inspect", "--summary", large).errors == b""
    shown = run_on_terminal("inspect", "--summary", large)
    assert shown == Done(0, shown.output, b"")
    assert b"1 packet" in shown.output
    with (tmp_path / "items.json").open("wb") as output:
        watched = run_watched("decode", large, stdout=output)
    assert watched.status == 0
    assert b"reading" in watched.errors
    # The progress bar is removed.
    assert watched.errors.endswith((b"\x1b[2K", b"\x1b[?25h"))
    assert (tmp_path / "items.json").stat().st_size > 1 << 25


# --- Waiting ---------------------------------------------------------------


def read_until(terminal: int, words: bytes) -> bytes:
    shown = b""
    while words not in shown:
        assert select.select([terminal], [], [], PATIENCE)[0], shown
        shown += os.read(terminal, 1 << 16)
    return shown


def test_a_person_is_told_what_is_waited_for() -> None:
    # clause reader.stop-waiting
    ours, theirs = pty.openpty()
    with Running("decode", stderr=theirs) as running:
        os.close(theirs)
        running.feed(b"ok\n" + header(0x2900, MAX_PACKET, 3) + FOO_OCTETS)
        assert b"18 octets, from 3 on" in read_until(ours, b"--stop-waiting SECONDS")
        running.feed(FOO_OCTETS)
        done = running.finish()
    os.close(ours)
    assert done.output.count(b'"recovered":true') == 2


def test_a_person_is_told_that_the_terminal_is_read() -> None:
    ours, theirs = pty.openpty()
    with Running("decode", stdin=theirs, stderr=theirs) as running:
        os.close(theirs)
        read_until(ours, b"Ctrl-D ends it")
        os.write(ours, b"ok\n\x04")
        done = running.finish()
        os.close(ours)
    assert (done.status, json_lines(done.output)[0]["bytes"]) == (0, b"ok\n".hex())
