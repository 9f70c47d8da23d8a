"""Events that a StreamResult received, for tests."""

from __future__ import annotations

import datetime
import io
from typing import Any, NamedTuple

from testtools import StreamResult
from testtools.testresult import doubles

from subunit2 import Packet, StreamResultWriter, replay


class Event(NamedTuple):
    """A call of `status`, with the names and defaults of testtools."""

    test_id: str | None = None
    test_status: str | None = None
    test_tags: set[str] | None = None
    runnable: bool = True
    file_name: str | None = None
    file_bytes: bytes | None = None
    eof: bool = False
    mime_type: str | None = None
    route_code: str | None = None
    timestamp: datetime.datetime | None = None


def event_of(packet: Packet) -> Event:
    """Return the event that reports a packet."""
    return Event(
        test_id=packet.test_id,
        test_status=packet.test_status,
        test_tags=None if packet.test_tags is None else set(packet.test_tags),
        runnable=packet.runnable,
        file_name=packet.file_name,
        file_bytes=packet.file_bytes,
        eof=packet.eof,
        mime_type=packet.mime_type,
        route_code=packet.route_code,
        timestamp=None if packet.timestamp is None else packet.timestamp.datetime,
    )


class Recorder(doubles.StreamResult, StreamResult):
    """A StreamResult that records its calls."""

    @property
    def calls(self) -> list[Any]:
        """The calls: an `Event` each, or the name of a method without arguments."""
        return [Event(*call[1:]) if call[0] == "status" else call[0] for call in self._events]

    @property
    def events(self) -> list[Event]:
        """The calls of `status`."""
        return [call for call in self.calls if isinstance(call, Event)]


def replayed(source: Any, **options: Any) -> list[Event]:
    """Return the events that `replay` reports of a stream."""
    result = Recorder()
    replay(source, result, **options)
    assert result.calls[0] == "startTestRun"
    assert result.calls[-1] == "stopTestRun"
    return result.events


def written_events(*events: Event) -> bytes:
    """Return the octets that a `StreamResultWriter` writes for events."""
    file = io.BytesIO()
    writer = StreamResultWriter(file)
    writer.startTestRun()
    for event in events:
        writer.status(*event)
    writer.stopTestRun()
    return file.getvalue()
