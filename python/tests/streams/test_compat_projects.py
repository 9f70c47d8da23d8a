"""Other projects on the drop-in: zope.testrunner, subunit2sql; and runs that stop half-way.

testconsole is on no registry; `test_compat_subclasses` has a reader that makes its calls.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from drop_in.outcomes import outcomes, plain_environment
from drop_in.sources import ROOT, projects
from support.command import run

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

ON_DROP_IN = (sys.executable, "-m", "subunit2.compat")
BOTH = pytest.mark.parametrize("prefix", [ON_DROP_IN, ()], ids=["on it", "without"])


@pytest.fixture(scope="module")
def importable() -> Path:
    """A folder with the packages of other projects."""
    try:
        return projects()
    except subprocess.CalledProcessError as error:
        pytest.skip(f"pip cannot fetch the projects: {error}")


def execute(
    command: tuple[str, ...], cwd: Path, path: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = plain_environment() | {"PYTHON": sys.executable}
    if path is not None:
        environment["PYTHONPATH"] = str(path)
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    )


# --- zope.testrunner ---------------------------------------------------------------------------

ZOPE = str(ROOT / "tools/drop_in/zope_runner.py")


@BOTH
def test_zope_s_own_tests_of_version_2_pass(
    prefix: tuple[str, ...], importable: Path, tmp_path: Path
) -> None:
    tests = (
        ("--module", "zope.testrunner.tests.test_doctest", "--test", "subunit-v2"),
        ("--module", "zope.testrunner.tests.test_subunit"),
    )
    for chosen, count in zip(tests, (1, 4), strict=True):
        command = (sys.executable, ZOPE, "--test-path", str(importable), *chosen)
        done = execute((*prefix, *command), tmp_path, importable)
        assert done.returncode == 0, done.stdout.decode()
        assert f"Ran {count} tests with 0 failures, 0 errors and 0 skipped" in done.stdout.decode()


LAYERS = """
import unittest

class Broken:
    @classmethod
    def setUp(cls):
        raise OSError("no database")

class Whole:
    pass

class Tests(unittest.TestCase):
    layer = Whole

    def test_floats(self):
        pass

class Others(unittest.TestCase):
    layer = Broken

    def test_sails(self):
        pass
"""


@BOTH
def test_a_failed_layer_is_a_failure_and_no_test_to_run_again(
    prefix: tuple[str, ...], importable: Path, tmp_path: Path
) -> None:
    (tmp_path / "harbour.py").write_text(LAYERS)
    options = ("--path", str(tmp_path), "--tests-pattern", "^harbour$", "--subunit-v2")
    command = (sys.executable, ZOPE, *options)
    stream = execute((*prefix, *command), tmp_path, importable).stdout
    assert b"Broken:setUp" in stream
    assert b"no database" in stream
    assert b"test_floats" in stream
    assert run("stats", stdin=stream).status == 1
    failing = run("failing", "--list", stdin=stream)
    assert (failing.status, failing.text) == (1, "")
    # The calm twin: the other layer passed.
    (tmp_path / "harbour.py").write_text(LAYERS.replace("raise OSError", "OSError"))
    stream = execute((*prefix, *command), tmp_path, importable).stdout
    assert b"Broken:setUp" in stream
    assert run("stats", stdin=stream).status == 0


# --- subunit2sql -------------------------------------------------------------------------------


def test_subunit2sql_s_loader_reads_alike(importable: Path) -> None:
    without, on_it = (
        outcomes(["subunit2sql.tests.test_read_subunit"], importable, on_drop_in=on_drop_in)
        for on_drop_in in (False, True)
    )
    assert set(without.values()) == {"success"}
    assert len(without) > 20
    differing = {test.rpartition(".")[2] for test in without if on_it.get(test) != without[test]}
    # docs/compat.md has the reason.
    assert differing == {"test_not_subunit_no_subunit_name_set"}
    assert differing.pop() in (ROOT / "docs/compat.md").read_text(encoding="utf-8")


LOADING = """
import sys
from subunit2sql.read_subunit import ReadSubunit

def show(path):
    with open(path, "rb") as stream:
        results = ReadSubunit(stream, attachments=True).get_results()
    print("run_time", round(results.pop("run_time"), 3))
    for name, found in sorted(results.items()):
        contents = {
            name: b"".join(content.iter_bytes()) for name, content in found["attachments"].items()
        }
        # The drop-in rounds times down to a microsecond, python-subunit to the nearest.
        both = (found["start_time"], found["end_time"])
        times = [time and round(time.timestamp(), 4) for time in both]
        print(name, found["status"], times, contents)

for path in sys.argv[1:]:
    print("==>", path)
    try:
        show(path)
    except Exception as error:
        print("error", error)
"""


def test_subunit2sql_loads_the_same_results(importable: Path, tmp_path: Path) -> None:
    captures = sorted((ROOT / "conformance/captures").glob("*.subunit"))
    command = (sys.executable, "-c", LOADING, *map(str, captures))
    without, on_it = (
        execute((*prefix, *command), tmp_path, importable).stdout.decode().split("==> ")[1:]
        for prefix in ((), ON_DROP_IN)
    )
    assert len(without) == len(on_it) == len(captures)
    loaded = 0
    for theirs, ours in zip(without, on_it, strict=True):
        # What python-subunit refuses may be loaded.
        if "\nerror " not in theirs:
            assert ours == theirs
            loaded += 1
    assert loaded > 5


# --- Runs that stop half-way ---------------------------------------------------------------------

STOPPING = """
import os, unittest

class Case(unittest.TestCase):
    def test_one(self):
        pass

    def test_two(self):
        pass
"""

EXIT = """
    @classmethod
    def tearDownClass(cls):
        os._exit(0)
"""


@pytest.fixture
def stopping(tmp_path: Path) -> Path:
    """A project of six tests, of which the first module ends the process in silence."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/__init__.py").touch()
    (tmp_path / ".stestr.conf").write_text("[DEFAULT]\ntest_path=./tests\n")
    for name in "abc":
        (tmp_path / f"tests/test_{name}.py").write_text(STOPPING + EXIT * (name == "a"))
    return tmp_path


RUNS = {
    "stestr, serial": ("-m", "stestr", "run", "--subunit", "--concurrency", "1"),
    "stestr, parallel": ("-m", "stestr", "run", "--subunit", "--concurrency", "2"),
    "subunit.run": ("-m", "subunit.run", "discover", "--start-directory", "tests", "-t", "."),
}


@pytest.mark.parametrize(
    ("name", "prefix"),
    [*((name, ON_DROP_IN) for name in RUNS), ("stestr, parallel", ())],
    ids=[*RUNS, "without"],
)
def test_a_run_that_stops_half_way_is_not_good(
    name: str, prefix: tuple[str, ...], stopping: Path
) -> None:
    stream = execute((*prefix, sys.executable, *RUNS[name]), stopping).stdout
    assert run("stats", stdin=stream).status == 1
    failing = run("failing", "--list", stdin=stream)
    assert failing.status == 1
    never_started = failing.text.splitlines()
    assert never_started
    assert set(never_started) <= {
        f"tests.test_{module}.Case.test_{number}" for module in "bc" for number in ("one", "two")
    }
    # The same run without the fault is good.
    (stopping / "tests/test_a.py").write_text(STOPPING)
    stream = execute((*prefix, sys.executable, *RUNS[name]), stopping).stdout
    assert run("stats", stdin=stream).status == 0
    assert run("failing", "--list", stdin=stream).text == ""
