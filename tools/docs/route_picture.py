"""The tree of multiplexers with its route codes.

Strategy: send a packet of the corpus from each worker up through the tree, where each
multiplexer adds the code of its input with `subunit2.multiplexer.add_route`. The picture
shows the route code of each packet at the root.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from docs.markup import Element, element
from docs.packet_picture import picture, text
from docs.sources import corpus
from subunit2 import Packet, decode
from subunit2.conformance.corpus import ReaderCase
from subunit2.multiplexer import add_route

__all__ = ["draw_routes", "hops", "say_routes"]

#: The case whose packet is sent.
PACKET: Final = "packet/exists"

_COLUMN: Final = 180
_ROW: Final = 58
_BOX: Final = 112


_TREE: Final = {
    "supervisor": ("multiplexer 0", "multiplexer 1"),
    "multiplexer 0": ("worker 0", "worker 1"),
    "multiplexer 1": ("worker 0", "worker 1"),
}


def hops() -> list[tuple[str, str, str, str, str]]:
    """Return for each worker its path from the root, and its route codes from the worker up."""
    case = corpus().by_id[PACKET]
    assert isinstance(case, ReaderCase)
    found = []
    for code, multiplexer in enumerate(_TREE["supervisor"]):
        for inner, worker in enumerate(_TREE[multiplexer]):
            sent = case.stream
            joined = add_route(sent, str(inner))
            arrived = add_route(joined, str(code))
            routes = (_route(sent), _route(joined), _route(arrived))
            found.append((multiplexer, worker, *routes))
    return found


def _route(octets: bytes) -> str:
    [packet] = decode(octets)
    assert isinstance(packet, Packet)
    return "none" if packet.route_code is None else packet.route_code


def say_routes() -> str:
    """Return the picture in words."""
    said = [
        f"a packet of {worker} of {multiplexer} has the route code {sent} when it is written, "
        f"{joined} behind its multiplexer and {arrived} behind the supervisor"
        for multiplexer, worker, sent, joined, arrived in hops()
    ]
    return "; ".join(said).capitalize() + "."


def draw_routes() -> Element:
    """Draw the tree, with its root at the left."""
    group = element("g")
    for part in _drawn():
        group.append(part)
    return picture(
        group,
        title="Route codes in a tree of multiplexers",
        says=say_routes(),
        width=2 * _COLUMN + _BOX + 132,
        height=4 * _ROW + 30,
    )


def _drawn() -> Iterator[Element]:
    found = hops()
    top = 1.5
    for group in range(2):
        middle = group * 2 + 0.5
        yield from _link(0, top, middle, found[group * 2][4].partition("/")[0])
        for row in (group * 2, group * 2 + 1):
            yield from _link(1, middle, row, found[row][3])
    yield from _box(0, top, "supervisor")
    for index, multiplexer in enumerate(_TREE["supervisor"]):
        yield from _box(1, index * 2 + 0.5, multiplexer)
    for row, (_, worker, sent, _, arrived) in enumerate(found):
        yield from _box(2, row, worker)
        x = 2 * _COLUMN + _BOX + 8
        yield text(x, _y(row) - 2, f"sends: {sent}", class_="note")
        yield text(x, _y(row) + 14, f"arrives: {arrived}", class_="name")


def _y(row: float) -> float:
    return row * _ROW + 34


def _box(column: int, row: float, name: str) -> Iterator[Element]:
    x = column * _COLUMN + 2
    yield element("rect", x=float(x), y=_y(row) - 18, width=_BOX, height=36, rx=6, class_="always")
    yield text(x + _BOX / 2, _y(row) + 5, name, class_="in name")


def _link(column: int, above: float, below: float, code: str) -> Iterator[Element]:
    start, end = column * _COLUMN + _BOX + 2, (column + 1) * _COLUMN + 2
    middle = (start + end) / 2
    y, end_y = _y(above), _y(below)
    path = f"M{start} {y:g} C{middle:g} {y:g} {middle:g} {end_y:g} {end} {end_y:g}"
    yield element("path", d=path, class_="arrow")
    beside = 18 if below > above else -8
    yield text(end - 14, _y(below) + beside, code, class_="in name")
