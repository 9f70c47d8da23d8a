"""Items are returned with the octet that settles them, and not later."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from subunit2 import Corrupt, Item, Packet, Passthrough, Reader, decode
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL,
    FULL_OCTETS,
    PACKETS,
    TEXTLIKE,
    TEXTLIKE_OCTETS,
    corrupt,
    damaged,
    header,
    intact,
    joined,
    named,
    octets_of,
    packets,
    read_in_chunks,
    recovered,
)


def arrivals(stream: bytes) -> list[tuple[int, Item]]:
    """Return the items of a stream fed octet by octet, each with the octets fed so far.

    Items of the end of the stream are left out.
    """
    reader = Reader()
    found = []
    for count in range(1, len(stream) + 1):
        found += [(count, item) for item in reader.feed(stream[count - 1 : count])]
        # clause stream.partition, at any time
        assert reader.offset + reader.pending == count
        assert reader.offset == sum(item.length for _, item in found)
    return found


# --- Packets -------------------------------------------------------------------------------


@pytest.mark.parametrize(("packet", "octets"), named(PACKETS))
@pytest.mark.parametrize("before", [b"", b"ok\n", b"starting server", FOO_OCTETS, b"caf\xc3"])
def test_a_packet_is_out_with_its_last_octet(packet: Packet, octets: bytes, before: bytes) -> None:
    # clause reader.packet-at-once; and nothing of it before its checksum is in.
    found = arrivals(before + octets + octets)
    assert [(count, item) for count, item in found if count > len(before)] == [
        (len(before) + len(octets), packet),
        (len(before) + 2 * len(octets), packet),
    ]


def test_a_malformed_packet_is_out_with_its_last_octet() -> None:
    octets = intact(0x2800, b"\x3fabc")
    assert arrivals(octets) == [(len(octets), Corrupt(octets, "field_overrun"))]


@pytest.mark.parametrize(
    ("octets", "decided"),
    [
        ("b31f", 2),
        ("b32808", 3),
        ("b32800c0", 4),
        ("b3200007", 4),
    ],
)
def test_an_unusable_header_is_out_with_the_octet_that_shows_it(octets: str, decided: int) -> None:
    count, item = arrivals(bytes.fromhex(octets))[0]
    assert isinstance(item, Corrupt)
    assert (count, item.data) == (decided, b"\xb3")


def test_a_damaged_packet_is_out_with_the_last_octet_that_it_claims() -> None:
    octets = damaged(BAR_OCTETS)
    assert arrivals(octets + b"x") == [
        (40, Corrupt(octets, "checksum")),
        (41, Passthrough(b"x")),
    ]


def test_a_damaged_packet_does_not_wait_for_later_octets() -> None:
    octets = damaged(BAR_OCTETS)
    for size in range(1, len(BAR_OCTETS)):
        assert Reader().feed(octets + BAR_OCTETS[:size]) == [Corrupt(octets, "checksum")]


def test_packets_inside_a_length_that_is_claimed_wait_for_it() -> None:
    # clause reader.packet-at-once: the octets may be a packet's attachment.
    stream = header(0x2901, 40) + FOO_OCTETS + b"x" * 24
    assert arrivals(stream)[:2] == [
        (40, Corrupt(header(0x2901, 40), "checksum")),
        (40, recovered(FOO)),
    ]


def test_a_header_inside_a_region_makes_it_wait_for_its_claim() -> None:
    region = header(0x2901, 20) + header(0x2901, 30) + b"x" * 12
    stream = region + b"y" * 20
    assert arrivals(stream)[0] == (34, Corrupt(region, "checksum"))


# --- Passthrough ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        b"(Pdb) ",
        b"make: *** [all] Error 1\n",
        b"50%\r100%\r",
        b"\xff\xfe\x00a",
        "é€\U0001f600".encode(),
        bytes(range(0xB3)),
    ],
)
def test_passthrough_that_cannot_be_part_of_a_packet_is_out_at_once(text: bytes) -> None:
    # clause reader.passthrough-at-once
    for before in (b"", FOO_OCTETS, b"\xff"):
        found = arrivals(before + text)[-len(text) :]
        assert found == [
            (len(before) + at + 1, Passthrough(text[at : at + 1])) for at in range(len(text))
        ]


def test_a_prompt_is_out_in_the_feed_that_brings_it() -> None:
    reader = Reader()
    assert reader.feed(FOO_OCTETS + b"(Pdb) ") == [FOO, Passthrough(b"(Pdb) ")]
    assert reader.pending == 0


def test_a_line_that_ends_in_b3_and_packets_behind_it() -> None:
    line = "adiós\n".encode()
    found = arrivals(line + FOO_OCTETS + BAR_OCTETS)
    text = [(count, item) for count, item in found if isinstance(item, Passthrough)]
    assert b"".join(item.data for _, item in text) == line
    # The `s` shows that the `ó` contains no header.
    assert max(count for count, _ in text) <= len(line)
    assert [row for row in found if isinstance(row[1], Packet)] == [
        (len(line) + 12, FOO),
        (len(line) + 52, BAR),
    ]


@pytest.mark.parametrize("behind", [b"abc", b"* ", b"\x80", b"\xb3", b"\n", b" ", b"\x08"])
def test_a_b3_that_begins_no_header_is_out_when_that_shows(behind: bytes) -> None:
    # In text, as in `m³`, and outside of it if no packet can begin there.
    for before in (b"m\xc2", b"m"):
        found = arrivals(before + b"\xb3" + behind + b"\xff\xff\xff\xff\xff\xff\xff\xff")
        out = next(count for count, item in found if item.offset + item.length > len(before))
        assert out <= len(before) + 8


def test_a_b3_in_text_waits_for_seven_octets_at_most() -> None:
    # clause reader.passthrough-at-once: all that could be a header, and text too.
    stream = b"caf\xc3" + TEXTLIKE_OCTETS
    found = arrivals(stream)
    assert found[:4] == [(at + 1, Passthrough(stream[at : at + 1])) for at in range(4)]
    assert found[4] == (12, Passthrough(TEXTLIKE_OCTETS[:8]))
    assert joined(item for _, item in found) == [Passthrough(stream)]


def test_a_b3_in_text_waits_no_longer_than_its_line() -> None:
    stream = b"caf\xc3\xb3* \n"
    assert arrivals(stream)[-1] == (len(stream), Passthrough(b"\xb3* \n"))
    # The following octets show that it begins no header.
    assert [count for count, _ in arrivals(b"caf\xc3\xb3*\n")] == [1, 2, 3, 4, 7]


def test_a_false_header_outside_text_waits_for_its_claim() -> None:
    # `m³ gas` in Latin-1 claims 8,563 octets.
    stream = b"m\xb3 gas" + b"x" * 8_600
    found = arrivals(stream)
    assert found[0] == (1, Passthrough(b"m"))
    count, item = found[1]
    assert count == 1 + 8_563
    assert item == Passthrough(stream[1:count])


def test_the_packets_behind_it_are_out_when_it_is_settled() -> None:
    stream = b"m" + header(0x2901, 40) + FOO_OCTETS + FOO_OCTETS + FOO_OCTETS + FOO_OCTETS
    found = arrivals(stream)
    assert [count for count, item in found if item == FOO] == [41, 41, 41, 53]
    assert len(found) == 6


def test_all_that_is_settled_is_out_with_one_feed() -> None:
    stream = b"ok\n" + FOO_OCTETS + b"..." + TEXTLIKE_OCTETS + BAR_OCTETS + b"(Pdb) "
    assert joined(Reader().feed(stream)) == [
        Passthrough(b"ok\n"),
        FOO,
        Passthrough(b"..."),
        TEXTLIKE,
        BAR,
        Passthrough(b"(Pdb) "),
    ]


# --- Octets held ---------------------------------------------------------------------------


def test_offset_and_pending_say_where_the_reader_stands() -> None:
    reader = Reader()
    assert (reader.offset, reader.pending) == (0, 0)
    reader.feed(b"ok\n" + FOO_OCTETS[:7])
    assert (reader.offset, reader.pending) == (3, 7)
    reader.feed(FOO_OCTETS[7:])
    assert (reader.offset, reader.pending) == (15, 0)
    reader.feed(b"m\xb3 ga")
    assert (reader.offset, reader.pending) == (16, 4)
    reader.close()
    assert (reader.offset, reader.pending) == (20, 0)


# --- To stop waiting ------------------------------------------------------------------------


def test_to_stop_waiting_is_as_if_the_stream_had_ended_and_gone_on() -> None:
    # clause reader.stop-waiting
    reader = Reader()
    claim = header(0x2901, 1_000_000, 3)
    assert reader.feed(claim + FOO_OCTETS + b"prompt> ") == []
    assert reader.stop_waiting() == [
        Corrupt(claim, "truncated"),
        recovered(FOO),
        Passthrough(b"prompt> "),
    ]
    assert (reader.offset, reader.pending) == (len(claim) + 20, 0)
    # The stream goes on at once, off a sync point, and the claim remains.
    assert reader.feed(b"\xb3\x10") == [Passthrough(b"\xb3\x10")]
    assert reader.feed(BAR_OCTETS) == [recovered(BAR)]
    assert reader.feed(b"\n") == [Passthrough(b"\n")]
    assert reader.close() == []


def test_to_stop_waiting_for_a_packet_that_then_comes_loses_only_that() -> None:
    reader = Reader()
    assert reader.feed(FULL_OCTETS[:50]) == []
    assert reader.stop_waiting() == [Corrupt(FULL_OCTETS[:50], "truncated")]
    items = joined(reader.feed(FULL_OCTETS[50:] + BAR_OCTETS))
    assert items == [Passthrough(FULL_OCTETS[50:]), BAR]
    assert items[1].offset == len(FULL_OCTETS)


def test_a_region_that_was_not_waited_for_ends_at_no_sync_point() -> None:
    # clause stream.sync-point: it did not end where its header said.
    for waited in (header(0x2901, 60), b"\xb3\x29"):
        reader = Reader()
        assert reader.feed(waited) == []
        assert reader.stop_waiting() == [Corrupt(waited, "truncated")]
        assert reader.feed(b"\xb3\x10") == [Passthrough(b"\xb3\x10")]


def test_to_stop_waiting_off_a_sync_point_gives_output() -> None:
    reader = Reader()
    noise = b"volume: 5 m\xb3 gas"
    assert joined(reader.feed(noise)) == [Passthrough(noise[: noise.index(b"\xb3")])]
    assert reader.stop_waiting() == [Passthrough(noise[noise.index(b"\xb3") :])]
    assert reader.feed(FOO_OCTETS) == [FOO]


def test_to_stop_waiting_in_a_region_whose_end_is_looked_for() -> None:
    # The region is complete; a header inside it claims octets that have not arrived.
    reader = Reader()
    region = header(0x2901, 20) + header(0x2901, 60) + b"x" * 12
    assert reader.feed(region + FOO_OCTETS) == []
    assert reader.stop_waiting() == [Corrupt(region, "checksum"), FOO]
    assert reader.feed(BAR_OCTETS) == [BAR]


def test_to_stop_waiting_for_text() -> None:
    reader = Reader()
    assert reader.feed(b"m\xc2\xb3\x29") == [Passthrough(b"m\xc2")]
    assert reader.stop_waiting() == [Passthrough(b"\xb3\x29")]
    assert reader.feed(b"\x80") == [Passthrough(b"\x80")]


def test_to_stop_waiting_where_nothing_is_waited_for() -> None:
    reader = Reader()
    assert reader.stop_waiting() == []
    assert reader.feed(b"ok\n" + FOO_OCTETS) == [Passthrough(b"ok\n"), FOO]
    assert reader.stop_waiting() == []
    # Still at a sync point.
    assert reader.feed(b"\xb3\x10") == [Corrupt(b"\xb3", "version"), Passthrough(b"\x10")]


def test_a_stream_that_ended_when_waiting_stopped_has_the_items_of_its_parts() -> None:
    for cut in range(1, len(BAR_OCTETS)):
        reader = Reader()
        before = reader.feed(FOO_OCTETS + BAR_OCTETS[:cut]) + reader.stop_waiting()
        assert joined(before) == read_in_chunks([FOO_OCTETS + BAR_OCTETS[:cut]])
        after = joined(reader.feed(BAR_OCTETS[cut:] + b"\n" + FULL_OCTETS) + reader.close())
        assert packets(after) == [FULL]
        # clause reader.stop-waiting: the next octets are not at a sync point.
        assert isinstance(after[0], Passthrough)
        assert corrupt(after) == []


# --- From files and pipes -------------------------------------------------------------------

STREAM = b"ok\n" + FOO_OCTETS + damaged(FOO_OCTETS) + BAR_OCTETS + b"(Pdb) "
ITEMS = [
    Passthrough(b"ok\n"),
    FOO,
    Corrupt(damaged(FOO_OCTETS), "checksum"),
    BAR,
    Passthrough(b"(Pdb) "),
]


class ReadOnly:
    """A file that has only `read`."""

    def __init__(self, octets: bytes, most: int) -> None:
        self._file = io.BytesIO(octets)
        self._most = most

    def read(self, size: int) -> bytes:
        return self._file.read(min(size, self._most))


@pytest.mark.parametrize("reference", [False, True])
@pytest.mark.parametrize(
    "source",
    [
        STREAM,
        bytearray(STREAM),
        memoryview(STREAM),
        memoryview(STREAM + b"\n").cast("H"),
        ReadOnly(STREAM, 1),
        ReadOnly(STREAM, 1000),
    ],
    ids=["bytes", "bytearray", "memoryview", "wider", "octet by octet", "read only"],
)
def test_octets_and_files_are_decoded(source: Any, reference: bool) -> None:
    if isinstance(source, ReadOnly):
        source._file.seek(0)
    items = joined(decode(source, reference=reference))
    if isinstance(source, memoryview) and source.itemsize > 1:
        assert items == [*ITEMS[:-1], Passthrough(b"(Pdb) \n")]
    else:
        assert items == ITEMS


@pytest.mark.parametrize("buffering", [0, -1, 10], ids=["raw", "buffered", "small"])
def test_files_on_disk_are_decoded(tmp_path: Path, buffering: int) -> None:
    path = tmp_path / "stream"
    path.write_bytes(STREAM * 3_000)
    with path.open("rb", buffering=buffering) as file:
        items = list(decode(file))
    assert octets_of(items) == STREAM * 3_000
    assert packets(items) == [FOO, BAR] * 3_000


def test_an_empty_stream_has_no_items() -> None:
    assert list(decode(b"")) == []
    assert list(decode(io.BytesIO())) == []


@pytest.mark.parametrize("buffering", [0, -1], ids=["raw", "buffered"])
def test_a_pipe_is_followed_live(buffering: int) -> None:
    # clauses reader.packet-at-once, reader.passthrough-at-once: while the pipe is open
    reading, writing = os.pipe()
    found: Queue[Item] = Queue()

    def follow() -> None:
        with os.fdopen(reading, "rb", buffering=buffering) as file:
            for item in decode(file):
                found.put(item)

    follower = threading.Thread(target=follow)
    follower.start()
    try:
        os.write(writing, FOO_OCTETS + b"(Pdb) ")
        assert found.get(timeout=60) == FOO
        assert found.get(timeout=60) == Passthrough(b"(Pdb) ")
        os.write(writing, BAR_OCTETS[:20])
        os.write(writing, BAR_OCTETS[20:])
        assert found.get(timeout=60) == BAR
        os.write(writing, BAR_OCTETS[:20])
    finally:
        os.close(writing)
        follower.join()
    assert found.get_nowait() == Corrupt(BAR_OCTETS[:20], "truncated")
