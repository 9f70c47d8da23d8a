"""Numbers: every width, in every number of a packet.

Strategy: one packet for each number, with known octets before and behind it, so that the
number can be written in any width between them. The value is the same in each width; `raw`
marks the widths that are not canonical.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from corpus import assemble
from corpus.assemble import number, packet, string
from corpus.families._packets import case_of, well_formed
from corpus.source import Source

__all__ = ["PLACES", "Place", "family", "in_width", "lengths"]

_SECONDS = (1_000_000_000).to_bytes(4, "big")
#: The first clause of nanoseconds that are no whole milliseconds.
_EXACT = ("timestamp.exact", "timestamp.nanoseconds")
_WIDTHS = ("", "one octet", "two octets", "three octets", "four octets")


class Place(NamedTuple):
    """The position of a number: its packet's fields, and the octets around it.

    :ivar about: clauses of its value, before those of its width.
    """

    name: str
    words: str
    form: dict[str, Any]
    flags: int
    before: bytes
    value: int
    behind: bytes
    about: tuple[str, ...] = ()


_FOO = {"test_id": "foo", "runnable": False}
_LOG = {"file_name": "log", "file_bytes": "6f6b0a", "runnable": False}
_FULL = {"timestamp": {"seconds": 1_000_000_000, "nanoseconds": 7}, "runnable": False}

PLACES = [
    Place("nanoseconds", "Nanoseconds", _FULL, assemble.TIMESTAMP, _SECONDS, 7, b"",
           _EXACT),
    Place("test-id-size", "The size of a test id", _FOO, assemble.TEST_ID, b"", 3, b"foo"),
    Place("tag-count", "How many tags there are", {"test_tags": ["foo"], "runnable": False},
           assemble.TAGS, b"", 1, b"\3foo"),
    Place("tag-size", "The size of a tag", {"test_tags": ["foo"], "runnable": False},
           assemble.TAGS, b"\1", 3, b"foo"),
    Place("mime-type-size", "The size of a MIME type",
           {"mime_type": "text/plain", "runnable": False},
           assemble.MIME_TYPE, b"", 10, b"text/plain"),
    Place("file-name-size", "The size of a file name", _LOG,
           assemble.FILE, b"", 3, b"log\3ok\n"),
    Place("content-size", "The size of a file's content", _LOG,
           assemble.FILE, b"\3log", 3, b"ok\n"),
    Place("route-code-size", "The size of a route code", {"route_code": "0/3", "runnable": False},
           assemble.ROUTE_CODE, b"", 3, b"0/3"),
]  # fmt: skip


def family() -> Iterator[Source]:
    """Yield cases of each number in each width, of zeros, and of the packet's length."""
    for place in PLACES:
        for width in (1, 2, 3, 4):
            yield in_width(place, width)
    yield from _zeros()
    yield from _longer_than_two()
    yield from lengths()


def in_width(place: Place, width: int) -> Source:
    """Return the packet of a place, with its number in this width."""
    name = f"packet/number/{place.name}-{width}"
    if width == 1:
        title = f"{place.words} is read in one octet"
        clauses = (*place.about, "number.encoding")
        return well_formed(name, _plural(title), clauses, place.form)
    body = place.before + number(place.value, width) + place.behind
    return case_of(
        name,
        _plural(f"{place.words} is read in {_WIDTHS[width]}, where one would do"),
        (*place.about, "number.any-width", "number.encoding"),
        place.form,
        packet(place.flags, body),
        flags=("longer-number",),
    )


def _plural(title: str) -> str:
    return title.replace("Nanoseconds is", "Nanoseconds are")


