"""How other people's tests end, on the drop-in and without it.

Strategy: each run is a process of its own, and what it starts inherits what it runs
on. Both runs of a comparison go on at once: neither may change the other's files.
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

#: How each test ended, by its id: success, fail, error, skip, xfail, uxsuccess.
Outcomes = dict[str, str]

_ON_DROP_IN: Final = (sys.executable, "-m", "subunit2.compat")


def outcomes(names: Sequence[str], folder: Path, *, on_drop_in: bool) -> Outcomes:
    """How these tests end, run in a folder from which they can be imported.

    :raises RuntimeError: where they cannot be run at all; it says what was said.
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
    """That of this process, with the commands of this Python's environment in its PATH.

    What other people's tests start does not count for our coverage, and is faster without.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name != "PYTHONPATH" and not name.startswith("COVERAGE_PROCESS")
    }
    here = str(Path(sys.executable).parent)
    return kept | {"PATH": os.pathsep.join([here, kept.get("PATH", os.defpath)])}


def stestr_modules() -> list[str]:
    """The modules of stestr's own tests."""
    tests = _stestr() / "tests"
    return sorted(
        ".".join(("stestr", "tests", *path.relative_to(tests).with_suffix("").parts))
        for path in tests.rglob("test_*.py")
        if "files" not in path.relative_to(tests).parts
    )


def compare_stestr(names: Sequence[str]) -> tuple[Outcomes, Outcomes]:
    """How tests of stestr's end without the drop-in, and on it."""
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
    # Its tests look for their files from where its sources are.
    with TemporaryDirectory() as folder:
        (Path(folder) / "stestr").symlink_to(_stestr())
        yield Path(folder)
