"""Streams to a StreamResult, and a StreamResult to a stream."""

from __future__ import annotations

import datetime
import inspect
import io
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, Final

import pytest
import subunit
import testtools
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import (
    Corrupt,
    Packet,
    Passthrough,
    StreamResultWriter,
    Timestamp,
    decode,
    encode,
    replay,
)
from subunit2.damage.parser_errors import describe_error
from subunit2.items import ERROR_CODES, replace
from subunit2.streams.streamresult import StreamResult, report
from support.events import Event, Recorder, event_of, replayed
from support.patience import PATIENCE
from support.python_subunit import DIVERGENCES
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL,
    FULL_OCTETS,
    PACKETS,
    damaged,
    intact,
    named,
    recovered,
    string,
)

# --- Read -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("packet", "octets"), named(PACKETS))
def test_a_packet_is_one_event(packet: Packet, octets: bytes) -> None:
    assert replayed(octets) == [event_of(packet)]


def test_nothing_is_told_of_an_empty_stream_but_that_it_ran() -> None:
    assert replayed(b"") == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(FOO_OCTETS, id="octets"),
        pytest.param(bytearray(FOO_OCTETS), id="bytearray"),
        pytest.param(io.BytesIO(FOO_OCTETS), id="a file"),
        pytest.param([FOO], id="items"),
        pytest.param(iter([FOO]), id="an iterator of items"),
        pytest.param(decode(FOO_OCTETS), id="what decode gives"),
    ],
)
def test_a_source_is_octets_or_a_file_or_items(source: Any) -> None:
    assert replayed(source) == [event_of(FOO)]


def test_a_footnote_in_latin_1_is_no_failure() -> None:
    # clause damage.output
    events = replayed("³ Näheres siehe S. 7\n".encode("latin-1") + FOO_OCTETS)
    assert [event.test_id for event in events] == [None] * (len(events) - 1) + ["foo"]
    assert not any(event.test_status == "fail" for event in events)


def test_text_is_no_source() -> None:
    with pytest.raises(TypeError, match="binary file"):
        replayed("text")


def test_a_time_is_aware_and_in_utc() -> None:
    [event] = replayed(BAR_OCTETS)
    assert event.timestamp == datetime.datetime(2025, 7, 31, 22, 13, 20, tzinfo=datetime.UTC)
    assert event.timestamp.utcoffset() == datetime.timedelta(0)


def test_tags_are_a_set_that_is_the_result_s_own() -> None:
    class Adding(Recorder):
        def status(self, *arguments: Any, **fields: Any) -> None:
            super().status(*arguments, **fields)
            fields["test_tags"].add("seen")

    items = [BAR, BAR]
    result = Adding()
    replay(items, result)
    assert [event.test_tags for event in result.events] == [{"linux", "slow", "seen"}] * 2
    assert items == [BAR, BAR]


def test_passthrough_is_a_file_of_a_given_name() -> None:
    stream = b"ok\n" + FOO_OCTETS + b"(Pdb) "
    assert replayed(stream) == [
        Event(file_name="stdout", file_bytes=b"ok\n"),
        event_of(FOO),
        Event(file_name="stdout", file_bytes=b"(Pdb) "),
    ]
    assert [event.file_name for event in replayed(stream, passthrough_name="log")] == [
        "log",
        None,
        "log",
    ]
    assert replayed(stream, passthrough_name=None) == [event_of(FOO)]


def test_damage_is_two_files_of_a_test_that_has_failed() -> None:
    # clause recovery.report
    stream = damaged(FOO_OCTETS)
    data, error = replayed(stream + BAR_OCTETS)[:2]
    assert data == Event(
        test_id="subunit.parser",
        file_name="Packet data",
        file_bytes=stream,
        eof=True,
        mime_type="application/octet-stream",
    )
    assert error == Event(
        test_id="subunit.parser",
        test_status="fail",
        file_name="Parser Error",
        file_bytes=b"Bad checksum - calculated (0x8555f1b), stored (0x8555fe4)",
        eof=True,
        mime_type="text/plain;charset=utf8",
    )


def test_the_caller_can_start_and_stop_the_run() -> None:
    result = Recorder()
    result.startTestRun()
    for octets in (FOO_OCTETS, BAR_OCTETS):
        replay(octets, result, whole_run=False)
    result.stopTestRun()
    assert result.calls == ["startTestRun", event_of(FOO), event_of(BAR), "stopTestRun"]


def test_a_result_that_raises_is_stopped() -> None:
    class Refusing(Recorder):
        def status(self, *arguments: Any, **fields: Any) -> None:
            raise KeyError

    result = Refusing()
    with pytest.raises(KeyError):
        replay(FOO_OCTETS, result)
    assert result.calls == ["startTestRun", "stopTestRun"]


def test_each_item_is_reported_at_once() -> None:
    # clauses reader.packet-at-once, reader.passthrough-at-once
    reading, writing = os.pipe()
    calls: queue.Queue[Event] = queue.Queue()

    class Live(Recorder):
        def status(self, *arguments: Any, **fields: Any) -> None:
            calls.put(Event(*arguments, **fields))

    with os.fdopen(reading, "rb") as source:
        thread = threading.Thread(target=replay, args=(source, Live()))
        thread.start()
        try:
            for octets, event in [
                (FOO_OCTETS, event_of(FOO)),
                (b"(Pdb) ", Event(file_name="stdout", file_bytes=b"(Pdb) ")),
                (FULL_OCTETS, event_of(FULL)),
            ]:
                os.write(writing, octets)
                assert calls.get(timeout=PATIENCE) == event
        finally:
            os.close(writing)
            thread.join()
    assert calls.empty()


