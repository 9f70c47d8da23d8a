"""The extent of damage, and the packets found behind it and inside it."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from subunit2 import Corrupt, Item, Packet, Passthrough, Timestamp, encode
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL,
    FULL_OCTETS,
    PACKETS,
    checked,
    corrupt,
    damaged,
    header,
    intact,
    named,
    packets,
    read,
    read_in_chunks,
    recovered,
    string,
)

# The index of the only octet of FOO's length.
LENGTH = 3


def with_length(octets: bytes, length: int) -> bytes:
    """Return a packet with another length."""
    return octets[:LENGTH] + bytes([length]) + octets[LENGTH + 1 :]


# The log of a test that contains packets: an attachment of packets.
LOG = intact(0x2840, string(b"t") + string(b"log") + string(FOO_OCTETS + BAR_OCTETS))

# --- Regions ------------------------------------------------------------------------------

REGIONS: list[tuple[str, bytes, list[Item]]] = [
    (
        # clause recovery.region: up to the end claimed
        "a region ends where its header said",
        damaged(FOO_OCTETS) + b"output" + BAR_OCTETS,
        [Corrupt(damaged(FOO_OCTETS), "checksum"), Passthrough(b"output"), BAR],
    ),
    (
        "a length that became larger swallows no packet",
        with_length(FOO_OCTETS, 50) + BAR_OCTETS + FOO_OCTETS,
        [Corrupt(with_length(FOO_OCTETS, 50), "checksum"), recovered(BAR), FOO],
    ),
    (
        "each packet that starts inside the length claimed is recovered",
        with_length(FOO_OCTETS, 37) + FOO_OCTETS * 4,
        [
            Corrupt(with_length(FOO_OCTETS, 37), "checksum"),
            recovered(FOO),
            recovered(FOO),
            recovered(FOO),
            FOO,
        ],
    ),
    (
        "a packet that starts where the length claimed ends is not recovered",
        with_length(FOO_OCTETS, 36) + FOO_OCTETS * 3,
        [Corrupt(with_length(FOO_OCTETS, 36), "checksum"), recovered(FOO), recovered(FOO), FOO],
    ),
    (
        "output between recovered packets",
        with_length(FOO_OCTETS, 63)
        + FOO_OCTETS
        + b"output\n"
        + FOO_OCTETS
        + b"x" * 44
        + FOO_OCTETS,
        [
            Corrupt(with_length(FOO_OCTETS, 63), "checksum"),
            recovered(FOO),
            Passthrough(b"output\n"),
            recovered(FOO),
            Passthrough(b"x" * 44),
            FOO,
        ],
    ),
    (
        # clause recovery.region: up to the end of the stream
        "a length that claims more than there is",
        with_length(FOO_OCTETS, 63) + b"output\n",
        [Corrupt(with_length(FOO_OCTETS, 63) + b"output\n", "truncated")],
    ),
    (
        "a length that claims more than there is swallows no packet",
        header(0x2901, 4_000_000, 3) + FOO_OCTETS + b"ok\n" + BAR_OCTETS + b"rest",
        [
            Corrupt(header(0x2901, 4_000_000, 3), "truncated"),
            recovered(FOO),
            Passthrough(b"ok\n"),
            recovered(BAR),
            Passthrough(b"rest"),
        ],
    ),
    (
        "a length that became smaller ends inside the packet",
        with_length(FOO_OCTETS, 10) + BAR_OCTETS,
        [
            Corrupt(with_length(FOO_OCTETS, 10)[:10], "checksum"),
            Passthrough(FOO_OCTETS[10:]),
            BAR,
        ],
    ),
    (
        "a length that became too small is of no use",
        with_length(FOO_OCTETS, 2) + BAR_OCTETS,
        [
            Corrupt(b"\xb3", "length_too_short"),
            Passthrough(with_length(FOO_OCTETS, 2)[1:]),
            BAR,
        ],
    ),
    (
        # clause packet.unusable-header: nothing that it claims is used
        "behind an unusable header no packet is recovered",
        header(0x1901, 63) + FOO_OCTETS,
        [Corrupt(b"\xb3", "version"), Passthrough(header(0x1901, 63)[1:]), FOO],
    ),
    (
        "what claims something off a sync point claims nothing",
        b"output" + header(0x2901, 63) + FOO_OCTETS,
        [Passthrough(b"output" + header(0x2901, 63)), FOO],
    ),
    (
        # clause stream.intact-whole
        "inside an intact packet nothing is found",
        LOG + FOO_OCTETS,
        [
            Packet(
                test_id="t",
                file_name="log",
                file_bytes=FOO_OCTETS + BAR_OCTETS,
                runnable=False,
            ),
            FOO,
        ],
    ),
    (
        # clause recovery.recovered: the octets alone cannot say
        "packets out of a damaged packet's attachment are recovered",
        damaged(LOG) + FOO_OCTETS,
        [
            Corrupt(LOG[: LOG.index(FOO_OCTETS)], "checksum"),
            recovered(FOO),
            recovered(BAR),
            Passthrough(damaged(LOG)[-4:]),
            FOO,
        ],
    ),
    (
        "a malformed packet inside a region ends it",
        with_length(FOO_OCTETS, 30) + intact(0x2000, b"a") + FOO_OCTETS,
        [
            Corrupt(with_length(FOO_OCTETS, 30), "checksum"),
            Corrupt(intact(0x2000, b"a"), "trailing_bytes"),
            recovered(FOO),
        ],
    ),
    (
        "the claim of a malformed packet recovers nothing",
        intact(0x2800, b"\x3fabc") + FOO_OCTETS,
        [Corrupt(intact(0x2800, b"\x3fabc"), "field_overrun"), FOO],
    ),
    (
        # clause length.least: with room for a checksum, which holds
        "a packet too short for its fields, and a good one",
        bytes.fromhex("b32800081606a102") + BAR_OCTETS,
        [Corrupt(bytes.fromhex("b32800081606a102"), "field_overrun"), BAR],
    ),
    (
        "a packet too short for its fields ends a region",
        header(0x2901, 20) + checked(header(0x2800, 8)) + b"12345678" + FOO_OCTETS,
        [
            Corrupt(header(0x2901, 20), "checksum"),
            Corrupt(checked(header(0x2800, 8)), "field_overrun"),
            Passthrough(b"12345678"),
            FOO,
        ],
    ),
    (
        "a header inside a region that is no packet is a part of it",
        header(0x2901, 63) + damaged(BAR_OCTETS) + b"x" * 19 + FOO_OCTETS,
        [
            Corrupt(header(0x2901, 63) + damaged(BAR_OCTETS) + b"x" * 19, "checksum"),
            FOO,
        ],
    ),
    (
        "a header inside a region claims beyond the region",
        header(0x2901, 14) + header(0x2901, 63) + b"abcdef" + FOO_OCTETS + FULL_OCTETS,
        [Corrupt(header(0x2901, 14) + header(0x2901, 63) + b"abcdef", "checksum"), FOO, FULL],
    ),
    (
        "an intact packet that starts inside a region and ends behind it",
        header(0x2901, 14) + b"abcdef" + BAR_OCTETS + FOO_OCTETS,
        [Corrupt(header(0x2901, 14) + b"abcdef", "checksum"), recovered(BAR), FOO],
    ),
    (
        "a region behind a recovered packet claims further than the first",
        header(0x2901, 30) + FOO_OCTETS + header(0x2901, 56) + FOO_OCTETS + BAR_OCTETS + FOO_OCTETS,
        [
            Corrupt(header(0x2901, 30), "checksum"),
            recovered(FOO),
            Corrupt(header(0x2901, 56), "checksum"),
            recovered(FOO),
            recovered(BAR),
            FOO,
        ],
    ),
    (
        "a region behind a recovered packet claims less than the first",
        header(0x2901, 60) + FOO_OCTETS + damaged(FOO_OCTETS) + FOO_OCTETS + b"x" * 20 + FOO_OCTETS,
        [
            Corrupt(header(0x2901, 60), "checksum"),
            recovered(FOO),
            Corrupt(damaged(FOO_OCTETS), "checksum"),
            recovered(FOO),
            Passthrough(b"x" * 20),
            FOO,
        ],
    ),
]


@pytest.mark.parametrize(("stream", "items"), named(REGIONS))
def test_region(stream: bytes, items: list[Item]) -> None:
    assert read(stream) == items


def test_regions_nest_as_deep_as_one_likes() -> None:
    # Each header claims all octets up to the end of the packet behind the last header.
    depth = 40
    claims = b"".join(header(0x2901, 5 * left + 12, 2) for left in range(depth, 0, -1))
    stream = claims + FOO_OCTETS + BAR_OCTETS
    assert read(stream) == [Corrupt(claims, "checksum"), recovered(FOO), BAR]


# --- Writers that tear each other's packets -------------------------------------------------


@pytest.mark.parametrize(("packet", "octets"), named(PACKETS))
def test_a_packet_written_into_another_is_kept(packet: Packet, octets: bytes) -> None:
    torn = encode(Packet(test_id="torn", file_name="log", file_bytes=b"0123456789" * 12))
    for cut in range(1, len(torn)):
        items = read(torn[:cut] + octets + torn[cut:] + FOO_OCTETS, most_cuts=12)
        assert packets(items) == [packet, FOO], cut
        assert items[1].offset == cut


def test_two_writers_torn_into_chunks_keep_every_whole_packet() -> None:
    torn = FULL_OCTETS
    stream = torn[:30] + FOO_OCTETS + torn[30:60] + BAR_OCTETS + torn[60:] + FOO_OCTETS
    assert read(stream) == [
        Corrupt(torn[:30], "checksum"),
        recovered(FOO),
        Passthrough(torn[30:60]),
        recovered(BAR),
        Passthrough(torn[60:]),
        FOO,
    ]


# --- Bits -----------------------------------------------------------------------------------


@pytest.mark.parametrize("bit", range(8))
def test_no_flipped_bit_makes_another_event(bit: int) -> None:
    # clause checksum.crc32: BAR has 40 octets, so 320 cases
    assert len(BAR_OCTETS) == 40
    for index in range(len(BAR_OCTETS)):
        stream = FULL_OCTETS + damaged(BAR_OCTETS, index, 1 << bit) + FOO_OCTETS
        items = read(stream, most_cuts=25)
        assert packets(items) == [FULL, FOO], (index, bit)
        assert items[0] == FULL
        # The packet behind the damage has its offset, also if it is `recovered`.
        assert items[-1].offset == len(stream) - len(FOO_OCTETS)
        assert corrupt(items) or index == 0


def test_no_flipped_bit_makes_an_event_of_the_only_packet() -> None:
    for index in range(len(BAR_OCTETS)):
        for bit in range(8):
            assert packets(read_in_chunks([damaged(BAR_OCTETS, index, 1 << bit)])) == []


@pytest.mark.parametrize(("packet", "octets"), named(PACKETS))
def test_behind_every_truncated_packet_a_whole_one_is_found(packet: Packet, octets: bytes) -> None:
    for size in range(1, len(octets)):
        for behind in (b"", b"\n", b"Killed\n"):
            items = read(octets[:size] + behind + octets, most_cuts=9)
            assert packets(items) == [packet], size
            assert items[0].offset == 0


@pytest.mark.parametrize("seed", range(20))
def test_no_more_tests_are_lost_than_packets_damaged(seed: int) -> None:
    # Ten random octets of a stream of 1,000 packets are damaged.
    chance = random.Random(seed)  # noqa: S311 - not a secret
    written = [
        Packet(
            test_id=f"package.module.Case.test_{number}",
            test_status="success",
            timestamp=Timestamp(1_754_000_000 + number, number),
        )
        for number in range(1_000)
    ]
    octets = [encode(packet) for packet in written]
    ends: list[int] = []
    for each in octets:
        ends.append((ends[-1] if ends else 0) + len(each))
    stream = bytearray(b"".join(octets))
    hit: set[int] = set()
    for _ in range(10):
        index = chance.randrange(len(stream))
        stream[index] ^= chance.randrange(1, 256)
        hit.add(next(at for at, end in enumerate(ends) if index < end))
    found = Counter(packet.test_id for packet in packets(read_in_chunks([bytes(stream)])))
    assert found == Counter(packet.test_id for at, packet in enumerate(written) if at not in hit)
