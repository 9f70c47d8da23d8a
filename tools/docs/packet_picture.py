"""Pictures of the packet and of its flags word, drawn from the .ksy.

Strategy: the fields, their order, their parts and the masks come from the layout that the packet
decoder is generated from. So a field that is moved or renamed is moved or renamed in the picture.
A packet is drawn from the top down with a row for each field, as most fields may be absent. The
flags word is drawn as bits, most significant first. Colours are the page's (`currentColor` and
variables of the style sheet), sizes are in pixels of the page, and a wide picture scrolls in its
box.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from docs.markup import Element, element
from docs.sources import ksy, layout
from packet_decoder.layout import Field, Fixed, Kind, Number, Octets, Part, Repeated, Text

__all__ = ["draw_flags", "draw_packet", "picture", "say_flags", "say_packet"]

_ROW: Final = 56
_LEFT: Final = 168
_BOX: Final = 40

_BIT: Final = 42
_BITS: Final = 16


class _Cell(NamedTuple):
    """A box of the packet's picture: its name, its size in octets, and its width in pixels."""

    name: str
    octets: str
    width: int


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


def _cells(part: Part) -> Iterator[_Cell]:
    """Yield the boxes of a part; a text has one for its size and one for its octets."""
    yield from _kind_cells(part.name, part.kind)


def _kind_cells(name: str, kind: Kind) -> Iterator[_Cell]:
    match kind:
        case Number():
            yield _Cell(name, _number_octets(4), 104)
        case Fixed(octets):
            yield _Cell(name, str(octets), 104)
        case Text():
            yield _Cell("size", _number_octets(4), 72)
            yield _Cell(f"{name}: UTF-8", "size", 168)
        case Octets(size):
            yield _Cell(name, size, 136)
        case Repeated(count, each):
            for cell in _kind_cells(name, each):
                says = f"{cell.octets} × {count}"
                yield cell._replace(octets=says, width=max(cell.width, 8 * len(says) + 16))


def _rows() -> list[tuple[str, str, list[_Cell]]]:
    """Return the name, the note and the boxes of each row."""
    known = layout()
    signature = _Cell(known.signature.hex().upper(), str(len(known.signature)), 104)
    rows = [
        ("signature", "", [signature]),
        ("flags", "", [_Cell("16 bits", "2", 136)]),
        ("length", "of the whole packet", [_Cell("number", _number_octets(3), 136)]),
    ]
    rows += [(field.name, _where(field), list(_field_cells(field))) for field in known.fields]
    checksum = ksy()["seq"][-1]["id"]
    rows.append((checksum, "of all octets before", [_Cell("CRC-32", "4", 168)]))
    return rows


def _where(field: Field) -> str:
    return f"if {field.flag}"


def _field_cells(field: Field) -> Iterator[_Cell]:
    for part in field.parts:
        yield from _cells(part)


def say_packet() -> str:
    """Return the picture of a packet in words."""
    said = []
    for name, where, cells in _rows():
        parts = ", ".join(f"{cell.name} ({cell.octets})" for cell in cells)
        said.append(f"{name}{f' ({where})' if where else ''}: {parts}")
    return "In order, with octets: " + "; ".join(said) + "."


def draw_packet() -> Element:
    """Draw a packet from the top down."""
    group = element("g")
    rows = _rows()
    widest = 0
    for index, (name, where, cells) in enumerate(rows):
        y = index * _ROW + 4
        is_optional = where.startswith("if ")
        group.append(text(0, y + 18, name, class_="name"))
        if where:
            group.append(text(0, y + 36, where, class_="note"))
        x = _LEFT
        for cell in cells:
            group.append(
                element(
                    "rect",
                    x=x,
                    y=y,
                    width=cell.width,
                    height=_BOX,
                    class_="optional" if is_optional else "always",
                )
            )
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
        f"{bits.name}, mask 0x{((1 << bits.width) - 1) << bits.lowest:04x}"
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
        group.append(text(middle - 4, 74, bits.name, class_="name", transform=turned))
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
