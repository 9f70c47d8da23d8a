"""The parts of a packet, and the octets of each."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Packet
from subunit2.packets.dissect import MOST_TAGS, Part, dissect
from support.streams import (
    FOO_OCTETS,
    FULL,
    FULL_OCTETS,
    PACKETS,
    checked,
    damaged,
    header,
    intact,
    named,
    number,
    string,
)


def outline(octets: bytes) -> list[tuple[str, int, int]]:
    """Return path, start and end of each part."""
    return [(part.path, part.start, part.end) for part in dissect(octets)]


def values(octets: bytes) -> dict[str, object]:
    return {part.path: part.value for part in dissect(octets)}


def test_parts_of_the_readme_s_packet() -> None:
    assert outline(FOO_OCTETS) == [
        ("signature", 0, 1),
        ("flags", 1, 3),
        ("length", 3, 4),
        ("test_id/size", 4, 5),
        ("test_id/octets", 5, 8),
        ("trailing", 8, 8),
        ("crc32", 8, 12),
    ]


def test_parts_of_a_packet_with_everything() -> None:
    # clause packet.order
    assert outline(FULL_OCTETS)[3:-2] == [
        ("timestamp/seconds", 5, 9),
        ("timestamp/nanoseconds", 9, 13),
        ("test_id/size", 13, 14),
        ("test_id/octets", 14, 30),
        ("tags/num_tags", 30, 31),
        ("tags/tags_list/0/size", 31, 32),
        ("tags/tags_list/0/octets", 32, 33),
        ("tags/tags_list/1/size", 33, 34),
        ("tags/tags_list/1/octets", 34, 34),
        ("tags/tags_list/2/size", 34, 35),
        ("tags/tags_list/2/octets", 35, 36),
        ("mime_type/size", 36, 37),
        ("mime_type/octets", 37, 60),
        ("file/name/size", 60, 61),
        ("file/name/octets", 61, 70),
        ("file/size", 70, 71),
        ("file/content", 71, 82),
        ("route_code/size", 82, 83),
        ("route_code/octets", 83, 84),
    ]


def test_values_are_those_of_the_packet() -> None:
    found = values(FULL_OCTETS)
    assert FULL.timestamp is not None
    assert found["length"] == 88
    assert found["timestamp/seconds"] == FULL.timestamp.seconds
    assert found["timestamp/nanoseconds"] == FULL.timestamp.nanoseconds
    assert found["test_id/octets"] == "pkg.Case.test_é".encode()
    assert found["tags/num_tags"] == 3
    assert found["file/content"] == FULL.file_bytes
    assert found["crc32"] == int.from_bytes(FULL_OCTETS[-4:], "big")
    flags = found["flags"]
    assert flags.has_file is True  # type: ignore[attr-defined]
    assert int(flags.status) == 6  # type: ignore[attr-defined]


@pytest.mark.parametrize(("_", "octets"), named(PACKETS))
def test_the_parts_of_a_good_packet_leave_nothing_out(_: Packet, octets: bytes) -> None:
    parts = dissect(octets)
    assert parts[0].start == 0
    assert all(part.end == following.start for part, following in pairwise(parts))
    assert parts[-1].end == len(octets)


def test_a_number_is_one_part_in_any_width() -> None:
    octets = intact(0x2800, string(b"foo", 4), width=3)
    assert outline(octets)[2:5] == [
        ("length", 3, 6),
        ("test_id/size", 6, 10),
        ("test_id/octets", 10, 13),
    ]
    assert values(octets)["test_id/size"] == 3


def test_the_checksum_is_not_asked_about() -> None:
    assert outline(damaged(FULL_OCTETS)) == outline(FULL_OCTETS)


# The last part that can be read of a malformed packet, and whether it is complete.
MALFORMED: list[tuple[str, bytes, tuple[str, int, int], bool]] = [
    ("another version", b"\xb3\x39\x01\x0c", ("flags", 1, 2), False),
    ("the reserved bit", b"\xb3\x28\x08\x09", ("flags", 1, 3), False),
    ("a length of 4 octets", header(0x2901, 12, 4), ("length", 3, 4), False),
    ("a length of 5", header(0x2000, 5), ("length", 3, 4), False),
    ("no signature", b"abc", ("signature", 0, 1), True),
    ("a cut header", FOO_OCTETS[:2], ("flags", 1, 2), False),
    ("a cut body", FOO_OCTETS[:7], ("length", 3, 4), True),
    ("a cut checksum", FOO_OCTETS[:-1], ("trailing", 8, 8), True),
    ("no room for the test id", checked(header(0x2800, 8)), ("test_id/size", 4, 4), False),
    ("a cut size", intact(0x2800, b"\x40"), ("test_id/size", 4, 5), False),
    ("a string that overruns", intact(0x2800, b"\x05ab"), ("test_id/size", 4, 5), True),
    ("a size over any packet's", intact(0x2800, b"\xff" * 4), ("test_id/size", 4, 8), False),
    ("a tag that overruns", intact(0x2080, b"\2\1a\2b"), ("tags/tags_list/1/size", 7, 8), True),
    ("content that overruns", intact(0x2040, b"\0\5ab"), ("file/size", 5, 6), True),
    ("cut seconds", intact(0x2200, b"abc"), ("length", 3, 4), True),
    (
        "too many nanoseconds",
        intact(0x2200, bytes(4) + b"\xff" * 4),
        ("timestamp/nanoseconds", 8, 12),
        False,
    ),
    ("octets left over", intact(0x2000, b"abc"), ("trailing", 4, 7), True),
    ("text that is not UTF-8", intact(0x2800, b"\1\xff"), ("crc32", 6, 10), True),
    ("text with NUL", intact(0x2800, b"\2\0a"), ("crc32", 7, 11), True),
]


@pytest.mark.parametrize(("octets", "last", "whole"), named(MALFORMED))
def test_a_malformed_packet_is_read_as_far_as_it_goes(
    octets: bytes, last: tuple[str, int, int], whole: bool
) -> None:
    part = dissect(octets)[-1]
    assert (part.path, part.start, part.end) == last
    assert (part.value is not None) is whole


def test_of_nothing_there_are_no_parts() -> None:
    assert dissect(b"") == []


def test_no_more_tags_are_shown_than_fit_into_memory() -> None:
    count = MOST_TAGS + 500
    parts = dissect(intact(0x2080, number(count, 2) + bytes(count)))
    tags = [part for part in parts if part.path.startswith("tags/tags_list/")]
    assert 0 < len(tags) <= 2 * (MOST_TAGS + 1)
    few = dissect(intact(0x2080, number(MOST_TAGS, 2) + bytes(MOST_TAGS)))
    assert few[-1].path == "crc32"


@given(st.integers(0, 0xFFF), st.binary(max_size=60), st.integers(0, 80))
def test_parts_of_any_octets_stand_in_order(flags: int, body: bytes, size: int) -> None:
    octets = intact(0x2000 | flags, body)[:size]
    parts = dissect(octets)
    assert all(0 <= part.start <= part.end <= len(octets) for part in parts)
    assert all(part.end <= following.start for part, following in pairwise(parts))
    assert all(isinstance(part, Part) for part in parts)
