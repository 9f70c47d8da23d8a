"""Cases and what comes of them, in words and in rows that fit.

Whatever a stream or an implementation says is shown through `visible`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from subunit2 import spec
from subunit2.cli.output import visible
from subunit2.cli.terminal import fit
from subunit2.plural import count

__all__ = [
    "OCTETS",
    "PROFILE_SAYS",
    "count",
    "item_rows",
    "labelled",
    "octet_rows",
    "origin_of",
    "say_value",
    "wrapped",
]

#: What each profile asks.
PROFILE_SAYS: Final = {
    "packet": "what is well formed is read right, what is not is never delivered",
    "stream": "passthrough, where packets start, live delivery",
    "recovery": "damage is reported and localised",
    "writer": "canonical octets, refusals, splitting",
    "multiplexer": "route codes, order, nothing delayed",
}

#: Keys whose value is octets in hex.
OCTETS: Final = frozenset({"bytes", "raw", "file_bytes"})

#: Octets in a row of hex, and how many rows of one value are shown.
_PER_ROW: Final = 8
_MOST_ROWS: Final = 5

#: The order in which the keys of an item are shown, whoever wrote it.
_ORDER: Final = (
    *("kind", "offset", "length", "error", "test_id", "test_status", "test_tags", "runnable"),
    *("file_name", "file_bytes", "eof", "mime_type", "route_code", "timestamp", "recovered"),
    *("bytes", "raw"),
)


def origin_of(clause: spec.Clause) -> str:
    """Where a clause comes from, in a few words."""
    if clause.decision is None:
        return "from the published README"
    return "decided here" if clause.readme is None else "decided here, beside the README"


def labelled(label: str, texts: Iterable[str], width: int, margin: int) -> Iterator[str]:
    """Texts in lines behind a label, as a column."""
    for text in texts:
        for line in fit(text, width - margin):
            yield f"{label:{margin}}{line}".rstrip()
            label = ""


def say_value(value: Any, most: int = 60) -> str:
    """A value of an item as JSON has it, its beginning where it is long."""
    if isinstance(value, str) and len(value) > most:
        text = visible(json.dumps(value[:most], ensure_ascii=False))
        return f"{text}… {len(value):,} characters"
    if isinstance(value, list) and len(value) > most:
        return f"{say_value(value[:3])[:-1]}, … {len(value):,} in all]"
    return visible(json.dumps(value, ensure_ascii=False))


def item_rows(item: Any, starts: dict[str, int] | None = None) -> list[str]:
    r"""An item of a stream in rows: its kind, then a key a row, octets in rows of eight.

    :param starts: by key, from which octet on octets are shown.

    >>> print("\n".join(item_rows({"kind": "passthrough", "offset": 0, "bytes": "6f6b0a"})))
    passthrough
      offset       0
      bytes        3 octets
        6f 6b 0a                ok.
    """
    if not isinstance(item, dict):
        return [say_value(item)]
    rows = [visible(str(item.get("kind", "packet")))]
    keys = [key for key in _ORDER if key in item] + [key for key in item if key not in _ORDER]
    for key in keys:
        value = item[key]
        octets = _octets(value) if key in OCTETS else None
        if octets is not None:
            rows.append(f"  {key:11}  {count(len(octets), 'octet')}")
            rows += octet_rows(octets, "    ", (starts or {}).get(key, 0))
        elif key != "kind":
            rows.append(f"  {visible(str(key)):11}  {say_value(value)}")
    return rows


def _octets(value: Any) -> bytes | None:
    try:
        return bytes.fromhex(value)
    except (ValueError, TypeError):
        return None


def octet_rows(
    octets: bytes, indent: str, start: int = 0, most: int | None = _MOST_ROWS
) -> Iterator[str]:
    """Octets in rows of hex and text.

    :param start: from which on they are shown, in whole rows.
    :param most: rows; None: all.
    """
    start -= start % _PER_ROW
    end = len(octets) if most is None else min(len(octets), start + most * _PER_ROW)
    if start:
        yield f"{indent}… {start:,} before"
    for place in range(start, end, _PER_ROW):
        here = octets[place : place + _PER_ROW]
        text = "".join(chr(each) if 0x20 <= each < 0x7F else "." for each in here)
        yield f"{indent}{here.hex(' '):{3 * _PER_ROW - 1}} {text}"
    if end < len(octets):
        yield f"{indent}… {len(octets) - end:,} more"


def wrapped(text: str, width: int) -> list[str]:
    """A row in lines that fit, those below the first further in."""
    said = text.lstrip()
    indent = len(text) - len(said)
    first = fit(said, max(width - indent, 8))[0]
    rest = said[len(first) :].lstrip()
    more = fit(rest, max(width - indent - 2, 8)) if rest else []
    return [" " * indent + first, *(" " * (indent + 2) + line for line in more)]
