"""Items: immutable, comparable by their fields, and without loss."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta, timezone

import pytest

from subunit2 import (
    ERROR_CODES,
    TEST_STATUSES,
    Corrupt,
    EncodeError,
    Item,
    Packet,
    Passthrough,
    Timestamp,
    decode,
    encode,
    replace,
)
from support.streams import BAR, FOO, FULL

ITEMS: list[Item] = [FOO, BAR, FULL, Passthrough(b"ok\n"), Corrupt(b"\xb3", "version")]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_items_cannot_be_changed(item: Item) -> None:
    with pytest.raises(AttributeError):
        item.offset = 1  # type: ignore[misc]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_equal_items_hash_equally_and_survive_copying(item: Item) -> None:
    for again in (copy.copy(item), copy.deepcopy(item), pickle.loads(pickle.dumps(item))):  # noqa: S301
        assert again == item
        assert hash(again) == hash(item)


def test_offset_and_length_are_not_compared() -> None:
    assert replace(FOO, offset=7, length=12) == FOO
    assert Passthrough(b"a", offset=1) == Passthrough(b"a")
    assert Corrupt(b"\xb3", "version", offset=1) == Corrupt(b"\xb3", "version")


@pytest.mark.parametrize(
    ("one", "same", "other"),
    [
        (FOO, replace(FOO, offset=7, length=12), replace(FOO, runnable=False)),
        (Passthrough(b"a"), Passthrough(b"a", offset=1), Passthrough(b"b")),
        (Corrupt(b"\xb3", "version"), Corrupt(b"\xb3", "version", 1), Corrupt(b"\xb3", "utf8")),
    ],
)
def test_equal_is_the_opposite_of_different(one: Item, same: Item, other: Item) -> None:
    assert (one == same, one != same) == (True, False)
    assert (one == other, one != other) == (False, True)
    assert (one == 1, one != 1) == (False, True)
    [read] = decode(encode(one)) if isinstance(one, Packet) else [one]
    assert (read == one, read != one) == (True, False)


def test_items_of_different_kinds_differ() -> None:
    corrupt: object = Corrupt(b"\xb3", "version")
    assert corrupt != Passthrough(b"\xb3")
    assert corrupt != Corrupt(b"\xb3", "truncated")


@pytest.mark.parametrize(
    "other",
    [
        # clause flags.empty-is-not-absent
        replace(FOO, test_tags=()),
        replace(FOO, mime_type=""),
        replace(FOO, route_code=""),
        replace(FOO, file_name="", file_bytes=b""),
        replace(FOO, timestamp=Timestamp(0)),
        replace(FOO, test_id=""),
        replace(FOO, test_id=None),
        replace(FOO, test_status=None),
        replace(FOO, runnable=False),
        replace(FOO, eof=True),
        replace(FOO, recovered=True),
    ],
    ids=repr,
)
def test_packets_that_say_something_else_differ(other: Packet) -> None:
    assert other != FOO


def test_other_items_are_as_long_as_their_octets() -> None:
    assert Passthrough(b"abc").length == 3
    assert Corrupt(b"\xb3\x29", "truncated").length == 2


def test_a_set_of_tags_is_sorted_by_its_octets() -> None:
    # clause tags.sorted: code points sort as their UTF-8 octets do, and
    # UTF-16 units (U+FF5E before U+1F600) do not.
    tags = {"b", "\U0001f600", "a", "", "\uff5e", "é"}
    assert Packet(test_tags=tags).test_tags == ("", "a", "b", "é", "\uff5e", "\U0001f600")
    assert Packet(test_tags=frozenset({"b", "a"})).test_tags == ("a", "b")
    assert Packet(test_tags={"b": 1, "a": 2}.keys()).test_tags == ("a", "b")


def test_a_sequence_of_tags_keeps_its_order_and_its_duplicates() -> None:
    # clause tags.wire-order
    assert Packet(test_tags=["b", "a", "b", ""]).test_tags == ("b", "a", "b", "")
    assert Packet(test_tags=(tag for tag in "ba")).test_tags == ("b", "a")
    assert Packet(test_tags=[]).test_tags == ()


def test_file_content_is_kept_apart_from_the_callers_buffer() -> None:
    buffer = bytearray(b"abc")
    packet = Packet(file_name="f", file_bytes=buffer)
    view = Packet(file_name="f", file_bytes=memoryview(buffer))
    buffer[:] = b"xyz"
    assert packet.file_bytes == b"abc"
    assert view.file_bytes == b"abc"
    assert type(packet.file_bytes) is bytes


def test_repr_shows_the_differences_from_an_empty_packet() -> None:
    assert repr(Packet()) == "Packet()"
    assert repr(replace(FOO, runnable=False, offset=3)) == (
        "Packet(test_id='foo', test_status='exists', runnable=False, offset=3)"
    )


def test_statuses_stand_in_the_order_of_their_numbers() -> None:
    # clause status.values
    assert TEST_STATUSES == (
        "exists",
        "inprogress",
        "success",
        "uxsuccess",
        "skip",
        "fail",
        "xfail",
    )


def test_error_codes_stand_in_the_order_in_which_they_are_checked() -> None:
    # clause packet.first-error
    assert ERROR_CODES == (
        "version",
        "reserved_bit",
        "length_encoding",
        "length_too_short",
        "truncated",
        "checksum",
        "field_overrun",
        "nanoseconds",
        "utf8",
        "nul",
        "trailing_bytes",
    )


# --- Timestamps ----------------------------------------------------------------------

NEWFOUNDLAND = timezone(-timedelta(hours=3, minutes=30))
KARACHI = timezone(timedelta(hours=5))


@pytest.mark.parametrize(
    ("when", "timestamp"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), Timestamp(0, 0)),
        (datetime(1970, 1, 1, 5, tzinfo=KARACHI), Timestamp(0, 0)),
        (datetime(1969, 12, 31, 20, 30, tzinfo=NEWFOUNDLAND), Timestamp(0, 0)),
        (datetime(2026, 1, 1, 4, 59, 59, 123456, tzinfo=KARACHI), Timestamp(1767225599, 123456000)),
        (datetime(2106, 2, 7, 6, 28, 15, 999999, tzinfo=UTC), Timestamp(2**32 - 1, 999999000)),
    ],
    ids=str,
)
def test_timestamp_of_an_aware_datetime_is_the_same_instant(
    when: datetime, timestamp: Timestamp
) -> None:
    assert Timestamp.from_datetime(when) == timestamp
    assert timestamp.datetime == when


@pytest.mark.parametrize(
    "when",
    [
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(1970, 1, 1, 4, 59, tzinfo=KARACHI),
        datetime(2106, 2, 7, 6, 28, 16, tzinfo=UTC),
        datetime(2107, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=NEWFOUNDLAND),
        datetime.min.replace(tzinfo=KARACHI),
    ],
    ids=str,
)
def test_time_out_of_range_is_refused_by_name(when: datetime) -> None:
    # clause timestamp.seconds
    with pytest.raises(EncodeError, match=r"^timestamp: .* 1970 to 2106") as caught:
        Timestamp.from_datetime(when)
    assert caught.value.field == "timestamp"


def test_naive_time_is_refused_by_name() -> None:
    with pytest.raises(EncodeError, match=r"^timestamp: a naive datetime") as caught:
        Timestamp.from_datetime(datetime(2026, 1, 1))
    assert caught.value.field == "timestamp"


def test_datetime_is_in_utc_and_cut_to_microseconds() -> None:
    # clause timestamp.exact: the exact ones stand beside it.
    when = Timestamp(1, 1_999).datetime
    assert when == datetime(1970, 1, 1, 0, 0, 1, 1, tzinfo=UTC)
    assert when.tzinfo is UTC


def test_timestamps_sort_by_time() -> None:
    times = [Timestamp(1, 4), Timestamp(1, 5), Timestamp(2, 0)]
    later_first = [times[2], times[1], times[0]]
    assert sorted(later_first) == times


def test_encode_error_is_a_value_error_that_names_its_field() -> None:
    error = EncodeError("route_code", "reason")
    assert isinstance(error, ValueError)
    assert str(error) == "route_code: reason"
    assert error.field == "route_code"


def test_one_string_is_no_collection_of_tags() -> None:
    tags: object = "slow"
    with pytest.raises(TypeError, match="test_tags: "):
        Packet(test_tags=tags)  # type: ignore[arg-type]


def test_an_aware_datetime_becomes_a_timestamp() -> None:
    when = datetime(1970, 1, 1, 5, 0, 1, tzinfo=KARACHI)
    assert Packet(timestamp=when).timestamp == Timestamp(1, 0)
