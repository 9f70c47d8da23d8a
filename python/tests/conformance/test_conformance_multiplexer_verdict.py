"""The output of multiplexers: forwarded packets, wrapped output, and reports of damage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from subunit2 import Packet, encode
from subunit2.conformance.corpus import MultiplexerCase, Report, Wrapped
from subunit2.conformance.multiplexer_verdict import MultiplexerVerdict
from support.command import run
from support.conformance_cases import case, corpus_of
from support.small_corpus import write_corpus
from support.streams import FOO_OCTETS

DATA = "application/octet-stream"
REASON = "text/plain;charset=utf8"


def routed(code: str, **fields: Any) -> bytes:
    return encode(Packet(**({"route_code": code} | fields)))


def wrapped(octets: bytes, **fields: Any) -> bytes:
    return routed("1", **{"file_name": "stdout", "file_bytes": octets, "runnable": False} | fields)


def reported(name: str, octets: bytes, **fields: Any) -> bytes:
    return routed(
        "1",
        **{
            "test_id": "subunit.parser",
            "file_name": name,
            "file_bytes": octets,
            "runnable": False,
        }
        | fields,
    )


FOO = routed("0", test_id="foo", test_status="exists")
BAR = routed("1/3", test_id="bar")
HELLO = wrapped(b"hello\n")
END = wrapped(b"", eof=True)


def judged(found: Any, answers: list[bytes]) -> str | None:
    assert isinstance(found, MultiplexerCase)
    verdict = MultiplexerVerdict(found)
    fault = next(filter(None, map(verdict.judge_answer, answers)), None)
    fault = fault or verdict.judge_end()
    assert verdict.actual.keys() == verdict.expected.keys()
    if fault is None:
        assert verdict.actual == verdict.expected
    return fault


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([FOO, HELLO, BAR, b"", END], None),
        ([FOO, wrapped(b"hel"), wrapped(b"lo") + BAR, b"", wrapped(b"\n", eof=True)], None),
        ([FOO, b"", BAR, b"", HELLO + END], None),
        ([b""], f"feed 1: a packet of {len(FOO)} octets is missing"),
        ([FOO[:-1]], "feed 1: octet 0 of the answer begins no packet"),
        ([FOO + b"x"], f"feed 1: octet {len(FOO)} of the answer begins no packet"),
        ([FOO_OCTETS], "feed 1: not the packet that is due: octet 1 is 29, not 2d: in flags"),
        ([FOO + FOO], 'feed 1: a packet that was not due, on route "0"'),
        (
            [FOO, routed("2", file_name="a", file_bytes=b"hello\n")],
            'feed 2: wrapped on route "2", which no input has',
        ),
        (
            [FOO, END[:0], BAR, b"", b""],
            'octet 0 (68) of the wrapped output of input "1" is missing',
        ),
        (
            [FOO, HELLO + HELLO, BAR, b"", END],
            '6 octets too many at the end of the wrapped output of input "1"',
        ),
        (
            [FOO, wrapped(b"hallo\n"), BAR, b"", END],
            'octet 1 of the wrapped output of input "1" is 61, not 65',
        ),
        ([FOO, wrapped(b"hello\n", runnable=True)], "feed 2: wrapped output that is runnable"),
        (
            [FOO, wrapped(b"hello\n", test_status="success")],
            "feed 2: wrapped output with the status success",
        ),
        ([FOO, wrapped(b"hello\n", test_tags=["a"])], "feed 2: wrapped output with tags"),
        (
            [FOO, wrapped(b"hello\n", file_name="output")],
            'feed 2: wrapped output as the file "output", not "stdout"',
        ),
        (
            [FOO, wrapped(b"hello\n", eof=True)],
            "feed 2: an end of file of wrapped output before the end of its input",
        ),
        (
            [FOO, HELLO, BAR, b"", b""],
            "feed 5: the wrapped output has no end of file, and its input has ended",
        ),
        (
            [FOO, HELLO, BAR, b"", END + END],
            "feed 5: wrapped output behind its end of file",
        ),
        ([FOO, END], "feed 2: an end of file of wrapped output before the end of its input"),
        (
            [FOO, b"", BAR, b"", END],
            "feed 5: an end of file, and no wrapped output before it",
        ),
    ],
)
def test_packets_and_wrapped_output(answers: list[bytes], reason: str | None) -> None:
    assert judged(case("multiplexer/two-inputs"), answers) == reason


# --- Reports ----------------------------------------------------------------------------------

DAMAGED: dict[str, Any] = {
    "id": "multiplexer/damaged",
    "title": "Two damaged regions, output between them, and a packet",
    "profile": "multiplexer",
    "clauses": ["damage.report"],
    "flags": [],
    "routes": ["0", "1"],
    "feeds": [
        {"input": 1, "bytes": "b3", "packets": [{"report": "b301"}]},
        {"input": 1, "bytes": "b3", "packets": [{"report": "b302", "end": True}, BAR.hex()]},
        {"input": 1, "end": True, "packets": []},
    ],
    "wrapped": ["", b"ok".hex()],
}
ONE = reported("Packet data", b"\xb3\x01", mime_type=DATA)
TWO = reported("Packet data", b"\xb3\x02")
DATA_END = reported("Packet data", b"", eof=True)
FAIL = reported("Parser Error", b"bad", mime_type=REASON, eof=True, test_status="fail")
OK = wrapped(b"ok")
LAST = TWO + OK + DATA_END + FAIL + BAR


def data(octets: bytes, **fields: Any) -> bytes:
    return reported("Packet data", octets, **fields)


def error(**fields: Any) -> bytes:
    more: dict[str, Any] = {"mime_type": REASON, "eof": True, "test_status": "fail"} | fields
    return reported("Parser Error", more.pop("text", b"bad"), **more)


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([ONE, LAST, END], None),
        # Chunks, the MIME type in each of them, and the end of file with the last octets.
        (
            [
                data(b"\xb3", mime_type=DATA) + data(b"\x01", mime_type=DATA),
                OK + data(b"\xb3\x02", eof=True) + FAIL + BAR,
                END,
            ],
            None,
        ),
        # The reason in two packets.
        (
            [ONE, TWO + OK + DATA_END + error(eof=False, test_status=None) + error(mime_type=None)],
            f"feed 2: a packet of {len(BAR)} octets is missing",
        ),
        ([b""], "feed 1: a report of 2 octets is missing"),
        ([OK], "feed 1: a report of 2 octets is missing"),
        ([data(b"\xb3", mime_type=DATA)], "feed 1: octet 1 (01) of the report is missing"),
        (
            [data(b"\xb3\x00", mime_type=DATA)],
            "feed 1: octet 1 of the report is 00, not 01",
        ),
        ([ONE, TWO + BAR], "feed 2: the report has no end"),
        ([ONE + DATA_END + FAIL], "feed 1: the report does not end here"),
        ([ONE, TWO + DATA_END + BAR], "feed 2: the report has no end"),
        ([ONE, BAR], "feed 2: not due"),
        ([ONE, BAR + TWO + DATA_END + FAIL], "feed 2: not due"),
        ([ONE, TWO + FAIL], "feed 2: `Parser Error` before the end of `Packet data`"),
        (
            [ONE, TWO + DATA_END + DATA_END],
            "feed 2: `Packet data` goes on behind its end of file",
        ),
        ([data(b"\xb3\x01")], "feed 1: the MIME type of `Packet data` is null, not"),
        (
            [ONE, data(b"\xb3\x02", mime_type="x")],
            'feed 2: the MIME type of `Packet data` is "x", not',
        ),
        ([data(b"\xb3\x01", mime_type=DATA, runnable=True)], "feed 1: a report that is runnable"),
        (
            [data(b"\xb3\x01", mime_type=DATA, route_code="0")],
            'feed 1: a report on route "0"; input "1" was fed',
        ),
        (
            [data(b"\xb3\x01", mime_type=DATA, route_code="1/0")],
            'feed 1: a report on route "1/0", which no input has',
        ),
        (
            [data(b"\xb3\x01", mime_type=DATA, test_status="fail")],
            'feed 1: the packet before the last of a report has the status "fail", not null',
        ),
        (
            [ONE, TWO + DATA_END + error(test_status=None)],
            'feed 2: the last packet of a report has the status null, not "fail"',
        ),
        (
            [ONE, TWO + DATA_END + error(eof=False)],
            'feed 2: the packet before the last of a report has the status "fail", not null',
        ),
        (
            [ONE, TWO + DATA_END + error(mime_type="text/plain")],
            'feed 2: the MIME type of `Parser Error` is "text/plain", not',
        ),
        ([ONE, TWO + DATA_END + error(text=b" ")], "feed 2: `Parser Error` is empty"),
        (
            [reported("traceback", b"x")],
            'feed 1: a packet of subunit.parser with the file "traceback"',
        ),
        ([wrapped(b"\xb3\x01")], "feed 1: a report of 2 octets is missing"),
        ([ONE, TWO + DATA_END + FAIL + BAR, ONE], "feed 3: a report of 2 octets where nothing is"),
        (
            [ONE, LAST + ONE],
            "feed 2: a report of 2 octets where nothing is due",
        ),
    ],
)
def test_reports(answers: list[bytes], reason: str | None) -> None:
    found = judged(corpus_of(DAMAGED).cases[0], answers)
    if reason is None:
        assert found is None
    elif reason == "feed 2: not due":
        expected = "a report of 2 octets is due"
        assert found == f'feed 2: a packet that was not due, on route "1/3"; {expected}'
    else:
        assert (found or "").startswith(reason), found


def test_a_report_that_is_half_ended_has_no_end() -> None:
    # Nothing more is due in the feed, but the file is ended and has no reason.
    form = DAMAGED | {"feeds": [DAMAGED["feeds"][0]], "wrapped": ["", ""]}
    assert judged(corpus_of(form).cases[0], [ONE]) is None
    assert judged(corpus_of(form).cases[0], [ONE + DATA_END]) == (
        "feed 1: a report without its end: the file `Parser Error` with the status fail"
    )


# --- Wrapped output in its place -----------------------------------------------------------------

LISTED = DAMAGED | {
    "feeds": [
        {"input": 1, "bytes": "b3", "packets": [{"report": "b301"}, {"wrapped": "6f6b"}]},
        {"input": 1, "bytes": "b3", "packets": [{"report": "", "end": True}, BAR.hex()]},
        {"input": 1, "end": True, "packets": []},
    ]
}


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([ONE + OK, DATA_END + FAIL + BAR, END], None),
        ([ONE + wrapped(b"o") + wrapped(b"k"), DATA_END + FAIL + BAR, END], None),
        ([ONE], "feed 1: wrapped output of 2 octets is missing"),
        ([OK + ONE], "feed 1: wrapped output of 2 octets where a report of 2 octets is due"),
        ([ONE + wrapped(b"o")], "feed 1: octet 1 (6b) of the wrapped output is missing"),
        (
            [ONE + OK, DATA_END + FAIL + BAR + OK],
            "feed 2: wrapped output of 2 octets where nothing",
        ),
        ([ONE + OK, BAR], 'feed 2: a packet that was not due, on route "1/3"; the end of a report'),
        (
            [ONE + wrapped(b"ok", route_code="0")],
            'feed 1: wrapped on route "0"; input "1" was fed',
        ),
    ],
)
def test_wrapped_output_in_its_place(answers: list[bytes], reason: str | None) -> None:
    found = judged(corpus_of(LISTED).cases[0], answers)
    assert found is None if reason is None else (found or "").startswith(reason), found


def test_the_case_is_shown(tmp_path: Path) -> None:
    folder = write_corpus(tmp_path, [LISTED])
    text = run("conformance", "show", "--corpus", folder, "multiplexer/damaged").text
    assert "   out: its own packets\n   a report of damage: 2 octets\n" in text
    assert "   wrapped output: 2 octets\n" in text
    assert "   out: 1 packet\n   the end of a report of damage\n" in text


def test_the_case_as_it_is_built() -> None:
    found = corpus_of(LISTED).cases[0]
    assert isinstance(found, MultiplexerCase)
    first, second, end = found.feeds
    assert first.output == (Report(b"\xb3\x01"), Wrapped(b"ok"))
    assert second.output == (Report(b"", ends=True), BAR)
    assert (second.packets, end.packets) == ([BAR], [])
    assert found.lists_wrapped
    assert MultiplexerVerdict(found).expected["feeds"][0] == [
        {"report": "b301"},
        {"wrapped": "6f6b"},
    ]
