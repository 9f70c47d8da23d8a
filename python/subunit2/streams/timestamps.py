"""Add timestamps to packets that have none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from subunit2.items import Item, Packet, Timestamp
from subunit2.streams.splicing import with_timestamp

__all__ = ["now", "stamp"]


def now() -> Timestamp:
    """Return the current time by the clock of this machine."""
    return Timestamp(*divmod(time.time_ns(), 1_000_000_000))


def stamp(items: Iterable[Item], *, clock: Callable[[], Timestamp] = now) -> Iterator[Item]:
    """Add the current time to each packet without a timestamp (`timestamp.kept`).

    A packet that would become too long is split into several (`route.too-long`). Holds
    nothing.

    :param clock: a function that returns the time of such a packet.

    >>> list(stamp([Packet(test_id="foo")], clock=lambda: Timestamp(1)))
    [Packet(test_id='foo', timestamp=Timestamp(seconds=1, nanoseconds=0))]
    """
    for item in items:
        if isinstance(item, Packet) and item.timestamp is None:
            yield from with_timestamp(item, clock())
        else:
            yield item
