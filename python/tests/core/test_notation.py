"""The notation of grammar.ebnf: the meaning of each construct, and syntax errors."""

from __future__ import annotations

import pytest
from lark.exceptions import LarkError, VisitError

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
    parse,
    walk,
)


def one(*octets: int) -> OneOf:
    return OneOf(frozenset(octets))


A, B = one(0x61), one(0x62)

CONSTRUCTS: dict[str, Expression] = {
    "#x61": A,
    "'a'": A,
    "'ab'": Sequence((A, B)),
    "[#x61 #x62]": one(0x61, 0x62),
    "[#x00-#x02 #x61]": one(0, 1, 2, 0x61),
    "[^#x02-#xFF]": one(0, 1),
    "'a' 'b'": Sequence((A, B)),
    "'a' | 'b'": Choice((A, B)),
    "'a' 'b' | 'a'": Choice((Sequence((A, B)), A)),
    "'a' ('b' | 'a')": Sequence((A, Choice((B, A)))),
    "[#x61 #x62] - 'b'": Unless(one(0x61, 0x62), B),
    "'a'?": Repeat(A, 0, 1),
    "'a'*": Repeat(A, 0, None),
    "'a'+": Repeat(A, 1, None),
    "'a'{3}": Repeat(A, 3, 3),
    "('a' 'b')*": Repeat(Sequence((A, B)), 0, None),
    "n:'a' 'b'{n}": Sequence((Bound(A, "n", None), Repeat(B, 0, "n"))),
    "n:'a' 'b'*{n octets}": Sequence((Bound(A, "n", None), Repeat(B, 0, None))),
    "n:'a' ('b'*){n octets}": Sequence(
        (Bound(A, "n", None), Confined(Repeat(B, 0, None), "n", None))
    ),
    "n:'a' ('b'*){..n-4}": Sequence((Bound(A, "n", None), Confined(Repeat(B, 0, None), "n", 4))),
    "n:'a' 'b' =n": Sequence((Bound(A, "n", None), B, Again("n"))),
    "'a'<=9": Bound(A, None, 9),
    "n:'a'<=9": Bound(A, "n", 9),
    "'a'?{has_it}": Optional(A, "has_it"),
    "x": Name("x"),
    "'a' /* a comment, with 'b' in it */": A,
}
# A second suffix is a syntax error, as a case above shows.
del CONSTRUCTS["n:'a' 'b'*{n octets}"]


@pytest.mark.parametrize(("text", "expected"), CONSTRUCTS.items(), ids=CONSTRUCTS.keys())
def test_a_construct(text: str, expected: Expression) -> None:
    assert parse(f"x ::= {text}")["x"] == expected


def test_bits_are_constants_flags_and_numbers_from_the_top() -> None:
    assert parse("x ::= <0010 a b 0 c:3 d:6>")["x"] == Bits(
        octets=2,
        constants=((0xF000, 0x2000), (0x0200, 0)),
        flags={"a": 0x0800, "b": 0x0400},
        numbers={"c": 0x01C0, "d": 0x003F},
    )


def test_productions_keep_their_order() -> None:
    assert list(parse("b ::= a\na ::= c\nc ::= 'x'")) == ["b", "a", "c"]


def test_a_production_can_take_several_lines() -> None:
    assert parse("x ::= 'a'\n    | 'b'\ny ::= 'b'") == {"x": Choice((A, B)), "y": B}


def test_an_expression_is_walked_with_all_that_is_in_it() -> None:
    [expression] = parse("x ::= n:'a' ('b' - x)*{n octets} | x?{f}".replace("*{", "{")).values()
    names = [type(part).__name__ for part in walk(expression)]
    assert names == [
        *("Choice", "Sequence", "Bound", "OneOf", "Confined", "Unless", "OneOf", "Name"),
        *("Optional", "Name"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "x",
            "x ::=",
            "x = 'a'",
            "x ::= 'a",
            "x ::= (a",
            "x ::= a)",
            "x ::= #x6",
            "x ::= [#x61",
        ),
        *("x ::= 'a'**", "x ::= 'a'*{n octets}", "x ::= 'a'{n..2}", "x ::= | 'a'", "x ::= /* open"),
    ],
)
def test_a_syntax_error_is_refused(text: str) -> None:
    with pytest.raises(LarkError):
        parse(text)


def test_a_name_that_is_not_defined_is_refused_by_name() -> None:
    with pytest.raises(VisitError, match="x refers to y, which is not defined"):
        parse("x ::= 'a' y?")


def test_a_production_that_is_defined_twice_is_refused_by_name() -> None:
    with pytest.raises(VisitError, match="x is defined twice"):
        parse("x ::= 'a'\nx ::= 'b'")


def test_every_production_of_the_specification_is_used() -> None:
    grammar = load()
    used = {
        part.name
        for expression in grammar.values()
        for part in walk(expression)
        if isinstance(part, Name)
    }
    # Streams, and the productions that the clauses about text name.
    assert grammar.keys() - used == {"stream", "form", "text", "plain_character", "v1_stream"}
