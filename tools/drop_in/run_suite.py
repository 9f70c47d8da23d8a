"""Runs unittest's tests by name, and writes how each ended as JSON.

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
    """How each test ended, by its id."""

    # unittest calls the methods so.
    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.started: list[str] = []

    def startTest(self, test: unittest.TestCase) -> None:  # noqa: N802
        self.started.append(test.id())
        super().startTest(test)

    def outcomes(self) -> dict[str, str]:
        """An id that is used more than once has the worst outcome."""
        found = dict.fromkeys(self.started, "success")
        found |= {test.id(): "skip" for test, _ in self.skipped}
        found |= {test.id(): "xfail" for test, _ in self.expectedFailures}
        found |= {test.id(): "uxsuccess" for test in self.unexpectedSuccesses}
        found |= {test.id(): "fail" for test, _ in self.failures}
        return found | {test.id(): "error" for test, _ in self.errors}


def _run(names: list[str]) -> Iterator[tuple[str, str]]:
    # Such as `python -m unittest` has it.
    sys.path.insert(0, str(Path.cwd()))
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    # Everything that runs tests says why on standard error; the figures are for reading.
    runner = unittest.TextTestRunner(resultclass=_Outcomes)
    result = runner.run(suite)
    assert isinstance(result, _Outcomes)
    yield from result.outcomes().items()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(dict(_run(sys.argv[2:]))), encoding="utf-8")
