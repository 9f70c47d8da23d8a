"""Every bit flip of packets of 12 and of 40 octets, with a valid packet behind."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.families._damage import BAR, FOO, NEXT, clean, damaged
from corpus.source import Source

__all__ = ["family"]

#: The parts of the packets, by the index of their first octet.
_FOO = {0: "signature", 1: "flags", 3: "length", 4: "test id's size", 5: "test id", 8: "checksum"}
_BAR = {
    0: "signature", 1: "flags", 3: "length", 4: "seconds", 8: "nanoseconds",
    9: "test id's size", 10: "test id", 20: "number of tags", 21: "first tag's size",
    22: "first tag", 27: "second tag's size", 28: "second tag", 32: "route code's size",
    33: "route code", 36: "checksum",
}  # fmt: skip


def family() -> Iterator[Source]:
    """Yield cases of one flipped bit."""
    for name, packet, places in (("foo", FOO, _FOO), ("bar", BAR, _BAR)):
        parent = clean(
            f"{name}-then-next",
            f"A packet of {len(packet)} octets, and another right behind it",
            packet + NEXT,
        )
        yield parent
        for octet in range(len(packet)):
            place = places[max(first for first in places if first <= octet)]
            for bit in range(8):
                yield damaged(
                    parent,
                    f"bit-flip-{name}/octet-{octet:02}-bit-{bit}",
                    f"Bit {bit} of octet {octet} is flipped, in the {place};"
                    " the packet behind it is read",
                    f"flip-bit {octet}.{bit}",
                    ["bit-flip"],
                )
