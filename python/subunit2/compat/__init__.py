r"""python-subunit's two classes for version 2, with this reader and this writer in them.

Strategy: `ByteStreamToStreamResult` and `StreamResultToBytes` take what
python-subunit's take, and do what those do, but where that loses tests. What
differs, and why:

- noise never raises: where no name is given for it, it is a file `stdout`;
- it comes in chunks, not an octet at a time, and reading goes ahead of reporting;
- an `ó` of noise is no packet, and damage does not swallow the packets behind it;
- content that is too long for a packet goes out as several packets, and a packet
  that no reader would take is an `EncodeError`, which is a `ValueError`.

`install` puts them in python-subunit's place. `python -m subunit2.compat COMMAND`
does so for a command and for every Python that it starts.

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

    :param source: a file to read octets from; of a file of text, such as
        `sys.stdin`, the binary one under it. It is not closed.
    :param non_subunit_name: the file that passthrough is reported as a chunk of;
        where there is none, `stdout` (`wrap.origin`).
    """

    def __init__(self, source: IO[Any], non_subunit_name: str | None = None) -> None:
        self.non_subunit_name = non_subunit_name
        self.source = _binary(source, "read")

    def run(self, result: StreamResult) -> None:
        """Report all of the stream, live, to its end.

        `startTestRun` and `stopTestRun` are left to the caller. Nothing that a
        stream can contain makes it raise.
        """
        name = "stdout" if self.non_subunit_name is None else self.non_subunit_name
        replay(self.source, result, passthrough_name=name, whole_run=False)

    __call__ = run


class StreamResultToBytes(StreamResultWriter):
    """A StreamResult that writes a stream. See `subunit2.StreamResultWriter`.

    As in python-subunit, tags and a MIME type that are empty are as good as none,
    and content without a file name is ignored.

    :param output_stream: a file to write octets to; of a file of text, such as
        `sys.stdout`, the binary one under it. Each packet is flushed.
    """

    def __init__(self, output_stream: IO[Any]) -> None:
        self.output_stream = _binary(output_stream, "write")
        super().__init__(self.output_stream)

    # python-subunit's signature.
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

        :raises EncodeError: where it cannot be written (`writer.refuses`): nothing
            was.
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
    """The binary file under one of text, or the file itself."""
    under = getattr(file, "buffer", None)
    return cast("BinaryIO", under if hasattr(under, method) else file)


def install() -> None:
    """Put the two classes in the place of python-subunit's, in this process.

    Whatever imports them from `subunit` or `subunit.v2` from now on gets ours:
    call it before anything that does so is imported.
    """
    import subunit
    import subunit.v2

    for module in (subunit, subunit.v2):
        replace_in(module)


def replace_in(module: ModuleType) -> None:
    """Put the two classes into one module."""
    for each in (ByteStreamToStreamResult, StreamResultToBytes):
        setattr(module, each.__name__, each)
