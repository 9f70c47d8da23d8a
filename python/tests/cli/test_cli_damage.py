"""Damage in all commands: regions that are output, suspects, and reports of others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from subunit2 import Corrupt, Packet, Timestamp, decode, encode, replace, tests
from subunit2.damage.counting import DamageCounts
from subunit2.streams.listing import read_list
from support.command import environment, json_lines, run
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, header, named

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
        # A failure takes precedence, and nothing that ran is no verdict.
        failed = encode(Packet(test_id="bar", test_status="fail"))
        if call[0] in ("stats", "failing", "slowest"):
            assert run(*call, stdin=PASSED + failed + stream).status == 1
            assert run(*call, stdin=stream).status == 2


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


# --- Every bit of a packet behind a progress dot -------------------------------------------

STARTED = encode(
    Packet(
        test_id="pkg.Case.test_x", test_status="inprogress", timestamp=Timestamp(1_754_000_000, 5)
    )
)
LOGGED = encode(
    Packet(
        test_id="pkg.Case.test_x",
        file_name="log",
        file_bytes=b"some text\n",
        mime_type="text/plain",
    )
)

#: The bits whose flip leaves neither a region nor a suspect, by octet, 0 for the lowest.
#: Always: the signature, and the version, without which there is no candidate. Also those
#: that change which fields there are or where they end, if none of the first eight octets
#: is a control octet then. The first octets of a timestamp of these years are none.
ALL = "01234567"
SILENT = [
    # Its length is a control octet, and so is the size of its id.
    ("foo", FOO_OCTETS, {0: ALL, 1: "4567"}),
    # The number of octets of the id is 5.
    ("a start", STARTED, {0: ALL, 1: "4567"}),
    # The size of the id, 15, is the only control octet.
    ("a file", LOGGED, {0: ALL, 1: "4567", 4: "1567"}),
    (
        "no control octets, timestamp first",
        BAR_OCTETS,
        {
            # the version; route code, timestamp and the like
            1: "1234567",
            # tags, the reserved bit, eof
            2: "356",
            # the length, but for one that makes it a control octet
            3: "0123467",
            # the width of the nanoseconds
            8: "67",
            # the sizes of the id, of the tags and of the route code
            **dict.fromkeys((0, 9, 20, 21, 27, 32), ALL),
        },
    ),
    (
        "every field",
        FULL_OCTETS,
        {
            1: "1234567",
            2: "3567",
            # the length is two octets
            3: "0123457",
            4: "0123457",
            9: "67",
            **dict.fromkeys((0, 13, 30, 31, 33, 34, 36, 60, 70, 82), ALL),
        },
    ),
]


@pytest.mark.parametrize(("packet", "silent"), named(SILENT))
def test_every_bit_flipped_behind_a_progress_dot(packet: bytes, silent: dict[int, str]) -> None:
    # clauses stream.form and damage.suspect
    found: dict[int, str] = {}
    for index in range(len(packet)):
        for bit in range(8):
            line = b"." + damaged(packet, index, 1 << bit)
            for stream in (PASSED + line + b"\n" + PASSED, PASSED + line):
                counts = DamageCounts()
                counts.feed(decode(stream))
                counts.close()
                if not counts.is_suspect:
                    before = found.setdefault(index, "")
                    found[index] = before + str(bit) if str(bit) not in before else before
                elif counts.suspects:
                    assert counts.suspect_offsets == [len(PASSED) + 1]
    assert found == silent


def test_flipped_octets_behind_a_progress_dot_in_commands() -> None:
    for index in range(len(FOO_OCTETS)):
        stream = PASSED + b"." + damaged(FOO_OCTETS, index)
        expected = 0 if index < 2 else 1
        assert run("stats", "--strict", stdin=stream).status == expected
        said = run("lint", stdin=stream).text
        assert ("[damage]" in said or "[damage-suspected]" in said) == bool(expected)


# --- Reports of others -----------------------------------------------------------------------

#: Two regions between tests, as a worker's stream may have them.
BROKEN = PASSED + DAMAGED + encode(Packet(test_id="bar", test_status="success"))


def filtered(stream: bytes) -> bytes:
    """Return a stream as python-subunit's filter passes it on."""
    command = [sys.executable, "-m", "subunit.filter_scripts.subunit_filter", "--success"]
    return subprocess.run(
        command, input=stream, capture_output=True, env=environment(), check=False
    ).stdout


