"""The imports of a command: no module that it does not use."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import subunit2
from support.command import environment
from support.streams import FOO_OCTETS, FULL_OCTETS

# Prints all imported modules when the command has ended.
_PROGRAM = """
import sys
from subunit2.cli import main
status = main(sys.argv[1:])
print(*sorted(sys.modules), file=sys.stderr)
sys.exit(status)
"""


def imported(*arguments: str | Path) -> set[str]:
    """Return the names of all modules that a call of the command imports."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        # Coverage imports many modules.
        env={
            name: value
            for name, value in environment().items()
            if not name.startswith(("COV_", "COVERAGE_"))
        },
        capture_output=True,
        check=True,
    )
    return set(done.stderr.decode().split())


@pytest.fixture
def stream(tmp_path: Path) -> Path:
    path = tmp_path / "run.subunit"
    path.write_bytes(FOO_OCTETS + b"ok\n" + FULL_OCTETS)
    return path


def test_the_version_needs_nothing() -> None:
    modules = imported("--version")
    assert "subunit2.cli" in modules
    assert modules.isdisjoint(
        {"argparse", "json", "kaitaistruct", "msgspec", "rich", "subunit2.items", "tomllib"}
    )


def test_decode_needs_neither_writer_nor_specification(stream: Path) -> None:
    modules = imported("decode", stream)
    assert "subunit2.packets.decode" in modules
    assert modules.isdisjoint({"json", "pathlib", "rich", "selectors", "subunit2.spec", "tomllib"})


def test_decode_needs_kaitai_only_for_the_reference_reader(stream: Path) -> None:
    generated = {"kaitaistruct", "subunit2.packets.kaitai_generated"}
    assert imported("decode", stream).isdisjoint({*generated, "subunit2.writer"})
    assert imported("decode", "--reference", stream) >= generated


def test_encode_needs_no_reader(stream: Path) -> None:
    lines = stream.with_name("items.json")
    lines.write_bytes(b'{"test_id":"foo","test_status":"exists"}\n')
    modules = imported("encode", lines)
    assert "subunit2.writer" in modules
    assert modules.isdisjoint({"json", "kaitaistruct", "rich", "subunit2.reader", "tomllib"})


@pytest.mark.parametrize("name", subunit2.__all__)
def test_each_public_name_is_read_when_it_is_asked_for(name: str) -> None:
    program = f"import subunit2; assert {name!r} in dir(subunit2); subunit2.{name}"
    subprocess.run([sys.executable, "-c", program], env=environment(), check=True)


def test_importing_the_package_reads_none_of_it() -> None:
    program = "import sys, subunit2; print(*(each for each in sys.modules if 'subunit2' in each))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), capture_output=True, check=True
    )
    assert done.stdout.decode().split() == ["subunit2"]


def test_a_name_that_there_is_not() -> None:
    name = "Pocket"
    with pytest.raises(AttributeError, match="module 'subunit2' has no attribute 'Pocket'"):
        getattr(subunit2, name)
