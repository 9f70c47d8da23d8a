"""Packets built from flags and fields: lengths, checksums, and room for content."""

from __future__ import annotations

import pytest

from subunit2 import Packet, Reader, decode, encode, encode_attachment
from subunit2.packets.build import LENGTHS, encode_length, encoded_length, room_for_content, seal
from subunit2.packets.header import LEAST_LENGTHS, LONGEST_BODIES, MAX_PACKET, packet_length
from subunit2.packets.numbers import encode_number, read_number


def test_a_length_counts_its_own_octets() -> None:
    # clause number.shortest: no packet is 64 or 16,384 octets long.
    assert LEAST_LENGTHS == (8, 65, 16_385)
    assert [packet_length(longest) for longest in LONGEST_BODIES] == [63, 16_383, MAX_PACKET]
    assert [packet_length(longest + 1) for longest in LONGEST_BODIES] == [65, 16_385, None]


@pytest.mark.parametrize("body", [0, 1, 55, 56, 255, 256, 16_374, 16_375, LONGEST_BODIES[-1]])
def test_a_sealed_packet_is_intact(body: int) -> None:
    content = bytes(body)
    octets = seal(0x2000, content[: body // 2], content[body // 2 :])
    assert octets is not None
    assert len(octets) == packet_length(body)
    assert octets[3 : -4 - body] == encode_length(body)
    reader = Reader()
    [item] = reader.feed(octets)
    assert item.length == len(octets)
    if body < len(LENGTHS):
        assert LENGTHS[body] == encode_length(body)


def test_a_body_that_is_too_long_is_not_sealed() -> None:
    assert seal(0x2000, bytes(LONGEST_BODIES[-1] + 1)) is None
    assert encode_length(LONGEST_BODIES[-1] + 1) is None


@pytest.mark.parametrize("left", [0, 1, 2, 3, 63, 64, 65, 66, 67, 16_384, 16_387, 16_388, 99_999])
def test_the_room_for_content_is_all_that_fits(left: int) -> None:
    others = LONGEST_BODIES[-1] - left
    room = room_for_content(others)
    if room < 1:
        assert left < 2
        return
    for size, fits in ((room, True), (room + 1, False)):
        body = others + len(encode_number(size)) + size
        assert (packet_length(body) is not None) == fits


@pytest.mark.parametrize("name", [1, 40, 60, 70, 20_000])
def test_the_chunks_of_an_attachment_fill_their_packets(name: int) -> None:
    # clause file.split
    packet = Packet(file_name="n" * name)
    first, *_, last = encode_attachment(packet, bytes(2 * MAX_PACKET), chunk=2 * MAX_PACKET)
    assert len(first) == MAX_PACKET
    [item] = decode(last)
    assert isinstance(item, Packet)
    assert encoded_length(item) == len(last) == len(encode(item))


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("value", [0, 1, 63])
def test_numbers_are_read_in_any_form(value: int, width: int) -> None:
    # clause number.any-width
    octets = b"x" + (value | (width - 1) << (8 * width - 2)).to_bytes(width, "big") + b"y"
    assert read_number(octets, 1) == (value, 1 + width)
