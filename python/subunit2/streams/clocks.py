"""Clocks that are apart, brought together: one offset for each input.

Strategy: two machines' clocks can be hours apart, and then the order of what they say
means nothing. What is known of an input's clock is when its packets arrive. From the
first that have a timestamp an offset is taken, and added to every timestamp of that
input, so no duration changes; and it is told to whoever reads, so it can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from subunit2.items import Item, Packet, Timestamp
from subunit2.streams.splicing import with_timestamp
from subunit2.streams.timestamps import now

__all__ = ["CLOCK_OFFSET", "ClockAligner", "align_clock"]

#: The name of the file that says what was added to the timestamps.
CLOCK_OFFSET: Final = "clock-offset"

_SECOND: Final = 1_000_000_000
_END: Final = 2**32 * _SECOND


class ClockAligner:
    """Brings the timestamps of one input to the clock by which its packets arrive.

    The offset is settled when the first timestamps arrive, and does not change: it is
    the time of arrival less the latest of the timestamps that arrived together, which was
    on its way for the shortest time. A packet of the file `clock-offset` comes before
    them: of MIME type `application/json`, without a test id or a route code, its content
    `{"nanoseconds": N}`, where N is what was added to each timestamp. A timestamp that
    would not be within 1970 to 2106 stays (`timestamp.seconds`), and so does an absent one.

    Holds nothing.

    :param clock: what time it is now.
    :param tolerance: in seconds; a clock that is no further off is right, and its
        timestamps stay as they are.
    :ivar offset: in nanoseconds; None as long as there was no timestamp.

    >>> aligner = ClockAligner(clock=lambda: Timestamp(4_000))
    >>> told, packet = aligner.feed([Packet(test_id="foo", timestamp=Timestamp(400))])
    >>> told.file_name, told.file_bytes, packet.timestamp.seconds
    ('clock-offset', b'{"nanoseconds":3600000000000}', 4000)
    """

    def __init__(self, *, clock: Callable[[], Timestamp] = now, tolerance: float = 0.02) -> None:
        self._clock = clock
        self._tolerance = round(tolerance * _SECOND)
        self.offset: int | None = None

    def feed(self, items: Iterable[Item]) -> list[Item]:
        """What goes out now that these have arrived, all of them just now."""
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
        return [_telling(self.offset), *self._aligned(items, self.offset)]

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
    """The items as they arrive, as from a `ClockAligner`: the first timestamp tells the offset."""
    aligner = ClockAligner(clock=clock, tolerance=tolerance)
    for item in items:
        yield from aligner.feed([item])


def _count(timestamp: Timestamp) -> int:
    return timestamp.seconds * _SECOND + timestamp.nanoseconds


def _telling(offset: int) -> Packet:
    return Packet(
        mime_type="application/json",
        file_name=CLOCK_OFFSET,
        file_bytes=b'{"nanoseconds":%d}' % offset,
        eof=True,
        runnable=False,
    )
