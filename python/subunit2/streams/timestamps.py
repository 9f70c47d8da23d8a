"""Timestamps where there are none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator

from subunit2.items import Item, Packet, Timestamp
from subunit2.streams.splicing import with_timestamp

__all__ = ["now", "stamp"]


def now() -> Timestamp:
    """What time it is by this machine's clock."""
    return Timestamp(*divmod(time.time_ns(), 1_000_000_000))


def stamp(items: Iterable[Item], *, clock: Callable[[], Timestamp] = now) -> Iterator[Item]:
    """The items, each packet without a timestamp with the clock's (`timestamp.kept`).

    A packet that would become too long for it becomes several (`route.too-long`). Holds
    nothing.

    :param clock: asked for the time of each packet that has none.

    >>> list(stamp([Packet(test_id="foo")], clock=lambda: Timestamp(1)))
    [Packet(test_id='foo', timestamp=Timestamp(seconds=1, nanoseconds=0))]
    """
    for item in items:
        if isinstance(item, Packet) and item.timestamp is None:
            yield from with_timestamp(item, clock())
        else:
            yield item
