"""Headers: usable, unusable, or incomplete."""

from __future__ import annotations

import re

import pytest

from subunit2 import Packet
from subunit2.packets import header as headers
from subunit2.packets.header import (
    INCOMPLETE,
    LEAST_PACKET,
    MAX_PACKET,
    PLAUSIBLE_HEADER,
    Header,
    read_header,
)
from subunit2.writer import encode
from support.streams import FOO_OCTETS, FULL_OCTETS, header, named

# clause packet.first-error: each with just the octets that decide
HEADERS: list[tuple[str, str, Header | str]] = [
    ("nothing", "b3", INCOMPLETE),
    ("version only", "b32f", INCOMPLETE),
    ("flags only", "b32901", INCOMPLETE),
    ("length of 1 octet", "b329010c", Header(0x2901, 12, 4)),
    ("length of 2 octets, cut", "b3290140", INCOMPLETE),
    ("length of 2 octets", "b329014041", Header(0x2901, 65, 5)),
    ("length of 2 octets, not the shortest", "b32901400d", Header(0x2901, 13, 5)),
    ("length of 3 octets, cut", "b32901bfff", INCOMPLETE),
    ("length of 3 octets", "b32901bfffff", Header(0x2901, MAX_PACKET, 6)),
    ("version 0", "b309", "version"),
    ("version 1", "b31f", "version"),
    ("version 3", "b339", "version"),
    ("version 15", "b3ff", "version"),
    ("reserved bit", "b32908", "reserved_bit"),
    ("all other bits", "b32ff73f", Header(0x2FF7, 63, 4)),
    ("length of 4 octets", "b32901c0", "length_encoding"),
    ("length of 4 octets, the widest", "b32901ff", "length_encoding"),
    ("length 0", "b3200000", "length_too_short"),
    ("length 7", "b3200007", "length_too_short"),
    ("length 8, the least", "b3200008", Header(0x2000, 8, 4)),
    ("length 8 of 2 octets", "b320004008", "length_too_short"),
    ("length 9 of 2 octets", "b320004009", Header(0x2000, 9, 5)),
    ("length 9 of 3 octets", "b32000800009", "length_too_short"),
    ("length 10 of 3 octets", "b3200080000a", Header(0x2000, 10, 6)),
    ("length without room for the test id", "b3280008", Header(0x2800, 8, 4)),
    ("length without room for all fields", "b32fe012", Header(0x2FE0, 18, 4)),
]


@pytest.mark.parametrize(("octets", "expected"), named(HEADERS))
def test_header(octets: str, expected: Header | str) -> None:
    held = bytes.fromhex(octets)
    assert read_header(held, 0, len(held)) == expected


@pytest.mark.parametrize(("octets", "expected"), named(HEADERS))
def test_header_is_decided_by_no_octet_outside_its_bounds(
    octets: str, expected: Header | str
) -> None:
    held = bytes.fromhex(octets)
    for around in (b"\x00\x00\x00\x00", b"\xff\xff\xff\xff"):
        assert read_header(around + held + around, 4, 4 + len(held)) == expected


@pytest.mark.parametrize(("octets", "_"), named(HEADERS))
def test_no_fewer_octets_decide(octets: str, _: object) -> None:
    held = bytes.fromhex(octets)
    if len(held) > 1:
        assert read_header(held, 0, len(held) - 1) == INCOMPLETE


def test_flags_are_the_bits_of_the_format() -> None:
    # clause flags.layout
    assert [
        headers.FLAG_TEST_ID,
        headers.FLAG_ROUTE_CODE,
        headers.FLAG_TIMESTAMP,
        headers.FLAG_RUNNABLE,
        headers.FLAG_TAGS,
        headers.FLAG_FILE,
        headers.FLAG_MIME_TYPE,
        headers.FLAG_EOF,
        headers.FLAG_RESERVED,
        headers.STATUS_MASK,
    ] == [0x0800, 0x0400, 0x0200, 0x0100, 0x0080, 0x0040, 0x0020, 0x0010, 0x0008, 0x0007]
    assert headers.VERSION == 2
    assert headers.SIGNATURE == 0xB3
    assert headers.CHECKSUM_SIZE == 4


def test_the_shortest_packet_has_eight_octets() -> None:
    assert len(encode(Packet(runnable=False))) == LEAST_PACKET == 8


def test_the_longest_packet_has_the_largest_length_of_three_octets() -> None:
    # clause length.limit
    assert MAX_PACKET == 4_194_303
    longest = header(0x2000, MAX_PACKET, width=3)
    assert read_header(longest, 0, len(longest)) == Header(0x2000, MAX_PACKET, 6)


# --- Plausible headers ---------------------------------------------------------------


def is_plausible(octets: bytes) -> bool:
    return re.match(PLAUSIBLE_HEADER, octets) is not None


def test_every_flag_word_is_plausible_where_a_header_is() -> None:
    for flags in range(0x10000):
        octets = header(flags, 63)
        usable = isinstance(read_header(octets, 0, 4), Header)
        assert is_plausible(octets) == usable, octets.hex()


def test_every_first_octet_of_a_length_is_plausible_where_a_header_is() -> None:
    for first in range(0x100):
        octets = b"\xb3\x20\x00" + bytes([first]) + b"\xff\xff"
        wide = first >= 0xC0
        assert is_plausible(octets) == (not wide), octets.hex()


@pytest.mark.parametrize("octets", [FOO_OCTETS, FULL_OCTETS], ids=["foo", "full"])
def test_a_cut_header_is_plausible(octets: bytes) -> None:
    for size in range(1, 7):
        assert is_plausible(octets[:size])


@pytest.mark.parametrize("octets", ["b31f", "b32908", "b32901c0", "29b3", ""])
def test_a_header_known_to_be_unusable_is_not_plausible(octets: str) -> None:
    assert not is_plausible(bytes.fromhex(octets))
