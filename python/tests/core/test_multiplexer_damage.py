"""Damage on the inputs of a multiplexer: reported, or wrapped as output."""

from __future__ import annotations

from time import process_time

import pytest

from subunit2 import Packet, decode, encode
from subunit2.damage.counting import DamageReports, is_report
from subunit2.items import replace
from subunit2.multiplexer import WRAPPED_FILE, Multiplexer
from support.streams import (
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    damaged,
    header,
    intact,
    packets,
)


def wrapped(octets: bytes, route: str) -> bytes:
    """Return the wrapped output of an input."""
    return b"".join(
        packet.file_bytes or b""
        for packet in packets(decode(octets))
        if packet.file_name == WRAPPED_FILE and packet.route_code == route
    )


def test_damage_is_reported_and_packets_go_on() -> None:
    # clause damage.report
    multiplexer = Multiplexer(["0/W1"])
    malformed = intact(0x2800, b"\x3fabc")
    out = multiplexer.feed(0, damaged(BAR_OCTETS) + FOO_OCTETS + malformed)
    data = Packet(
        test_id="subunit.parser",
        runnable=False,
        mime_type="application/octet-stream",
        file_name="Packet data",
        file_bytes=damaged(BAR_OCTETS),
        route_code="0/W1",
    )
    end = replace(data, mime_type=None, file_bytes=b"", eof=True)
    reason = replace(
        end,
        test_status="fail",
        mime_type="text/plain;charset=utf8",
        file_name="Parser Error",
        file_bytes=b"Bad checksum - calculated (0xf6ae0f30), stored (0xf6ae0fcf)",
    )
    assert list(decode(out)) == [
        data,
        end,
        reason,
        replace(FOO, route_code="0/W1"),
        replace(data, file_bytes=malformed),
    ]
    out = multiplexer.close(0)
    claims = b"claimed 63 bytes, 3 available"
    reason = replace(
        reason, file_bytes=b"UTF8 string at offset 2 extends past end of packet: " + claims
    )
    assert list(decode(out)) == [end, reason]
    assert multiplexer.close(0) == b""


def test_damage_between_two_packets_is_one_report() -> None:
    # clause damage.one-report
    multiplexer = Multiplexer(["0"])
    stream = damaged(BAR_OCTETS) + b"x\n" + damaged(FOO_OCTETS) + b"y" + FOO_OCTETS
    data, x, more, y, end, reason, foo = packets(decode(multiplexer.feed(0, stream)))
    assert [x.file_bytes, y.file_bytes] == [b"x\n", b"y"]
    assert [data.file_bytes, more.file_bytes] == [damaged(BAR_OCTETS), damaged(FOO_OCTETS)]
    assert [data.mime_type, more.mime_type] == ["application/octet-stream", None]
    assert (end.file_bytes, end.eof, end.test_status) == (b"", True, None)
    assert (reason.file_bytes or b"").count(b"Bad checksum") == 2
    assert foo.test_id == "foo"
    # The next report gives its MIME types again.
    stream = damaged(BAR_OCTETS) + FOO_OCTETS
    assert packets(decode(multiplexer.feed(0, stream)))[0].mime_type == data.mime_type


def test_of_many_regions_ten_are_described() -> None:
    multiplexer = Multiplexer(["0"])
    multiplexer.feed(0, damaged(FOO_OCTETS) * 12)
    reason = packets(decode(multiplexer.close(0)))[-1].file_bytes or b""
    lines = reason.decode().splitlines()
    assert len(lines) == 11
    assert lines[-1] == "and 2 more regions"


def test_a_report_says_that_a_packet_was_recovered() -> None:
    multiplexer = Multiplexer(["0"])
    stream = header(0x2901, 30) + FOO_OCTETS + b"x" * 40
    *_, reason, foo, _ = packets(decode(multiplexer.feed(0, stream)))
    assert foo == replace(FOO, route_code="0")
    first, second = (reason.file_bytes or b"").splitlines()
    assert first.startswith(b"Bad checksum")
    assert b"recovered" in second


