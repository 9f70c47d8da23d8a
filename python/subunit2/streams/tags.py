"""Tags added to packets about tests, and removed from them.

Strategy: a packet whose tags already are as they should be is not touched. In all others
the tags that stay keep their order, and what is new comes behind them; nothing else in
the packet changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from subunit2.items import Item, Packet
from subunit2.streams.splicing import with_tags

__all__ = ["tag"]


def tag(
    items: Iterable[Item], *, add: Iterable[str] = (), remove: Set[str] = frozenset()
) -> Iterator[Item]:
    """The items, with tags added to packets about tests and removed from all packets.

    Tags are about a test (`tags.meaning`), so nothing is added to a packet without a
    test id. What is in both `add` and `remove` is removed. Where no tag is left, the
    field is absent. A packet that would become too long for its new tags becomes several
    (`route.too-long`). Holds nothing.

    >>> packets = [Packet(test_id="foo", test_tags=("b", "slow")), Packet(file_name="log")]
    >>> list(tag(packets, add=["a", "b"], remove={"slow"}))
    [Packet(test_id='foo', test_tags=('b', 'a')), Packet(file_name='log')]
    """
    wanted = tuple(dict.fromkeys(tag for tag in add if tag not in remove))
    for item in items:
        if not isinstance(item, Packet) or (not remove and item.test_id is None):
            yield item
            continue
        tags = item.test_tags or ()
        changed = tuple(tag for tag in tags if tag not in remove) if remove and tags else tags
        if item.test_id is not None:
            changed += tuple(tag for tag in wanted if tag not in changed)
        if changed == tags:
            yield item
        else:
            yield from with_tags(item, changed or None)