def _zeros() -> Iterator[Source]:
    """Yield cases of zero in each width."""
    places: list[tuple[str, str, dict[str, Any], int, bytes]] = [
        ("nanoseconds", "No nanoseconds are read", {"timestamp": {"seconds": 0, "nanoseconds": 0}},
         assemble.TIMESTAMP, bytes(4)),
        ("test-id-size", "An empty test id is read", {"test_id": ""}, assemble.TEST_ID, b""),
        ("tag-count", "No tags are read", {"test_tags": []}, assemble.TAGS, b""),
        ("content-size", "No content is read", {"file_name": "log", "file_bytes": ""},
         assemble.FILE, b"\3log"),
    ]  # fmt: skip
    for name, words, form, flags, before in places:
        for width in (2, 3, 4):
            yield case_of(
                f"packet/number/{name}-zero-{width}",
                f"{words} where zero takes {_WIDTHS[width]}",
                ("number.any-width", "flags.empty-is-not-absent"),
                form | {"runnable": False},
                packet(flags, before + number(0, width)),
                flags=("longer-number",),
            )


def _longer_than_two() -> Iterator[Source]:
    """Yield cases of two-octet values in wider forms."""
    for value in (64, 100, 200):
        for width in (3, 4):
            yield case_of(
                f"packet/number/test-id-size-of-{value}-{width}",
                f"A size of {value}, which needs two octets, is read in {_WIDTHS[width]}",
                ("number.any-width", "number.encoding"),
                {"test_id": "a" * value},
                packet(assemble.TEST_ID | assemble.RUNNABLE, number(value, width) + b"a" * value),
                flags=("longer-number",),
            )
    for value, least in ((64, 2), (16_384, 3), (5_000_000, 4)):
        for width in range(least, 5):
            form = {"timestamp": {"seconds": 0, "nanoseconds": value}, "runnable": False}
            name = f"packet/number/nanoseconds-{value}-{width}"
            about = _EXACT if value % 1_000_000 else ("number.encoding",)
            title = f"{value:,} nanoseconds are read in {_WIDTHS[width]}"
            if width == least:
                clauses = dict.fromkeys((*about, "number.encoding"))
                yield well_formed(name, title, tuple(clauses), form)
            else:
                yield case_of(
                    name,
                    f"{title}, where {_WIDTHS[least].split()[0]} would do",
                    (*about, "number.any-width"),
                    form,
                    packet(assemble.TIMESTAMP, bytes(4) + number(value, width)),
                    flags=("longer-number",),
                )
    everywhere = {
        "timestamp": {"seconds": 0, "nanoseconds": 0},
        "test_id": "foo",
        "test_tags": ["a", "b"],
        "mime_type": "text/plain",
        "file_name": "log",
        "file_bytes": "6f6b0a",
        "route_code": "0",
    }
    for width in (2, 3, 4):
        strings = (string(text, width) for text in ("a", "b", "text/plain", "log", b"ok\n", "0"))
        body = bytes(4) + number(0, width) + string("foo", width) + number(2, width)
        yield case_of(
            f"packet/number/everywhere-{width}",
            f"A packet is read in which each number but its length takes {_WIDTHS[width]}",
            ("number.any-width", "packet.order"),
            everywhere,
            packet(0x0FE0, body + b"".join(strings)),
            flags=("longer-number",),
        )


def lengths() -> Iterator[Source]:
    """Yield cases of the packet's own length, which counts itself."""
    for size in (3, 51, 52, 53, 54, 55, 70):
        for width in (1, 2, 3):
            length = 8 + width + size
            if length >= 1 << 8 * width - 2:
                continue
            text = "a" * size
            octets = packet(assemble.TEST_ID | assemble.RUNNABLE, string(text), width=width)
            name = f"packet/number/length-{length}-{width}"
            title = f"A length of {length} is read in {_WIDTHS[width]}"
            form = {"test_id": text}
            if octets == assemble.written(form):
                yield well_formed(name, title, ("length.whole", "number.encoding"), form)
            else:
                yield case_of(
                    name,
                    title + _why(length, width),
                    ("number.any-width", "length.whole"),
                    form,
                    octets,
                    flags=("longer-number",),
                )


def _why(length: int, width: int) -> str:
    if length == 64 and width == 2:
        return ", though with one less the packet would have 63 octets"
    return ", where fewer would do"
