"""No stream makes a reader raise, work without bound or take unbounded memory.

Work is measured, not time: the octets that went through CRC-32, and the headers that were
read. For a stream four times as long it has to be four times as much.
"""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_reader import BOTH, DAMAGE, STREAMS
from test_reader_recovery import REGIONS

from subunit2 import Corrupt, Item, Packet, Passthrough, Reader, reader
from subunit2.conformance.hostile import FAMILIES, repeated
from subunit2.framing import range_crc, scan
from subunit2.packets import fast
from subunit2.packets.header import MAX_PACKET, read_header
from support.streams import (
    BAR_OCTETS,
    FOO_OCTETS,
    FULL_OCTETS,
    TEXTLIKE_OCTETS,
    damaged,
    header,
    intact,
    joined,
    named,
    number,
    octets_of,
    read,
    read_in_chunks,
    string,
)

KIB = 1 << 10
MIB = 1 << 20

# --- Work ------------------------------------------------------------------------------------


@dataclass
class Work:
    """The work of a reader."""

    octets: int = 0
    checksums: int = 0
    headers: int = 0


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    done = Work()

    def crc32(octets: Any, value: int = 0) -> int:
        done.octets += len(octets)
        done.checksums += 1
        return zlib.crc32(octets, value)

    def counted_header(*arguments: Any) -> Any:
        done.headers += 1
        return read_header(*arguments)

    for module in (range_crc, scan, fast):
        monkeypatch.setattr(module, "crc32", crc32)
    monkeypatch.setattr(reader, "read_header", counted_header)
    # The compiled backend does not count.
    monkeypatch.setattr(reader, "read_packets", fast.read_packets)
    return done


#: Families of which long streams are read quickly, too.
LONG = {"signatures", "signatures and flags", "claims of 4 MiB", "claims of half the stream"}

# Name, and a function that returns a stream of about some size.
HOSTILE = [(family.name, family.make) for family in FAMILIES if not family.is_multiplexed]


def cost(work: Work, stream: bytes, chunk: int = 1 << 16) -> Work:
    work.octets = work.checksums = work.headers = 0
    items = read_in_chunks(stream[at : at + chunk] for at in range(0, len(stream), chunk))
    assert octets_of(items) == stream
    return Work(work.octets, work.checksums, work.headers)


