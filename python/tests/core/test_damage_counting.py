"""Counts of damage: the same however a stream arrives, and reports of damage joined."""

from __future__ import annotations

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
from subunit2.damage.suspects import SuspectFinder
from subunit2.packets.header import MAX_PACKET
from support.streams import BAR_OCTETS, FOO_OCTETS, damaged, header

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