def stored(stream: bytes, folder: Path) -> bytes:
    """Return a stream as stestr stores it."""

    def stestr(*arguments: str, octets: bytes = b"") -> bytes:
        return subprocess.run(
            [Path(sys.executable).with_name("stestr"), *arguments],
            cwd=folder,
            input=octets,
            capture_output=True,
            env=environment(),
            check=False,
        ).stdout

    (folder / ".stestr.conf").write_text("[DEFAULT]\ntest_command=true\n")
    stestr("init")
    stestr("load", octets=stream)
    assert b"subunit.parser" in stestr("failing", "--list")
    return stestr("last", "--subunit")


@pytest.fixture(
    scope="module",
    params=["subunit-filter", pytest.param("stestr", marks=pytest.mark.slow), "subunit2 mux"],
)
def reported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a stream in which others report the damage of `BROKEN`."""
    folder = tmp_path_factory.mktemp("run")
    if request.param == "subunit-filter":
        return filtered(BROKEN)
    if request.param == "stestr":
        return stored(BROKEN, folder)
    (folder / "a").write_bytes(BROKEN)
    (folder / "b").write_bytes(run("mux", f"W1={folder / 'a'}").output)
    return run("mux", f"I2={folder / 'b'}").output


def test_reports_of_others_are_damage(reported: bytes) -> None:
    # clause damage.parser
    assert b"subunit.parser" in reported
    assert not any(isinstance(item, Corrupt) for item in decode(reported))
    assert {test.id for test in tests(reported)} == {"foo", "bar"}
    done = run("stats", stdin=reported)
    assert done.status == 3
    assert done.text.startswith("tests                 2\n  success             2\n")
    assert f"\ndamaged       1 report, {len(DAMAGED)} octets" in done.text
    form = json.loads(run("stats", "--json", stdin=reported).output)
    [report] = form["damage_reports"]
    assert (report["reports"], report["octets"]) == (1, len(DAMAGED))
    assert report["route_code"] in (None, "I2/W1")
    assert (form["damaged_regions"], form["running"], form["tests"]["fail"]) == (0, [], 0)
    for call in (["ls"], ["ls", "--all"], ["failing", "--list"], ["failing", "--list", "--all"]):
        listed = run(*call, stdin=reported)
        assert (listed.status, read_list(listed.output)) == (
            3,
            ["foo", "bar"] if call[0] == "ls" else [],
        )
    assert set(read_list(reported)) == {"foo", "bar"}
    assert "subunit.parser" not in run("slowest", "--all", stdin=reported).text
    assert run("stats", "--strict", stdin=reported).status == 1


def test_why_others_reported_damage(reported: bytes) -> None:
    route = "  [route I2/W1]" if b"I2/W1" in reported else ""
    done = run("failing", stdin=reported)
    assert done.text == (
        f"damaged{route}\n"
        "  Parser Error:\n"
        "    Bad checksum - calculated (0x3a164a19), stored (0x3a164ae6)\n"
        f"  Packet data: {len(DAMAGED)} octets, see `subunit2 extract --test subunit.parser`\n"
        "0 failed, 0 never ended, of 2 tests\n"
    )
    form = json.loads(run("failing", "--json", stdin=reported).output)
    assert form["failing"] == []
    [report] = form["damage_reports"]
    assert report["reason"] == "Bad checksum - calculated (0x3a164a19), stored (0x3a164ae6)"
    assert (report["octets"], report["complete"]) == (len(DAMAGED), True)


def test_the_octets_of_a_report_can_be_extracted(reported: bytes, tmp_path: Path) -> None:
    call = ("extract", "--test", "subunit.parser", "--name", "Packet data", "--to", "-")
    done = run(*call, stdin=reported)
    assert (done.status, done.output) == (3, DAMAGED)


def test_a_report_is_no_error_of_the_stream(reported: bytes) -> None:
    findings = json.loads(run("lint", "--json", stdin=reported).output)["findings"]
    assert [each["rule"] for each in findings if each["level"] != "note"] == ["damage-reported"]
    assert run("lint", stdin=reported).status == 0
    assert run("lint", "--strict", stdin=reported).status == 1


def test_inspect_shows_reports_with_the_damage(reported: bytes) -> None:
    text = run("inspect", "--damage", stdin=reported).text
    assert text.count("subunit.parser") > 1
    assert ": foo" not in text
    assert "\n  1 report of damage in packets\n" in text


def test_a_filter_takes_regions_that_are_output_for_output() -> None:
    output = "³ Fussnote\n³\n".encode("latin-1") + b"and more text\n"
    stream = PASSED + DAMAGED + output + PASSED
    for options in ([], ["--whole-tests"]):
        kept = run("filter", "--no-corrupt", *options, stdin=stream).output
        assert kept == PASSED + output + PASSED
        kept = run("filter", "--no-passthrough", *options, stdin=stream).output
        assert kept == PASSED + DAMAGED + PASSED
        assert run("filter", *options, stdin=stream).output == stream


def test_a_filter_does_not_lose_reports(reported: bytes) -> None:
    for options in (["--status", "success"], ["--id", "foo"], ["--whole-tests", "--id", "foo"]):
        kept = run("filter", *options, stdin=reported).output
        assert run("stats", stdin=kept).status == 3
        dropped = run("filter", "--no-corrupt", *options, stdin=reported).output
        assert run("stats", stdin=dropped).status == 0


def test_merging_keeps_the_reports_of_every_run(reported: bytes, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(reported)
    (tmp_path / "b").write_bytes(reported)
    merged = run("merge", "--prefer-last", tmp_path / "a", tmp_path / "b").output
    form = json.loads(run("stats", "--json", stdin=merged).output)
    assert sum(each["reports"] for each in form["damage_reports"]) == 2


def test_reports_by_route_and_without_their_end() -> None:
    data = Packet(test_id="subunit.parser", file_name="Packet data", file_bytes=b"\xb3\x01")
    end = Packet(test_id="subunit.parser", test_status="fail")
    stream = PASSED + b"".join(
        encode(replace(packet, route_code=route, runnable=False))
        for packet in (data, data, end, end, data)
        for route in ("0", "1/2")
    )
    form = json.loads(run("stats", "--json", stdin=stream).output)
    assert form["damage_reports"] == [
        {"route_code": "0", "reports": 3, "octets": 6},
        {"route_code": "1/2", "reports": 3, "octets": 6},
    ]
    assert "damaged       3 reports, 6 octets  [route 1/2]\n" in run("stats", stdin=stream).text
    assert run("failing", stdin=stream).text.count("damaged  [route 0]  (without its end)\n") == 1
    many = b"".join(encode(replace(end, route_code=str(number))) for number in range(12))
    assert "damaged       … 7 more routes, see --json\n" in run("stats", stdin=many).text


def test_three_damaged_regions_on_one_route_through_two_multiplexers(tmp_path: Path) -> None:
    # clause damage.one-report: between two packets they are one
    broken = PASSED + DAMAGED * 2 + PASSED + b"." + DAMAGED
    (tmp_path / "a").write_bytes(broken)
    (tmp_path / "b").write_bytes(run("mux", f"0={tmp_path / 'a'}").output)
    stream = run("mux", f"1={tmp_path / 'b'}").output
    done = run("stats", stdin=stream)
    assert done.status == 3
    assert f"damaged       2 reports, {3 * len(DAMAGED)} octets  [route 1/0]\n" in done.text
    linted = run("lint", stdin=stream)
    assert linted.status == 0
    assert linted.text.count("[damage-reported]") == 2
    theirs = subprocess.run(
        [sys.executable, "-m", "subunit.filter_scripts.subunit_stats"],
        input=stream,
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert b"Failed tests:      2\n" in theirs.stdout
