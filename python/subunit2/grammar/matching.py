"""Match octets against a grammar: an interpreter of its tree.

Strategy: each construct of the notation is a few lines of `_match`, which returns the
index of the end of the match, or raises `Mismatch` at the octet that does not match.
Choices are ordered and repeats greedy, so the only backtracking is from one alternative to
the next. The matched productions are kept as a tree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

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
)

__all__ = ["Mismatch", "Part", "match"]

_ANY_OCTET: Final = OneOf(frozenset(range(0x100)))


class Mismatch(Exception):  # noqa: N818  (not an error: an answer)
    """Octets do not match.

    :ivar index: the index of the first octet that does not match.
    :ivar production: the production that it should have matched.
    :ivar why: "octet": it is another octet; "end": the octets end; "left": octets are
        left over; "limit": the value is over the limit.
    :ivar parts: the parts that did match before it, outermost productions first.
    """

    def __init__(
        self, index: int, production: str, why: Literal["octet", "end", "left", "limit"]
    ) -> None:
        super().__init__(f"{production} at {index}: {why}")
        self.index = index
        self.production = production
        self.why = why
        self.parts: list[Part] = []


@dataclass
class Part:
    """Octets that matched a production, and their parts."""

    production: str
    start: int
    end: int = 0
    parts: list[Part] = field(default_factory=list)
    #: Values by the names in the production.
    values: dict[str, int] = field(default_factory=dict)
    _flags: dict[str, bool] = field(default_factory=dict)
    _spans: dict[str, tuple[int, int]] = field(default_factory=dict)

    def find(self, production: str) -> Part | None:
        """Return the child that matched a production."""
        return next((part for part in self.parts if part.production == production), None)


def match(grammar: Grammar, production: str, octets: bytes, start: int = 0) -> Part:
    """Match as many octets from `start` on as a production takes.

    :raises Mismatch: if the octets do not match.
    """
    return _Interpreter(grammar, octets).production(production, start, len(octets))


class _Interpreter:
    def __init__(self, grammar: Grammar, octets: bytes) -> None:
        self._grammar = grammar
        self._octets = octets

    def production(self, name: str, start: int, end: int) -> Part:
        part = Part(name, start)
        try:
            part.end = self._match(self._grammar[name], start, end, part)
        except Mismatch as mismatch:
            mismatch.parts.insert(0, part)
            raise
        return part

    def _match(self, expression: Expression, index: int, end: int, part: Part) -> int:
        match expression:
            case OneOf(members):
                if index == end:
                    raise Mismatch(index, part.production, "end")
                if self._octets[index] not in members:
                    raise Mismatch(index, part.production, "octet")
                return index + 1
            case Name(name):
                inner = self.production(name, index, end)
                part.parts.append(inner)
                # The flags of a part hold for the production that names it.
                part._flags.update(inner._flags if self._has_bits(name) else {})
                return inner.end
            case Sequence(parts):
                for each in parts:
                    index = self._match(each, index, end, part)
                return index
            case Choice(alternatives):
                return self._first(alternatives, index, end, part)
            case Repeat():
                return self._repeat(expression, index, end, part)
            case Optional(inner, flag):
                return self._match(inner, index, end, part) if part._flags[flag] else index
            case Confined():
                return self._confined(expression, index, end, part)
            case Bound():
                return self._bound(expression, index, end, part)
            case Bits():
                return self._bits(expression, index, end, part)
            case Unless(inner, barred):
                trial = Part(part.production, index, _spans=part._spans, _flags=part._flags)
                try:
                    self._match(barred, index, end, trial)
                except Mismatch:
                    return self._match(inner, index, end, part)
                raise Mismatch(index, part.production, "octet")
            case Again(name):
                first, last = part._spans[name]
                if self._octets[index : index + last - first] != self._octets[first:last]:
                    raise Mismatch(index, part.production, "octet")
                return index + last - first

    def _has_bits(self, name: str) -> bool:
        return isinstance(self._grammar[name], Bits)

    def _first(self, alternatives: tuple[Expression, ...], index: int, end: int, part: Part) -> int:
        furthest: Mismatch | None = None
        for alternative in alternatives:
            kept = len(part.parts)
            try:
                return self._match(alternative, index, end, part)
            except Mismatch as mismatch:
                del part.parts[kept:]
                if furthest is None or mismatch.index > furthest.index:
                    furthest = mismatch
        assert furthest is not None
        raise furthest

    def _repeat(self, repeat: Repeat, index: int, end: int, part: Part) -> int:
        most = part.values[repeat.most] if isinstance(repeat.most, str) else repeat.most
        least = most if isinstance(repeat.most, str) and most is not None else repeat.least
        if self._is_octet(repeat.inner):
            # The fast path: contents are large, and any octets match.
            times = end - index if most is None else min(most, end - index)
            if times < least:
                raise Mismatch(end, part.production, "end")
            return index + times
        count = 0
        while most is None or count < most:
            kept = len(part.parts)
            try:
                following = self._match(repeat.inner, index, end, part)
            except Mismatch:
                if count < least:
                    raise
                del part.parts[kept:]
                break
            if following == index and most is None:
                break
            index = following
            count += 1
        return index

    def _is_octet(self, expression: Expression) -> bool:
        if isinstance(expression, Name):
            expression = self._grammar[expression.name]
        return expression == _ANY_OCTET

    def _confined(self, confined: Confined, index: int, end: int, part: Part) -> int:
        size = part.values[confined.size]
        inner_end = index + size if confined.less is None else part.start + size - confined.less
        if inner_end > end:
            raise Mismatch(end, part.production, "end")
        reached = self._match(confined.inner, index, inner_end, part)
        if reached < inner_end:
            # The next repetition tells a mismatch from octets that are left over.
            self._explain(confined.inner, reached, inner_end, part)
            raise Mismatch(reached, part.production, "left")
        return reached

    def _explain(self, inner: Expression, index: int, end: int, part: Part) -> None:
        if isinstance(inner, Repeat) and inner.most is None:
            self._match(inner.inner, index, end, Part(part.production, index))

    def _bound(self, bound: Bound, index: int, end: int, part: Part) -> int:
        reached = self._match(bound.inner, index, end, part)
        value = self._value(bound.inner, index, reached)
        if bound.limit is not None and value > bound.limit:
            production = part.parts[-1].production if part.parts else part.production
            raise Mismatch(index, production, "limit")
        if bound.name is not None:
            part.values[bound.name] = value
            part._spans[bound.name] = (index, reached)
        return reached

    def _value(self, expression: Expression, start: int, end: int) -> int:
        octets = self._octets[start:end]
        name = expression
        while isinstance(name, Name):
            match name.name:
                case "number" | "length":
                    return int.from_bytes(octets, "big") & (1 << 8 * len(octets) - 2) - 1
                case "hex_digits":
                    return int(octets, 16)
                case other:
                    name = self._grammar[other]
        return int.from_bytes(octets, "big")

    def _bits(self, bits: Bits, index: int, end: int, part: Part) -> int:
        word = int.from_bytes(
            self._octets[index : index + bits.octets].ljust(bits.octets, b"\0"), "big"
        )
        for mask, value in bits.constants:
            octet_index = index + bits.octets - 1 - (mask.bit_length() - 1) // 8
            # The octets before the end are compared, even if others are missing.
            if octet_index >= end:
                break
            if word & mask != value:
                raise Mismatch(octet_index, part.production, "octet")
        if end - index < bits.octets:
            raise Mismatch(end, part.production, "end")
        for name, mask in bits.flags.items():
            part._flags[name] = part.values[name] = bool(word & mask)
        for name, mask in bits.numbers.items():
            part.values[name] = (word & mask) >> (mask & -mask).bit_length() - 1
        return index + bits.octets
