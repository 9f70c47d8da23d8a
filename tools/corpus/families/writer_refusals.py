"""Packets that must not be written: each reason, in each field that it can affect.

Strategy: a valid packet with one fault. A writer names the key at fault, or the packet
where no single field is at fault.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.families._packets import runs_of
from corpus.families.packet_strings import FIELDS
from corpus.families.writer_sizes import LARGEST, beside_room
from corpus.source import Source, octets_of

__all__ = ["family"]

_KEYS = {
    "test-id": "test_id",
    "tag": "test_tags",
    "mime-type": "mime_type",
    "file-name": "file_name",
    "route-code": "route_code",
}

#: Name, title behind the field, text, and clauses.
_TEXTS: list[tuple[str, str, str, tuple[str, ...]]] = [
    ("nul-alone", "that is NUL alone", "\0", ("string.no-nul", "writer.refuses")),
    ("nul-start", "that begins with NUL", "\0bc", ("string.no-nul", "writer.refuses")),
    ("nul-middle", "with NUL in its middle", "a\0c", ("string.no-nul", "writer.refuses")),
    ("nul-end", "that ends in NUL", "ab\0", ("string.no-nul", "writer.refuses")),
    ("surrogate-first", "with the first surrogate alone, U+D800,",
     "a\ud800c", ("writer.refuses", "string.utf8")),
    ("surrogate-last", "with the last surrogate alone, U+DFFF,",
     "a\udfffc", ("writer.refuses", "string.utf8")),
    ("surrogate-at-end", "that ends in half a pair of surrogates",
     "ab\ud83d", ("writer.refuses", "string.utf8")),
    ("surrogate-escape", "with an octet that Python could not decode, U+DCFF,",
     "a\udcffc", ("writer.refuses", "string.utf8")),
    ("surrogates-reversed", "with a pair of surrogates in the wrong order",
     "a\ude00\ud83dc", ("writer.refuses", "string.utf8")),
]  # fmt: skip

_TIMES = [
    ("seconds-minus-1", "A time before 1970", -1, 0, "timestamp.seconds"),
    ("seconds-minus-2147483648", "A time of 1901", -(2**31), 0, "timestamp.seconds"),
    ("seconds-4294967296", "A time of 4,294,967,296 seconds, in 2106,", 2**32, 0,
     "timestamp.seconds"),
    ("seconds-1700000000000", "A time in milliseconds", 1_700_000_000_000, 0, "timestamp.seconds"),
    ("nanoseconds-minus-1", "A time of -1 nanoseconds", 1_000_000_000, -1,
     "timestamp.nanoseconds"),
    ("nanoseconds-1000000000", "A time of 1,000,000,000 nanoseconds", 0, 10**9,
     "timestamp.nanoseconds"),
    ("nanoseconds-1073741823", "A time of 1,073,741,823 nanoseconds, which a number could hold,",
     0, 2**30 - 1, "timestamp.nanoseconds"),
    ("nanoseconds-1073741824", "A time of 1,073,741,824 nanoseconds, which no number can hold,",
     0, 2**30, "timestamp.nanoseconds"),
]  # fmt: skip

_STATUSES = [
    ("boo", "A status that nobody knows", "boo"),
    ("empty", "An empty status", ""),
    ("upper-case", "A status in upper case", "SUCCESS"),
    ("error", "The status error of version 1", "error"),
    ("failure", "The status failure of version 1", "failure"),
    ("none", "A status called none", "none"),
    ("undefined", "A status called undefined", "undefined"),
    ("number", "A status given by its number, as a string,", "3"),
]


def family() -> Iterator[Source]:
    """Yield cases of packets that must not be written."""
    for field in FIELDS:
        for name, words, text, clauses in _TEXTS:
            title = f"{field.words} {words} is refused"
            yield _refused(
                f"{field.name}-{name}", title, clauses, field.form(text), _KEYS[field.name]
            )
    yield from _among_tags()
    for name, words, seconds, nanoseconds, clause in _TIMES:
        when = {"seconds": seconds, "nanoseconds": nanoseconds}
        yield _refused(
            name,
            f"{words} is refused".replace(",,", ","),
            ("writer.refuses", clause),
            {"test_id": "foo", "test_status": "success", "timestamp": when},
            "timestamp",
        )
    for name, words, status in _STATUSES:
        form = {"test_id": "foo", "test_status": status}
        title = f"{words} is refused"
        yield _refused(
            f"status-{name}", title, ("writer.refuses", "status.values"), form, "test_status"
        )
    yield from _too_large()
    yield from _of_split_content()


def _refused(
    name: str,
    title: str,
    clauses: tuple[str, ...],
    form: dict[str, Any],
    key: str,
    *,
    split: bool = False,
) -> Source:
    large = any(isinstance(value, list) and key != "test_tags" for key, value in form.items())
    return Source(
        id=f"writer/refused/{name}",
        title=title,
        clauses=clauses,
        flags=(
            "family",
            "refusal",
            *(("split",) if split else ()),
            *(("large",) if large else ()),
        ),
        packet=form,
        refused=key,
        split=split,
    )


def _among_tags() -> Iterator[Source]:
    for name, words, tags in [
        ("first", "the first of three tags", ["\0", "b", "c"]),
        ("last", "the last of three tags", ["a", "b", "c\0"]),
    ]:
        yield _refused(
            f"tags-nul-in-the-{name}",
            f"NUL in {words} is refused",
            ("string.no-nul", "writer.refuses"),
            {"test_id": "foo", "test_tags": tags},
            "test_tags",
        )


def _too_large() -> Iterator[Source]:
    clauses = ("writer.refuses", "length.limit")
    # Their sizes take three octets, here and in the largest packet.
    for name, words, form, key in [
        ("content", "One octet of content", {"file_name": "", "file_bytes": None}, "file_bytes"),
        *((field.name, f"One octet of {field.words.removeprefix('A ')}", field.form(None),
           _KEYS[field.name]) for field in FIELDS if field.name != "tag"),
    ]:  # fmt: skip
        unit = "ff" if key == "file_bytes" else "a"
        fits = _fits(form, key, unit)
        yield _refused(
            f"too-large-{name}",
            f"{words} too much for the largest packet is refused",
            clauses,
            form | {key: [[unit, fits + 1]]},
            "packet",
        )
    # Alone it is longer than a packet. A list of tags of this size would be in the corpus whole.
    for field in FIELDS:
        if field.name != "tag":
            yield _refused(
                f"longer-than-a-packet-{field.name}",
                f"{field.words} of 4,194,304 octets, longer than any packet, is refused",
                clauses,
                field.form([["a", LARGEST + 1]]),
                "packet",
            )
    yield _refused(
        "longer-than-a-packet-content",
        "Content of 4,194,304 octets, longer than any packet, is refused",
        clauses,
        {"file_name": "", "file_bytes": [["ff", LARGEST + 1]]},
        "packet",
    )
    content: dict[str, Any] = {"file_name": "log"}
    fits = _fits(content, "file_bytes", "ff")
    additions: list[tuple[str, str, dict[str, Any]]] = [
        ("a-test-id", "an empty test id", {"test_id": ""}),
        ("tags", "an empty list of tags", {"test_tags": []}),
        ("a-mime-type", "an empty MIME type", {"mime_type": ""}),
        ("a-route-code", "an empty route code", {"route_code": ""}),
        ("a-timestamp", "a timestamp", {"timestamp": {"seconds": 0, "nanoseconds": 0}}),
    ]
    for name, words, more in additions:
        yield _refused(
            f"too-large-with-{name}",
            f"A packet of 4,194,303 octets that gets {words} as well is refused",
            clauses,
            content | {"file_bytes": [["ff", fits]]} | more,
            "packet",
        )


def _of_split_content() -> Iterator[Source]:
    clauses = ("writer.refuses", "file.parts")
    for name, left, words, content in [
        (
            "an-octet",
            1,
            "one octet is left for the content and its size, content of one octet",
            "63",
        ),
        ("8-mib", 1, "one octet is left for the content and its size, 8 MiB", [["63", 1 << 23]]),
        ("nothing", 0, "no octet is left for the size of the content, content of no octets", ""),
    ]:
        yield _refused(
            f"split-{name}-in-room-of-{left}",
            f"If {words} is refused, where several packets are allowed",
            clauses,
            beside_room(left) | {"file_bytes": content, "eof": True},
            "packet",
            split=True,
        )
    file = {"file_name": "log", "file_bytes": "6f6b0a", "eof": True}
    for name, words, form, key in [
        ("nul", "NUL in a test id", {"test_id": "a\0c"}, "test_id"),
        ("status", "A status that nobody knows", {"test_id": "foo", "test_status": "boo"},
         "test_status"),
    ]:  # fmt: skip
        yield _refused(
            f"split-{name}",
            f"{words} is refused, where several packets are allowed",
            ("writer.refuses",),
            form | file,
            key,
            split=True,
        )


def _fits(form: dict[str, Any], key: str, unit: str) -> int:
    """Return the most octets that the field can have in the largest packet."""
    least = 1 << 14
    return LARGEST - len(octets_of(runs_of(form | {key: unit * least}))) + least
