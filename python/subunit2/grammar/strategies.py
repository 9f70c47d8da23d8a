"""Draw octets from a grammar: Hypothesis strategies made of its tree.

Strategy: the tree is interpreted, and each construct draws octets that it would match. A
size comes before the octets that it counts. So a number that is used as a size is left as
a gap until those octets are drawn, and is then written in one of the forms that are large
enough. The octets shrink independently, and the numbers follow. Parts without sizes, flags
and names (`character*`) become built-in strategies of Hypothesis, which are faster.

The module does not depend on the protocol. Productions that the grammar leaves open are
given by name, in a table of strategies to draw `instead`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import Final, TypeAlias

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from subunit2.grammar.matching import Mismatch, match
from subunit2.grammar.notation import (
    Again,
    Bits,
    Bound,
    Choice,
    Confined,
    Expression,
    Grammar,
    Name,
    OneOf,
    Optional,
    Repeat,
    Sequence,
    Unless,
    walk,
)
from subunit2.grammar.recogniser import least_octets

__all__ = ["FAULTS", "Instead", "encodings", "octets_of"]

#: Strategies to draw instead of productions, by name. Each is made from the octets before
#: it in the production that names it.
Instead: TypeAlias = Mapping[str, Callable[[bytes], SearchStrategy[bytes]]]

_ANY_OCTET: Final = frozenset(range(0x100))

#: The largest number there is.
_LARGEST: Final = (1 << 30) - 1

#: The first and last values of each width of a number.
_EDGES: Final = (0, 63, 64, 16_383, 16_384, 4_194_303, 4_194_304)

#: The faults that can be drawn: wrong sizes and counts; values over their limit; octets
#: left over or missing at the end of confined ones.
FAULTS: Final = frozenset({"size", "limit", "left over", "missing"})

#: The most repetitions, if the grammar sets no limit.
_MANY: Final = 5

#: The most octets of content, and the sizes of large content.
_FEW_OCTETS: Final = 24
_MANY_OCTETS: Final = (57, 300)

#: The number of barred draws after which the example is given up.
_TRIES: Final = 8


def _readable_first(octet: int) -> tuple[bool, bool, int]:
    """Return the sort key of octets by simplicity: examples shrink to letters."""
    return (not chr(octet).isalpha() or octet > 0x7F, not 0x20 <= octet < 0x7F, octet)


def encodings(grammar: Grammar, production: str, value: int) -> list[bytes]:
    """Return all encodings of a value by a production, shortest first.

    :param production: `number` or `length`, another name for one of them, or
        `hex_digits`.
    """
    expression = grammar[production]
    if production == "hex_digits":
        return [b"%x" % value, b"%X" % value, b"00%x" % value]
    if isinstance(expression, Name):
        return encodings(grammar, expression.name, value)
    assert isinstance(expression, Choice), production
    found = []
    for alternative in expression.alternatives:
        width = least_octets(grammar, alternative, {})
        first = next(part for part in walk(alternative) if isinstance(part, OneOf))
        if value < len(first.octets) << 8 * (width - 1):
            found.append((value + (min(first.octets) << 8 * (width - 1))).to_bytes(width, "big"))
    return found


def _value_production(grammar: Grammar, expression: Expression) -> str | None:
    """Return the production of a number that this expression names, or None."""
    while isinstance(expression, Name):
        if expression.name in ("number", "length", "hex_digits"):
            return expression.name
        expression = grammar[expression.name]
    return None


def _is_octet(grammar: Grammar, expression: Expression) -> bool:
    if isinstance(expression, Name):
        expression = grammar[expression.name]
    return expression == OneOf(_ANY_OCTET)


def _matches(grammar: Grammar, expression: Expression, octets: bytes) -> bool:
    try:
        match({**grammar, "": expression}, "", octets)
    except Mismatch:
        return False
    return True


def _any_octets(least: int, most: int | None) -> SearchStrategy[bytes]:
    if most is not None:
        return st.binary(min_size=least, max_size=most)
    few = st.binary(min_size=least, max_size=_FEW_OCTETS)
    many = st.tuples(st.sampled_from(_MANY_OCTETS), st.binary(min_size=1, max_size=9)).map(
        lambda drawn: (drawn[1] * drawn[0])[: drawn[0]]
    )
    return st.integers(0, 9).flatmap(lambda chance: many if chance == 9 else few)


class _PlainParts:
    """Strategies of parts of a grammar that depend on no other part."""

    def __init__(self, grammar: Grammar, instead: Instead) -> None:
        self._grammar = grammar
        self._instead = instead
        # By identity, since hashing large expressions is slow.
        self._made: dict[int, tuple[Expression, SearchStrategy[bytes] | None]] = {}

    def strategy(self, expression: Expression) -> SearchStrategy[bytes] | None:
        """Return the strategy of an expression, or None if it depends on other parts."""
        if id(expression) not in self._made:
            self._made[id(expression)] = expression, self._make(expression)
        return self._made[id(expression)][1]

    def _make(self, expression: Expression) -> SearchStrategy[bytes] | None:
        match expression:
            case OneOf(octets):
                if octets == _ANY_OCTET:
                    return st.binary(min_size=1, max_size=1)
                return st.sampled_from(
                    [bytes([octet]) for octet in sorted(octets, key=_readable_first)]
                )
            case Name(name):
                return None if name in self._instead else self.strategy(self._grammar[name])
            case Sequence(parts) | Choice(parts):
                strategies = [each for part in parts if (each := self.strategy(part)) is not None]
                if len(strategies) < len(parts):
                    return None
                if isinstance(expression, Choice):
                    return st.one_of(strategies)
                return st.tuples(*strategies).map(b"".join)
            case Repeat(inner, least, most) if not isinstance(most, str):
                if _is_octet(self._grammar, inner):
                    return _any_octets(least, most)
                each = self.strategy(inner)
                most = least + _MANY if most is None else most
                if each is not None:
                    return st.lists(each, min_size=least, max_size=most).map(b"".join)
            case Unless(inner, barred) if not any(isinstance(part, Again) for part in walk(barred)):
                each = self.strategy(inner)
                if each is not None:
                    return each.filter(lambda octets: not _matches(self._grammar, barred, octets))
        return None


class _Gap:
    """A number that is not drawn yet: its production, and its index in the frame."""

    def __init__(self, production: str, index: int) -> None:
        self.production = production
        self.index = index


class _Frame:
    """The octets of one production so far."""

    def __init__(self, expression: Expression) -> None:
        self.made: list[bytes] = []
        self.flags: dict[str, bool] = {}
        self.bound: dict[str, bytes] = {}
        self.gaps: dict[str, _Gap] = {}
        #: The names of sizes and counts.
        self.sizes = {
            part.size if isinstance(part, Confined) else part.most
            for part in walk(expression)
            if isinstance(part, (Confined, Repeat))
        }

    def octets(self, start: int = 0) -> bytes:
        return b"".join(self.made[start:])


class _Maker:
    """Draws the octets of productions for one example.

    :param faults: the faults that may be drawn, out of `FAULTS`.
    """

    def __init__(
        self,
        draw: DrawFn,
        grammar: Grammar,
        instead: Instead,
        plain: _PlainParts,
        faults: Set[str],
    ) -> None:
        self._draw = draw
        self._grammar = grammar
        self._instead = instead
        self._plain = plain
        self._faults = faults

    def production(self, name: str) -> _Frame:
        frame = _Frame(self._grammar[name])
        self._make(self._grammar[name], frame)
        return frame

    def _make(self, expression: Expression, frame: _Frame) -> None:
        plain = self._plain.strategy(expression)
        if plain is not None:
            frame.made.append(self._draw(plain))
            return
        match expression:
            case Name(name) if name in self._instead:
                frame.made.append(self._draw(self._instead[name](frame.octets())))
            case Name(name):
                inner = self.production(name)
                frame.made.append(inner.octets())
                if isinstance(self._grammar[name], Bits):
                    frame.flags.update(inner.flags)
            case Sequence(parts):
                for part in parts:
                    self._make(part, frame)
            case Choice(alternatives):
                self._make(self._draw(st.sampled_from(alternatives)), frame)
            case Repeat():
                self._repeat(expression, frame)
            case Optional(inner, flag):
                if frame.flags[flag]:
                    self._make(inner, frame)
            case Confined():
                self._confined(expression, frame)
            case Bound():
                self._bound(expression, frame)
            case Bits():
                self._bits(expression, frame)
            case Unless():
                self._unless(expression, frame)
            case Again(name):
                frame.made.append(frame.bound[name])

    def _repeat(self, repeat: Repeat, frame: _Frame) -> None:
        if isinstance(repeat.most, str):
            if _is_octet(self._grammar, repeat.inner):
                frame.made.append(self._draw(_any_octets(0, None)))
                self._close_gap(repeat.most, len(frame.made[-1]), frame)
                return
            times = self._draw(st.integers(0, _MANY))
            self._close_gap(repeat.most, times, frame)
        else:
            most = repeat.least + _MANY if repeat.most is None else repeat.most
            times = self._draw(st.integers(repeat.least, most))
        for _ in range(times):
            self._make(repeat.inner, frame)

    def _confined(self, confined: Confined, frame: _Frame) -> None:
        start = len(frame.made)
        self._make(confined.inner, frame)
        if confined.less is None:
            self._close_gap(confined.size, len(frame.octets(start)), frame)
            return
        if "left over" in self._faults:
            frame.made.append(self._draw(st.binary(min_size=1, max_size=3)))
        if "missing" in self._faults:
            inside = frame.octets(start)
            missing = self._draw(st.integers(0, min(len(inside), 9)))
            frame.made[start:] = [inside[: len(inside) - missing]]
        self._close_gap(
            confined.size, len(frame.octets()) + confined.less, frame, counts_itself=True
        )

    def _close_gap(
        self, name: str, value: int, frame: _Frame, *, counts_itself: bool = False
    ) -> None:
        gap = frame.gaps[name]
        if "size" in self._faults and not counts_itself:
            wrong = [0, max(value - 1, 0), value + 1, value + 64, 4_194_303, _LARGEST]
            value = self._draw(st.just(value) | st.sampled_from(wrong))
        forms = [
            form
            for width in range(1, 5)
            for form in encodings(
                self._grammar, gap.production, value + (width if counts_itself else 0)
            )
            if len(form) == width or not counts_itself
        ]
        frame.made[gap.index] = self._form(sorted(set(forms), key=len))

    def _bound(self, bound: Bound, frame: _Frame) -> None:
        production = _value_production(self._grammar, bound.inner)
        if production is None:
            start = len(frame.made)
            self._make(bound.inner, frame)
            if bound.name is not None:
                frame.bound[bound.name] = frame.octets(start)
        elif bound.name in frame.sizes:
            assert bound.name is not None
            frame.gaps[bound.name] = _Gap(production, len(frame.made))
            frame.made.append(b"")
        else:
            limit = _LARGEST if bound.limit is None else bound.limit
            edges = [edge for edge in _EDGES if edge < limit]
            value = self._draw(st.sampled_from([*edges, limit]) | st.integers(0, limit))
            if "limit" in self._faults and limit < _LARGEST:
                value = self._draw(st.just(limit + 1) | st.integers(limit, _LARGEST))
            frame.made.append(self._form(encodings(self._grammar, production, value)))

    def _form(self, forms: list[bytes]) -> bytes:
        """Draw one of the forms of a number, most often the shortest."""
        return self._draw(st.sampled_from([*forms[:1] * 8, *forms]))

    def _bits(self, bits: Bits, frame: _Frame) -> None:
        word = sum(value for _, value in bits.constants)
        for name, mask in bits.flags.items():
            frame.flags[name] = self._draw(st.booleans())
            word |= mask if frame.flags[name] else 0
        for mask in bits.numbers.values():
            unit = mask & -mask
            word |= self._draw(st.integers(0, mask // unit)) * unit
        frame.made.append(word.to_bytes(bits.octets, "big"))

    def _unless(self, unless: Unless, frame: _Frame) -> None:
        start = len(frame.made)
        barred = _with_octets(unless.barred, frame.bound)
        for _ in range(_TRIES):
            self._make(unless.inner, frame)
            if not _matches(self._grammar, barred, frame.octets(start)):
                return
            del frame.made[start:]
        reject()


def _with_octets(expression: Expression, bound: Mapping[str, bytes]) -> Expression:
    """Replace each `=name` of an expression by the octets bound to the name."""
    match expression:
        case Again(name):
            return Sequence(tuple(OneOf(frozenset({octet})) for octet in bound[name]))
        case Sequence(parts):
            return Sequence(tuple(_with_octets(part, bound) for part in parts))
    return expression


def octets_of(
    grammar: Grammar,
    production: str,
    *,
    instead: Instead | None = None,
    faults: Set[str] = frozenset(),
) -> SearchStrategy[bytes]:
    """Return a strategy for octets that match a production.

    :param instead: strategies to draw instead of other productions.
    :param faults: the faults that may be drawn, out of `FAULTS`. The size of confined
        octets is correct in any case.
    """
    instead = instead or {}
    plain = _PlainParts(grammar, instead)

    @st.composite
    def draw_octets(draw: DrawFn) -> bytes:
        return _Maker(draw, grammar, instead, plain, faults).production(production).octets()

    return draw_octets()
