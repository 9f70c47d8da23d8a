"""Packets without their end, or without an octet: at the end of a stream, and before valid
packets.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.families._damage import BAR, FOO, LAST, NEXT, clean, damaged
from corpus.source import Source

__all__ = ["family"]


def family() -> Iterator[Source]:
    """Yield cases of truncated packets, and of missing octets."""
    for name, packet in (("foo", FOO), ("bar", BAR)):
        size = len(packet)
        alone = clean(f"{name}-alone", f"A packet of {size} octets and nothing else", packet)
        yield alone
        followed = clean(
            f"{name}-then-two",
            f"A packet of {size} octets, and two behind it",
            packet + NEXT + LAST,
        )
        yield followed
        lines = clean(
            f"{name}-then-line",
            f"A packet of {size} octets, then a line, then a packet",
            packet + b"\n" + NEXT,
        )
        yield lines
        for kept in range(1, size):
            octets = "octet" if kept == 1 else "octets"
            yield damaged(
                alone,
                f"truncated-{name}/after-{kept:02}",
                f"The stream ends {kept} {octets} into a packet of {size}",
                f"truncate {kept}",
                ["truncation"],
            )
            yield damaged(
                followed,
                f"cut-{name}-then-packets/after-{kept:02}",
                f"A packet of {size} octets is cut after {kept}; the two right behind it are read",
                f"remove {kept}..{size}",
                ["truncation"],
            )
            yield damaged(
                lines,
                f"cut-{name}-then-line/after-{kept:02}",
                f"A packet of {size} octets is cut after {kept}; the one on the next line is read",
                f"remove {kept}..{size}",
                ["truncation"],
            )
        for octet in range(size):
            yield damaged(
                followed,
                f"octet-lost-{name}/octet-{octet:02}",
                f"Octet {octet} of a packet of {size} is lost; the two behind it are read",
                f"remove {octet}..{octet + 1}",
            )
