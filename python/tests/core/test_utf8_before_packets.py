"""Text ends before a 0xB3 between two characters, which may begin a packet."""

from __future__ import annotations

from zlib import crc32

import pytest

from subunit2 import Passthrough, Reader
from subunit2.framing.utf8 import TextState
from support.characters import characters_with_b3
from support.streams import (
    FOO,
    FOO_OCTETS,
    joined,
    kinds,
    read,
)


@pytest.mark.parametrize(
    "text", ["Шаг 1", "2024 г. ", "г", "5 m³", "adió", "🥳", "³ ³", "Ж" * 9 + "г"]
)
def test_a_packet_behind_text_is_out_with_its_last_octet(text: str) -> None:
    # clauses stream.character, reader.packet-at-once
    octets = text.encode()
    reader = Reader()
    items = reader.feed(octets)
    for octet in FOO_OCTETS[:-1]:
        items += reader.feed(bytes([octet]))
    items += reader.feed(FOO_OCTETS[-1:])
    assert joined(items) == [Passthrough(octets), FOO]
    assert reader.pending == 0
    # The text is out with the first octet of the packet.
    reader = Reader()
    assert joined(reader.feed(octets + FOO_OCTETS[:1])) == [Passthrough(octets)]
    assert reader.pending == 1


CHARACTERS = characters_with_b3()


@pytest.mark.parametrize("lead", CHARACTERS[:40] + CHARACTERS[-40:], ids=bytes.hex)
def test_the_eight_octets_end_before_a_packet_behind_any_character(lead: bytes) -> None:
    for between in (b"", b" ", "é".encode(), b"abcdef"):
        stream = lead + between + FOO_OCTETS
        assert read(stream, most_cuts=4) == [Passthrough(lead + between), FOO]


def test_a_packet_behind_half_a_character_may_look_like_text() -> None:
    # The cost that the clause names: a 0xB3 between characters, or a line feed.
    for packet in ("b320b30e020161016200a9c70b39", "b3200a0e0201610162006e7c9aa5"):
        octets = bytes.fromhex(packet)
        octets = octets[:-4] + crc32(octets[:-4]).to_bytes(4, "big")
        assert kinds(read(octets)) == (
            ["packet"] if octets[2] == 0xB3 else ["corrupt", "passthrough"]
        )
        assert joined(read(b"\xc3" + octets)) == [Passthrough(b"\xc3" + octets)]


def test_a_0xb3_inside_a_character_does_not_end_the_eight_octets() -> None:
    # The second 0xB3 continues the second character, so a control octet behind it counts.
    state = TextState()
    state.feed(b"\xc3")
    assert state.continues(b"\xb3\xc3\xb3\x01    ", at_end=False) is False
    assert state.continues(b"\xb3\xc3\xb3\xb3\x01   ", at_end=False) is True
    assert state.continues(b"\xb3\x01\xb3     ", at_end=False) is False
    assert state.continues(b"\xb3\xed\xb3     ", at_end=False) is False
    assert state.continues(b"\xb3\xe2\xb3", at_end=False) == "unknown"
    assert state.continues(b"\xb3\xb3", at_end=False) is True
