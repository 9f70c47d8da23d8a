"""Commands that pass a stream on do so live, and change nothing else."""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subunit2 import Corrupt, Item, Packet, Timestamp, decode, encode
from subunit2.grammar.generating import streams
from subunit2.items import replace
from support.command import (
    CAPTURES,
    COMMAND,
    Done,
    Running,
    assert_one_line,
    environment,
    run,
    run_redirected,
)
from support.patience import PATIENCE
from support.streams import BAR_OCTETS, FULL, damaged, intact, number, string

WHEN = Timestamp(1_754_000_000, 123_456_789)

#: A packet with a timestamp, in which no number is in its shortest form.
LONG_FORMS = intact(
    0x2FB1,
    bytes(4)
    + number(5, 4)
    + string(b"foo", 3)
    + number(1, 2)
    + string(b"tag", 4)
    + string(b"t", 2)
    + string(b"0/3", 2),
    width=3,
)

#: A run with layers, routes, tags, attachments, and all kinds of octets between packets.
#: Each packet has a timestamp.
LAYERED = b"".join(
    [
        "adiós\n".encode(),
        encode(replace(FULL, timestamp=WHEN)),
        encode(Packet(test_id="zope:layer", test_status="inprogress", runnable=False,
                      route_code="1/0", test_tags=("zope:layer",), timestamp=WHEN)),
        LONG_FORMS,
        encode(Packet(file_name="coverage", file_bytes=b"\xb3\0" * 999, eof=True,
                      mime_type="application/octet-stream", timestamp=WHEN)),
        b"(Pdb) ",
        BAR_OCTETS,
        encode(Packet(test_id="t", test_status="inprogress", route_code="", test_tags=(),
                      timestamp=Timestamp(0))),
        encode(Packet(test_id="t", test_status="fail", route_code="", timestamp=WHEN)),
        b"no line end",
    ]
)  # fmt: skip

#: The same with a damaged packet.
DAMAGED = LAYERED + b"\n" + damaged(BAR_OCTETS) + LAYERED

#: Calls that change nothing in these streams.
UNCHANGING = [
    ["filter"],
    ["filter", "--id", ""],
    ["filter", "--not-id", "no such id"],
    ["tag", "-nobody"],
    ["route", "--strip", "nowhere"],
    ["timestamps"],
    ["merge", "-"],
    ["tee"],
]


def name_of(call: list[str]) -> str:
    return " ".join(call)


def without_times(stream: bytes) -> bool:
    return any(isinstance(item, Packet) and not item.timestamp for item in decode(stream))


@pytest.mark.parametrize("call", UNCHANGING, ids=name_of)
@pytest.mark.parametrize("stream", [LAYERED, DAMAGED, b"", b"\xb3"], ids=range(4))
def test_where_nothing_is_to_change_nothing_does(call: list[str], stream: bytes) -> None:
    assert run(*call, stdin=stream) == Done(0, stream, b"")


@pytest.mark.parametrize("call", UNCHANGING, ids=name_of)
def test_captures_come_through(call: list[str]) -> None:
    captured = [path.read_bytes() for path in CAPTURES]
    if call == ["timestamps"]:
        captured = [stream for stream in captured if not without_times(stream)]
    assert len(captured) > 3
    # Each ends at a sync point.
    stream = b"\n".join(captured) + b"\n"
    assert run(*call, stdin=stream) == Done(0, stream, b"")


_STREAMS = st.lists(streams() | st.binary(max_size=50), max_size=4).map(b"\n".join)


@pytest.mark.parametrize("stream", [LAYERED, DAMAGED, *(path.read_bytes() for path in CAPTURES)])
def test_listings_that_are_held_are_not_lost(stream: bytes) -> None:
    call = ("filter", "--not-tag", "nobody", "--not-route", "none", "--after", "0")
    done = run(*call, stdin=stream)
    assert (done.status, sorted(done.output), done.errors) == (0, sorted(stream), b"")


