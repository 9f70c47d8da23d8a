"""Signatures inside characters of text: `stream.text` and `stream.character`.

TEXTLIKE is a packet whose first eight octets could be text. So behind the first octet of a
character it is text if the rule applies, and a packet if it does not.
"""

from __future__ import annotations

import pytest

from subunit2 import Corrupt, Packet, Passthrough, Reader
from subunit2.framing.utf8 import LOOKAHEAD, TextState
from subunit2.packets.strings import decode_utf8
from support.characters import characters_with_b3
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL_OCTETS,
    PACKETS,
    TEXTLIKE,
    TEXTLIKE_OCTETS,
    damaged,
    intact,
    joined,
    kinds,
    named,
    read,
    read_in_chunks,
)

# Octets that cannot continue UTF-8 text, all of them.
AROUND_TEXT = b"abcdefg"


CHARACTERS = characters_with_b3()


# --- Characters ----------------------------------------------------------------------


def test_no_character_with_b3_is_forgotten() -> None:
    by_size = {size: sum(len(each) == size for each in CHARACTERS) for size in (2, 3, 4)}
    assert by_size == {
        2: sum(b"\xb3" in chr(code).encode() for code in range(0x80, 0x800)),
        3: sum(
            b"\xb3" in chr(code).encode()
            for code in range(0x800, 0x10000)
            if not 0xD800 <= code < 0xE000
        ),
        4: sum(b"\xb3" in chr(code).encode() for code in range(0x10000, 0x110000)),
    }


def test_every_b3_of_every_character_of_text_continues_it() -> None:
    # clause stream.character
    for character in CHARACTERS:
        for index, octet in enumerate(character):
            if octet == 0xB3:
                state = TextState()
                state.feed(b"text " + character[:index])
                ahead = (character[index:] + AROUND_TEXT)[:LOOKAHEAD]
                assert state.continues(ahead, at_end=False) is True, character.hex()


