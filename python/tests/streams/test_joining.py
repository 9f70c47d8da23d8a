"""Combinators: wrapping output, several sinks, several inputs, aligned clocks."""

from __future__ import annotations

import errno
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Corrupt, EncodeError, Item, Packet, Passthrough, Timestamp, decode, encode
from subunit2.damage.output import judge_regions
from subunit2.damage.reports import DATA_FILE, PARSER
from subunit2.grammar.generating import streams
from subunit2.items import replace
from subunit2.multiplexer import WRAPPED_FILE
from subunit2.streams.clocks import CLOCK_OFFSET, ClockAligner, align_clock
from subunit2.streams.merging import arrivals, merge
from subunit2.streams.teeing import Tee, tee
from subunit2.streams.wrapping import Wrapper, wrap
from subunit2.writer import DEFAULT_CHUNK
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL_OCTETS,
    damaged,
    intact,
    number,
    octets_of,
    packets,
    string,
)

# --- Output into packets -------------------------------------------------------------------------


@given(streams())
def test_joined_the_chunks_of_output_are_what_they_were(stream: bytes) -> None:
    items = list(decode(stream))
    name = "what nothing else is called"
    wrapped = list(wrap(items, name))
    assert all(isinstance(item, Packet) for item in wrapped)
    of_file = [packet for packet in packets(wrapped) if packet.file_name == name]
    reports = [packet for packet in packets(wrapped) if packet.test_id == PARSER]
    judged = list(judge_regions(items))
    output = octets_of(item for item in judged if isinstance(item, Passthrough))
    damage = octets_of(item for item in judged if isinstance(item, Corrupt))
    data = [packet for packet in reports if packet.file_name == DATA_FILE]
    assert b"".join(packet.file_bytes or b"" for packet in data) == damage
    assert any(packet.test_status == "fail" for packet in reports) == bool(damage)
    assert b"".join(packet.file_bytes or b"" for packet in of_file) == output
    # clause file.eof
    assert [packet.eof for packet in of_file] == [False] * (len(of_file) - 1) + [True] * bool(
        output
    )
    kept = [item for item in wrapped if item not in of_file and item not in reports]
    assert list(map(id, kept)) == [id(item) for item in items if isinstance(item, Packet)]


def test_what_comes_together_goes_out_together_and_at_once() -> None:
    wrapper = Wrapper("log", route_code="0/3")
    assert wrapper.feed([FOO]) == [FOO]
    chunk = Packet(file_name="log", file_bytes=b"ab", route_code="0/3", runnable=False)
    assert wrapper.feed([Passthrough(b"a"), Passthrough(b"b"), FOO]) == [chunk, FOO]
    region = Corrupt(b"\xb3 vgl. S", "version")
    assert wrapper.feed([region]) == [replace(chunk, file_bytes=region.data)]
    assert wrapper.close() == [replace(chunk, file_bytes=b"", eof=True)]
    assert wrapper.close() == []
    assert Wrapper().close() == []


def test_output_of_a_test() -> None:
    wrapper = Wrapper(test_id="t", mime_type="text/plain")
    first, second = packets(wrapper.feed([Passthrough(b"a"), FOO, Passthrough(b"b")]))[::2]
    # clause wrap.output
    assert (first.test_id, first.file_name, first.runnable) == ("t", WRAPPED_FILE, False)
    # clause mime.scope
    assert (first.mime_type, second.mime_type) == ("text/plain", None)


def test_damage_is_reported_apart_from_the_output_of_a_test() -> None:
    # clause damage.report
    wrapper = Wrapper("log", test_id="t", route_code="0")
    items = packets(wrapper.feed(decode(b"a" + damaged(FOO_OCTETS) + b"\xb3ab" + FOO_OCTETS)))
    assert [(packet.test_id, packet.test_status, packet.file_name) for packet in items] == [
        ("t", None, "log"),
        (PARSER, None, DATA_FILE),
        ("t", None, "log"),
        (PARSER, None, DATA_FILE),
        (PARSER, "fail", "Parser Error"),
        ("foo", "exists", None),
    ]
    assert {packet.route_code for packet in items} == {"0", None}
    assert not any(packet.runnable for packet in items[:-1])
    assert wrapper.feed([Corrupt(b"\xb3", "version")]) == []
    assert packets(wrapper.stop_waiting())[-1].test_status == "fail"
    assert wrapper.close() == [
        Packet(
            test_id="t", file_name="log", file_bytes=b"", eof=True, runnable=False, route_code="0"
        )
    ]


