r"""Convert streams to and from the StreamResult protocol of testtools.

Strategy: `replay` reads a stream, `report` reports one item, `StreamResultWriter` writes.
None of them imports testtools: `StreamResult` defines the three methods that are called.

The classes of testtools work with them, and are not reimplemented here:

- `StreamSummary`, `StreamToDict`: count and collect what `replay` reports;
- `CopyStreamResult`, `StreamResultRouter`, `StreamTagger`, `TimestampingStreamResult`
  on either side: several targets, one by route code, tags added, times added;
- `ExtendedToStreamDecorator` in front of a `StreamResultWriter` (or of any other
  result): runners of unittest can write a stream;
- `StreamToExtendedDecorator` after `replay`: results of unittest, such as
  `unittest.TextTestResult`, can show a stream;
- `StreamFailFast` and `TestControl`: stop a run after a failure;
- `StreamToQueue`, `ConcurrentStreamTestSuite`: several streams or suites at once.

The protocol holds less than a packet: tags are a set, and times have microseconds. The
content of a packet is a read-only `memoryview`, as results that were written for
python-subunit expect; output and reports of damage are `bytes`, as there.

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
from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol, cast

from subunit2.damage.output import judge_regions
from subunit2.damage.reports import DATA_FILE, ERROR_FILE, PARSER
from subunit2.files import StreamWriter, decode
from subunit2.items import Item, Packet, Passthrough, Timestamp
from subunit2.writer import split_content

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

#: The file name of passthrough, unless another is known (`wrap.origin`).
_PASSTHROUGH_FILE: Final = "stdout"


class StreamResult(Protocol):
    """A receiver of events, such as the `StreamResult` of testtools.

    Return values of the methods are ignored, and exceptions are not caught.
    """

    def startTestRun(self) -> object:
        """The events begin."""

    def stopTestRun(self) -> object:
        """The events have ended: tests that have not ended are incomplete."""

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
        """One event, with the fields that a packet has.

        :param file_bytes: the content of a packet as a read-only `memoryview`, all other
            octets as `bytes`. Both compare and hash alike; `bytes(file_bytes)` copies. The
            declared type is that of testtools.
        """


def replay(
    source: BinaryIO | bytes | bytearray | memoryview | Iterable[Item],
    result: StreamResult,
    *,
    passthrough_name: str | None = _PASSTHROUGH_FILE,
    whole_run: bool = True,
) -> None:
    """Report each item of a stream to `result`, as soon as it is settled.

    A corrupt region that is output of a program is reported as passthrough
    (`damage.output`). The content of a stream never makes it raise. Holds the octets of
    `decode`, and a region that is not yet known to be damage.

    :param source: octets, a binary file, which is followed live, or items.
    :param passthrough_name: the file name under which passthrough is reported; None: it
        is not reported.
    :param whole_run: whether to call `startTestRun` before the stream and `stopTestRun`
        after it, also if reading fails or `result` raises. If False, the caller does.
    :raises TypeError: if `source` is none of these, such as a text file.
    :raises OSError: if the file cannot be read.
    """
    items = judge_regions(_items(source))
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
    # `decode` refuses text, which would otherwise be iterated as items.
    if isinstance(source, (str, bytes, bytearray, memoryview)) or hasattr(source, "read"):
        return decode(cast("BinaryIO | bytes", source))
    return source


def report(
    item: Item, result: StreamResult, *, passthrough_name: str | None = _PASSTHROUGH_FILE
) -> None:
    """Report one item to `result`.

    A packet is one event. Its content is a `memoryview` that holds nothing but the content.
    A corrupt region is two events, as in python-subunit (`recovery.report`): its octets and
    a description of the error, as files of a failed test `subunit.parser`.

    :param passthrough_name: as for `replay`.
    """
    if isinstance(item, Packet):
        timestamp = item.timestamp
        content = item.file_bytes
        result.status(
            test_id=item.test_id,
            test_status=item.test_status,
            # Some results add tags to the set.
            test_tags=None if item.test_tags is None else set(item.test_tags),
            runnable=item.runnable,
            file_name=item.file_name,
            # Items that a caller made may hold octets that can still change.
            file_bytes=None if content is None else view_of(content),
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


def view_of(content: bytes) -> bytes:
    """Return a read-only `memoryview` that holds these octets and no others."""
    # testtools declares `bytes`, and python-subunit gives views.
    return cast("bytes", memoryview(bytes(content)))


def _report_damage(region: Corrupt, result: StreamResult) -> None:
    # Damage is rare, so this module is imported when needed.
    from subunit2.damage.parser_errors import describe_error

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
    """A StreamResult that writes each event as a packet.

    Threads may share it, and processes may share a file, each with a writer of its own,
    as with `StreamWriter`. Content that does not fit into one packet is split into several
    (`file.split`); other threads may write between them.

    Holds one event.

    :param file: a binary file, or a `StreamWriter` to share. It is not closed.
    :raises TypeError: if it is a text file.

    >>> import io
    >>> file = io.BytesIO()
    >>> StreamResultWriter(file).status("foo", "exists")
    >>> file.getvalue().hex()
    'b329010c03666f6f08555f1b'
    """

    def __init__(self, file: BinaryIO | StreamWriter) -> None:
        self._writer = file if isinstance(file, StreamWriter) else StreamWriter(file)

    def startTestRun(self) -> None:
        """Do nothing: a stream does not contain this event."""

    def stopTestRun(self) -> None:
        """Write the packets that a batch has collected. A stream does not contain this event."""
        self._writer.flush()

    # The signature of testtools, which allows positional arguments.
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
        """Write an event. Empty values are written as such, unlike None.

        :param test_tags: a set is written sorted, any other iterable in its order.
        :param timestamp: an aware datetime, or a `Timestamp`.
        :raises EncodeError: if the event cannot be written (`writer.refuses`); nothing
            was.
        :raises OSError: if the file cannot be written.
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
        for each in split_content(packet):
            self._writer.write(each)
