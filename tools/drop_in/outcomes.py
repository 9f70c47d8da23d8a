"""The outcomes of other projects' tests, with and without the drop-in.

Strategy: each run is a process of its own, whose children inherit the drop-in. The two runs
of a comparison run at once: neither may change the other's files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from drop_in.sources import wheels

__all__ = ["Outcomes", "compare_stestr", "outcomes", "plain_environment", "stestr_modules"]

#: The outcome of each test, by id: success, fail, error, skip, xfail, uxsuccess.
Outcomes = dict[str, str]

_ON_DROP_IN: Final = (sys.executable, "-m", "subunit2.compat")


def outcomes(names: Sequence[str], folder: Path, *, on_drop_in: bool) -> Outcomes:
    """Run these tests in a folder from which they can be imported; return their outcomes.

    :raises RuntimeError: they cannot be run at all; the text has their output.
    """
    environment = plain_environment() | {"PYTHONPATH": os.pathsep.join(map(str, wheels()))}
    with TemporaryDirectory() as scratch:
        result = Path(scratch) / "outcomes.json"
        script = Path(__file__).with_name("run_suite.py")
        command = [*(_ON_DROP_IN if on_drop_in else ()), sys.executable, str(script)]
        done = subprocess.run(
            [*command, str(result), *names],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        if not result.exists():
            raise RuntimeError(done.stderr.decode(errors="replace"))
        return Outcomes(json.loads(result.read_text(encoding="utf-8")))


def plain_environment() -> dict[str, str]:
    """Return the environment of this process, with this Python's commands in its PATH.

    Children of other projects' tests do not count for our coverage, and run faster without
    it.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONPATH" and not name.startswith("COVERAGE_PROCESS")
    }
    here = str(Path(sys.executable).parent)
    return kept | {"PATH": os.pathsep.join([here, kept.get("PATH", os.defpath)])}


def stestr_modules() -> list[str]:
    """Return the modules of stestr's own tests."""
    tests = _stestr() / "tests"
    return sorted(
        ".".join(("stestr", "tests", *path.relative_to(tests).with_suffix("").parts))
        for path in tests.rglob("test_*.py")
        if "files" not in path.relative_to(tests).parts
    )


def compare_stestr(names: Sequence[str]) -> tuple[Outcomes, Outcomes]:
    """Return the outcomes of stestr's tests, without the drop-in and with it."""
    with _beside_stestr() as one, _beside_stestr() as other, ThreadPoolExecutor() as pool:
        without = pool.submit(outcomes, names, one, on_drop_in=False)
        on_it = pool.submit(outcomes, names, other, on_drop_in=True)
        return without.result(), on_it.result()


def _stestr() -> Path:
    spec = find_spec("stestr")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@contextmanager
def _beside_stestr() -> Iterator[Path]:
    # Its tests look for their files relative to its sources.
    with TemporaryDirectory() as folder:
        (Path(folder) / "stestr").symlink_to(_stestr())
        yield Path(folder)
