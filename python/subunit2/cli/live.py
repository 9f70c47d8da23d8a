"""The time up to now, of a stream that is read live."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING, Final

from subunit2.streams.judgement import duration_between

if TYPE_CHECKING:
    from subunit2.items import Timestamp

__all__ = ["LiveClock"]

#: From this time on, in seconds, silence at the end of a stream is a hang.
_SILENCE: Final = 1.0


class LiveClock:
    """Measures how long a test has been under way.

    Up to the last timestamp of the stream, and from its arrival up to now. So it does not
    matter whether the clocks of two machines agree, or whether the stream is of today.

    :param file: the name of the stream; `-` is standard input.
    :ivar was_interrupted: whether the stream was not read to its end.
    """

    def __init__(self, file: str) -> None:
        self._is_live = not _is_regular(file)
        self._last: Timestamp | None = None
        self._arrived = 0.0
        self._silence = 0.0
        self.was_interrupted = False

    def note(self, last: Timestamp | None) -> None:
        """Note the latest timestamp of all that has arrived."""
        if last != self._last:
            self._last = last
            self._arrived = time.monotonic()

    def stop(self, *, interrupted: bool = False) -> None:
        """Note the end of the stream, or that its reader was interrupted."""
        self.was_interrupted = interrupted
        silence = time.monotonic() - self._arrived
        if self._is_live and (interrupted or silence >= _SILENCE):
            self._silence = silence

    def age(self, start: Timestamp | None) -> float | None:
        """Return the seconds since a start, at the end; None if it has no timestamp."""
        passed = duration_between(start, self._last)
        return None if passed is None else round(passed + self._silence, 9)


def _is_regular(file: str) -> bool:
    try:
        information = os.fstat(0) if file == "-" else os.stat(file)  # noqa: PTH116 - as open does
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(information.st_mode)
