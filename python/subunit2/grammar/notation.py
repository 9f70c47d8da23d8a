"""Parse a grammar in the notation of `spec/grammar.ebnf` into a tree.

Strategy: Lark parses the notation (`notation.lark`), and each construct has one small
immutable class. The module does not depend on the protocol.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from lark import Lark, Token, Transformer

from subunit2 import spec

__all__ = [
    "Again",
    "Bits",
    "Bound",
    "Choice",
    "Confined",
    "Expression",
    "Grammar",
    "Name",
    "OneOf",
    "Optional",
    "Repeat",
    "Sequence",
    "Unless",
    "load",
    "parse",
    "walk",
]


@dataclass(frozen=True)
class OneOf:
    """One octet of a set. `#xB3` and `[#x00-#x3F]`."""

    octets: frozenset[int]


@dataclass(frozen=True)
class Name:
    """A production by its name."""

    name: str


@dataclass(frozen=True)
class Again:
    """The octets bound to a name, once more. `=label`."""

    name: str


@dataclass(frozen=True)
class Bits:
    """Octets described by bits: constants, flags and numbers. `<0010 f s:3>`.

    :ivar constants: pairs of mask and value.
    :ivar flags: masks by name.
    :ivar numbers: masks by name.
    """

    octets: int
    constants: tuple[tuple[int, int], ...]
    flags: Mapping[str, int]
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class Sequence:
    """Expressions one after the other. `a b`."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Choice:
    """The first alternative that matches. `a | b`."""

    alternatives: tuple[Expression, ...]


@dataclass(frozen=True)
class Unless:
    """An expression, unless the barred one matches at the same index. `a - b`."""

    inner: Expression
    barred: Expression


@dataclass(frozen=True)
class Repeat:
    """A repetition, `least` to `most` times: a number, the value of a name, or no limit."""

    inner: Expression
    least: int
    most: int | str | None


@dataclass(frozen=True)
class Optional:
    """An expression that is present exactly if a flag is set. `a?{flag}`."""

    inner: Expression
    flag: str


@dataclass(frozen=True)
class Confined:
    """An expression that takes an exact number of octets.

    The next `size` octets, where `size` is the name of a value, or the octets up to
    `size - less`, counted from the start of the production. `a{n octets}` and `a{..n-4}`.
    """

    inner: Expression
    size: str
    less: int | None = None


@dataclass(frozen=True)
class Bound:
    """A name for the matched octets, and a limit for their value. `n:a`, `a<=9`."""

    inner: Expression
    name: str | None
    limit: int | None


#: The right side of a production, or a part of one.
Expression: TypeAlias = (
    OneOf | Name | Again | Bits | Sequence | Choice | Unless | Repeat | Optional | Confined | Bound
)
#: Productions by their names.
Grammar: TypeAlias = Mapping[str, Expression]

_ANY: Final = frozenset(range(0x100))


