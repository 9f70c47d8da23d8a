"""Large packets: the largest, and content that needs several.

Strategy: a packet for each string at each width of its size, and at the largest packet;
lengths on both sides of those that no packet has. Content one octet too large for a packet
is written as several: its octets differ at the ends and in the middle, so that chunks in
the wrong order show.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.families._packets import LARGE, runs_of
from corpus.families.packet_files import room
from corpus.families.packet_strings import FIELDS, largest
from corpus.source import Runs, Source, octets_of

__all__ = ["LARGEST", "beside_room", "family"]

#: The length of the largest packet.
LARGEST = 4_194_303

#: The content of each packet of a split in these cases, but the last.
#: A writer may choose another size.
_PIECE = 4_000_000

#: The octets of a packet beside a long test id and the content with its size, if its file has
#: no name: header, size of the id, size of the name, checksum.
_OTHERS = 6 + 3 + 1 + 4

#: Octets left for the content and its size, and the content of two packets. The size takes
#: one octet more from 64 octets of content on, and one more from 16,384 on.
_ROOMS = (
    (3, (2, 2)),
    (2, (1, 1)),
    (63, (62, 1)),
    (65, (63, 1)),
    (16_384, (16_382, 1)),
    (16_386, (16_383, 1)),
)


def family() -> Iterator[Source]:
    """Yield cases of large packets, and of content that needs several."""
    for field in FIELDS:
        for size, width in ((16_383, "two octets"), (16_384, "three octets")):
            yield _whole(
                f"{field.name}/{size}-octets",
                f"{field.words} of {size:,} octets has a size of {width}",
                ("string.size", "number.shortest"),
                field.form("a" * size if field.name == "tag" else [["a", size]]),
            )
        if field.name != "tag":
            yield _whole(
                f"{field.name}/largest",
                f"{field.words} that fills the largest packet, 4,194,303 octets, is written",
                ("length.limit", "number.shortest"),
                field.form(largest(field)),
            )
    yield _whole(
        "tags/20000",
        "20,000 tags are written, their count in three octets",
        ("tags.field", "number.shortest"),
        {"test_id": "foo", "test_tags": ["t"] * 20_000},
    )
    for size, width in ((16_383, "two octets"), (16_384, "three octets")):
        yield _whole(
            f"file/{size}-octets",
            f"Content of {size:,} octets has a size of {width}",
            ("file.field", "number.shortest"),
            {"test_id": "foo", "file_name": "log", "file_bytes": [["63", size]]},
        )
    yield from _lengths()
    yield from _splits()


def beside_room(left: int) -> dict[str, Any]:
    """Return fields that leave so many octets for the content and its size."""
    return {"test_id": [["a", LARGEST - _OTHERS - left]], "file_name": ""}


def _whole(name: str, title: str, clauses: tuple[str, ...], form: dict[str, Any]) -> Source:
    octets = runs_of(form)
    return Source(
        id=f"writer/{name}",
        title=title,
        clauses=clauses,
        flags=("family", "large") if len(octets_of(octets)) > LARGE else ("family",),
        octets=octets,
        packet=form,
    )


def _lengths() -> Iterator[Source]:
    for name, total, words in [
        ("largest-but-one", LARGEST - 1, "4,194,302 octets, one less than the largest"),
        ("largest", LARGEST, "4,194,303 octets, the largest that there is"),
    ]:
        yield _whole(
            f"file/{name}",
            f"A packet of {words}, is written",
            ("length.limit", "number.shortest"),
            {"file_name": "", "file_bytes": [["ff", room(total)]]},
        )


def _content(size: int) -> list[list[Any]]:
    """Return `size` octets of content, each part different."""
    half = size // 2
    return [["61", half], ["62", size - half - 1], ["63", 1]]


def _splits() -> Iterator[Source]:
    plain: dict[str, Any] = {"test_id": "foo", "file_name": "log", "eof": True}
    one_more = LARGEST - len(octets_of(runs_of(plain | {"file_bytes": "ff" * 16_384}))) + 16_385
    when = {"timestamp": {"seconds": 1_000_000_000, "nanoseconds": 0}}
    cases: list[tuple[str, str, dict[str, Any], int]] = [
        ("one-octet-too-large", "one octet too large for a packet", plain, one_more),
        ("4-mib", "4 MiB", plain, 1 << 22),
        ("three-packets", "9,000,000 octets, which needs three packets,", plain, 9_000_000),
        ("status", "one octet too large with a status", plain | {"test_status": "fail"}, one_more),
        ("mime-type", "one octet too large with a MIME type",
         plain | {"mime_type": "text/plain"}, one_more),
        ("timestamp", "one octet too large with a timestamp", plain | when, one_more),
        ("route-code", "one octet too large with a route code",
         plain | {"route_code": "0/3"}, one_more),
        ("tags", "one octet too large with tags", plain | {"test_tags": ["slow"]}, one_more),
        ("no-test", "4 MiB without a test id",
         {"file_name": "log", "eof": True, "runnable": False}, 1 << 22),
        ("no-name", "4 MiB in a file without a name", plain | {"file_name": ""}, 1 << 22),
    ]  # fmt: skip
    for name, words, form, size in cases:
        # Which of the other fields are in each packet is a decision of ours.
        repeats = form.keys() - {"test_id", "file_name", "eof", "runnable"}
        about = ("file.parts", "file.split") if repeats else ("file.split", "file.eof")
        yield Source(
            id=f"writer/split/{name}",
            title=f"Content of {words} goes out in several packets",
            clauses=(*about, "length.limit"),
            flags=("family", "split", "large"),
            octets=_split(form, size),
            packet=form | {"file_bytes": _content(size)},
            split=True,
        )
    for left, chunks in _ROOMS:
        form = beside_room(left) | {"eof": True}
        parts = [[["63", size]] for size in chunks]
        yield Source(
            id=f"writer/split/room-of-{left}",
            title=f"If {left:,} octets are left for the content and its size, content of"
            f" {sum(chunks):,} octets goes out in several packets",
            clauses=("file.split", "length.limit", "number.shortest"),
            flags=("family", "split", "large"),
            octets=[
                *runs_of(form | {"file_bytes": parts[0], "eof": False}),
                *runs_of(form | {"file_bytes": parts[1]}),
            ],
            packet=form | {"file_bytes": [["63", sum(chunks)]]},
            split=True,
        )
    full = beside_room(1) | {"file_bytes": "", "eof": True}
    yield Source(
        id="writer/split/empty-in-a-full-packet",
        title="Content of no octets goes out in the largest packet, which has no room for more",
        clauses=("file.split", "length.limit"),
        flags=("family", "split", "large"),
        octets=runs_of(full),
        packet=full,
        split=True,
    )
    for name, words, content in [("small", "that fits into a packet", "6f6b0a"),
                                 ("empty", "of no octets", "")]:  # fmt: skip
        form = plain | {"file_bytes": content}
        yield Source(
            id=f"writer/split/{name}",
            title=f"Content {words} goes out in one packet, where several are allowed",
            clauses=("file.split", "file.eof"),
            flags=("family", "split"),
            octets=runs_of(form),
            packet=form,
            split=True,
        )


def _split(form: dict[str, Any], size: int) -> Runs:
    last = ("eof", "test_status")
    octets: Runs = []
    left = _content(size)
    while left:
        chunk, left = _cut(left)
        rest = form if not left else {key: form[key] for key in form if key not in last}
        octets += runs_of(rest | {"file_bytes": chunk})
    return octets


def _cut(content: list[list[Any]]) -> tuple[list[list[Any]], list[list[Any]]]:
    """Return the next chunk of a content, and the rest."""
    chunk: list[list[Any]] = []
    room_left = _PIECE
    for at, (part, times) in enumerate(content):
        taken = min(times, room_left)
        chunk.append([part, taken])
        room_left -= taken
        if not room_left:
            rest = [[part, times - taken]] if taken < times else []
            return chunk, rest + content[at + 1 :]
    return chunk, []
