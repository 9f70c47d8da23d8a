"""Pictures of the packet and of its flags word, drawn from the .ksy.

Strategy: the fields, their order, their parts and the masks come from the layout that the packet
decoder is generated from. So a field that is moved or renamed is moved or renamed in the picture.
A packet is drawn from the top down with a row for each field, as most fields may be absent. Boxes
that are repeated together, such as a tag's size and octets, stand on a second outline. The
flags word is drawn as bits, most significant first. Colours are the page's (`currentColor` and
variables of the style sheet), sizes are in pixels of the page, and a wide picture scrolls in its
box. The same packet is also drawn in text, for the specification in one file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from docs.markup import Element, element
from docs.sources import ksy, layout
from packet_decoder.layout import Field, Fixed, Kind, Number, Octets, Repeated, Text
from subunit2.packets.names import name_field, name_flag

__all__ = [
    "draw_flags",
    "draw_packet",
    "picture",
    "say_flags",
    "say_packet",
    "write_flags",
    "write_packet",
]

_ROW: Final = 56
_LEFT: Final = 168
_BOX: Final = 40

#: How far the second outline of repeated boxes is off, right and below.
_BEHIND: Final = 5

#: Columns of the names in a drawing of text.
_NAMES: Final = 12

_BIT: Final = 42
_BITS: Final = 16


class _Cell(NamedTuple):
    """A box of the packet's picture.

    :ivar octets: its size in octets.
    :ivar width: in pixels.
    :ivar each: the thing that the box is there for once each; empty for a box that is there once.
    """

    name: str
    octets: str
    width: int
    each: str = ""


class _Row(NamedTuple):
    """A field of the packet's picture: its name, a note, and its boxes."""

    name: str
    note: str
    cells: list[_Cell]
    is_optional: bool = False


def picture(tree: Element, *, title: str, says: str, width: int, height: int) -> Element:
    """Return a drawing with its title and its text, in a box in which it scrolls."""
    svg = element(
        "svg",
        element("title", title),
        element("desc", says),
        tree,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
        role="img",
        aria_label=f"{title}. {says}",
    )
    return element(
        "div", svg, class_="scroll picture", tabindex="0", role="region", aria_label=title
    )


def text(x: float, y: float, words: str, *, class_: str | None = None, **more: str) -> Element:
    """Return words in a drawing."""
    return element("text", words, x=float(x), y=float(y), class_=class_, **more)


def _number_octets(most: int) -> str:
    return "1" if most == 1 else f"1–{most}"


def _kind_cells(name: str, kind: Kind) -> Iterator[_Cell]:
    """Yield the boxes of a part; a text has one for its size and one for its octets."""
    match kind:
        case Number():
            yield _Cell(name, _number_octets(4), 104)
        case Fixed(octets):
            yield _Cell(name, str(octets), 104)
        case Text():
            yield _Cell("size", _number_octets(4), 72)
            yield _Cell(f"{name}: UTF-8", "size", 168)
        case Octets(size):
            yield _Cell(name, name_field(size), 136)
        case Repeated(_, each):
            for cell in _kind_cells(name, each):
                yield cell._replace(each=name)


def _rows() -> list[_Row]:
    known = layout()
    signature = _Cell(known.signature.hex().upper(), str(len(known.signature)), 104)
    rows = [
        _Row("signature", "", [signature]),
        _Row("flags", "", [_Cell("16 bits", "2", 136)]),
        _Row("length", "of the whole packet", [_Cell("number", _number_octets(3), 136)]),
    ]
    for field in known.fields:
        note = f"if flag 0x{known.masks[field.flag]:04x} is set"
        rows.append(_Row(name_field(field.name), note, list(_field_cells(field)), is_optional=True))
    checksum = name_field(ksy()["seq"][-1]["id"])
    return [*rows, _Row(checksum, "of all octets before", [_Cell("CRC-32", "4", 168)])]


def _field_cells(field: Field) -> Iterator[_Cell]:
    for part in field.parts:
        yield from _kind_cells(name_field(part.name), part.kind)


def say_packet() -> str:
    """Return the picture of a packet in words."""
    said = []
    for name, note, cells, _ in _rows():
        parts = ", ".join(f"{cell.name} ({cell.octets})" for cell in cells if not cell.each)
        repeated = [cell for cell in cells if cell.each]
        if repeated:
            inner = ", ".join(f"{cell.name} ({cell.octets})" for cell in repeated)
            parts += f", and once for each {repeated[0].each}: {inner}"
        said.append(f"{name}{f' ({note})' if note else ''}: {parts}")
    return "In order, with octets: " + "; ".join(said) + "."


def draw_packet() -> Element:
    """Draw a packet from the top down."""
    group = element("g")
    rows = _rows()
    widest = 0
    for index, row in enumerate(rows):
        y = index * _ROW + 4
        group.append(text(0, y + 18, row.name, class_="name"))
        if row.note:
            group.append(text(0, y + 36, row.note, class_="note"))
        class_ = "optional" if row.is_optional else "always"
        repeated = [cell for cell in row.cells if cell.each]
        if repeated:
            widths = sum(cell.width for cell in repeated)
            left = _LEFT + sum(cell.width for cell in row.cells if not cell.each)
            group.append(_box(left + _BEHIND, y + _BEHIND, widths, class_))
            end = left + widths + _BEHIND + 8
            group.append(text(end, y + 26, f"once for each {repeated[0].each}", class_="note"))
            widest = max(widest, end + 120)
        x = _LEFT
        for cell in row.cells:
            group.append(_box(x, y, cell.width, class_))
            middle = x + cell.width / 2
            group.append(text(middle, y + 18, cell.name, class_="in"))
            group.append(text(middle, y + 34, cell.octets, class_="in note"))
            x += cell.width
        widest = max(widest, x)
    return picture(
        group,
        title="A packet",
        says=say_packet(),
        width=widest + 4,
        height=len(rows) * _ROW,
    )


