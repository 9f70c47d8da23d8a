"""A run as a subunit v2 stream, written while it runs.

A case is a test with the id of the case; a law is a test of its own, `ID (law cuts)`.
None is runnable, as no id can be run alone. A failure that a divergence foresees is
`xfail`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import BinaryIO, Final

from subunit2 import Packet, StreamWriter, TestStatus, Timestamp
from subunit2.conformance.corpus import Case
from subunit2.conformance.results import Outcome, Result
from subunit2.conformance.run import Event, Started, is_failure

__all__ = ["SubunitReport"]

_STATUSES: Final[dict[Outcome, TestStatus]] = {
    "passed": "success",
    "unsupported": "skip",
    "skipped": "skip",
}


class SubunitReport:
    """Writes packets as results arrive.

    :param cases: the cases of the run, in order. The next one is marked as in
        progress, so that the stream shows the case in which an implementation hangs.
    """

    def __init__(self, file: BinaryIO, cases: Sequence[Case]) -> None:
        self._writer = StreamWriter(file)
        self._remaining = iter(cases)

    def add(self, event: Event) -> None:
        """Write an event."""
        if isinstance(event, Started):
            self._start_next()
        elif isinstance(event, Result):
            is_known = event.divergence is not None and not is_failure(event)
            self._write(event.case, "", event.outcome, event.reason, is_known)
            for law, held in event.laws.items():
                self._write(event.case, f" (law {law})", held.outcome, held.reason, is_known)
            self._start_next()

    def _start_next(self) -> None:
        case = next(self._remaining, None)
        if case is not None:
            self._writer.write(
                Packet(test_id=case.id, test_status="inprogress", runnable=False, timestamp=_now())
            )

    def _write(
        self, case: Case, suffix: str, outcome: Outcome, reason: str, is_known: bool
    ) -> None:
        status = _STATUSES.get(outcome, "xfail" if is_known else "fail")
        detail = f"{outcome}: {reason}" if reason else outcome
        if outcome == "passed":
            detail = ""
        self._writer.write(
            Packet(
                test_id=case.id + suffix,
                test_status=status,
                test_tags=tuple(sorted({case.profile, *case.clauses}, key=str.encode)),
                runnable=False,
                file_name="reason" if detail else None,
                file_bytes=detail.encode("utf-8", "backslashreplace") if detail else None,
                eof=bool(detail),
                mime_type="text/plain;charset=utf8" if detail else None,
                timestamp=_now(),
            )
        )


def _now() -> Timestamp:
    return Timestamp.from_datetime(datetime.now(UTC))
