"""The octets of a packet beside what they are, in columns.

       offset  octets                   field        what it says
            0  b3                       signature
            1  29 01                    flags        version 2, test id, runnable,
                                                     status exists

Strategy: the parts come from the reader that Kaitai Struct generates, so what
is shown is what the specification says. A part is a row; one that is long has
its octets and its value go on below, each in its column.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import zip_longest
from typing import Any, Final, NamedTuple
from zlib import crc32

from subunit2.cli.output import visible
from subunit2.cli.terminal import Paint, fit
from subunit2.items import TEST_STATUSES
from subunit2.packets.dissect import Part, dissect
from subunit2.packets.header import CHECKSUM_SIZE, Header, read_header

__all__ = ["Layout", "Row", "draw_packet", "packet_rows"]

#: Octets of a line, and how many columns there have to be for so many.
_PER_ROW: Final = 8
_PER_NARROW_ROW: Final = 4
_WIDE: Final = 72
_LABEL_WIDTH: Final = 11

#: What the fields are called, by the last name of their path.
_LABELS: Final = {
    "num_tags": "tags",
    "mime_type": "MIME type",
    "test_id": "test id",
    "name": "file name",
    "route_code": "route code",
    "crc32": "checksum",
    "trailing": "left over",
}

_FLAGS: Final = {
    "has_test_id": "test id",
    "has_route_code": "route code",
    "has_timestamp": "timestamp",
    "runnable": "runnable",
    "has_tags": "tags",
    "has_file": "file",
    "has_mime_type": "MIME type",
    "eof": "end of file",
    "reserved": "the reserved bit",
}


class Layout(NamedTuple):
    """How a packet is drawn.

    :ivar width: columns of a line.
    :ivar most: octets shown of a field, from its start; None: all.
    """

    paint: Paint
    width: int
    most: int | None


class Row(NamedTuple):
    """Some octets, what they are called and what they say.

    :ivar start: of the first of them, from the packet's start.
    :ivar style: of Rich's; empty where there is nothing to point out.
    """

    label: str
    start: int
    octets: bytes
    says: str
    style: str = ""


def draw_packet(octets: bytes, offset: int, layout: Layout) -> Iterator[str]:
    """The lines of a packet, or of a damaged one as far as it can be read.

    :param octets: from the signature on; they may be cut short.
    :param offset: of the first of them in the stream.
    """
    for row in packet_rows(octets):
        yield from _draw(row, offset, layout)


def packet_rows(octets: bytes) -> Iterator[Row]:
    """The fields of a packet, or of a damaged one as far as it can be read.

    The rows' octets, joined, are those of the packet.

    >>> for row in packet_rows(bytes.fromhex("b329010c03666f6f08555f1b")):
    ...     print(row.octets.hex(), (row.label, row.says))
    b3 ('signature', '')
    2901 ('flags', 'version 2, test id, runnable, status exists')
    0c ('length', '12')
    03666f6f ('test id', 'foo')
    08555f1b ('checksum', 'right')

    :param octets: from the signature on; they may be cut short.
    """
    place = 0
    for row in _rows(octets):
        if row.start > place:
            yield Row("not read", place, octets[place : row.start], "", "red")
        if row.octets:
            yield row
        place = row.start + len(row.octets)
    if place < len(octets):
        yield Row("not read", place, octets[place:], "", "red")


def _rows(octets: bytes) -> Iterator[Row]:
    header = read_header(octets, 0, len(octets))
    length = header.length if isinstance(header, Header) else len(octets)
    # A packet that was cut is read as if zeros were behind it; what of that
    # does not come from the packet is taken away again.
    parts = dissect(octets.ljust(length, b"\0"))
    for path, start, end, value in _merge_sizes(parts):
        if start >= len(octets) or path == "crc32":
            break
        here = octets[start:end]
        label = _label(path)
        if end > len(octets):
            missing = end - len(octets)
            says = f"cut: {missing:,} octet{'s are' if missing > 1 else ' is'} missing"
            yield Row(label, start, here, says, "red")
        elif value is None:
            yield Row(label, start, here, "cannot be read", "red")
        else:
            says, style = _say(path, value)
            yield Row(label, start, here, says, style)
    if isinstance(header, Header) and length == len(octets):
        yield _checksum(octets)


def _merge_sizes(parts: list[Part]) -> Iterator[Part]:
    """Strings and contents together with the size before them."""
    size: Part | None = None
    for part in parts:
        if part.path.endswith("/size") and part.value is not None:
            size = part
            continue
        yield part if size is None else part._replace(start=size.start)
        size = None
    if size is not None:
        # What it is the size of could not be read.
        yield size._replace(value=None)


def _label(path: str) -> str:
    names = path.split("/")
    if names[0] == "tags" and len(names) > 2:
        return f"tag {int(names[2]) + 1}"
    while len(names) > 1 and names[-1] in ("octets", "size"):
        names.pop()
    return _LABELS.get(names[-1], names[-1].replace("_", " "))


def _checksum(octets: bytes) -> Row:
    start = len(octets) - CHECKSUM_SIZE
    actual = crc32(octets[:start])
    stored = octets[start:]
    if int.from_bytes(stored, "big") == actual:
        return Row("checksum", start, stored, "right", "green")
    return Row("checksum", start, stored, f"wrong: the octets give {actual:08x}", "bold red")


def _say(path: str, value: Any) -> tuple[str, str]:
    """What a part says, and in which style."""
    match path.rsplit("/", maxsplit=1)[-1]:
        case "flags":
            return _say_flags(value), ""
        case "seconds":
            return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC", ""
        case "nanoseconds":
            return f"{value:,}", ""
        case "signature":
            return "", ""
        case "octets":
            text = value.decode("utf-8", "backslashreplace")
            return visible(text) or "(empty)", "cyan" if path.startswith("test_id") else ""
        case "content":
            return _say_content(value), ""
        case "trailing":
            return "no field's", "red" if value else ""
    return f"{value:,}", ""


def _say_flags(flags: Any) -> str:
    said = [f"version {flags.version}"]
    said += [what for name, what in _FLAGS.items() if getattr(flags, name, False)]
    status = int(getattr(flags, "status", 0))
    if status:
        said.append(f"status {TEST_STATUSES[status - 1]}")
    return ", ".join(said)


def _say_content(content: bytes) -> str:
    if not content:
        return "(empty)"
    size = f"{len(content):,} octet{'s' if len(content) > 1 else ''}"
    text = content[:200].decode("utf-8", "backslashreplace")
    preview = visible(text)
    if len(preview) > 60:
        preview = preview[:60] + "…"
    return f"{size}: {preview}"


def _draw(row: Row, offset: int, layout: Layout) -> Iterator[str]:
    paint, width, most = layout
    per_row = _PER_ROW if width >= _WIDE else _PER_NARROW_ROW
    hex_width = max(3 * per_row - 1, _LABEL_WIDTH)
    shown = row.octets if most is None else row.octets[:most]
    hexes = [shown[at : at + per_row].hex(" ") for at in range(0, len(shown), per_row)]
    left = len(row.octets) - len(shown)
    if left:
        hexes.append(f"… {left:,} more")
    taken = 8 + 2 + hex_width + 2 + _LABEL_WIDTH + 1
    says = fit(row.says, max(width - taken, 16)) if row.says else []
    if most is not None and len(says) > most // per_row + 1:
        says[most // per_row :] = ["…"]
    for index, (octets, value) in enumerate(zip_longest(hexes, says, fillvalue="")):
        place = f"{offset + row.start + index * per_row:8}"
        if index * per_row >= len(shown):
            place = " " * len(place)
        label = "" if index else row.label
        line = (
            f"{paint(place, 'dim')}  "
            f"{paint(octets, row.style or 'blue')}{' ' * (hex_width - len(octets))}  "
            f"{paint(label, row.style or 'bold')}{' ' * (_LABEL_WIDTH - len(label))} "
            f"{paint(value, row.style)}"
        )
        yield line.rstrip()
