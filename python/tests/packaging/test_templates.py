"""The harness templates: each runs as copied, with our own reader behind it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from subunit2.conformance.results import LAWS
from support.command import run
from support.conformance_toolchains import CONFORMANCE, build, needed
from support.sampling import sample

DECODER: Final = f"{sys.executable} -m subunit2 decode"

#: The template with a reader and a writer of its own, which is live.
PYTHON: Final = "harness.py"

#: `writer.c`, which is asked in lines, has tests with those of the lines.
_SOURCES: Final = sorted(
    path for path in (CONFORMANCE / "templates").iterdir() if path.stem.lower() == "harness"
)

#: The templates that start a decoder.
DECODING: Final = [path for path in _SOURCES if path.name != PYTHON]

# Those come first, so their indices are the same in both lists and each is built once.
TEMPLATES: Final = [*DECODING, CONFORMANCE / "templates" / PYTHON]

#: The templates that `make test` runs: Python's, and for failing decoders the shell's.
QUICK: Final = [CONFORMANCE / "templates" / PYTHON]
QUICK_DECODING: Final = [path for path in DECODING if path.suffix == ".sh"]

#: Cases of each profile of readers: text beyond ASCII, binary octets, damage, an empty stream.
CASES: Final = (
    *("packet/everything", "packet/exists", "packet/version-3", "packet/binary-content"),
    *("packet/byte-order-mark-in-a-test-id", "packet/length-16385", "packet/last-octet-missing"),
    *("stream/empty", "stream/adios", "stream/nul", "stream/binary", "stream/crlf"),
    *("stream/packet-cuts-a-character", "stream/no-last-newline", "captures/stestr-last"),
    *("recovery/checksum-then-good-packet", "recovery/false-header", "recovery/torn-in-two"),
    *("captures/latin1-noise", "captures/torn-writers"),
)


@pytest.fixture(scope="module", params=sample(TEMPLATES, QUICK, lambda path: path.name))
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    source: Path = request.param
    command = build(source, tmp_path_factory.mktemp("template"))
    return command.replace("python3 ", f"{sys.executable} ")


def report(
    template: str,
    folder: Path,
    *arguments: str,
    status: int,
    decoder: str = DECODER,
) -> dict[str, Any]:
    """Return the JSON report of a session with a template."""
    file = folder / "report.json"
    done = run(
        *("conformance", "run", "--session", template, "--json", file, "--timeout", "60"),
        *arguments,
        changes={"SUBUNIT2_DECODER": decoder},
    )
    assert (done.status, done.errors) == (status, b""), done.text
    found: dict[str, Any] = json.loads(file.read_bytes())
    return found


def cases(*ids: str) -> list[str]:
    return [argument for each in ids for argument in ("--case", each)]


def is_python(template: str) -> bool:
    return template.endswith(PYTHON)


def test_there_is_one_for_each_language() -> None:
    assert {path.suffix for path in TEMPLATES} == {".c", ".go", ".java", ".js", ".py", ".rs", ".sh"}


@pytest.mark.parametrize("source", TEMPLATES, ids=lambda path: path.name)
def test_it_is_short_and_says_what_to_do(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    lines = text.splitlines()
    assert len(lines) < 100
    assert [line for line in lines if len(line) > 100] == []
    assert text.count("YOUR READER GOES HERE:") == 1
    assert text.count("YOUR WRITER GOES HERE:") == 1
    assert "subunit2 conformance run --session " in "\n".join(lines[:8])


def test_it_reads_the_cases(template: str, tmp_path: Path) -> None:
    found = report(template, tmp_path, *cases(*CASES), "--no-laws", status=0)
    assert found["totals"] == {"passed": len(CASES)}
    assert found["implementation"]["live"] is is_python(template)


def test_the_laws_hold(template: str, tmp_path: Path) -> None:
    # A short stream, since each place to cut it starts a process.
    found = report(template, tmp_path, *cases("stream/one-octet"), status=0)
    # Only the template in Python is live, and says what it holds.
    more = "passed" if is_python(template) else "skipped"
    assert found["laws"] == {
        law: {more if law in ("live", "memory") else "passed": 1} for law in LAWS
    }


def test_it_answers_as_the_protocol_has_it(template: str) -> None:
    done = run(
        *("conformance", "run", "--session", template, "--validate", "--timeout", "60"),
        changes={"SUBUNIT2_DECODER": DECODER},
    )
    assert (done.status, done.errors) == (0, b""), done.text


@pytest.mark.parametrize(
    "template", sample(DECODING, QUICK_DECODING, lambda path: path.name), indirect=True
)
@pytest.mark.parametrize(
    ("decoder", "outcome"), [("exit 3", "rejected"), ("exit 77", "unsupported")]
)
def test_it_says_how_the_decoder_failed(
    template: str, tmp_path: Path, decoder: str, outcome: str
) -> None:
    ask = [*cases("packet/exists"), "--no-laws"]
    found = report(template, tmp_path, *ask, status=1, decoder=decoder)
    assert found["totals"] == {outcome: 1}


@pytest.mark.parametrize(
    "template", sample(DECODING, QUICK_DECODING, lambda path: path.name), indirect=True
)
def test_what_the_reader_gets_wrong_is_found(template: str, tmp_path: Path) -> None:
    # The last item is lost.
    decoder = f"{DECODER} | sed '$d'"
    ask = [*cases("packet/exists-twice"), "--no-laws"]
    found = report(template, tmp_path, *ask, status=1, decoder=decoder)
    assert found["totals"] == {"wrong": 1}


def test_pythons_has_a_writer(tmp_path: Path) -> None:
    template = f"{sys.executable} {CONFORMANCE / 'templates' / PYTHON}"
    ids = ("writer/exists", "writer/refused/*", "writer/tags/*", "writer/timestamp/*")
    found = report(template, tmp_path, *cases(*ids), status=0)
    assert set(found["totals"]) == {"passed"}
    assert found["by_profile"].keys() == {"writer"}


@pytest.mark.parametrize(
    ("suffix", "command"),
    [(".go", "gofmt -l"), (".rs", "rustfmt --edition 2021 --check"), (".sh", "sh -n")],
)
def test_it_is_formatted(suffix: str, command: str) -> None:
    program, *arguments = command.split()
    needed(program)
    (source,) = [path for path in TEMPLATES if path.suffix == suffix]
    done = subprocess.run(
        [program, *arguments, source], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
