"""Tags: their number, order and repetition."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.families._packets import well_formed
from corpus.source import Source

__all__ = ["family"]

_LISTS: list[tuple[str, str, list[str], tuple[str, ...]]] = [
    ("none", "No tags, their flag set, are kept apart from tags that are not there",
     [], ("flags.empty-is-not-absent", "tags.field")),
    ("one", "One tag is read", ["slow"], ("tags.field",)),
    ("empty", "An empty tag is a tag", [""], ("tags.wire-order", "flags.empty-is-not-absent")),
    ("three-empty", "Three empty tags are three", ["", "", ""], ("tags.wire-order",)),
    ("empty-among-others", "An empty tag among others is kept",
     ["a", "", "b"], ("tags.wire-order",)),
    ("duplicates", "A tag that is there twice is delivered twice",
     ["a", "a"], ("tags.wire-order",)),
    ("duplicates-apart", "A tag that comes again behind another is delivered twice",
     ["a", "b", "a"], ("tags.wire-order",)),
    ("sorted", "Tags in the order of their octets are read", ["a", "b", "c"], ("tags.field",)),
    ("reversed", "Tags in the reverse order keep it", ["c", "b", "a"], ("tags.wire-order",)),
    ("upper-and-lower-case", "Tags that differ in case are two",
     ["Slow", "slow"], ("tags.wire-order",)),
    ("prefixes", "A tag that another begins with is kept apart",
     ["ab", "a", "abc"], ("tags.wire-order",)),
    ("white-space", "Tags are not split at spaces, commas and line ends",
     ["a b", "a,b", "a\nb", " a "], ("tags.field",)),
    ("minus", "A tag that begins with a minus sign, which removed one in version 1, is a tag",
     ["-slow"], ("tags.field",)),
    ("key-and-value", "A tag of key and value is a string like any other",
     ["worker-0", "os:linux", "a=b"], ("tags.field",)),
    ("each-of-another-width", "Tags of one, of two and of four octets a character are read",
     ["a", "é", "😀"], ("tags.field", "string.utf8")),
    ("of-two-lengths", "A tag of 64 octets between short ones is read",
     ["a", "b" * 64, "c"], ("tags.field", "string.size")),
    ("like-a-packet", "A tag with the octets of a header in it is a tag",
     ["b3 2901 0c", "\x0c\x03foo"], ("tags.field",)),
]  # fmt: skip


def family() -> Iterator[Source]:
    """Yield cases of lists of tags."""
    for name, title, tags, clauses in _LISTS:
        form = {"test_id": "foo", "test_tags": tags}
        yield well_formed(f"packet/tags/{name}", title, clauses, form)
    for count in (63, 64, 200):
        yield well_formed(
            f"packet/tags/{count}",
            f"{count} tags, whose count takes {'one octet' if count < 64 else 'two'}, are read",
            ("tags.field", "number.encoding"),
            {"test_id": "foo", "test_tags": [f"t{tag}" for tag in range(count)]},
        )
    yield well_formed(
        "packet/tags/20000",
        "20,000 tags, whose count takes three octets, are read",
        ("tags.field", "number.encoding"),
        {"test_id": "foo", "test_tags": ["t"] * 20_000},
    )
    yield well_formed(
        "packet/tags/without-test",
        "Tags without a test id are read",
        ("flags.independent", "tags.field"),
        {"test_tags": ["slow"], "runnable": False},
    )
