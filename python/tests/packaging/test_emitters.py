"""The sample emitters: writers of 80 lines, in languages that have no library."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from subunit2 import Packet, encode
from subunit2.conformance.corpus import WriterCase, load
from support.command import environment, run
from support.conformance_toolchains import CONFORMANCE, build
from support.sampling import sample

ALL: Final = sorted((CONFORMANCE / "emitters").iterdir())

#: Those whose language has no JSON library are asked in lines, in a session.
IN_LINES: Final = [path for path in ALL if path.suffix == ".lua"]
EMITTERS: Final = [path for path in ALL if path not in IN_LINES]

#: Those that `make test` runs: the others start processes for each packet, or take long to build.
QUICK: Final = [path for path in EMITTERS if path.suffix in (".c", ".js")]

#: The fields that an emitter leaves out on purpose, by suffix of its file.
LEFT_OUT: Final = {".c": {"test_tags", "timestamp", "file_name"}}

#: The cases for the runner, which starts an emitter for each. Another test gives an emitter
#: all writable packets at once.
ASKED: Final = (
    "writer/exists",
    "writer/everything",
    "writer/refuses-*",
    "writer/refused/test-id-*",
)


@dataclass(frozen=True)
class Emitter:
    """A source file, and the command that runs it."""

    source: Path
    command: str

    def can_write(self, case: WriterCase) -> bool:
        return not LEFT_OUT.get(self.source.suffix, set()) & case.packet.keys()

    def write(self, *lines: str) -> subprocess.CompletedProcess[bytes]:
        """Run the emitter with these lines on its standard input."""
        return subprocess.run(
            self.command.split(),
            input="".join(line + "\n" for line in lines).encode(),
            capture_output=True,
            env=environment(),
            check=False,
        )


@pytest.fixture(scope="module", params=sample(EMITTERS, QUICK, lambda path: path.name))
def emitter(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Emitter:
    source: Path = request.param
    return Emitter(source, build(source, tmp_path_factory.mktemp("emitter")))


def line_of(case: WriterCase) -> str:
    return json.dumps({"kind": "packet", **case.packet}, separators=(",", ":"))


def writable() -> list[WriterCase]:
    """Return the cases with octets to write, but for the large ones."""
    return [
        case
        for case in load().select(["writer"])
        if isinstance(case, WriterCase) and case.octets is not None and "large" not in case.flags
    ]


def test_there_is_one_for_each_language() -> None:
    assert {path.suffix for path in ALL} == {".c", ".go", ".js", ".lua", ".sh"}


@pytest.mark.parametrize("source", ALL, ids=lambda path: path.name)
def test_it_is_short(source: Path) -> None:
    lines = source.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 80
    assert [line for line in lines if len(line) > 100] == []


def test_it_writes_the_octets_of_the_cases(emitter: Emitter) -> None:
    # A shell starts a dozen processes for a packet.
    cases = writable()[:: 8 if emitter.source.suffix == ".sh" else 1]
    cases = [case for case in cases if emitter.can_write(case)]
    assert len(cases) >= 30
    done = emitter.write(*map(line_of, cases))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"".join(case.octets or b"" for case in cases)


def test_it_fails_none_of_the_cases_that_the_runner_asks(emitter: Emitter, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    done = run(
        *("conformance", "run", "--encoder", emitter.command, "--json", file, "--timeout", "60"),
        *(argument for glob in ASKED for argument in ("--case", glob)),
    )
    assert (done.status, done.errors) == (0, b""), done.text
    totals = json.loads(file.read_bytes())["totals"]
    assert totals.keys() <= {"passed", "unsupported"}
    assert totals["passed"] >= 10


@pytest.mark.parametrize(
    "refused",
    [
        r"a\u0000b",
        r"\u0000",
        r"\ud800",
        r"\udc00",
        r"\ud800x",
        r"\ud800\ud800\udc00",
        r"\udc00\ud800",
    ],
)
def test_it_refuses_what_no_string_holds(emitter: Emitter, refused: str) -> None:
    done = emitter.write(f'{{"test_id":"{refused}"}}')
    assert (done.returncode, done.stdout) == (1, b"")


@pytest.mark.parametrize(
    ("text", "octets"),
    [
        (r"\u0041\u00e9\u20ac\ud83d\ude00\uffff\ud7ff\ue000", "Aé€😀\uffff\ud7ff\ue000"),
        (r"\"\\\/\b\f\n\r\t", '"\\/\b\f\n\r\t'),
        (r"\\u0000\\", "\\u0000\\"),
        (r"\",\"eof\":true,\"test_status\":\"fail", '","eof":true,"test_status":"fail'),
        ("%s $(date) `date` '%d", "%s $(date) `date` '%d"),
        (r"\u00017", "\x017"),
        ("", ""),
    ],
)
def test_escapes_are_undone(emitter: Emitter, text: str, octets: str) -> None:
    done = emitter.write(f'{{"test_id":"{text}"}}')
    assert (done.returncode, done.stdout) == (0, encode(Packet(test_id=octets)))


@pytest.mark.parametrize(
    "item",
    [
        '{"kind":"passthrough","offset":0,"length":1,"bytes":"61"}',
        '{"kind":"corrupt","offset":0,"length":1,"error":"version","bytes":"b3"}',
        '{"test_id":"foo","raw":"b329014003666f6f6d1eb4d4"}',
    ],
)
def test_it_says_what_it_does_not_have(emitter: Emitter, item: str) -> None:
    done = emitter.write(item)
    assert (done.returncode, done.stdout) == (77, b"")


@pytest.mark.parametrize("source", IN_LINES, ids=lambda path: path.name)
def test_it_answers_questions_in_lines(source: Path, tmp_path: Path) -> None:
    command = build(source, tmp_path)
    with (CONFORMANCE / "corpus/writer-questions.txt").open("rb") as questions:
        done = subprocess.run(
            command.split(), stdin=questions, capture_output=True, env=environment(), check=False
        )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == (CONFORMANCE / "corpus/writer-answers.txt").read_bytes()
    asked = run(
        *("conformance", "run", "--session", command, "--questions", "lines"),
        *("--case", "writer/refused/*", "--case", "writer/split/status", "--timeout", "60"),
    )
    assert (asked.status, asked.errors) == (0, b""), asked.text
    split = [
        case.id
        for case in load().cases
        if isinstance(case, WriterCase)
        and case.split
        and (case.id.startswith("writer/refused/") or case.id == "writer/split/status")
    ]
    found = re.search(r"^writer +\d+ +(\d+)$", asked.text, re.M)
    assert found is not None
    assert int(found[1]) == len(split) > 1, "all pass, but those to be split"


def _code(path: Path, start: str, end: str) -> int:
    """Return the lines of code of a part of a file in Lua, without comments."""
    lines = path.read_text("utf-8").partition(start)[2].partition(end)[0].splitlines()
    return sum(bool(line.strip()) and not line.lstrip().startswith("--") for line in lines[1:])


def test_the_guide_says_how_much_shorter_lines_are() -> None:
    port = CONFORMANCE.parent / "ports/lua/subunit"
    lines = _code(IN_LINES[0], "-- The session follows", "no end")
    json_form = _code(port / "json.lua", "local JSON = {}", "-- Return text as a JSON")
    json_form += _code(
        port / "session.lua", "-- A writer has the answers from here on", "return Session"
    )
    guide = (CONFORMANCE.parent / "docs/porting/writer.md").read_text("utf-8")
    assert f"{lines} lines of code" in guide
    assert f"in place of {json_form} for" in guide
