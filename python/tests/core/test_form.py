"""Damage in mid-line: `stream.form`."""

from __future__ import annotations

import pytest

from subunit2 import Corrupt, Packet, Passthrough, encode
from subunit2.framing.form import MOST_TAGS, has_form
from subunit2.grammar.matching import Mismatch, match
from subunit2.grammar.notation import load
from subunit2.packets.header import Header, read_header
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL_OCTETS,
    PACKETS,
    damaged,
    header,
    intact,
    named,
    number,
    packets,
    read,
    recovered,
    string,
)

GRAMMAR = load()


def form(octets: bytes) -> bool:
    """Return whether octets have the form of a packet, by the reader and by the grammar."""
    found = read_header(octets, 0, len(octets))
    whole = isinstance(found, Header) and found.length <= len(octets)
    answer = whole and isinstance(found, Header) and has_form(octets, 0, found)
    try:
        match(GRAMMAR, "form", octets[: found.length] if isinstance(found, Header) else octets)
    except Mismatch:
        assert not answer
    else:
        assert answer
    return answer


@pytest.mark.parametrize(("_", "octets"), named(PACKETS))
def test_every_packet_has_it(_: Packet, octets: bytes) -> None:
    assert form(octets)


FORMS: list[tuple[str, bytes, bool]] = [
    ("no field", intact(0x2000), True),
    ("an octet of no field", intact(0x2000, b"a"), False),
    ("a test id", intact(0x2800, string(b"foo")), True),
    ("a test id that is no UTF-8", intact(0x2800, string(b"\xff\0")), True),
    ("a size of four octets", intact(0x2800, number(3, 4) + b"foo"), True),
    ("a size that is cut", intact(0x2800, b"\x40"), False),
    ("a test id past the end", intact(0x2800, b"\x04foo"), False),
    ("an octet behind the test id", intact(0x2800, b"\x02foo"), False),
    ("a timestamp", intact(0x2200, bytes(4) + number(0, 1)), True),
    ("too many nanoseconds", intact(0x2200, bytes(4) + b"\xff\xff\xff\xff"), True),
    ("seconds that are cut", intact(0x2200, bytes(3)), False),
    ("no nanoseconds", intact(0x2200, bytes(4)), False),
    ("nanoseconds that are cut", intact(0x2200, bytes(4) + b"\xc0\0\0"), False),
    ("no tags", intact(0x2080, b"\0"), True),
    ("two tags", intact(0x2080, b"\x02\x01a\0"), True),
    ("a tag too few", intact(0x2080, b"\x02\x01a"), False),
    ("the most tags", intact(0x2080, number(MOST_TAGS, 1) + bytes(MOST_TAGS)), True),
    ("the most tags, in four octets", intact(0x2080, number(MOST_TAGS, 4) + bytes(63)), True),
    ("a tag too many", intact(0x2080, number(MOST_TAGS + 1, 2) + bytes(64)), False),
    ("a count that is cut", intact(0x2080, b"\xc0"), False),
    ("a MIME type", intact(0x2020, string(b"text/plain")), True),
    ("a file", intact(0x2040, string(b"log") + string(b"\xb3" * 9)), True),
    ("a file without content", intact(0x2040, string(b"log")), False),
    ("a route code", intact(0x2400, string(b"0/1")), True),
    ("an empty body with a field", intact(0x2800), False),
]


@pytest.mark.parametrize(("octets", "expected"), named(FORMS))
def test_form(octets: bytes, expected: bool) -> None:
    assert form(octets) is expected
    assert form(damaged(octets)) is expected


@pytest.mark.parametrize(("octets", "expected"), named(FORMS))
def test_in_mid_line_it_decides_between_damage_and_output(octets: bytes, expected: bool) -> None:
    lost = damaged(octets)
    if expected:
        assert read(b"." + lost) == [Passthrough(b"."), Corrupt(lost, "checksum")]
        assert read(b"." + lost + BAR_OCTETS) == [Passthrough(b"."), Corrupt(lost, "checksum"), BAR]
    else:
        assert read(b"." + lost + BAR_OCTETS) == [Passthrough(b"." + lost), BAR]


