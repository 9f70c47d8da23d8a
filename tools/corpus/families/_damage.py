"""What families of damaged streams share: packets, clean streams, and what a case is about.

Strategy: a clean stream is a case of its own, and the parent of what is made of
it by one mutation. Which clause a damaged stream is about follows from what becomes
of it: as long as only the published description is needed to read it right, a
clause of that comes first.
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

#: A stream of more octets than this is not kept as a file.
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

#: Packets to stand behind damaged ones.
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
    """A stream without damage, to be a parent."""
    return Source(
        id=f"recovery/clean/{name}",
        title=title,
        profile="stream",
        clauses=("stream.sync-point",),
        flags=("family",),
        octets=runs(stream),
    )


def clauses_of(stream: bytes) -> tuple[str, ...]:
    """The clauses that a damaged stream is about, by what becomes of it."""
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
        # What is read behind the damage stands at no sync point.
        about.insert(0, "stream.try-everywhere")
    return tuple(dict.fromkeys(about))


def read(stream: bytes) -> list[Item]:
    """The items of a stream."""
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
    """A clean stream with one thing done to it."""
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
    """Octets without any order, always the same ones for a seed."""
    return shake_256(seed.encode()).digest(size)
