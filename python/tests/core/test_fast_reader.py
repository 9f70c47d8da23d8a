"""The fast path and the reference reader agree: same items, offsets and octets.

The fast path runs on octets that arrive in one chunk. So streams are long here, and are cut
for both kinds of buffer of the reader.
"""

from __future__ import annotations

import array
import sys
import time
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Item, Packet, Passthrough, Reader, Timestamp, encode
from subunit2.grammar import generating
from subunit2.packets.decode import decode_packet, read_packets
from subunit2.packets.kaitai import decode_packet as decode_by_reference
from support.sampling import sample
from support.streams import (
    BAR_OCTETS,
    FOO_OCTETS,
    FULL_OCTETS,
    TEXTLIKE_OCTETS,
    checked,
    damaged,
    header,
    intact,
    joined,
    kinds,
    named,
    number,
    read,
    string,
)

# --- Comparison ----------------------------------------------------------------------


def comparable(items: list[Item]) -> list[tuple[object, ...]]:
    """Return items with the attributes that equality ignores, adjacent passthrough joined."""
    return [(item, item.offset, item.length, item.to_dict()) for item in joined(items)]


def by_feeding(chunks: list[bytes], *, reference: bool = False) -> list[tuple[object, ...]]:
    """Return the items of a stream that is fed in chunks."""
    reader = Reader(reference=reference)
    items = [item for chunk in chunks for item in reader.feed(chunk)]
    return comparable(items + reader.close())


def assert_same(stream: bytes, cuts: list[int]) -> None:
    """Assert that both readers agree on a stream, whole and in chunks."""
    expected = by_feeding([stream], reference=True)
    assert by_feeding([stream]) == expected
    indexes = [0, *sorted({cut % (len(stream) + 1) for cut in cuts}), len(stream)]
    chunks = [stream[start:end] for start, end in pairwise(indexes)]
    assert by_feeding(chunks) == expected
    assert by_feeding(chunks, reference=True) == expected


CUTS = st.lists(st.integers(0, 1 << 16), max_size=8)

#: Chunks of streams that make the fast loop start and end.
CHUNKS = st.one_of(
    st.sampled_from([FOO_OCTETS, BAR_OCTETS, FULL_OCTETS, TEXTLIKE_OCTETS]),
    st.sampled_from([b"\n", b"make: done\n", b"a", "ó\n".encode(), b"caf\xc3", b"\xb3", b"\r\n"]),
    generating.packets(),
    generating.malformed_packets(),
    generating.damaged_packets(),
    generating.text_like_packets(),
    generating.arbitrary_octets(),
)
MIXED = st.lists(CHUNKS, max_size=25).map(b"".join)


# --- Both readers --------------------------------------------------------------------


@given(MIXED, CUTS)
def test_the_readers_agree_on_mixed_chunks(stream: bytes, cuts: list[int]) -> None:
    assert_same(stream, cuts)


@given(generating.streams(), CUTS)
def test_the_readers_agree_on_streams(stream: bytes, cuts: list[int]) -> None:
    assert_same(stream, cuts)


@given(generating.clean_streams(), CUTS)
def test_the_readers_agree_on_clean_streams(stream: bytes, cuts: list[int]) -> None:
    assert_same(stream, cuts)


@given(generating.packets() | generating.malformed_packets(), st.booleans())
def test_the_decoders_agree(octets: bytes, recovered: bool) -> None:
    decoded = decode_packet(octets, 7, recovered)
    expected = decode_by_reference(octets, 7, recovered)
    assert comparable([decoded]) == comparable([expected])
    assert type(expected) in type(decoded).__mro__


@pytest.mark.parametrize("size", [1, 7, 64, 1000, 4096])
@pytest.mark.parametrize("seed", range(3))
def test_the_readers_agree_on_long_streams_in_chunks_of_one_size(size: int, seed: int) -> None:
    # Packets longer and shorter than the chunks: more octets are held than arrive, and fewer.
    stream = b"".join(
        [
            encode(Packet(test_id=f"t{i}", file_name="log", file_bytes=bytes(i * 37 % 5000)))
            + (b"line\n" * (i % 3))
            + (damaged(BAR_OCTETS, i % 40) if i % 11 == seed else b"")
            for i in range(60)
        ]
    )
    chunks = [stream[start : start + size] for start in range(0, len(stream), size)]
    expected = by_feeding([stream], reference=True)
    assert by_feeding(chunks) == expected
    assert by_feeding([stream]) == expected