def test_a_region_in_mid_line_ends_at_a_sync_point_and_ends_the_text() -> None:
    lost = damaged(FOO_OCTETS)
    assert read(b"." + lost + b"\xb3\x10") == [
        Passthrough(b"."),
        Corrupt(lost, "checksum"),
        Corrupt(b"\xb3", "version"),
        Passthrough(b"\x10"),
    ]
    # Behind C3, the packet could stand in text: but the line is no text any more.
    packet = bytes.fromhex("b320706f722061206221")
    assert read(b"." + lost + b"\xc3" + packet)[-1] == Passthrough(b"\xc3" + packet)


def test_a_packet_inside_a_region_in_mid_line_is_recovered() -> None:
    outer = intact(0x2840, string(b"t") + string(b"log") + string(FOO_OCTETS + b"rest"))
    lost = damaged(outer)
    at = lost.index(FOO_OCTETS)
    assert read(b"." + lost + BAR_OCTETS) == [
        Passthrough(b"."),
        Corrupt(lost[:at], "checksum"),
        recovered(FOO),
        Passthrough(lost[at + len(FOO_OCTETS) :]),
        BAR,
    ]


def test_of_two_damaged_packets_in_a_row_both_are_found() -> None:
    # clause recovery.unusable: behind the first the second is in mid-line
    first = bytes([0xB3, 0x19]) + FOO_OCTETS[2:]
    second = damaged(FOO_OCTETS)
    assert read(first + second + BAR_OCTETS) == [
        Corrupt(b"\xb3", "version"),
        Passthrough(first[1:]),
        Corrupt(second, "checksum"),
        BAR,
    ]


def test_a_packet_that_the_stream_cuts_in_mid_line_is_output() -> None:
    for size in range(1, len(FULL_OCTETS)):
        assert read(b"." + FULL_OCTETS[:size], most_cuts=2) == [
            Passthrough(b"." + FULL_OCTETS[:size])
        ]


def test_inside_a_character_of_text_it_does_not_count() -> None:
    # A MIME type of 9 octets and a route code of 13: sizes that are a tab and a return.
    text = b"\xb3\x24\x20\x20" + b"\t" + b"a" * 9 + b"\r" + b"b" * 13 + b"sums"
    assert form(text)
    assert read(b"\xc3" + text) == [Passthrough(b"\xc3" + text)]
    assert read(b"." + text) == [Passthrough(b"."), Corrupt(text, "checksum")]


def test_every_bit_of_a_packet_behind_a_dot() -> None:
    """The sizes, and what decides about the length, leave the form; all other bits keep it."""
    packet = encode(Packet(test_id="foo.bar", test_status="fail"))
    found = set()
    for octet in range(1, len(packet)):
        for bit in range(8):
            flipped = bytearray(packet)
            flipped[octet] ^= 1 << bit
            items = read(b"." + flipped + FOO_OCTETS, most_cuts=2)
            assert packets(items)[-1:] == [FOO]
            if any(isinstance(item, Corrupt) for item in items):
                found.add((octet, bit))
    missed = {(octet, bit) for octet in range(1, len(packet)) for bit in range(8)} - found
    # Version, fields and reserved bit of the flags; length; size of the test id.
    runnable_and_status = {(1, 0), (2, 0), (2, 1), (2, 2), (2, 4)}
    flags = {(octet, bit) for octet in (1, 2) for bit in range(8)} - runnable_and_status
    assert missed <= flags | {(octet, bit) for octet in (3, 4) for bit in range(8)}


def test_header_of_a_claim_that_the_stream_does_not_hold() -> None:
    assert read(b"." + header(0x2901, 60) + b"x" * 20) == [
        Passthrough(b"." + header(0x2901, 60) + b"x" * 20)
    ]