@pytest.mark.parametrize("call", UNCHANGING, ids=name_of)
@settings(max_examples=8)
@given(stream=_STREAMS)
def test_nothing_is_lost_of_any_octets(call: list[str], stream: bytes) -> None:
    if call == ["timestamps"]:
        # A second pass adds no timestamps.
        stream = run(*call, stdin=stream).output
    assert run(*call, stdin=stream) == Done(0, stream, b"")


@pytest.mark.parametrize(
    ("there", "back"),
    [
        (["tag", "+nobody"], ["tag", "-nobody"]),
        (["route", "--add", "I1/W2"], ["route", "--strip", "I1/W2"]),
        (["route", "--add", "I1"], ["route", "--strip"]),
    ],
    ids=name_of,
)
@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_there_and_back(there: list[str], back: list[str], capture: Path) -> None:
    changed = run(*there, capture)
    assert (changed.status, changed.errors) == (0, b"")
    assert changed.output != capture.read_bytes() or not list(_tests(capture.read_bytes()))
    assert run(*back, stdin=changed.output) == Done(0, capture.read_bytes(), b"")


def _tests(stream: bytes) -> Iterator[Item]:
    return (item for item in decode(stream) if isinstance(item, Packet) and item.test_id)


# --- Live ----------------------------------------------------------------------------------------

#: Calls that pass all items on, each with its effect on a packet.
LIVE: list[tuple[list[str], Callable[[Packet], Packet]]] = [
    (["filter", "--id", "."], lambda packet: packet),
    (["filter", "--status", "inprogress"], lambda packet: packet),
    (["tag", "+x"], lambda packet: replace(packet, test_tags=("x",))),
    (["route", "--add", "0"], lambda packet: replace(packet, route_code="0")),
    (["timestamps"], lambda packet: packet),
    (["wrap"], lambda packet: packet),
    (["merge", "-"], lambda packet: packet),
    (["tee", "/dev/null"], lambda packet: packet),
]


@pytest.mark.parametrize(("call", "change"), LIVE, ids=[name_of(call) for call, _ in LIVE])
def test_a_packet_is_out_while_the_input_is_open(
    call: list[str], change: Callable[[Packet], Packet]
) -> None:
    shortest = PATIENCE * 1.0
    expected = b""
    with Running(*call) as running:
        assert running.process.stdout is not None
        for seconds in range(6):
            packet = Packet(
                test_id=f"t{seconds}", test_status="inprogress", timestamp=Timestamp(seconds)
            )
            expected += encode(change(packet))
            began = time.monotonic()
            running.feed(encode(packet))
            assert running.expect(expected.__eq__) == expected
            shortest = min(shortest, time.monotonic() - began)
        # A machine that is busy can be slow at times.
        assert shortest < 0.1
        assert running.finish().status == 0


@pytest.mark.parametrize("call", UNCHANGING, ids=name_of)
def test_a_prompt_is_out_while_the_input_is_open(call: list[str]) -> None:
    with Running(*call) as running:
        running.feed(b"(Pdb) ")
        assert running.expect(b"(Pdb) ".__eq__)
        assert running.finish() == Done(0, b"(Pdb) ", b"")


@pytest.mark.parametrize("call", [["filter"], ["tag", "-x"], ["route", "--strip"], ["timestamps"]])
def test_stop_waiting(call: list[str]) -> None:
    claims = b"\xb3\x28\x00\xbf\xff\xff" + b"(Pdb) "
    with Running(*call, "--stop-waiting", "0.05") as running:
        running.feed(claims)
        assert running.expect(claims.__eq__)
        running.feed(b"\n" + BAR_OCTETS)
        running.expect_count(b"bar.test_b", 1)


# --- Exit status ---------------------------------------------------------------------------------

CALLS = [["tag", "+x"], ["route", "--add", "0"], *UNCHANGING[:2], *UNCHANGING[-3:], ["wrap"]]


