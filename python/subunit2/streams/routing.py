"""Route codes added to packets, stripped from them, and matched.

Strategy: a packet that is written as `encode` writes it has nothing but its fields, so
its route code is one of them. Any other goes through `subunit2.multiplexer`, which leaves the
octets before the route code as they are (`route.unchanged`).

>>> from subunit2 import Packet
>>> packets = [Packet(test_id="foo", route_code="3")]
>>> [packet.route_code for packet in add_route(packets, "0")]
['0/3']
>>> list(strip_route(add_route(packets, "0"), "0")) == packets
True
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from subunit2 import multiplexer
from subunit2.items import EncodeError, Item, Packet, Passthrough
from subunit2.reader import Reader
from subunit2.streams.splicing import is_small
from subunit2.writer import encode

__all__ = ["add_route", "is_under", "strip_route"]

#: A code of so many characters fits into every packet that is small.
_SHORT: Final = 1 << 18


def is_under(code: str | None, path: str) -> bool:
    """Whether a route code is a path or leads on from it, step by step.

    >>> is_under("0/3", "0"), is_under("03", "0"), is_under(None, "0")
    (True, False, False)
    """
    return code is not None and (code == path or code.startswith(path + "/"))


def add_route(items: Iterable[Item], code: str) -> Iterator[Item]:
    """The items, each packet with `code` in front of its route code (`route.add`).

    A packet that would become too long for it becomes several (`route.too-long`); one
    that has no content to be cut becomes passthrough, its octets as they are. Holds
    nothing.

    :raises EncodeError: where `code` is no route code.
    """
    # What the writer refuses in a route code is refused here, before anything is read.
    encode(Packet(route_code=code))
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
        # Without the code it would say that it came from somewhere else.
        yield Passthrough(octets, packet.offset)
    else:
        yield from _read(added, packet)


def strip_route(items: Iterable[Item], path: str | None = None) -> Iterator[Item]:
    """The items, each packet without the first step of its route code (`route.strip`).

    Where no step is left, the packet has no route code. One that has none is given on
    as it is. Holds nothing.

    :param path: strip all its steps, and only of packets under it.
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
    """Packets out of octets, in the place of one that was read."""
    for item in Reader().feed(octets):
        assert isinstance(item, Packet)
        yield replace(item, recovered=packet.recovered, offset=packet.offset, length=packet.length)
