"""Align the clocks of several inputs: one offset for each input.

Strategy: the clocks of two machines can be hours apart, and then their timestamps do not
order events across machines. The arrival times of packets are on one clock. The first
timestamps of an input, compared with their arrival, give an offset. It is added to every
timestamp of that input, so durations do not change. A packet in the output states the
offset, so that a reader can undo it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from subunit2.items import Item, Packet, Timestamp
from subunit2.streams.splicing import with_timestamp
from subunit2.streams.timestamps import now
from subunit2.uncopied import Uncopied

__all__ = ["CLOCK_OFFSET", "ClockAligner", "align_clock"]

#: The name of the file that states the offset added to the timestamps.
CLOCK_OFFSET: Final = "clock-offset"

_SECOND: Final = 1_000_000_000
_END: Final = 2**32 * _SECOND


class ClockAligner(Uncopied):
    """Converts the timestamps of one input to the clock that times their arrival.

    The first timestamps to arrive fix the offset: the time of arrival minus the latest of
    them, which had the shortest delay. Before these packets, the output has one packet of
    a file `clock-offset`, of MIME type `application/json`, without a test id or a route
    code. Its content is `{"nanoseconds": N}`, and N is the number added to each timestamp.
    A timestamp that would leave the range 1970 to 2106 is kept (`timestamp.seconds`), and
    an absent one stays absent.

    Holds nothing.

    :param clock: a function that returns the current time.
    :param tolerance: in seconds. An offset no larger than this is taken as 0.
    :ivar offset: in nanoseconds; None before the first timestamp.

    >>> aligner = ClockAligner(clock=lambda: Timestamp(4_000))
    >>> stated, packet = aligner.feed([Packet(test_id="foo", timestamp=Timestamp(400))])
    >>> stated.file_name, stated.file_bytes, packet.timestamp.seconds
    ('clock-offset', b'{"nanoseconds":3600000000000}', 4000)
    """

    def __init__(self, *, clock: Callable[[], Timestamp] = now, tolerance: float = 0.02) -> None:
        self._clock = clock
        self._tolerance = round(tolerance * _SECOND)
        self.offset: int | None = None

    def feed(self, items: Iterable[Item]) -> list[Item]:
        """Return the output for items that have all arrived just now."""
        items = list(items)
        if self.offset is not None:
            return list(self._aligned(items, self.offset))
        times = [
            item.timestamp
            for item in items
            if isinstance(item, Packet) and item.timestamp is not None
        ]
        if not times:
            return items
        offset = _count(self._clock()) - _count(max(times))
        self.offset = offset if abs(offset) > self._tolerance else 0
        return [_offset_packet(self.offset), *self._aligned(items, self.offset)]

    def _aligned(self, items: Iterable[Item], offset: int) -> Iterator[Item]:
        for item in items:
            if isinstance(item, Packet) and item.timestamp is not None and offset:
                moved = _count(item.timestamp) + offset
                if 0 <= moved < _END:
                    yield from with_timestamp(item, Timestamp(*divmod(moved, _SECOND)))
                    continue
            yield item


def align_clock(
    items: Iterable[Item], *, clock: Callable[[], Timestamp] = now, tolerance: float = 0.02
) -> Iterator[Item]:
    """Align the items of one input as they arrive, as a `ClockAligner` does.

    :param clock: a function that returns the current time.
    :param tolerance: as for `ClockAligner`.
    """
    aligner = ClockAligner(clock=clock, tolerance=tolerance)
    for item in items:
        yield from aligner.feed([item])


def _count(timestamp: Timestamp) -> int:
    return timestamp.seconds * _SECOND + timestamp.nanoseconds


def _offset_packet(offset: int) -> Packet:
    return Packet(
        mime_type="application/json",
        file_name=CLOCK_OFFSET,
        file_bytes=b'{"nanoseconds":%d}' % offset,
        eof=True,
        runnable=False,
    )