def test_much_output_is_cut() -> None:
    octets = bytes(range(256)) * (DEFAULT_CHUNK // 100)
    chunks = packets(Wrapper().feed([Passthrough(octets)]))
    assert len(chunks) == 3
    assert b"".join(chunk.file_bytes or b"" for chunk in chunks) == octets


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": "\0"},
        {"route_code": "\ud800"},
        {"route_code": ""},
        {"test_id": "x" * (3 << 20)},
        {"test_id": "x" * (5 << 20)},
    ],
)
def test_a_file_that_cannot_be_written_is_refused_at_once(arguments: dict[str, str]) -> None:
    with pytest.raises(EncodeError):
        Wrapper(**arguments)


# --- Several sinks -------------------------------------------------------------------------------


def full(what: object) -> None:
    """A sink on a full disk."""
    raise OSError(errno.ENOSPC, "full")


def test_a_sink_that_dies_does_not_stop_the_others() -> None:
    first: list[bytes] = []
    last: list[bytes] = []
    mortal = iter([b"", b""])
    all_sinks: Tee[bytes] = Tee(
        {"first": first.append, "mortal": lambda _: next(mortal), "full": full, "last": last.append}
    )
    for octet in range(4):
        all_sinks.write(bytes([octet]))
    assert first == last == [b"\0", b"\1", b"\2", b"\3"]
    assert list(all_sinks.errors) == ["full", "mortal"]
    assert isinstance(all_sinks.errors["mortal"], StopIteration)
    assert all_sinks.has_sinks


def test_nobody_is_left() -> None:
    sinks: Tee[bytes] = Tee({"full": full})
    assert sinks.has_sinks
    sinks.write(b"")
    assert not sinks.has_sinks


def test_the_death_of_a_sink_is_told_at_the_end() -> None:
    kept: list[Item] = []
    going = tee([FOO, BAR], {"kept": kept.append, "disk": full})
    assert [next(going), next(going)] == [FOO, BAR]
    assert kept == [FOO, BAR]
    with pytest.raises(ExceptionGroup) as caught:
        next(going)
    [death] = caught.value.exceptions
    assert isinstance(death, OSError)
    assert death.__notes__ == ["sink: disk"]
    assert list(tee([FOO], {"kept": kept.append})) == [FOO]


# --- Several inputs ------------------------------------------------------------------------------


