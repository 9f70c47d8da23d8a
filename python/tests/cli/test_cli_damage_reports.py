"""Reports of damage that others wrote: python-subunit, stestr and multiplexers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from subunit2 import Corrupt, Packet, decode, encode, replace, tests
from subunit2.streams.listing import read_list
from support.command import environment, run
from support.streams import damaged

PASSED = encode(Packet(test_id="foo", test_status="inprogress")) + encode(
    Packet(test_id="foo", test_status="success")
)
DAMAGED = damaged(encode(Packet(test_id="lost", test_status="fail")))

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