def test_text_of_all_those_characters_is_passed_on() -> None:
    text = b"".join(CHARACTERS)
    assert read_in_chunks([text]) == [Passthrough(text)]
    # Cut inside a character.
    assert read_in_chunks(text[at : at + 97] for at in range(0, len(text), 97)) == [
        Passthrough(text)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "adiós canción ³√x m³ 5 m³/s",
        "Привет, как дела? где г г",
        "Ελληνικά: γ, γάλα, γη",
        "中国 峳 𠀳 \U0010fff3",
        "ó\tó\ró\x1b[1mó",
        "³³³³³³³³",
        "\N{BYTE ORDER MARK}ó",
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_text_is_passed_on_unaltered(text: str, end: str) -> None:
    octets = (text + end).encode()
    assert read(octets) == [Passthrough(octets)]


@pytest.mark.parametrize("character", ["ó", "³", "γ", "г", "峳", "\U0001f4b3", "\U00033fff"])
@pytest.mark.parametrize(
    ("packet", "octets"), named([*PACKETS, ("textlike", TEXTLIKE, TEXTLIKE_OCTETS)])
)
def test_a_packet_right_behind_a_whole_character_is_found(
    character: str, packet: Packet, octets: bytes
) -> None:
    text = character.encode()
    assert read(text + octets) == [Passthrough(text), packet]


CUT = [
    bytes.fromhex(cut) for cut in ("c3", "df", "e2", "e282", "ed9f", "f0", "f09f", "f09f98", "f48f")
]


@pytest.mark.parametrize("cut", CUT, ids=bytes.hex)
@pytest.mark.parametrize(("packet", "octets"), named(PACKETS))
def test_a_packet_right_behind_a_character_that_was_cut_is_found(
    cut: bytes, packet: Packet, octets: bytes
) -> None:
    text = b"caf" + cut
    assert read(text + octets + b"\n") == [Passthrough(text), packet, Passthrough(b"\n")]


@pytest.mark.parametrize("cut", ["c3", "df", "e282", "ed9f", "f09f98", "f48f80"])
def test_octets_that_continue_a_character_and_look_like_text_are_text(cut: str) -> None:
    # clause stream.character: no candidate, even if it would be a packet
    text = b"caf" + bytes.fromhex(cut) + TEXTLIKE_OCTETS
    assert read(text) == [Passthrough(text)]


@pytest.mark.parametrize("cut", ["", "c3b3", "e2", "e0", "ed", "f0", "f09f", "f48f", "f4"])
def test_a_b3_that_continues_no_character_is_a_candidate(cut: str) -> None:
    # Complete characters, and unfinished ones that 0xB3 cannot continue.
    noise = b"caf" + bytes.fromhex(cut)
    assert read(noise + TEXTLIKE_OCTETS) == [Passthrough(noise), TEXTLIKE]


# --- Text ------------------------------------------------------------------------------

NOT_CHARACTERS = [
    ("a tail", "b2"),
    ("an octet that is never UTF-8", "ff"),
    ("an overlong form of 2 octets", "c0af"),
    ("an overlong form of 3 octets", "e080af"),
    ("an overlong form of 4 octets", "f08080af"),
    ("a surrogate", "eda080"),
    ("above U+10FFFF", "f4908080"),
    ("a lead octet behind a lead octet", "c3c3"),
    ("a character that is cut by a space", "e28220"),
    ("Latin-1", "6dfc6c6c"),
]


@pytest.mark.parametrize("octets", named(NOT_CHARACTERS))
def test_text_ends_with_the_first_malformed_sequence_of_a_line(octets: str) -> None:
    # clause stream.text: so from there on a 0xB3 in text is a candidate
    noise = bytes.fromhex(octets) + b" caf\xc3"
    assert read(noise + TEXTLIKE_OCTETS) == [Passthrough(noise), TEXTLIKE]


@pytest.mark.parametrize("octets", named(NOT_CHARACTERS))
def test_text_begins_anew_with_the_next_line(octets: str) -> None:
    text = bytes.fromhex(octets) + b"\n caf\xc3" + TEXTLIKE_OCTETS + b"..."
    assert read(text) == [Passthrough(text)]


def test_a_character_does_not_go_on_in_the_next_line() -> None:
    noise = b"caf\xc3\n"
    assert read(noise + TEXTLIKE_OCTETS) == [Passthrough(noise), TEXTLIKE]


def test_a_surrogate_is_no_character_that_a_b3_could_continue() -> None:
    # ED B3 begins the surrogate U+DCC0: Python's decoder waits for its third octet.
    noise = b"caf\xed"
    assert read(noise + TEXTLIKE_OCTETS) == [Passthrough(noise), TEXTLIKE]
    state = TextState()
    state.feed(noise)
    assert state.continues(b"\xb3\x80aaaaaa", at_end=False) is False
    assert state.continues(b"\xb3", at_end=True) is False


def test_a_surrogate_that_has_begun_ends_the_text() -> None:
    state = TextState()
    state.feed(b"caf\xed\xa0")
    state.feed(b" caf\xc3")
    assert state.continues(b"\xb3aaaaaaa", at_end=False) is False


# --- Eight octets ------------------------------------------------------------------------

SHOWN_CONTROLS = b"\t\r\x1b"
CONTROLS = bytes(range(0x20)) + b"\x7f"


@pytest.mark.parametrize("index", range(1, LOOKAHEAD))
def test_controls_within_eight_octets_are_not_text(index: int) -> None:
    for control in CONTROLS:
        ahead = bytearray(b"\xb3" + AROUND_TEXT)
        ahead[index] = control
        state = TextState()
        state.feed(b"\xc3")
        expected = control in SHOWN_CONTROLS or control == 0x0A
        assert state.continues(bytes(ahead), at_end=False) is expected, hex(control)


@pytest.mark.parametrize("control", CONTROLS, ids=hex)
def test_a_packet_with_a_control_within_eight_octets_is_found_behind_a_cut_character(
    control: int,
) -> None:
    # The first of the eight octets that can be any is the fifth, in the timestamp.
    body = bytes([control]) + b"bcd" + TEXTLIKE_OCTETS[8:-4]
    octets = intact(0x2A20, body)
    assert octets[:4] == TEXTLIKE_OCTETS[:4]
    items = read(b"\xc3" + octets)
    if control in SHOWN_CONTROLS or control == 0x0A:
        assert items == [Passthrough(b"\xc3" + octets)]
    else:
        assert kinds(items) == ["passthrough", "packet"]


def test_octets_behind_the_first_eight_do_not_count() -> None:
    text = b"\xc3" + b"\xb3" + AROUND_TEXT
    for behind in (b"\x00", b"\x7f", b"\xff"):
        assert read(text + behind) == [Passthrough(text + behind)]
    state = TextState()
    state.feed(b"\xc3")
    assert state.continues(b"\xb3" + AROUND_TEXT, at_end=False) is True


def test_octets_behind_the_line_do_not_count() -> None:
    # clause stream.character: as far as their line goes
    octets = intact(0x2A20, b"\n\0\0\0\0" + TEXTLIKE_OCTETS[9:-4])
    assert read(b"\xc3" + octets) == [Passthrough(b"\xc3" + octets)]
    octets = intact(0x2A20, b"\0\n\0\0\0" + TEXTLIKE_OCTETS[9:-4])
    assert kinds(read(b"\xc3" + octets)) == ["passthrough", "packet"]


@pytest.mark.parametrize("behind", [b"", b"!", b"abcdef", b"\xc3", b"\xf0\x9f\x98"])
def test_a_character_may_stand_within_eight_octets_of_the_end(behind: bytes) -> None:
    # clause stream.character: as far as the stream goes, the last character cut
    text = b"m\xc2\xb3" + behind
    assert read(text) == [Passthrough(text)]
    assert read(b"\n" + FOO_OCTETS + text) == [Passthrough(b"\n"), FOO, Passthrough(text)]


@pytest.mark.parametrize("behind", [b"\xff", b"\xc3\xc3", b"ab\x80", b"\xed\xb3"])
def test_octets_that_are_not_utf8_within_eight_are_not_text(behind: bytes) -> None:
    ahead = (b"\xb3" + behind + AROUND_TEXT)[:LOOKAHEAD]
    state = TextState()
    state.feed(b"\xc3")
    assert state.continues(ahead, at_end=False) is False


def test_a_cut_character_at_the_end_of_the_eight_octets_is_text() -> None:
    for cut in CUT:
        ahead = b"\xb3" + AROUND_TEXT[: 7 - len(cut)] + cut
        state = TextState()
        state.feed(b"\xc3")
        assert state.continues(ahead, at_end=False) is True


def test_with_fewer_than_eight_octets_it_is_not_known() -> None:
    for size in range(1, LOOKAHEAD):
        state = TextState()
        state.feed(b"\xc3")
        ahead = (b"\xb3" + AROUND_TEXT)[:size]
        assert state.continues(ahead, at_end=False) == "unknown"
        assert state.continues(ahead, at_end=True) is True


# --- Packets in text, and text between packets -------------------------------------------


@pytest.mark.parametrize("character", ["ó", "г", "峳", "怳", "\U0001f4b3", "\U00033fff"])
@pytest.mark.parametrize("packet", [FOO_OCTETS, FULL_OCTETS], ids=["foo", "full"])
def test_a_character_that_a_packet_cuts_in_two_goes_on_behind_it(
    character: str, packet: bytes
) -> None:
    # clause stream.text-across-packets
    octets = character.encode()
    for cut in range(1, len(octets)):
        stream = b"a " + octets[:cut] + packet + octets[cut:] + b" and more\n" + FOO_OCTETS
        items = read(stream)
        assert items == [
            Passthrough(b"a " + octets[:cut]),
            *read(packet),
            Passthrough(octets[cut:] + b" and more\n"),
            FOO,
        ]


def test_a_character_goes_on_behind_several_packets_and_malformed_ones() -> None:
    # clause stream.text: an intact packet with malformed fields is no corrupt
    # region that would end the text.
    malformed = intact(0x2800, b"\x01\x00")
    stream = b"\xf0\x9f" + FOO_OCTETS + malformed + BAR_OCTETS + b"\x92\xb3 and more"
    assert read(stream) == [
        Passthrough(b"\xf0\x9f"),
        FOO,
        Corrupt(malformed, "nul"),
        BAR,
        Passthrough(b"\x92\xb3 and more"),
    ]


def test_each_b3_of_a_character_is_looked_at_with_its_own_eight_octets() -> None:
    # The first continues the character; the second has a control in its eighth octet.
    octets = intact(0x2A20, b"abc\0" + TEXTLIKE_OCTETS[8:-4])
    items = read(b"\xe2" + FOO_OCTETS + b"\xb3" + octets)
    assert items[:3] == [Passthrough(b"\xe2"), FOO, Passthrough(b"\xb3")]
    assert isinstance(items[3], Packet)


def test_behind_a_packet_a_b3_that_continues_no_character_is_damage() -> None:
    # clause stream.false-start
    stream = b"\xc3\xb3" + FOO_OCTETS + b"\xb3 and more"
    items = read(stream)
    assert items[:2] == [Passthrough(b"\xc3\xb3"), FOO]
    assert isinstance(items[2], Corrupt)


def test_a_corrupt_region_ends_the_text_until_the_next_line() -> None:
    region = damaged(FOO_OCTETS)
    noise = b"caf\xc3"
    assert read(region + noise + TEXTLIKE_OCTETS) == [
        Corrupt(region, "checksum"),
        Passthrough(noise),
        TEXTLIKE,
    ]
    text = b"\n" + noise + TEXTLIKE_OCTETS + b"..."
    assert read(region + text) == [Corrupt(region, "checksum"), Passthrough(text)]


def test_a_line_feed_within_a_corrupt_region_begins_no_text() -> None:
    region = damaged(intact(0x2800, b"\x04\n\n\n\n"))
    assert read(region + b"\xc3" + TEXTLIKE_OCTETS) == [
        Corrupt(region, "checksum"),
        Passthrough(b"\xc3"),
        TEXTLIKE,
    ]


def test_an_unusable_header_ends_the_text() -> None:
    stream = b"\xb3\x10 caf\xc3"
    assert read(stream + TEXTLIKE_OCTETS) == [
        Corrupt(b"\xb3", "version"),
        Passthrough(stream[1:]),
        TEXTLIKE,
    ]


def test_control_characters_earlier_in_the_line_do_not_end_the_text() -> None:
    # Controls are UTF-8; only the octets from the B3 on must not contain them.
    text = b"\x00\x07caf\xc3" + TEXTLIKE_OCTETS + b"..."
    assert read(text) == [Passthrough(text)]


def test_latin_1_loses_no_packet() -> None:
    # `³` in Latin-1 and a space begin a plausible header, which claims 8,563 octets.
    noise = b"volume: 5 m\xb3 gas\n"
    assert read(noise + FOO_OCTETS + BAR_OCTETS) == [Passthrough(noise), FOO, BAR]
    noise = b"\xb3 gas: 5 m\xb3 gas\n"
    items = read(noise + FOO_OCTETS + BAR_OCTETS)
    assert kinds(items) == ["corrupt", "packet", "packet"]


@pytest.mark.parametrize("line", ["canción de\n", "adiós\n", "где г\n", "γ\n", "m³ \n"])
def test_lines_around_packets_are_passed_on(line: str) -> None:
    octets = line.encode()
    assert read(octets + FOO_OCTETS + octets + BAR_OCTETS) == [
        Passthrough(octets),
        FOO,
        Passthrough(octets),
        BAR,
    ]


def test_the_division_is_the_same_after_line_feeds_that_came_apart() -> None:
    reader = Reader()
    items = reader.feed(b"\xff\n") + reader.feed(b"caf\xc3") + reader.feed(TEXTLIKE_OCTETS)
    items += reader.close()
    assert joined(items) == read(b"\xff\ncaf\xc3" + TEXTLIKE_OCTETS)


def test_decode_utf8_follows_rfc_3629() -> None:
    # clause string.utf8
    assert decode_utf8("\N{BYTE ORDER MARK}é\U0010ffff\0".encode()) == "\ufeffé\U0010ffff\0"
    for octets in ("c0af", "eda080", "edb380", "f4908080", "c3", "80", "ff", "f8888080"):
        assert decode_utf8(bytes.fromhex(octets)) is None
