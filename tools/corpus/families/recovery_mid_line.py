"""A packet behind a dot, with each of its octets damaged in turn.

Strategy: one packet has every field, with all numbers but the length in the shortest form or
in four octets. The lowest bit of an octet is flipped. Damage in contents leaves the form of a
packet, and is a corrupt region; damage in the header or in a size is passthrough. The packet
behind is read in either case.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus import assemble
from corpus.assemble import number, string
from corpus.families._damage import NEXT, clean
from corpus.mutations import mutate
from corpus.source import Source, runs

__all__ = ["family"]

_FLAGS = (
    assemble.TIMESTAMP | assemble.TEST_ID | assemble.RUNNABLE | assemble.TAGS
    | assemble.MIME_TYPE | assemble.FILE | assemble.EOF | assemble.ROUTE_CODE | 6
)  # fmt: skip
_SECONDS = (1_754_000_000).to_bytes(4, "big")


def family() -> Iterator[Source]:
    """Yield cases of one flipped bit behind a dot."""
    for name, words, width in (
        ("short", "", 1),
        ("wide", ", its numbers in four octets", 4),
    ):
        parts = _parts(width)
        packet = assemble.packet(_FLAGS, b"".join(octets for _, octets in parts))
        parent = clean(
            f"every-field-{name}-behind-a-dot",
            f"A packet of every field behind a dot{words}, and another right behind it",
            b"." + packet + NEXT,
        )
        yield parent
        header = len(packet) - 4 - sum(len(octets) for _, octets in parts)
        places = [
            *(place for place, octets in _header(packet[:header]) for _ in octets),
            *(place for place, octets in parts for _ in octets),
            *["checksum"] * 4,
        ]
        for index, place in enumerate(places):
            yield _flipped(parent, f"{name}-octet-{index:02}", f"the {place}{words}", index + 1)


def _parts(width: int) -> list[tuple[str, bytes]]:
    def sized(what: str, text: str) -> list[tuple[str, bytes]]:
        octets = string(text, width)
        return [(f"size of {what}", octets[:width]), (what, octets[width:])]

    return [
        ("seconds", _SECONDS),
        ("nanoseconds", number(1_000_000 if width == 4 else 0, width)),
        *sized("test id", "foo"),
        ("number of tags", number(2, width)),
        *sized("first tag", "a"),
        *sized("second tag", "bc"),
        *sized("MIME type", "a/b"),
        *sized("file name", "log"),
        *sized("content", "E 1\n"),
        *sized("route code", "0"),
    ]


def _header(octets: bytes) -> list[tuple[str, bytes]]:
    return [("signature", octets[:1]), ("flags", octets[1:3]), ("length", octets[3:])]


def _flipped(parent: Source, name: str, place: str, index: int) -> Source:
    assert parent.octets is not None
    mutation = f"flip-bit {index}.0"
    [(octets, _)] = parent.octets
    return Source(
        id=f"recovery/behind-a-dot/{name}",
        title=f"Bit 0 of octet {index - 1} of a packet behind a dot is flipped, in {place};"
        " the packet behind it is read",
        clauses=("stream.form", "stream.false-start"),
        flags=("family", "bit-flip"),
        parent=parent.id,
        mutation=mutation,
        octets=runs(mutate(octets, mutation, [])),
    )
