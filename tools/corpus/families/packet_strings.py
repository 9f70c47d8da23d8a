"""Strings: every length and every kind of character, in every string of a packet.

Strategy: five fields hold strings, and existing readers parse them in more than one
function, so each case is made for each field. The invalid octets replace a string of the
same size, with a valid checksum: only a reader that validates the text notices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from corpus.assemble import written
from corpus.families._packets import damaged, well_formed
from corpus.source import Source

__all__ = ["FIELDS", "Field", "family", "largest"]


@dataclass(frozen=True)
class Field:
    """A string field.

    :ivar name: in an id.
    :ivar words: the start of a title.
    """

    name: str
    words: str

    def form(self, text: Any) -> dict[str, Any]:
        """Return a small packet with `text` in this field."""
        match self.name:
            case "test-id":
                return {"test_id": text, "test_status": "exists"}
            case "tag":
                return {"test_id": "foo", "test_tags": [text]}
            case "mime-type":
                return {"file_name": "log", "file_bytes": "6f6b0a", "mime_type": text}
            case "file-name":
                return {"test_id": "foo", "file_name": text, "file_bytes": "6f6b0a"}
        return {"test_id": "foo", "test_status": "exists", "route_code": text}

    def place(self, text: str) -> int:
        """Return the text's offset in that packet, for texts of less than 64 octets."""
        return written(self.form(text)).index(text.encode())


FIELDS = (
    Field("test-id", "A test id"),
    Field("tag", "A tag"),
    Field("mime-type", "A MIME type"),
    Field("file-name", "A file name"),
    Field("route-code", "A route code"),
)

#: Valid texts: name, title behind the field, text, and clauses.
_TEXTS: list[tuple[str, str, Any, tuple[str, ...]]] = [
    ("empty", "that is empty is kept apart from none", "", ("flags.empty-is-not-absent",)),
    ("one-octet", "of one octet is read", "a", ("string.size",)),
    ("63-octets", "of 63 octets, whose size takes one octet, is read",
     "a" * 63, ("string.size", "number.encoding")),
    ("64-octets", "of 64 octets, whose size takes two, is read",
     "a" * 64, ("string.size", "number.encoding")),
    ("16383-octets", "of 16,383 octets, whose size takes two, is read",
     "a" * 16_383, ("string.size", "number.encoding")),
    ("16384-octets", "of 16,384 octets, whose size takes three, is read",
     "a" * 16_384, ("string.size", "number.encoding")),
    ("size-counts-octets", "of 32 characters and 64 octets has a size of 64",
     "é" * 32, ("string.size", "string.utf8")),
    ("two-octet-characters", "in Greek is read", "δοκιμή", ("string.utf8",)),
    ("three-octet-characters", "in Japanese is read", "テスト", ("string.utf8",)),
    ("astral", "with characters above U+FFFF is read", "𝔱𝔢𝔰𝔱 😀", ("string.utf8",)),
    ("bounds", "with the first and the last characters of each size is read",
     "\x01\x7f\x80\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff", ("string.utf8",)),
    ("byte-order-mark", "that begins with a byte order mark keeps it",
     "\ufefffoo", ("string.utf8",)),
    ("byte-order-mark-alone", "of nothing but a byte order mark keeps it",
     "\ufeff", ("string.utf8",)),
    ("signature-inside", "with octets 0xB3 in its characters is read",
     "ó³γг", ("string.utf8", "stream.intact-whole")),
    ("white-space", "is not stripped, and its line ends are not changed",
     " \t a\r\nb\n ", ("string.size", "string.utf8")),
    ("not-normalised", "keeps composed and decomposed letters apart",
     "é e\u0301", ("string.utf8",)),
]  # fmt: skip

