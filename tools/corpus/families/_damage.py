"""Shared code of the families of damaged streams: packets, clean streams, clauses.

Strategy: a clean stream is a case of its own, and the parent of the streams that one
mutation makes from it. The clauses of a damaged stream follow from its items: where the
published description suffices to read it, one of its clauses comes first.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import shake_256
from itertools import pairwise
from typing import Any

from corpus.assemble import exists, written
from corpus.mutations import mutate
from corpus.source import Source, octets_of, runs
from subunit2 import Corrupt, Item, Packet, Reader

__all__ = [
    "BAR",
    "FOO",
    "LARGE",
    "LAST",
    "NEXT",
    "clauses_of",
    "clean",
    "damaged",
    "octets_by_seed",
    "read",
]

#: Streams of more octets than this are not stored as files.
LARGE = 32 * 1024

#: 12 octets, the example of the published description.
FOO = exists("foo")

#: 40 octets, with fields of each kind but a file.
BAR = written(
    {
        "test_id": "bar.test_b",
        "test_status": "success",
        "test_tags": ["linux", "slow"],
        "route_code": "0/3",
        "timestamp": {"seconds": 1_754_000_000, "nanoseconds": 0},
    }
)

#: Packets that follow damaged ones.
NEXT = written({"test_id": "next", "test_status": "success"})
LAST = written({"test_id": "last", "test_status": "fail"})

_BY_ERROR = {
    "version": ("flags.version", "recovery.unusable"),
    "reserved_bit": ("flags.reserved", "recovery.unusable"),
    "length_encoding": ("length.limit", "recovery.unusable"),
    "length_too_short": ("length.least", "recovery.unusable"),
    "truncated": ("packet.truncated",),
    "checksum": ("checksum.crc32", "recovery.report"),
}


def clean(name: str, title: str, stream: bytes) -> Source:
    """Return a stream without damage, as a parent."""
    return Source(
        id=f"recovery/clean/{name}",
        title=title,
        profile="stream",
        clauses=("stream.sync-point",),
        flags=("family",),
        octets=runs(stream),
    )


def clauses_of(stream: bytes) -> tuple[str, ...]:
    """Return the clauses of a damaged stream, by its items."""
    items = read(stream)
    errors = [item.error for item in items if isinstance(item, Corrupt)]
    about: list[str] = []
    for error in errors:
        about += _BY_ERROR.get(error, ("packet.intact",))
    if any(isinstance(item, Packet) and item.recovered for item in items):
        about[:0] = ["recovery.region", "recovery.recovered"]
    elif errors != ["truncated"] and (
        set(errors) != {"checksum"} or _has_packet_in_mid_line(items)
    ):
        # Packets behind the damage are at no sync point.
        about.insert(0, "stream.try-everywhere")
    return tuple(dict.fromkeys(about))


def read(stream: bytes) -> list[Item]:
    """Return the items of a stream."""
    reader = Reader()
    return reader.feed(stream) + reader.close()


def _has_packet_in_mid_line(items: Sequence[Item]) -> bool:
    return any(
        isinstance(item, Packet) and not isinstance(before, (Packet, Corrupt))
        for before, item in pairwise(items)
    )


def damaged(
    parent: Source, id: str, title: str, mutation: str, flags: Sequence[str] = (), **more: Any
) -> Source:
    """Return a clean stream with one mutation."""
    assert parent.octets is not None
    stream = mutate(octets_of(parent.octets), mutation, [])
    large = ("large",) * (len(stream) > LARGE)
    return Source(
        id=f"recovery/{id}",
        title=title,
        clauses=clauses_of(stream),
        flags=("family", *flags, *large),
        parent=parent.id,
        mutation=mutation,
        octets=runs(stream),
        **more,
    )


def octets_by_seed(seed: str, size: int) -> bytes:
    """Return unordered octets, always the same for a seed."""
    return shake_256(seed.encode()).digest(size)
