"""Damage or output, and passthrough that may be a damaged packet.

The streams are read by the reader, in chunks. The expectations look at the octets of the
whole stream at once.
"""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Corrupt, Item, Packet, Passthrough, Reader, decode
from subunit2.damage.output import RegionJudge, is_damage, is_intact, judge_regions
from subunit2.damage.suspects import SuspectFinder
from subunit2.framing.form import has_form
from subunit2.framing.utf8 import TextState
from subunit2.grammar.generating import streams
from subunit2.packets.header import Header, read_header
from support.streams import FOO, FOO_OCTETS, damaged, intact, joined, named, octets_of, string

CONTROLS = {*range(0x20), 0x7F}

#: Octets that the rules tell apart, as generated streams seldom arrange them.
PIECES = st.lists(
    st.sampled_from(
        [
            *(b"\xb3", b"\xb3 ", b"\xb3\x20\x00", b"\xb3\x0a", b"\xb3\x29", b"\x01", b"\n", b"."),
            *(b"\x1b[31m", b"\x7f", b"\xc3", "ó".encode(), "г. ".encode(), b"m\xb3 \xe1"),
            *(FOO_OCTETS, damaged(FOO_OCTETS), FOO_OCTETS[:5], intact(0x2800, b"\x3fabc")),
        ]
    ),
    max_size=12,
).map(b"".join)

STREAMS = st.one_of(PIECES, streams(), st.binary(max_size=60))


def in_chunks(stream: bytes, size: int) -> list[Item]:
    """Return the items of a stream that arrives in chunks."""
    reader = Reader()
    items: list[Item] = []
    for start in range(0, len(stream), size):
        items += reader.feed(stream[start : start + size])
    return items + reader.close()


def has_control(octets: bytes) -> bool:
    return any(octet in CONTROLS and octet not in b"\t\n\r\x1b" for octet in octets)


def looks_like_text(stream: bytes, items: list[Item], start: int, end: int) -> bool:
    packets = [item.offset for item in items if is_intact(item) and item.offset > start]
    eight = stream[start : min([start + 8, *packets])]
    if has_control(stream[start:end]) or has_control(eight):
        return False
    # A test id, and tags, a file or a status.
    if end - start >= 3 and stream[start + 1] & 0x08 and stream[start + 2] & 0xC7:
        return False
    return len(eight) == 8 or b"\n" in eight


# --- Damage or output ----------------------------------------------------------------


REGIONS = [
    ("a control octet inside", b"\xb3\x01", b"", True),
    ("a control octet among the eight", b"\xb3", b"abcdef\x01", True),
    ("a control octet behind the eight", b"\xb3", b"abcdefg\x01", False),
    ("a delete", b"\xb3", b"abcdef\x7f", True),
    ("octets that terminals interpret", b"\xb3", b"\t\r\x1b\n   ", False),
    ("a long region", b"\xb3 " + b"a" * 10, b"\x01", False),
    ("flags of a test id and a file", b"\xb3+`" + b"a" * 10, b"", True),
    ("flags of a test id and tags", b"\xb3(\xa0" + b"a" * 10, b"", True),
    ("flags of a test id and a status", b"\xb3)!" + b"a" * 10, b"", True),
    ("flags of a test id alone", b"\xb3)  siehe oben", b"", False),
    ("flags of a status alone", b"\xb3 est une note", b"", False),
    ("a long region with a control octet", b"\xb3 " + b"a" * 100 + b"\x02", b"", True),
]


@pytest.mark.parametrize(("octets", "following", "damage"), named(REGIONS))
def test_control_octets_tell_damage_from_output(
    octets: bytes, following: bytes, *, damage: bool
) -> None:
    # clause damage.output
    region = Corrupt(octets, "version")
    assert is_damage(region, following, at_end=False) is damage
    assert is_damage(region, following, at_end=True) is damage


def test_an_intact_packet_is_damage_whatever_it_holds() -> None:
    for error in ("field_overrun", "nanoseconds", "utf8", "nul", "trailing_bytes"):
        assert is_damage(Corrupt(b"\xb3 text like", error), b"", at_end=False)


def test_the_form_of_a_packet_is_damage() -> None:
    # A file `a` times 35 under a MIME type of 35 letters: no octet is a control octet.
    body = string(b"a" * 35) * 2 + string(b"b" * 35)
    packet = intact(0x2060, body, width=2)[:-4] + b"abcd"
    assert not has_control(packet)
    assert is_damage(Corrupt(packet, "checksum"), b"", at_end=False)
    # Cut short, it has none.
    assert not is_damage(Corrupt(packet[:-1], "checksum"), b"", at_end=False)


def test_a_result_that_a_kill_cut_short_is_damage_whatever_follows() -> None:
    # 26 octets, none a control octet: the tags share their flags with the status.
    cut = bytes.fromhex("b32f81404c69a1cfedc826c2f02e74657374732e746573745f61")
    assert not has_control(cut)
    for behind in (b"", b"Killed\n", FOO_OCTETS, b"\n" + FOO_OCTETS):
        items = list(decode(FOO_OCTETS + cut + behind))
        assert list(judge_regions(items)) == items
        assert isinstance(items[1], Corrupt)


def test_a_footnote_in_latin_1_is_output_whatever_follows() -> None:
    for footnote in (b"\xb3 est une note", b"\xb3) siehe S. 7", b"\xb3, vgl. oben"):
        for behind in (b"\n", b"\r\nok\n", b"\n" * 9000, b"", FOO_OCTETS, b"\n" + FOO_OCTETS):
            items = list(judge_regions(decode(b"ok\n" + footnote + behind)))
            assert not any(isinstance(item, Corrupt) for item in items)


