"""Fields that reach into the checksum, and octets that no field covers.

Strategy: each field is the last one of a packet of its own. Its octets are removed one by
one, from the end; each number in it is increased; a flag is set without its field, or
cleared with it; octets are appended. Length and checksum are always valid, so only the
fields show the fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.assemble import exists
from corpus.families._packets import damaged, well_formed
from corpus.families.packet_numbers import PLACES, in_width
from corpus.source import Source, octets_of

__all__ = ["family"]

_SHORT = {"seconds": 1_000_000_000, "nanoseconds": 0}
_LONG = {"seconds": 1_000_000_000, "nanoseconds": 999_000_000}

#: A packet for each field: name, words, form.
_FIELDS: list[tuple[str, str, dict[str, Any]]] = [
    ("timestamp", "a timestamp", {"timestamp": _SHORT}),
    ("timestamp-of-eight", "a timestamp with a long number", {"timestamp": _LONG}),
    ("test-id", "a test id", {"test_id": "foo"}),
    ("tags", "two tags", {"test_tags": ["a", "foo"]}),
    ("mime-type", "a MIME type", {"mime_type": "a/b"}),
    ("file", "a file", {"file_name": "log", "file_bytes": "6f6b0a"}),
    ("route-code", "a route code", {"route_code": "0/3"}),
]

#: The flags of fields: octet and bit, and the field's name and words.
_FLAGS = [
    ("1.3", "test-id", "a test id"),
    ("1.2", "route-code", "a route code"),
    ("1.1", "timestamp", "a timestamp"),
    ("2.7", "tags", "tags"),
    ("2.6", "file", "a file"),
    ("2.5", "mime-type", "a MIME type"),
]


def family() -> Iterator[Source]:
    """Yield cases of fields too long or too short for their packet."""
    parents: dict[str, Source] = {}
    for name, words, form in _FIELDS:
        parents[name] = well_formed(
            f"packet/field/{name}",
            f"A packet of {words} and nothing else is read",
            ("packet.order",),
            {"runnable": False} | form,
        )
        yield parents[name]
        yield from _cut(name, words, parents[name])
    yield from _too_large()
    yield from _too_small()
    yield from _flags(parents)
    yield from _trailing(parents)


def _cut(name: str, words: str, parent: Source) -> Iterator[Source]:
    assert parent.octets is not None
    end = len(octets_of(parent.octets)) - 4
    for kept in range(end - 4):
        yield damaged(
            f"packet/field/{name}-cut-to-{kept}",
            f"A packet that ends {_after(kept)} of the {end - 4} octets of {words} is reported",
            ("fields.inside", "packet.intact"),
            parent=parent,
            mutation=f"remove {4 + kept}..{end} resized sealed",
            error="field_overrun",
        )


def _after(kept: int) -> str:
    return f"after {kept}" if kept else "before the first"


def _too_large() -> Iterator[Source]:
    for place in PLACES:
        if place.name == "nanoseconds":
            continue
        at = 4 + len(place.before)
        for name, words, value in [
            ("one-more", "one more than right", place.value + 1),
            ("four-more", "four more than right, as many as the checksum has,", place.value + 4),
            ("five-more", "five more than right, past the packet's end,", place.value + 5),
            ("63", "of 63, far past the packet's end,", 63),
        ]:
            yield damaged(
                f"packet/field/{place.name}-{name}",
                f"{_subject(place.words)} {words} is reported",
                ("fields.inside", "packet.intact"),
                parent=in_width(place, 1),
                mutation=f"write {at} {value:02x} sealed",
                error="field_overrun",
            )
        yield damaged(
            f"packet/field/{place.name}-largest",
            f"The largest number that there is as {_subject(place.words).lower()} is reported",
            ("fields.inside", "reader.memory"),
            parent=in_width(place, 4),
            mutation=f"write {at} ffffffff sealed",
            error="field_overrun",
        )


def _subject(words: str) -> str:
    return words.replace("How many tags there are", "A count of tags").replace("The size", "A size")


def _too_small() -> Iterator[Source]:
    for place in PLACES:
        # The octets behind a file name are read as a size.
        if place.name in ("nanoseconds", "file-name-size"):
            continue
        yield damaged(
            f"packet/field/{place.name}-one-less",
            f"{_subject(place.words)} one less than right leaves octets over, which is reported",
            ("fields.nothing-left", "packet.intact"),
            parent=in_width(place, 1),
            mutation=f"write {4 + len(place.before)} {place.value - 1:02x} sealed",
            error="trailing_bytes",
        )


def _flags(parents: dict[str, Source]) -> Iterator[Source]:
    nothing = well_formed("packet/status/none", "", (), {"runnable": False})
    foo = Source(id="packet/exists", title="", clauses=(), octets=[(exists("foo"), 1)])
    for bit, name, words in _FLAGS:
        yield damaged(
            f"packet/field/{name}-announced",
            f"A packet that announces {words} and has no field, its checksum right, is reported",
            ("length.least", "fields.inside", "packet.intact"),
            parent=nothing,
            mutation=f"flip-bit {bit} sealed",
            error="field_overrun",
        )
        yield damaged(
            f"packet/field/{name}-announced-unsealed",
            f"A packet that announces {words} and has no field is reported for its checksum",
            ("checksum.crc32", "length.least"),
            parent=nothing,
            mutation=f"flip-bit {bit}",
            error="checksum",
        )
        if name != "test-id":
            yield damaged(
                f"packet/field/{name}-announced-beside-a-test-id",
                f"A packet of a test id that announces {words} as well is reported",
                ("fields.inside", "packet.intact"),
                parent=foo,
                mutation=f"flip-bit {bit} sealed",
                error="field_overrun",
            )
        yield damaged(
            f"packet/field/{name}-not-announced",
            f"A packet that holds {words} and does not announce it is reported",
            ("fields.nothing-left", "flags.layout"),
            parent=parents[name],
            mutation=f"flip-bit {bit} sealed",
            error="trailing_bytes",
        )


def _trailing(parents: dict[str, Source]) -> Iterator[Source]:
    for name, parent in parents.items():
        assert parent.octets is not None
        end = len(octets_of(parent.octets)) - 4
        yield _with_more(parent, f"{name}-and-one-octet", "One octet", end, "00")
    foo = parents["test-id"]
    for count in (2, 3, 4, 5, 8, 63):
        yield _with_more(foo, f"test-id-and-{count}-octets", f"{count} octets", 8, "00" * count)
    for name, words, octets in [
        ("like-a-field", "What could be a route code", b"\x010"),
        ("and-a-packet", "A packet inside of another", exists("bar")),
        ("and-a-line-feed", "A line feed", b"\n"),
        ("and-its-checksum", "A checksum before the checksum", octets_of(foo.octets or [])[-4:]),
    ]:
        yield _with_more(foo, f"test-id-{name}", words, 8, octets.hex())


def _with_more(parent: Source, name: str, words: str, at: int, octets: str) -> Source:
    return damaged(
        f"packet/field/{name}",
        f"{words} between the last field and the checksum"
        f" {'are' if words.endswith('octets') else 'is'} reported",
        ("fields.nothing-left", "packet.intact"),
        parent=parent,
        mutation=f"insert {at} {octets} resized sealed",
        error="trailing_bytes",
    )
