"""The report cards of emitters: made from the captures, and the bug reports are true."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from report_cards.cards import card, card_text
from report_cards.checks import CHECKS, Check, Stream
from report_cards.emitters import ALL, CAPTURES, Emitter, emitters
from report_cards.table import spliced, table
from subunit2 import Packet, Timestamp, decode, encode, spec
from subunit2.streams.lint_rules import RULES

EMITTERS = list(emitters())
NAMES = [emitter.path.name for emitter in EMITTERS]
MANIFEST = {
    capture["name"]: capture
    for capture in tomllib.loads((CAPTURES / "captures.toml").read_text("utf-8"))["capture"]
}
BY_NAME = {check.name: check for check in CHECKS}

FINAL = {"success", "uxsuccess", "skip", "fail", "xfail"}

BUGS = [path for emitter in EMITTERS for path in emitter.bug_reports]
BUG_IDS = [f"{path.parts[-3]}/{path.stem}" for path in BUGS]

_SEEN = re.compile(r"^- `([^`]+)`, octet (\d+): `(.+)`$", re.MULTILINE)
_MISSING = re.compile(r"^- `([^`]+)`: no packet of `(.+)`$", re.MULTILINE)


def packets_of(capture: str) -> list[Packet]:
    items = decode((CAPTURES / f"{capture}.subunit").read_bytes())
    return [item for item in items if isinstance(item, Packet)]


def bugs_on(emitter: Emitter) -> set[str]:
    return {
        check["check"]
        for check in card(emitter)["checks"]
        if check["kind"] == "bug" and check["violations"]
    }


# ---- Cards and their sources ------------------------------------------------------------


@pytest.mark.parametrize("emitter", EMITTERS, ids=NAMES)
def test_a_card_is_made_from_its_captures(emitter: Emitter) -> None:
    assert emitter.card.read_text("utf-8") == card_text(emitter), "run `make generate`"


def test_the_table_is_that_of_the_cards() -> None:
    readme = (ALL / "README.md").read_text("utf-8")
    assert spliced(readme, table((emitter, card(emitter)) for emitter in EMITTERS)) == readme


@pytest.mark.parametrize("emitter", EMITTERS, ids=NAMES)
def test_the_captures_are_of_the_version_that_a_card_names(emitter: Emitter) -> None:
    assert emitter.captures
    for name in emitter.captures:
        assert emitter.package in MANIFEST[name]["tool"].split(", ")


def test_each_registry_s_emitter_is_there() -> None:
    packages = {emitter.package.split()[0] for emitter in EMITTERS}
    assert packages >= {
        *("cargo-subunit", "junitxml2subunit", "karma-subunit-reporter", "pytest-subunit"),
        *("python-subunit", "stestr", "subunitreporter", "zope.testrunner"),
    }


@pytest.mark.parametrize("emitter", EMITTERS, ids=NAMES)
def test_outcomes_are_known_of_every_test_that_ended(emitter: Emitter) -> None:
    ended = {
        packet.test_id
        for name in emitter.captures
        for packet in packets_of(name)
        if packet.test_id is not None and packet.test_status in FINAL
    }
    known = emitter.outcomes.keys()
    unknown = {test_id for test_id in ended - known if emitter.is_test(test_id)}
    assert unknown == set()
    assert set(emitter.outcomes.values()) <= FINAL


# ---- Checks -----------------------------------------------------------------------------


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_a_check_names_a_clause_and_rules_that_exist(check: Check) -> None:
    assert check.is_bug is (spec.clause(check.clause).origin == "readme")
    assert set(check.rules) <= RULES.keys()
    assert check.rules or check.find


def test_bugs_come_first() -> None:
    kinds = [check.is_bug for check in CHECKS]
    assert kinds == sorted(kinds, reverse=True)


def made(**more: Any) -> Emitter:
    facts: dict[str, Any] = {"not_tests": ("layer *",), "outcomes": {"a": "skip", "b": "fail"}}
    return Emitter(
        path=Path("made"), name="made", package="made 1", language="", about="", homepage="",
        captures=(), **(facts | more),
    )  # fmt: skip


def stream_of(*packets: Packet | bytes) -> Stream:
    octets = (each if isinstance(each, bytes) else encode(each) for each in packets)
    return Stream("made", b"".join(octets))


def seen(name: str, *packets: Packet | bytes) -> list[tuple[str | None, int | None]]:
    stream = stream_of(*packets)
    return [(one.test_id, one.offset) for one in BY_NAME[name].observed(made(), [stream])]


SKIPPED = Packet(test_id="a", test_status="skip", runnable=True)
FAILED = Packet(test_id="b", test_status="fail", runnable=True)


def test_an_outcome_is_compared_with_the_one_that_the_test_had() -> None:
    assert seen("outcomes", SKIPPED, FAILED) == []
    passed = Packet(test_id="a", test_status="success", runnable=True)
    assert seen("outcomes", FAILED, SKIPPED, passed) == [
        ("a", len(encode(FAILED)) + len(encode(SKIPPED)))
    ]
    assert seen("outcomes", SKIPPED) == [("b", None)]
    # A list has no outcomes.
    assert seen("outcomes", Packet(test_id="a", test_status="exists")) == []


def test_runnable_is_compared_with_the_ids_that_can_be_run() -> None:
    layer = Packet(test_id="layer 1", test_status="fail", runnable=False)
    assert seen("runnable", SKIPPED, layer) == []
    for wrong in (
        Packet(test_id="a", test_status="inprogress", runnable=False),
        Packet(test_id="layer 1", test_status="fail", runnable=True),
    ):
        assert seen("runnable", SKIPPED, wrong) == [(wrong.test_id, len(encode(SKIPPED)))]


def test_an_id_is_listed_once_on_its_route() -> None:
    listed = Packet(test_id="a", test_status="exists", runnable=True)
    assert seen("ids", listed) == []
    assert seen("ids", listed, listed) == [("a", len(encode(listed)))]
    elsewhere = Packet(test_id="a", test_status="exists", runnable=True, route_code="1")
    assert seen("ids", listed, elsewhere) == []


@pytest.mark.parametrize(
    ("name", "packets"),
    [
        ("well-formed", [encode(SKIPPED)[:-1] + b"\0"]),
        ("sync", [b"text", SKIPPED]),
        ("shortest", [bytes.fromhex("b32901400d03666f6f41e1473f")]),
        (
            "clock",
            [
                Packet(test_id="a", test_status="skip", timestamp=Timestamp(2, 0)),
                Packet(test_id="b", test_status="fail", timestamp=Timestamp(1, 0)),
            ],
        ),
        ("ended", [Packet(test_id="a", test_status="inprogress")]),
        ("final", [SKIPPED, SKIPPED]),
        ("status", [Packet(test_id="a", test_tags=("x",))]),
        ("file-ends", [Packet(file_name="f", file_bytes=b"")]),
        ("file-names", [Packet(file_name="f", file_bytes=b"", eof=True)] * 2),
        ("eof-of-file", [Packet(test_id="a", test_status="skip", eof=True)]),
        ("mime-of-file", [Packet(test_id="a", test_status="skip", mime_type="text/plain")]),
        (
            "mime-constant",
            [
                Packet(file_name="f", file_bytes=b"", mime_type="text/plain"),
                Packet(file_name="f", file_bytes=b"", mime_type="text/html", eof=True),
            ],
        ),
    ],
)
def test_a_violation_is_found_and_a_good_stream_has_none(
    name: str, packets: list[Packet | bytes]
) -> None:
    assert seen(name, *packets) != []
    start = Packet(test_id="a", test_status="inprogress", runnable=True)
    file = Packet(
        test_id="a", file_name="f", file_bytes=b"x", mime_type="text/plain", eof=True, runnable=True
    )
    assert seen(name, start, file, SKIPPED, FAILED) == []


# ---- Bug reports ------------------------------------------------------------------------


@pytest.mark.parametrize("emitter", EMITTERS, ids=NAMES)
def test_each_bug_has_its_report_and_each_report_its_bug(emitter: Emitter) -> None:
    assert {path.stem for path in emitter.bug_reports} == bugs_on(emitter)


@pytest.mark.parametrize("path", BUGS, ids=BUG_IDS)
def test_a_bug_report_names_packets_as_they_are(path: Path) -> None:
    text = path.read_text("utf-8")
    [emitter] = [each for each in EMITTERS if each.path == path.parents[1]]
    found, missing = _SEEN.findall(text), _MISSING.findall(text)
    assert found or missing
    for capture, offset, shown in found:
        assert capture in emitter.captures
        [packet] = [each for each in packets_of(capture) if each.offset == int(offset)]
        form = json.loads(shown)
        assert {key: packet.to_dict()[key] for key in form} == form
    for capture, test_id in missing:
        assert test_id in emitter.outcomes
        assert test_id not in {packet.test_id for packet in packets_of(capture)}


@pytest.mark.parametrize("path", BUGS, ids=BUG_IDS)
def test_a_bug_report_has_the_clause_of_its_check(path: Path) -> None:
    clause = spec.clause(BY_NAME[path.stem].clause)
    text = " ".join(path.read_text("utf-8").split())
    assert f"- `{clause.id}`: {' '.join(clause.text.split())}" in text