@pytest.mark.parametrize("call", CALLS, ids=name_of)
def test_a_full_disk(call: list[str], tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(LAYERED * 100)
    with source.open("rb") as stdin, open("/dev/full", "wb") as full:  # noqa: PTH123
        done = subprocess.run(
            [*COMMAND, *call],
            stdin=stdin,
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
        )
    assert done.returncode == 2
    assert "No space left on device" in assert_one_line(done.stderr, call[0])


@pytest.mark.parametrize("call", CALLS, ids=name_of)
def test_a_reader_that_has_enough_ends_them_silently(call: list[str], tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(LAYERED * 1000)
    with source.open("rb") as stdin, Running(*call, stdin=stdin.fileno()) as running:
        assert running.process.stdout is not None
        assert os.read(running.process.stdout.fileno(), 10)
        running.close_output()
        assert running.finish()[::2] == (0, b"")


@pytest.mark.parametrize("call", CALLS, ids=name_of)
def test_closed_streams(call: list[str]) -> None:
    done = run_redirected("<&-", *call)
    assert done.status == 2
    assert_one_line(done.errors, call[0])
    done = run_redirected(">&-", *call)
    assert (done.status, done.output) == (2, b"")
    assert_one_line(done.errors, call[0])


@pytest.mark.parametrize("call", [*CALLS[:4], CALLS[5], ["wrap"]], ids=name_of)
def test_strict_tells_of_damage(call: list[str]) -> None:
    assert any(isinstance(item, Corrupt) for item in decode(DAMAGED))
    for stream, status in ((DAMAGED, 1), (LAYERED, 0)):
        strict = run(*call, "--strict", stdin=stream)
        assert (strict.status, strict.errors) == (status, b"")
    assert run(*call, stdin=DAMAGED).status == 0
    if call[0] != "wrap":
        # The remaining sinks get the whole stream.
        assert run(*call, "--strict", stdin=DAMAGED).output == run(*call, stdin=DAMAGED).output


@pytest.mark.parametrize("call", CALLS, ids=name_of)
def test_a_file_that_is_not_there(call: list[str]) -> None:
    call = [*[word for word in call if word != "-"], "missing/file"]
    done = run(*call)
    assert (done.status, done.output) == (2, b"")
    assert assert_one_line(done.errors, call[0]) == "missing/file: No such file or directory"


@pytest.mark.parametrize(
    "command", ["filter", "tag", "route", "timestamps", "merge", "tee", "wrap"]
)
def test_help(command: str) -> None:
    done = run(command, "--help")
    assert (done.status, done.errors) == (0, b"")
    assert "\nexamples:\n" in done.text
    assert "\nexit status:\n" in done.text
    assert max(map(len, done.text.splitlines())) <= 90
    assert command in run("--help").text


# --- Memory --------------------------------------------------------------------------------------


def peak(call: list[str], source: Path) -> int:
    """Return the peak memory of a call, in KiB."""
    with source.open("rb") as stdin:
        process = subprocess.Popen(
            [*COMMAND, *call], stdin=stdin, stdout=subprocess.DEVNULL, env=environment()
        )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same stream in two sizes, one ten times the other."""
    small, large = (tmp_path_factory.mktemp("sources") / name for name in ("small", "large"))
    octets = io.BytesIO()
    for each in range(2_000):
        octets.write(encode(Packet(test_id=f"test {each}", test_status="inprogress")))
        octets.write(encode(replace(FULL, test_id=f"test {each}", file_bytes=bytes(1000))))
        octets.write(b"building something\n" * 5)
    small.write_bytes(octets.getvalue())
    large.write_bytes(octets.getvalue() * 10)
    return small, large


@pytest.mark.parametrize(
    "call",
    [
        ["filter", "--not-id", "9"],
        ["filter", "--whole-tests", "--status", "fail"],
        ["tag", "+x"],
        ["route", "--add", "0"],
        ["timestamps"],
        ["wrap"],
        ["merge", "-"],
        ["merge", "--prefer-last", "-"],
        ["tee"],
    ],
    ids=name_of,
)
def test_memory_does_not_grow_with_the_stream(call: list[str], sources: tuple[Path, Path]) -> None:
    small, large = sources
    assert large.stat().st_size - small.stat().st_size > 20_000_000
    assert peak(call, large) - peak(call, small) < 4096
