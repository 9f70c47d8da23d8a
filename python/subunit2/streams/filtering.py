"""Some of a stream's items, as they were: by test, status, tag, route and time.

Strategy: a predicate says yes or no to one packet. `select` gives on what a predicate
says yes to, and touches nothing. What is about tests (`of_tests`) has nothing to say
about packets without a test id: coverage data and version information are not lost
because somebody looked for a test (`file.pass-on`).

A packet is decided by itself, so that what has arrived is given on at once. A test's first
packet cannot know how the test ends: `subunit2.streams.select_tests` decides by whole tests.

>>> from subunit2 import Packet
>>> packets = [
...     Packet(test_id="foo", test_status="success"),
...     Packet(test_id="bar", test_status="fail"),
... ]
>>> [packet.test_id for packet in select(packets, has_status({"fail"}))]
['bar']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeAlias

from subunit2.items import Corrupt, Item, Packet, Timestamp
from subunit2.streams.routing import is_under

__all__ = [
    "Predicate",
    "all_of",
    "any_of",
    "has_status",
    "has_tag",
    "id_in",
    "id_matches",
    "is_before",
    "is_runnable",
    "is_since",
    "not_",
    "of_tests",
    "on_route",
    "select",
]

#: Says whether it holds for a packet, which it does not change.
Predicate: TypeAlias = Callable[[Packet], bool]


def select(
    items: Iterable[Item],
    predicate: Predicate,
    *,
    passthrough: bool = True,
    corrupt: bool = True,
) -> Iterator[Item]:
    """The packets that a predicate holds for, in order and as they were. Holds nothing.

    :param passthrough: whether passthrough is given on.
    :param corrupt: whether corrupt regions are.
    """
    for item in items:
        if isinstance(item, Packet):
            if predicate(item):
                yield item
        elif corrupt if isinstance(item, Corrupt) else passthrough:
            yield item


def id_matches(pattern: str | re.Pattern[str]) -> Predicate:
    """A regular expression is found in the test id.

    :raises re.error: where it is none.
    """
    search = re.compile(pattern).search
    return lambda packet: packet.test_id is not None and search(packet.test_id) is not None


def id_in(test_ids: Collection[str]) -> Predicate:
    """The test id is one of these."""
    wanted = frozenset(test_ids)
    return lambda packet: packet.test_id in wanted


def has_status(statuses: Collection[str | None]) -> Predicate:
    """The status is one of these; None is that of a packet without one."""
    wanted = frozenset(statuses)
    return lambda packet: packet.test_status in wanted


def has_tag(tags: Collection[str]) -> Predicate:
    """One of the tags is one of these."""
    wanted = frozenset(tags)
    return lambda packet: packet.test_tags is not None and not wanted.isdisjoint(packet.test_tags)


def on_route(paths: Collection[str]) -> Predicate:
    """The route code is one of these paths, or leads on from one: `0` and `0/3`, not `03`."""
    return lambda packet: any(is_under(packet.route_code, path) for path in paths)


def is_since(when: Timestamp) -> Predicate:
    """The timestamp is this one or a later one."""
    return lambda packet: packet.timestamp is not None and packet.timestamp >= when


def is_before(when: Timestamp) -> Predicate:
    """The timestamp is an earlier one."""
    return lambda packet: packet.timestamp is not None and packet.timestamp < when


def is_runnable(packet: Packet) -> bool:
    """The test can be run by its id (`runnable.meaning`)."""
    return packet.runnable


def not_(predicate: Predicate) -> Predicate:
    """What a predicate does not hold for."""
    return lambda packet: not predicate(packet)


def all_of(predicates: Iterable[Predicate]) -> Predicate:
    """What all of these hold for; everything, where there are none."""
    each = tuple(predicates)
    if not each:
        return lambda packet: True
    if len(each) == 1:
        return each[0]
    return lambda packet: all(predicate(packet) for predicate in each)


def any_of(predicates: Iterable[Predicate]) -> Predicate:
    """What one of these holds for; nothing, where there are none."""
    return not_(all_of(map(not_, predicates)))


def of_tests(predicate: Predicate) -> Predicate:
    """What a predicate holds for, and every packet without a test id (`test-id.absent`)."""
    return lambda packet: packet.test_id is None or predicate(packet)
