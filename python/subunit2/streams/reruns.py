"""Tell the last run of each test from earlier ones.

Strategy: route code and test id identify a test (`test-id.identity`). A run ends with a
final status (`status.final`); later packets without a status belong to the same run. Runs
do not extend over several inputs. The last run is known only at the end, so there are two
passes over the packets: the first notes them, the second selects.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from subunit2.damage.reports import PARSER
from subunit2.items import FINAL_STATUSES, Packet

__all__ = ["Key", "LastRuns", "key_of"]

#: The statuses of a test that was run.
_RAN: Final = FINAL_STATUSES | {"inprogress"}

#: The identity of a test: route code and test id.
Key: TypeAlias = tuple[str | None, str]


def key_of(packet: Packet) -> Key | None:
    """Return the key of the test of a packet; None if it is about no test.

    That is a packet without a test id (`test-id.absent`), or a report of damage
    (`damage.parser`).
    """
    test_id = packet.test_id
    return None if test_id is None or test_id == PARSER else (packet.route_code, test_id)


class _RunNumbers:
    """Numbers the runs of each test."""

    def __init__(self) -> None:
        #: By test: the input, the number of the run, and whether the run has ended.
        self._runs: dict[Key, tuple[int, int, bool]] = {}

    def number(self, key: Key, packet: Packet, input: int) -> int:
        """Return the number of the run that a packet belongs to, from 1."""
        status = packet.test_status
        before, number, ended = self._runs.get(key, (input, 1, False))
        if before != input or (ended and status is not None):
            number, ended = number + 1, False
        self._runs[key] = (input, number, ended or status in FINAL_STATUSES)
        return number


class LastRuns:
    """Decides which packets belong to the last run of their test.

    Only a test in progress or with a final status has run: status `exists` is not a run.
    Packets after the last run are kept, and so are packets without a test id and reports of
    damage.

    Holds for each test its route code, its test id and three numbers.

    >>> first, rerun = (Packet(test_id="foo", test_status=status) for status in ("fail", "skip"))
    >>> runs = LastRuns()
    >>> runs.note(first, 0)
    >>> runs.note(rerun, 1)
    >>> runs.is_last(first, 0), runs.is_last(rerun, 1)
    (False, True)
    """

    def __init__(self) -> None:
        self._first_pass = _RunNumbers()
        self._second_pass = _RunNumbers()
        self._last: dict[Key, int] = {}

    def note(self, packet: Packet, input: int = 0) -> None:
        """Note a packet in the first pass.

        :param input: the number of the input that it is from.
        """
        key = key_of(packet)
        if key is not None:
            number = self._first_pass.number(key, packet, input)
            if packet.test_status in _RAN:
                self._last[key] = number

    def is_last(self, packet: Packet, input: int = 0) -> bool:
        """Return whether a packet is kept, in the second pass over the same packets."""
        key = key_of(packet)
        if key is None:
            return True
        return self._second_pass.number(key, packet, input) >= self._last.get(key, 0)
