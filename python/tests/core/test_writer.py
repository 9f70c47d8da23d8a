"""The writer: the octets of packets, and the packets that it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import (
    TEST_STATUSES,
    Corrupt,
    EncodeError,
    Packet,
    Passthrough,
    Timestamp,
    encode,
)
from subunit2.items import replace
from subunit2.packets.build import encoded_length
from subunit2.packets.header import MAX_PACKET
from support.streams import (
    BAR,
    FOO,
    FOO_OCTETS,
    FULL,
    NUL_TEXT,
    PACKETS,
    damaged,
    intact,
    named,
    number,
    read,
    read_in_chunks,
    recovered,
    string,
)

NOTHING = Packet(runnable=False)


# clause packet.order: a field each, in the octets of the format
CANONICAL: list[tuple[str, Packet, bytes]] = [
    *PACKETS,
    ("nothing", NOTHING, bytes.fromhex("b32000081815f0ba")),
    ("runnable", Packet(), intact(0x2100)),
    ("end of file", replace(NOTHING, eof=True), intact(0x2010)),
    ("test id", replace(NOTHING, test_id="é"), intact(0x2800, b"\x02\xc3\xa9")),
    ("empty test id", replace(NOTHING, test_id=""), intact(0x2800, b"\0")),
    ("route code", replace(NOTHING, route_code="0/1"), intact(0x2400, b"\x030/1")),
    ("MIME type", replace(NOTHING, mime_type="a/b"), intact(0x2020, b"\x03a/b")),
    ("no tags", replace(NOTHING, test_tags=()), intact(0x2080, b"\0")),
    ("tags", replace(NOTHING, test_tags=("b", "", "b")), intact(0x2080, b"\3\1b\0\1b")),
    (
        "a file",
        replace(NOTHING, file_name="f", file_bytes=b"\0\xff"),
        intact(0x2040, b"\1f\2\0\xff"),
    ),
    ("an empty file", replace(NOTHING, file_name="", file_bytes=b""), intact(0x2040, b"\0\0")),
    ("the epoch", replace(NOTHING, timestamp=Timestamp(0, 0)), intact(0x2200, bytes(5))),
    (
        "the end of time",
        replace(NOTHING, timestamp=Timestamp(2**32 - 1, 999_999_999)),
        intact(0x2200, bytes.fromhex("ffffffff fb9ac9ff")),
    ),
    (
        "a second and a nanosecond",
        replace(NOTHING, timestamp=Timestamp(1, 1)),
        intact(0x2200, bytes.fromhex("00000001 01")),
    ),
    *[
        # clause number.shortest
        (
            f"{nanoseconds} nanoseconds",
            replace(NOTHING, timestamp=Timestamp(0, nanoseconds)),
            intact(0x2200, bytes(4) + bytes.fromhex(octets)),
        )
        for nanoseconds, octets in [
            (63, "3f"),
            (64, "4040"),
            (16_383, "7fff"),
            (16_384, "804000"),
            (4_194_303, "bfffff"),
            (4_194_304, "c0400000"),
        ]
    ],
    *[
        # clause status.values
        (status, replace(NOTHING, test_id="t", test_status=status), intact(0x2800 | at, b"\1t"))
        for at, status in enumerate(TEST_STATUSES, 1)
    ],
]


@pytest.mark.parametrize(("packet", "octets"), named(CANONICAL))
def test_packet_and_octets_are_each_other_s(packet: Packet, octets: bytes) -> None:
    assert encode(packet).hex(" ") == octets.hex(" ")
    assert encoded_length(packet) == len(octets)
    [found] = read(octets)
    assert found == packet


@pytest.mark.parametrize("size", [0, 46, 47, 48, 49, 62, 63, 64, 16_366, 16_367, 16_383, 16_384])
def test_sizes_are_in_their_shortest_form(size: int) -> None:
    packet = Packet(file_name="f", file_bytes=bytes(size))
    octets = encode(packet)
    assert encoded_length(packet) == len(octets)
    assert read(octets, most_cuts=5) == [packet]
    # clause number.shortest: no packet is 64 or 16,384 octets long.
    assert octets[3] >> 6 == (0 if len(octets) <= 63 else 1 if len(octets) <= 16_383 else 2)
    assert len(octets) not in (64, 16_384)


def test_no_packet_is_64_or_16_384_octets_long() -> None:
    sizes = [*range(40, 70), *range(16_350, 16_400)]
    lengths = {encoded_length(Packet(file_name="", file_bytes=bytes(size))) for size in sizes}
    assert lengths >= {63, 65, 16_383, 16_385}
    assert lengths & {64, 16_384} == set()


def largest(content: int) -> Packet:
    return Packet(test_id="t", file_name="f", file_bytes=bytes(content))


# Signature and flags, length, test id, file name, size of the content, checksum.
MOST_CONTENT = MAX_PACKET - 3 - 3 - 2 - 2 - 3 - 4


def test_the_largest_packet_is_written() -> None:
    # clause length.limit
    octets = encode(largest(MOST_CONTENT))
    assert len(octets) == MAX_PACKET == 4_194_303
    assert octets[3:6].hex() == "bfffff"
    assert read_in_chunks([octets]) == [largest(MOST_CONTENT)]


def test_a_packet_one_octet_larger_is_refused() -> None:
    # clause writer.refuses
    assert encoded_length(largest(MOST_CONTENT + 1)) is None
    with pytest.raises(EncodeError, match="4,194,303 at most") as caught:
        encode(largest(MOST_CONTENT + 1))
    assert caught.value.field == "packet"


# --- Refused values --------------------------------------------------------------------

SURROGATE = "a\ud800"
TEXTS = ("test_id", "mime_type", "file_name", "route_code")


def full_but(field: str, value: Any) -> Packet:
    """Return FULL with another value in one field."""
    changed: dict[str, Any] = {field: value}
    return replace(FULL, **changed)


# Name, packet, field in the error, part of its message.
REFUSED: list[tuple[str, Packet, str, str]] = [
    *[
        # clause string.no-nul
        (f"NUL in {field}", full_but(field, NUL_TEXT), field, "character 2 is NUL")
        for field in TEXTS
    ],
    *[
        # clause string.utf8
        (
            f"surrogate in {field}",
            full_but(field, SURROGATE),
            field,
            "character 1 is a lone surrogate",
        )
        for field in TEXTS
    ],
    ("NUL in a tag", Packet(test_tags=["a", NUL_TEXT]), "test_tags", "character 2 is NUL"),
    ("surrogate in a tag", Packet(test_tags=["a", SURROGATE]), "test_tags", "lone surrogate"),
    # clause timestamp.seconds
    ("seconds before 1970", Packet(timestamp=Timestamp(-1)), "timestamp", "0 to 4,294,967,295"),
    ("seconds after 2106", Packet(timestamp=Timestamp(2**32)), "timestamp", "0 to 4,294,967,295"),
    # clause timestamp.nanoseconds
    ("nanoseconds under 0", Packet(timestamp=Timestamp(0, -1)), "timestamp", "0 to 999,999,999"),
    ("a second of them", Packet(timestamp=Timestamp(0, 10**9)), "timestamp", "0 to 999,999,999"),
    ("a file without content", Packet(file_name="f"), "file_bytes", "file_name"),
    ("content without a file", Packet(file_bytes=b""), "file_name", "file_bytes"),
    # A GiB that is never touched: no number holds its size.
    ("a GiB", Packet(file_name="f", file_bytes=bytes(2**30)), "file_bytes", "4,194,303 at most"),
]


@pytest.mark.parametrize(("packet", "field", "reason"), named(REFUSED))
def test_packets_that_no_reader_accepts_are_refused_by_name(
    packet: Packet, field: str, reason: str
) -> None:
    # clause writer.refuses
    with pytest.raises(EncodeError) as caught:
        encode(packet)
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: ")
    assert reason in str(caught.value)


@pytest.mark.parametrize("status", ["failed", "", "SUCCESS", 3, ["fail"]], ids=repr)
def test_an_unknown_status_is_refused_with_the_valid_ones(status: Any) -> None:
    with pytest.raises(EncodeError) as caught:
        encode(Packet(test_id="t", test_status=status))
    assert caught.value.field == "test_status"
    assert isinstance(caught.value, ValueError)
    assert "exists, inprogress, success, uxsuccess, skip, fail, xfail" in str(caught.value)


@pytest.mark.parametrize("field", TEXTS)
def test_other_values_than_strings_are_refused_by_name(field: str) -> None:
    with pytest.raises(EncodeError, match=f"^{field}: "):
        encode(full_but(field, b"octets"))


@pytest.mark.parametrize("when", [1.5, (1.0, 0), ("1", 0), "now"], ids=repr)
def test_other_values_than_timestamps_are_refused_by_name(when: Any) -> None:
    with pytest.raises(EncodeError, match=r"^timestamp: "):
        encode(Packet(timestamp=when))


def test_error_is_written_as_fail() -> None:
    status: Any = "error"
    octets = encode(Packet(test_id="t", test_status=status))
    assert octets == encode(Packet(test_id="t", test_status="fail"))


# --- Times -------------------------------------------------------------------------------


def test_times_are_written_to_the_nanosecond() -> None:
    # clause timestamp.exact: 1.000000001 s, as 1,000,000,001 ns
    [packet] = read(encode(Packet(timestamp=Timestamp(1, 1))))
    assert isinstance(packet, Packet)
    assert packet.timestamp is not None
    assert packet.timestamp.seconds * 10**9 + packet.timestamp.nanoseconds == 1_000_000_001


def test_an_aware_datetime_is_the_same_instant() -> None:
    karachi = timezone(timedelta(hours=5))
    when = datetime(2026, 1, 1, 5, 0, 0, 250, tzinfo=karachi)
    for timestamp in (when, Timestamp.from_datetime(when)):
        [packet] = read(encode(Packet(timestamp=timestamp)))
        assert isinstance(packet, Packet)
        assert packet.timestamp is not None
        assert packet.timestamp.datetime == when
        assert packet.timestamp == Timestamp(1_767_225_600, 250_000)


@pytest.mark.parametrize(
    "when",
    [
        datetime(2026, 1, 1),
        datetime(1969, 12, 31, tzinfo=UTC),
        datetime(2107, 1, 1, tzinfo=UTC),
    ],
    ids=["naive", "1969", "2107"],
)
def test_a_datetime_that_cannot_be_written_is_refused_by_name(when: datetime) -> None:
    with pytest.raises(EncodeError, match=r"^timestamp: "):
        Packet(timestamp=when)


# --- Octets that were read -----------------------------------------------------------------

WIDE_OCTETS = intact(0x2903, string(b"foo", 2), width=3)
WIDE = replace(Packet(test_id="foo", test_status="success"), raw=WIDE_OCTETS)


def test_raw_octets_that_match_the_fields_are_used() -> None:
    assert encode(WIDE) == WIDE_OCTETS
    # Independently of the offset of the packet.
    assert encode(replace(recovered(WIDE), offset=100)) == WIDE_OCTETS


@pytest.mark.parametrize(
    "changed",
    [
        replace(WIDE, test_id="bar"),
        replace(WIDE, test_status="fail"),
        replace(WIDE, route_code="0"),
        replace(WIDE, runnable=False),
        replace(WIDE, test_tags=()),
        replace(WIDE, raw=b""),
        replace(WIDE, raw=damaged(WIDE_OCTETS)),
        replace(WIDE, raw=WIDE_OCTETS[:-1]),
        replace(WIDE, raw=WIDE_OCTETS * 2),
        replace(WIDE, raw=b"x" + WIDE_OCTETS),
        replace(WIDE, raw=FOO_OCTETS),
    ],
    ids=range(11),
)
def test_octets_that_say_something_else_are_not_used(changed: Packet) -> None:
    assert encode(changed) == encode(replace(changed, raw=None))


def test_octets_of_a_packet_that_cannot_be_written_are_not_used() -> None:
    with pytest.raises(EncodeError, match=r"^test_id: "):
        encode(replace(WIDE, test_id=NUL_TEXT))


def test_passthrough_and_corrupt_regions_are_their_own_octets() -> None:
    assert encode(Passthrough(b"\xb3\n")) == b"\xb3\n"
    assert encode(Corrupt(b"\xb3\x10", "version")) == b"\xb3\x10"


def test_recovered_and_offset_are_not_written() -> None:
    assert encode(replace(recovered(BAR), offset=7, length=9)) == encode(BAR)


# --- Any packet ----------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=70)
FILES = st.one_of(st.just((None, None)), st.tuples(TEXT, st.binary(max_size=70)))
ANY_PACKET = st.builds(
    lambda file, **others: Packet(file_name=file[0], file_bytes=file[1], **others),
    FILES,
    test_id=st.none() | TEXT,
    test_status=st.none() | st.sampled_from(TEST_STATUSES),
    test_tags=st.none() | st.lists(TEXT, max_size=3) | st.sets(TEXT, max_size=3),
    runnable=st.booleans(),
    mime_type=st.none() | TEXT,
    eof=st.booleans(),
    route_code=st.none() | TEXT,
    timestamp=st.none()
    | st.builds(Timestamp, st.integers(0, 2**32 - 1), st.integers(0, 999_999_999)),
)


@given(ANY_PACKET)
def test_every_packet_reads_back_in_one_event(packet: Packet) -> None:
    octets = encode(packet)
    assert encoded_length(packet) == len(octets)
    [found] = read(octets, most_cuts=5)
    assert found == packet
    assert encode(found) == octets


@given(ANY_PACKET)
def test_every_packet_is_found_behind_output(packet: Packet) -> None:
    noise = b"starting server"
    assert read(noise + encode(packet), most_cuts=5) == [Passthrough(noise), packet]


def test_one_event_with_a_status_a_file_tags_and_a_route() -> None:
    packet = Packet(
        test_id="t",
        test_status="fail",
        test_tags={"b", "a"},
        file_name="log",
        file_bytes=b"content",
        eof=True,
        route_code="0",
    )
    body = string(b"t") + number(2) + b"\1a\1b" + string(b"log") + string(b"content") + b"\0010"
    assert encode(packet) == intact(0x2DD6, body)
    assert read(encode(packet)) == [packet]


def test_foo_is_the_example_of_the_readme() -> None:
    assert encode(FOO).hex() == "b329010c03666f6f08555f1b"
