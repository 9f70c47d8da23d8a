"""A run as JUnit XML, one suite for each profile.

A wrong or rejected answer is a failure; a crash, a timeout or a malformed answer is
an error. A law is a test of its own, `ID (law cuts)`. Times are not measured, and are 0.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from subunit2.conformance.corpus import PROFILES, Case
from subunit2.conformance.results import Outcome, Result
from subunit2.conformance.run import Event, Started, is_failure

__all__ = ["JUnitReport"]

_FAILURES: Final = frozenset({"wrong", "rejected"})
_SKIPPED: Final = frozenset({"unsupported", "skipped"})


class JUnitReport:
    """Collects results, and returns them as XML."""

    def __init__(self) -> None:
        self._name = "subunit2 conformance"
        self._tests: dict[str, list[TestCase]] = {}

    def add(self, event: Event) -> None:
        """Add an event."""
        if isinstance(event, Started):
            self._name = f"subunit2 conformance: {_printable(event.implementation.name)}"
        if not isinstance(event, Result):
            return
        known = event.divergence if not is_failure(event) else None
        self._add(event.case, "", event.outcome, event.reason, known)
        for law, held in event.laws.items():
            self._add(event.case, f" (law {law})", held.outcome, held.reason, known)

    def _add(
        self, case: Case, suffix: str, outcome: Outcome, reason: str, known: str | None
    ) -> None:
        test = TestCase(f"{case.id}{suffix}", classname=case.profile)
        reason = _printable(reason)
        if outcome in _SKIPPED:
            test.result = Skipped(f"{outcome}: {reason}")
        elif outcome != "passed" and known is not None:
            test.result = Skipped(f"known divergence {_printable(known)}: {reason}")
        elif outcome != "passed":
            kind = Failure if outcome in _FAILURES else Error
            result = kind(f"{outcome}: {reason}", outcome)
            result.text = f"{case.title}\nclauses: {', '.join(case.clauses)}"
            test.result = result
        self._tests.setdefault(case.profile, []).append(test)

    def document(self) -> bytes:
        """Return the document in UTF-8."""
        document = JUnitXml(self._name)
        for profile in PROFILES:
            if profile in self._tests:
                suite = TestSuite(profile)
                suite.add_testcases(self._tests[profile])
                document.add_testsuite(suite)
        document.update_statistics()
        file = BytesIO()
        document.write(file, pretty=True)
        return file.getvalue()


def _printable(text: str) -> str:
    """Return text with control characters, which XML cannot hold, escaped."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape", "backslashreplace").decode()
        for each in text
    )