@given(st.binary() | st.lists(st.sampled_from([FOO_OCTETS, b"\xb3", b"\x29\x01", b"\n"])))
def test_no_stream_makes_it_raise(octets: bytes | list[bytes]) -> None:
    stream = octets if isinstance(octets, bytes) else b"".join(octets)
    shown = b"".join(
        event.file_bytes or b""
        for event in replayed(stream)
        if event.file_name in ("stdout", "Packet data")
    )
    assert shown == b"".join(
        item.data for item in decode(stream) if isinstance(item, (Passthrough, Corrupt))
    )


# --- As python-subunit does -----------------------------------------------------------------

#: Test id and tags, which two of these damage. Flags: test id, or test id and tags.
_MALFORMED: Final = [
    ("checksum", damaged(BAR_OCTETS)),
    ("checksum inside", damaged(FULL_OCTETS, place=30)),
    ("test id not UTF-8", intact(0x2800, string(b"caf\xe9"))),
    ("test id with NUL", intact(0x2800, string(b"a\0b"))),
    ("test id too long", intact(0x2800, b"\x05abc")),
    ("test id not UTF-8 inside", intact(0x2800, string(b"caf\xe9s"))),
    ("second tag not UTF-8", intact(0x2080, b"\x02" + string(b"a") + string(b"\xff"))),
    ("second tag too long", intact(0x2080, b"\x02" + string(b"a") + b"\x09b")),
    ("MIME type with NUL", intact(0x2020, string(b"\0"))),
    ("file name too long", intact(0x2040, b"\x09a\x00")),
    ("content too long", intact(0x2040, string(b"f") + b"\x09woo")),
    ("route code not UTF-8", intact(0x2c00, string(b"t") + string(b"\xed\xa0\x80"))),
    ("two octets of length", intact(0x2c00, string(b"t" * 90, width=2) + string(b"\xff"))),
    ("cut in its fields", FULL_OCTETS[:-3]),
    ("cut before its fields", FOO_OCTETS[:6]),
    ("cut in its header", FOO_OCTETS[:3]),
    ("four octets of length", b"\xb3\x29\x01\xc0\x00\x00"),
]  # fmt: skip


@pytest.mark.parametrize("stream", named(_MALFORMED))
def test_damage_is_described_in_python_subunit_s_words(stream: bytes) -> None:
    theirs = Recorder()
    subunit.ByteStreamToStreamResult(io.BytesIO(stream), non_subunit_name="stdout").run(theirs)
    [error] = [event for event in theirs.events if event.file_name == "Parser Error"]
    assert [event for event in replayed(stream) if event.file_name == "Parser Error"] == [error]


def test_packets_and_damage_are_reported_as_python_subunit_reports_them() -> None:
    # python-subunit rounds to the nearest microsecond; we truncate.
    full = encode(replace(FULL, timestamp=Timestamp(1_754_000_001, 999_999_000)))
    stream = full + damaged(BAR_OCTETS) + BAR_OCTETS + intact(0x2800, b"\x05abc")
    theirs = Recorder()
    subunit.ByteStreamToStreamResult(io.BytesIO(stream)).run(theirs)
    assert replayed(stream) == theirs.events
    assert len(theirs.events) == 6


def test_every_error_has_words() -> None:
    errors = {}
    for divergence in DIVERGENCES:
        for item in decode(bytes.fromhex(divergence.example)):
            if isinstance(item, Corrupt):
                errors[item.error] = describe_error(item)
    # The other errors are tested above.
    assert set(ERROR_CODES) - errors.keys() <= {"utf8", "nul"}
    assert all(words.isascii() and words.isprintable() for words in errors.values())
    assert errors["version"] == "The packet's version is not 2."
    # A truncated number claims no octets.
    assert errors["field_overrun"] == "A field extends past end of packet."


def test_a_region_that_a_packet_ends_says_so() -> None:
    # clause recovery.region
    claiming = FOO_OCTETS[:3] + b"\x18" + FOO_OCTETS[4:8]
    region, packet, _ = decode(claiming + FOO_OCTETS + b"\n" * 9)
    assert packet == recovered(FOO)
    assert isinstance(region, Corrupt)
    assert describe_error(region) == (
        "Bad checksum - a packet starts inside the length that it claims"
    )


# --- The API ---------------------------------------------------------------------------------


def test_testtools_is_not_imported() -> None:
    program = """
import io, sys
import subunit2, subunit2.compat, subunit2.aio
file = io.BytesIO()
subunit2.replay(b"x", subunit2.StreamResultWriter(file))
with subunit2.capture_stdio(subunit2.StreamWriter(file)):
    print("x")
print(sorted({"testtools", "subunit", "unittest"} & set(sys.modules)))
"""
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert said.stdout == b"[]\n"


def test_the_signature_is_testtools_s() -> None:
    ours, theirs = (
        [
            (each.name, each.kind, each.default)
            for each in inspect.signature(status).parameters.values()
        ]
        for status in (StreamResultWriter.status, testtools.StreamResult.status)
    )
    assert ours == theirs


def test_a_type_checker_takes_both_sides() -> None:
    # Checked by mypy: the result of testtools and our writer are StreamResults.
    ours: StreamResult = StreamResultWriter(io.BytesIO())
    theirs: StreamResult = testtools.StreamSummary()
    targets: list[StreamResult] = [ours, theirs]
    counts: list[Callable[[], object]] = [target.startTestRun for target in targets]
    for each in counts:
        each()
    for target in targets:
        report(FOO, target)
        target.stopTestRun()
