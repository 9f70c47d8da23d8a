"""The time for which an input has been waited for.

Strategy: a wait is about the same octets or the same report. What else arrives meanwhile
does not start it again, and it ends when these are settled.
"""

from __future__ import annotations

from time import monotonic

__all__ = ["Wait"]


class Wait:
    """The wait for one input, with a limit.

    Octets that are held count, however few: a prompt with a `³` is as interesting as a
    packet. So does a report of damage that has not ended (`damage.one-report`).

    :param limit: in seconds.

    >>> wait = Wait(60)
    >>> wait.remaining(100, 0) is None
    True
    >>> 59 < wait.remaining(100, 5) <= 60
    True
    """

    def __init__(self, limit: float) -> None:
        self._limit = limit
        # The offset of the octets that are held, or the number of the report.
        self._awaited: tuple[str, int] | None = None
        self._since = 0.0

    def remaining(self, offset: int, held: int, report: int = 0) -> float | None:
        """Return the time that is left, in seconds, 0 or less if it is over.

        None if nothing is waited for. The wait starts with the first call that tells of it.

        :param offset: of the first octet that is held, or would be.
        :param held: the number of octets that are held.
        :param report: the number of the report that has not ended; 0: none.
        """
        awaited = ("octets", offset) if held else ("report", report) if report else None
        now = monotonic()
        if awaited != self._awaited:
            self._awaited, self._since = awaited, now
        return None if awaited is None else self._since + self._limit - now
