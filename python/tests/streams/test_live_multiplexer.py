"""`LiveMultiplexer` on pipes and files, and the `Multiplexer` that it uses."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from io import FileIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import EncodeError, Packet, decode, encode
from subunit2.grammar.generating import packets as any_packets
from subunit2.items import replace
from subunit2.multiplexer import Multiplexer, add_route
from subunit2.packets.header import MAX_PACKET
from subunit2.streams.multiplexing import LiveMultiplexer
from support.multiplexed import damage_of, ids_of_tests
from support.streams import BAR_OCTETS, FOO, FOO_OCTETS, FULL, FULL_OCTETS, damaged, header, packets

# --- The octets that go out ------------------------------------------------------------------


def forwarded(octets: bytes, code: str, cuts: list[int]) -> bytes:
    """Return the output of a multiplexer for a stream in chunks."""
    multiplexer = Multiplexer([code])
    places = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    out = b"".join(multiplexer.feed(0, octets[start:end]) for start, end in pairwise(places))
    return out + multiplexer.close(0)


@given(
    st.lists(any_packets(), max_size=4),
    st.sampled_from(["0", "W1", "a/b", "x" * 70, "é"]),
    st.lists(st.integers(0, 200), max_size=5),
)
def test_it_adds_the_code_as_it_is_added_to_one_packet(
    stream: list[bytes], code: str, cuts: list[int]
) -> None:
    expected = b"".join(add_route(octets, code) for octets in stream)
    assert forwarded(b"".join(stream), code, cuts) == expected


@pytest.mark.parametrize("length", [*range(40, 70), *range(16_360, 16_390), *range(65_530, 65_540)])
@pytest.mark.parametrize("route", [None, "3"])
def test_whatever_the_lengths_are(length: int, route: str | None) -> None:
    packet = Packet(test_id="foo", file_name="log", file_bytes=b"x" * length, route_code=route)
    octets = encode(packet)
    there = forwarded(octets * 2, "0", [len(octets) - 1])
    assert (
        there
        == add_route(octets, "0") * 2
        == encode(replace(packet, route_code="0/3" if route else "0")) * 2
    )


@pytest.mark.parametrize("short", range(12))
def test_at_the_limit_of_a_packet(short: int) -> None:
    packet = Packet(test_id="foo", file_name="log", file_bytes=b"x" * 4_000_000)
    size = 4_000_000 + MAX_PACKET - len(encode(packet)) - short
    octets = encode(replace(packet, file_bytes=b"x" * size))
    assert len(octets) == MAX_PACKET - short
    assert forwarded(octets, "W1", [100_000, 4_000_000]) == add_route(octets, "W1")


def test_more_route_codes_than_it_remembers() -> None:
    stream = [encode(replace(FOO, route_code=str(number % 2_000))) for number in range(5_000)]
    assert forwarded(b"".join(stream), "W", []) == b"".join(add_route(each, "W") for each in stream)


def test_damage_that_was_held_is_not_lost() -> None:
    # The octets are held until the end that the first header claims.
    stream = header(0x2901, 200) + FOO_OCTETS * 3 + damaged(FULL_OCTETS) + BAR_OCTETS
    stream += b"x" * (220 - len(stream)) + FOO_OCTETS
    for cut in range(1, len(stream)):
        items = list(decode(forwarded(stream, "0", [cut])))
        tests = ids_of_tests(packets(items))
        assert tests == ["foo", "foo", "foo", "bar.test_b", "foo"]
        assert not any(packet.recovered for packet in packets(items))


def test_an_input_without_a_code_is_forwarded_as_it_is() -> None:
    multiplexer = Multiplexer([None, "0"], files=["stdout", "stderr"])
    assert multiplexer.feed(0, FOO_OCTETS + FULL_OCTETS[:9]) == FOO_OCTETS
    assert multiplexer.feed(0, FULL_OCTETS[9:]) == FULL_OCTETS
    [chunk] = decode(multiplexer.feed(0, b"hello"))
    assert chunk == Packet(file_name="stdout", file_bytes=b"hello", runnable=False)
    [chunk] = decode(multiplexer.feed(1, b"oops"))
    assert chunk == Packet(file_name="stderr", file_bytes=b"oops", runnable=False, route_code="0")


def test_an_input_can_come_later() -> None:
    multiplexer = Multiplexer()
    first = multiplexer.add("0")
    assert multiplexer.feed(first, FOO_OCTETS[:5]) == b""
    second = multiplexer.add("1")
    assert multiplexer.feed(second, FOO_OCTETS) == add_route(FOO_OCTETS, "1")
    assert multiplexer.feed(first, FOO_OCTETS[5:]) == add_route(FOO_OCTETS, "0")
    assert multiplexer.pending(first) == (len(FOO_OCTETS), 0)
    with pytest.raises(EncodeError):
        multiplexer.add("a\0")
    with pytest.raises(EncodeError):
        multiplexer.add("2", "a\0")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_what_is_fed_can_change_afterwards(kind: type[bytes | bytearray | memoryview]) -> None:
    multiplexer = Multiplexer(["0"])
    fed = bytearray(FOO_OCTETS[:6])
    assert multiplexer.feed(0, kind(fed)) == b""
    fed[:] = bytes(6)
    assert multiplexer.feed(0, kind(FOO_OCTETS[6:])) == add_route(FOO_OCTETS, "0")


# --- Live inputs -----------------------------------------------------------------------------


@pytest.fixture
def pipe() -> Iterator[tuple[int, FileIO]]:
    """A pipe. The test closes its reading end."""
    ours, theirs = os.pipe()
    with FileIO(theirs, "wb") as file:
        yield ours, file


def test_a_file_is_read_beside_a_silent_pipe(tmp_path: Path, pipe: tuple[int, FileIO]) -> None:
    (tmp_path / "stream").write_bytes(FOO_OCTETS * 10_000)
    with LiveMultiplexer() as multiplexer:
        multiplexer.add(pipe[0], "silent")
        multiplexer.add(os.open(tmp_path / "stream", os.O_RDONLY), "file")
        out = b""
        going = iter(multiplexer)
        while len(out) < 10_000 * len(add_route(FOO_OCTETS, "file")):
            out += next(going)
        assert multiplexer.reads(pipe[0])
        pipe[1].write(FULL_OCTETS)
        assert next(octets for octets in going if octets) == add_route(FULL_OCTETS, "silent")
        pipe[1].close()
        assert b"".join(going) == b""
    assert out == add_route(FOO_OCTETS, "file") * 10_000


def test_what_is_not_read_to_its_end_is_closed(pipe: tuple[int, FileIO]) -> None:
    with LiveMultiplexer() as multiplexer:
        multiplexer.add(pipe[0], "0")
    with pytest.raises(BrokenPipeError):
        pipe[1].write(b"x")


def test_an_input_that_cannot_be_read_is_a_failure(
    tmp_path: Path, pipe: tuple[int, FileIO]
) -> None:
    # The writing end of a pipe cannot be read.
    with LiveMultiplexer() as multiplexer:
        multiplexer.add(os.open(tmp_path, os.O_RDONLY), "folder")
        (tmp_path / "stream").write_bytes(FOO_OCTETS)
        multiplexer.add(os.open(tmp_path / "stream", os.O_RDONLY), "file")
        assert b"".join(multiplexer) == add_route(FOO_OCTETS, "file")
        assert isinstance(multiplexer.failures.pop("folder"), IsADirectoryError)
        assert multiplexer.failures == {}


def test_a_pipe_that_does_not_block_is_waited_for(pipe: tuple[int, FileIO]) -> None:
    os.set_blocking(pipe[0], False)
    with LiveMultiplexer() as multiplexer:
        multiplexer.add(pipe[0], None)
        pipe[1].write(FOO_OCTETS)
        going = iter(multiplexer)
        assert next(going) == FOO_OCTETS
        pipe[1].close()
        assert b"".join(going) == b""


def test_where_nobody_reads_what_goes_out(pipe: tuple[int, FileIO]) -> None:
    ours, theirs = os.pipe()
    try:
        with LiveMultiplexer(output=theirs) as multiplexer:
            multiplexer.add(pipe[0], "silent")
            os.close(ours)
            with pytest.raises(BrokenPipeError):
                next(iter(multiplexer))
    finally:
        os.close(theirs)


def test_a_wakeup_fd_interrupts_the_wait(pipe: tuple[int, FileIO]) -> None:
    ours, theirs = os.pipe()
    try:
        with LiveMultiplexer(wakeup_fd=ours) as multiplexer:
            multiplexer.add(pipe[0], "silent")
            os.write(theirs, b"x")
            assert next(iter(multiplexer)) == b""
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_claim_is_not_waited_for_for_ever(pipe: tuple[int, FileIO]) -> None:
    claim = header(0x2901, 1_000_000, 3)
    with LiveMultiplexer(stop_waiting=0.01) as multiplexer:
        multiplexer.add(pipe[0], "0")
        pipe[1].write(claim + FOO_OCTETS)
        octets = next(octets for octets in multiplexer if octets)
        found = packets(decode(octets))
        assert (damage_of(found), ids_of_tests(found)) == ([claim], ["foo"])


def test_a_report_is_not_open_for_ever(pipe: tuple[int, FileIO]) -> None:
    # clause damage.one-report
    with LiveMultiplexer(stop_waiting=0.01) as multiplexer:
        multiplexer.add(pipe[0], "0")
        pipe[1].write(damaged(FOO_OCTETS))
        out = (octets for octets in multiplexer if octets)
        [data] = packets(decode(next(out)))
        assert data.file_bytes == damaged(FOO_OCTETS)
        assert packets(decode(next(out)))[-1].test_status == "fail"


def test_a_report_of_damage_is_no_failed_test(pipe: tuple[int, FileIO]) -> None:
    # clause damage.parser
    with LiveMultiplexer() as multiplexer:
        multiplexer.add(pipe[0], "0")
        pipe[1].write(damaged(FOO_OCTETS) + FOO_OCTETS)
        out = iter(multiplexer)
        assert packets(decode(next(out)))[2].test_status == "fail"
        assert not multiplexer.has_failed("0")
        pipe[1].write(encode(Packet(test_id="foo", test_status="fail")))
        next(out)
        assert multiplexer.has_failed("0")


def test_a_failed_test_behind_a_claim_counts(pipe: tuple[int, FileIO]) -> None:
    claim = header(0x2901, 1_000_000, 3)
    with LiveMultiplexer(stop_waiting=0.01) as multiplexer:
        multiplexer.add(pipe[0], "0")
        pipe[1].write(claim + encode(Packet(test_id="foo", test_status="fail")))
        next(octets for octets in multiplexer if octets)
        assert multiplexer.has_failed("0")


def test_jobs_hand_their_pipes_over(tmp_path: Path, pipe: tuple[int, FileIO]) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as jobs, LiveMultiplexer() as multiplexer:
        jobs.bind(str(tmp_path / "jobs"))
        multiplexer.listen(jobs, "make")
        multiplexer.add(pipe[0], "make")
        ends = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(str(tmp_path / "jobs"))
            for outputs in (2, 1):
                pipes = [os.pipe() for _ in range(outputs)]
                socket.send_fds(sender, [b"j"], [ours for ours, _ in pipes])
                for ours, theirs in pipes:
                    os.close(ours)
                    ends.append(theirs)
        pipe[1].close()
        for end in ends:
            os.write(end, FOO_OCTETS + b"x")
            os.close(end)
        found = packets(decode(b"".join(multiplexer)))
    assert sorted(packet.route_code or "" for packet in found if packet.test_id) == [
        "make/1",
        "make/1",
        "make/2",
    ]
    assert sorted(
        (packet.route_code, packet.file_name) for packet in found if packet.file_bytes
    ) == [("make/1", "stderr"), ("make/1", "stdout"), ("make/2", "stdout")]
    assert FULL not in found


def test_whether_an_input_failed(tmp_path: Path, pipe: tuple[int, FileIO]) -> None:
    failed = encode(replace(FULL, test_status="fail", file_bytes=bytes(30_000)))
    (tmp_path / "one").write_bytes(FOO_OCTETS + damaged(failed) + b"x")
    with LiveMultiplexer() as multiplexer:
        multiplexer.add(os.open(tmp_path / "one", os.O_RDONLY), "W1")
        multiplexer.add(pipe[0], "W2")
        pipe[1].write(FOO_OCTETS + failed[:-1])
        out = b""
        octets = iter(multiplexer)
        # One packet of each input has been yielded.
        while out.count(b"foo") < 2:
            out += next(octets)
        assert not multiplexer.has_failed("W2")
        pipe[1].write(failed[-1:])
        pipe[1].close()
        assert packets(decode(out + b"".join(octets)))
        assert [multiplexer.has_failed(route) for route in ("W1", "W2", None)] == [
            False,
            True,
            False,
        ]


#: A multiplexer at the limit of open files: a job sends two, and there is room for one.
FULL_TABLE = """\
import os, resource, socket, sys
from subunit2.streams.multiplexing import LiveMultiplexer
path, octets = sys.argv[1], bytes.fromhex(sys.argv[2])
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as jobs, LiveMultiplexer() as multiplexer:
    jobs.bind(path)
    multiplexer.listen(jobs)
    pipes = [os.pipe() for _ in range(2)]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.connect(path)
        socket.send_fds(sender, [b"j"], [ours for ours, _ in pipes])
    for _, theirs in pipes:
        os.write(theirs, octets)
        os.close(theirs)
    os.close(pipes[0][0])
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + 1, free + 1))
    sys.stdout.buffer.write(b"".join(multiplexer))
    for name, error in multiplexer.failures.items():
        print(f"{name}: {error.strerror}", file=sys.stderr)
"""


def test_a_job_whose_pipes_cannot_be_opened_is_a_failure(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL_TABLE, str(tmp_path / "jobs"), FOO_OCTETS.hex()],
        capture_output=True,
        check=True,
    )
    # The file that could be opened is read.
    assert [packet.test_id for packet in packets(decode(done.stdout))] == ["foo"]
    assert done.stderr == b"job 1: Too many open files\n"
