"""Octets from a grammar: Hypothesis strategies made of its tree.

Strategy: the tree is interpreted once more, and each construct draws what it
would match. A size stands before what it is the size of, so a number that is
used as one is left open as a gap until that is there, and then written in any
of its forms that fits: what is inside shrinks as it likes, and the numbers
follow. Parts without sizes, flags and names (`character*`) become strategies
of Hypothesis' own, which are faster.

Nothing here knows of packets. What a grammar leaves unsaid is put in by name, in
a table of what is drawn `instead` of a production.
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

#: What to draw instead of a production, from the octets before it in the
#: production that names it.
Instead: TypeAlias = Mapping[str, Callable[[bytes], SearchStrategy[bytes]]]

_ANY_OCTET: Final = frozenset(range(0x100))

#: The largest number there is.
_LARGEST: Final = (1 << 30) - 1

#: The values that a number of each width ends and begins with.
_EDGES: Final = (0, 63, 64, 16_383, 16_384, 4_194_303, 4_194_304)

#: What can be wrong with octets that are drawn: sizes and counts; values over
#: their limit; octets before the place up to which others are confined.
FAULTS: Final = frozenset({"size", "limit", "left over", "missing"})

#: How often something is repeated, where the grammar sets no limit.
_MANY: Final = 5

#: How many octets of content there are at most, and where there are many.
_FEW_OCTETS: Final = 24
_MANY_OCTETS: Final = (57, 300)

#: How often what is barred may be drawn before the example is given up.
_TRIES: Final = 8


def _readable_first(octet: int) -> tuple[bool, bool, int]:
    """The order in which octets are simple: what shrinks should end in letters."""
    return (not chr(octet).isalpha() or octet > 0x7F, not 0x20 <= octet < 0x7F, octet)


def encodings(grammar: Grammar, production: str, value: int) -> list[bytes]:
    """All octets of a production that stand for a value, shortest first.

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
    """The production whose value is a number of the notation, where this is one."""
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
    """Strategies of those parts of a grammar that need to know nothing else."""

    def __init__(self, grammar: Grammar, instead: Instead) -> None:
        self._grammar = grammar
        self._instead = instead
        # By identity: expressions are large, and this is asked for each of them.
        self._made: dict[int, tuple[Expression, SearchStrategy[bytes] | None]] = {}

    def strategy(self, expression: Expression) -> SearchStrategy[bytes] | None:
        """The strategy of an expression, or None where it needs more."""
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
    """A number that is still open: its production, and where it stands."""

    def __init__(self, production: str, index: int) -> None:
        self.production = production
        self.index = index


class _Frame:
    """What is made so far of one production."""

    def __init__(self, expression: Expression) -> None:
        self.made: list[bytes] = []
        self.flags: dict[str, bool] = {}
        self.bound: dict[str, bytes] = {}
        self.gaps: dict[str, _Gap] = {}
        #: The names that sizes and counts go by.
        self.sizes = {
            part.size if isinstance(part, Confined) else part.most
            for part in walk(expression)
            if isinstance(part, (Confined, Repeat))
        }

    def octets(self, start: int = 0) -> bytes:
        return b"".join(self.made[start:])


class _Maker:
    """Draws the octets of productions, one example long.

    :param faults: what may be wrong, out of `FAULTS`.
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
        # A case for each construct of the notation.
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
        """One of the forms of a number, most often the shortest."""
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
    """An expression of a sequence with the octets themselves for each `=name`."""
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
    """Octets that match a production.

    :param instead: what to draw in the place of other productions.
    :param faults: what may be wrong, out of `FAULTS`. A size up to which other
        octets are confined is right all the same.
    """
    instead = instead or {}
    plain = _PlainParts(grammar, instead)

    @st.composite
    def draw_octets(draw: DrawFn) -> bytes:
        return _Maker(draw, grammar, instead, plain, faults).production(production).octets()

    return draw_octets()
