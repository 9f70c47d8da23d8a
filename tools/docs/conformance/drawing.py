"""The octets of a case as rows for a page: where, which, what they are, what they say.

Strategy: the fields come from what draws them for a terminal (`packet_rows`), so that
the page and `subunit2 conformance show` cannot differ. What is drawn is plain data; the
templates escape all of it.
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

#: From so many octets on a case is shown abridged.
LARGE: Final = 8192

_PER_ROW: Final = 8


class Limits(NamedTuple):
    """How much of a case is shown; None: all.

    :ivar octets: of a field.
    :ivar items: of a stream, and feeds of a multiplexer.
    :ivar characters: of a string in JSON.
    """

    octets: int | None = None
    items: int | None = None
    characters: int | None = None


_ABRIDGED: Final = Limits(octets=64, items=40, characters=400)


def limits(size: int) -> Limits:
    """What is shown of a case of so many octets."""
    return _ABRIDGED if size > LARGE else Limits()


class Line(NamedTuple):
    """A field, or a chunk of passthrough.

    :ivar places: the offset of each row of octets, a line each.
    :ivar octets: in hex, eight a line.
    """

    places: str
    octets: str
    label: str
    says: str
    style: str


class Block(NamedTuple):
    """An item of a stream, drawn.

    :ivar kind: packet, passthrough or corrupt.
    """

    kind: str
    title: str
    error: str | None
    lines: list[Line]


def blocks(items: Sequence[dict[str, Any]], stream: bytes, shown: Limits) -> Iterator[Block]:
    """The items of a stream, as many as are shown.

    :param items: in JSON's terms, as they stand in the corpus.
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
    """The fields of a packet, or of a damaged one as far as it can be read."""
    rows = list(packet_rows(octets))
    lines = [
        _line(
            row.octets,
            offset + row.start,
            shown,
            label=row.label,
            says=row.says,
            style=row.style,
        )
        for row in rows
    ]
    if shown.items is not None and len(lines) > shown.items:
        # The checksum, or what was not read, is of more interest than the last tag.
        left = rows[-1].start - rows[shown.items - 1].start
        lines[shown.items - 1 : -1] = [
            Line("", f"… {left:,} more", "", "octets of fields that are not shown", "dim")
        ]
    return lines


def dump(octets: bytes, offset: int, shown: Limits) -> Line:
    """Octets, and the text that they may be."""
    here = octets[: shown.octets]
    rows = (here[at : at + _PER_ROW] for at in range(0, len(here), _PER_ROW))
    text = "\n".join(map(_printable, rows))
    return _line(octets, offset, shown, label="", says=text, style="text")


def _printable(octets: bytes) -> str:
    return "".join(chr(each) if 0x20 <= each < 0x7F else "." for each in octets)


def _line(octets: bytes, offset: int, shown: Limits, *, label: str, says: str, style: str) -> Line:
    here = octets[: shown.octets]
    starts = range(0, len(here), _PER_ROW)
    places = [f"{offset + at:,}" for at in starts]
    rows = [here[at : at + _PER_ROW].hex(" ") for at in starts]
    if len(here) < len(octets):
        rows.append(f"… {len(octets) - len(here):,} more")
    if shown.characters is not None and len(says) > shown.characters:
        says = f"{says[: shown.characters]}…"
    return Line("\n".join(places), "\n".join(rows), label, says, style)


class _HtmlPaint(Paint):
    """What is coloured on a terminal, as elements of a page."""

    def __init__(self) -> None:
        super().__init__("never")

    def __call__(self, text: str, style: str) -> str:
        return f'<span class="sc-{style or "plain"}">{escape(text)}</span>'


def mutation_lines(before: bytes, after: bytes) -> str:
    """The rows in which two streams differ, as HTML: octets alone, nothing of a stream's text."""
    return "\n".join(draw_mutation(before, after, Layout(_HtmlPaint(), 60, None)))


# --- JSON --------------------------------------------------------------------------------


def pretty(value: Any, shown: Limits) -> str:
    r"""A value as JSON, a key a line, with what is not plainly printable escaped.

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
    """Items as JSON; those that are left out are counted."""
    if not isinstance(items, list):
        return pretty(items, shown)
    said = [item if isinstance(item, str) else pretty(item, shown) for item in items[: shown.items]]
    if len(said) < len(items):
        said.append(f"… {count(len(items) - len(said), 'item')} more")
    return "\n".join(said)


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
