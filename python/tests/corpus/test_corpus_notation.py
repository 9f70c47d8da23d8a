"""The notation of cases, and the mutations that damage their octets."""

from __future__ import annotations

import doctest
from importlib import import_module
from typing import Any
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.assemble import exists, number, packet, string, written
from corpus.mutations import MutationError, mutate
from corpus.notation import NotationError, parse, quoted
from corpus.source import octets_of
from subunit2 import Packet, encode, item_from_dict
from subunit2.grammar.generating import packets

FOO = exists("foo")


@pytest.mark.parametrize(
    "module", ["notation", "mutations", "serialise", "lock", "cases", "lint", "files", "draft"]
)
def test_examples_in_the_documentation_are_right(module: str) -> None:
    assert doctest.testmod(import_module(f"corpus.{module}")).failed == 0


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("", []),
        ("  # nothing\n", []),
        ("b3 2901 0C", [(b"\xb3\x29\x01\x0c", 1)]),
        ('"a#b" # c', [(b"a#b", 1)]),
        (r'"\n\r\t\\\"\x41\xb3"', [(b'\n\r\t\\"A\xb3', 1)]),
        ('"ó"', ["ó".encode()]),
        ('00 (61 "b" # x\n63) * 1_000 "d"', [(b"\0", 1), (b"abc", 1000), (b"d", 1)]),
        ("(61)*2(62)*3", [(b"a", 2), (b"b", 3)]),
    ],
)
def test_octets_are_read(text: str, runs: list[Any]) -> None:
    assert parse(text) == [run if isinstance(run, tuple) else (run, 1) for run in runs]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("b3\n290 1", "line 2: 290 is not hex digits in pairs"),
        ('61\n\n"abc', 'line 3: text without the " that ends it'),
        ('"a\nb"', 'line 1: text without the " that ends it'),
        (r'"\q"', r"line 1: \\q is none of"),
        ("00\n(61", r"line 2: \( without its \)"),
        ("61)", "line 1: .* without \\* and a number"),
        ("61) * 2", r"line 1: \) without its \("),
        ("(61 (62) * 2) * 3", "line 1: a repetition inside the one of line 1"),
        ("() * 3", "line 1: a repetition of nothing"),
        ("(61) * 0", "line 1: a repetition of nothing"),
        ("b3, 29", "line 1: ',' is neither"),
    ],
)
def test_octets_that_are_not_written_right_are_named_with_their_line(
    text: str, message: str
) -> None:
    with pytest.raises(NotationError, match=f"^{message}"):
        parse(text)


@given(st.text())
def test_text_that_is_quoted_reads_back(text: str) -> None:
    shown = quoted(text.encode())
    assert shown is None or octets_of(parse(shown)) == text.encode()


def test_what_cannot_be_quoted_is_not() -> None:
    assert quoted(b"\xff") is None
    assert quoted(b"\0") is None


@given(packets())
def test_a_packet_that_is_assembled_is_what_the_writer_writes(octets: bytes) -> None:
    from subunit2 import decode

    [item] = decode(octets)
    assert isinstance(item, Packet)
    form = {key: value for key, value in item.to_dict().items() if key != "raw"}
    assert written(form) == encode(item_from_dict(form))


@pytest.mark.parametrize("value", [1 << 30, -1])
def test_what_no_number_holds_is_not_assembled(value: int) -> None:
    with pytest.raises((ValueError, OverflowError)):
        number(value)


def test_what_no_packet_holds_is_not_assembled() -> None:
    with pytest.raises(ValueError, match="too long for a packet"):
        packet(0x2000, bytes(1 << 22))


def items_of(*lengths: int, kind: str = "packet") -> list[dict[str, Any]]:
    starts = [sum(lengths[:at]) for at in range(len(lengths))]
    return [
        {"kind": kind, "offset": start, "length": length}
        for start, length in zip(starts, lengths, strict=True)
    ]


