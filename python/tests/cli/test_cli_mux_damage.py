"""Damage through `mux`, `run` and `wrap`, and output that must not hold packets back."""

from __future__ import annotations

import shlex
import signal
from io import BytesIO
from pathlib import Path

import pytest
import subunit
from testtools import StreamSummary

from subunit2 import Packet, decode, encode
from subunit2.cli import exits
from support.command import Running, run
from support.multiplexed import by_route, damage_of, ids_of_tests, output_of, printing
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, named, packets

GOOD = encode(Packet(test_id="good", test_status="success"))

#: Three damaged regions, each behind a test that passes.
REGIONS = [damaged(FOO_OCTETS), damaged(BAR_OCTETS), damaged(FULL_OCTETS)]
THREE = b"".join(
    encode(Packet(test_id=f"good.{number}", test_status="inprogress"))
    + encode(Packet(test_id=f"good.{number}", test_status="success"))
    + region
    for number, region in enumerate(REGIONS)
)


def through_two_multiplexers(tmp_path: Path, stream: bytes) -> bytes:
    (tmp_path / "worker").write_bytes(stream)
    first = run("mux", f"W1={tmp_path / 'worker'}")
    second = run("mux", "I1=-", stdin=first.output)
    assert (first.status, second.status) == (0, 0)
    return second.output


def test_damage_goes_through_two_multiplexers(tmp_path: Path) -> None:
    # clause damage.report
    out = through_two_multiplexers(tmp_path, THREE)
    found = by_route(out)["I1/W1"]
    assert damage_of(found) == REGIONS
    assert ids_of_tests(found) == [f"good.{number // 2}" for number in range(6)]


def test_ours_count_it_as_damage(tmp_path: Path) -> None:
    # clause damage.parser
    out = through_two_multiplexers(tmp_path, THREE)
    assert run("stats", stdin=out).status == exits.DAMAGED
    assert run("lint", stdin=out).status == exits.DONE


def test_python_subunit_shows_a_failure(tmp_path: Path) -> None:
    out = through_two_multiplexers(tmp_path, THREE)
    summary = StreamSummary()
    summary.startTestRun()
    subunit.ByteStreamToStreamResult(BytesIO(out)).run(summary)
    summary.stopTestRun()
    assert not summary.wasSuccessful()
    assert {case.id() for case, _ in summary.errors} == {"subunit.parser"}
    assert len(summary.errors) == 3


def test_run_and_wrap_report_damage(tmp_path: Path) -> None:
    (tmp_path / "stream").write_bytes(THREE)
    for done in (
        run("run", "--", "sh", "-c", printing(tmp_path / "stream")),
        run("run", "--", "sh", "-c", f"{printing(tmp_path / 'stream')} >&3"),
        run("wrap", tmp_path / "stream"),
    ):
        assert done.status == 0
        assert damage_of(by_route(done.output)[None]) == REGIONS


# --- Output in front of packets ----------------------------------------------------------------

#: Output without a newline, whose last octets are a character that ends in 0xB3 or holds one.
OUTPUT = ["Шаг 1", "2024 г. ", "5 m³ ", "🥳", "ó", "m³"]

#: Commands that read standard input, live.
LIVE = [
    ("decode", ["decode"]),
    ("wrap", ["wrap"]),
    ("mux", ["mux", "0=-"]),
    ("run", ["run", "--", "cat"]),
    ("filter", ["filter"]),
]


@pytest.mark.parametrize("call", named(LIVE))
def test_no_packet_waits_behind_a_word(call: list[str]) -> None:
    # clause stream.character
    with Running(*call) as running:
        for count, output in enumerate(OUTPUT, 1):
            running.feed(output.encode() + FOO_OCTETS)
            running.expect_count(b"foo", count)


LATIN_1 = [
    ("a footnote", "³ Näheres siehe S. 7\n".encode("latin-1")),
    ("a unit", "5 m³ á\n".encode("latin-1")),
    ("a line of it", b"\xb3\n" * 20),
    ("the last line", "in Litern\n³ Liter\n".encode("latin-1")),
]


@pytest.mark.parametrize("output", named(LATIN_1))
@pytest.mark.parametrize("call", named([LIVE[1], LIVE[2]]))
def test_latin_1_is_output(output: bytes, call: list[str]) -> None:
    # clause damage.output
    done = run(*call, stdin=output)
    [found] = by_route(done.output).values()
    assert output_of(found) == output
    assert [packet.test_id for packet in found] == [None] * len(found)


@pytest.mark.parametrize("call", named([LIVE[1], LIVE[2]]))
def test_a_few_octets_are_not_held_for_ever(call: list[str]) -> None:
    # clause reader.stop-waiting
    with Running(call[0], "--stop-waiting", "0.05", *call[1:]) as running:
        # The reader holds the last octet.
        running.feed("5 m³".encode())
        shown = running.expect(lambda octets: octets.count(b"stdout") == 2)
        [found] = by_route(shown).values()
        assert output_of(found) == "5 m³".encode()
        # It holds none, and three are not decided: they have no line feed.
        running.feed(b"\n\xb3> ")
        shown = running.expect(lambda octets: b"Parser Error" in octets)
        [found] = by_route(shown).values()
        assert damage_of(found) == [b"\xb3"]
        assert output_of(found) == "5 m³\n> ".encode()


# --- Ends --------------------------------------------------------------------------------------


def test_a_command_that_is_killed_within_a_packet() -> None:
    cut = FULL_OCTETS[:-20]
    script = f"printf %b {shlex.quote(octal(GOOD + cut))}; kill -9 $$"
    with Running("mux", "--run", f"W1={script}") as running:
        done = running.finish()
    assert done.status == 1
    found = by_route(done.output)["W1"]
    assert damage_of(found) == [cut]
    assert output_of(found, "exit-status") == b"killed by SIGKILL\n"


def octal(octets: bytes) -> str:
    return "".join(f"\\0{octet:03o}" for octet in octets)


def test_its_output_is_closed_within_a_report() -> None:
    with Running("mux", "0=-") as running:
        running.feed(damaged(FOO_OCTETS))
        running.expect(lambda octets: b"Packet data" in octets)
        running.close_output()
        running.process.wait(10)
        assert running.process.returncode in (0, -signal.SIGPIPE, 128 + signal.SIGPIPE)


def test_a_report_is_not_an_exit_status() -> None:
    # clause damage.parser: no test has failed, so the status of the command is written.
    script = f"printf %b {shlex.quote(octal(damaged(FOO_OCTETS) + GOOD))}; exit 3"
    done = run("mux", "--run", f"W1={script}")
    assert done.status == 1
    found = by_route(done.output)["W1"]
    assert damage_of(found) == [damaged(FOO_OCTETS)]
    assert output_of(found, "exit-status") == b"exit status 3\n"


def test_the_octets_of_damage_are_out_at_once() -> None:
    # clause damage.one-report
    with Running("mux", "0=-") as running:
        running.feed(damaged(FOO_OCTETS))
        shown = running.expect(lambda octets: damaged(FOO_OCTETS) in octets)
        [data] = packets(decode(shown))
        assert (data.test_id, data.test_status) == ("subunit.parser", None)
        running.feed(FOO_OCTETS)
        shown = running.expect(lambda octets: octets.endswith(packets_of_route(FOO_OCTETS)))
        assert damage_of(packets(decode(shown))) == [damaged(FOO_OCTETS)]


def packets_of_route(octets: bytes) -> bytes:
    return run("mux", "0=-", stdin=octets).output
