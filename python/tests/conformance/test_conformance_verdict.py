"""Verdicts: the fault of an answer, described for people."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Packet, Timestamp, encode
from subunit2.conformance.corpus import WriterCase
from subunit2.conformance.diff import differences, joined, quoted
from subunit2.conformance.verdict import judge_written
from support.conformance_cases import case, writer_form
from support.conformance_cases import corpus_of as corpus
from support.streams import FOO_OCTETS

# --- Items -------------------------------------------------------------------------------


def packet(offset: int, **fields: Any) -> dict[str, Any]:
    place = {"kind": "packet", "offset": offset, "length": 12}
    return place | {"runnable": True, "eof": False} | fields


def text(offset: int, octets: bytes) -> dict[str, Any]:
    place = {"kind": "passthrough", "offset": offset, "length": len(octets)}
    return place | {"bytes": octets.hex()}


def corrupt(offset: int, octets: bytes, error: str) -> dict[str, Any]:
    return text(offset, octets) | {"kind": "corrupt", "error": error}


RIGHT = [
    text(0, b"hello\n"),
    packet(6, test_id="foo", test_status="exists"),
    text(18, b"x"),
    packet(19, test_id="bar", recovered=True, raw="b3"),
    corrupt(31, b"\xb3\x29", "truncated"),
]


def without(item: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in keys}


def test_neighbouring_passthrough_is_joined() -> None:
    chunks = [text(0, b"a"), text(1, b""), text(1, b"bc"), packet(3), text(15, b"")]
    assert joined(chunks) == [text(0, b"abc"), packet(3)]
    bare = [without(chunk, "offset", "length") for chunk in chunks[:3]]
    assert joined(bare) == [{"kind": "passthrough", "bytes": b"abc".hex()}]


@pytest.mark.parametrize("left_out", [(), ("offset",), ("length",), ("offset", "length", "raw")])
def test_what_is_right(left_out: tuple[str, ...]) -> None:
    given = [without(item, *left_out) for item in RIGHT]
    given[0:1] = [without(text(0, b"hel"), *left_out), without(text(3, b"lo\n"), *left_out)]
    assert differences(RIGHT, joined(given)) is None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([text(0, b"hell\n"), *RIGHT[1:]], "octet 4 (6f) of the passthrough at 0 is missing"),
        (
            [text(0, b"h\n"), *RIGHT[1:]],
            "octets 1 to 4 (656c6c6f) of the passthrough at 0 are missing",
        ),
        (
            [text(0, b"hxllo\n"), *RIGHT[1:]],
            "octet 1 of the passthrough at 0 is 78, not 65",
        ),
        (
            [text(0, b"hello!\n"), *RIGHT[1:]],
            "1 octet too many in item 1, passthrough: 21",
        ),
        (
            [text(0, b"hllo"), *RIGHT[1:]],
            "octet 1 (65) of the passthrough at 0 is missing; and 1 more difference",
        ),
        (
            [*RIGHT[:2], *RIGHT[3:]],
            "octet 18 (78), the whole passthrough at 18, is missing",
        ),
        ([RIGHT[0], *RIGHT[2:]], "the packet at 6 is missing"),
        (RIGHT[:-1], "the corrupt region (truncated) at 31 is missing"),
        ([*RIGHT, packet(33)], "an item too many: item 6, a packet at 33"),
        (
            [*RIGHT, without(packet(33), "offset"), packet(45)],
            "2 items too many, the first: item 6, a packet",
        ),
        (
            [RIGHT[0], RIGHT[1] | {"test_id": "fo"}, *RIGHT[2:]],
            'item 2, the packet at 6: test_id is "fo", not "foo"',
        ),
        (
            [RIGHT[0], without(RIGHT[1], "test_status"), *RIGHT[2:]],
            'item 2, the packet at 6: test_status is missing; it is "exists"',
        ),
        (
            [RIGHT[0], RIGHT[1] | {"test_tags": []}, *RIGHT[2:]],
            "item 2, the packet at 6: test_tags is []; there is none",
        ),
        (
            [*RIGHT[:3], without(RIGHT[3], "recovered"), RIGHT[4]],
            "item 4, the packet at 19: recovered is missing; it is true",
        ),
        (
            [*RIGHT[:4], text(31, b"\xb3\x29")],
            "the corrupt region (truncated) at 31 was read as passthrough at 31",
        ),
        (
            [*RIGHT[:4], corrupt(31, b"\xb3", "truncated"), text(32, b"\x29")],
            "item 5, the corrupt region (truncated) at 31: bytes: 1 octet, not 2",
        ),
        (
            [*RIGHT[:4], corrupt(31, b"\xb3\x28", "truncated")],
            "item 5, the corrupt region (truncated) at 31: bytes: octet 1 is 28, not 29",
        ),
        (
            [RIGHT[0], corrupt(6, FOO_OCTETS, "utf8"), *RIGHT[2:]],
            "the packet at 6 was read as a corrupt region (utf8) at 6",
        ),
        (
            [corrupt(0, b"hello\n", "version"), *RIGHT[1:]],
            "octets 0 to 5 (68656c6c6f0a) of the passthrough at 0 was read as a corrupt region "
            "(version) at 0",
        ),
        ([], "octets 0 to 5 (68656c6c6f0a), the whole passthrough at 0, are missing"),
        (
            [RIGHT[0], RIGHT[1] | {"offset": 7}, *RIGHT[2:]],
            "item 2, packet: offset is 7, not 6",
        ),
        (
            [RIGHT[0] | {"length": 7}, *RIGHT[1:]],
            "item 1, passthrough: length is 7, not 6",
        ),
        (
            [RIGHT[0], RIGHT[1] | {"raw": "b3"}, *RIGHT[2:]],
            "item 2, packet: raw is given, and its numbers are in shortest form",
        ),
        (
            [*RIGHT[:3], RIGHT[3] | {"raw": "b4"}, RIGHT[4]],
            "item 4, packet: raw: octet 0 is b4, not b3",
        ),
    ],
)
def test_the_first_difference(given: list[dict[str, Any]], reason: str) -> None:
    assert differences(RIGHT, joined(given)) == reason


def test_one_octet_of_a_megabyte() -> None:
    octets = b"abcdefghij" * 100_000
    given = [text(0, octets[:700_001] + octets[700_002:])]
    assert differences([text(0, octets)], given) == (
        "octet 700001 (62) of the passthrough at 0 is missing"
    )
    # Two changes; all tokens between them are moved, and too many to align.
    given = [text(0, octets[:500] + octets[501:700_001] + octets[700_002:])]
    assert differences([text(0, octets)], given) == (
        "octet 500 of the passthrough at 0 is 62, not 61"
    )


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_dropped_octet_is_named(octets: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(octets) - 1))
    given = octets[:place] + octets[place + 1 :]
    reason = differences([packet(0), text(12, octets)], [packet(0), *joined([text(12, given)])])
    assert reason is not None
    assert "missing" in reason
    assert f"({octets[place]:02x})" in reason
    # Of equal neighbours any may be reported.
    named = int(reason.split()[1]) - 12
    assert octets[:named] + octets[named + 1 :] == given


@given(st.lists(st.sampled_from(RIGHT), max_size=6))
def test_whatever_differs_is_said_in_a_line(given: list[dict[str, Any]]) -> None:
    reason = differences(RIGHT, joined(given))
    assert (reason is None) == (joined(given) == RIGHT)
    assert "\n" not in (reason or "")


def test_values_are_fit_to_be_shown() -> None:
    assert quoted("ñ\0\ud800\x1b\u202e") == '"ñ\\u0000\\ud800\\u001b\\u202e"'
    assert quoted("x" * 1000) == '"' + "x" * 59 + "... (1,002 characters)"


# --- Writers -----------------------------------------------------------------------------


def writer(id: str) -> WriterCase:
    found = case(id)
    assert isinstance(found, WriterCase)
    return found


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (FOO_OCTETS, None),
        (b"", "nothing written; the packet has 12 octets"),
        (FOO_OCTETS[:5], "it ends before octet 5 (66, in test_id/octets)"),
        (FOO_OCTETS + b"ab", "2 octets too many behind the packet's 12"),
        (b"\xb3\x29\x00" + FOO_OCTETS[3:], "octet 2 is 00, not 01: in flags"),
        (FOO_OCTETS[:4] + b"\x04" + FOO_OCTETS[5:], "octet 4 is 04, not 03: in test_id/size"),
        (FOO_OCTETS[:-1] + b"\0", "octet 11 is 00, not 1b: in crc32"),
        ("test_id", "refused, for its test_id; the packet is valid"),
        (True, "refused; the packet is valid"),
    ],
)
def test_octets_of_a_writer(written: bytes | str | bool, reason: str | None) -> None:
    assert judge_written(writer("writer/exists"), written) == reason


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("test_id", None),
        (True, None),
        ("timestamp", "refused for its timestamp; the invalid key is test_id"),
        (FOO_OCTETS, "12 octets written, and not refused for its test_id"),
        (b"", "nothing written, and not refused for its test_id"),
    ],
)
def test_refusals(written: bytes | str | bool, reason: str | None) -> None:
    assert judge_written(writer("writer/nul"), written) == reason


#: The smallest that stands for all: whether content fits is the writer's question.
WHOLE = {
    "test_id": "foo",
    "test_status": "fail",
    "test_tags": ["a"],
    "mime_type": "text/plain",
    "file_name": "log",
    "file_bytes": "616263",
    "eof": True,
    "route_code": "0",
    "timestamp": {"seconds": 1, "nanoseconds": 2},
}
SAME: dict[str, Any] = {
    "test_id": "foo",
    "file_name": "log",
    "route_code": "0",
    "timestamp": (1, 2),
}
FIRST = SAME | {"mime_type": "text/plain", "file_bytes": b"ab"}
LAST = SAME | {"file_bytes": b"c", "test_status": "fail", "eof": True, "test_tags": ["a"]}


def octets_of(fields: dict[str, Any]) -> bytes:
    return encode(Packet(**(fields | {"timestamp": Timestamp(*fields["timestamp"])})))


@pytest.mark.parametrize(
    ("first", "last", "reason"),
    [
        ({}, {}, None),
        ({"test_tags": ["a"]}, {"mime_type": "text/plain"}, None),
        ({"eof": True}, {}, "packet 1 of 2: eof is true, not false"),
        ({}, {"eof": False}, "packet 2 of 2: eof is false, not true"),
        ({"test_status": "fail"}, {}, 'packet 1 of 2: test_status is "fail", not null'),
        ({}, {"test_status": None}, 'packet 2 of 2: test_status is null, not "fail"'),
        ({"test_id": "fo"}, {}, 'packet 1 of 2: test_id is "fo", not "foo"'),
        ({"route_code": None}, {}, 'packet 1 of 2: route_code is null, not "0"'),
        ({"runnable": False}, {}, "packet 1 of 2: runnable is false, not true"),
        ({}, {"timestamp": (1, 3)}, "packet 2 of 2: timestamp is "),
        ({"mime_type": None}, {}, "no packet has the mime_type"),
        ({"mime_type": "x"}, {}, 'packet 1 of 2: mime_type is "x", not "text/plain"'),
        ({}, {"test_tags": None}, "no packet has the test_tags"),
        ({"file_bytes": b"aB"}, {}, "octet 1 of the content is 42, not 62"),
        ({"file_bytes": b"a"}, {}, "2 octets of content in 2 packets, not 3"),
    ],
)
def test_content_that_was_split(
    first: dict[str, Any], last: dict[str, Any], reason: str | None
) -> None:
    written = octets_of(FIRST | first) + octets_of(LAST | last)
    judged = judge_written(_split(), written)
    assert judged is None if reason is None else (judged or "").startswith(reason), judged


def _split() -> WriterCase:
    [found] = corpus(writer_form("writer/split-small", WHOLE, split=True)).cases
    assert isinstance(found, WriterCase)
    return found


def test_what_was_split_are_packets() -> None:
    assert judge_written(_split(), b"") == "nothing written"
    first, last = octets_of(FIRST), octets_of(LAST)
    assert judge_written(_split(), first + b"x" + last) == (
        f"item 2 of the output is no packet, at octet {len(first)}"
    )
