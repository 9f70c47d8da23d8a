"""The octets of a stream beside what they are, as a table.

Strategy: the parts of a packet come from the reader that Kaitai Struct generates with notes of
where each field is, under the names that they have in the .ksy; so a row says what the
specification says. Octets that are no field's are rows too: those between two fields, passthrough,
and what of a damaged packet cannot be read. The rows, joined, are the stream.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from zlib import crc32

from docs.markup import Element, element
from docs.sources import layout
from subunit2 import Corrupt, Item, Packet, Passthrough
from subunit2.packets.dissect import dissect
from subunit2.packets.header import CHECKSUM_SIZE, Header, read_header

__all__ = ["Row", "octet_rows", "octet_table"]

#: Octets in a line of a row, and lines of a row that are shown.
_PER_LINE: Final = 8
_MOST_LINES: Final = 4

#: Characters of a value that are shown.
_MOST_TEXT: Final = 64


class Row(NamedTuple):
    """Some octets of a stream.

    :ivar offset: of the first of them, in the stream.
    :ivar field: the field's name in the .ksy, or what they are in the stream.
    :ivar says: what they say.
    :ivar kind: packet, passthrough or corrupt.
    """

    offset: int
    octets: bytes
    field: str
    says: str
    kind: str


def octet_rows(items: list[Item], stream: bytes) -> Iterator[Row]:
    """The rows of a stream, of the items that it has."""
    for item in items:
        octets = stream[item.offset : item.offset + item.length]
        if isinstance(item, Passthrough):
            yield Row(item.offset, octets, "passthrough", _text(octets), "passthrough")
        elif isinstance(item, Corrupt):
            yield from _corrupt(octets, item)
        else:
            assert isinstance(item, Packet)
            yield from _fields(octets, item.offset, "packet")


def _corrupt(octets: bytes, item: Corrupt) -> Iterator[Row]:
    rows = list(_fields(octets, item.offset, "corrupt")) if len(octets) > 1 else []
    if rows:
        yield rows[0]._replace(says=f"error: {item.error}")
        yield from rows[1:]
    else:
        yield Row(item.offset, octets, "signature", f"error: {item.error}", "corrupt")


def _fields(octets: bytes, offset: int, kind: str) -> Iterator[Row]:
    """The rows of a packet, or of a damaged one as far as it can be read."""
    header = read_header(octets, 0, len(octets))
    length = header.length if isinstance(header, Header) else len(octets)
    place = 0
    # One that was cut is read as if zeros were behind it.
    for path, start, end, value in dissect(octets[:length].ljust(length, b"\0")):
        if start >= len(octets):
            break
        if start == end:
            continue
        if start > place:
            yield Row(offset + place, octets[place:start], "", "cannot be read", kind)
        here = octets[start:end]
        if end > len(octets) or value is None:
            says = "cannot be read" if value is None else "cut"
        else:
            says = _say(path, value, octets)
        yield Row(offset + start, here, path, says, kind)
        place = start + len(here)
    if place < len(octets):
        yield Row(offset + place, octets[place:], "", "cannot be read", kind)


def _say(path: str, value: Any, octets: bytes) -> str:
    match path.rsplit("/", maxsplit=1)[-1]:
        case "signature":
            return ""
        case "flags":
            return _say_flags(octets)
        case "seconds":
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"
        case "octets" | "content":
            return _text(value)
        case "trailing":
            return "no field's"
        case "crc32":
            right = crc32(octets[:-CHECKSUM_SIZE])
            return "right" if value == right else f"wrong: {right:08x} would be right"
    return f"{value:,}"


def _say_flags(octets: bytes) -> str:
    """The flags that are set, by their names in the .ksy."""
    known = layout()
    word = int.from_bytes(octets[1:3], "big")
    said = [f"version {(word & known.version_mask) // (known.version_mask & -known.version_mask)}"]
    said += [name for name, mask in known.masks.items() if word & mask]
    if word & known.clear:
        said.append("reserved")
    return ", ".join([*said, f"status {known.statuses[word & known.status_mask]}"])


def _text(octets: bytes) -> str:
    if not octets:
        return "empty"
    text = repr(octets.decode("utf-8", "backslashreplace"))[1:-1].replace("\\\\x", "\\x")
    return f"“{text}”" if len(text) <= _MOST_TEXT else f"“{text[:_MOST_TEXT]}…”"


def octet_table(rows: list[Row], *, label: str, is_shown: bool = True) -> Element:
    """The rows as a table; a line of it for each.

    :param label: what the octets are; for those who do not see the page, too.
    """
    body = element("tbody")
    for row in rows:
        # An item begins here.
        is_first = row.field in {"signature", "passthrough"}
        body.append(
            element(
                "tr",
                element("td", f"{row.offset:,}", class_="octets-offset"),
                element("td", element("code", _hex(row.octets)), class_="octets-hex"),
                element("td", row.field or "–", class_="octets-field"),
                element("td", row.says, class_="octets-says"),
                class_=f"octets-{row.kind}" + (" octets-first" if is_first else ""),
            )
        )
    heads = [element("th", name, scope="col") for name in ("offset", "octets", "field", "value")]
    table = element(
        "table",
        element("caption", label) if is_shown else None,
        element("thead", element("tr", *heads)),
        body,
        class_="octets",
    )
    return element("div", table, class_="scroll", tabindex="0", role="region", aria_label=label)


def _hex(octets: bytes) -> str:
    lines = [octets[at : at + _PER_LINE].hex(" ") for at in range(0, len(octets), _PER_LINE)]
    shown = lines[:_MOST_LINES]
    if len(lines) > len(shown):
        shown.append(f"… {len(octets) - _MOST_LINES * _PER_LINE:,} more")
    return "\n".join(shown)
