"""The octets of a case as rows of a page: offset, octets, field, meaning.

Strategy: the fields come from the view for terminals (`packet_rows`), so that the page and
`subunit2 conformance show` cannot differ. The rows are plain data, and the templates
escape all of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from subunit2.cli.packet_view import Layout, packet_rows
from subunit2.cli.terminal import Paint
from subunit2.conformance.terminal.mutation_view import draw_mutation
from subunit2.plural import count

__all__ = [
    "LARGE",
    "Block",
    "Limits",
    "Line",
    "blocks",
    "dump",
    "limits",
    "mutation_lines",
    "packet_block",
    "pretty",
    "pretty_items",
]

#: The size in octets from which on a case is shown abridged.
LARGE: Final = 8192

_PER_ROW: Final = 8


class Limits(NamedTuple):
    """Limits of the display of a case; None: no limit.

    :ivar octets: octets of a field.
    :ivar items: items of a stream, and feeds of a multiplexer.
    :ivar characters: characters of a string in JSON.
    """

    octets: int | None = None
    items: int | None = None
    characters: int | None = None


_ABRIDGED: Final = Limits(octets=64, items=40, characters=400)


def limits(size: int) -> Limits:
    """Return the limits for a case of a size in octets."""
    return _ABRIDGED if size > LARGE else Limits()


class Line(NamedTuple):
    """A field, or a chunk of passthrough.

    :ivar offsets: the offset of each row of octets, one a line.
    :ivar octets: in hex, eight a line.
    """

    offsets: str
    octets: str
    label: str
    says: str
    style: str


class Block(NamedTuple):
    """An item of a stream, as rows.

    :ivar kind: packet, passthrough or corrupt.
    """

    kind: str
    title: str
    error: str | None
    lines: list[Line]


def blocks(items: Sequence[dict[str, Any]], stream: bytes, shown: Limits) -> Iterator[Block]:
    """Yield the items of a stream as rows, up to the limit.

    :param items: in their JSON form, as in the corpus.
    """
    for item in items[: shown.items]:
        offset, length = item["offset"], item["length"]
        octets = stream[offset : offset + length]
        title = f"{item['kind']} at {offset:,}, {count(length, 'octet')}"
        if item.get("recovered"):
            title += ", recovered"
        if item["kind"] == "passthrough":
            yield Block("passthrough", title, None, [dump(octets, offset, shown)])
        else:
            lines = packet_block(octets, offset, shown)
            yield Block(item["kind"], title, item.get("error"), lines)


def packet_block(octets: bytes, offset: int, shown: Limits) -> list[Line]:
    """Return the fields of a packet as rows; of a damaged one, the fields that can be read."""
    rows = list(packet_rows(octets))
    lines = [
        _line(
            row.octets,
            offset + row.start,
            shown,
            label=row.label,
            says=row.value,
            style=row.style,
        )
        for row in rows
    ]
    if shown.items is not None and len(lines) > shown.items:
        # The last row, the checksum or unread octets, matters more than another tag.
        left = rows[-1].start - rows[shown.items - 1].start
        lines[shown.items - 1 : -1] = [Line("", f"… {left:,} more", "", "more fields", "dim")]
    return lines


def dump(octets: bytes, offset: int, shown: Limits) -> Line:
    """Return octets as one row, with their text."""
    kept = octets[: shown.octets]
    rows = (kept[start : start + _PER_ROW] for start in range(0, len(kept), _PER_ROW))
    text = "\n".join(map(_printable, rows))
    return _line(octets, offset, shown, label="", says=text, style="text")


def _printable(octets: bytes) -> str:
    return "".join(chr(each) if 0x20 <= each < 0x7F else "." for each in octets)


def _line(octets: bytes, offset: int, shown: Limits, *, label: str, says: str, style: str) -> Line:
    kept = octets[: shown.octets]
    starts = range(0, len(kept), _PER_ROW)
    offsets = [f"{offset + start:,}" for start in starts]
    rows = [kept[start : start + _PER_ROW].hex(" ") for start in starts]
    if len(kept) < len(octets):
        rows.append(f"… {len(octets) - len(kept):,} more")
    if shown.characters is not None and len(says) > shown.characters:
        says = f"{says[: shown.characters]}…"
    return Line("\n".join(offsets), "\n".join(rows), label, says, style)


class _HtmlPaint(Paint):
    """Marks text with HTML elements in place of the colours of a terminal."""

    def __init__(self) -> None:
        super().__init__("never")

    def __call__(self, text: str, style: str) -> str:
        return f'<span class="sc-{style or "plain"}">{escape(text)}</span>'


def mutation_lines(before: bytes, after: bytes) -> str:
    """Return the rows in which two streams differ, as HTML with octets only."""
    return "\n".join(draw_mutation(before, after, Layout(_HtmlPaint(), 60, None)))


# --- JSON --------------------------------------------------------------------------------


def pretty(value: Any, shown: Limits) -> str:
    r"""Return a value as JSON, one key a line, with unprintable characters escaped.

    >>> print(pretty({"test_id": "a\u202eb", "eof": False}, Limits()))
    {
      "test_id": "a\u202eb",
      "eof": false
    }
    """
    text = json.dumps(_abridged(value, shown), ensure_ascii=False, indent=2)
    return "".join(
        each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text
    )


def pretty_items(items: Any, shown: Limits) -> str:
    """Return items as JSON, with the number of those left out."""
    if not isinstance(items, list):
        return pretty(items, shown)
    shown_items = [
        item if isinstance(item, str) else pretty(item, shown) for item in items[: shown.items]
    ]
    if len(shown_items) < len(items):
        shown_items.append(f"… {count(len(items) - len(shown_items), 'item')} more")
    return "\n".join(shown_items)


def _abridged(value: Any, shown: Limits) -> Any:
    if isinstance(value, dict):
        return {key: _abridged(each, shown) for key, each in value.items()}
    if isinstance(value, list):
        kept = [_abridged(each, shown) for each in value[: shown.items]]
        left = len(value) - len(kept)
        return [*kept, f"… {left:,} more"] if left else kept
    most = shown.characters
    if isinstance(value, str) and most is not None and len(value) > most:
        return f"{value[:most]}… ({len(value):,} characters)"
    return value
