"""The tree of a grammar in the notation of `spec/grammar.ebnf`.

Strategy: Lark reads the notation (`notation.lark`), and one small immutable
class for each construct holds what it means. Nothing here knows of subunit.
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
    """The octets that a name was given to, once more. `=label`."""

    name: str


@dataclass(frozen=True)
class Bits:
    """Whole octets by their bits: constants, flags and numbers. `<0010 f s:3>`.

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
    """One behind the other. `a b`."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True)
class Choice:
    """The first that matches. `a | b`."""

    alternatives: tuple[Expression, ...]


@dataclass(frozen=True)
class Unless:
    """What matches where something else does not. `a - b`."""

    inner: Expression
    barred: Expression


@dataclass(frozen=True)
class Repeat:
    """So many times: from `least` up to `most`, a name's value or any number."""

    inner: Expression
    least: int
    most: int | str | None


@dataclass(frozen=True)
class Optional:
    """There where a flag is set, and otherwise not. `a?{flag}`."""

    inner: Expression
    flag: str


@dataclass(frozen=True)
class Confined:
    """Just so many octets.

    They are the next `size`, a name's value, or those up to `size - less`,
    counted from the start of the production. `a{n octets}` and `a{..n-4}`.
    """

    inner: Expression
    size: str
    less: int | None = None


@dataclass(frozen=True)
class Bound:
    """A name for what is matched, and a limit for its value. `n:a`, `a<=9`."""

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
    """From Lark's tree to ours, a method for each of its rules and tokens."""

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
        what = suffix.strip("?{}.")
        match suffix.type:
            case "FLAGGED":
                return Optional(inner, what)
            case "SIMPLE":
                return Repeat(inner, int(suffix == "+"), 1 if suffix == "?" else None)
            case "TIMES":
                return Repeat(inner, int(what), int(what))
            case "NAMED_TIMES":
                return Repeat(inner, 0, what)
            case "NAMED_OCTETS":
                return Confined(inner, what.removesuffix(" octets"))
            case _:
                size, less = what.split("-")
                return Confined(inner, size, int(less))

    def suffix(self, parts: list[Token]) -> Token:
        return parts[0]

    def atom(self, parts: list[Expression]) -> Expression:
        return parts[0]

    def NAME(self, token: Token) -> Expression:  # noqa: N802  (Lark's way to name tokens)
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
    """The productions of a grammar by their names, in order.

    :raises lark.exceptions.LarkError: where `text` is not in the notation.
    """
    notation = (Path(__file__).parent / "notation.lark").read_text(encoding="utf-8")
    return _ToTree().transform(Lark(notation, parser="lalr").parse(text))


@cache
def load() -> Grammar:
    """The grammar of the specification."""
    return parse(spec.path("grammar.ebnf").read_text(encoding="utf-8"))


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and all that it is made of, but not what names stand for."""
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