class _ToTree(Transformer[Token, Grammar]):
    """Converts the tree of Lark, with a method for each of its rules and tokens."""

    def start(self, productions: list[tuple[str, Expression]]) -> Grammar:
        grammar: dict[str, Expression] = {}
        for name, expression in productions:
            if name in grammar:
                raise ValueError(f"{name} is defined twice")
            grammar[name] = expression
        for name, expression in grammar.items():
            for part in walk(expression):
                if isinstance(part, Name) and part.name not in grammar:
                    raise ValueError(f"{name} refers to {part.name}, which is not defined")
        return grammar

    def production(self, parts: list[Expression]) -> tuple[str, Expression]:
        head, expression = parts
        return str(head).removesuffix("::=").strip(), expression

    def choice(self, parts: list[Expression]) -> Expression:
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def sequence(self, parts: list[Expression]) -> Expression:
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def exclusion(self, parts: list[Expression]) -> Expression:
        return parts[0] if len(parts) == 1 else Unless(*parts)

    def chunk(self, parts: list[Expression | Token | None]) -> Expression:
        name, inner, limit = parts
        assert inner is not None
        assert not isinstance(inner, Token)
        if name is None and limit is None:
            return inner
        return Bound(
            inner,
            None if name is None else str(name).rstrip(":"),
            None if limit is None else int(str(limit)[2:]),
        )

    def repeated(self, parts: list[Expression]) -> Expression:
        inner, *suffixes = parts
        if not suffixes:
            return inner
        [suffix] = suffixes
        assert isinstance(suffix, Token)
        argument = suffix.strip("?{}.")
        match suffix.type:
            case "FLAGGED":
                return Optional(inner, argument)
            case "SIMPLE":
                return Repeat(inner, int(suffix == "+"), 1 if suffix == "?" else None)
            case "TIMES":
                return Repeat(inner, int(argument), int(argument))
            case "NAMED_TIMES":
                return Repeat(inner, 0, argument)
            case "NAMED_OCTETS":
                return Confined(inner, argument.removesuffix(" octets"))
            case _:
                size, less = argument.split("-")
                return Confined(inner, size, int(less))

    def suffix(self, parts: list[Token]) -> Token:
        return parts[0]

    def atom(self, parts: list[Expression]) -> Expression:
        return parts[0]

    def NAME(self, token: Token) -> Expression:  # noqa: N802  (the name of a token of Lark)
        return Name(str(token))

    def AGAIN(self, token: Token) -> Expression:  # noqa: N802
        return Again(token[1:])

    def OCTET(self, token: Token) -> Expression:  # noqa: N802
        return OneOf(frozenset({int(token[2:], 16)}))

    def LITERAL(self, token: Token) -> Expression:  # noqa: N802
        octets = tuple(OneOf(frozenset({octet})) for octet in token[1:-1].encode("ascii"))
        return octets[0] if len(octets) == 1 else Sequence(octets)

    def CLASS(self, token: Token) -> Expression:  # noqa: N802
        members: set[int] = set()
        for low, high in re.findall(r"#x([0-9A-F]{2})(?:-#x([0-9A-F]{2}))?", token):
            members.update(range(int(low, 16), int(high or low, 16) + 1))
        return OneOf(_ANY - members if token.startswith("[^") else frozenset(members))

    def BITS(self, token: Token) -> Expression:  # noqa: N802
        names = token[1:-1].split()
        left = total = sum(map(_bit_width, names))
        constants: list[tuple[int, int]] = []
        flags: dict[str, int] = {}
        numbers: dict[str, int] = {}
        for name in names:
            width = _bit_width(name)
            left -= width
            mask = ((1 << width) - 1) << left
            if set(name) <= {"0", "1"}:
                constants.append((mask, int(name, 2) << left))
            elif ":" in name:
                numbers[name.partition(":")[0]] = mask
            else:
                flags[name] = mask
        return Bits(total // 8, tuple(constants), flags, numbers)


def _bit_width(part: str) -> int:
    if set(part) <= {"0", "1"}:
        return len(part)
    return int(part.partition(":")[2] or 1)


def parse(text: str) -> Grammar:
    """Return the productions of a grammar by name, in order.

    :raises lark.exceptions.LarkError: if `text` is not in the notation, or a production
        is defined twice or missing.
    """
    notation = (Path(__file__).parent / "notation.lark").read_text(encoding="utf-8")
    return _ToTree().transform(Lark(notation, parser="lalr").parse(text))


@cache
def load() -> Grammar:
    """Return the grammar of the specification."""
    return parse(spec.path("grammar.ebnf").read_text(encoding="utf-8"))


def walk(expression: Expression) -> Iterator[Expression]:
    """Iterate over an expression and all its parts, without following names."""
    yield expression
    match expression:
        case Sequence(parts) | Choice(parts):
            for part in parts:
                yield from walk(part)
        case Unless(inner, barred):
            yield from walk(inner)
            yield from walk(barred)
        case Repeat(inner) | Optional(inner) | Confined(inner) | Bound(inner):
            yield from walk(inner)
