"""The octets of a stream by field, as a table.

Strategy: the fields of a packet come from the reader that Kaitai Struct generates with the offsets
of each field, named in words; so the rows follow the specification. Octets of no
field are rows too: passthrough, octets between two fields, and the unreadable part of a damaged
packet. The rows, joined, are the stream.
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
from subunit2.packets.names import name_flag, name_path

__all__ = ["Row", "hex_lines", "octet_rows", "octet_table"]

#: Octets in a line of a row, and the most lines of a row that are shown.
_PER_LINE: Final = 8
_MOST_LINES: Final = 4

#: The most characters of a value that are shown.
_MOST_TEXT: Final = 64


class Row(NamedTuple):
    """Some octets of a stream.

    :ivar offset: the offset of the first of them in the stream.
    :ivar field: the field's name in words, or the kind of octets.
    :ivar says: their value, for people.
    :ivar kind: packet, passthrough or corrupt.
    """

    offset: int
    octets: bytes
    field: str
    says: str
    kind: str


def octet_rows(items: list[Item], stream: bytes) -> Iterator[Row]:
    """Yield the rows of a stream with these items."""
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
    """Yield the rows of a packet, or of a damaged packet as far as it can be read."""
    header = read_header(octets, 0, len(octets))
    length = header.length if isinstance(header, Header) else len(octets)
    index = 0
    # A packet that was cut short is dissected with zeros in the place of the missing octets.
    for path, start, end, value in dissect(octets[:length].ljust(length, b"\0")):
        if start >= len(octets):
            break
        if start == end:
            continue
        if start > index:
            yield Row(offset + index, octets[index:start], "", "cannot be read", kind)
        here = octets[start:end]
        if end > len(octets) or value is None:
            says = "cannot be read" if value is None else "cut"
        else:
            says = _say(path, value, octets)
        yield Row(offset + start, here, _name(path), says, kind)
        index = start + len(here)
    if index < len(octets):
        yield Row(offset + index, octets[index:], "", "cannot be read", kind)


def _name(path: str) -> str:
    """Return the name of a part of a packet in words; a size is apart from its string."""
    if path == "file/size":
        return "size of content"
    return f"size of {name_path(path)}" if path.endswith("/size") else name_path(path)


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
            return "not in any field"
        case "crc32":
            actual = crc32(octets[:-CHECKSUM_SIZE])
            return "right" if value == actual else f"wrong: the octets give {actual:08x}"
    return f"{value:,}"


def _say_flags(octets: bytes) -> str:
    """Return the flags that are set, by their names in words."""
    known = layout()
    word = int.from_bytes(octets[1:3], "big")
    said = [f"version {(word & known.version_mask) // (known.version_mask & -known.version_mask)}"]
    said += [name_flag(name) for name, mask in known.masks.items() if word & mask]
    if word & known.clear:
        said.append(name_flag("reserved"))
    return ", ".join([*said, f"status {known.statuses[word & known.status_mask]}"])


def _text(octets: bytes) -> str:
    if not octets:
        return "empty"
    text = repr(octets.decode("utf-8", "backslashreplace"))[1:-1].replace("\\\\x", "\\x")
    return f"“{text}”" if len(text) <= _MOST_TEXT else f"“{text[:_MOST_TEXT]}…”"


def octet_table(rows: list[Row], *, label: str, is_shown: bool = True) -> Element:
    """Return the rows as a table, with a line for each.

    :param label: the caption of the table, also for screen readers.
    """
    body = element("tbody")
    for row in rows:
        # An item begins here.
        is_first = row.field in {"signature", "passthrough"}
        shown = "\n".join(hex_lines(row.octets))
        body.append(
            element(
                "tr",
                element("td", f"{row.offset:,}", class_="octets-offset"),
                element("td", element("code", shown), class_="octets-hex"),
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


def hex_lines(octets: bytes) -> list[str]:
    """Return octets in hex, in lines; of many the first lines, and the number of the others."""
    starts = range(0, len(octets), _PER_LINE)
    lines = [octets[start : start + _PER_LINE].hex(" ") for start in starts]
    shown = lines[:_MOST_LINES]
    if len(lines) > len(shown):
        shown.append(f"… {len(octets) - _MOST_LINES * _PER_LINE:,} more")
    return shown
