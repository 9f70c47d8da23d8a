"""The families of packets and of their writers are complete.

Strategy: the builder checks the items of a case with three readers. These tests check the
rest: that Python's own decoder and struct see the same text and the same numbers, and that
no error, status, field or width is missing.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from types import ModuleType
from typing import Any

import pytest

from corpus.families import (
    packet_files,
    packet_first_error,
    packet_flags,
    packet_lengths,
    packet_numbers,
    packet_overruns,
    packet_strings,
    packet_tags,
    packet_times,
    writer_refusals,
    writer_sizes,
)
from corpus.source import Source, octets_of
from subunit2 import TEST_STATUSES, EncodeError, encode, item_from_dict
from subunit2.items import ERROR_CODES

READERS = [
    packet_files,
    packet_first_error,
    packet_flags,
    packet_lengths,
    packet_numbers,
    packet_overruns,
    packet_strings,
    packet_tags,
    packet_times,
]

FIELDS = [field.name for field in packet_strings.FIELDS]


@cache
def cases(family: ModuleType) -> dict[str, Source]:
    return {source.id: source for source in family.family()}


def readers_cases() -> dict[str, Source]:
    return {name: case for family in READERS for name, case in cases(family).items()}


def only_item(source: Source) -> dict[str, Any]:
    assert source.items is not None
    [item] = source.items
    return item


def without_pairs(packet: dict[str, Any]) -> dict[str, Any]:
    return {
        key: "".join(part * times for part, times in value)
        if isinstance(value, list) and key != "test_tags"
        else value
        for key, value in packet.items()
    }


def test_no_two_modules_make_the_same_case() -> None:
    assert sum(len(cases(family)) for family in READERS) == len(readers_cases())


def test_every_error_is_asked_for() -> None:
    found = {
        item["error"]
        for source in readers_cases().values()
        for item in source.items or ()
        if item["kind"] == "corrupt"
    }
    assert found == set(ERROR_CODES)


@pytest.mark.parametrize("status", ["none", *TEST_STATUSES])
def test_every_status_is_read_with_every_bit(status: str) -> None:
    flags = {
        int.from_bytes(octets_of(source.octets or [])[1:3], "big")
        for name, source in cases(packet_flags).items()
        if name.startswith(f"packet/status/{status}")
    }
    bits = [0, 0x800, 0x400, 0x200, 0x100, 0x80, 0x40, 0x20, 0x10]
    number = ["none", *TEST_STATUSES].index(status)
    assert {0x2000 | bit | number for bit in bits} <= flags


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_said_to_be_no_utf8_is_none(field: str) -> None:
    names = [name for name in cases(packet_strings) if name.startswith(f"packet/{field}/utf8-")]
    assert len(names) > 25
    for name in names:
        source = cases(packet_strings)[name]
        assert source.mutation is not None
        octets = bytes.fromhex(source.mutation.split()[2])
        with pytest.raises(UnicodeDecodeError):
            octets.decode()


@pytest.mark.parametrize("field", FIELDS)
def test_each_string_is_read_in_each_length(field: str) -> None:
    ids = cases(packet_strings)
    for name in ("empty", "one-octet", "63-octets", "64-octets", "16383-octets", "16384-octets"):
        assert f"packet/{field}/{name}" in ids
    # Tags have no short form in JSON.
    assert (f"packet/{field}/largest" in ids) == (field != "tag")


def test_the_largest_packets_are_of_4194303_octets() -> None:
    large = [
        octets_of(source.octets or [])
        for name, source in (cases(packet_strings) | cases(packet_files)).items()
        if name.endswith("/largest")
    ]
    assert [len(octets) for octets in large] == [4_194_303] * 5
    assert {octets[3:6].hex() for octets in large} == {"bfffff"}


@pytest.mark.parametrize(
    ("place", "width"),
    list(product([place.name for place in packet_numbers.PLACES], (1, 2, 3, 4))),
)
def test_each_number_is_read_in_each_width(place: str, width: int) -> None:
    source = cases(packet_numbers)[f"packet/number/{place}-{width}"]
    shortest = cases(packet_numbers)[f"packet/number/{place}-1"]
    assert len(octets_of(source.octets or [])) == len(octets_of(shortest.octets or [])) + width - 1
    assert ("raw" in only_item(source)) == (width > 1)
    told = {"raw", "length"}
    assert {key: value for key, value in only_item(source).items() if key not in told} == {
        key: value for key, value in only_item(shortest).items() if key not in told
    }


def test_the_library_refuses_what_must_not_be_written_and_names_it() -> None:
    for source in cases(writer_refusals).values():
        try:
            encode(item_from_dict(without_pairs(source.packet or {})))
        except EncodeError as refusal:
            named = refusal.field
        except ValueError as refusal:
            # Values that the JSON form cannot express.
            named = str(refusal).partition(":")[0]
        else:
            named = "nothing"
        assert named == source.refused, source.id


def test_the_library_writes_large_packets_octet_for_octet() -> None:
    for source in cases(writer_sizes).values():
        if not source.split:
            written = encode(item_from_dict(without_pairs(source.packet or {})))
            assert written == octets_of(source.octets or []), source.id
