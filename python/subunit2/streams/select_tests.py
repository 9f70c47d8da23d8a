"""Select whole tests by a condition on the test, such as its final status.

Strategy: the packets of a test are held until its final status, and then passed on or
dropped together. The predicate gets one packet that stands for the test, with its last
status, all its tags and the time of its end. So each predicate on packets is one on tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec.structs import replace

from subunit2.damage.reports import PARSER
from subunit2.items import FINAL_STATUSES, Corrupt, Item, Packet
from subunit2.streams.filtering import Predicate
from subunit2.streams.judgement import Key, is_runnable, key_of
from subunit2.uncopied import Uncopied

__all__ = ["WholeTests", "select_whole"]

_T = TypeVar("_T")


class WholeTests(Uncopied):
    """Selects the tests that a predicate holds for, all packets of a test in order.

    The predicate gets a packet that stands for the test: its route code and id, its last
    status, the tags of all its packets, its last timestamp, and `runnable` if all packets
    with a status since its start are (`runnable.consumer`). Packets without a test id,
    reports of damage (`damage.parser`), and packets that list a test that is not under way,
    are decided alone. They, passthrough and
    corrupt regions are returned at once. A test is returned with its final status, so it can
    follow items that arrived after its first packets. A test that never ends is decided at
    the end of the stream.

    Holds the packets of tests without a final status, and the route code and id of each
    test that has one, to decide about its late packets.

    >>> from subunit2.streams.filtering import has_status
    >>> tests = WholeTests(has_status({"fail"}))
    >>> tests.feed([Packet(test_id="foo", test_status="inprogress")])
    []
    >>> [packet.test_status for packet in tests.feed([Packet(test_id="foo", test_status="fail")])]
    ['inprogress', 'fail']
    """

    def __init__(
        self, predicate: Predicate, *, passthrough: bool = True, corrupt: bool = True
    ) -> None:
        self._predicate = predicate
        self._passthrough = passthrough
        self._corrupt = corrupt
        self._held: dict[Key, list[Packet]] = {}
        self._decided: dict[Key, bool] = {}

    def feed(self, items: Iterable[Item]) -> list[Item]:
        """Return the items that are decided now."""
        return list(self._fed(items))

    def close(self) -> list[Item]:
        """Return the selected tests that never ended; a second call returns none."""
        held, self._held = self._held, {}
        return [
            packet for packets in held.values() if self._is_wanted(packets) for packet in packets
        ]

    def _fed(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            if not isinstance(item, Packet):
                if self._corrupt if isinstance(item, Corrupt) else self._passthrough:
                    yield item
                continue
            key = key_of(item)
            if key is None or (item.test_status == "exists" and key not in self._held):
                if (self._corrupt or item.test_id != PARSER) and self._predicate(item):
                    yield item
                continue
            if item.test_status is None and key in self._decided:
                if self._decided[key]:
                    yield item
                continue
            self._decided.pop(key, None)
            held = self._held.setdefault(key, [])
            held.append(item)
            if item.test_status in FINAL_STATUSES:
                del self._held[key]
                self._decided[key] = self._is_wanted(held)
                if self._decided[key]:
                    yield from held

    def _is_wanted(self, packets: list[Packet]) -> bool:
        tags = [packet.test_tags for packet in packets if packet.test_tags is not None]
        statuses = [packet.test_status for packet in packets]
        whole = replace(
            packets[-1],
            test_status=_last(statuses),
            test_tags=tuple(dict.fromkeys(tag for each in tags for tag in each)) if tags else None,
            runnable=is_runnable(packets),
            timestamp=_last([packet.timestamp for packet in packets]),
        )
        return self._predicate(whole)


def _last(values: list[_T | None]) -> _T | None:
    return next((value for value in reversed(values) if value is not None), None)


def select_whole(
    items: Iterable[Item],
    predicate: Predicate,
    *,
    passthrough: bool = True,
    corrupt: bool = True,
) -> Iterator[Item]:
    """Iterate over the tests that a predicate holds for, as `WholeTests` does.

    :param passthrough: whether passthrough is included.
    :param corrupt: whether corrupt regions are included, and reports of damage.
    """
    tests = WholeTests(predicate, passthrough=passthrough, corrupt=corrupt)
    for item in items:
        yield from tests.feed([item])
    yield from tests.close()
