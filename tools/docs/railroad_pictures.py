"""Railroad diagrams of the grammar's productions.

Strategy: the tree that `grammar/notation.py` parses from `grammar.ebnf` is turned into a tree of
the `railroad-diagrams` package, construct by construct. Names are links to their productions.
Additions of the notation without a track of their own (a bound name, a limit, a size, bits) appear
as a comment or in the box.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import railroad

from docs.markup import Element, element
from subunit2.grammar.notation import (
    Again,
    Bits,
    Bound,
    Choice,
    Confined,
    Expression,
    Name,
    OneOf,
    Optional,
    Repeat,
    Sequence,
    Unless,
    load,
)

__all__ = ["draw_production", "say_octets"]

_ANY: Final = 256

#: The width of a row in pixels, a little less than that of the page's text.
_WIDEST: Final = 560


def draw_production(name: str, link: Callable[[str], str]) -> Element:
    """Return the diagram of a production, as SVG.

    :param link: returns the address of a production's diagram.
    """
    diagram = railroad.Diagram(_drawn(load()[name], link), type="simple")
    tree = _tree(diagram.format())
    tree.set("role", "img")
    tree.set("aria-label", f"railroad diagram of {name}; its production is written below")
    return tree


def _tree(item: Any) -> Element:
    """Return an item of the package as a tree: its items are elements of an SVG, except paths."""
    made = element(
        getattr(item, "name", "path"),
        *(each if isinstance(each, str) else _tree(each) for each in getattr(item, "children", ())),
    )
    for name, value in item.attrs.items():
        # Inside HTML a link has no namespace of its own.
        made.set(name.removeprefix("xlink:"), str(value))
    return made


def _drawn(expression: Expression, link: Callable[[str], str]) -> Any:
    def inner(part: Expression) -> Any:
        return _drawn(part, link)

    match expression:
        case OneOf(octets):
            letter = _letter(expression)
            return railroad.Terminal(say_octets(octets) if letter is None else f"'{letter}'")
        case Name(name):
            return railroad.NonTerminal(name, href=link(name))
        case Again(name):
            return railroad.Terminal(f"{name} again")
        case Bits():
            return _bits(expression)
        case Sequence(parts):
            return _sequence(parts, inner)
        case Choice(alternatives):
            return railroad.Choice(0, *map(inner, alternatives))
        case Unless(kept, barred):
            return railroad.Sequence(inner(kept), railroad.Comment("but not"), inner(barred))
        case Repeat(repeated, least, most):
            return _repeat(inner(repeated), least, most)
        case Optional(optional, flag):
            return railroad.Optional(railroad.Group(inner(optional), f"if {flag}"))
        case Confined(confined, size, less):
            says = f"{size} octets" if less is None else f"up to octet {size} - {less}"
            return railroad.Group(inner(confined), says)
        case Bound(bound, name, limit):
            said = [*([name] if name else ()), *([f"at most {limit:,}"] if limit else ())]
            return railroad.Group(inner(bound), ", ".join(said))


def _sequence(parts: Iterable[Expression], inner: Callable[[Expression], Any]) -> Any:
    """Return the parts in a row, with adjacent letters as one word."""
    made: list[Any] = []
    word = ""
    for part in parts:
        letter = _letter(part)
        if letter is not None:
            word += letter
            continue
        if word:
            made.append(railroad.Terminal(f"'{word}'"))
            word = ""
        made.append(inner(part))
    if word:
        made.append(railroad.Terminal(f"'{word}'"))
    return _in_rows(made)


def _in_rows(made: list[Any]) -> Any:
    """Return the parts in as many rows as the width of the page requires."""
    rows: list[list[Any]] = [[]]
    for item in made:
        width = sum(each.width + 20 for each in rows[-1])
        if rows[-1] and width + item.width > _WIDEST:
            rows.append([])
        rows[-1].append(item)
    drawn = [row[0] if len(row) == 1 else railroad.Sequence(*row) for row in rows]
    return drawn[0] if len(drawn) == 1 else railroad.Stack(*drawn)


def _letter(part: Expression) -> str | None:
    match part:
        case OneOf(octets) if len(octets) == 1 and 0x20 <= min(octets) < 0x7F:
            return chr(min(octets))
        case Sequence(parts):
            letters = [_letter(each) for each in parts]
            return None if None in letters else "".join(map(str, letters))
    return None


def _repeat(what: Any, least: int, most: int | str | None) -> Any:
    if most is None:
        return railroad.OneOrMore(what) if least else railroad.ZeroOrMore(what)
    if (least, most) == (0, 1):
        return railroad.Optional(what)
    return railroad.OneOrMore(what, railroad.Comment(f"{most} times"))


def _bits(bits: Bits) -> Any:
    total = bits.octets * 8
    parts = [
        (mask, f"{value >> _low(mask):0{mask.bit_count()}b}") for mask, value in bits.constants
    ]
    parts += [(mask, name) for name, mask in bits.flags.items()]
    parts += [(mask, f"{name}: {mask.bit_count()} bits") for name, mask in bits.numbers.items()]
    parts.sort(reverse=True)
    rows = [parts[at : at + 4] for at in range(0, len(parts), 4)]
    made = [railroad.Sequence(*(railroad.Terminal(said) for _, said in row)) for row in rows]
    return railroad.Group(railroad.Stack(*made), f"{total} bits")


def _low(mask: int) -> int:
    return (mask & -mask).bit_length() - 1


def say_octets(octets: frozenset[int]) -> str:
    """Return a set of octets in a few words.

    >>> say_octets(frozenset({0xB3})), say_octets(frozenset(range(0x40, 0x80)))
    ('B3', '40–7F')
    >>> say_octets(frozenset(range(256))), say_octets(frozenset(range(256)) - {10})
    ('any octet', 'any but 0A')
    """
    if len(octets) == _ANY:
        return "any octet"
    ranges = _ranges(octets)
    if len(ranges) > 1 and len(octets) > _ANY // 2:
        return f"any but {_say(_ranges(frozenset(range(_ANY)) - octets))}"
    return _say(ranges)


def _say(ranges: list[tuple[int, int]]) -> str:
    shown = [f"{low:02X}" if low == high else f"{low:02X}–{high:02X}" for low, high in ranges]
    return " ".join(shown)


def _ranges(octets: frozenset[int]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for octet in sorted(octets):
        if found and found[-1][1] == octet - 1:
            found[-1] = found[-1][0], octet
        else:
            found.append((octet, octet))
    return found
