"""The interpreter of the grammar: matches, their ends, and the reasons of mismatches."""

from __future__ import annotations

from itertools import product

import pytest

from subunit2.grammar.matching import Mismatch, match
from subunit2.grammar.notation import load, parse

NUMBER = """
number ::= [#x00-#x3F] | [#x40-#x7F] octet | [#x80-#xBF] octet{2} | [#xC0-#xFF] octet{3}
octet ::= [#x00-#xFF]
"""


def end(grammar: str, octets: bytes) -> int:
    return match(parse(grammar + NUMBER), "x", octets).end


MATCHES = [
    ("x ::= 'ab'", b"abc", 2),
    ("x ::= 'a' | 'b'", b"b", 1),
    ("x ::= 'ab' | 'a'", b"ac", 1),
    # The first alternative that matches is taken, although the second is longer.
    ("x ::= 'a' | 'ab'", b"ab", 1),
    ("x ::= 'a'?", b"", 0),
    ("x ::= 'a'?", b"aa", 1),
    ("x ::= 'a'*", b"aab", 2),
    ("x ::= 'a'+", b"aab", 2),
    ("x ::= 'a'{2}", b"aaa", 2),
    ("x ::= ('a'?)*", b"aab", 2),
    ("x ::= octet*", b"abc", 3),
    ("x ::= octet{2}", b"abc", 2),
    ("x ::= [^#x0A]*", b"ab\n", 2),
    ("x ::= [#x61-#x7A] - 'b'", b"a", 1),
    ("x ::= ('a'* - 'ab')", b"aab", 2),
    ("x ::= n:number 'a'{n}", b"\x02aaa", 3),
    ("x ::= n:number 'a'{n}", b"\x00aaa", 1),
    ("x ::= n:number 'a'{n}", b"\x40\x02aaa", 4),
    ("x ::= n:number octet{n}", b"\x80\x00\x02aaa", 5),
    ("x ::= n:number ('a'*){n octets}", b"\x02aaa", 3),
    ("x ::= 'b' n:number ('a'*){..n-1}", b"b\x05aab", 4),
    ("x ::= n:octet{2} 'a'{n}", b"\x00\x02aa", 4),
    ("x ::= n:hex_digits '-' octet{n}\nhex_digits ::= [#x30-#x46]+", b"0A-" + b"x" * 12, 13),
    ("x ::= n:('a'*) 'b' =n", b"aabaaa", 5),
    ("x ::= number<=63", b"\x3f", 1),
    ("x ::= y 'a'?{f}\ny ::= <f n:7>", b"\x80a", 2),
    ("x ::= y 'a'?{f}\ny ::= <f n:7>", b"\x00a", 1),
]


@pytest.mark.parametrize(("grammar", "octets", "expected"), MATCHES)
def test_octets_match_up_to(grammar: str, octets: bytes, expected: int) -> None:
    assert end(grammar, octets) == expected


MISMATCHES = [
    ("x ::= 'ab'", b"ac", 1, "octet"),
    ("x ::= 'ab'", b"a", 1, "end"),
    ("x ::= 'a' | 'b'", b"c", 0, "octet"),
    # The alternative that matched furthest reports the error.
    ("x ::= 'a' | 'bcd'", b"bce", 2, "octet"),
    ("x ::= 'a'+", b"b", 0, "octet"),
    ("x ::= 'a'{2}", b"ab", 1, "octet"),
    ("x ::= octet{2}", b"a", 1, "end"),
    ("x ::= octet - 'b'", b"b", 0, "octet"),
    ("x ::= n:number 'a'{n}", b"\x02ab", 2, "octet"),
    ("x ::= n:number octet{n}", b"\x02a", 2, "end"),
    ("x ::= n:number (octet*){n octets}", b"\x02a", 2, "end"),
    ("x ::= n:number ('a'{1}){n octets}", b"\x02aa", 2, "left"),
    ("x ::= n:number ('a'*){n octets}", b"\x02ab", 2, "octet"),
    ("x ::= n:number ('a'){..n-1}", b"\x04aaa", 2, "left"),
    ("x ::= n:('a'*) 'b' =n", b"aaba", 3, "octet"),
    ("x ::= number<=63", b"\x40\x40", 0, "limit"),
    ("x ::= <01 f n:5>", b"\x80", 0, "octet"),
    ("x ::= <01 f n:13>", b"\x40", 1, "end"),
    # A wrong octet is reported although a later one is missing.
    ("x ::= <01 f n:13>", b"\x80", 0, "octet"),
]


@pytest.mark.parametrize(("grammar", "octets", "index", "why"), MISMATCHES)
def test_octets_do_not_match_because(grammar: str, octets: bytes, index: int, why: str) -> None:
    with pytest.raises(Mismatch) as caught:
        end(grammar, octets)
    assert (caught.value.index, caught.value.why) == (index, why)


def test_a_mismatch_lists_the_matches_before_it_outermost_first() -> None:
    grammar = parse("x ::= y z\ny ::= 'a'\nz ::= w 'b'\nw ::= 'c'")
    with pytest.raises(Mismatch, match="z at 2: octet") as caught:
        match(grammar, "x", b"acd")
    outer, inner = caught.value.parts
    assert (outer.production, [part.production for part in outer.parts]) == ("x", ["y"])
    assert (inner.production, [part.production for part in inner.parts]) == ("z", ["w"])


def test_a_match_is_a_tree_of_named_matches() -> None:
    tree = match(load(), "packet", bytes.fromhex("b329010c03666f6f08555f1b"))
    assert [(part.production, part.start, part.end) for part in tree.parts] == [
        ("signature", 0, 1),
        ("flags", 1, 3),
        ("length", 3, 4),
        ("test_id", 4, 8),
        ("crc32", 8, 12),
    ]
    assert tree.values == {"total": 12}
    flags = tree.find("flags")
    assert flags is not None
    assert [name for name, value in flags.values.items() if value] == [
        *("has_test_id", "runnable", "status"),
    ]
    assert tree.find("tags") is None


def test_a_match_can_start_anywhere() -> None:
    tree = match(parse("x ::= n:y ('a'*){..n-1}\ny ::= #x04"), "x", b"--\x04aab", 2)
    assert (tree.start, tree.end) == (2, 5)


def test_an_alternative_that_fails_leaves_nothing_in_the_tree() -> None:
    tree = match(parse("x ::= y 'a' | y 'b'\ny ::= 'c'"), "x", b"cb")
    assert [(part.production, part.start) for part in tree.parts] == [("y", 0)]


def test_a_character_of_the_grammar_is_one_of_python_but_for_nul() -> None:
    # The octets around each limit in the definition of a character.
    limits = bytes.fromhex("007f808f909fa0bfc0ff")
    grammar = load()
    for first in range(0x100):
        for second, third in product(limits, limits[1:8:3]):
            octets = bytes([first, second, third, 0xBF])
            try:
                length = match(grammar, "character", octets).end
            except Mismatch:
                length = 0
            assert length == _character_length(octets)


def _character_length(octets: bytes) -> int:
    for length in range(1, 5):
        try:
            character = octets[:length].decode()
        except UnicodeDecodeError:
            continue
        return length if character != "\0" else 0
    return 0
