"""The wheel without its extras, installed by pip into an empty environment, and its types."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from support.command import Done, environment
from support.conformance_toolchains import needed
from support.streams import FOO_OCTETS

# They install from the registries.
pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

ROOT = Path(__file__).resolve().parents[3]
PYRIGHT = ROOT / "tools" / "pyright"


class Bare(NamedTuple):
    """A virtual environment with the wheel, and a folder that is empty otherwise."""

    python: Path
    folder: Path

    def run(self, *arguments: str, stdin: bytes = b"") -> Done:
        """Run the command that pip installed."""
        return run(self.python.parent / "subunit2", *arguments, folder=self.folder, stdin=stdin)


def run(*command: str | Path, folder: Path, stdin: bytes = b"") -> Done:
    done = subprocess.run(
        command, input=stdin, capture_output=True, cwd=folder, env=environment(), check=False
    )
    return Done(done.returncode, done.stdout, done.stderr)


def succeeds(*command: str | Path, folder: Path) -> str:
    done = run(*command, folder=folder)
    assert done.status == 0, (done.output + done.errors).decode(errors="replace")
    return done.text


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Bare:
    folder = tmp_path_factory.mktemp("bare")
    python = folder / "venv" / "bin" / "python"
    build: list[str | Path] = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
    succeeds(*build, "--outdir", folder / "dist", ROOT, folder=folder)
    [wheel] = (folder / "dist").iterdir()
    succeeds(sys.executable, "-m", "venv", folder / "venv", folder=folder)
    pip: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    succeeds(*pip, "--constraint", ROOT / "constraints.txt", wheel, folder=folder)
    empty = folder / "empty"
    empty.mkdir()
    return Bare(python, empty)


def test_it_needs_three_other_distributions(bare: Bare) -> None:
    listed = json.loads(
        succeeds(
            *(bare.python, "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"),
            folder=bare.folder,
        )
    )
    names = {each["name"] for each in listed} - {"pip", "setuptools"}
    assert names <= {"subunit2", "kaitaistruct", "msgspec", "isal"}
    assert {"subunit2", "kaitaistruct", "msgspec"} <= names


def test_it_reads_and_writes(bare: Bare) -> None:
    script = """
import io
import subunit2
from subunit2 import Packet, Passthrough, Reader, StreamWriter, decode, encode

file = io.BytesIO()
with StreamWriter(file) as writer:
    writer.write(Packet(test_id="foo", test_status="inprogress"))
    writer.write_attachment(Packet(test_id="foo", file_name="log"), b"text")
    writer.write(Packet(test_id="foo", test_status="success"))
items = list(decode(b"line\\n" + file.getvalue()))
assert items[0] == Passthrough(b"line\\n"), items
assert b"".join(map(encode, items)) == b"line\\n" + file.getvalue()
reader = Reader()
assert reader.feed(file.getvalue()) + reader.close() == items[1:]
[test] = subunit2.tests(file.getvalue())
print(test.id, test.status, test.attachments[0].text)
"""
    assert succeeds(bare.python, "-c", script, folder=bare.folder) == "foo success text\n"


LINE = (
    b'{"kind":"packet","offset":0,"length":12,"test_id":"foo","test_status":"exists",'
    b'"runnable":true,"eof":false}\n'
)


@pytest.mark.parametrize(
    ("call", "stdin", "expected"),
    [
        (["decode"], FOO_OCTETS, (0, LINE)),
        (["encode"], LINE, (0, FOO_OCTETS)),
        (["emit", "--exists", "foo", "--no-timestamp"], b"", (0, FOO_OCTETS)),
        (["failing", "--list"], FOO_OCTETS, (2, b"")),
        (["ls"], FOO_OCTETS, (0, b"foo\n")),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_commands_need_no_extra(
    bare: Bare, call: list[str], stdin: bytes, expected: tuple[int, bytes]
) -> None:
    done = bare.run(*call, stdin=stdin)
    assert (done.status, done.output) == expected, done.errors
    assert b"pip install" not in done.errors


def test_stats_need_no_extra(bare: Bare) -> None:
    stream = bare.run("emit", "--success", "foo").output
    done = bare.run("stats", stdin=stream)
    assert (done.status, done.errors) == (0, b"")
    assert done.text.split()[:2] == ["tests", "1"]


@pytest.mark.parametrize(
    ("call", "extra"),
    [
        (["completion", "bash"], "cli"),
        (["inspect", "--color", "always"], "cli"),
        (["conformance", "run", "--session", "true", "--validate"], "conformance"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_other_commands_name_the_extra_in_one_line(bare: Bare, call: list[str], extra: str) -> None:
    done = bare.run(*call, stdin=FOO_OCTETS)
    assert (done.status, done.output) == (2, b"")
    [line] = done.errors.decode().splitlines()
    assert line.startswith(f"subunit2 {call[0]}: needs ")
    assert line.endswith(f": pip install 'subunit2[{extra}]'")


# ---- Types ------------------------------------------------------------------------------

#: Uses names that `subunit2.__getattr__` imports at first use.
PROGRAM = """\
# pyright: strict
from __future__ import annotations