def _box(x: int, y: int, width: int, class_: str) -> Element:
    return element("rect", x=x, y=y, width=width, height=_BOX, class_=class_)


def write_packet() -> list[str]:
    """Draw a packet in text, from the top down; return the lines."""
    lines: list[str] = []
    for name, note, cells, _ in _rows():
        border, upper, lower = "+", "|", "|"
        for cell in cells:
            width = max(len(cell.name), len(cell.octets)) + 2
            border += "-" * width + "+"
            upper += f" {cell.name}".ljust(width) + "|"
            lower += f" {cell.octets}".ljust(width) + "|"
        each = next((f"  once for each {cell.each}" for cell in cells if cell.each), "")
        if each:
            starts = [len(border) - 1]
            for cell in reversed([cell for cell in cells if cell.each]):
                starts.append(starts[-1] - max(len(cell.name), len(cell.octets)) - 3)
            under = " " * starts[-1] + "\\" + "_" * (starts[0] - starts[-1] - 1) + "/"
        else:
            under = ""
        lines += [
            f"{'':{_NAMES}}{border}",
            f"{name:{_NAMES}}{upper}{f'  {note}' if note else ''}",
            f"{'':{_NAMES}}{lower}",
            f"{'':{_NAMES}}{border}",
        ]
        if under:
            lines.append(f"{'':{_NAMES}}{under}{each}")
    return lines


class _Bits(NamedTuple):
    """Neighbouring bits of one meaning; `lowest` is the number of the least significant."""

    name: str
    lowest: int
    width: int
    holds: str


def _flags() -> list[_Bits]:
    """Return the bits of the flags word, most significant first."""
    known = layout()
    found = []
    lowest = _BITS
    for entry in ksy()["types"]["flags"]["seq"]:
        width = int(entry["type"][1:])
        lowest -= width
        mask = ((1 << width) - 1) << lowest
        if mask & known.version_mask:
            holds = f"{known.version >> lowest:0{width}b}"
        else:
            holds = "0" if mask & known.clear else ""
        found.append(_Bits(entry["id"], lowest, width, holds))
    return found


def say_flags() -> str:
    """Return the picture of the flags in words."""
    said = [
        f"{name_flag(bits.name)}, mask 0x{((1 << bits.width) - 1) << bits.lowest:04x}"
        + (f", always {bits.holds}" if bits.holds else "")
        for bits in _flags()
    ]
    return "Most significant bit first: " + "; ".join(said) + "."


def draw_flags() -> Element:
    """Draw the flags word as bits, with upright names below them."""
    group = element("g")
    for bits in _flags():
        left = (_BITS - bits.lowest - bits.width) * _BIT + 2
        class_ = "always" if bits.holds else "optional"
        width = bits.width * _BIT
        group.append(element("rect", x=left, y=22, width=width, height=_BOX, class_=class_))
        for bit in range(bits.width):
            number = bits.lowest + bits.width - 1 - bit
            middle = left + bit * _BIT + _BIT / 2
            group.append(text(middle, 14, str(number), class_="in note"))
            if bits.holds:
                group.append(text(middle, 48, bits.holds[bit], class_="in code"))
            if bit:
                x = float(left + bit * _BIT)
                group.append(element("line", x1=x, x2=x, y1=56.0, y2=62.0))
        middle = left + width / 2
        mask = ((1 << bits.width) - 1) << bits.lowest
        turned = f"rotate(90 {middle:g} 74)"
        group.append(text(middle - 4, 74, name_flag(bits.name), class_="name", transform=turned))
        group.append(text(middle - 4, 90, f"0x{mask:04x}", class_="note", transform=turned))
    octets = _BITS // 2 * _BIT + 2
    group.append(element("line", x1=octets, x2=octets, y1=16, y2=68, class_="octet"))
    return picture(
        group,
        title="The flags word",
        says=say_flags(),
        width=_BITS * _BIT + 4,
        height=204,
    )


def write_flags() -> list[str]:
    """Draw the flags word in text, the most significant bit at the left; return the lines."""
    drawn = _flags()
    names = [name_flag(bits.name) for bits in drawn]
    numbers, border, values = "", "+", "|"
    middles = []
    for bits in drawn:
        width = 4 * bits.width - 1
        middles.append(len(border) + width // 2)
        held = bits.holds or "."
        border += "-" * width + "+"
        values += held.center(width) + "|"
        for number in range(bits.lowest + bits.width - 1, bits.lowest - 1, -1):
            numbers += f"{number:>3} "
    lines = [f" {numbers.rstrip()}", border, values, border]
    for index in range(len(drawn) - 1, -1, -1):
        line = [" "] * (middles[index] + 1)
        for middle in middles[:index]:
            line[middle] = "|"
        line[middles[index]] = "+"
        mask = ((1 << drawn[index].width) - 1) << drawn[index].lowest
        rest = "-" * (len(border) + 1 - middles[index])
        lines.append(f"{''.join(line)}{rest} {names[index]}, 0x{mask:04x}")
    return lines
