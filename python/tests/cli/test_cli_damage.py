"""Damage in all commands: regions that are output, suspects, and reports of others."""

from __future__ import annotations

import json

import pytest

from subunit2 import Corrupt, Packet, decode, encode
from support.command import json_lines, run
from support.streams import damaged, header, named

PASSED = encode(Packet(test_id="foo", test_status="inprogress")) + encode(
    Packet(test_id="foo", test_status="success")
)
DAMAGED = damaged(encode(Packet(test_id="lost", test_status="fail")))
#: A packet whose length was damaged, so that it lost its form.
SUSPECT = b"." + bytes.fromhex("b32901fc03666f6f08555f1b") + b"\n"

#: The calls that read a stream and have `--strict`, with their exit status on a good stream.
STRICT_CALLS = {
    "stats": ["stats"],
    "failing": ["failing"],
    "failing --list": ["failing", "--list"],
    "slowest": ["slowest"],
    "ls": ["ls"],
    "lint": ["lint", "--rule", "damage", "--rule", "damage-suspected", "--rule", "damage-reported"],
    "extract": ["extract", "--list"],
    "info": ["info"],
    "decode": ["decode"],
    "inspect": ["inspect"],
    "filter": ["filter"],
    "tag": ["tag", "--add", "x"],
    "route": ["route", "--add", "0"],
    "merge": ["merge", "-"],
}
STRICT = [pytest.param(call, id=name) for name, call in STRICT_CALLS.items()]

#: Files that `info` and `extract` look for.
FILES = encode(Packet(file_name="version-info", file_bytes=b"{}", eof=True, runnable=False))

# --- Output ------------------------------------------------------------------------------

#: Text in Latin-1 with ³, also at the start of a line.
LATIN_1 = [
    ("in a line", "5 m³ á la carte\n"),
    ("at the start", "³ est\n"),
    ("a footnote", "³ Fussnote 7, siehe oben\n"),
    ("CR LF", "³ est\r\n5 m³\r\n³\r\n"),
    ("several", "³³³ ³ ³\n³ significa al cubo\n"),
    ("coloured", "\x1b[31m³ est\x1b[0m\n"),
    ("like a header", "³ (2) und ³)01 und ³/ \n"),
]


@pytest.mark.parametrize("call", STRICT)
@pytest.mark.parametrize("text", named(LATIN_1))
def test_latin_1_alarms_nobody(call: list[str], text: str) -> None:
    # clauses damage.output and damage.suspect
    output = text.encode("latin-1")
    for stream in (
        FILES + PASSED + output,
        FILES + output + b"ready: go\n" + PASSED + output,
    ):
        strict, loose = (run(*call, *option, stdin=stream) for option in (["--strict"], []))
        assert (strict.status, strict.errors) == (0, b"")
        assert loose == strict
    plain = run("stats", stdin=FILES + output + b"ready: go\n" + PASSED + output).text
    for word in ("damaged", "recovered", "suspect"):
        assert word not in plain


def test_output_is_counted_and_shown_as_output() -> None:
    output = "³ Fussnote\n".encode("latin-1")
    stream = PASSED + output
    assert any(isinstance(item, Corrupt) for item in decode(stream))
    stats = json.loads(run("stats", "--json", stdin=stream).output)
    assert (stats["damaged_regions"], stats["errors"]) == (0, {})
    assert stats["passthrough_octets"] == len(output)
    summary = json.loads(run("inspect", "--json", stdin=stream).output)
    assert (summary["output_regions"], summary["damaged_regions"]) == (1, 0)
    assert summary["passthrough_octets"] == len(output)
    assert run("inspect", "--damage", stdin=stream).text.startswith("summary  ")
    assert f"passthrough at {len(PASSED)}\n" in run("inspect", stdin=stream).text
    # The items stay what they are, so that the form is lossless.
    lines = run("decode", stdin=stream)
    assert [line["kind"] for line in json_lines(lines.output)][2] == "corrupt"
    assert run("encode", stdin=lines.output).output == stream


def test_a_packet_inside_the_length_that_text_claims_is_not_remarkable() -> None:
    stream = b"\xb3 significa\n" + PASSED
    assert [packet.recovered for packet in decode(stream) if isinstance(packet, Packet)] == [
        True,
        True,
    ]
    for call in STRICT_CALLS.values():
        if call[0] not in ("info", "extract"):
            assert run(*call, "--strict", stdin=stream).status == 0
    assert run("inspect", "--damage", stdin=stream).text.startswith("summary  ")
    assert "would be the header of a longer packet" in run("inspect", stdin=stream).text
    # The same inside the claim of damage.
    both = header(0x2800, 60) + stream
    assert "Recovered: it starts inside" in run("inspect", "--damage", stdin=both).text


# --- Damage ------------------------------------------------------------------------------


@pytest.mark.parametrize("call", STRICT)
def test_damage_and_suspects_count_with_strict(call: list[str]) -> None:
    good = FILES + PASSED
    assert run(*call, "--strict", stdin=good).status == 0
    report = encode(Packet(test_id="subunit.parser", test_status="fail"))
    for stream in (DAMAGED, b"." + DAMAGED, SUSPECT, report):
        assert run(*call, "--strict", stdin=good + stream).status == 1
    if call[0] != "lint":
        assert run(*call, stdin=good + SUSPECT).status == 0


