"""Streams made to keep a reader busy, small enough to compare their items.

Strategy: one unit is repeated. Its headers claim one another, or each line begins with a
signature, or each tag covers the next header. The same streams in megabytes are the laws'.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.assemble import number
from corpus.families._damage import NEXT
from corpus.source import Runs, Source

__all__ = ["family"]


def family() -> Iterator[Source]:
    """Yield cases of hostile streams, with a packet behind each."""
    form = ("stream.form", "reader.time")
    for tags in (1, 6, 62, 63):
        unit = _unit(tags)
        yield _case(
            f"tags-over-headers-{tags}",
            f"Each tag covers the next header: those that announce {tags}"
            f" tag{'s' * (tags > 1)} have the form of a packet",
            form,
            [(b"x", 1), (unit, 80)],
        )
    for tags in (64, 65):
        yield _case(
            f"tags-over-headers-{tags}",
            f"Each tag covers the next header: those that announce {tags} tags lack the form",
            form,
            [(b"x", 1), (_unit(tags), 80)],
        )
    for name, count in (("largest", "ffffffff"), ("64-wide", "c0000040"), ("63-wide", "c000003f")):
        yield _case(
            f"announced-tags-{name}",
            f"Headers in mid-line that announce {_value(count):,} tags, in four octets",
            form,
            [(b"x", 1), (bytes.fromhex(f"b320801c{count}0b"), 20)],
        )
    for width, size, words in (
        ("one", "00", "no"),
        ("two", "4000", "no"),
        ("four", "c0000000", "no"),
        ("four-largest", "ffffffff", "1,073,741,823"),
    ):
        header = bytes.fromhex(f"b32800{3 + 1 + len(size) // 2 + 4:02x}{size}")
        yield _case(
            f"sizes-in-octets-{width}",
            f"Headers in mid-line whose test id is said to have {words} octets, each with the next"
            " as its checksum",
            form,
            [(b"x", 1), (header, 20)],
        )
    yield _case(
        "signatures-on-lines",
        "Fifty lines of B3 alone: each is a corrupt region",
        ("recovery.unusable", "stream.sync-point"),
        [(b"\xb3\n", 50)],
    )
    for octets, words in (("80", "80"), ("b3", "B3"), ("a0b3", "A0 and B3")):
        unit = bytes.fromhex(octets)
        for front, lead in (("", b""), ("-behind-a-letter", b"x"), ("-behind-c3", b"\xc3")):
            yield _case(
                f"continuations-{octets}{front}",
                f"Nothing but octets that continue a character, {words}"
                + (f", behind {lead.hex().upper()}" if lead else ""),
                ("stream.text", "stream.character"),
                [(lead, 1), (unit, 50)] if lead else [(unit, 50)],
            )
    for cut in ("e0b3", "f0b3b3"):
        yield _case(
            f"cut-characters-{cut}",
            f"Characters cut short, of {cut.upper()} each: the next one begins where one is cut",
            ("stream.character", "stream.text"),
            [(bytes.fromhex(cut), 50)],
        )


def _unit(tags: int) -> bytes:
    """Return a header whose tags have seven octets each, or eight of the next unit's."""
    length = number(7 + 2 + len(number(tags)) + 8 * tags, 2)
    head = b"\xb3\x20\x80" + length + number(tags)
    # Behind the count is the size of the first tag: the next is as far behind it as the
    # next header is from this one.
    return head + bytes([7]) if len(head) == 7 else head + bytes([7, 0x0B])


def _value(count: str) -> int:
    return int(count, 16) & 0x3FFF_FFFF


def _case(name: str, title: str, clauses: tuple[str, ...], octets: Runs) -> Source:
    return Source(
        id=f"recovery/hostile/{name}",
        title=title,
        clauses=clauses,
        flags=("family", "noise"),
        octets=[*octets, (b"\n" + NEXT, 1)],
    )
