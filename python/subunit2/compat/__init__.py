r"""Drop-in replacements for the two classes of python-subunit for version 2.

Strategy: `ByteStreamToStreamResult` and `StreamResultToBytes` have the parameters and the
behaviour of python-subunit's classes, except in cases in which those lose tests. The
differences:

- noise never raises: without a name for it, it is reported as a file `stdout`;
- noise is reported in chunks, not octet by octet, and reading is ahead of reporting;
- an `ó` in noise is not taken for a packet, and damage does not hide the packets after it;
- content that is too long for a packet is split into several packets, and a packet that
  readers would refuse is an `EncodeError`, which is a `ValueError`.

`install` replaces the classes of python-subunit. `python -m subunit2.compat COMMAND` does
so for a command and for every Python process that it starts.

>>> import io
>>> stream = io.BytesIO("adiós\n".encode() + bytes.fromhex("b329030c03666f6f459dfe10"))
>>> class Printed:
...     def startTestRun(self): ...
...     def stopTestRun(self): ...
...     def status(self, *, test_id=None, test_status=None, file_bytes=None, **others):
...         print(test_id, test_status, file_bytes)
>>> ByteStreamToStreamResult(stream, non_subunit_name="stdout").run(Printed())
None None b'adi\xc3\xb3s\n'
foo success None
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from subunit2.streams.streamresult import StreamResultWriter, replay

if TYPE_CHECKING:
    from types import ModuleType

    from subunit2.items import Timestamp
    from subunit2.streams.streamresult import StreamResult

__all__ = ["ByteStreamToStreamResult", "StreamResultToBytes", "install"]


class ByteStreamToStreamResult:
    """Reads a stream and reports it to a StreamResult. See `subunit2.replay`.

    :param source: a binary file, or a text file with a binary one beneath it, such as
        `sys.stdin`. It is not closed.
    :param non_subunit_name: the file name under which passthrough is reported; None:
        `stdout` (`wrap.origin`).
    """

    def __init__(self, source: IO[Any], non_subunit_name: str | None = None) -> None:
        self.non_subunit_name = non_subunit_name
        self.source = _binary(source, "read")

    def run(self, result: StreamResult) -> None:
        """Report the stream, live, to its end.

        The caller calls `startTestRun` and `stopTestRun`. The content of a stream never
        makes it raise.

        :raises OSError: if the file cannot be read.
        """
        name = "stdout" if self.non_subunit_name is None else self.non_subunit_name
        replay(self.source, result, passthrough_name=name, whole_run=False)

    __call__ = run


class StreamResultToBytes(StreamResultWriter):
    """A StreamResult that writes a stream. See `subunit2.StreamResultWriter`.

    As in python-subunit, empty tags and an empty MIME type are not written, and content
    without a file name is ignored.

    :param output_stream: a binary file, or a text file with a binary one beneath it, such
        as `sys.stdout`. Each packet is flushed.
    """

    def __init__(self, output_stream: IO[Any]) -> None:
        self.output_stream = _binary(output_stream, "write")
        super().__init__(self.output_stream)

    # The signature of python-subunit.
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
        """Write an event.

        :raises EncodeError: if the event cannot be written (`writer.refuses`); nothing
            was.
        :raises OSError: if the file cannot be written.
        """
        super().status(
            test_id=test_id,
            test_status=test_status,
            test_tags=test_tags or None,
            runnable=runnable,
            file_name=file_name,
            file_bytes=None if file_name is None else file_bytes,
            eof=eof,
            mime_type=mime_type or None,
            route_code=route_code,
            timestamp=timestamp,
        )


def _binary(file: IO[Any], method: str) -> BinaryIO:
    """Return the binary file beneath a text file, or the file itself."""
    under = getattr(file, "buffer", None)
    return cast("BinaryIO", under if hasattr(under, method) else file)


def install() -> None:
    """Replace the two classes of python-subunit in this process.

    Later imports of them from `subunit` or `subunit.v2` get the replacements. Call it
    before other modules import them.

    :raises ImportError: if python-subunit is not installed.
    """
    import subunit
    import subunit.v2

    for module in (subunit, subunit.v2):
        replace_in(module)


def replace_in(module: ModuleType) -> None:
    """Replace the two classes in one module."""
    for each in (ByteStreamToStreamResult, StreamResultToBytes):
        setattr(module, each.__name__, each)
