"""Several faults in one packet, of which the first in checking order is named.

Strategy: overwrite a run of octets in a valid packet, so that two of its parts are wrong.
Expected is the reader's order of checks, and among fields the order of the packet.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.assemble import exists
from corpus.families._packets import damaged, well_formed
from corpus.source import Source

__all__ = ["family"]

#: Cases of the README's packet: name, title, mutation, error, and the region's end.
_HEADERS: list[tuple[str, str, str, str, int | None]] = [
    ("version-and-reserved", "The version is named before the bit that must be zero",
     "write 1 3909", "version", 1),
    ("version-and-wide-length", "The version is named before a length in four octets",
     "write 1 3901c0", "version", 1),
    ("version-and-short-length", "The version is named before a length that is too short",
     "write 1 390100", "version", 1),
    ("version-and-truncated", "The version is named before the end of the stream",
     "write 1 39013f", "version", 1),
    ("version-and-everything", "The version is named before all that is wrong with the header",
     "write 1 3909c0", "version", 1),
    ("version-and-checksum", "The version is named before the checksum",
     "write 1 39", "version", 1),
    ("reserved-and-wide-length",
     "The bit that must be zero is named before a length in four octets",
     "write 1 2909c0", "reserved_bit", 1),
    ("reserved-and-short-length",
     "The bit that must be zero is named before a length that is too short",
     "write 1 290900", "reserved_bit", 1),
    ("reserved-and-truncated", "The bit that must be zero is named before the end of the stream",
     "write 1 29093f", "reserved_bit", 1),
    ("reserved-and-checksum", "The bit that must be zero is named before the checksum",
     "flip-bit 2.3", "reserved_bit", 1),
    ("wide-length-and-truncated", "A length in four octets is named before the end of the stream",
     "write 3 ff", "length_encoding", 1),
    ("short-length-and-checksum", "A length that is too short is named before the checksum",
     "write 3 05", "length_too_short", 1),
    ("truncated-and-overrun", "The end of the stream is named before a size that is too large",
     "write 3 3f3f", "truncated", None),
    ("truncated-and-utf8", "The end of the stream is named before what is no UTF-8",
     "write 3 0d03ff", "truncated", None),
    ("truncated-and-nul", "The end of the stream is named before NUL",
     "write 3 0d0300", "truncated", None),
    ("checksum-and-overrun", "The checksum is named before a size that is too large",
     "write 4 3f", "checksum", None),
    ("checksum-and-utf8", "The checksum is named before what is no UTF-8",
     "write 5 ff", "checksum", None),
    ("checksum-and-nul", "The checksum is named before NUL",
     "write 5 00", "checksum", None),
    ("checksum-and-trailing", "The checksum is named before octets that are left over",
     "write 4 02", "checksum", None),
    ("utf8-and-trailing", "What is no UTF-8 is named before octets that are left over",
     "write 4 02ff sealed", "utf8", None),
    ("nul-and-trailing", "NUL is named before octets that are left over",
     "write 4 0200 sealed", "nul", None),
    ("overrun-and-utf8", "A size that is too large is named before what is no UTF-8 behind it",
     "write 4 04ff sealed", "field_overrun", None),
    ("overrun-and-nul", "A size that is too large is named before NUL behind it",
     "write 4 0400 sealed", "field_overrun", None),
]  # fmt: skip

#: Cases of a packet with timestamp and test id.
_TIMES = [
    ("checksum-and-nanoseconds", "The checksum is named before nanoseconds",
     "write 8 ffffffff", "checksum"),
    ("nanoseconds-and-utf8", "Nanoseconds are named before what is no UTF-8 in the test id",
     "write 8 fb9aca0003ff sealed", "nanoseconds"),
    ("nanoseconds-and-nul", "Nanoseconds are named before NUL in the test id",
     "write 8 fb9aca000300 sealed", "nanoseconds"),
    ("nanoseconds-and-overrun", "Nanoseconds are named before the size of the test id",
     "write 8 fb9aca0004 sealed", "nanoseconds"),
    ("nanoseconds-and-trailing", "Nanoseconds are named before octets that are left over",
     "write 8 fb9aca0002 sealed", "nanoseconds"),
]  # fmt: skip

#: Cases of a packet with all strings: the first invalid field is named.
_STRINGS = [
    ("test-id-utf8-tag-nul", "no UTF-8 in the test id, before NUL in a tag",
     "write 7 ff010300", "utf8"),
    ("test-id-nul-tag-utf8", "NUL in the test id, before no UTF-8 in a tag",
     "write 7 000103ff", "nul"),
    ("test-id-utf8-tags-overrun", "no UTF-8 in the test id, before too many tags",
     "write 7 ff3f", "utf8"),
    ("tag-utf8-mime-type-nul", "no UTF-8 in a tag, before NUL in the MIME type",
     "write 12 ff0300", "utf8"),
    ("tag-nul-mime-type-utf8", "NUL in a tag, before no UTF-8 in the MIME type",
     "write 12 0003ff", "nul"),
    ("tag-overrun-mime-type-nul", "too large a tag, before NUL in the MIME type",
     "write 9 3f6261720300", "field_overrun"),
    ("mime-type-utf8-file-name-nul", "no UTF-8 in the MIME type, before NUL in the file name",
     "write 16 ff0300", "utf8"),
    ("mime-type-nul-file-name-utf8", "NUL in the MIME type, before no UTF-8 in the file name",
     "write 16 0003ff", "nul"),
    ("mime-type-utf8-file-name-overrun", "no UTF-8 in the MIME type, before too long a file name",
     "write 16 ff3f", "utf8"),
    ("file-name-utf8-content-overrun", "no UTF-8 in the file name, before too large a content",
     "write 20 ff3f", "utf8"),
    ("file-name-nul-content-overrun", "NUL in the file name, before too large a content",
     "write 20 003f", "nul"),
    ("file-name-utf8-route-code-nul", "no UTF-8 in the file name, before NUL in the route code",
     "write 20 ff036f6b0a0100", "utf8"),
    ("file-name-nul-route-code-utf8", "NUL in the file name, before no UTF-8 in the route code",
     "write 20 00036f6b0a01ff", "nul"),
    ("content-overrun-route-code-utf8",
     "too large a content, before no UTF-8 in the route code",
     "write 21 3f6f6b0a01ff", "field_overrun"),
    ("tag-utf8-and-nul", "no UTF-8 in a tag that has NUL behind it",
     "write 10 ff00", "utf8"),
]  # fmt: skip


def family() -> Iterator[Source]:
    """Yield cases of two faults."""
    foo = Source(id="packet/exists", title="", clauses=(), octets=[(exists("foo"), 1)])
    for name, title, mutation, error, end in _HEADERS:
        yield _case(name, title, foo, mutation=mutation, error=error, end=end)
    timed = well_formed(
        "packet/timestamp/nanoseconds-999999999",
        "",
        (),
        {
            "test_id": "foo",
            "test_status": "success",
            "timestamp": {"seconds": 1_000_000_000, "nanoseconds": 999_999_999},
        },
    )
    for name, title, mutation, error in _TIMES:
        yield _case(name, title, timed, mutation=mutation, error=error)
    strings = well_formed(
        "packet/first-error/strings",
        "A packet of every field that has strings is read",
        ("packet.order",),
        {
            "test_id": "foo",
            "test_tags": ["bar"],
            "mime_type": "a/b",
            "file_name": "log",
            "file_bytes": "6f6b0a",
            "route_code": "0",
        },
    )
    yield strings
    for name, words, mutation, error in _STRINGS:
        title = f"Of two fields that are wrong the first is named: {words}"
        yield _case(name, title, strings, mutation=f"{mutation} sealed", error=error)


def _case(
    name: str, title: str, parent: Source, *, mutation: str, error: str, end: int | None = None
) -> Source:
    return damaged(
        f"packet/first-error/{name}",
        title,
        ("packet.first-error",),
        parent=parent,
        mutation=mutation,
        error=error,
        end=end,
        flags=("precedence",),
    )
