"""Which packets are of the same run of a test, and which run is the last.

Strategy: route code and test id name a test (`test-id.identity`). A run of it ends with a
final status (`status.final`); what comes behind that without a status is of the same run.
Each input has runs of its own. Which run is the last is known at the end, so there are
two passes: one in which all packets are noted, one in which they are asked for.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from subunit2.items import Packet
from subunit2.streams.records import FINAL_STATUSES

__all__ = ["Key", "LastRuns", "key_of"]

#: Those that say that it was run.
_RAN: Final = FINAL_STATUSES | {"inprogress"}

#: What names a test: route code and test id.
Key: TypeAlias = tuple[str | None, str]


def key_of(packet: Packet) -> Key | None:
    """What names the test of a packet; None: it is about none (`test-id.absent`)."""
    test_id = packet.test_id
    return None if test_id is None else (packet.route_code, test_id)


class _Counter:
    """Counts the runs of each test, packet for packet."""

    def __init__(self) -> None:
        #: Of each test: the input, the number of the run, and whether it has ended.
        self._runs: dict[Key, tuple[int, int, bool]] = {}

    def count(self, key: Key, packet: Packet, input: int) -> int:
        """Which run of its test a packet is of, from 1 on."""
        status = packet.test_status
        before, number, ended = self._runs.get(key, (input, 1, False))
        if before != input or (ended and status is not None):
            number, ended = number + 1, False
        self._runs[key] = (input, number, ended or status in FINAL_STATUSES)
        return number


class LastRuns:
    """Tells which packets are of the last run of their test.

    A run counts from when its test was in progress or ended: that a test exists is no
    run, and replaces none. What comes behind the last run is kept, and so is whatever is
    about no test.

    Holds its route code, its test id and a few numbers for each test.

    >>> first, rerun = (Packet(test_id="foo", test_status=status) for status in ("fail", "skip"))
    >>> runs = LastRuns()
    >>> runs.note(first, 0)
    >>> runs.note(rerun, 1)
    >>> runs.is_last(first, 0), runs.is_last(rerun, 1)
    (False, True)
    """

    def __init__(self) -> None:
        self._noting = _Counter()
        self._asking = _Counter()
        self._last: dict[Key, int] = {}

    def note(self, packet: Packet, input: int = 0) -> None:
        """Note a packet in the first pass.

        :param input: which of the inputs it is from: each has runs of its own.
        """
        key = key_of(packet)
        if key is not None:
            number = self._noting.count(key, packet, input)
            if packet.test_status in _RAN:
                self._last[key] = number

    def is_last(self, packet: Packet, input: int = 0) -> bool:
        """Whether a packet stays, in the second pass: the same packets in the same order."""
        key = key_of(packet)
        if key is None:
            return True
        return self._asking.count(key, packet, input) >= self._last.get(key, 0)