JUDGES = [["stats"], ["failing"], ["failing", "--list"], ["slowest"], ["ls"], ["extract", "--list"]]


@pytest.mark.parametrize("call", JUDGES, ids=" ".join)
def test_a_report_counts_as_a_damaged_region(call: list[str]) -> None:
    # clause damage.parser
    report = encode(Packet(test_id="subunit.parser", test_status="fail"))
    for stream in (DAMAGED, report):
        assert run(*call, stdin=FILES + PASSED + stream).status == 3
        # A failure takes precedence. Where octets are damaged, tests may have run.
        failed = encode(Packet(test_id="bar", test_status="fail"))
        if call[0] in ("stats", "failing", "slowest"):
            assert run(*call, stdin=PASSED + failed + stream).status == 1
            assert run(*call, stdin=stream).status == 3


def test_suspects_are_named() -> None:
    stream = PASSED + SUSPECT
    said = f"output at {len(PASSED) + 1} looks like a damaged packet"
    assert f"suspect       {said}\n" in run("stats", stdin=stream).text
    form = json.loads(run("stats", "--json", stdin=stream).output)
    assert (form["suspects"], form["suspect_offsets"]) == (1, [len(PASSED) + 1])
    assert f"suspect: {said}\n" in run("failing", stdin=stream).text
    form = json.loads(run("failing", "--json", stdin=stream).output)
    assert (form["suspects"], form["suspect_offsets"]) == (1, [len(PASSED) + 1])
    assert said in run("inspect", stdin=stream).text
    assert (
        f"{len(PASSED) + 1}: warning: {said}  [damage-suspected]\n"
        in run("lint", stdin=stream).text
    )
    # The others say it where it makes a difference.
    for call in (["decode"], ["filter"], ["ls"], ["slowest"], ["inspect", "--json"]):
        assert run(*call, "--strict", stdin=stream).errors.decode() == (
            f"subunit2 {call[0]}: {said}\n"
        )
        assert run(*call, stdin=stream).errors == b""
    assert run("failing", "--list", stdin=stream).errors.decode() == f"subunit2 failing: {said}\n"
    merged = run("merge", "--strict", "-", stdin=stream)
    assert merged.errors.decode() == f"subunit2 merge: -: {said}\n"


def multiplexed(stream: bytes, *routes: str) -> bytes:
    """Return a stream behind a multiplexer for each route."""
    for route in routes:
        stream = run("mux", f"{route}=-", stdin=stream).output
    return stream


@pytest.mark.parametrize("call", STRICT)
@pytest.mark.parametrize("routes", ["a", "ab"])
def test_multiplexers_hide_no_suspects(call: list[str], routes: str) -> None:
    # clauses damage.suspect and wrap.output
    good = FILES + PASSED
    assert run(*call, "--strict", stdin=multiplexed(good, *routes)).status == 0
    for output in (SUSPECT, SUSPECT + good, b"." + PASSED[:9]):
        stream = multiplexed(good + output, *routes)
        assert not any(isinstance(item, Corrupt) for item in decode(stream))
        assert run(*call, "--strict", stdin=stream).status == 1
        if call[0] != "lint":
            assert run(*call, stdin=stream).status == 0


@pytest.mark.parametrize("call", [["wrap"], ["mux", "a=-"], ["mux", "a/b=-"]], ids=" ".join)
def test_suspects_in_wrapped_output_are_named(call: list[str]) -> None:
    stream = run(*call, stdin=PASSED + SUSPECT + PASSED).output
    said = f"output at {stream.index(SUSPECT[1:5]):,} looks like a damaged packet"
    assert f"suspect       {said}\n" in run("stats", stdin=stream).text
    assert f"suspect: {said}\n" in run("failing", stdin=stream).text
    assert f" warning: {said}  [damage-suspected]\n" in run("lint", stdin=stream).text


@pytest.mark.parametrize("text", named(LATIN_1))
@pytest.mark.parametrize("routes", ["a", "ab"])
def test_latin_1_behind_multiplexers_alarms_nobody(text: str, routes: str) -> None:
    output = text.encode("latin-1")
    stream = multiplexed(PASSED + output + b"ready: go\n" + PASSED + output, *routes)
    for call in STRICT_CALLS.values():
        if call[0] not in ("info", "extract"):
            assert run(*call, "--strict", stdin=stream).status == 0
    assert "suspect" not in run("stats", stdin=stream).text
    assert "suspect" not in run("lint", stdin=stream).text


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (2, "output at 25 and 39 looks like damaged packets"),
        (3, "output at 25, 39 and 53 looks like damaged packets"),
        (30, "output at 25, 39, 53, 67, 81 and 25 more looks like damaged packets"),
    ],
)
def test_many_suspects_are_counted(number: int, words: str) -> None:
    stream = PASSED + SUSPECT * number
    assert words in run("stats", stdin=stream).text
    form = json.loads(run("stats", "--json", stdin=stream).output)
    assert form["suspects"] == number
    assert form["suspect_offsets"] == [25 + 14 * each for each in range(min(number, 20))]


def test_the_end_of_a_killed_worker_behind_a_prompt() -> None:
    # Its last octets hold no control octet, and the stream ends among the eight.
    stream = PASSED + b"(Pdb) \xb3/\x83(h"
    assert "looks like a damaged packet" in run("stats", stdin=stream).text
    assert run("stats", "--strict", stdin=stream).status == 1
