"""Route codes added and stripped, and several streams multiplexed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import EncodeError, Packet, Timestamp, decode, encode
from subunit2.conformance.corpus import MultiplexerCase, load
from subunit2.conformance.multiplexer_verdict import MultiplexerVerdict
from subunit2.damage.reports import DATA_FILE, PARSER
from subunit2.grammar.generating import packets as any_packets
from subunit2.grammar.generating import streams
from subunit2.items import replace
from subunit2.multiplexer import WRAPPED_FILE, Multiplexer, add_route, strip_route
from subunit2.packets.header import FLAG_FILE, FLAG_TEST_ID, MAX_PACKET
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL,
    FULL_OCTETS,
    PACKETS,
    damaged,
    header,
    intact,
    number,
    octets_of,
    packets,
    read_in_chunks,
    string,
)

CODES = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=70
)

#: Sizes around those at which the length takes another octet.
EDGES = [*range(55, 70), *range(16_375, 16_390)]


def only(octets: bytes) -> Packet:
    """Return the only packet of some octets."""
    [item] = decode(octets)
    assert isinstance(item, Packet)
    return item


def of_length(length: int) -> Packet:
    """Return a packet of some length, which its test id fills."""
    packet = Packet(test_id="", test_status="exists")
    while len(encode(packet)) < length:
        packet = replace(packet, test_id="x" * (len(packet.test_id or "") + 1))
    return packet


# --- One packet ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "code", "added"),
    [
        (None, "0", "0"),
        ("3", "0", "0/3"),
        ("0/3", "1", "1/0/3"),
        # clause route.empty
        ("", "0", "0/"),
        ("0/", "1", "1/0/"),
        ("/", "0", "0//"),
        ("é", "ó", "ó/é"),
        ("x" * 61, "0", "0/" + "x" * 61),
        ("x" * 62, "0", "0/" + "x" * 62),
    ],
)
def test_the_code_goes_in_front(route: str | None, code: str, added: str) -> None:
    for _, packet, _ in PACKETS:
        octets = encode(replace(packet, route_code=route))
        there = add_route(octets, code)
        assert only(there) == replace(packet, route_code=added)
        assert there == encode(replace(packet, route_code=added))
        assert strip_route(there) == octets


@given(any_packets(), CODES)
def test_stripping_undoes_adding(octets: bytes, code: str) -> None:
    packet = only(octets)
    there = only(add_route(octets, code))
    assert there.route_code is not None
    assert there.route_code.split("/")[0] == code
    assert replace(there, route_code=packet.route_code, raw=None) == replace(packet, raw=None)
    back = strip_route(add_route(octets, code))
    assert replace(only(back), raw=None) == replace(packet, raw=None)
    if packet.raw is None:
        assert back == octets
    # The result has its numbers in the shortest form, and does not change again.
    assert strip_route(add_route(back, code)) == back


@given(any_packets(), CODES)
def test_the_octets_between_length_and_route_code_stay(octets: bytes, code: str) -> None:
    packet = only(octets)
    there = add_route(octets, code)
    width = (octets[3] >> 6) + 1
    # The octets behind the length, without the route code and the checksum.
    route = 0
    if packet.route_code is not None:
        route = max(
            size + len(packet.route_code.encode())
            for size in (1, 2, 3, 4)
            if octets[: len(octets) - 4].endswith(
                number(len(packet.route_code.encode()), size) + packet.route_code.encode()
            )
            and (size > 1 or len(packet.route_code.encode()) < 64)
        )
    between = octets[3 + width : len(octets) - 4 - route]
    width = (there[3] >> 6) + 1
    assert there[3 + width :].startswith(between)


def test_longer_forms_of_numbers_stay_but_for_the_length() -> None:
    body = bytes(4) + number(5, 4) + string(b"foo", 3) + number(1, 2) + string(b"tag", 4)
    octets = intact(0x2B81, body, width=3)
    there = add_route(octets, "0")
    assert there == intact(0x2F81, body + string(b"0"))
    assert only(there).timestamp == Timestamp(0, 5)


@pytest.mark.parametrize("length", EDGES)
def test_the_length_grows_with_the_route(length: int) -> None:
    packet = of_length(length)
    for code in ("0", "worker"):
        there = add_route(encode(packet), code)
        assert there == encode(replace(packet, route_code=code))
        assert strip_route(there) == encode(packet)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"x",
        FOO_OCTETS[:-1],
        damaged(FOO_OCTETS),
        FOO_OCTETS * 2,
        intact(0x2800, b"\x3fabc"),
    ],
)
def test_other_octets_than_a_packet_are_refused(octets: bytes) -> None:
    with pytest.raises(ValueError, match="well-formed packet"):
        add_route(octets, "0")
    with pytest.raises(ValueError, match="well-formed packet"):
        strip_route(octets)


def test_where_there_is_no_route_code_none_is_stripped() -> None:
    with pytest.raises(ValueError, match="no route code"):
        strip_route(FOO_OCTETS)


@pytest.mark.parametrize("code", ["a\0", "\ud800", "x" * MAX_PACKET])
def test_a_code_that_cannot_be_written_is_refused(code: str) -> None:
    with pytest.raises(EncodeError):
        add_route(FOO_OCTETS, code)
    with pytest.raises(EncodeError):
        Multiplexer(["0", code])


def test_an_empty_content_is_not_lost_where_its_packet_becomes_too_long() -> None:
    # The content's size takes four octets, of which the cut packet needs one.
    file = string(b"") + number(0, 4)
    test_id = b"x" * (MAX_PACKET - 10 - 4 - len(file))
    packet = intact(0x2000 | FLAG_TEST_ID | FLAG_FILE, number(len(test_id), 4) + test_id + file)
    assert len(packet) == MAX_PACKET
    routed = only(add_route(packet, "0"))
    assert (routed.test_id, routed.file_bytes, routed.route_code) == (test_id.decode(), b"", "0")
    multiplexer = Multiplexer(["0"])
    assert only(multiplexer.feed(0, packet) + multiplexer.close(0)).test_id == test_id.decode()


# --- Packets that are too long for it ------------------------------------------------------


def longest(packet: Packet) -> Packet:
    """Return a packet of the greatest length, which its content fills."""
    size = MAX_PACKET - len(encode(replace(packet, file_bytes=b"x" * 20_000))) + 20_000
    return replace(packet, file_bytes=bytes(range(256)) * (size // 256) + b"x" * (size % 256))


@pytest.mark.parametrize("packet", [FULL, replace(FULL, route_code=None), replace(FULL, eof=False)])
def test_a_packet_that_becomes_too_long_is_cut_in_two(packet: Packet) -> None:
    # clause route.too-long
    packet = longest(packet)
    assert len(encode(packet)) == MAX_PACKET
    first, second = packets(decode(add_route(encode(packet), "0")))
    code = "0" if packet.route_code is None else f"0/{packet.route_code}"
    assert len(encode(first)) == MAX_PACKET
    assert first == replace(
        packet, route_code=code, test_status=None, eof=False, file_bytes=first.file_bytes
    )
    assert second == replace(packet, route_code=code, file_bytes=second.file_bytes)
    assert first.file_bytes is not None
    assert second.file_bytes is not None
    assert first.file_bytes + second.file_bytes == packet.file_bytes


@pytest.mark.parametrize("size", [9, 70, 200, 16_400, 20_000])
def test_where_little_content_fits_it_is_more_than_two(size: int) -> None:
    room = Packet(test_id="x" * 4_100_000, file_name="log", file_bytes=b"", eof=True)
    fitting = size // 3
    whole = len(encode(replace(room, file_bytes=b"a" * size)))
    test_id = "x" * (len(room.test_id or "") + MAX_PACKET - whole)
    packet = replace(room, test_id=test_id, file_bytes=b"a" * size)
    code = "c" * (size - fitting)
    parts = packets(decode(add_route(encode(packet), code)))
    assert len(parts) > 1
    assert b"".join(part.file_bytes or b"" for part in parts) == packet.file_bytes
    assert [part.eof for part in parts] == [False] * (len(parts) - 1) + [True]
    for part, following in pairwise(parts):
        assert len(encode(part)) == MAX_PACKET
        assert len(encode(following)) <= MAX_PACKET


def test_without_content_it_is_refused() -> None:
    packet = of_length(30)
    assert packet.test_id is not None
    packet = replace(packet, test_id="x" * (MAX_PACKET - 13))
    assert len(encode(packet)) == MAX_PACKET
    for each in (
        packet,
        replace(packet, test_id="x" * (MAX_PACKET - 18), file_name="log", file_bytes=b""),
    ):
        with pytest.raises(EncodeError, match=r"route_code.*4,194,303"):
            add_route(encode(each), "0")


# --- The multiplexer -----------------------------------------------------------------------


def wrapped(octets: bytes, route: str) -> bytes:
    """Return the wrapped output of an input."""
    return b"".join(
        packet.file_bytes or b""
        for packet in packets(decode(octets))
        if packet.file_name == WRAPPED_FILE and packet.route_code == route
    )


def test_a_packet_is_out_with_its_last_octet() -> None:
    # clause route.order: the other input's half packet holds nothing back.
    multiplexer = Multiplexer(["0", "1"])
    assert multiplexer.feed(0, FULL_OCTETS[:-1]) == b""
    assert multiplexer.feed(1, FOO_OCTETS) == encode(replace(FOO, route_code="1"))
    assert multiplexer.feed(1, BAR_OCTETS) == encode(replace(BAR, route_code="1/0/3"))
    assert multiplexer.feed(0, FULL_OCTETS[-1:]) == encode(replace(FULL, route_code="0/1"))
    assert multiplexer.close(0) == multiplexer.close(1) == b""


def test_output_is_out_at_once_and_its_file_ends_with_the_input() -> None:
    multiplexer = Multiplexer(["0", "1"])
    prompt = multiplexer.feed(0, b"(Pdb) ")
    chunk = Packet(file_name="stdout", file_bytes=b"(Pdb) ", route_code="0", runnable=False)
    assert list(decode(prompt)) == [chunk]
    assert list(decode(multiplexer.feed(0, b"c\n" + FOO_OCTETS))) == [
        replace(chunk, file_bytes=b"c\n"),
        replace(FOO, route_code="0"),
    ]
    assert list(decode(multiplexer.close(0))) == [replace(chunk, file_bytes=b"", eof=True)]
    assert multiplexer.close(0) == b""
    assert multiplexer.close(1) == b""


def test_an_empty_code_is_refused() -> None:
    # clause route.input-code
    for refuses in (lambda: Multiplexer([""]), lambda: add_route(FOO_OCTETS, "")):
        with pytest.raises(EncodeError, match="route_code: is empty"):
            refuses()


def test_to_stop_waiting_returns_the_octets_held() -> None:
    multiplexer = Multiplexer(["0"])
    claim = header(0x2901, 1_000_000, 3)
    assert multiplexer.feed(0, claim + FOO_OCTETS) == b""
    first, *report, second = packets(decode(multiplexer.stop_waiting(0)))
    assert (first.file_bytes, second.test_id) == (claim, "foo")
    assert [packet.test_id for packet in (first, *report)] == ["subunit.parser"] * 3
    # It ends a report as well.
    assert len(packets(decode(multiplexer.feed(0, b"\n" + damaged(FOO_OCTETS))))) == 2
    assert multiplexer.report(0)
    assert packets(decode(multiplexer.stop_waiting(0)))[-1].test_status == "fail"
    assert multiplexer.stop_waiting(0) == b""
    with pytest.raises(ValueError, match="closed"):
        multiplexer.close(0), multiplexer.stop_waiting(0)


def test_a_packet_that_no_code_fits_is_not_lost() -> None:
    octets = encode(Packet(test_id="x" * (MAX_PACKET - 13), test_status="fail"))
    multiplexer = Multiplexer(["0"])
    out = multiplexer.feed(0, octets)
    assert wrapped(out, "0") == octets
    assert len(packets(decode(out))) == 4


CASES = [case for case in load().cases if isinstance(case, MultiplexerCase)]


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_the_multiplexer_passes_the_cases(case: MultiplexerCase) -> None:
    multiplexer = Multiplexer(case.routes)
    verdict = MultiplexerVerdict(case)
    for feed in case.feeds:
        if feed.is_stop:
            out = multiplexer.stop_waiting(feed.input)
        elif feed.octets is None:
            out = multiplexer.close(feed.input)
        else:
            out = multiplexer.feed(feed.input, feed.octets)
        assert verdict.judge_answer(out) is None
    assert verdict.judge_end() is None


@given(st.lists(streams(), min_size=2, max_size=3), st.lists(st.integers(0, 2)), st.integers(1, 40))
def test_nothing_is_lost_and_the_order_stays(
    inputs: list[bytes], order: list[int], size: int
) -> None:
    multiplexer = Multiplexer(list(map(str, range(len(inputs)))))
    rest = list(inputs)
    out = b""
    for at in (each % len(inputs) for each in order):
        out += multiplexer.feed(at, rest[at][:size])
        rest[at] = rest[at][size:]
    for at, octets in enumerate(rest):
        out += multiplexer.feed(at, octets) + multiplexer.close(at)
    items = list(decode(out))
    assert octets_of(items) == out
    found = packets(items)
    assert len(found) == len(items)
    for at, stream in enumerate(inputs):
        # Undoing the multiplexer gives the stream of each input.
        mine = [packet for packet in found if (packet.route_code or "").split("/")[0] == str(at)]
        again = b""
        for packet in mine:
            if packet.test_id == PARSER:
                again += packet.file_bytes or b"" if packet.file_name == DATA_FILE else b""
            elif packet.file_name == "stdout" and packet.test_id is None:
                again += packet.file_bytes or b""
            else:
                again += strip_route(encode(packet))
        expected = b"".join(
            strip_route(add_route(encode(item), "x")) if isinstance(item, Packet) else encode(item)
            for item in read_in_chunks([stream])
        )
        assert again == expected


@pytest.mark.parametrize(
    "code", ["", "a\0", "\ud800", "a" * (3 << 20)], ids=["empty", "nul", "surrogate", "long"]
)
def test_a_code_that_no_writer_takes_is_refused(code: str) -> None:
    with pytest.raises(EncodeError):
        Multiplexer(["0", code])
