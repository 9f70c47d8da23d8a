"""A StreamResult that writes a stream: the events read back are those reported."""

from __future__ import annotations

import datetime
import io
import os
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import (
    EncodeError,
    Packet,
    StreamResultWriter,
    StreamWriter,
    Timestamp,
    decode,
    encode,
    replay,
)
from subunit2.items import replace
from subunit2.packets.header import MAX_PACKET
from support.events import Event, event_of, replayed, written_events
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO_OCTETS,
    FULL,
    FULL_OCTETS,
    NUL_TEXT,
    PACKETS,
    named,
)


@pytest.mark.parametrize(("packet", "octets"), named(PACKETS))
def test_an_event_is_one_packet(packet: Packet, octets: bytes) -> None:
    event = event_of(packet)
    [found] = decode(written_events(event))
    assert isinstance(found, Packet)
    assert event_of(found) == event
    # The protocol has unordered sets of tags, and microseconds.
    tags = packet.test_tags and sorted(set(packet.test_tags))
    timestamp = packet.timestamp and packet.timestamp.datetime
    assert found == replace(packet, test_tags=tags, timestamp=timestamp)
    assert len(octets) >= len(encode(found))


def test_what_is_given_is_written() -> None:
    file = io.BytesIO()
    StreamResultWriter(file).status(
        FULL.test_id,
        FULL.test_status,
        FULL.test_tags,
        FULL.runnable,
        FULL.file_name,
        FULL.file_bytes,
        FULL.eof,
        FULL.mime_type,
        FULL.route_code,
        FULL.timestamp,
    )
    assert file.getvalue() == FULL_OCTETS


def test_empty_is_not_absent() -> None:
    # clause flags.empty-is-not-absent
    event = Event(test_id="", test_tags=set(), mime_type="", route_code="")
    assert replayed(written_events(event)) == [event]


def test_an_error_is_a_failure() -> None:
    [event] = replayed(written_events(Event("t", "error")))
    assert event.test_status == "fail"


def test_a_time_of_any_zone_is_the_same_time() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=5))
    when = datetime.datetime(2025, 7, 31, 12, 0, 0, 1, tzinfo=zone)
    [packet] = decode(written_events(Event("t", timestamp=when)))
    assert isinstance(packet, Packet)
    assert packet.timestamp == Timestamp(1_753_945_200, 1000)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"test_id": NUL_TEXT}, "test_id"),
        ({"test_status": "boo"}, "test_status"),
        ({"file_name": "f"}, "file_bytes"),
        ({"file_bytes": b"x"}, "file_name"),
        ({"timestamp": datetime.datetime(2025, 7, 31)}, "timestamp"),
        ({"test_id": "\ud800", "file_name": "f", "file_bytes": bytes(MAX_PACKET)}, "test_id"),
        ({"file_bytes": bytes(MAX_PACKET)}, "file_name"),
        ({"test_id": "t" * MAX_PACKET}, "packet"),
        (
            {"test_id": "t" * (MAX_PACKET - 20), "file_name": "f", "file_bytes": bytes(1 << 21)},
            "packet",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_written_is_refused(fields: dict[str, Any], wrong: str) -> None:
    # clause writer.refuses
    file = io.BytesIO()
    with pytest.raises(EncodeError) as caught:
        StreamResultWriter(file).status(**fields)
    assert caught.value.field == wrong
    assert file.getvalue() == b""


#: The size of content that fits beside the other fields: its size takes two more octets
#: then, and the length of the packet one.
_ROOM: Final = MAX_PACKET - len(written_events(event_of(FULL)._replace(file_bytes=b""))) - 3


@pytest.mark.parametrize("eof", [True, False])
@pytest.mark.parametrize("size", [(1 << 20) + 1, _ROOM, _ROOM + 1, 9_000_000, 9 << 20])
def test_content_of_any_size_is_written(eof: bool, size: int) -> None:
    # clause file.split
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    event = event_of(FULL)._replace(file_bytes=content, eof=eof)
    items = list(decode(written_events(event)))
    chunks = [item for item in items if isinstance(item, Packet)]
    assert chunks == items
    assert b"".join(chunk.file_bytes or b"" for chunk in chunks) == content
    assert len(chunks) == (1 if size <= _ROOM else -(-size >> 20))
    # clauses file.eof, mime.scope
    assert [chunk.eof for chunk in chunks] == [False] * (len(chunks) - 1) + [eof]
    assert chunks[0].mime_type == FULL.mime_type
    assert {chunk.mime_type for chunk in chunks[1:]} <= {None}
    assert [chunk.test_status for chunk in chunks] == [None] * (len(chunks) - 1) + ["fail"]
    assert {(chunk.test_id, chunk.file_name, chunk.route_code) for chunk in chunks} == {
        (FULL.test_id, FULL.file_name, FULL.route_code)
    }


def test_content_goes_out_where_the_other_fields_are_long() -> None:
    event = Event(test_id="t" * 3_500_000, file_name="f", file_bytes=bytes(2_000_000), eof=True)
    chunks = [item for item in decode(written_events(event)) if isinstance(item, Packet)]
    assert sum(len(chunk.file_bytes or b"") for chunk in chunks) == 2_000_000
    assert len(chunks[0].file_bytes or b"") > 690_000


def test_each_packet_is_flushed() -> None:
    # clause writer.flush
    reading, writing = os.pipe()
    with os.fdopen(writing, "wb") as file:
        StreamResultWriter(file).status("foo", "exists")
        assert os.read(reading, 100) == FOO_OCTETS
    os.close(reading)


def test_a_stream_writer_can_be_shared() -> None:
    file = io.BytesIO()
    shared = StreamWriter(file)
    result = StreamResultWriter(shared)
    with shared.batch():
        result.status("foo", "exists")
        shared.write(BAR)
        assert file.getvalue() == b""
        result.stopTestRun()
        assert file.getvalue() == FOO_OCTETS + BAR_OCTETS


def test_what_is_replayed_into_a_writer_is_the_stream() -> None:
    stream = FOO_OCTETS + encode(Packet(test_tags=("a", "b"), file_name="", file_bytes=b""))
    stream += encode(replace(BAR, timestamp=Timestamp(1, 1000)))
    file = io.BytesIO()
    replay(stream, StreamResultWriter(file))
    assert file.getvalue() == stream


@given(
    st.builds(
        Event,
        file_name=st.none(),
        file_bytes=st.none(),
        test_id=st.none() | st.sampled_from(["", "a", "é"]),
        test_status=st.sampled_from([None, "exists", "inprogress", "fail", "uxsuccess"]),
        test_tags=st.none() | st.sets(st.sampled_from(["", "a", "é"])),
        runnable=st.booleans(),
        eof=st.booleans(),
        mime_type=st.none() | st.sampled_from(["", "text/plain"]),
        route_code=st.none() | st.sampled_from(["", "0", "0/1"]),
        timestamp=st.none()
        | st.datetimes(
            min_value=datetime.datetime(1970, 1, 2),
            max_value=datetime.datetime(2106, 1, 1),
            timezones=st.just(datetime.UTC),
        ),
    ),
    st.none() | st.tuples(st.sampled_from(["", "f"]), st.binary()),
)
def test_what_is_written_is_replayed(event: Event, file: tuple[str, bytes] | None) -> None:
    if file is not None:
        event = event._replace(file_name=file[0], file_bytes=file[1])
    assert replayed(written_events(event)) == [event]
