"""Packets that a route code lengthens, around each width of the length and the limit.

Strategy: the expected output is built from its fields, with the full route code; nothing
here adds a code to a packet.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.assemble import written
from corpus.source import FeedSource, Source

__all__ = ["family"]

_LONGEST = 4_194_303


def family() -> Iterator[Source]:
    """Yield cases of packets at the edges of the length, and of packets too long."""
    for size in (57, 58, 59, 60, 61, 62, 63, 65):
        yield _growing(size)
    for size in (*range(16_376, 16_384), 16_385, 16_386):
        yield _growing(size)
    for size in (_LONGEST - 3, _LONGEST - 2):
        yield _growing(size)
    yield from _too_long()
    yield from _little_room()


def _of_length(size: int, **form: Any) -> dict[str, Any]:
    """Return a packet of this length, by its content."""
    form = {"test_id": "foo", "file_name": "log", "eof": True} | form
    # The sizes of packet and content take 1 to 3 octets each, so one of a few contents
    # fits.
    least = size - len(written(form | {"file_bytes": ""}))
    for content in range(least - 4, least + 1):
        form["file_bytes"] = "78" * content
        if len(written(form)) == size:
            return form
    raise ValueError(f"no packet of these fields has {size} octets")


def _case(
    name: str,
    title: str,
    clauses: tuple[str, ...],
    octets: bytes,
    *packets: bytes,
    wrapped: bytes = b"",
) -> Source:
    return Source(
        id=f"multiplexer/{name}",
        title=title,
        clauses=clauses,
        flags=("family", "large") if len(octets) > 8 * 1024 else ("family",),
        routes=("0",),
        feeds=(
            FeedSource(input=0, octets=octets, packets=packets),
            FeedSource(input=0, octets=None),
        ),
        wrapped=(wrapped,),
    )


def _growing(size: int) -> Source:
    form = _of_length(size)
    there = written(form | {"route_code": "0"})
    return _case(
        f"length/{size:07}",
        f"A packet of {size:,} octets has {len(there):,} with the code of its input",
        ("route.unchanged", "route.add", "length.whole"),
        written(form),
        there,
    )


def _too_long() -> Iterator[Source]:
    for less in (0, 1):
        for status in ("success", None):
            about = {"test_status": status} if status else {}
            form = _of_length(_LONGEST - less, **about)
            first = _of_length(_LONGEST, route_code="0", eof=False)
            rest = len(form["file_bytes"]) - len(first["file_bytes"])
            second = form | {"route_code": "0", "file_bytes": "78" * (rest // 2)}
            yield _case(
                f"too-long/{_LONGEST - less}-{status or 'no-status'}",
                f"A packet of {_LONGEST - less:,} octets, {status or 'no status'}, goes out as two:"
                " the first as long as a packet can be, status and end of file on the second",
                ("route.too-long", "route.add"),
                written(form),
                written(first),
                written(second),
            )
    form = _of_length(_LONGEST, route_code="1")
    first = _of_length(_LONGEST, route_code="0/1", eof=False)
    rest = len(form["file_bytes"]) - len(first["file_bytes"])
    second = form | {"route_code": "0/1", "file_bytes": "78" * (rest // 2)}
    yield _case(
        f"too-long/{_LONGEST}-with-a-route",
        f"A packet of {_LONGEST:,} octets with a route code goes out as two, with both codes",
        ("route.too-long", "route.add"),
        written(form),
        written(first),
        written(second),
    )


def _little_room() -> Iterator[Source]:
    """Yield cases of packets whose test id leaves little room for content beside the code."""
    for room, *chunks in ((66, 64, 2), (3, 2, 2)):
        sizes = " and ".join(map(str, chunks))
        form = _with_room(room, content=sum(chunks))
        parts = [form | {"route_code": "0", "file_bytes": "78" * size} for size in chunks]
        del parts[0]["test_status"], parts[0]["eof"]
        yield _case(
            f"too-long/room-of-{room:02}",
            f"If {room} octets are left for the content and its size, {sum(chunks)} octets of"
            f" content go out as {sizes}",
            ("route.too-long", "number.shortest"),
            written(form),
            *map(written, parts),
        )
    octets = written(_with_room(1, content=1))
    yield _case(
        "too-long/room-of-01",
        "If one octet is left for the content and its size, the packet comes out wrapped: none of"
        " the content fits",
        ("route.too-long", "wrap.origin"),
        octets,
        wrapped=octets,
    )


def _with_room(room: int, content: int) -> dict[str, Any]:
    """Return a packet with so much room for the content and its size beside the code `0`."""
    form = {"test_id": "", "test_status": "success", "file_name": "", "eof": True}
    # The size of the id takes two octets more, and that of no content is part of the room.
    others = len(written(form | {"file_bytes": "", "route_code": "0"})) + 2 + 2 - 1
    return form | {"test_id": "a" * (_LONGEST - others - room), "file_bytes": "78" * content}
