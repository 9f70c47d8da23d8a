"""Counts of damage: the same however a stream arrives, and reports of damage joined."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Corrupt, Item, Packet, Passthrough, Reader, decode, encode, replace
from subunit2.damage.claims import claimed_end
from subunit2.damage.counting import (
    MOST_SUSPECTS,
    DamageCounts,
    DamageReport,
    DamageReports,
    is_report,
)
from subunit2.damage.output import judge_regions
from subunit2.damage.suspects import SuspectFinder, WrappedSuspectFinder
from subunit2.multiplexer import Multiplexer
from subunit2.packets.header import MAX_PACKET
from support.streams import BAR_OCTETS, FOO_OCTETS, damaged, header, intact, named

DATA = Packet(test_id="subunit.parser", file_name="Packet data", file_bytes=b"\xb3\x01")
REASON = Packet(
    test_id="subunit.parser", test_status="fail", file_name="Parser Error", file_bytes=b"Bad"
)

CHUNKS = st.lists(
    st.sampled_from(
        [
            *(b"\xb3", b"\xb3 ", b"\xb3\n", b"\xb3\x29", b"\x01", b"\n", b".", b"\xc3"),
            *(FOO_OCTETS, damaged(FOO_OCTETS), FOO_OCTETS[:5], BAR_OCTETS[:9], BAR_OCTETS),
            *(encode(DATA), encode(REASON), header(0x2800, 60), b"\xb3 text\n"),
        ]
    ),
    max_size=12,
)


def counted(chunks: list[bytes]) -> DamageCounts:
    counts, reader = DamageCounts(), Reader()
    for chunk in chunks:
        counts.feed(reader.feed(chunk))
    counts.feed(reader.close())
    counts.close()
    return counts


def numbers(counts: DamageCounts) -> dict[str, object]:
    return {name: value for name, value in vars(counts).items() if name[0] != "_"}


@given(CHUNKS)
def test_counts_do_not_depend_on_chunks(chunks: list[bytes]) -> None:
    stream = b"".join(chunks)
    counts = counted([stream])
    assert numbers(counted(chunks)) == numbers(counts)
    assert numbers(counted([stream[n : n + 1] for n in range(len(stream))])) == numbers(counts)
    # They are those of the items of the whole stream.
    items = list(decode(stream))
    judged = list(judge_regions(items))
    regions = [item for item in judged if isinstance(item, Corrupt)]
    assert counts.errors.total() == len(regions)
    assert counts.octets == sum(item.length for item in regions)
    assert counts.output_octets == sum(
        item.length for item in judged if isinstance(item, Passthrough)
    )
    read = sum(isinstance(item, Corrupt) for item in items)
    assert counts.output_regions == read - len(regions)
    finder = SuspectFinder()
    suspects = finder.feed(items) + finder.close()
    assert (counts.suspects, counts.suspect_offsets) == (len(suspects), suspects[:MOST_SUSPECTS])
    ends = sum(is_report(item) and item.test_status is not None for item in items)
    begun = any(is_report(item) for item in items)
    assert counts.reports.total() in (ends, ends + 1)
    assert bool(counts.reports) == begun


#: Chunks without octets that are read as damage: each candidate is in mid-line.
OUTPUT_CHUNKS = st.lists(
    st.sampled_from(
        [
            *(b".\xb3", b".\xb3\x20", b".\xb3\x29", b".\xb3\x20ab", b"5 m\xb3 \xe1", b"\xb3 "),
            *("ó".encode(), "г. ".encode(), b"\xc3", b"\x01", b"\n", b"a", b"12345678", b"\xff"),
            *(b"." + FOO_OCTETS[:3] + b"\xfc" + FOO_OCTETS[4:], b"." + FOO_OCTETS[:5]),
            *(FOO_OCTETS, BAR_OCTETS),
        ]
    ),
    max_size=12,
)


def multiplexed(chunks: list[bytes], route: str | None) -> list[bytes]:
    """Return what a multiplexer makes of a single input that arrives in chunks."""
    multiplexer = Multiplexer([route])
    return [*(multiplexer.feed(0, chunk) for chunk in chunks), multiplexer.close(0)]


@given(OUTPUT_CHUNKS, st.sampled_from([None, "a"]))
def test_suspects_are_the_same_behind_multiplexers(chunks: list[bytes], route: str | None) -> None:
    # clauses damage.suspect and wrap.output
    stream = b"".join(chunks)
    expected = counted([stream])
    once = multiplexed(chunks, route)
    for forwarded in (once, multiplexed([stream], route), multiplexed(once, "b")):
        counts = counted(forwarded)
        octets = b"".join(forwarded)
        if any(isinstance(item, Corrupt) for item in decode(stream)):
            # The suspects around damage are counted in another way.
            assert counts.is_damaged == expected.is_damaged
            continue
        assert counts.suspects == expected.suspects
        assert {octets[offset] for offset in counts.suspect_offsets} <= {0xB3}
        assert numbers(counted([octets])) == numbers(counts)
        assert not counts.is_waiting


@given(CHUNKS)
def test_multiplexers_hide_no_damage(chunks: list[bytes]) -> None:
    forwarded = multiplexed(chunks, "a")
    if counted(chunks).is_suspect:
        assert counted(forwarded).is_suspect
        assert counted(multiplexed(forwarded, "b")).is_suspect


def wrapped(content: bytes, route: str | None = "a", name: str = "stdout") -> Packet:
    return Packet(file_name=name, file_bytes=content, route_code=route, runnable=False)


SUSPECT = b".\xb3\x29\x01\xfc\x03foo"
LATIN_1 = b"5 m\xb3 "
A, A_B, AB = (
    Packet(test_id="foo", test_status="success", route_code=r) for r in ("a", "a/b", "ab")
)

WRAPPED = [
    ("in one packet", [wrapped(SUSPECT)], [(0, 1)]),
    ("in two", [wrapped(b".\xb3"), AB, wrapped(b"\x29\x01")], [(0, 1)]),
    ("in two files", [wrapped(b".\xb3"), wrapped(b"\x29\x01", name="stderr")], []),
    ("in stderr without a route", [wrapped(SUSPECT, None, "stderr")], [(0, 1)]),
    ("under a long route", [wrapped(SUSPECT, "a" * 70)], [(0, 1)]),
    ("in another file", [wrapped(SUSPECT, name="coverage")], []),
    ("in the file of a test", [replace(wrapped(SUSPECT), test_id="foo")], []),
    ("Latin-1 in two packets", [wrapped(LATIN_1), wrapped(b"\xe1nd more")], []),
    ("in front of a packet of the input", [wrapped(LATIN_1), A, wrapped(b"\xe1nd more")], [(0, 3)]),
    ("in front of a packet below it", [wrapped(LATIN_1), A_B, wrapped(b"\xe1nd more")], [(0, 3)]),
    (
        "no route, in front of any",
        [wrapped(LATIN_1, None), AB, wrapped(b"and more", None)],
        [(0, 3)],
    ),
    ("in front of another's", [wrapped(LATIN_1), AB, wrapped(b"\xe1nd more")], []),
    (
        "in front of another output under the route",
        [wrapped(LATIN_1), wrapped(b"x", name="stderr"), wrapped(b"\xe1nd more")],
        [],
    ),
    (
        "in front of output below it",
        [wrapped(LATIN_1), wrapped(b"x", "a/b"), wrapped(b"\xe1nd more")],
        [(0, 3)],
    ),
    ("at the end of the stream", [wrapped(LATIN_1)], [(0, 3)]),
    ("at the end of the file", [wrapped(LATIN_1), replace(wrapped(b""), eof=True)], [(0, 3)]),
    ("at its end with a content", [replace(wrapped(LATIN_1), eof=True)], [(0, 3)]),
    (
        "a file that begins again",
        [replace(wrapped(b"\xc3"), eof=True), wrapped(b"\xb3 ab")],
        [(1, 0)],
    ),
    (
        "another file behind the end",
        [replace(wrapped(LATIN_1), eof=True), wrapped(b"\xe1nd more")],
        [(0, 3)],
    ),
    ("half a character in front of a packet", [wrapped(b"\xc3\xb3 \xc3"), A], [(0, 1)]),
    ("half a character at the end", [wrapped(b"\xc3\xb3 \xc3")], []),
    ("a character in two packets", [wrapped(b"\xc3"), wrapped(b"\xb3 and more")], []),
    ("two", [A, wrapped(SUSPECT + b"\n" + SUSPECT)], [(1, 1), (1, 1 + len(SUSPECT) + 1)]),
]


@pytest.mark.parametrize(("packets", "expected"), named(WRAPPED))
def test_suspects_in_wrapped_output(packets: list[Packet], expected: list[tuple[int, int]]) -> None:
    octets = [encode(packet) for packet in packets]
    starts = []
    for number, index in expected:
        content = packets[number].file_bytes
        assert content is not None
        starts.append(len(b"".join(octets[:number])) + octets[number].index(content) + index)
    assert counted([b"".join(octets)]).suspect_offsets == starts


def test_offsets_in_a_packet_that_is_not_canonical() -> None:
    # The number of the file name's octets, and that of the route code's, are too wide.
    for fields in (
        b"\x40\x06stdout\x09" + SUSPECT + b"\x01a",
        b"\x06stdout\x09" + SUSPECT + b"\x80\x00\x01a",
    ):
        stream = FOO_OCTETS + intact(0x2440, fields)
        [_, packet] = decode(stream)
        assert isinstance(packet, Packet)
        assert packet.raw is not None
        assert counted([stream]).suspect_offsets == [stream.index(b"\xb3\x29\x01\xfc")]
    # A tag holds the same octets.
    stream = intact(0x24C0, b"\x01\x40\x03" + "ó ".encode() + b"\x06stdout\x02\xb3 \x01a")
    [packet] = decode(stream)
    assert isinstance(packet, Packet)
    assert packet.test_tags == ("ó ",)
    assert packet.raw is not None
    assert counted([stream]).suspect_offsets == [stream.rindex(b"\xb3 ")]


def test_files_without_a_suspect_are_not_held() -> None:
    finder = WrappedSuspectFinder()
    for content in (b"text", "жук".encode(), LATIN_1 + b"and more\n", b"\xff\n"):
        for route in ("0", "1"):
            assert finder.feed(wrapped(content, route)) == []
        assert not finder.is_waiting
    assert not finder._finders


def test_few_files_wait() -> None:
    finder = WrappedSuspectFinder()
    found = [finder.feed(wrapped(LATIN_1, str(number))) for number in range(66)]
    assert [len(each) for each in found] == [0] * 64 + [1, 1]
    assert len(finder.close()) == 64
    assert finder.close() == []


@pytest.mark.slow
def test_the_time_is_linear_in_files_that_wait() -> None:
    # clause reader.time
    def seconds(files: int) -> float:
        packets = [wrapped(LATIN_1, str(number)) for number in range(files)] + [AB] * files
        counts = DamageCounts()
        start = process_time()
        counts.feed(packets)
        counts.close()
        return process_time() - start

    small = min(seconds(1 << 10) for _ in range(3))
    assert seconds(1 << 13) < 24 * max(small, 0.01)


def test_packets_are_looked_at_only_if_they_decide() -> None:
    counts = DamageCounts()
    counts.feed([Packet(test_id="foo"), Passthrough(b"text\n")])
    assert not counts.is_waiting
    counts.add(Corrupt(b"\xb3", "version"))
    assert counts.is_waiting
    counts.feed(decode(FOO_OCTETS))
    assert not counts.is_waiting
    assert counts.errors == {"version": 1}


def test_reports_on_two_routes() -> None:
    reports = DamageReports()
    here, there = (replace(DATA, route_code=route) for route in "01")
    for packet in (here, there, here):
        assert reports.feed(packet) is None
    assert reports.feed(replace(REASON, route_code="0")) == DamageReport("0", 4, "Bad")
    assert reports.close() == [DamageReport("1", 2, "", is_complete=False)]
    assert reports.close() == []


@pytest.mark.parametrize("status", ["success", "uxsuccess", "skip", "fail", "xfail"])
def test_a_final_status_ends_a_report(status: str) -> None:
    # subunit-filter writes a start before it, and a status behind the files.
    reports = DamageReports()
    for packet in (replace(DATA, file_name=None, test_status="inprogress"), DATA):
        assert reports.feed(packet) is None
    end = Packet(test_id="subunit.parser", test_status=status)  # type: ignore[arg-type]
    assert reports.feed(end) == DamageReport(None, 2, "")


def test_a_long_reason_is_cut() -> None:
    reports = DamageReports()
    chunk = replace(REASON, file_bytes=b"x" * 10_000, test_status=None)
    for _ in range(10):
        assert reports.feed(chunk) is None
    report = reports.feed(replace(REASON, file_bytes=b"\xff"))
    assert report is not None
    assert report.reason == "x" * (1 << 14)


def test_claims() -> None:
    items: list[Item] = list(decode(header(0x2800, 60) + FOO_OCTETS))
    [region, _] = items
    assert isinstance(region, Corrupt)
    assert claimed_end(region) == 60
    assert claimed_end(Corrupt(b"\xb3)", "truncated", offset=5)) == 5 + MAX_PACKET
