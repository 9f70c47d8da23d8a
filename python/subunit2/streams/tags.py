"""Add tags to packets about tests, and remove tags.

Strategy: a packet that has the wanted tags already is not touched. In any other packet,
remaining tags keep their order, and new tags follow them. No other field changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from subunit2.items import Item, Packet
from subunit2.streams.splicing import with_tags

__all__ = ["tag"]


def tag(
    items: Iterable[Item], *, add: Iterable[str] = (), remove: Set[str] = frozenset()
) -> Iterator[Item]:
    """Add tags to packets about tests, and remove tags from all packets.

    Tags are about a test (`tags.meaning`), so none are added to a packet without a test
    id. A tag in both `add` and `remove` is removed. If no tag is left, the field is
    absent. A packet that would become too long is split into several (`route.too-long`).
    Holds nothing.

    :raises EncodeError: if a tag cannot be written.

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
