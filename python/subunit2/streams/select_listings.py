"""Drop the listing of a test with its runs, so that a selection is no run that stopped.

Strategy: a run is held to its list (`subunit2.streams.plan`). A filter that drops the runs
of a test and keeps its listing would turn a good run into one that never started the test.
So a listing is held until a run of its test is kept, or else until the end. Then it is
dropped if its test started before the filter and not behind it.
"""

from __future__ import annotations

from collections.abc import Iterable

from subunit2.items import Item, Packet
from subunit2.streams.judgement import Key, is_listing, key_of
from subunit2.streams.plan import Plan

__all__ = ["SelectedListings"]


class SelectedListings:
    """Decides about the listings behind a filter.

    A stream without any run behind the filter is a listing, which is kept. Holds the listed
    tests without a run so far, and what two plans hold.

    >>> from subunit2 import Packet
    >>> listing = Packet(test_id="foo", test_status="exists")
    >>> foo, bar = (Packet(test_id=name, test_status="success") for name in ("foo", "bar"))
    >>> listings = SelectedListings()
    >>> listings.note([listing, foo, bar])
    >>> [item.test_id for item in listings.take([listing, bar]) + listings.close()]
    ['bar']
    """

    def __init__(self) -> None:
        self._before, self._behind = Plan(), Plan()
        self._held: dict[Key, list[Packet]] = {}

    def note(self, items: Iterable[Item]) -> None:
        """Note items before the filter."""
        for item in items:
            if isinstance(item, Packet):
                self._before.note(item)

    def take(self, items: Iterable[Item]) -> list[Item]:
        """Return the items behind the filter that are decided now."""
        taken: list[Item] = []
        for item in items:
            if isinstance(item, Packet) and (key := key_of(item)) is not None:
                self._behind.note(item)
                if is_listing(item) and self._behind.is_open(key):
                    self._held.setdefault(key, []).append(item)
                    continue
                if item.test_status is not None and self._held:
                    taken += self._held.pop(key, ())
                    taken += self._held.pop((None, key[1]), ())
            taken.append(item)
        return taken

    def close(self) -> list[Item]:
        """Return the listings that are kept at the end; a second call returns none."""
        held, self._held = self._held, {}
        dropped = self._behind.open_keys() - self._before.open_keys()
        return [packet for key, packets in held.items() if key not in dropped for packet in packets]
