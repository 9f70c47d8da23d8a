"""Select items of a stream, unchanged, by test, status, tag, route and time.

Strategy: a predicate decides about one packet. `select` yields the packets that a
predicate holds for. A predicate made by `of_tests` holds for every packet that is about no
test, so that coverage data, version information (`file.pass-on`) and reports of damage
(`damage.parser`) are not lost in a search for a test.

Each packet is decided alone, and passed on at once. The first packet of a test does not
tell how the test ends: `subunit2.streams.select_tests` decides about whole tests.

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
from typing import Final, TypeAlias

from subunit2.damage.reports import PARSER
from subunit2.items import Corrupt, Item, Packet, Timestamp
from subunit2.streams.judgement import TestStates
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
    "is_of_runnable_test",
    "is_runnable",
    "is_since",
    "not_",
    "of_tests",
    "on_route",
    "select",
]

_NO_TEST: Final = (None, PARSER)

#: A condition on one packet, which is not changed.
Predicate: TypeAlias = Callable[[Packet], bool]


def select(
    items: Iterable[Item],
    predicate: Predicate,
    *,
    passthrough: bool = True,
    corrupt: bool = True,
) -> Iterator[Item]:
    """Iterate over the packets that a predicate holds for, unchanged. Holds nothing.

    :param passthrough: whether passthrough is included.
    :param corrupt: whether corrupt regions are included, and reports of damage.
    """
    for item in items:
        if isinstance(item, Packet):
            if (corrupt or item.test_id != PARSER) and predicate(item):
                yield item
        elif corrupt if isinstance(item, Corrupt) else passthrough:
            yield item


def id_matches(pattern: str | re.Pattern[str]) -> Predicate:
    """Match packets whose test id contains a match of a regular expression.

    :raises re.error: if `pattern` is not a regular expression.
    """
    search = re.compile(pattern).search
    return lambda packet: packet.test_id is not None and search(packet.test_id) is not None


def id_in(test_ids: Collection[str]) -> Predicate:
    """Match packets whose test id is one of these."""
    wanted = frozenset(test_ids)
    return lambda packet: packet.test_id in wanted


def has_status(statuses: Collection[str | None]) -> Predicate:
    """Match packets whose status is one of these; None is the status of packets without one."""
    wanted = frozenset(statuses)
    return lambda packet: packet.test_status in wanted


def has_tag(tags: Collection[str]) -> Predicate:
    """Match packets with at least one of these tags."""
    wanted = frozenset(tags)
    return lambda packet: packet.test_tags is not None and not wanted.isdisjoint(packet.test_tags)


def on_route(paths: Collection[str]) -> Predicate:
    """Match packets on a path or below it: `0` matches `0` and `0/3`, not `03`."""
    return lambda packet: any(is_under(packet.route_code, path) for path in paths)


def is_since(when: Timestamp) -> Predicate:
    """Match packets with this timestamp or a later one."""
    return lambda packet: packet.timestamp is not None and packet.timestamp >= when


def is_before(when: Timestamp) -> Predicate:
    """Match packets with an earlier timestamp."""
    return lambda packet: packet.timestamp is not None and packet.timestamp < when


def is_runnable(packet: Packet) -> bool:
    """Match packets of tests that can be run by their id (`runnable.meaning`)."""
    return packet.runnable


def is_of_runnable_test() -> Predicate:
    """Match packets of tests that can be run by their id, by all packets of the run so far.

    zope.testrunner starts a layer as not runnable and fails it as runnable
    (`runnable.consumer`). The predicate has to be called for each packet, in order. Holds the
    tests under way.
    """
    states = TestStates(keep_ended=False)

    def is_runnable_so_far(packet: Packet) -> bool:
        _, run = states.take(packet)
        return packet.runnable if run is None else run.runnable

    return is_runnable_so_far


def not_(predicate: Predicate) -> Predicate:
    """Match packets that a predicate does not match."""
    return lambda packet: not predicate(packet)


def all_of(predicates: Iterable[Predicate]) -> Predicate:
    """Match packets that all predicates match; every packet, if there are no predicates."""
    each = tuple(predicates)
    if not each:
        return lambda packet: True
    if len(each) == 1:
        return each[0]
    return lambda packet: all(predicate(packet) for predicate in each)


def any_of(predicates: Iterable[Predicate]) -> Predicate:
    """Match packets that a predicate matches; no packet, if there are no predicates."""
    return not_(all_of(map(not_, predicates)))


def of_tests(predicate: Predicate) -> Predicate:
    """Match packets that a predicate matches, or that are about no test.

    They have no test id (`test-id.absent`), or report damage (`damage.parser`).
    """
    return lambda packet: packet.test_id in _NO_TEST or predicate(packet)
