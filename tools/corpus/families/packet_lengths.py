"""Wrong lengths: too short, off by one, too wide; and the longest.

Strategy: damage the length in the README's packet, so that the rest of the header is valid.
A length is too short if it has no room for header and checksum. Any other length is taken as
it stands: its checksum fails, or the packet is intact and its fields are wrong. The cases of
the least lengths have packets with empty fields.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.assemble import exists, written
from corpus.families._packets import damaged, well_formed
from corpus.families.packet_numbers import lengths
from corpus.source import Source

__all__ = ["family"]

_TOO_SHORT = ("length.least", "packet.unusable-header", "recovery.unusable")

#: Each field, empty: name, words, form, and its size in octets.
_EMPTY: list[tuple[str, str, dict[str, Any], int]] = [
    ("timestamp", "a timestamp", {"timestamp": {"seconds": 0, "nanoseconds": 0}}, 5),
    ("test-id", "a test id", {"test_id": ""}, 1),
    ("tags", "tags", {"test_tags": []}, 1),
    ("mime-type", "a MIME type", {"mime_type": ""}, 1),
    ("file", "a file", {"file_name": "", "file_bytes": ""}, 2),
    ("route-code", "a route code", {"route_code": ""}, 1),
]


def family() -> Iterator[Source]:
    """Yield cases of lengths."""
    foo = Source(
        id="packet/exists", title="", clauses=(), octets=[(exists("foo"), 1)]
    )  # a hand-written case
    yield from _of_foo(foo)
    yield from _wide(foo)
    yield from _least()


def _of_foo(foo: Source) -> Iterator[Source]:
    for length in range(8):
        for sealed in ("", " sealed"):
            yield damaged(
                f"packet/length/{length}{'-sealed' * bool(sealed)}",
                f"A length of {length}, less than any packet can have, is reported"
                + (", also where the last octets are a checksum" if sealed else ""),
                _TOO_SHORT,
                parent=foo,
                mutation=f"write 3 {length:02x}{sealed}",
                error="length_too_short",
                end=1,
                flags=("damaged-length",),
            )
    for length, words in [(8, "The least length that a packet can have"),
                          (9, "The least length with a test id"),
                          (10, "A length two less than right"),
                          (11, "A length one less than right")]:  # fmt: skip
        yield damaged(
            f"packet/length/{length}",
            f"{words} takes {length} octets, and their checksum is wrong",
            ("checksum.crc32", "length.whole", "recovery.region"),
            parent=foo,
            mutation=f"write 3 {length:02x}",
            error="checksum",
            end=length,
            flags=("damaged-length",),
        )
    yield damaged(
        "packet/length/8-sealed",
        "The least length is taken as it stands, also where the last octets are a checksum",
        ("length.least", "checksum.crc32"),
        parent=foo,
        mutation="write 3 08 sealed",
        error="checksum",
        end=8,
        flags=("damaged-length",),
    )
    yield damaged(
        "packet/length/11-sealed",
        "A length one less than right is reported, also where the last four octets are a checksum",
        ("checksum.crc32", "length.whole"),
        parent=foo,
        mutation="write 3 0b sealed",
        error="checksum",
        end=11,
        flags=("damaged-length",),
    )
    for length, words in [(13, "one more than right"), (63, "of 63 in a stream of 12 octets")]:
        for sealed in ("", " sealed"):
            yield damaged(
                f"packet/length/{length}{'-sealed' * bool(sealed)}",
                f"A length {words} is reported at the end of the stream"
                + (", also where the last four octets are a checksum" if sealed else ""),
                ("packet.truncated", "length.whole"),
                parent=foo,
                mutation=f"write 3 {length:02x}{sealed}",
                error="truncated",
                flags=("damaged-length",),
            )


def _wide(foo: Source) -> Iterator[Source]:
    for name, sealed in (("four-octets", ""), ("four-octets-sealed", " sealed")):
        yield damaged(
            f"packet/length/{name}",
            "A length in four octets is reported, whatever its value"
            + (", also where the checksum is right" if sealed else ""),
            ("length.limit", "packet.unusable-header"),
            parent=foo,
            mutation=f"insert 3 c00000{sealed}",
            error="length_encoding",
            end=1,
            flags=("damaged-length",),
        )
    by_width = {source.id: source for source in lengths()}
    two, three = by_width["packet/number/length-13-2"], by_width["packet/number/length-14-3"]
    for name, words, octets in [
        ("four-octets-zero", "A length of 0 in four octets", "c0000000"),
        ("four-octets-right", "A length in four octets that has the right value", "c000000e"),
        ("four-octets-4194304", "A length of 4,194,304, for which three octets are too few,",
         "c0400000"),
        ("four-octets-largest", "The largest number that there is, as a length,", "ffffffff"),
    ]:  # fmt: skip
        yield damaged(
            f"packet/length/{name}",
            f"{words} is reported for its width",
            ("length.limit", "packet.unusable-header"),
            parent=three,
            mutation=f"write 3 {octets}",
            error="length_encoding",
            end=1,
            flags=("damaged-length",),
        )
    for parent, octets, value in [
        (two, "4000", 0), (two, "4008", 8), (three, "800000", 0), (three, "800009", 9),
    ]:  # fmt: skip
        yield damaged(
            f"packet/length/{value}-in-{len(octets) // 2}",
            f"A length of {value}, itself in {len(octets) // 2} octets, is reported as too short",
            _TOO_SHORT,
            parent=parent,
            mutation=f"write 3 {octets}",
            error="length_too_short",
            end=1,
            flags=("damaged-length",),
        )
    for parent, octets, value in [(two, "4009", 9), (three, "80000a", 10)]:
        yield damaged(
            f"packet/length/{value}-in-{len(octets) // 2}",
            f"A length of {value}, itself in {len(octets) // 2} octets, is taken as it stands",
            ("length.least", "checksum.crc32"),
            parent=parent,
            mutation=f"write 3 {octets}",
            error="checksum",
            end=value,
            flags=("damaged-length",),
        )
    for parent, octets, value in [
        (two, "7fff", 16_383), (three, "804000", 16_384), (three, "bffffe", 4_194_302),
        (three, "bfffff", 4_194_303),
    ]:  # fmt: skip
        yield damaged(
            f"packet/length/{value}-claimed",
            f"A length of {value:,} in a short stream is reported at its end",
            ("packet.truncated", "reader.memory"),
            parent=parent,
            mutation=f"write 3 {octets}",
            error="truncated",
            flags=("damaged-length",),
        )


def _least() -> Iterator[Source]:
    everything: dict[str, Any] = {"runnable": False}
    for name, words, part, takes in _EMPTY:
        everything |= part
        form = {"runnable": False} | part
        parent = well_formed(
            f"packet/least/{name}",
            f"The shortest packet with {words}, of {8 + takes} octets, is read",
            ("length.least", "flags.empty-is-not-absent"),
            form,
        )
        yield parent
        yield from _one_less(parent, name, words, 8 + takes)
    whole = well_formed(
        "packet/least/everything",
        "The shortest packet with every field, of 19 octets, is read",
        ("length.least", "flags.empty-is-not-absent"),
        everything,
    )
    yield whole
    yield from _one_less(whole, "everything", "every field", 19)
    size = len(written(everything))
    for length in range(8, size):
        yield damaged(
            f"packet/least/everything-{length}-of-19-sealed",
            f"A packet of {length} octets that announces every field, its checksum right, is whole",
            ("length.least", "fields.inside", "packet.intact"),
            parent=whole,
            mutation=f"remove {length - 4}..{size - 4} resized sealed",
            error="field_overrun",
        )


def _one_less(parent: Source, name: str, words: str, least: int) -> Iterator[Source]:
    yield damaged(
        f"packet/least/{name}-less-one",
        f"A length one less than the least of a packet with {words} is taken as it stands",
        ("length.least", "checksum.crc32"),
        parent=parent,
        mutation=f"write 3 {least - 1:02x}",
        error="checksum",
        end=least - 1,
        flags=("damaged-length",),
    )
