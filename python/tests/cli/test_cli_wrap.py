"""`subunit2 wrap`: wrap non-subunit output in packets."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings

from subunit2 import Item, Packet, Passthrough, decode, encode
from subunit2.damage.output import judge_regions
from subunit2.damage.reports import PARSER
from subunit2.grammar.generating import streams
from support.command import CAPTURES, Done, Running, assert_one_line, run
from support.multiplexed import damage_of
from support.patience import PATIENCE
from support.streams import BAR_OCTETS, FOO_OCTETS, corrupt, damaged, header, octets_of, packets


def chunks(stream: bytes, name: str = "stdout") -> list[Packet]:
    """Return packets of a file without a test."""
    return [each for each in packets(decode(stream)) if each.file_name == name and not each.test_id]


def content(stream: bytes, name: str = "stdout") -> bytes:
    return b"".join(each.file_bytes or b"" for each in chunks(stream, name))


def forwarded(items: list[Item], name: str) -> list[Item]:
    """Return packets that are neither wrapped output nor reports of damage."""
    return [
        item
        for item in items
        if isinstance(item, Packet)
        and item.test_id != PARSER
        and (item.test_id is not None or item.file_name != name)
    ]


def test_output_becomes_a_file_and_packets_stay() -> None:
    stream = b"starting server" + FOO_OCTETS + "adiós\n".encode() + BAR_OCTETS + damaged(FOO_OCTETS)
    done = run("wrap", stdin=stream)
    assert (done.status, done.errors) == (0, b"")
    items = list(decode(done.output))
    assert all(isinstance(item, Packet) for item in items)
    assert content(done.output) == b"starting server" + "adiós\n".encode()
    assert [each.eof for each in chunks(done.output)] == [False, False, True]
    assert octets_of(forwarded(items, "stdout")) == FOO_OCTETS + BAR_OCTETS
    assert damage_of(packets(items)) == [damaged(FOO_OCTETS)]
    # A second pass has nothing to wrap.
    assert run("wrap", stdin=done.output) == Done(0, done.output, b"")


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_captures(capture: Path) -> None:
    stream = capture.read_bytes()
    items = list(decode(stream))
    done = run("wrap", "--name", "nothing is called so", stdin=stream)
    out = list(decode(done.output))
    judged = list(judge_regions(items))
    assert content(done.output, "nothing is called so") == octets_of(
        item for item in judged if isinstance(item, Passthrough)
    )
    assert b"".join(damage_of(packets(out))) == octets_of(corrupt(judged))
    assert octets_of(forwarded(out, "nothing is called so")) == octets_of(packets(items))


def test_where_it_came_from() -> None:
    call = ["--name", "log", "--route", "0/3", "--test", "t", "--mime-type", "text/plain"]
    done = run("wrap", *call, stdin=b"x" + FOO_OCTETS)
    assert list(decode(done.output)) == [
        Packet(
            test_id="t",
            route_code="0/3",
            file_name="log",
            file_bytes=b"x",
            mime_type="text/plain",
            runnable=False,
        ),
        *decode(FOO_OCTETS),
        Packet(
            test_id="t",
            route_code="0/3",
            file_name="log",
            file_bytes=b"",
            eof=True,
            runnable=False,
        ),
    ]


def test_a_prompt_is_out_at_once() -> None:
    with Running("wrap") as running:
        running.feed(b"(Pdb) ")
        prompt = encode(Packet(file_name="stdout", file_bytes=b"(Pdb) ", runnable=False))
        assert running.expect(prompt.__eq__)
        end = encode(Packet(file_name="stdout", file_bytes=b"", eof=True, runnable=False))
        assert running.finish() == Done(0, prompt + end, b"")


def test_damage_is_out_at_once_and_its_report_ends_with_the_wait() -> None:
    # clause damage.one-report
    with Running("wrap", "--stop-waiting", "0.05") as running:
        running.feed(damaged(FOO_OCTETS))
        shown = running.expect(lambda octets: damaged(FOO_OCTETS) in octets)
        assert b"Parser Error" not in shown
        running.feed(header(0x2901, 1_000, 2) + b"x" * 10)
        shown = running.expect(lambda octets: b"Parser Error" in octets)
        [octets] = damage_of(packets(decode(shown)))
        assert octets.startswith(damaged(FOO_OCTETS))


def test_a_report_ends_with_the_wait_for_nothing_but_a_packet() -> None:
    # clause damage.one-report: the reader holds nothing, and output ends no wait
    with Running("wrap", "--stop-waiting", "0.3") as running:
        running.feed(damaged(FOO_OCTETS))
        shown = running.expect(lambda octets: damaged(FOO_OCTETS) in octets)
        for count in range(1, PATIENCE * 20):
            running.feed(b".\n")
            shown = running.expect_count(b"stdout", count)
            if b"Parser Error" in shown:
                break
            time.sleep(0.05)
        assert damage_of(packets(decode(shown))) == [damaged(FOO_OCTETS)]


@settings(max_examples=10)
@given(streams())
def test_joined_it_is_what_it_was(stream: bytes) -> None:
    done = run("wrap", "--name", "é", "--route", "X", stdin=stream)
    mine = [each for each in packets(decode(done.output)) if each.file_name == "é"]
    items = judge_regions(decode(stream))
    output = octets_of(item for item in items if isinstance(item, Passthrough))
    assert b"".join(each.file_bytes or b"" for each in mine) == output


def test_much_output() -> None:
    chatter = b"".join(b"%d bottles of beer on the wall\n" % number for number in range(300_000))
    done = run("wrap", "--name", "stdout", stdin=chatter)
    assert content(done.output) == chatter
    # A packet for each line would double the size.
    assert len(done.output) < len(chatter) * 1.02
    assert not any(isinstance(item, Passthrough) for item in decode(done.output))


@pytest.mark.parametrize(
    ("call", "reason"),
    [(["--name", "\udcff"], "lone surrogate"), (["--name"], "expected one argument")],
)
def test_a_call_that_is_wrong(call: list[str], reason: str) -> None:
    done = run("wrap", *call)
    assert (done.status, done.output) == (2, b"")
    assert reason in assert_one_line(done.errors, "wrap")
