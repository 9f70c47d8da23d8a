"""Draft a case from a stream, to be finished by hand.

Strategy: the items are those that the readers agree on. Packets are laid out with one field
a line by the annotated Kaitai reader, text line by line. Title, clauses and the other
decisions of the author are left as TODO.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from corpus import assemble
from corpus.notation import quoted
from corpus.reading import find_items
from subunit2.packets.dissect import Part, dissect

__all__ = ["draft"]

#: Octets of hex a line, for octets without fields.
_OCTETS_A_LINE = 16
#: The column of comments.
_COMMENTS = 24
#: The names of the flag bits in a draft.
_BITS = {
    assemble.TEST_ID: "test id",
    assemble.ROUTE_CODE: "route code",
    assemble.TIMESTAMP: "timestamp",
    assemble.RUNNABLE: "runnable",
    assemble.TAGS: "tags",
    assemble.FILE: "file",
    assemble.MIME_TYPE: "MIME type",
    assemble.EOF: "end of file",
    assemble.RESERVED: "reserved",
}


def draft(stream: bytes) -> str:
    """Return the TOML of a case with this stream."""
    items = find_items(stream)
    damaged = any(item["kind"] == "corrupt" for item in items)
    lines = [
        'title    = "TODO: what is right, in a sentence without its full stop"',
        'clauses  = ["TODO: an id of spec/clauses.toml, the one that it tests first"]',
    ]
    if damaged:
        lines += [
            'parent   = "TODO: the case without the fault"',
            'mutation = "TODO: flip-bit O.B, truncate N, remove A..B, insert O HEX or write O HEX"',
        ]
    lines.append("bytes = '''")
    for item in items:
        octets = stream[item["offset"] : item["offset"] + item["length"]]
        lines += _packet(octets) if item["kind"] != "passthrough" else _text(octets)
        lines.append("")
    if items:
        lines.pop()
    lines += ["'''", "items = ["]
    lines += [f"  {_entry(item)}," for item in items]
    return "\n".join([*lines, "]"]) + "\n"


def _text(octets: bytes) -> Iterator[str]:
    for line in octets.splitlines(keepends=True):
        text = quoted(line)
        # Three quotes would end the TOML string around the octets.
        if text is None or "'''" in text:
            yield from _hex(line)
        else:
            yield text


def _hex(octets: bytes) -> Iterator[str]:
    for start in range(0, len(octets), _OCTETS_A_LINE):
        yield octets[start : start + _OCTETS_A_LINE].hex(" ")


def _packet(octets: bytes) -> Iterator[str]:
    end = 0
    for name, group in groupby(dissect(octets), key=_line_of):
        parts = [part for part in group if part.end > part.start]
        if not parts:
            continue
        yield from _hex(octets[end : parts[0].start])
        shown = " ".join(_part(octets[part.start : part.end], part) for part in parts)
        end = parts[-1].end
        yield f"{shown:{_COMMENTS}}  # {name}{_said(octets, parts)}"
    yield from _hex(octets[end:])


def _line_of(part: Part) -> str:
    """Return the comment for the line of a part."""
    first, *rest = part.path.split("/")
    if first == "tags":
        return f"tag {rest[1]}" if rest[0] == "tags_list" else "how many tags"
    if first == "file":
        return "file name" if rest[0] == "name" else "file content"
    if first in ("signature", "flags", "length"):
        return "header"
    return {"crc32": "checksum"}.get(first, first.replace("_", " "))


def _part(octets: bytes, part: Part) -> str:
    text = quoted(octets) if part.path.endswith(("octets", "content")) else None
    return octets.hex() if text is None or "'''" in text else text


def _said(octets: bytes, parts: list[Part]) -> str:
    """Describe a header, as far as it could be read."""
    said = []
    for part in parts:
        if part.path == "flags" and part.end - part.start == 2:
            said += _flags(int.from_bytes(octets[part.start : part.end], "big"))
        if part.path == "length" and part.value is not None:
            said.append(f"{part.value:,} octets")
    return f": {', '.join(said)}" if said else ""


def _flags(flags: int) -> list[str]:
    said = [f"version {flags >> 12}"]
    said += [name for bit, name in _BITS.items() if flags & bit]
    return [*said, f"status {assemble.STATUSES[flags & 7]}"]


def _entry(item: dict[str, Any]) -> str:
    kind = item["kind"]
    said = [f"{kind} = {item['length']}"]
    for key, value in item.items():
        is_default = (key, value) in (("runnable", True), ("eof", False))
        if key in ("kind", "offset", "length", "bytes", "raw") or is_default:
            continue
        said.append(f"{key} = {_value(key, value)}")
    return f"{{ {', '.join(said)} }}"


def _value(key: str, value: Any) -> str:
    if key == "timestamp":
        return f"{{ seconds = {value['seconds']}, nanoseconds = {value['nanoseconds']} }}"
    if key == "file_bytes":
        octets = bytes.fromhex(value)
        text = quoted(octets) if octets else ""
        shown = octets.hex() if text is None else text
        return _string(shown) if "'" in shown else f"'{shown}'"
    if isinstance(value, list):
        return f"[{', '.join(map(_string, value))}]"
    return str(value).lower() if isinstance(value, bool) else _string(value)


def _string(text: str) -> str:
    # As in JSON, but with DEL escaped, which JSON leaves as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
