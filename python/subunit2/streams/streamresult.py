r"""Streams to and from testtools' StreamResult: anything that has its `status()`.

Strategy: `replay` reads, `report` says one item, `StreamResultWriter` writes. None
of them imports testtools: `StreamResult` says which three methods are called.

What testtools has is used, and not written again here:

- `StreamSummary`, `StreamToDict`: count and collect what `replay` reports;
- `CopyStreamResult`, `StreamResultRouter`, `StreamTagger`, `TimestampingStreamResult`
  on either side: several targets, one by route code, tags added, times added;
- `ExtendedToStreamDecorator` in front of a `StreamResultWriter` (or of any other
  result): whatever runs unittest's tests can write a stream;
- `StreamToExtendedDecorator` behind `replay`: unittest's results, such as
  `unittest.TextTestResult`, can show a stream;
- `StreamFailFast` and `TestControl`: stop a run after a failure;
- `StreamToQueue`, `ConcurrentStreamTestSuite`: several streams or suites at once.

The API has less room than a packet: tags are a set, and times have microseconds.

>>> import io
>>> file = io.BytesIO()
>>> writer = StreamResultWriter(file)
>>> writer.status("foo", "success", test_tags={"slow"})
>>> class Printed:
...     def startTestRun(self): print("it starts")
...     def stopTestRun(self): print("it has ended")
...     def status(self, *, test_id=None, test_status=None, test_tags=None, **others):
...         print(test_id, test_status, test_tags)
>>> replay(file.getvalue(), Printed())
it starts
foo success {'slow'}
it has ended
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, cast

from subunit2.files import StreamWriter, decode
from subunit2.items import EncodeError, Item, Packet, Passthrough, Timestamp, replace
from subunit2.packets.header import MAX_PACKET
from subunit2.writer import DEFAULT_CHUNK, encode, encoded_length

if TYPE_CHECKING:
    from subunit2.items import Corrupt, TestStatus

__all__ = [
    "DATA_FILE",
    "ERROR_FILE",
    "PARSER",
    "StreamResult",
    "StreamResultWriter",
    "replay",
    "report",
]

#: The test under which damage is reported.
PARSER: Final = "subunit.parser"
#: Its file with the octets.
DATA_FILE: Final = "Packet data"
#: Its file that says what is wrong with them.
ERROR_FILE: Final = "Parser Error"

#: What passthrough is a file of, unless something else is known (`wrap.origin`).
_PASSTHROUGH_FILE: Final = "stdout"


class StreamResult(Protocol):
    """What events are given to, such as testtools' `StreamResult`.

    What the methods return is ignored, and what they raise is not caught.
    """

    def startTestRun(self) -> object:
        """The events begin."""

    def stopTestRun(self) -> object:
        """No more events come: what has not ended by now is incomplete."""

    def status(
        self,
        *,
        test_id: str | None = None,
        test_status: str | None = None,
        test_tags: set[str] | None = None,
        runnable: bool = True,
        file_name: str | None = None,
        file_bytes: bytes | None = None,
        eof: bool = False,
        mime_type: str | None = None,
        route_code: str | None = None,
        timestamp: datetime.datetime | None = None,
    ) -> object:
        """One event, with the fields that a packet has."""


def replay(
    source: BinaryIO | bytes | bytearray | memoryview | Iterable[Item],
    result: StreamResult,
    *,
    passthrough_name: str | None = _PASSTHROUGH_FILE,
    whole_run: bool = True,
) -> None:
    """Report each item of a stream to `result`, as soon as it is settled.

    Nothing that a stream can contain makes it raise. Holds what `decode` holds.

    :param source: octets, a binary file, which is followed live, or items.
    :param passthrough_name: the file that passthrough is reported as a chunk of;
        None: it is not reported.
    :param whole_run: whether the stream is all that `result` gets. Then
        `startTestRun` is called before and `stopTestRun` behind it, also where
        reading fails or `result` raises. Otherwise that is left to the caller.
    """
    items = _items(source)
    if not whole_run:
        for item in items:
            report(item, result, passthrough_name=passthrough_name)
        return
    result.startTestRun()
    try:
        for item in items:
            report(item, result, passthrough_name=passthrough_name)
    finally:
        result.stopTestRun()


def _items(
    source: BinaryIO | bytes | bytearray | memoryview | Iterable[Item],
) -> Iterable[Item]:
    # Text that is given by mistake is refused there, and not taken for items.
    if isinstance(source, (str, bytes, bytearray, memoryview)) or hasattr(source, "read"):
        return decode(cast("BinaryIO | bytes", source))
    return source


def report(
    item: Item, result: StreamResult, *, passthrough_name: str | None = _PASSTHROUGH_FILE
) -> None:
    """Report one item to `result`.

    A packet is one event. A corrupt region is two, as python-subunit's are
    (`recovery.report`): its octets, and what is wrong with them, as files of a
    test `subunit.parser` that has failed.

    :param passthrough_name: as for `replay`.
    """
    if isinstance(item, Packet):
        timestamp = item.timestamp
        result.status(
            test_id=item.test_id,
            test_status=item.test_status,
            # Some results add to it.
            test_tags=None if item.test_tags is None else set(item.test_tags),
            runnable=item.runnable,
            file_name=item.file_name,
            file_bytes=item.file_bytes,
            eof=item.eof,
            mime_type=item.mime_type,
            route_code=item.route_code,
            timestamp=None if timestamp is None else timestamp.datetime,
        )
    elif isinstance(item, Passthrough):
        if passthrough_name is not None:
            result.status(file_name=passthrough_name, file_bytes=item.data)
    else:
        _report_damage(item, result)


def _report_damage(region: Corrupt, result: StreamResult) -> None:
    # Damage is rare, and what describes it is not read before.
    from subunit2.streams.parser_errors import describe_error

    result.status(
        test_id=PARSER,
        eof=True,
        file_name=DATA_FILE,
        file_bytes=region.data,
        mime_type="application/octet-stream",
    )
    result.status(
        test_id=PARSER,
        test_status="fail",
        eof=True,
        file_name=ERROR_FILE,
        file_bytes=describe_error(region).encode(),
        mime_type="text/plain;charset=utf8",
    )


class StreamResultWriter:
    """A StreamResult that writes what it is told, an event a packet.

    Threads may share it, and processes that each have one may share a file, as
    with `StreamWriter`. Content that does not fit into one packet goes out as
    several (`file.split`), between which others may write.

    Holds one event.

    :param file: a binary file, or a `StreamWriter` to share. It is not closed.

    >>> import io
    >>> file = io.BytesIO()
    >>> StreamResultWriter(file).status("foo", "exists")
    >>> file.getvalue().hex()
    'b329010c03666f6f08555f1b'
    """

    def __init__(self, file: BinaryIO | StreamWriter) -> None:
        self._writer = file if isinstance(file, StreamWriter) else StreamWriter(file)

    def startTestRun(self) -> None:
        """A stream has no such event: nothing is written."""

    def stopTestRun(self) -> None:
        """A stream has no such event: what a batch has collected is written."""
        self._writer.flush()

    # testtools' signature, which its users know by heart.
    def status(
        self,
        test_id: str | None = None,
        test_status: str | None = None,
        test_tags: Iterable[str] | None = None,
        runnable: bool = True,
        file_name: str | None = None,
        file_bytes: bytes | bytearray | memoryview | None = None,
        eof: bool = False,
        mime_type: str | None = None,
        route_code: str | None = None,
        timestamp: datetime.datetime | Timestamp | None = None,
    ) -> None:
        """Write an event. What is empty is written so, and is not the same as None.

        :param test_tags: a set is written in its order, anything else in the given.
        :param timestamp: an aware datetime, or a `Timestamp`.
        :raises EncodeError: where it cannot be written (`writer.refuses`): nothing
            was.
        :raises OSError: what the file raises.
        """
        packet = Packet(
            test_id=test_id,
            test_status=cast("TestStatus | None", test_status),
            test_tags=test_tags,
            runnable=runnable,
            mime_type=mime_type,
            file_name=file_name,
            file_bytes=file_bytes,
            eof=eof,
            route_code=route_code,
            timestamp=timestamp,
        )
        for each in _fitting(packet):
            self._writer.write(each)


def _fitting(packet: Packet) -> Iterator[Packet]:
    """The packet, or where its content is too long for one, several (`file.split`)."""
    content = packet.file_bytes
    if content is None or len(content) <= DEFAULT_CHUNK:
        yield packet
        return
    # This refuses what cannot be written, before anything is.
    around = len(encode(replace(packet, file_bytes=b"")))
    if encoded_length(packet) is not None:
        yield packet
        return
    # With content, its size and the packet's length take two octets more each.
    room = min(DEFAULT_CHUNK, MAX_PACKET - around - 4)
    if room < 1:
        raise EncodeError("packet", f"its fields leave no room for content in {MAX_PACKET:,}")
    last = (len(content) - 1) // room * room
    chunk = replace(packet, test_status=None, test_tags=None, eof=False)
    for start in range(0, last, room):
        yield replace(chunk, file_bytes=content[start : start + room])
        chunk = replace(chunk, mime_type=None)
    yield replace(packet, mime_type=None, file_bytes=content[last:])
