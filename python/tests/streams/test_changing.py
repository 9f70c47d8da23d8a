"""Combinators that change one thing in packets: route codes, tags, timestamps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import EncodeError, Item, Packet, Passthrough, Timestamp, decode, encode, multiplexer
from subunit2.grammar.generating import packets as any_packets
from subunit2.grammar.generating import streams
from subunit2.items import replace
from subunit2.packets.header import MAX_PACKET
from subunit2.streams.routing import add_route, is_under, strip_route
from subunit2.streams.splicing import with_tags, with_timestamp
from subunit2.streams.tags import tag
from subunit2.streams.timestamps import now, stamp
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL,
    PACKETS,
    damaged,
    intact,
    number,
    octets_of,
    packets,
    string,
)

NAMES = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=20
)
TIME = Timestamp(1_754_000_000, 63)

#: A packet in which no number is in its shortest form.
LONG_FORMS = intact(
    0x2BB1,
    bytes(4)
    + number(5, 4)
    + string(b"foo", 3)
    + number(1, 2)
    + string(b"tag", 4)
    + string(b"t", 2),
    width=3,
)


def ticking() -> Callable[[], Timestamp]:
    """A clock that returns another time at each call."""
    seconds = count(1)
    return lambda: Timestamp(next(seconds))


def fields(packet: Packet) -> Packet:
    """Return the fields of a packet, whether or not it is canonical."""
    return replace(packet, raw=None, recovered=False)


def longest(packet: Packet) -> Packet:
    """Return the packet with as much content as it can have."""
    room = MAX_PACKET - len(encode(replace(packet, file_bytes=b"x" * 20_000))) + 20_000
    longest = replace(packet, file_bytes=(bytes(range(256)) * (room // 256 + 1))[:room])
    assert len(encode(longest)) == MAX_PACKET
    return longest


# --- Routes ----------------------------------------------------------------------------------


@given(streams(), NAMES)
def test_a_route_that_is_added_and_stripped_is_nothing(stream: bytes, code: str) -> None:
    items = list(decode(stream))
    there = list(add_route(items, code))
    assert all(
        is_under(item.route_code, code) and not is_under(item.route_code, code + "x")
        for item in packets(there)
    )
    for back in (strip_route(there), strip_route(there, code)):
        assert list(map(said, back)) == list(map(said, items))


def said(item: Item) -> Item:
    """Return an item; of a packet, its fields."""
    return fields(item) if isinstance(item, Packet) else item


@given(any_packets(), NAMES)
def test_a_route_is_added_as_the_multiplexer_does(octets: bytes, code: str) -> None:
    # clause route.unchanged
    assert octets_of(add_route(decode(octets), code)) == multiplexer.add_route(octets, code)
    there = list(decode(multiplexer.add_route(octets, code)))
    assert octets_of(strip_route(there)) == multiplexer.strip_route(octets_of(there))


@pytest.mark.parametrize("octets", [FOO_OCTETS, BAR_OCTETS, LONG_FORMS, encode(FULL)])
def test_several_steps(octets: bytes) -> None:
    once = list(add_route(add_route(decode(octets), "b"), "a"))
    assert octets_of(add_route(decode(octets), "a/b")) == octets_of(once)
    only_one = multiplexer.strip_route(multiplexer.add_route(octets, "x"))
    assert octets_of(strip_route(once, "a/b")) == only_one
    assert octets_of(strip_route(once, "a/c")) == octets_of(once)
    assert octets_of(strip_route(once, "b")) == octets_of(once)


def test_what_has_no_such_route_is_not_stripped() -> None:
    items: list[Item] = [FOO, BAR, Passthrough(b"ok\n")]
    assert list(strip_route(items, "1")) == items
    assert list(strip_route(items, "0")) == [FOO, replace(BAR, route_code="3"), items[2]]
    assert list(strip_route(items)) == [FOO, replace(BAR, route_code="3"), items[2]]
    assert list(strip_route(items, "0/3")) == [FOO, replace(BAR, route_code=None), items[2]]


@pytest.mark.parametrize(
    ("code", "path", "expected"),
    [
        ("0", "0", True),
        ("0/3", "0", True),
        ("0/3", "0/3", True),
        ("0/", "0", True),
        ("0", "0/3", False),
        ("03", "0", False),
        ("", "", True),
        ("/3", "", True),
        ("3", "", False),
        (None, "", False),
        (None, "0", False),
    ],
)
def test_what_is_under_a_path(code: str | None, path: str, expected: bool) -> None:
    assert is_under(code, path) is expected


@pytest.mark.parametrize("code", ["a\0", "\ud800", "x" * MAX_PACKET])
def test_a_route_code_that_cannot_be_written_is_refused_before_anything_is_read(code: str) -> None:
    def never() -> Iterator[Item]:
        pytest.fail("it was read")
        yield FOO

    with pytest.raises(EncodeError):
        add_route(never(), code)


def test_a_packet_that_is_too_long_for_its_route_is_cut() -> None:
    # clause route.too-long
    packet = longest(FULL)
    for given_packet in (packet, next(decode(encode(packet)))):
        parts = list(add_route([given_packet], "0"))
        assert octets_of(parts) == multiplexer.add_route(encode(packet), "0")
        assert len(parts) == 2


def test_a_packet_that_has_no_room_for_a_route_is_not_said_to_be_from_elsewhere() -> None:
    [octets] = [encode(Packet(test_id="x" * (MAX_PACKET - 13)))]
    assert len(octets) == MAX_PACKET
    [item] = add_route(decode(octets), "0")
    assert isinstance(item, Passthrough)
    assert item.data == octets


# --- Tags --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "add", "remove", "after"),
    [
        (None, ["a"], [], ("a",)),
        ((), ["a"], [], ("a",)),
        (("b",), ["a"], [], ("b", "a")),
        (("b", "b"), ["a", "c", "a"], [], ("b", "b", "a", "c")),
        (("a", "a"), ["a"], [], ("a", "a")),
        (("a", "b", "a"), [], ["a"], ("b",)),
        (("a",), [], ["a"], None),
        ((), [], ["a"], ()),
        (None, [], ["a"], None),
        (("a", "b"), ["c"], ["a"], ("b", "c")),
        (("b",), ["a"], ["a"], ("b",)),
    ],
)
def test_tags(
    before: tuple[str, ...] | None, add: list[str], remove: list[str], after: object
) -> None:
    for _, packet, _ in PACKETS:
        tagged = list(tag([replace(packet, test_tags=before)], add=add, remove=frozenset(remove)))
        assert tagged == [replace(packet, test_tags=after)]


def test_tags_are_added_to_what_is_about_a_test_and_removed_from_all() -> None:
    log = Packet(file_name="log", file_bytes=b"x", test_tags=("a",))
    assert list(tag([log], add=["b"])) == [log]
    assert list(tag([log], add=["b"], remove={"a"})) == [replace(log, test_tags=None)]


@given(streams(), st.sets(NAMES, min_size=1, max_size=3))
def test_tags_that_nothing_has_are_added_and_removed_to_nothing(
    stream: bytes, tags: set[str]
) -> None:
    items = list(decode(stream))
    if tags & {each for packet in packets(items) for each in packet.test_tags or ()}:
        return
    there = list(tag(items, add=sorted(tags)))
    assert octets_of(tag(items, remove=tags)) == stream
    # Adding again changes no octet.
    assert octets_of(tag(there, add=sorted(tags))) == octets_of(there)
    # An empty field of tags is lost when its last tag is removed.
    back = list(tag(there, remove=tags))
    assert list(map(said_with_tags, back)) == list(map(said_with_tags, items))


def said_with_tags(item: Item) -> Item:
    """Return the fields of an item, with None for empty tags."""
    if isinstance(item, Packet):
        return replace(fields(item), test_tags=item.test_tags or None)
    return item


# --- Timestamps ----------------------------------------------------------------------------------


@given(streams())
def test_to_stamp_twice_is_to_stamp_once(stream: bytes) -> None:
    items = list(decode(stream))
    once = list(stamp(items, clock=ticking()))
    assert octets_of(stamp(once, clock=ticking())) == octets_of(once)
    assert all(packet.timestamp is not None for packet in packets(once))
    for was, item in zip(items, once, strict=True):
        if isinstance(was, Packet) and was.timestamp is None:
            assert said(item) == said(replace(was, timestamp=packets([item])[0].timestamp))
        else:
            assert item is was


def test_the_clock_is_asked_once_for_each_packet_that_has_no_timestamp() -> None:
    stamped = list(stamp([FOO, BAR, Passthrough(b"x"), FOO], clock=ticking()))
    assert stamped == [
        replace(FOO, timestamp=Timestamp(1)),
        BAR,
        Passthrough(b"x"),
        replace(FOO, timestamp=Timestamp(2)),
    ]


def test_what_time_it_is_is_what_the_system_says() -> None:
    before = now()
    [packet] = packets(stamp([FOO]))
    assert packet.timestamp is not None
    assert before <= packet.timestamp <= now()


# --- The other octets ----------------------------------------------------------------------------


def test_longer_forms_of_numbers_stay_around_what_changes() -> None:
    [packet] = decode(LONG_FORMS)
    assert isinstance(packet, Packet)
    assert packet.raw == LONG_FORMS
    time, test_id, tags, mime_type = (
        bytes(4) + number(5, 4),
        string(b"foo", 3),
        number(1, 2) + string(b"tag", 4),
        string(b"t", 2),
    )
    assert octets_of(with_tags(packet, ("a", "b"))) == intact(
        0x2BB1, time + test_id + number(2) + string(b"a") + string(b"b") + mime_type
    )
    assert octets_of(with_tags(packet, None)) == intact(0x2B31, time + test_id + mime_type)
    assert octets_of(with_timestamp(packet, Timestamp(1, 2))) == intact(
        0x2BB1, bytes([0, 0, 0, 1, 2]) + test_id + tags + mime_type
    )
    unstamped = intact(0x29B1, test_id + tags + mime_type, width=2)
    assert octets_of(stamp(decode(unstamped), clock=lambda: Timestamp(1, 2))) == intact(
        0x2BB1, bytes([0, 0, 0, 1, 2]) + test_id + tags + mime_type
    )


@given(any_packets(), st.lists(NAMES, max_size=3).map(tuple) | st.none())
def test_other_tags_change_nothing_else(octets: bytes, tags: tuple[str, ...] | None) -> None:
    [packet] = packets(decode(octets))
    [there] = with_tags(packet, tags)
    assert fields(there) == fields(replace(packet, test_tags=tags))
    assert encode(there) == octets_of(decode(encode(there)))
    # Changed back, it is the same packet, but for the forms of the rewritten numbers.
    [back] = with_tags(there, packet.test_tags)
    assert fields(back) == fields(packet)
    if packet.raw is None:
        assert encode(back) == octets


@given(any_packets(), st.builds(Timestamp, st.integers(0, 2**32 - 1), st.integers(0, 10**9 - 1)))
def test_another_timestamp_changes_nothing_else(octets: bytes, when: Timestamp) -> None:
    [packet] = packets(decode(octets))
    [there] = with_timestamp(packet, when)
    assert fields(there) == fields(replace(packet, timestamp=when))
    if packet.timestamp is not None:
        [back] = with_timestamp(there, packet.timestamp)
        assert fields(back) == fields(packet)
        if packet.raw is None:
            assert encode(back) == octets


def test_octets_that_no_longer_say_what_the_fields_say_do_not_come_back() -> None:
    [packet] = packets(decode(LONG_FORMS))
    changed = replace(packet, test_id="bar")
    [tagged] = with_tags(changed, ("a",))
    assert fields(tagged) == fields(replace(changed, test_tags=("a",)))
    [stamped] = with_timestamp(changed, TIME)
    assert fields(stamped) == fields(replace(changed, timestamp=TIME))


CHANGES: list[Callable[[Packet], Iterable[Packet]]] = [
    lambda packet: with_tags(packet, ("a", "b", "c")),
    lambda packet: with_timestamp(packet, TIME),
]


@pytest.mark.parametrize("change", CHANGES, ids=["tags", "timestamp"])
def test_what_would_be_too_long_becomes_several(
    change: Callable[[Packet], Iterable[Packet]],
) -> None:
    # clause route.too-long: as much as fits in the first, and the end on the last
    packet = longest(replace(FULL, timestamp=None, test_tags=None))
    first, second = change(packet)
    [alone] = change(replace(packet, file_bytes=b""))
    assert len(encode(first)) == MAX_PACKET
    assert first == replace(alone, test_status=None, eof=False, file_bytes=first.file_bytes)
    assert second == replace(alone, file_bytes=second.file_bytes)
    assert (first.file_bytes or b"") + (second.file_bytes or b"") == packet.file_bytes


@pytest.mark.parametrize("change", CHANGES, ids=["tags", "timestamp"])
def test_what_would_be_too_long_and_has_long_forms_becomes_several(
    change: Callable[[Packet], Iterable[Packet]],
) -> None:
    before = string(b"foo", 4) + string(b"f")
    size = MAX_PACKET - len(intact(0x2950, before + number(0, 4), width=3))
    octets = intact(0x2950, before + number(size, 4) + b"x" * size, width=3)
    assert len(octets) == MAX_PACKET
    [packet] = packets(decode(octets))
    assert packet.raw == octets
    parts = list(change(packet))
    assert len(parts) == 2
    assert b"".join(part.file_bytes or b"" for part in parts) == packet.file_bytes
    assert [part.eof for part in parts] == [False, True]


@pytest.mark.parametrize("change", CHANGES, ids=["tags", "timestamp"])
def test_what_has_no_room_and_no_content_stays_as_it_is(
    change: Callable[[Packet], Iterable[Packet]],
) -> None:
    packet = Packet(test_id="x" * (MAX_PACKET - 13))
    octets = encode(packet)
    assert len(octets) == MAX_PACKET
    assert octets_of(change(next(iter(packets(decode(octets)))))) == octets


def test_recovered_packets_stay_so() -> None:
    octets = damaged(encode(replace(FULL, file_bytes=LONG_FORMS)))
    packet = list(decode(octets))[1]
    assert isinstance(packet, Packet)
    assert packet.recovered
    changed: list[Item] = [
        *with_tags(packet, ("a",)),
        *with_timestamp(packet, TIME),
        *add_route([packet], "0"),
        *strip_route(add_route([packet], "0")),
    ]
    assert [isinstance(each, Packet) and each.recovered for each in changed] == [True] * 4
    assert Counter(each.offset for each in changed) == {packet.offset: 4}