@pytest.mark.parametrize(
    ("family", "sizes"),
    [
        pytest.param(family, (256 * KIB, MIB) if name in LONG else (64 * KIB, 256 * KIB), id=name)
        for name, family in HOSTILE
    ],
)
def test_work_grows_no_faster_than_the_stream(
    work: Work, family: Callable[[int], bytes], sizes: tuple[int, int]
) -> None:
    # clause reader.time
    stream, longer = map(family, sizes)
    less = cost(work, stream)
    more = cost(work, longer)
    # Every stream has a budget of 1 MiB, however short it is.
    assert more.octets <= 4.2 * less.octets + MIB
    assert more.checksums <= 4.2 * less.checksums + 100
    # Every 0xB3 is checked once, and an incomplete candidate once more at each feed.
    assert more.headers <= longer.count(b"\xb3") + 3 * (len(longer) // (1 << 16) + 1)


@pytest.mark.parametrize("family", named(HOSTILE))
def test_work_octet_by_octet_grows_no_faster_than_the_stream(
    work: Work, family: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The streams are shorter than the budget, so it is removed.
    monkeypatch.setattr(range_crc, "_BUDGET", 0)
    monkeypatch.setattr(range_crc, "_BUDGET_PER_OCTET", 0)
    stream, longer = family(8 * KIB), family(32 * KIB)
    assert joined(read_in_chunks([longer])) == read_in_chunks(_octets(longer))
    less = cost(work, stream, chunk=1)
    more = cost(work, longer, chunk=1)
    # At most 4,096 octets of a claim are not computed from range checksums.
    assert more.octets <= 4.2 * less.octets + 4_096 * more.headers
    assert more.headers <= longer.count(b"\xb3") + len(longer)


def test_small_chunks_behind_many_claims_cost_their_own_octets(work: Work) -> None:
    # Each packet is followed by a claim of 4 MiB: the checksums of the octets held are kept
    # when some of these are settled.
    unit = intact(0x2000) + header(0x2901, MAX_PACKET, 3)
    stream = repeated(unit, 4 * MIB + 64 * KIB)
    reader = Reader()
    reader.feed(stream[: 4 * MIB])
    work.octets = work.checksums = 0
    for at in range(4 * MIB, len(stream), 14):
        reader.feed(stream[at : at + 14])
    # The rest of two steps for each claim, and the claims once.
    assert work.octets <= 3 * 2048 * work.checksums
    assert work.checksums <= 8 * (64 * KIB // len(unit))


def _octets(stream: bytes) -> Iterator[bytes]:
    return (stream[at : at + 1] for at in range(len(stream)))


def test_ordinary_streams_cost_one_checksum_a_packet(work: Work) -> None:
    # 10 KiB of zeros hold no 0xB3; a packet's checksum covers all but four octets.
    octets = intact(0x2040, string(b"f") + number(10_240, 2) + bytes(10_240))
    done = cost(work, (octets + b"output\n") * 200)
    assert done == Work(octets=200 * (len(octets) - 4), checksums=200, headers=done.headers)


# --- The same items by both methods of checksums -------------------------------------------------

ALL_STREAMS = (
    [(row[0], row[1]) for row in STREAMS]
    + [(row[0], row[1]) for row in DAMAGE]
    + [(row[0], row[1]) for row in BOTH]
    + [(row[0], row[1]) for row in REGIONS]
    + [(name, family(3 * KIB)) for name, family in HOSTILE]
)


@pytest.mark.parametrize("stream", named(ALL_STREAMS))
def test_the_items_do_not_depend_on_how_checksums_are_found(
    stream: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = read_in_chunks([stream])
    monkeypatch.setattr(range_crc, "_BUDGET", 0)
    monkeypatch.setattr(range_crc, "_BUDGET_PER_OCTET", 0)
    monkeypatch.setattr(range_crc, "_SMALL", 0)
    assert read(stream, most_cuts=50) == expected


# --- Memory ------------------------------------------------------------------------------------


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
def test_fifteen_octets_that_claim_much_take_no_memory() -> None:
    # clause reader.memory: the packet 4 MiB, its content a GiB
    stream = header(0x2040, MAX_PACKET, 3) + string(b"fff") + b"\xff\xff\xff\xff\x00"
    assert len(stream) == 15
    reader = Reader()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    reader.feed(stream)
    reader.close()
    assert tracemalloc.get_traced_memory()[1] - before < 16 * KIB


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize(
    "body",
    [
        pytest.param((0x2040, string(b"f") + b"\xff\xff\xff\xff"), id="content"),
        pytest.param((0x2080, b"\xff\xff\xff\xff"), id="tags"),
        pytest.param((0x2800, b"\xff\xff\xff\xff"), id="test id"),
    ],
)
def test_sizes_in_a_packet_that_claim_a_gib_take_no_memory(body: tuple[int, bytes]) -> None:
    stream = intact(*body)
    read_in_chunks([stream])
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    assert read_in_chunks([stream]) == [Corrupt(stream, "field_overrun")]
    assert tracemalloc.get_traced_memory()[1] - before < 64 * KIB


@pytest.mark.slow
@pytest.mark.usefixtures("traced")
def test_a_packet_that_arrives_octet_by_octet_is_held_as_far_as_it_arrived() -> None:
    # clause reader.memory
    claim = header(0x2040, MAX_PACKET, 3)
    reader = Reader()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    reader.feed(claim)
    for arrived in range(len(claim) + 1, 256 * KIB):
        reader.feed(b"x")
        if arrived & arrived - 1 == 0:
            held = tracemalloc.get_traced_memory()[1] - before
            assert held < 1.3 * arrived + 8 * KIB
    assert reader.pending == 256 * KIB - 1


#: The most octets of content behind a name of one octet.
MOST_CONTENT = MAX_PACKET - len(header(0x2040, 0, 3)) - len(string(b"f")) - 3 - 4


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("name", [b"f", b"\xff", b"\0"], ids=["good", "not UTF-8", "NUL"])
def test_one_packet_s_worth_is_held_and_then_nothing(name: bytes) -> None:
    # clause reader.memory: the longest packet, with the copies that decoding makes.
    octets = intact(0x2040, string(name) + number(MOST_CONTENT, 3) + bytes(MOST_CONTENT))
    assert len(octets) == MAX_PACKET
    reader = Reader()
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    found = 0
    for _ in range(4):
        for at in range(0, len(octets), 64 * KIB):
            found += len(reader.feed(octets[at : at + 64 * KIB]))
    assert found == 4
    assert tracemalloc.get_traced_memory()[1] - before < 6 * MAX_PACKET
    assert tracemalloc.get_traced_memory()[0] - before < 64 * KIB + MAX_PACKET // 2


@pytest.mark.usefixtures("traced")
def test_packets_that_are_settled_at_once_are_not_all_held() -> None:
    # One chunk settles 40,000 packets, whose objects take fifteen times their octets.
    claimed = (FOO_OCTETS * 63 + damaged(FOO_OCTETS)) * 680
    stream = header(0x2901, len(claimed), 3) + claimed
    chunks = [stream[at : at + 64 * KIB] for at in range(0, len(stream), 64 * KIB)]
    before = tracemalloc.get_traced_memory()[0]
    tracemalloc.reset_peak()
    found = sum(isinstance(item, Packet) for item in Reader().read(chunks))
    assert found == 63 * 680
    assert tracemalloc.get_traced_memory()[1] - before < 3 * len(stream)


@pytest.mark.usefixtures("traced")
def test_passthrough_is_not_held() -> None:
    reader = Reader()
    line = b"output " * 9_000 + b"\n"
    reader.feed(line)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(100):
        reader.feed(line)
    assert tracemalloc.get_traced_memory()[0] - before < 64 * KIB


# --- Any octets --------------------------------------------------------------------------------

#: Chunks of realistic and of damaged streams.
CHUNKS = st.one_of(
    st.sampled_from(
        [FOO_OCTETS, BAR_OCTETS, FULL_OCTETS, TEXTLIKE_OCTETS, "ó³γг".encode(), b"\n", b"\xc3"]
    ),
    st.builds(header, st.integers(0x2000, 0x2FFF), st.integers(0, 63)),
    st.builds(intact, st.integers(0x2000, 0x2FFF), st.binary(max_size=12)),
    st.builds(
        lambda octets, index, bits: damaged(octets, index % len(octets), bits),
        st.sampled_from([FOO_OCTETS, BAR_OCTETS, FULL_OCTETS]),
        st.integers(0, 200),
        st.integers(1, 255),
    ),
    st.builds(
        lambda octets, size: octets[: size % len(octets)],
        st.sampled_from([FOO_OCTETS, BAR_OCTETS, FULL_OCTETS]),
        st.integers(0, 200),
    ),
    st.text(max_size=8).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=8),
)
STREAM = st.lists(CHUNKS, max_size=8).map(b"".join)


@given(st.binary(max_size=60))
def test_any_octets_keep_the_laws(stream: bytes) -> None:
    # clause reader.no-exception
    read(stream)


@given(STREAM)
def test_anything_like_a_stream_keeps_the_laws(stream: bytes) -> None:
    read(stream, most_cuts=60)


@given(STREAM, st.lists(st.integers(0, 400), max_size=8))
def test_any_cuts_give_the_same_items(stream: bytes, cuts: list[int]) -> None:
    # clause stream.octets-alone
    indexes = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    chunks = [stream[a:b] for a, b in pairwise(indexes)]
    assert read_in_chunks(chunks) == read_in_chunks([stream])


@given(st.lists(st.one_of(STREAM, st.none()), max_size=6))
def test_to_stop_waiting_at_any_time_keeps_the_partition(chunks: list[bytes | None]) -> None:
    # clauses stream.partition, reader.stop-waiting
    reader = Reader()
    items: list[Item] = []
    for chunk in chunks:
        if chunk is None:
            items += reader.stop_waiting()
            assert reader.pending == 0
        else:
            items += reader.feed(chunk)
    items += reader.close()
    assert octets_of(items) == b"".join(chunk for chunk in chunks if chunk is not None)


@given(STREAM, st.integers(1, 400))
def test_items_depend_on_the_octets_fed_so_far(stream: bytes, cut: int) -> None:
    # The items of a prefix of the stream are a prefix of its items.
    first = Reader().feed(stream[:cut])
    whole = joined(Reader().feed(stream))
    for item, same in zip(joined(first), whole, strict=False):
        if isinstance(item, Passthrough):
            assert isinstance(same, Passthrough)
            assert same.data.startswith(item.data)
        else:
            assert same == item
            assert isinstance(item, (Packet, Corrupt))
