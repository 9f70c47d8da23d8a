"""`subunit2 route`: add or remove route codes, or select packets by them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subunit2 import Item, Packet, decode
from subunit2.grammar.generating import streams
from subunit2.items import replace
from support.command import Done, assert_one_line, run
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged

NOISE = b"building\n"

#: Without a route code, on 0/3, and on 1.
STREAM = FOO_OCTETS + NOISE + BAR_OCTETS + FULL_OCTETS + damaged(FOO_OCTETS)


def routes_of(stream: bytes) -> list[str | None]:
    return [item.route_code for item in decode(stream) if isinstance(item, Packet)]


@pytest.mark.parametrize(
    ("call", "routes"),
    [
        (["--add", "I1"], ["I1", "I1/0/3", "I1/1"]),
        (["--add", "I1/W2"], ["I1/W2", "I1/W2/0/3", "I1/W2/1"]),
        (["--strip"], [None, "3", None]),
        (["--strip", "0"], [None, "3", "1"]),
        (["--strip", "0/3"], [None, None, "1"]),
        (["--strip", "I1"], [None, "0/3", "1"]),
        (["--match", "0"], ["0/3"]),
        (["--match", "0/3", "--match", "1"], ["0/3", "1"]),
        (["--match", "0", "--strip", "--add", "X"], ["X/3"]),
        (["--strip", "0", "--add", "X"], ["X", "X/3", "X/1"]),
    ],
)
def test_routes(call: list[str], routes: list[str | None], tmp_path: Path) -> None:
    done = run("route", *call, stdin=STREAM)
    assert (done.status, done.errors) == (0, b"")
    assert routes_of(done.output) == routes
    assert NOISE in done.output
    assert done.output.endswith(damaged(FOO_OCTETS))
    source = tmp_path / "source"
    source.write_bytes(STREAM)
    assert run("route", source, *call) == done


def test_what_is_not_under_the_path_stays_octet_for_octet() -> None:
    assert run("route", "--strip", "9", stdin=STREAM) == Done(0, STREAM, b"")


def said(stream: bytes) -> list[Item]:
    return [
        replace(item, raw=None, recovered=False) if isinstance(item, Packet) else item
        for item in decode(stream)
    ]


@settings(max_examples=10)
@given(streams(), st.sampled_from(["0", "I1/W2", "é"]))
def test_to_strip_what_was_added_is_nothing(stream: bytes, code: str) -> None:
    there = run("route", "--add", code, stdin=stream)
    back = run("route", "--strip", code, stdin=there.output)
    assert (there.status, back.status) == (0, 0)
    assert said(back.output) == said(stream)
    # Rewritten packets are canonical, and a second pass changes nothing.
    again = run("route", "--add", code, stdin=back.output)
    assert run("route", "--strip", code, stdin=again.output).output == back.output


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ([], "nothing to do"),
        (["--add"], "expected one argument"),
        (["--add", "\udcff"], "-"),
        (["--add", ""], "an empty code: not a route code"),
        (["--add", "I1/"], "I1/: not a route code"),
        (["--add", "/I1"], "/I1: not a route code"),
    ],
)
def test_a_call_that_is_wrong(call: list[str], reason: str) -> None:
    done = run("route", *call)
    assert (done.status, done.output) == (2, b"")
    assert reason in assert_one_line(done.errors, "route")


def test_a_file_is_not_taken_for_a_path(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(STREAM)
    done = run("route", "--strip", source, stdin=STREAM)
    assert (done.status, done.output) == (2, b"")
    assert "this is a file" in assert_one_line(done.errors, "route")
    assert run("route", "--strip", source, "-", stdin=STREAM) == Done(0, STREAM, b"")
    assert routes_of(run("route", source, "--strip").output) == [None, "3", None]
