"""Format items, values and octets as rows of text that fit.

All text from a stream or an implementation is passed through `visible`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from subunit2 import spec
from subunit2.cli.output import visible
from subunit2.cli.terminal import fit
from subunit2.conformance.corpus import Report, Wrapped
from subunit2.plural import count

__all__ = [
    "OCTETS",
    "PROFILE_SUMMARIES",
    "describe_own",
    "describe_stops",
    "format_value",
    "item_rows",
    "labelled",
    "octet_rows",
    "origin_of",
    "wrapped",
]

#: A summary of each profile.
PROFILE_SUMMARIES: Final = {
    "packet": "well-formed packets are read correctly, malformed ones are never delivered",
    "stream": "passthrough, the start of packets, live delivery",
    "recovery": "damage is reported, and limited to the damaged packet",
    "writer": "canonical octets, refusals, splitting",
    "multiplexer": "route codes, order, no delay",
}

#: Keys whose values are octets in hex.
OCTETS: Final = frozenset({"bytes", "raw", "file_bytes"})

#: Octets in a row of hex, and rows of one value that are shown.
_PER_ROW: Final = 8
_MOST_ROWS: Final = 5

#: The order in which the keys of an item are shown.
_ORDER: Final = (
    *("kind", "offset", "length", "error", "test_id", "test_status", "test_tags", "runnable"),
    *("file_name", "file_bytes", "eof", "mime_type", "route_code", "timestamp", "recovered"),
    *("bytes", "raw"),
)


def origin_of(clause: spec.Clause) -> str:
    """Describe the origin of a clause in a few words."""
    if clause.decision is None:
        return "from the published README"
    return "decided here" if clause.readme is None else "decided here, beside the README"


def describe_own(part: Report | Wrapped) -> str:
    """Describe packets of a multiplexer's own.

    >>> describe_own(Report(b"", ends=True)), describe_own(Report(b"abc"))
    ('the end of a report of damage', 'a report of damage: 3 octets')
    """
    if isinstance(part, Wrapped):
        return f"wrapped output: {count(len(part.octets), 'octet')}"
    if not part.octets:
        return "the end of a report of damage"
    end = ", and its end" if part.ends else ""
    return f"a report of damage: {count(len(part.octets), 'octet')}{end}"


def describe_stops(stops: list[int]) -> str:
    """Describe when the caller of a reader stops waiting.

    >>> describe_stops([12]), describe_stops([1, 20, 31])
    ('stops waiting after 12 octets', 'stops waiting after 1, 20 and 31 octets')
    """
    *first, last = (f"{stop:,}" for stop in stops)
    offsets = f"{', '.join(first)} and {last}" if first else last
    return f"stops waiting after {offsets} {'octet' if offsets == '1' else 'octets'}"


def labelled(label: str, texts: Iterable[str], width: int, margin: int) -> Iterator[str]:
    """Yield the lines of texts as a column behind a label."""
    for text in texts:
        for line in fit(text, width - margin):
            yield f"{label:{margin}}{line}".rstrip()
            label = ""


def format_value(value: Any, most: int = 60) -> str:
    """Return a value of an item as JSON, shortened if it is long."""
    if isinstance(value, str) and len(value) > most:
        text = visible(json.dumps(value[:most], ensure_ascii=False))
        return f"{text}… {len(value):,} characters"
    if isinstance(value, list) and len(value) > most:
        return f"{format_value(value[:3])[:-1]}, … {len(value):,} in all]"
    return visible(json.dumps(value, ensure_ascii=False))


def item_rows(item: Any, starts: dict[str, int] | None = None) -> list[str]:
    r"""Return an item as rows: its kind, then one key a row, with octets in rows of eight.

    :param starts: by key, the index of the first octet to show.

    >>> print("\n".join(item_rows({"kind": "passthrough", "offset": 0, "bytes": "6f6b0a"})))
    passthrough
      offset       0
      bytes        3 octets
        6f 6b 0a                ok.
    """
    if not isinstance(item, dict):
        return [format_value(item)]
    rows = [visible(str(item.get("kind", "packet")))]
    keys = [key for key in _ORDER if key in item] + [key for key in item if key not in _ORDER]
    for key in keys:
        value = item[key]
        octets = _octets(value) if key in OCTETS else None
        if octets is not None:
            rows.append(f"  {key:11}  {count(len(octets), 'octet')}")
            rows += octet_rows(octets, "    ", (starts or {}).get(key, 0))
        elif key != "kind":
            rows.append(f"  {visible(str(key)):11}  {format_value(value)}")
    return rows


def _octets(value: Any) -> bytes | None:
    try:
        return bytes.fromhex(value)
    except (ValueError, TypeError):
        return None


def octet_rows(
    octets: bytes, indent: str, start: int = 0, most: int | None = _MOST_ROWS
) -> Iterator[str]:
    """Yield octets as rows of hex and text.

    :param start: index of the first octet to show; rounded down to a whole row.
    :param most: number of rows; None: all.
    """
    start -= start % _PER_ROW
    end = len(octets) if most is None else min(len(octets), start + most * _PER_ROW)
    if start:
        yield f"{indent}… {start:,} before"
    for index in range(start, end, _PER_ROW):
        row = octets[index : index + _PER_ROW]
        text = "".join(chr(each) if 0x20 <= each < 0x7F else "." for each in row)
        yield f"{indent}{row.hex(' '):{3 * _PER_ROW - 1}} {text}"
    if end < len(octets):
        yield f"{indent}… {len(octets) - end:,} more"


def wrapped(text: str, width: int) -> list[str]:
    """Return a row as lines that fit, with a hanging indent."""
    content = text.lstrip()
    indent = len(text) - len(content)
    first = fit(content, max(width - indent, 8))[0]
    rest = content[len(first) :].lstrip()
    more = fit(rest, max(width - indent - 2, 8)) if rest else []
    return [" " * indent + first, *(" " * (indent + 2) + line for line in more)]
