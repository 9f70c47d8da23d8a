"""The port in Lua: its own tests, cases of each profile with the laws, and linear time."""

from __future__ import annotations

import resource
import subprocess
from pathlib import Path
from typing import Final

import pytest

from support.command import environment, run
from support.conformance_toolchains import needed

PORT: Final = Path(__file__).resolve().parents[3] / "ports" / "lua"


@pytest.mark.toolchain
def test_its_own_tests_pass(tmp_path: Path) -> None:
    needed("lua5.4")
    done = subprocess.run(
        ["lua5.4", PORT / "tests.lua"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    names = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert len(names) > 5
    assert {verdict for verdict, _ in names} == {"ok"}


@pytest.mark.toolchain
def test_cases_of_each_profile_and_the_laws_pass() -> None:
    needed("lua5.4")
    patterns = (
        *("packet/first-error/*", "recovery/mid-line/*", "stream/stop/*", "writer/refused/*"),
        "multiplexer/damage*",
    )
    cases = [word for pattern in patterns for word in ("--case", pattern)]
    done = run("conformance", "run", "--session", PORT / "harness", *cases)
    assert (done.status, done.errors) == (0, b""), done.text
    # The harness says what it holds, so that no law is skipped.
    assert b"skipped" not in done.output


def _seconds(headers: int) -> float:
    """Return the processor time for headers that each claim half of the stream."""
    header = f"b32000{0x800000 | 3 * headers:06x}"
    requests = (
        '{"id":1,"op":"open"}\n'
        f'{{"id":2,"op":"feed","bytes":"{header * headers}"}}\n'
        '{"id":3,"op":"close"}\n{"id":4,"op":"bye"}\n'
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        ["sh", PORT / "harness"],
        input=requests.encode(),
        env=environment(),
        capture_output=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(done.stdout.splitlines()) == 4
    return after.ru_utime - before.ru_utime


@pytest.mark.slow
@pytest.mark.toolchain
def test_hostile_headers_take_linear_time() -> None:
    needed("lua5.4")
    # A quadratic reader would take sixteen times as long.
    assert _seconds(160_000) < 8 * _seconds(40_000)