@given(MIXED, st.lists(st.integers(0, 1 << 16), max_size=4))
def test_the_readers_agree_when_the_caller_stops_waiting(stream: bytes, cuts: list[int]) -> None:
    indexes = [0, *sorted({cut % (len(stream) + 1) for cut in cuts}), len(stream)]
    said = []
    for reference in (False, True):
        reader = Reader(reference=reference)
        items: list[Item] = []
        for start, end in pairwise(indexes):
            items += reader.feed(stream[start:end])
            items += reader.stop_waiting()
            assert reader.pending == 0
        said.append(comparable(items + reader.close()))
    assert said[0] == said[1]


# --- Octets of other types -----------------------------------------------------------


def _doubled(octets: bytes) -> bytes:
    return bytes(octet for each in octets for octet in (each, 0xB3))


def _as_integers(octets: bytes) -> memoryview:
    integers = array.array("I")
    integers.frombytes(octets)
    return memoryview(integers)


@pytest.mark.parametrize(
    "given_as",
    named(
        [
            ("bytearray", bytearray),
            ("memoryview", memoryview),
            ("writable memoryview", lambda octets: memoryview(bytearray(octets))),
            ("every other octet", lambda octets: memoryview(_doubled(octets))[::2]),
            ("backwards", lambda octets: memoryview(octets[::-1])[::-1]),
            ("integers of four octets", _as_integers),
            (
                "rows of four octets",
                lambda octets: memoryview(octets).cast("B", (len(octets) // 4, 4)),
            ),
        ]
    ),
)
@pytest.mark.parametrize("first", [0, 4, 36, 44])
def test_octets_may_be_given_as_any_buffer(
    given_as: Callable[[bytes], bytes | bytearray | memoryview], first: int
) -> None:
    stream = FOO_OCTETS + BAR_OCTETS + FOO_OCTETS
    chunks = [given_as(part) for part in (stream[:first], stream[first:]) if part]
    reader = Reader()
    items = [item for chunk in chunks for item in reader.feed(chunk)] + reader.close()
    assert comparable(items) == by_feeding([stream])


def test_a_buffer_that_was_fed_can_be_changed_afterwards() -> None:
    buffer = bytearray(FOO_OCTETS + FOO_OCTETS[:5])
    reader = Reader()
    [foo] = reader.feed(buffer)
    buffer[:] = bytes(len(buffer))
    assert reader.feed(FOO_OCTETS[5:]) == [foo]


def test_no_octets_settle_nothing() -> None:
    reader = Reader()
    assert reader.feed(b"") == reader.feed(bytearray()) == reader.feed(memoryview(b"")) == []
    assert reader.feed(FOO_OCTETS[:-1]) == reader.feed(b"") == []
    assert len(reader.feed(FOO_OCTETS[-1:])) == 1


LARGE_OCTETS = encode(Packet(file_name="a", file_bytes=bytes(2048)))

# --- The loop itself -----------------------------------------------------------------


def taken(octets: bytes, index: int = 0) -> tuple[int, list[Item]]:
    """Return the index at which the fast loop ends, and its items."""
    items: list[Item] = []
    return read_packets(octets, index, 1000, items, 0), items


def test_packets_and_lines_are_taken() -> None:
    # A packet behind a line is taken, and one behind a part of a line in ASCII.
    for lines in (b"one\ntwo\n", b"one\xff\n\xc3\n\n", b".", b"one\ntwo"):
        stream = b"ab" + FOO_OCTETS + lines + BAR_OCTETS + FOO_OCTETS
        end, items = taken(stream, 2)
        assert end == len(stream)
        assert kinds(items) == ["packet", "passthrough", "packet", "packet"]
        behind = 1014 + len(lines)
        assert [item.offset for item in items] == [1002, 1014, behind, behind + 40]
        assert_same(stream[2:], [])


def test_so_many_are_taken_at_a_time() -> None:
    end, items = taken(FOO_OCTETS * 3000)
    assert len(items) == 1024
    assert end == 1024 * len(FOO_OCTETS)
    [*_, last] = Reader().feed(FOO_OCTETS * 3000)
    assert last.offset == 2999 * len(FOO_OCTETS)


def test_text_that_has_ended_has_not_begun_again_behind_a_part_of_a_line() -> None:
    # Once a line is not text, octets that would be text there are a packet.
    assert_same(b"\xff" + FOO_OCTETS + b"abc" + FOO_OCTETS + TEXTLIKE_OCTETS, [])
    assert_same(b"\xff" + FOO_OCTETS + b"abc\nd" + FOO_OCTETS + TEXTLIKE_OCTETS, [])
    assert_same(damaged(FOO_OCTETS) + b"a" + FOO_OCTETS + b"\xc3" + TEXTLIKE_OCTETS, [])
    assert_same(damaged(FOO_OCTETS) + b"a\nb" + FOO_OCTETS + b"\xc3" + TEXTLIKE_OCTETS, [])


@pytest.mark.parametrize(
    "behind",
    named(
        [
            ("nothing", b""),
            ("one octet", b"\xb3"),
            ("two octets", FOO_OCTETS[:2]),
            ("three octets", FOO_OCTETS[:3]),
            ("the header", FOO_OCTETS[:4]),
            ("all but one", FOO_OCTETS[:-1]),
            ("a length cut in two", b"\xb3\x29\x00\x40"),
            ("a length cut in three", b"\xb3\x29\x00\x80\x40"),
            ("a wrong checksum", damaged(FOO_OCTETS) + FOO_OCTETS),
            ("another version", b"\xb3\x19\x00\x0c" + FOO_OCTETS[4:]),
            ("the reserved bit", b"\xb3\x29\x08\x0c" + FOO_OCTETS[4:]),
            ("a length of four octets", header(0x2900, 12, 4) + FOO_OCTETS[4:]),
            ("a length of nothing", header(0x2900, 0) + bytes(9)),
            ("a line without its end, and no packet", b"line" + damaged(FOO_OCTETS)),
            ("a line without its end, and a header", b"line" + FOO_OCTETS[:5]),
            ("a line without its end, and a cut packet", b"line" + FOO_OCTETS[:-1]),
            ("a line without its end, not in ASCII", b"lin\xc3\xa9" + FOO_OCTETS),
            ("a line without its end, and a large packet", b"line" + LARGE_OCTETS),
            ("a line with no packet behind", b"line\n"),
            ("a line in another script", "ó\n".encode() + FOO_OCTETS),
            ("a false start, then a line", b"a\xb3\n" + FOO_OCTETS),
            ("a string with NUL", intact(0x2800, string(b"a\0"))),
            ("a string that is not UTF-8", intact(0x2800, string(b"\xc3"))),
            ("a string that overruns", intact(0x2800, number(9) + b"abc")),
            ("a large string that overruns", intact(0x2800, number(900, 2) + b"abc")),
            ("octets left over", intact(0x2800, string(b"a") + b"b")),
            ("a size in two octets", intact(0x2800, string(b"a", 2))),
            ("a size in three octets", intact(0x2800, string(b"a" * 99, 3))),
            ("a size in four octets", intact(0x2800, string(b"a" * 99, 4))),
            ("nanoseconds in two octets", intact(0x2200, bytes(4) + number(63, 2))),
            ("nanoseconds in three octets", intact(0x2200, bytes(4) + number(16383, 3))),
            ("nanoseconds in four octets", intact(0x2200, bytes(4) + number(4194303, 4))),
            ("a billion nanoseconds", intact(0x2200, bytes(4) + number(1_000_000_000, 4))),
            ("more tags than octets", intact(0x2080, number(9) + b"\0" * 8)),
            ("a thousand million tags", intact(0x2080, number((1 << 30) - 1, 4))),
            ("a length in two octets", checked(header(0x2000, 9, 2))),
            ("a length in three octets", checked(header(0x2000, 10, 3))),
        ]
    ),
)
def test_the_loop_ends_at_octets_that_are_not_canonical(behind: bytes) -> None:
    end, items = taken(FOO_OCTETS + behind)
    assert end == len(FOO_OCTETS)
    assert kinds(items) == ["packet"]
    assert_same(FOO_OCTETS + behind + b"\n" + BAR_OCTETS, list(range(len(behind) + 30)))


#: Lengths around those at which a number takes another octet, and widths that hold them.
LENGTHS = [
    (length, width)
    for limit in (64, 1 << 14)
    for length in range(limit - 3, limit + 5)
    for width in (1, 2, 3)
    if length < 1 << (8 * width - 2)
]


@pytest.mark.parametrize(("length", "width"), LENGTHS)
def test_only_lengths_in_their_shortest_form_are_taken(length: int, width: int) -> None:
    body = length - 7 - width
    size = 1 if body < 65 else 2 if body < (1 << 14) + 2 else 3
    octets = checked(
        header(0x2900, length, width) + number(body - size, size) + b"a" * (body - size)
    )
    assert len(octets) == length
    packet = decode_by_reference(octets, 0, recovered=False)
    assert isinstance(packet, Packet)
    is_canonical = packet.raw is None
    assert taken(octets) == ((length, [packet]) if is_canonical else (0, []))
    assert is_canonical == (encode(Packet(test_id=packet.test_id)) == octets)
    assert_same(octets + octets, [length - 1, length, length + 3])


@pytest.mark.parametrize("nanoseconds", [0, 63, 64, 16383, 16384, 4194303, 4194304, 999_999_999])
def test_nanoseconds_of_all_widths_are_taken(nanoseconds: int) -> None:
    packet = Packet(timestamp=Timestamp(2**32 - 1, nanoseconds))
    assert taken(encode(packet)) == (len(encode(packet)), [packet])


# --- Faults that were fixed -----------------------------------------------------------------


def test_text_goes_on_behind_a_packet_for_octets_like_one() -> None:
    stream = b"caf\xc3" + FOO_OCTETS + TEXTLIKE_OCTETS
    assert kinds(read(stream)) == ["passthrough", "packet", "passthrough"]
    assert_same(stream, list(range(len(stream))))


def test_a_line_in_front_of_a_packet_ends_the_effect_of_damage_on_text() -> None:
    stream = damaged(FOO_OCTETS) + b"line\n" + FOO_OCTETS + b"caf\xc3" + TEXTLIKE_OCTETS
    assert kinds(read(stream)) == ["corrupt", "passthrough", "packet", "passthrough"]
    assert_same(stream, list(range(len(stream))))


def test_the_smallest_packet_is_found_in_mid_line() -> None:
    smallest = checked(header(0x2000, 8))
    assert kinds(read(b"line " + smallest + b"x")) == ["passthrough", "packet", "passthrough"]
    assert_same(b"line " + smallest + b"x", list(range(14)))


def _overrunning(size: int) -> bytes:
    """Return intact packets whose tags each claim 16,255 octets, past their end."""
    packet = intact(0x2080, number(50) + b"\x7f\x7f" * 24)
    return packet * (size // len(packet))


def _nested(size: int) -> bytes:
    """Return headers at sync points, each of which claims most of the octets behind it."""
    return (header(0x2900, size // 2, 3) + b"\x03abc" + FOO_OCTETS) * (size // 22)


#: Streams of a size, of families for which a reader may take quadratic time.
FAMILIES: dict[str, Callable[[int], bytes]] = {
    "packets in mid-line": lambda size: (FOO_OCTETS + b"x") * (size // 13),
    "no text": lambda size: b"\xb3" + (FOO_OCTETS + b"x") * (size // 13),
    "a last line": lambda size: (FOO_OCTETS + "é".encode()) * (size // 14) + b"\n" + FOO_OCTETS,
    "sizes that overrun": _overrunning,
    "claims within claims": _nested,
    "short claims": lambda size: b"\xb3\x2f\x77\x4f" * (size // 4),
}


@pytest.mark.parametrize(
    "family", sample(FAMILIES, FAMILIES.keys() - {"a last line", "sizes that overrun"})
)
def test_time_is_linear(family: str) -> None:
    small, large = (FAMILIES[family](size) for size in (1 << 16, 1 << 19))
    # Eight times as many octets; quadratic time would be sixty-four times as long.
    assert _fastest(large) < 24 * _fastest(small)


def _fastest(stream: bytes) -> float:
    """Return the least time of several runs: noise only adds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        Reader().feed(stream)
        best = min(best, time.process_time() - start)
    return best


def test_little_that_is_left_keeps_nothing_large_in_memory() -> None:
    reader = Reader()
    octets = (b"x" * 99 + b"\n") * 1_000 + FOO_OCTETS[:5]
    references = sys.getrefcount(octets)
    assert sum(item.length for item in reader.feed(octets)) == 100_000
    assert reader.pending == 5
    # It holds the five octets, and not the chunk that they were cut from.
    assert sys.getrefcount(octets) == references


def test_passthrough_is_not_taken_twice_or_lost_between_packets() -> None:
    [*_, last] = taken(b"one\n" + FOO_OCTETS + b"two")[1]
    assert isinstance(last, Packet)
    items = Reader().feed(b"one\n" + FOO_OCTETS + b"two")
    assert [item.data for item in items if isinstance(item, Passthrough)] == [b"one\n", b"two"]