def test_a_short_region_waits_for_eight_octets() -> None:
    region = Corrupt(b"\xb3", "version")
    assert is_damage(region, b"abcdef", at_end=False) is None
    assert is_damage(region, b"abcdef", at_end=True) is True
    assert is_damage(region, b"abcde\n", at_end=True) is False
    assert is_damage(region, b"", at_end=False) is None


@given(STREAMS, st.integers(1, 20))
def test_the_judge_agrees_with_the_whole_stream(stream: bytes, size: int) -> None:
    items = in_chunks(stream, size)
    judged = list(judge_regions(items))
    assert octets_of(judged) == stream
    assert [item.offset for item in judged] == [item.offset for item in items]
    for item, decided in zip(items, judged, strict=True):
        if isinstance(item, Corrupt):
            start = item.offset
            malformed = item.error in ("field_overrun", "nanoseconds", "utf8", "nul")
            malformed |= item.error == "trailing_bytes"
            output = not malformed and looks_like_text(stream, items, start, start + item.length)
            if output:
                header = read_header(item.data, 0, item.length)
                if isinstance(header, Header) and header.length == item.length:
                    output = not has_form(item.data, 0, header)
            assert isinstance(decided, Passthrough if output else Corrupt)
        else:
            assert decided is item


def test_the_judge_holds_fewer_than_eight_octets_and_no_packet() -> None:
    judge = RegionJudge()
    assert judge.feed(decode(b"\xb3abcdef")) == []
    assert judge.pending == 7
    assert joined(judge.feed([Passthrough(b"g")])) == [Passthrough(b"\xb3abcdefg")]
    assert judge.pending == 0
    # A packet decides, and its own octets do not count.
    [region, packet] = judge.feed(decode(b"\xb3ab" + FOO_OCTETS))[::2]
    assert isinstance(region, Corrupt)
    assert isinstance(packet, Packet)
    assert joined(judge.feed(decode(b"\xb3\n" + FOO_OCTETS))) == [Passthrough(b"\xb3\n"), FOO]
    assert judge.feed([Corrupt(b"\xb3", "version")]) == []
    assert judge.stop_waiting() == [Corrupt(b"\xb3", "version")]
    assert judge.close() == []


# --- Suspects ------------------------------------------------------------------------


SUSPECTS = [
    ("a damaged length behind a dot", b"." + FOO_OCTETS[:3] + b"\xfc" + FOO_OCTETS[4:], [1]),
    ("a header cut off by a kill", b"(Pdb) \xb3\x29", [6]),
    ("cut off behind a line feed", b"(Pdb) \xb3\x29a\n", []),
    ("a signature alone", b"(Pdb) \xb3", []),
    ("Latin-1", "5 m³ ánd more\n".encode("latin-1"), []),
    ("Latin-1 at the end", "5 m³ ".encode("latin-1"), [3]),
    ("Latin-1 at the end of the last line", "5 m³ \n".encode("latin-1"), []),
    ("inside a character", "5 m³ \x01".encode(), [4]),
    ("inside a character of text", "5 m³ and more\x01".encode(), []),
    ("a damaged packet in front of a packet", b".\xb3\x20ab" + FOO_OCTETS, [1]),
    ("a line of Latin-1 in front of a packet", b"5 m\xb3 a\n" + FOO_OCTETS, []),
    ("half a character in front of a packet", b"\xc3\xb3\x20" + FOO_OCTETS, []),
    ("another version", b".\xb3\x30\x01\x02\x03\x04\x05\x06", []),
]


def suspects(items: list[Item]) -> list[int]:
    finder = SuspectFinder()
    return [*finder.feed(items), *finder.close()]


@pytest.mark.parametrize(("stream", "expected"), named(SUSPECTS))
def test_suspects(stream: bytes, expected: list[int]) -> None:
    # clause damage.suspect
    for size in (1, 2, 3, 7, len(stream)):
        assert suspects(in_chunks(stream, size)) == expected


@given(STREAMS, st.integers(1, 20))
def test_suspects_are_those_of_the_whole_stream(stream: bytes, size: int) -> None:
    items = in_chunks(stream, size)
    expected = []
    text = TextState()
    for item in items:
        if isinstance(item, Passthrough):
            for index, octet in enumerate(item.data):
                start = item.offset + index
                eight = stream[start : start + 8]
                if octet == 0xB3 and eight[1:2] and eight[1] >> 4 == 2:
                    in_character = text.continues(eight, at_end=len(stream) <= start + 8)
                    is_calm = looks_like_text(stream, items, start, start + 1)
                    if not in_character and not is_calm:
                        expected.append(start)
                text.feed(bytes([octet]))
        elif isinstance(item, Corrupt) and item.error in (
            *("version", "reserved_bit", "length_encoding", "length_too_short"),
            *("truncated", "checksum"),
        ):
            text.end_text()
    assert suspects(items) == expected


# --- Hostile octets ------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern", [b"\xb3\n", b"\xb3\x20\x00", b"\xb3\x20\xb3", b"\xb3a", b"\xb3\x20\x00\n", b".\xb3 "]
)
def test_the_time_is_linear(pattern: bytes) -> None:
    # clause reader.time
    def seconds(octets: int) -> float:
        items = list(decode(pattern * (octets // len(pattern))))
        start = process_time()
        judge, finder = RegionJudge(), SuspectFinder()
        for item in items:
            judge.feed((item,))
            finder.feed((item,))
        judge.close()
        finder.close()
        return process_time() - start

    small = min(seconds(1 << 15) for _ in range(3))
    assert seconds(1 << 18) < 24 * max(small, 0.01)
