"""Concurrent writers: one packet inside another at every index, and alternating parts."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.assemble import written
from corpus.families._damage import BAR, FOO, LAST, NEXT, clean, damaged
from corpus.source import Source

__all__ = ["family"]

_OTHER = written(
    {"test_id": "other.test_c", "test_status": "skip", "test_tags": ["worker-1"], "route_code": "1"}
)


def family() -> Iterator[Source]:
    """Yield cases of torn, spliced and interleaved packets."""
    for name, packet in (("foo", FOO), ("bar", BAR)):
        parent = clean(
            f"{name}-then-last", f"A packet of {len(packet)} octets, and one more", packet + LAST
        )
        yield parent
        for place in range(1, len(packet)):
            yield damaged(
                parent,
                f"torn-{name}/at-{place:02}",
                f"A whole packet {place} octets into one of {len(packet)} is read",
                f"insert {place} {NEXT.hex()}",
                ["torn"],
            )
    yield from _by_turns()
    yield from _tails()
    yield from _false_headers()


def _by_turns() -> Iterator[Source]:
    """Yield cases of two writers: both first halves, then both second halves."""
    parent = clean("bar-then-other", "Packets of two writers, and one more", BAR + _OTHER + LAST)
    yield parent
    for place in (1, 2, 3, 4, 5, 8, 12, 20, 30, 36, 39):
        for cut in (1, 3, 4, 10, len(_OTHER) - 1):
            torn = _OTHER[:cut] + BAR[place:] + _OTHER[cut:]
            yield damaged(
                parent,
                f"interleaved/{place:02}-and-{cut:02}",
                f"Two writers by turns: {place} octets of one packet, {cut} of the other,"
                " and then the rest of both; the packet behind is read",
                f"write {place} {torn.hex()}",
                ["torn"],
            )


def _tails() -> Iterator[Source]:
    """Yield cases of a packet's end without its start, as a late reader sees it."""
    parent = clean("bar-then-foo", "A packet of 40 octets, and one of 12", BAR + FOO)
    yield parent
    for first in range(1, len(BAR)):
        yield damaged(
            parent,
            f"tail/from-{first:02}",
            f"A stream that begins {first} octets into a packet: the packet behind it is read",
            f"remove 0..{first}",
        )


def _false_headers() -> Iterator[Source]:
    parent = clean("three", "Three packets", FOO + NEXT + LAST)
    yield parent
    # Up to the end of the stream, 42 octets with the header, and beyond it.
    for length in (8, 9, 15, 16, 17, 28, 29, 30, 41, 42, 43, 63):
        yield damaged(
            parent,
            f"false-header/claims-{length:02}",
            f"A header that claims {length} octets, before three packets: they are read",
            f"insert 0 b32901{length:02x}",
            ["damaged-length"],
        )
