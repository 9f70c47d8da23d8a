"""Add, strip and match route codes.

Strategy: the route code of a canonical packet is changed as a field. The octets of any
other packet go through functions that keep the octets before the route code
(`route.unchanged`).

>>> from subunit2 import Packet
>>> packets = [Packet(test_id="foo", route_code="3")]
>>> [packet.route_code for packet in add_route(packets, "0")]
['0/3']
>>> list(strip_route(add_route(packets, "0"), "0")) == packets
True
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from subunit2 import multiplexer
from subunit2.items import EncodeError, Item, Packet, Passthrough
from subunit2.packets.rewrite import checked_code
from subunit2.reader import Reader
from subunit2.streams.splicing import is_small
from subunit2.writer import encode

__all__ = ["add_route", "is_under", "nearest_route", "strip_route"]

#: A route code of fewer characters fits into every small packet.
_SHORT: Final = 1 << 18


def is_under(code: str | None, path: str) -> bool:
    """Return whether a route code is a path, or below it.

    >>> is_under("0/3", "0"), is_under("03", "0"), is_under(None, "0")
    (True, False, False)
    """
    return code is not None and (code == path or code.startswith(path + "/"))


def add_route(items: Iterable[Item], code: str) -> Iterator[Item]:
    """Put `code` in front of the route code of each packet (`route.add`).

    A packet that would become too long is split into several (`route.too-long`). If it
    has no content to split, it becomes passthrough with its octets unchanged. Holds
    nothing.

    :raises EncodeError: at once, if `code` is empty, or is not a route code.
    """
    checked_code(code)
    return _added(items, code)


def _added(items: Iterable[Item], code: str) -> Iterator[Item]:
    is_short = len(code) < _SHORT
    for item in items:
        if not isinstance(item, Packet):
            yield item
        elif item.raw is None and is_short and is_small(item):
            route = item.route_code
            yield replace(item, route_code=code if route is None else f"{code}/{route}")
        else:
            yield from _added_to_octets(item, code)


def _added_to_octets(packet: Packet, code: str) -> Iterator[Item]:
    octets = encode(packet)
    try:
        added = multiplexer.add_route(octets, code)
    except EncodeError:
        # A packet without the code would seem to come from another route.
        yield Passthrough(octets, packet.offset)
    else:
        yield from _read(added, packet)


def strip_route(items: Iterable[Item], path: str | None = None) -> Iterator[Item]:
    """Remove the first step from the route code of each packet (`route.strip`).

    A packet without a further step is left without a route code. A packet without a route
    code is not changed. Holds nothing.

    :param path: remove all steps of this path, and only from packets below it.
    """
    steps = 1 if path is None else path.count("/") + 1
    for item in items:
        route = item.route_code if isinstance(item, Packet) else None
        if (
            not isinstance(item, Packet)
            or route is None
            or not (path is None or is_under(route, path))
        ):
            yield item
        elif item.raw is None:
            yield replace(item, route_code=_rest(route, steps))
        else:
            octets = encode(item)
            for _ in range(steps):
                octets = multiplexer.strip_route(octets)
            yield from _read(octets, item)


def _rest(route: str, steps: int) -> str | None:
    parts = route.split("/", steps)
    return parts[steps] if len(parts) > steps else None


def _read(octets: bytes, packet: Packet) -> Iterator[Item]:
    """Yield the packets in octets, with the offset of the packet that they replace."""
    for item in Reader().feed(octets):
        assert isinstance(item, Packet)
        yield replace(item, recovered=packet.recovered, offset=packet.offset, length=packet.length)


def nearest_route(route: str, known: Container[str | None], lengths: Container[int]) -> str | None:
    """Return the longest leading path of a route that is known; None if there is none.

    :param lengths: those of the known routes, in characters. Only paths of these lengths are
        looked up, since a route can have a million steps.

    >>> nearest_route("0/3/1", {"0", "0/3"}, {1, 3})
    '0/3'
    """
    end = len(route)
    while end >= 0:
        if end in lengths and route[:end] in known:
            return route[:end]
        end = route.rfind("/", 0, end)
    return None