class Pipe:
    """A pipe, and its writing end."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.reading = cast(BinaryIO, os.fdopen(reading, "rb", 0))
        self.writing = os.fdopen(writing, "wb", 0)

    def __enter__(self) -> Pipe:
        return self

    def __exit__(self, *exception: object) -> None:
        self.writing.close()
        self.reading.close()


def test_what_arrives_goes_out_in_the_order_in_which_it_arrives() -> None:
    with Pipe() as a, Pipe() as b:
        arriving = arrivals([a.reading, b.reading])
        for pipe, number_of, octets in ((b, 1, FOO_OCTETS), (a, 0, BAR_OCTETS), (b, 1, b"(Pdb) ")):
            pipe.writing.write(octets)
            # The others are open, and silent.
            number_got, items = next(arriving)
            assert number_got == number_of
            assert octets_of(items) == octets
        a.writing.close()
        b.writing.close()
        assert list(arriving) == []
        assert a.reading.closed


@given(st.lists(streams(), max_size=4))
def test_each_input_comes_whole_and_in_its_order(inputs: list[bytes]) -> None:
    # clause route.order
    found = [b""] * len(inputs)
    items: list[Item] = []
    for at, settled in arrivals([io.BytesIO(each) for each in inputs]):
        found[at] += octets_of(settled)
        items += settled
    assert found == inputs
    assert len(list(merge([(0, items), (1, [])]))) == len(items)


def test_an_input_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    failed: list[tuple[int, OSError]] = []

    def missing() -> BinaryIO:
        return cast(BinaryIO, (tmp_path / "missing").open("rb", 0))

    def note(at: int, error: OSError) -> None:
        failed.append((at, error))

    sources: list[Any] = [missing, io.BytesIO(FOO_OCTETS)]
    assert [(at, octets_of(items)) for at, items in arrivals(sources, note)] == [(1, FOO_OCTETS)]
    assert [(at, type(error)) for at, error in failed] == [(0, FileNotFoundError)]
    with pytest.raises(FileNotFoundError):
        list(arrivals([missing]))


def test_who_asks_for_no_more_keeps_no_thread_waiting() -> None:
    many = FOO_OCTETS * 100_000
    before = threading.active_count()
    arriving = arrivals([io.BytesIO(many) for _ in range(8)])
    next(arriving)
    threads = [each for each in threading.enumerate() if each.daemon]
    arriving.close()  # type: ignore[attr-defined]
    for thread in threads:
        thread.join(60)
    assert threading.active_count() <= before


# --- Clocks --------------------------------------------------------------------------------------

ARRIVAL = Timestamp(2_000_000_000, 500_000_000)


def clock() -> Timestamp:
    return ARRIVAL


def at(seconds: int, nanoseconds: int = 0) -> Packet:
    return Packet(test_id="t", timestamp=Timestamp(seconds, nanoseconds))


@pytest.mark.parametrize("off", [-3600, 30, 1_000_000])
def test_one_offset_for_all_timestamps_of_an_input(off: int) -> None:
    first = ARRIVAL.seconds + off
    stream: list[Item] = [
        at(first, ARRIVAL.nanoseconds),
        FOO,
        Passthrough(b"x"),
        at(first + 5, 1),
        at(first - 2),
    ]
    told, *moved = list(align_clock(stream, clock=clock))
    assert told == Packet(
        file_name=CLOCK_OFFSET,
        mime_type="application/json",
        file_bytes=b'{"nanoseconds":%d}' % (-off * 10**9),
        eof=True,
        runnable=False,
    )
    assert moved == [
        at(ARRIVAL.seconds, ARRIVAL.nanoseconds),
        FOO,
        Passthrough(b"x"),
        at(ARRIVAL.seconds + 5, 1),
        at(ARRIVAL.seconds - 2),
    ]


def test_of_those_that_arrive_together_the_last_was_on_its_way_for_the_shortest_time() -> None:
    aligner = ClockAligner(clock=clock)
    assert aligner.feed([FOO]) == [FOO]
    assert aligner.offset is None
    told, first, second = aligner.feed([at(100), at(107, 250)])
    assert aligner.offset == (ARRIVAL.seconds - 107) * 10**9 + ARRIVAL.nanoseconds - 250
    [first, second] = packets([first, second])
    assert second.timestamp == ARRIVAL
    assert first.timestamp == Timestamp(ARRIVAL.seconds - 7, ARRIVAL.nanoseconds - 250)
    assert packets([told])[0].file_name == CLOCK_OFFSET


def test_a_clock_that_is_right_stays_as_it_is() -> None:
    near = replace(FOO, timestamp=Timestamp(ARRIVAL.seconds, ARRIVAL.nanoseconds - 19_000_000))
    told, item = align_clock([near], clock=clock)
    assert item is near
    assert packets([told])[0].file_bytes == b'{"nanoseconds":0}'
    assert packets(align_clock([near], clock=clock, tolerance=0))[1].timestamp == ARRIVAL


def test_a_time_that_no_packet_can_have_is_not_written() -> None:
    # clause timestamp.seconds
    _, first, far, early = align_clock([at(100), at(2**32 - 1), at(0)], clock=clock)
    assert packets([first])[0].timestamp == ARRIVAL
    assert far == at(2**32 - 1)
    [moved] = packets([early])
    assert moved.timestamp == Timestamp(ARRIVAL.seconds - 100, ARRIVAL.nanoseconds)


def test_two_clocks_that_are_apart_come_together() -> None:
    # The packets of both machines arrive as soon as they are written.
    arrived = [0]

    def passing() -> Timestamp:
        return Timestamp(2_000_000_000 + arrived[0])

    aligners = [ClockAligner(clock=passing), ClockAligner(clock=passing)]
    offsets = [-3600, 30]
    out: list[Packet] = []
    for second in range(10):
        arrived[0] = second
        which = second % 2
        out += packets(aligners[which].feed([at(2_000_000_000 + second + offsets[which])]))
    times = [packet.timestamp.seconds for packet in out if packet.timestamp is not None]
    assert times == [2_000_000_000 + second for second in range(10)]


def test_the_other_octets_of_a_packet_that_is_moved_stay() -> None:
    rest = string(b"foo", 3) + number(1, 2) + string(b"tag", 4)
    octets = intact(0x2B81, bytes(4) + number(5, 4) + rest)
    _, moved = align_clock(decode(octets), clock=lambda: Timestamp(1, 70))
    assert encode(moved) == intact(0x2B81, bytes([0, 0, 0, 1]) + number(70, 2) + rest)


CHANGES: list[Callable[[list[Item]], Any]] = [wrap, align_clock]


@pytest.mark.parametrize("change", CHANGES, ids=["wrap", "align"])
def test_packets_without_anything_to_change_stay(change: Callable[[list[Item]], Any]) -> None:
    items: list[Item] = list(decode(FOO_OCTETS * 2))
    assert list(change(items)) == items
    assert octets_of(change(list(decode(FOO_OCTETS)))) == FOO_OCTETS
    assert encode(next(iter(wrap(list(decode(damaged(FULL_OCTETS))))))) != FULL_OCTETS
