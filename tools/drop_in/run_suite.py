"""Run unittest tests by name, and write their outcomes as JSON.

Usage: python tools/drop_in/run_suite.py FILE NAME ...

A name is a module, a class or a test, as `python -m unittest` takes them.
"""

from __future__ import annotations

import json
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path


class _Outcomes(unittest.TextTestResult):
    """The outcome of each test, by id."""

    # The names are unittest's.
    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.started: list[str] = []

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        self.started.append(test.id())
        super().startTest(test)

    def outcomes(self) -> dict[str, str]:
        """Return the outcomes; an id used twice has the worst of its outcomes."""
        found = dict.fromkeys(self.started, "success")
        found |= {test.id(): "skip" for test, _ in self.skipped}
        found |= {test.id(): "xfail" for test, _ in self.expectedFailures}
        found |= {test.id(): "uxsuccess" for test in self.unexpectedSuccesses}
        found |= {test.id(): "fail" for test, _ in self.failures}
        return found | {test.id(): "error" for test, _ in self.errors}


def _run(names: list[str]) -> Iterator[tuple[str, str]]:
    # As `python -m unittest` does.
    sys.path.insert(0, str(Path.cwd()))
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    # The text result on standard error has the reasons.
    runner = unittest.TextTestRunner(resultclass=_Outcomes)
    result = runner.run(suite)
    assert isinstance(result, _Outcomes)
    yield from result.outcomes().items()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(dict(_run(sys.argv[2:]))), encoding="utf-8")
