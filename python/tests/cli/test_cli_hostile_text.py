"""No command writes a control character of a stream, or of its arguments, to a terminal.

Each command of the parser reads streams with every kind of hostile text in every field, from
files with hostile names, and is called with hostile words. What reaches a terminal, on
standard output and on standard error, has no character that controls it or is not visible.
A command without calls of its own here is called with a file alone, so new ones are tried,
too. `shell` is left out: as the shell of a job, it copies the output of programs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from subunit2 import Packet, encode
from subunit2.cli.commands import COMMANDS
from subunit2.visible import is_visible
from support.command import run, run_on_terminal
from support.streams import damaged

HOSTILE: Final = {
    "clipboard": "\x1b]52;c;cHduZWQ=\x07",
    "csi": "\x1b[2J\x1b[1;31mred\x1b[8m",
    "c1": "\x9b2J\x90q\x9c\x85",
    "overwrite": "failed\rpassed\b\b\x7f",
    "bidi": "\u202egnp.exe\u202c\u2066x\u2069\u061c",
    "invisible": "a\u200b\u200d\u2060\ufeff\U000e0041\ufe0f\u3164\u00ad",
    "lines": "one\u2028two\u2029three\x0b\x0cfour",
    "newline": "one\nsubunit2: all is well\n",
}
#: Calls of the commands that need more than a file; FILE stands for it.
CALLS: Final = {
    "stats": ["FILE", "--json FILE", "--expect FILE FILE"],
    "failing": ["FILE", "--all --full FILE", "--list --all FILE", "--json FILE"],
    "slowest": ["--all FILE", "--json FILE"],
    "ls": ["--all FILE", "--routes FILE", "--json FILE", "--load-list FILE FILE", "-0 FILE"],
    "info": ["FILE", "--json FILE", "--test TEXT FILE"],
    "extract": ["--list FILE", "--to OUT FILE", "--to - FILE", "--to - --name TEXT FILE"],
    "filter": ["FILE", "--list FILE FILE", "--status TEXT FILE", "--id TEXT( FILE"],
    "tag": ["+TEXT FILE", "--add TEXT --remove TEXT FILE"],
    "route": ["--add TEXT FILE", "--strip FILE"],
    "mux": ["TEXT=FILE", "a=FILE", "--run a=TEXT", "-- TEXT"],
    "run": ["-- TEXT", "--route TEXT -- true"],
    "emit": ["--fail TEXT", "--fail t --attach-file FILE", "--timestamp TEXT"],
    "inspect": ["FILE", "--full FILE", "--damage FILE", "--summary FILE", "--json FILE"],
    "lint": ["FILE", "--strict FILE", "--json FILE", "--rule TEXT"],
    "spec": ["TEXT", "--search TEXT"],
    "conformance": ["show TEXT", "list TEXT", "laws --decoder TEXT", "run --decoder TEXT TEXT"],
    "completion": ["TEXT"],
}  # fmt: skip


def stream_of(text: str) -> bytes:
    """Return a stream with a text in every field, in output, and in damage."""
    octets = text.encode()
    packets = [
        Packet(test_id=text, test_status="exists", route_code=text),
        Packet(test_id=text, test_status="inprogress", route_code=text, test_tags={text}),
        Packet(
            test_id=text,
            test_status="fail",
            route_code=text,
            file_name=f"traceback{text}",
            file_bytes=octets + b"\x1b]0;x\x07\x9b2J\xff\n",
            mime_type=f"text/plain;charset=utf8;{text}",
            eof=True,
        ),
        Packet(test_id=f"{text}2", test_status="inprogress"),
        Packet(test_id=f"part\ufdd0{text}", test_status="fail", runnable=False),
        Packet(file_name="stdout", file_bytes=octets + b"\x9b2J\n", route_code=text),
        Packet(file_name="version-info", file_bytes=octets, route_code=text, eof=True),
        Packet(test_status="fail", route_code=text),
        Packet(
            test_id="subunit.parser",
            test_status="fail",
            file_name="Parser Error",
            file_bytes=octets,
            mime_type=text,
            route_code=text,
            eof=True,
        ),
    ]
    stream = b"".join(map(encode, packets))
    noise = octets + b"\x1b[2J\x9b2J\x80\n"
    return noise + stream + noise + damaged(encode(packets[2])) + stream


def assert_harmless(octets: bytes, call: object, *, is_content: bool = False) -> None:
    for line in octets.decode().replace("\r\n", "\n").split("\n"):
        # `ls --routes` writes one tab of its own.
        assert is_visible(line.replace("\t", "", 1)), (call, line)
        # The lines of an attachment are those of `extract --to -`.
        assert is_content or not line.startswith("subunit2: all is well"), call


def called(call: str, command: str, path: str, text: str, out: Path) -> list[str]:
    words = {"FILE": path, "OUT": str(out)}
    return [command, *(words.get(word, word.replace("TEXT", text)) for word in call.split(" "))]


@pytest.mark.parametrize("command", [name for name in COMMANDS if name != "shell"])
def test_command(command: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for number, (kind, text) in enumerate(HOSTILE.items()):
        path = tmp_path / "folder" / f"{text}.subunit"
        path.write_bytes(stream_of(text))
        missing = str(tmp_path / f"missing{text}")
        for index, call in enumerate(CALLS.get(command, ["FILE"])):
            out = tmp_path / f"{number}-{index}{text}"
            for file in (str(path), missing):
                words = called(call, command, file, text, out)
                if "--to" in words and file != missing and "-" not in words:
                    words.append("--overwrite")
                done = run_on_terminal(*words, changes={"NO_COLOR": "1", "TERM": "dumb"})
                assert b"Traceback" not in done.errors, (kind, words, done)
                is_content = words[:3] == ["extract", "--to", "-"]
                assert_harmless(done.output, (kind, words), is_content=is_content)
                assert_harmless(done.errors, (kind, words))
        for words in ([command, f"--no{text}"], [command, text, text], [command, f"--json={text}"]):
            done = run_on_terminal(*words, changes={"NO_COLOR": "1", "TERM": "dumb"})
            assert_harmless(done.output + done.errors, (kind, words))


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_word_that_is_no_command(kind: str) -> None:
    done = run(HOSTILE[kind])
    assert done.status == 2
    assert_harmless(done.errors, kind)


@pytest.mark.parametrize("command", ["stats", "merge", "tee", "inspect"])
def test_a_name_that_is_not_text(command: str) -> None:
    done = run_on_terminal(command, os.fsdecode(b"/no/\x1b\xff\x9b"), changes={"NO_COLOR": "1"})
    assert done.status == 2
    assert_harmless(done.output + done.errors, command)
