"""Wrong lengths, with valid packets behind them."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.assemble import number, written
from corpus.families._damage import BAR, LAST, NEXT, clean, damaged
from corpus.source import Source

__all__ = ["family"]

#: An attachment whose length takes two octets, 228.
_ATTACHMENT = written(
    {"test_id": "foo", "file_name": "log", "file_bytes": (b"one line\n" * 23).hex(), "eof": True}
)


def family() -> Iterator[Source]:
    """Yield cases of lengths 0 to 63 instead of 40, and of wider lengths."""
    parent = clean(
        "bar-then-three", "A packet of 40 octets, and three behind it", BAR + NEXT + LAST + NEXT
    )
    yield parent
    for length in range(64):
        if length != len(BAR):
            yield damaged(
                parent,
                f"length/{length:02}-for-40",
                f"A packet of 40 octets says {length}; the three behind it are read",
                f"write 3 {length:02x}",
                ["damaged-length"],
            )
    for first in (0x40, 0x7F, 0x80, 0xBF, 0xC0, 0xFF):
        yield damaged(
            parent,
            f"length/first-octet-{first:02x}-for-28",
            f"The length's octet is {first:02x}, of a number of {(first >> 6) + 1} octets;"
            " the packets behind are read",
            f"write 3 {first:02x}",
            ["damaged-length"],
        )
    size = len(_ATTACHMENT)
    parent = clean(
        "attachment-then-three",
        f"A packet of {size} octets, and three behind it",
        _ATTACHMENT + NEXT + LAST + NEXT,
    )
    yield parent
    for length in (0, 8, 9, 16, 63, 64, 127, size - 13, size - 1, size + 1, size + 12, size + 13,
                   size + 26, size + 39, size + 40, 255, 256, 16_383):  # fmt: skip
        yield damaged(
            parent,
            f"length/{length:05}-for-{size:05}",
            f"A packet of {size} octets says {length:,}; the three behind it are read",
            f"write 3 {number(length, 2).hex()}",
            ["damaged-length"],
        )
