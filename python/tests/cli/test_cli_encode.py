"""`subunit2 encode`: convert JSON Lines to a stream, live, with strict checks of each line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import Packet, Timestamp, encode
from subunit2.cli.commands.encode import _read_fast, _read_slow
from support.command import Done, Running, assert_one_line, run
from support.streams import BAR, BAR_OCTETS, FOO, FOO_OCTETS, FULL, FULL_OCTETS, intact, named

FOO_LINE = b'{"test_id":"foo","test_status":"exists"}\n'
EMPTY_OCTETS = encode(Packet())
# The size of the test id takes two octets where one is canonical.
UNUSUAL = intact(0x2900, b"\x40\x03foo")


def line(**form: Any) -> bytes:
    return json.dumps(form).encode() + b"\n"


# --- Output ---------------------------------------------------------------------

WRITTEN: list[tuple[str, bytes, bytes]] = [
    ("nothing", b"", b""),
    ("kind defaults to packet, runnable to true, eof to false", b"{}\n", EMPTY_OCTETS),
    ("defaults said", b'{"kind":"packet","runnable":true,"eof":false}\n', EMPTY_OCTETS),
    ("foo", FOO_LINE, FOO_OCTETS),
    ("offset and length are ignored", line(offset=99, length=7), EMPTY_OCTETS),
    ("recovered is ignored", b'{"recovered":true}\n{"recovered":false}\n', EMPTY_OCTETS * 2),
    ("keys in any order", b'{"test_status":"exists","test_id":"foo"}', FOO_OCTETS),
    ("every field", line(**BAR.to_dict()) + line(**FULL.to_dict()), BAR_OCTETS + FULL_OCTETS),
    ("text escaped", b'{"test_id":"\\u00f3\\ud83d\\ude00"}', encode(Packet(test_id="ó😀"))),
    ("text not escaped", '{"test_id":"ó😀"}'.encode(), encode(Packet(test_id="ó😀"))),
    ("no line feed at the end", FOO_LINE + FOO_LINE[:-1], FOO_OCTETS * 2),
    ("CRLF", FOO_LINE.replace(b"\n", b"\r\n") * 2, FOO_OCTETS * 2),
    ("blank lines", b"\n\n" + FOO_LINE + b" \t\n\r\n" + FOO_LINE + b"\n", FOO_OCTETS * 2),
    ("white space around", b"  " + FOO_LINE[:-1] + b" \t\n", FOO_OCTETS),
    ("byte order mark", b"\xef\xbb\xbf" + FOO_LINE * 2, FOO_OCTETS * 2),
    ("passthrough", b'{"kind":"passthrough","bytes":"6f6b0a"}', b"ok\n"),
    ("passthrough, empty", b'{"kind":"passthrough","bytes":""}', b""),
    ("corrupt", b'{"kind":"corrupt","error":"version","bytes":"b3"}', b"\xb3"),
    ("raw that says the same", line(test_id="foo", raw=UNUSUAL.hex()), UNUSUAL),
    ("raw that says something else", line(raw=FOO_OCTETS.hex()), EMPTY_OCTETS),
    ("raw that is no packet", line(raw="00"), EMPTY_OCTETS),
]


@pytest.mark.parametrize(("lines", "octets"), named(WRITTEN))
def test_written(lines: bytes, octets: bytes) -> None:
    assert run("encode", stdin=lines) == Done(0, octets, b"")


def test_a_file_is_written_as_a_pipe_is(tmp_path: Path) -> None:
    source = tmp_path / "items.json"
    source.write_bytes(FOO_LINE * 20_000)
    done = run("encode", source)
    assert done == Done(0, FOO_OCTETS * 20_000, b"")
    assert done == run("encode", stdin=source.read_bytes())


COLONS: list[tuple[str, bytes, Packet]] = [
    ("in a test id", b'{"test_id":"a::b:"}', Packet(test_id="a::b:")),
    ("in a tag", b'{"test_tags":["a:b",":"]}', Packet(test_tags=("a:b", ":"))),
    ("escaped", b'{"test_id":"a\\u003a:"}', Packet(test_id="a::")),
    (
        "beside a timestamp",
        b'{"timestamp" : {"seconds" : 1, "nanoseconds" : 2}, "route_code" : ":"}',
        Packet(timestamp=Timestamp(1, 2), route_code=":"),
    ),
]


@pytest.mark.parametrize(("text", "packet"), named(COLONS))
def test_colons(text: bytes, packet: Packet) -> None:
    assert run("encode", stdin=text) == Done(0, encode(packet), b"")


_STRINGS = st.sampled_from(
    [b'""', b'":"', b'"a::b"', b'"\\u003a"', b'"\\\\:"', b'"\\ud800"', b'"\xff"']
)
_KEYS = st.sampled_from([b'"test_id"', b'"timestamp"', b'"seconds"', b'":"', b'"\\u003a"'])
_VALUES = st.recursive(
    st.one_of(_STRINGS, st.sampled_from([b"1", b"-0", b"1.5", b"1e999", b"NaN", b"null", b"true"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda values: b"[%b]" % b",".join(values)),
        st.lists(st.tuples(_KEYS, inner).map(b" :".join), max_size=4).map(
            lambda pairs: b"{%b}" % b", ".join(pairs)
        ),
    ),
)


@given(st.one_of(_VALUES, st.binary(max_size=8)))
def test_what_is_read_fast_is_what_is_read_slow(text: bytes) -> None:
    form = _read_fast(text)
    assert form is None or form == _read_slow(text)


# --- Errors ---------------------------------------------------------------------

REFUSED: list[tuple[str, bytes, str]] = [
    ("not JSON", b"hello", "not JSON: Expecting value at column 1"),
    ("cut", b'{"test_id":"foo"', "not JSON: "),
    ("two on a line", b"{} {}", "not JSON: Extra data at column 4"),
    ("octets behind", b"{}\0", "not JSON: "),
    ("single quotes", b"{'test_id':'foo'}", "not JSON: "),
    ("not UTF-8", b'{"test_id":"caf\xe9"}', "not UTF-8: octet 16"),
    ("overlong UTF-8", b'{"test_id":"\xc0\x80"}', "not UTF-8: octet 13"),
    ("surrogate in UTF-8", b'{"test_id":"\xed\xa0\x80"}', "not UTF-8: octet 13"),
    ("UTF-16", "{}".encode("utf-16"), "not UTF-8: octet 1"),
    ("a number", b"1", "an item is an object, not a number"),
    ("null", b"null", "an item is an object, not null"),
    ("an array", b"[{}]", "an item is an object, not an array"),
    ("a string", b'"foo"', "an item is an object, not a string"),
    ("unknown kind", b'{"kind":"pocket"}', "kind: 'pocket' is not one of packet, passthrough, "),
    ("kind of another type", b'{"kind":["packet"]}', "kind: "),
    ("unknown key", b'{"test":"foo"}', "test: no key of a packet, "),
    ("a packet's key", b'{"kind":"passthrough","bytes":"","test_id":""}', "test_id: no key of a "),
    ("no octets", b'{"kind":"passthrough"}', "bytes: missing"),
    ("no error", b'{"kind":"corrupt","bytes":"b3"}', "error: missing"),
    ("unknown error", b'{"kind":"corrupt","bytes":"b3","error":"bad"}', "error: 'bad' is not one "),
    ("key twice", b'{"test_id":"a","test_id":"b"}', "test_id: "),
    ("key twice, inside", b'{"timestamp":{"seconds":1,"seconds":2,"nanoseconds":0}}', "seconds: "),
    ("NUL", b'{"test_id":"a\\u0000"}', "test_id: character 1 is NUL"),
    ("NUL in a tag", b'{"test_tags":["\\u0000"]}', "test_tags: character 0 is NUL"),
    ("lone surrogate", b'{"test_id":"\\ud800"}', "test_id: character 0 is a lone surrogate"),
    ("lone surrogate, low", b'{"route_code":"a\\udc00"}', "route_code: character 1 is a lone "),
    ("null for absent", b'{"test_id":null}', "test_id: a string, not null"),
    ("number for a string", b'{"test_id":1}', "test_id: a string, not a number"),
    ("string for a boolean", b'{"runnable":"false"}', "runnable: a boolean, not a string"),
    ("number for a boolean", b'{"eof":0}', "eof: a boolean, not a number"),
    ("string for an array", b'{"test_tags":"slow"}', "test_tags: an array of strings, not a "),
    ("unknown status", b'{"test_status":"passed"}', "test_status: 'passed' is not one of exists, "),
    ("half hex", b'{"file_name":"f","file_bytes":"abc"}', "file_bytes: not hex"),
    ("hex with spaces", b'{"file_name":"f","file_bytes":"ab cd"}', "file_bytes: not hex"),
    ("file name alone", b'{"file_name":"f"}', "file_bytes: "),
    ("file octets alone", b'{"file_bytes":""}', "file_name: "),
    ("half a timestamp", b'{"timestamp":{"seconds":1}}', "timestamp: "),
    ("timestamp as a number", b'{"timestamp":1}', "timestamp: "),
    ("seconds as a fraction", b'{"timestamp":{"seconds":1.5,"nanoseconds":0}}', "timestamp: "),
    ("seconds, too many", line(timestamp={"seconds": 2**32, "nanoseconds": 0}), "timestamp: "),
    ("seconds, negative", line(timestamp={"seconds": -1, "nanoseconds": 0}), "timestamp: "),
    ("nanoseconds, too many", line(timestamp={"seconds": 0, "nanoseconds": 10**9}), "timestamp: "),
    ("offset, negative", b'{"offset":-1}', "offset: "),
    ("offset, not a number", b'{"offset":NaN}', "offset: "),
    ("offset, infinite", b'{"offset":1e999}', "offset: "),
    ("a number of 5000 digits", b'{"offset":' + b"1" * 5000 + b"}", ""),
    ("seconds of 4000 digits", b'{"timestamp":{"seconds":' + b"1" * 4000 + b"}}", "timestamp: "),
    ("deep array", b"[" * 100_000, "not an item: nested too deeply"),
    ("deep object", b'{"a":' * 100_000, "not an item: nested too deeply"),
    ("too large", line(test_id="x" * 4_194_303), "packet: "),
    ("far too large", line(file_name="f", file_bytes="00" * 5_000_000), "packet: "),
]


@pytest.mark.parametrize(("fault", "reason"), named(REFUSED))
def test_refused(fault: bytes, reason: str) -> None:
    done = run("encode", stdin=FOO_LINE + b"\n" + fault.strip() + b"\n" + FOO_LINE)
    assert done.status == 1
    said = assert_one_line(done.errors, "encode")
    assert said.startswith(f"line 3: {reason}")
    # The lines before the invalid one are written, and nothing else.
    assert done.output == FOO_OCTETS


def test_refused_in_the_first_line_without_line_feed() -> None:
    done = run("encode", stdin=b"{")
    assert (done.status, done.output) == (1, b"")
    assert assert_one_line(done.errors, "encode").startswith("line 1: not JSON: ")


def test_refused_in_a_file(tmp_path: Path) -> None:
    source = tmp_path / "items.json"
    source.write_bytes(FOO_LINE * 9999 + b"{\n" + FOO_LINE)
    done = run("encode", source)
    assert (done.status, done.output) == (1, FOO_OCTETS * 9999)
    assert assert_one_line(done.errors, "encode").startswith("line 10000: not JSON: ")


def test_a_packet_that_is_too_large_names_the_limit() -> None:
    done = run("encode", stdin=line(test_id="x" * 5_000_000))
    assert "4,194,303" in assert_one_line(done.errors, "encode")


def test_an_unknown_key_is_told_what_keys_there_are() -> None:
    done = run("encode", stdin=b'{"id":"foo"}')
    assert "test_id" in assert_one_line(done.errors, "encode")


@pytest.mark.parametrize(
    "form",
    [
        {"two\nlines": 1},
        {"\x1b[2J": 1},
        {"\u202eabc": 1},
        {"\ud800": 1},
        {"kind": "\x1b[2J\n"},
        {"test_status": "\x1b[2J\n\u202e\ud800"},
        {"kind": "corrupt", "bytes": "", "error": "\x1b[2J\n"},
    ],
    ids=ascii,
)
def test_what_is_refused_is_shown_safely(form: dict[str, object]) -> None:
    done = run("encode", stdin=line(**form))
    assert done.status == 1
    assert assert_one_line(done.errors, "encode").startswith("line 1: ")


def test_a_key_that_stands_there_twice_is_shown_safely() -> None:
    done = run("encode", stdin=b'{"\\u001b[2J\\n":1,"\\u001b[2J\\n":2}')
    assert done.status == 1
    assert assert_one_line(done.errors, "encode").startswith("line 1: ")


# --- Live --------------------------------------------------------------------------------


def test_a_packet_is_out_with_its_line() -> None:
    with Running("encode") as running:
        for number in range(1, 4):
            running.feed(FOO_LINE[:-5])
            running.feed(FOO_LINE[-5:])
            assert running.expect_count(FOO_OCTETS, number) == FOO_OCTETS * number
        # The last line has no line feed.
        running.feed(FOO_LINE[:-1])
        assert running.finish() == Done(0, FOO_OCTETS * 4, b"")


def test_a_failure_does_not_wait_for_the_end() -> None:
    with Running("encode") as running:
        running.feed(FOO_LINE + b"{\n")
        assert running.process.wait(60) == 1
        done = running.finish()
    assert done.output == FOO_OCTETS
    assert assert_one_line(done.errors, "encode").startswith("line 2: ")


def test_a_packet_is_one_write(tmp_path: Path) -> None:
    # Processes that append to one file do not split the packets of each other.
    shared = tmp_path / "shared.subunit"
    with (
        shared.open("ab") as first,
        shared.open("ab") as second,
        Running("encode", stdout=first.fileno()) as one,
        Running("encode", stdout=second.fileno()) as other,
    ):
        for running in (one, other):
            running.feed(line(**FULL.to_dict()) * 200)
        assert (one.finish().status, other.finish().status) == (0, 0)
    assert shared.read_bytes() == FULL_OCTETS * 400


def test_a_file_that_is_not_a_regular_one_is_live(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Running("encode", fifo) as running, fifo.open("wb", buffering=0) as writer:
        writer.write(FOO_LINE)
        running.expect(lambda output: output == FOO_OCTETS)
        writer.close()
        assert running.finish() == Done(0, FOO_OCTETS, b"")


def test_what_it_writes_is_what_the_library_writes() -> None:
    packets = [FOO, BAR, FULL, Packet(test_tags={"b", "a"}), Packet(test_id="", route_code="")]
    lines = b"".join(line(**packet.to_dict()) for packet in packets)
    assert run("encode", stdin=lines).output == b"".join(map(encode, packets))