@pytest.mark.parametrize(
    ("mutation", "octets"),
    [
        ("flip-bit 0.0", FOO.replace(b"\xb3", b"\xb2")),
        ("flip-bit 11.7", FOO[:-1] + bytes([FOO[-1] ^ 0x80])),
        ("truncate 0", b""),
        ("truncate 11", FOO[:11]),
        ("remove 1..3", FOO[:1] + FOO[3:]),
        ("insert 12 0a", FOO + b"\n"),
        ("insert 0 0a0b", b"\n\x0b" + FOO),
        ("write 5 626172", FOO.replace(b"foo", b"bar")),
    ],
)
def test_a_mutation_changes_what_it_says(mutation: str, octets: bytes) -> None:
    assert mutate(FOO, mutation, []) == octets


BAR = exists("bar")
BAZ = exists("x" * 60)


@pytest.mark.parametrize(
    ("parent", "mutation", "octets"),
    [
        (FOO + BAR, "write 17 62617a sealed", FOO + exists("baz")),
        (FOO + BAR, "write 5 62617a sealed", exists("baz") + BAR),
        # The size of the string is wrong now, and the checksum is right.
        (FOO, "insert 8 21 sealed", FOO[:8] + b"!" + crc32(FOO[:8] + b"!").to_bytes(4, "big")),
        (FOO, "remove 5..8 resized sealed", packet(0x2901, b"\x03")),
        # The length takes an octet more.
        (FOO, f"insert 8 {'61' * 60} resized sealed", packet(0x2901, b"\x03foo" + b"a" * 60)),
        # It does not take one less.
        (BAZ, "remove 6..66 resized sealed", packet(0x2901, b"\x3c", width=2)),
    ],
)
def test_what_is_sealed_has_a_right_checksum(parent: bytes, mutation: str, octets: bytes) -> None:
    lengths = [len(parent)] if len(parent) % 12 else [12] * (len(parent) // 12)
    assert mutate(parent, mutation, items_of(*lengths)) == octets


def test_a_packet_behind_text_is_sealed_where_it_is() -> None:
    items = [*items_of(2, kind="passthrough"), {"kind": "packet", "offset": 2, "length": 12}]
    assert mutate(b"ok" + FOO, "write 7 626172 sealed", items) == b"ok" + BAR


@pytest.mark.parametrize(
    ("mutation", "message"),
    [
        ("flip 3", "is none of: flip-bit"),
        ("flip-bit 3", "is none of: flip-bit"),
        ("flip-bit 3.8", "is none of: flip-bit"),
        ("insert 3 6", "is none of: flip-bit"),
        ("insert 3", "is none of: flip-bit"),
        ("write 3 AA", "is none of: flip-bit"),
        ("write 3 61 resized", "has to be sealed"),
        ("truncate 3 sealed", "has no checksum"),
        ("flip-bit 12.0", "reaches outside the parent's 12 octets"),
        ("remove 3..13", "reaches outside"),
        ("remove 4..3", "reaches outside"),
        ("write 11 6161", "reaches outside"),
        ("insert 13 61", "reaches outside"),
        ("truncate 12", "changes nothing"),
        ("write 0 b3", "changes nothing"),
        ("remove 3..3", "changes nothing"),
        ("write 8 00 sealed", "does not lie inside one packet"),
        ("insert 0 61 sealed", "does not lie inside one packet"),
    ],
)
def test_a_mutation_that_is_none_is_refused(mutation: str, message: str) -> None:
    with pytest.raises(MutationError, match=message):
        mutate(FOO, mutation, items_of(12))


def test_a_change_of_passthrough_or_of_two_packets_is_not_sealed() -> None:
    with pytest.raises(MutationError, match="one packet"):
        mutate(FOO, "write 3 61 sealed", items_of(12, kind="passthrough"))
    with pytest.raises(MutationError, match="one packet"):
        mutate(FOO + FOO, f"write 6 {'61' * 8} sealed", items_of(12, 12))


def test_strings_are_assembled_with_any_width() -> None:
    assert string("ó") == b"\x02\xc3\xb3"
    assert string(b"a", 3) == b"\x80\x00\x01a"
