"""stestr on the drop-in: its own tests have the same results, and it loses no tests.

Only those of its own tests that take seconds run here. `tools/drop_in/whole_stestr.py`
compares all of them, which takes minutes.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from drop_in.outcomes import compare_stestr, plain_environment, stestr_modules
from subunit2 import tests
from subunit2.multiplexer import Multiplexer
from support.command import run
from support.streams import BAR_OCTETS, FOO_OCTETS, damaged, named

#: These tests start stestr some hundred times.
SLOW = {"stestr.tests.test_return_codes", "stestr.tests.test_user_config_return_codes"}

#: A sample, with each use of streams in stestr.
CHOSEN = [
    f"stestr.tests.test_return_codes.TestReturnCodes.{name}"
    for name in (
        "test_parallel_fails",
        "test_parallel_subunit_failing",
        "test_combine_results",
        "test_list",
        "test_load_from_stdin",
        "test_no_subunit_trace_force_subunit_trace",
    )
]


@pytest.mark.slow
def test_stestr_s_own_tests_end_alike() -> None:
    modules = stestr_modules()
    assert set(modules) > SLOW
    without, on_it = compare_stestr([*(set(modules) - SLOW), *CHOSEN])
    assert on_it == without
    assert set(CHOSEN) <= without.keys()
    assert len(without) > 90
    # The comparison means something only if nearly all pass.
    assert sum(how == "success" for how in without.values()) > len(without) - 10


# --- Projects that print while they are imported ---------------------------------------------


PROJECT = """
import sys, unittest

sys.stdout.buffer.write({octets!r})
sys.stdout.flush()

class Case(unittest.TestCase):
    def test_one(self):
        pass

    def test_two(self):
        pass
"""

NOISES = [
    ("a line of UTF-8", "adiós\n".encode()),
    ("UTF-8 without an end of line", "adiós ".encode()),
    ("Latin-1", "adiós, 5 m³ ".encode("latin-1")),
]

#: `make test` runs one of them.
NOISY_PROJECTS = [
    pytest.param(octets, id=name, marks=pytest.mark.slow if index else ())
    for index, (name, octets) in enumerate(NOISES)
]


@pytest.fixture
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A project of three modules with two tests each, which print while they are imported."""
    octets: bytes = request.param
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/__init__.py").touch()
    (tmp_path / ".stestr.conf").write_text("[DEFAULT]\ntest_path=./tests\n")
    for name in "abc":
        (tmp_path / f"tests/test_{name}.py").write_text(PROJECT.format(octets=octets))
    return tmp_path


def stestr(project: Path, *arguments: str, on_drop_in: bool) -> str:
    """Return the output of stestr."""
    drop_in = (sys.executable, "-m", "subunit2.compat")
    done = subprocess.run(
        [*(drop_in if on_drop_in else ()), "stestr", *arguments],
        cwd=project,
        env=plain_environment() | {"PYTHON": sys.executable},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.stdout.decode(errors="replace")


def passed(said: str) -> int:
    """Return the number of tests that passed, 0 if none ran."""
    found = re.search(r" - Passed: (\d+)", said)
    return int(found[1]) if found else 0


def test_it_shows_the_damage_behind_a_multiplexer(tmp_path: Path) -> None:
    # clause damage.report
    multiplexer = Multiplexer(["W1"])
    stream = multiplexer.feed(
        0, FOO_OCTETS + damaged(BAR_OCTETS) + FOO_OCTETS + damaged(FOO_OCTETS)
    )
    stream += multiplexer.close(0)
    second = Multiplexer(["I1"])
    (tmp_path / "run").write_bytes(second.feed(0, stream) + second.close(0))
    (tmp_path / ".stestr.conf").write_text("[DEFAULT]\ntest_path=./tests\n")
    for arguments in (["init"], ["load", "run"], ["last"]):
        said = stestr(tmp_path, *arguments, on_drop_in=False)
    assert "subunit.parser" in said
    assert " - Failed: 2" in said


@pytest.mark.parametrize("project", NOISY_PROJECTS, indirect=True)
def test_all_tests_of_a_project_that_prints_are_run(project: Path) -> None:
    before = stestr(project, "run", "--concurrency", "2", on_drop_in=False)
    assert passed(before) < 6
    after = stestr(project, "run", "--concurrency", "2", on_drop_in=True)
    assert passed(after) == 6
    assert " - Failed: 0" in after
    assert stestr(project, "list", on_drop_in=True).split() == [
        f"tests.test_{name}.Case.test_{number}" for name in "abc" for number in ("one", "two")
    ]


@pytest.mark.parametrize("project", named(NOISES[:1]), indirect=True)
def test_what_it_has_kept_is_read_again(project: Path) -> None:
    stestr(project, "run", on_drop_in=True)
    assert passed(stestr(project, "last", on_drop_in=True)) == 6
    assert passed(stestr(project, "last", on_drop_in=False)) == 6


# --- Reruns --------------------------------------------------------------------------------------

FAILING = """
import os, unittest

class Case(unittest.TestCase):
    def test_one(self):
        pass

    def test_two(self):
        assert os.path.exists("mended")
"""


@pytest.mark.slow
def test_a_rerun_on_other_workers_replaces_the_failures(tmp_path: Path) -> None:
    # clause test-id.identity
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/__init__.py").touch()
    (tmp_path / ".stestr.conf").write_text("[DEFAULT]\ntest_path=./tests\n")
    for name in "abc":
        (tmp_path / f"tests/test_{name}.py").write_text(FAILING)

    def run_on(workers: int, *arguments: str) -> bytes:
        return subprocess.run(
            [
                *(sys.executable, "-m", "stestr", "run", "--subunit"),
                *("--concurrency", str(workers), *arguments),
            ],
            cwd=tmp_path,
            env=plain_environment() | {"PYTHON": sys.executable},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        ).stdout

    first = run_on(3)
    (tmp_path / "first").write_bytes(first)
    again = run("failing", "--list", stdin=first)
    assert len(again.text.splitlines()) == 3
    (tmp_path / "again").write_bytes(again.output)
    (tmp_path / "mended").touch()
    # Fewer workers, so that at least one test has another one.
    (tmp_path / "rerun").write_bytes(run_on(2, "--load-list", "again"))
    merged = run("merge", "--prefer-last", tmp_path / "first", tmp_path / "rerun")
    assert b"replaced by a run on another worker's route" in merged.errors
    ended = [test for test in tests(merged.output) if test.is_complete]
    assert [test.status for test in ended] == ["success"] * 6
    assert len({test.id for test in ended}) == 6
    assert run("stats", stdin=merged.output).status == 0
    # In the other order, the failures are the last runs.
    other = run("merge", "--prefer-last", tmp_path / "rerun", tmp_path / "first")
    assert run("stats", stdin=other.output).status == 1
