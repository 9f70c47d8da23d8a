"""Overwritten runs of octets, and noise over a whole stream.

Strategy: the octets of a burst come from a hash of its number, so that they are unordered
and the same on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.assemble import written
from corpus.families._damage import (
    BAR,
    FOO,
    LAST,
    NEXT,
    clauses_of,
    clean,
    damaged,
    octets_by_seed,
    read,
)
from corpus.source import Source, runs
from subunit2 import Packet

__all__ = ["family"]

_ATTACHMENT = written(
    {
        "test_id": "foo",
        "test_status": "fail",
        "mime_type": "text/plain;charset=utf8",
        "file_name": "traceback",
        "file_bytes": b"Traceback (most recent call last):\n  adi\xc3\xb3s\n".hex(),
        "eof": True,
    }
)
_BURSTS = 60


def family() -> Iterator[Source]:
    """Yield cases of bursts and of noise."""
    stream = FOO + BAR + b"ok\n" + _ATTACHMENT + NEXT + "adiós\n".encode() + LAST + BAR
    parent = clean("all-sorts", "Packets of several sizes, and lines between them", stream)
    yield parent
    for burst in range(_BURSTS):
        seed = octets_by_seed(f"burst {burst}", 16)
        size = 2 + burst % 9
        place = int.from_bytes(seed[:4], "big") % (len(stream) - size)
        yield damaged(
            parent,
            f"burst/{burst:02}",
            f"{size} octets at {place} are overwritten; what they did not touch is read",
            f"write {place} {seed[-size:].hex()}",
        )
    for seed_number in range(20):
        yield _noise(seed_number)


def _noise(seed: int) -> Source:
    """Yield cases of ten overwritten octets in thirty packets: only the packets hit are
    lost.
    """
    packets = [
        written({"test_id": f"tests.test_{number}", "test_status": status})
        for number in range(15)
        for status in ("inprogress", "success")
    ]
    stream = bytearray(b"".join(packets))
    hit: set[int] = set()
    octets = octets_by_seed(f"noise {seed}", 60)
    for at in range(10):
        place = int.from_bytes(octets[6 * at : 6 * at + 5], "big") % len(stream)
        octet = octets[6 * at + 5]
        if stream[place] != octet:
            stream[place] = octet
            hit.add(_packet_at(packets, place))
    whole = {packet for at, packet in enumerate(packets) if at not in hit}
    # The point of this family; a stream for which it does not hold makes no case.
    items = read(bytes(stream))
    found = {(item.test_id, item.test_status) for item in items if isinstance(item, Packet)}
    expected = {(item.test_id, item.test_status) for packet in whole for item in read(packet)
                if isinstance(item, Packet)}  # fmt: skip
    assert expected <= found, seed
    return Source(
        id=f"recovery/noise/seed-{seed:02}",
        title=f"Ten octets of thirty packets are overwritten and {len(hit)} packets hit;"
        " all others are read",
        clauses=clauses_of(bytes(stream)),
        flags=("family", "noise"),
        notes="Several faults: no more packets are lost than were damaged.",
        octets=runs(bytes(stream)),
    )


def _packet_at(packets: list[bytes], place: int) -> int:
    for at, packet in enumerate(packets):
        if place < len(packet):
            return at
        place -= len(packet)
    raise IndexError(place)