def test_a_region_that_is_output_is_wrapped() -> None:
    # clause damage.output
    multiplexer = Multiplexer(["0"])
    assert multiplexer.feed(0, b"\xb3") == b""
    assert multiplexer.feed(0, b" Note ") == b""
    assert multiplexer.pending(0) == (0, 7)
    [chunk] = packets(decode(multiplexer.feed(0, b"S. 7\n")))
    assert (chunk.file_bytes, chunk.test_id) == (b"\xb3 Note S. 7\n", None)
    # A packet decides, and so does the end of what the caller waits for.
    chunk, foo = packets(decode(multiplexer.feed(0, b"\xb3ab\n" + FOO_OCTETS)))[-2:]
    assert (chunk.file_bytes, foo.test_id) == (b"\xb3ab\n", "foo")
    chunk, foo = packets(decode(multiplexer.feed(0, b"\xb3ab" + FOO_OCTETS)))[-2:]
    assert (chunk.test_status, foo.test_id) == ("fail", "foo")
    assert multiplexer.feed(0, b"\xb3ab") == b""
    assert not multiplexer.report(0)
    assert packets(decode(multiplexer.stop_waiting(0)))[-1].test_status == "fail"


def test_a_long_region_is_cut() -> None:
    multiplexer = Multiplexer(["0"])
    octets = damaged(encode(Packet(file_name="log", file_bytes=bytes(3 << 20))))
    found = packets(decode(multiplexer.feed(0, octets)))
    assert b"".join(packet.file_bytes or b"" for packet in found) == octets
    assert [packet.mime_type is None for packet in found] == [False, True, True, True]
    assert max(len(packet.file_bytes or b"") for packet in found) == 1 << 20


@pytest.mark.parametrize("pattern", [b"\xb3\n", b"\xb3\x00\n", b"\xb3\x20\x00\n", b"\xb3a\n."])
def test_many_regions_stay_small(pattern: bytes) -> None:
    stream = pattern * ((1 << 18) // len(pattern))
    multiplexer = Multiplexer(["0"])
    size = 0
    for start in range(0, len(stream), 1 << 16):
        size += len(multiplexer.feed(0, stream[start : start + (1 << 16)]))
    size += len(multiplexer.close(0))
    assert size < 1.1 * len(stream)


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern", [b"\xb3\n", b"\xb3\x00\n", b"\xb3\x20\x00\n", b"\xb3" + FOO_OCTETS]
)
def test_the_time_is_linear_in_the_regions(pattern: bytes) -> None:
    # clause reader.time
    def seconds(octets: int) -> float:
        stream = pattern * (octets // len(pattern))
        multiplexer = Multiplexer(["0"])
        start = process_time()
        for index in range(0, len(stream), 1 << 12):
            multiplexer.feed(0, stream[index : index + (1 << 12)])
        multiplexer.close(0)
        return process_time() - start

    small = min(seconds(1 << 14) for _ in range(3))
    assert seconds(1 << 17) < 24 * max(small, 0.01)


def test_reports_of_inputs_on_one_route_do_not_mix() -> None:
    # clause damage.one-report
    lost = bytes.fromhex("b329010c03666f6f08555f1a")
    multiplexer = Multiplexer(["0", "0", "1"], files=["stdout", "stderr", "stdout"])
    octets = multiplexer.feed(0, lost[:-1] + b"\x02")
    octets += multiplexer.feed(2, lost)
    octets += multiplexer.feed(1, b".\n" + lost)
    octets += multiplexer.feed(0, lost + bytes.fromhex("b329010c03666f6f08555f1b"))
    octets += b"".join(multiplexer.close(number) for number in range(3))
    reports = DamageReports()
    found = [
        report
        for packet in decode(octets)
        if is_report(packet) and (report := reports.feed(packet)) is not None
    ]
    assert [(each.route_code, each.octets) for each in found] == [
        *[("0", 12)] * 3,
        ("1", 12),
    ]
    assert reports.close() == []
