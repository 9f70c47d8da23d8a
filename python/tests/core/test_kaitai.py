"""The reference decoder: the fields of a packet, and the errors in them."""

from __future__ import annotations

import tracemalloc
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Corrupt, Packet, Timestamp, encode
from subunit2.packets.kaitai import decode_packet
from support.streams import (
    PACKETS,
    intact,
    named,
    number,
    packets,
    read,
    string,
)

# --- Fields ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "status"),
    list(
        enumerate([None, "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail"])
    ),
)
def test_status(number: int, status: str | None) -> None:
    # clause status.values
    [packet] = read(intact(0x2800 | number, string(b"t")))
    assert isinstance(packet, Packet)
    assert packet.test_status == status


# clause flags.empty-is-not-absent
EMPTY = [
    ("test id", 0x2800, b"\0", Packet(test_id="", runnable=False)),
    ("tags", 0x2080, b"\0", Packet(test_tags=(), runnable=False)),
    ("a tag", 0x2080, b"\1\0", Packet(test_tags=("",), runnable=False)),
    ("MIME type", 0x2020, b"\0", Packet(mime_type="", runnable=False)),
    ("file", 0x2040, b"\0\0", Packet(file_name="", file_bytes=b"", runnable=False)),
    ("route code", 0x2400, b"\0", Packet(route_code="", runnable=False)),
    ("timestamp", 0x2200, bytes(5), Packet(timestamp=Timestamp(0, 0), runnable=False)),
]


@pytest.mark.parametrize(("flags", "body", "packet"), named(EMPTY))
def test_an_empty_field_is_not_absent(flags: int, body: bytes, packet: Packet) -> None:
    assert read(intact(flags, body)) == [packet]
    assert packet != Packet(runnable=False)


# clause flags.independent
ALONE = [
    ("MIME type without a file", 0x2020, string(b"a/b"), Packet(mime_type="a/b", runnable=False)),
    ("end of file without a file", 0x2010, b"", Packet(eof=True, runnable=False)),
    ("runnable without a test", 0x2100, b"", Packet()),
    ("status without a test", 0x2003, b"", Packet(test_status="success", runnable=False)),
    ("tags without a test", 0x2080, b"\1" + string(b"a"), Packet(test_tags=["a"], runnable=False)),
]


@pytest.mark.parametrize(("flags", "body", "packet"), named(ALONE))
def test_flags_are_taken_as_they_stand(flags: int, body: bytes, packet: Packet) -> None:
    assert read(intact(flags, body)) == [packet]


def test_tags_keep_their_order_duplicates_and_empty_ones() -> None:
    # clause tags.wire-order
    body = number(4) + string(b"b") + string(b"a") + string(b"") + string(b"b")
    assert read(intact(0x2080, body)) == [Packet(test_tags=["b", "a", "", "b"], runnable=False)]


def test_a_byte_order_mark_is_a_character_like_any_other() -> None:
    # clause string.utf8
    [packet] = read(intact(0x2800, string("\ufefft".encode())))
    assert packet == Packet(test_id="\ufefft", runnable=False)


def test_times_are_read_to_the_nanosecond() -> None:
    # clause timestamp.exact
    body = (1).to_bytes(4, "big") + number(1, 1)
    assert read(intact(0x2200, body)) == [Packet(timestamp=Timestamp(1, 1), runnable=False)]
    body = b"\xff" * 4 + number(999_999_999, 4)
    [packet] = read(intact(0x2200, body))
    assert packet == Packet(timestamp=Timestamp(2**32 - 1, 999_999_999), runnable=False)


@pytest.mark.parametrize("width", [2, 3, 4])
def test_numbers_of_any_width_are_taken(width: int) -> None:
    # clause number.any-width
    body = b"".join(
        [
            bytes(4) + number(5, width),
            string(b"id", width),
            number(1, width) + string(b"tag", width),
            string(b"a/b", width),
            string(b"name", width) + string(b"content", width),
            string(b"0", width),
        ]
    )
    octets = intact(0x2FE3, body, width=min(width, 3))
    assert read(octets) == [
        Packet(
            test_id="id",
            test_status="success",
            test_tags=["tag"],
            mime_type="a/b",
            file_name="name",
            file_bytes=b"content",
            route_code="0",
            timestamp=Timestamp(0, 5),
            raw=octets,
        )
    ]


@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_length_of_any_width_is_taken(width: int) -> None:
    octets = intact(0x2901, string(b"foo"), width=width)
    [packet] = read(octets)
    assert packets([packet])[0].test_id == "foo"
    assert packet.length == 11 + width


FIELDS = [
    (0x0200, bytes(4) + number(7), "timestamp", Timestamp(0, 7)),
    (0x0800, string(b"id"), "test_id", "id"),
    (0x0080, number(1) + string(b"tag"), "test_tags", ("tag",)),
    (0x0020, string(b"a/b"), "mime_type", "a/b"),
    (0x0040, string(b"name") + string(b"content"), "file_bytes", b"content"),
    (0x0400, string(b"0/1"), "route_code", "0/1"),
]


