"""The built form of a case, and how long its readers may wait."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import example, given

from corpus.assemble import exists, written
from corpus.cases import complaint, validator
from corpus.reading import MOST_WAITS, disagreements, find_items, waits
from corpus.serialise import built, completed, compressed, question
from corpus.source import Source, octets_of
from subunit2 import Packet, Reader, encode
from subunit2.conformance import corpus
from subunit2.grammar.generating import streams

FOO = exists("foo")


# ---- Waits of readers --------------------------------------------------


@given(streams())
@example(b"ok" + encode(Packet(file_name="f", file_bytes=bytes(40_000))) + FOO)
@example(b"\xb3\x20\x00\xa0\x80\x00" + bytes(20_000) + FOO + bytes(20_000) + FOO)
def test_waits_say_when_each_octet_is_settled(stream: bytes) -> None:
    expected = {}
    reader = Reader()
    for fed in range(1, len(stream) + 1):
        reader.feed(stream[fed - 1 : fed])
        if reader.pending:
            expected[fed] = reader.offset
    found = {
        fed: settled for first, last, settled in waits(stream) for fed in range(first, last + 1)
    }
    assert found == expected


def test_a_packet_is_waited_for_until_its_last_octet() -> None:
    assert waits(b"ok" + FOO + FOO) == [[3, 13, 2], [15, 25, 14]]


def test_very_many_waits_are_joined_and_ask_for_less() -> None:
    found = waits(b"ok" + b"\xb3" * 5000)
    assert len(found) <= MOST_WAITS
    assert found[0][0] == 3
    assert found[-1][1] == 5002
    assert all(settled < first <= last for first, last, settled in found)


def test_a_reader_that_does_not_agree_is_named() -> None:
    [item] = find_items(FOO)
    said = list(disagreements(FOO, [{**item, "eof": True}]))
    assert [
        line.partition(" does not agree with items[0], which has eof True")[0] for line in said
    ] == [
        "the reader",
        "the Kaitai reader",
        "the grammar's recogniser",
    ]
    assert list(disagreements(FOO, [item])) == []
    assert next(iter(disagreements(FOO + FOO, [item]))) == "the reader finds 2 items, not 1"


# ---- The built form ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "units"),
    [
        ("", (1,)),
        ("abc", (1,)),
        ("a" * 255, (1,)),
        ("x" + "a" * 256 + "y", (1,)),
        ("ab" * 200 + "a", (1, 2)),
        ("aabb" * 200, (1, 4)),
        ("é" * 300, (1, 2)),
        (b"\n" * 300 + b"line\n" * 60, (1, 5)),
        (b"\0" * 300 + b"\xff", (1,)),
    ],
)
def test_long_values_are_compressed_without_loss(value: Any, units: tuple[int, ...]) -> None:
    pairs = compressed(value, units)
    assert type(value)().join(part * times for part, times in pairs) == value
    assert all(times == 1 or len(part) * times >= 256 for part, times in pairs)


def large_case() -> Source:
    stream = written({"test_id": "é" * 4000, "file_name": "log", "file_bytes": "00" * 9000}) + (
        b"line\n" * 1000
    )
    start = stream.index("é".encode())
    before, behind = stream[:start], stream[start + 8000 :]
    zeros = behind.index(bytes(9000))
    return Source(
        id="packet/large",
        title="A large one",
        clauses=("packet.order",),
        flags=("large",),
        octets=[
            (before, 1),
            ("é".encode(), 4000),
            (behind[:zeros], 1),
            (b"\0", 9000),
            (behind[zeros + 9000 : -5000], 1),
            (b"line\n", 1000),
        ],
    )


def test_a_large_case_is_short_and_expands_to_itself() -> None:
    source = completed(large_case(), {})
    form = built(source)
    assert complaint(validator("case.schema.json"), form) is None
    assert len(json.dumps(form)) < 2000
    document = {"format": 2, "version": "1.0.0", "flags": {}, "cases": [form]}
    [case] = corpus.Corpus(json.dumps(document).encode()).cases
    assert isinstance(case, corpus.ReaderCase)
    assert case.stream == octets_of(source.octets or [])
    assert case.items == source.items


def test_the_question_of_a_case_is_not_its_answer() -> None:
    source = completed(large_case(), {})
    assert question(replace(source, items=[], title="Another", clauses=())) == question(source)
    assert question(replace(source, octets=[(b"", 1)])) != question(source)
    writer = Source(id="writer/x", title="", clauses=(), packet={"test_id": "a"})
    assert question(replace(writer, refused="test_id")) == question(writer)
    assert question(replace(writer, packet={"test_id": "b"})) != question(writer)
    assert question(replace(writer, split=True)) != question(writer)
    long = replace(writer, packet={"test_id": [["a", 1]], "kind": "packet"})
    assert question(long) == question(writer)
    both = Source(id="multiplexer/x", title="", clauses=(), routes=("0",))
    assert question(replace(both, routes=("1",))) != question(both)


# ---- Strings that are no UTF-8 -------------------------------------------------------


def test_strings_with_a_lone_surrogate_have_octets() -> None:
    source = Source(
        id="writer/x",
        title="",
        clauses=(),
        packet={
            "test_id": "a\ud800c",
            "test_tags": ["\u00e9", "\udfff"],
            "mime_type": "\U0001f600",
        },
        refused="test_id",
    )
    form = built(source)
    assert form["octets"] == {"test_id": "61eda08063", "test_tags": ["c3a9", "edbfbf"]}
    without = built(replace(source, packet={"test_id": "a\0"}))
    assert "octets" not in without
    # The question is the packet alone, as before there was a second form.
    asked = {"packet": {"kind": "packet"} | (source.packet or {}), "split": False}
    assert question(source) == sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def test_octets_are_there_exactly_where_a_surrogate_is() -> None:
    """Looks at the escapes of the JSON text, not at the strings that Python makes of it."""
    with_octets = set()
    with_surrogates = set()
    for case in corpus.load().cases:
        text = json.dumps(case.form["packet"]) if case.profile == "writer" else ""
        units = [int(unit, 16) for unit in re.findall(r"\\u(d[89a-f]..)", text)]
        pairs = len(re.findall(r"\\ud[89ab]..\\ud[c-f]..", text))
        if len(units) > 2 * pairs:
            with_surrogates.add(case.id)
        if "octets" in case.form:
            with_octets.add(case.id)
            for key, octets in case.form["octets"].items():
                read = bytes.fromhex("".join(octets)).decode("utf-8", "surrogatepass")
                assert read == "".join(case.form["packet"][key])
    assert with_octets == with_surrogates
    assert len(with_octets) >= 25
