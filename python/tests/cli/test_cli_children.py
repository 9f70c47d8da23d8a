"""Ids of parts of tests: shown with a sign to people, and unchanged to programs."""

from __future__ import annotations

import json

import pytest

from subunit2 import CHILD_SEPARATOR, Packet, Timestamp, encode
from subunit2.streams.listing import read_list
from support.command import json_lines, run, run_on_terminal

PART_ID = CHILD_SEPARATOR.join(("shop.test_tax", "country='fr'", "rate\x1b"))
SHOWN = "shop.test_tax › country='fr' › rate\\x1b"
IN_ASCII = SHOWN.replace("›", ">")


def packet(**fields: object) -> bytes:
    return encode(Packet(test_id=PART_ID, runnable=False, **fields))  # type: ignore[arg-type]


STREAM = (
    packet(test_status="inprogress", timestamp=Timestamp(1))
    + packet(file_name="log", file_bytes=b"x", mime_type="text/plain", eof=True)
    + packet(test_status="fail", timestamp=Timestamp(2))
    + packet(test_status="inprogress", timestamp=Timestamp(3))
)

CALLS = [
    ["stats"],
    ["failing", "--all"],
    ["slowest", "--all"],
    ["lint"],
    ["extract", "--list"],
    ["inspect"],
    ["inspect", "--full"],
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_person_sees_a_sign(call: list[str]) -> None:
    # clause test-id.children
    said = run(*call, stdin=STREAM).text
    assert SHOWN in said.replace("\n" + " " * 49, " ")
    assert CHILD_SEPARATOR not in said
    assert "fdd0" not in said


@pytest.mark.parametrize(
    "changes", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}]
)
def test_another_sign_where_the_output_cannot_hold_it(changes: dict[str, str]) -> None:
    done = run("failing", "--all", stdin=STREAM, changes=changes)
    assert IN_ASCII.encode() in done.output


def test_programs_get_the_id_as_it_is() -> None:
    for call in (["ls", "--all"], ["failing", "--list", "--all"]):
        assert read_list(run(*call, stdin=STREAM).output) == [PART_ID]
    assert run("ls", "-0", "--all", stdin=STREAM).text == f"{PART_ID}\0"
    for call, key in (
        (["ls", "--json", "--all"], "tests"),
        (["stats", "--json"], "running"),
        (["failing", "--json", "--all"], "failing"),
        (["slowest", "--json", "--all"], "slowest"),
        (["lint", "--json"], "findings"),
        (["extract", "--json", "--list"], "attachments"),
    ):
        assert json.loads(run(*call, stdin=STREAM).output)[key][0]["test_id"] == PART_ID
    decoded = run("decode", stdin=STREAM)
    assert json_lines(decoded.output)[0]["test_id"] == PART_ID
    assert run("encode", stdin=decoded.output).output == STREAM


def test_a_list_without_control_characters_is_not_quoted() -> None:
    part = CHILD_SEPARATOR.join(("foo", "x=1"))
    stream = encode(Packet(test_id=part, test_status="exists", runnable=False))
    assert run("ls", "--all", stdin=stream).text == f"{part}\n"
    shown = run_on_terminal("ls", "--all", "-", stdin=stream)
    assert shown.output.decode() == "foo › x=1\r\n"


def test_a_part_is_not_run_again() -> None:
    for call in (["ls"], ["failing", "--list"]):
        assert run(*call, stdin=STREAM).output == b""