def test_every_combination_of_fields_is_read_in_order() -> None:
    # clause packet.order
    for count in range(len(FIELDS) + 1):
        for chosen in combinations(FIELDS, count):
            flags = 0x2000 | sum(field[0] for field in chosen)
            octets = intact(flags, b"".join(field[1] for field in chosen))
            packet = decode_packet(octets, 0, False)
            assert isinstance(packet, Packet)
            for _, _, name, value in FIELDS:
                present = name in [field[2] for field in chosen]
                assert getattr(packet, name) == (value if present else None)
            assert (packet.file_name == "name") == (packet.file_bytes is not None)
            assert packet.raw is None
            assert encode(packet) == octets


@pytest.mark.parametrize(("packet", "octets"), named(PACKETS))
def test_offset_and_recovered_are_passed_on(packet: Packet, octets: bytes) -> None:
    decoded = decode_packet(octets, 1000, False)
    assert decoded == packet
    assert (decoded.offset, decoded.length) == (1000, len(octets))
    decoded = decode_packet(octets, 0, True)
    assert isinstance(decoded, Packet)
    assert decoded.recovered


def test_damage_has_its_offset_and_all_its_octets() -> None:
    octets = intact(0x2800, b"\x01\x00")
    damage = decode_packet(octets, 1000, True)
    assert damage == Corrupt(octets, "nul")
    assert damage.offset == 1000


# --- Numbers that are not in their shortest form --------------------------------------

# Each with one number in a longer form; clause number.any-width
WIDE = [
    ("the length", intact(0x2901, string(b"foo"), width=2)),
    ("the nanoseconds", intact(0x2200, bytes(4) + number(63, 2))),
    ("the test id's size", intact(0x2800, string(b"foo", 2))),
    ("how many tags", intact(0x2080, number(1, 3) + string(b"tag"))),
    ("a tag's size", intact(0x2080, number(2) + string(b"a") + string(b"tag", 4))),
    ("the MIME type's size", intact(0x2020, string(b"a/b", 2))),
    ("the file name's size", intact(0x2040, string(b"name", 3) + string(b""))),
    ("the content's size", intact(0x2040, string(b"name") + string(b"", 4))),
    ("the route code's size", intact(0x2400, string(b"0", 4))),
]


@pytest.mark.parametrize("octets", named(WIDE))
def test_octets_are_kept_where_a_number_is_not_in_its_shortest_form(octets: bytes) -> None:
    packet = decode_packet(octets, 0, False)
    assert isinstance(packet, Packet)
    assert packet.raw == octets
    assert encode(packet) == octets
    assert read(octets) == [packet]


@pytest.mark.parametrize("size", [0, 1, 50, 62, 63, 64, 65, 16_380, 16_384, 70_000])
def test_octets_are_not_kept_where_every_number_is_in_its_shortest_form(size: int) -> None:
    octets = encode(Packet(file_name="f", file_bytes=bytes(size)))
    packet = decode_packet(octets, 0, False)
    assert isinstance(packet, Packet)
    assert packet.raw is None


def test_octets_are_kept_of_lengths_that_no_writer_writes() -> None:
    # clause number.shortest: no written packet is 64 or 16,384 octets long.
    for length in (64, 16_384):
        width = 2 if length == 64 else 3
        content = length - 7 - width - len(string(b"f"))
        content -= 1 if content < 64 else 2
        size = number(content, 1 if content < 64 else 2)
        octets = intact(0x2040, string(b"f") + size + bytes(content), width=width)
        assert len(octets) == length
        packet = decode_packet(octets, 0, False)
        assert isinstance(packet, Packet)
        assert packet.raw == octets


# --- Any fields -------------------------------------------------------------------------


@given(st.integers(0, 0x0FF7), st.binary(max_size=40))
def test_any_fields_give_a_packet_or_damage_of_their_length(flags: int, body: bytes) -> None:
    # clause packet.intact
    octets = intact(0x2000 | (flags & ~0x0008), body)
    item = decode_packet(octets, 0, False)
    assert item.length == len(octets)
    assert encode(item) == octets


def test_naming_the_error_takes_no_more_memory_than_reading() -> None:
    # clause reader.memory: in proportion to the octets; 20,000 empty tags, and
    # then a tag with NUL.
    count = 20_000
    well_formed = intact(0x2080, number(count + 1, 3) + bytes(count) + string(b"a"))
    malformed = intact(0x2080, number(count + 1, 3) + bytes(count) + string(b"\0"))
    assert _peak(well_formed, Packet) * 2 > _peak(malformed, Corrupt)


def _peak(octets: bytes, kind: type) -> int:
    decode_packet(octets, 0, False)
    tracemalloc.start()
    try:
        assert isinstance(decode_packet(octets, 0, False), kind)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