import io
from collections.abc import Iterator
from typing import assert_type

import subunit2
from subunit2 import Corrupt, Item, Packet, Passthrough, Reader, TestStatus, Timestamp, decode


def describe(item: Item) -> str | None:
    match item:
        case Packet():
            assert_type(item.test_id, str | None)
            assert_type(item.test_status, TestStatus | None)
            assert_type(item.file_bytes, bytes | None)
            assert_type(item.test_tags, tuple[str, ...] | None)
            assert_type(item.timestamp, Timestamp | None)
            assert_type(item.eof, bool)
            return item.test_id
        case Passthrough(data):
            assert_type(data, bytes)
            return None
        case Corrupt(data, error):
            assert_type(item.offset, int)
            return f"{error}: {data!r}"


reader = subunit2.Reader()
assert_type(reader, Reader)
assert_type(reader.feed(b"octets"), list[Item])
items: Iterator[Item] = decode(io.BytesIO(b"octets"))
for each in items:
    print(describe(each))
for test in subunit2.tests(b"octets"):
    print(test.id, test.status, [attachment.text for attachment in test.attachments])
packet = Packet(test_id="foo", test_status="success", test_tags=["slow"])
assert_type(subunit2.encode(packet), bytes)
assert_type(subunit2.spec.clause("length.least").id, str)
with subunit2.StreamWriter(io.BytesIO()) as writer:
    writer.write(packet)
"""

WRONG = """
from subunit2 import Packet, Reader

Packet(test_id=1)
Packet(test_status="passed")
Reader().feed("text")
"""


@pytest.fixture(scope="module")
def pyright() -> Path:
    """Return the program, installed from the npm registry as the lock file says."""
    needed("npm")
    program = PYRIGHT / "node_modules" / "pyright" / "index.js"
    if not program.exists():
        succeeds("npm", "ci", "--no-fund", "--no-audit", "--loglevel=error", folder=PYRIGHT)
    return program


@pytest.fixture(params=["mypy", "pyright"])
def check(request: pytest.FixtureRequest, bare: Bare) -> list[str | Path]:
    """Return the command that checks a file with the types of the installed wheel."""
    if request.param == "mypy":
        return [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-incremental"),
            *("--python-executable", bare.python),
        ]
    program: Path = request.getfixturevalue("pyright")
    node = shutil.which("node")
    assert node is not None
    return [node, program, "--pythonpath", bare.python]


def test_a_program_passes_strict_checks(check: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    succeeds(*check, "program.py", folder=tmp_path)


def test_a_wrong_program_does_not(check: list[str | Path], tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG, "utf-8")
    done = run(*check, "wrong.py", folder=tmp_path)
    assert done.status == 1
    lines = {int(line) for line in re.findall(r"wrong\.py:(\d+):", done.text)}
    assert lines == {4, 5, 6}, done.text
