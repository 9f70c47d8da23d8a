"""The survey of the rules of the stream: small surveys, and the figures of the page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from subunit2 import Packet, encode, spec
from survey import measures, noise, page
from survey.__main__ import FIGURES, PAGE, main

FOO = encode(Packet(test_id="foo", test_status="success"))
CAPTURES = Path(__file__).resolve().parents[3] / "conformance" / "captures"


def test_the_page_has_the_figures_that_were_measured() -> None:
    document = json.loads(FIGURES.read_text(encoding="utf-8"))
    text = PAGE.read_text(encoding="utf-8")
    assert page.spliced(text, document) == text
    # Another figure would be another page.
    document["flips"]["behind a dot"]["region"] += 1000
    assert page.spliced(text, document) != text


def test_the_clauses_give_the_figures_that_were_measured() -> None:
    document = json.loads(FIGURES.read_text(encoding="utf-8"))
    noise, flips, cuts = document["noise"], document["flips"], document["cuts"]
    dot, line = flips["behind a dot"], flips["at a sync point"]
    octets, programs = noise["random octets"], noise["programs and libraries"]
    pages = [each for name, each in noise.items() if name.startswith("manual pages")]

    def percent(kind: str) -> str:
        return f"{100 * dot[kind] / dot['streams']:.0f} %"

    def once(kind: str, unit: int, each: dict[str, int]) -> str:
        return f"once in {each['octets'] / each[kind] / unit:.0f}"

    reason = spec.clause("stream.form").decision or ""
    assert f"{percent('region')} are found so" in reason
    assert f"{once('in_mid_line', 1 << 20, octets)} MiB of random octets" in reason
    assert f"{once('in_mid_line', 1 << 20, programs)} MiB of programs" in reason
    assert sum(each["in_mid_line"] for each in pages) == 0

    reason = spec.clause("damage.suspect").decision or ""
    assert f"{percent('suspect')} are found only so" in reason
    assert dot["silent"] / dot["streams"] < 0.01
    assert f"{once('suspects', 1 << 10, octets)} KiB of random octets" in reason
    assert f"{once('suspects', 1 << 10, programs)} KiB of programs" in reason

    reason = spec.clause("damage.output").decision or ""
    assert f"{10_000 * line['output'] / line['streams']:.0f} in 10,000" in reason
    assert f"{sum(each['at_sync_point'] for each in pages)} regions start lines" in reason
    assert sum(each["damage"] for each in pages) == 0
    last = cuts.pop("in front of a line feed and a packet")
    assert round(last["streams"] / last["output"], -1) == 20
    assert all(each["region"] == each["streams"] for each in cuts.values())


def test_false_alarms_are_counted_by_place() -> None:
    damaged = FOO[:-1] + bytes([FOO[-1] ^ 1])
    counted = measures.false_alarms(
        [b"." + damaged, b"\n" + damaged, b"m\xb3 gas\n", b".\xb3\x29\x01"]
    )
    assert counted == {
        "octets": 2 * len(FOO) + 2 + 7 + 4,
        "signatures": 4,
        "in_mid_line": 1,
        "at_sync_point": 1,
        "damage": 2,
        "suspects": 1,
    }


def test_each_bit_but_those_of_the_signature_is_damaged() -> None:
    counted = measures.found_damage([FOO], b".")
    assert counted["streams"] == 8 * (len(FOO) - 1) == counted["next_delivered"]
    kinds = ("region", "suspect", "output", "silent")
    assert sum(counted[kind] for kind in kinds) == counted["streams"]
    # All bits of the id and of the checksum, and more.
    assert counted["region"] > 8 * 7
    assert measures.found_damage([FOO], b"\n")["silent"] == 0


def test_a_packet_is_cut_at_each_octet_and_shows() -> None:
    counted = measures.found_cuts([FOO], b"")
    assert counted["streams"] == counted["region"] == len(FOO) - 1
    assert measures.found_cuts([FOO], measures.NEXT)["region"] == len(FOO) - 1


def test_no_packet_behind_text_is_late() -> None:
    counted = measures.waits(["Шаг 1, 2024 г. и далее\n5 m³ gas", "adiós"])
    assert counted["late"] == 0
    assert counted["packets"] > 20


def test_noise_is_the_same_each_time_and_in_mid_line() -> None:
    [octets] = noise.random_octets(1 << 20, 7)
    assert octets[0] == ord(".")
    assert b"\n" not in octets
    assert list(noise.random_octets(1 << 20, 7)) == [octets]
    [text] = noise.footnotes(1 << 20, 7)
    assert text.count(b"\xb3") > 100_000


def test_a_packet_of_the_captures_is_taken_once() -> None:
    packets = measures.packets_of(CAPTURES)
    assert len(packets) == len(set(packets)) > 500


@pytest.mark.slow
def test_a_quick_survey_prints_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    before = FIGURES.read_bytes()
    assert main(["--quick"]) == 0
    printed = capsys.readouterr().out
    for heading in ("octets without packets", "a bit of a packet damaged", "a packet cut short"):
        assert heading in printed
    assert FIGURES.read_bytes() == before