#: Invalid UTF-8: name, title, and octets.
_MALFORMED = [
    ("lone-continuation", "a continuation octet alone", "80"),
    ("lone-signature", "a continuation octet alone that is 0xB3", "b3"),
    ("two-continuations", "two continuation octets alone", "80bf"),
    ("lone-lead-of-two", "a first octet of two, and no second", "c3"),
    ("lone-lead-of-three", "a first octet of three, and no second", "e2"),
    ("lone-lead-of-four", "a first octet of four, and no second", "f0"),
    ("cut-three", "two octets of a character of three", "e282"),
    ("cut-four", "three octets of a character of four", "f09f98"),
    ("bad-third", "a third octet that is none of a character", "e28228"),
    ("bad-fourth", "a fourth octet that is none of a character", "f09f9828"),
    ("lead-after-lead", "a first octet behind a first octet", "c3c3a9"),
    ("overlong-nul", "NUL in an overlong form of two octets", "c080"),
    ("overlong-two", "a slash in an overlong form of two octets", "c0af"),
    ("overlong-two-last", "the last overlong form of two octets", "c1bf"),
    ("overlong-three", "a slash in an overlong form of three octets", "e080af"),
    ("overlong-three-last", "the last overlong form of three octets", "e09fbf"),
    ("overlong-four", "a slash in an overlong form of four octets", "f08080af"),
    ("overlong-four-last", "the last overlong form of four octets", "f08fbfbf"),
    ("surrogate-first", "the first surrogate, U+D800", "eda080"),
    ("surrogate-last", "the last surrogate, U+DFFF", "edbfbf"),
    ("above-the-last", "U+110000, above the last character", "f4908080"),
    ("f5", "the octet 0xF5, which begins no character", "f5808080"),
    ("five-octets", "a form of five octets", "f888808080"),
    ("fe", "the octet 0xFE", "fe"),
    ("ff", "the octet 0xFF", "ff"),
    ("latin-1", "é in Latin-1", "e9"),
]

#: Invalid UTF-8 at the end of a string.
_CUT = [
    ("cut-two-at-end", "the first octet of a character of two at its end", "c3"),
    ("cut-three-at-end", "two octets of a character of three at its end", "e282"),
    ("cut-four-at-end", "three octets of a character of four at its end", "f09f98"),
]

#: NUL in a string of three characters, or of one: name, words, offset, string.
_NULS = [
    ("alone", "that is NUL alone", 0, "a"),
    ("start", "that begins with NUL", 0, "abc"),
    ("middle", "with NUL in its middle", 1, "abc"),
    ("end", "that ends in NUL", 2, "abc"),
]


def family() -> Iterator[Source]:
    """Yield cases of every string field."""
    for field in FIELDS:
        yield from _texts(field)
        # Tags are a list of strings, without a shorter form.
        if field.name != "tag":
            yield _largest(field)
        yield from _malformed(field)
        yield from _nuls(field)


def _texts(field: Field) -> Iterator[Source]:
    for name, words, text, clauses in _TEXTS:
        yield well_formed(
            f"packet/{field.name}/{name}", f"{field.words} {words}", clauses, field.form(text)
        )


def largest(field: Field) -> list[list[Any]]:
    """Return the longest possible string: four-octet characters, filled up."""
    size = 1 << 14
    room = 4_194_303 - len(written(field.form("a" * size))) + size
    return [["😀", room // 4], *([["a", room % 4]] * (room % 4 > 0))]


def _largest(field: Field) -> Source:
    return well_formed(
        f"packet/{field.name}/largest",
        f"{field.words} that fills the largest packet, 4,194,303 octets, is read",
        ("length.limit", "string.size"),
        field.form(largest(field)),
    )


def _plain(field: Field, text: str) -> Source:
    name = {"a": "one-octet", "abc": "three-octets"}.get(text, "ten-octets")
    title = f"{field.words} of {name.replace('-', ' ')} is read"
    return well_formed(f"packet/{field.name}/{name}", title, ("string.size",), field.form(text))


def _malformed(field: Field) -> Iterator[Source]:
    text = "abcdefghij"
    parent = _plain(field, text)
    place = field.place(text)
    yield parent
    cases = [(*row, 3) for row in _MALFORMED]
    cases += [(*row, len(text) - len(bytes.fromhex(row[2]))) for row in _CUT]
    for name, words, octets, at in cases:
        yield damaged(
            f"packet/{field.name}/utf8-{name}",
            f"{field.words} with {words} is reported, and not mended",
            ("string.utf8", "string.strict"),
            parent=parent,
            mutation=f"write {place + at} {octets} sealed",
            error="utf8",
        )


def _nuls(field: Field) -> Iterator[Source]:
    yield _plain(field, "abc")
    for name, words, at, text in _NULS:
        yield damaged(
            f"packet/{field.name}/nul-{name}",
            f"{field.words} {words} is reported",
            ("string.no-nul", "string.strict"),
            parent=_plain(field, text),
            mutation=f"write {field.place(text) + at} 00 sealed",
            error="nul",
        )
    for name, words, octets in [
        ("before", "NUL and then an octet that is no UTF-8", "00ff"),
        ("behind", "an octet that is no UTF-8 and then NUL", "ff00"),
    ]:
        yield damaged(
            f"packet/{field.name}/utf8-and-nul-{name}",
            f"{field.words} with {words} is reported as no UTF-8",
            ("string.no-nul", "packet.first-error", "string.utf8"),
            parent=_plain(field, "abc"),
            mutation=f"write {field.place('abc')} {octets} sealed",
            error="utf8",
            flags=("precedence",),
        )
