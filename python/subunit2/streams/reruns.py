"""Tell the last run of each test from earlier ones.

Strategy: route code and test id identify a test (`test-id.identity`). A run ends with a
final status (`status.final`); later packets without a status belong to the same run. Runs
do not extend over several inputs. The last run is known only at the end, so there are two
passes over the packets: the first notes them, the second selects.

A runner with several workers gives a rerun to another worker, so to another route. The
exception of `test-id.identity` is for these: routes that differ only in the names of workers
are lanes of one place. A test of a place is the same in all inputs, unless one of them ran
it on several lanes. Its last run is in the last input that ran it.
"""

from __future__ import annotations

from typing import Final

from subunit2.items import FINAL_STATUSES, Packet
from subunit2.streams.judgement import Key, key_of, place_of
from subunit2.uncopied import Uncopied

__all__ = ["LastRuns"]

#: The statuses of a test that was run.
_RAN: Final = FINAL_STATUSES | {"inprogress"}


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


class LastRuns(Uncopied):
    """Decides which packets belong to the last run of their test.

    Only a test in progress or with a final status has run: status `exists` is not a run.
    Packets after the last run are kept, and so are packets without a test id and reports of
    damage. A listing is kept too, unless the test is listed on the route of one worker and
    ran on that of another, in another input.

    Holds for each test its route code, its test id and four numbers.

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
        #: By test: the inputs that ran it, as bits.
        self._inputs: dict[Key, int] = {}
        #: By place and test id: the route and the input of the last run; None until asked.
        self._settled: dict[Key, tuple[str | None, int]] | None = None
        self._replaced = 0

    def note(self, packet: Packet, input: int = 0) -> None:
        """Note a packet in the first pass.

        :param input: the number of the input that it is from.
        """
        key = key_of(packet)
        if key is not None:
            number = self._first_pass.number(key, packet, input)
            if packet.test_status in _RAN:
                self._last[key] = number
                self._inputs[key] = self._inputs.get(key, 0) | 1 << input

    def is_last(self, packet: Packet, input: int = 0) -> bool:
        """Return whether a packet is kept, in the second pass over the same packets."""
        key = key_of(packet)
        if key is None:
            return True
        is_last = self._second_pass.number(key, packet, input) >= self._last.get(key, 0)
        last = self._settle().get((place_of(key[0]), key[1]))
        # clause test-id.identity
        if last is not None and last[0] != key[0]:
            is_listed = packet.test_status == "exists" and input != last[1]
            return is_last and input >= last[1] and not is_listed
        return is_last

    @property
    def replaced_across_routes(self) -> int:
        """The number of results that a run on another route replaced; after the first pass."""
        self._settle()
        return self._replaced

    def _settle(self) -> dict[Key, tuple[str | None, int]]:
        """Find the last run of each test among the routes of its place, after the first pass."""
        if self._settled is None:
            places: dict[Key, list[str | None]] = {}
            for route, test_id in self._last:
                places.setdefault((place_of(route), test_id), []).append(route)
            self._settled = {}
            for key, routes in places.items():
                inputs = [self._inputs[route, key[1]] for route in routes]
                # Without a bit in two of them, no input ran the test on several routes.
                if sum(inputs) == _union(inputs):
                    last = max(inputs)
                    self._settled[key] = (routes[inputs.index(last)], last.bit_length() - 1)
                    self._replaced += len(routes) - 1
        return self._settled


def _union(sets: list[int]) -> int:
    union = 0
    for bits in sets:
        union |= bits
    return union
