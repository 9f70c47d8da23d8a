r"""Drop-in replacements for the two classes of python-subunit for version 2.

Strategy: `ByteStreamToStreamResult` and `StreamResultToBytes` have the parameters and the
behaviour of python-subunit's classes, except in cases in which those lose tests. The
differences:

- noise never raises: without a name for it, it is reported as a file `stdout`. If there is
  nothing else, it is no stream, and a failed test `subunit.parser` follows;
- noise is reported in chunks, not octet by octet, and reading is ahead of reporting;
- an `ó` in noise is not taken for a packet, and damage does not hide the packets after it;
- content that is too long for a packet is split into several packets, and a packet that
  readers would refuse is an `EncodeError`, which is a `ValueError`.

Subclasses may override or call `_parse_packet` and `_write_packet`. Other private methods of
python-subunit do not exist here: to call or to override one is an error that names it.

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

import codecs
import datetime
import io
import sys
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import MappingProxyType, ModuleType
from typing import IO, TYPE_CHECKING, Any, BinaryIO, ClassVar, Final, cast

from subunit2.damage.output import judge_regions, octets_of
from subunit2.files import decode
from subunit2.items import TEST_STATUSES, Item, Passthrough
from subunit2.streams.streamresult import (
    ERROR_FILE,
    PARSER,
    StreamResultWriter,
    report,
    view_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from subunit2.items import Timestamp
    from subunit2.streams.streamresult import StreamResult

__all__ = ["ByteStreamToStreamResult", "StreamResultToBytes", "install"]

#: Public names of python-subunit that have no replacement.
_ELSEWHERE: Final = frozenset(
    {
        "DiscardStream",
        "ExecTestCase",
        "GoJSON2SubUnit",
        "IsolatedTestCase",
        "IsolatedTestSuite",
        "JUnitXML2SubUnit",
        "PROGRESS_CUR",
        "PROGRESS_POP",
        "PROGRESS_PUSH",
        "PROGRESS_SET",
        "ProtocolTestCase",
        "RemoteError",
        "RemotedTestCase",
        "TAP2SubUnit",
        "TestProtocolClient",
        "TestProtocolServer",
        "TestResultStats",
        "chunked",
        "details",
        "filter_scripts",
        "filters",
        "iso8601",
        "join_dir",
        "make_stream_binary",
        "progress_model",
        "read_test_list",
        "run",
        "run_isolated",
        "tag_stream",
        "tags_to_new_gone",
        "test_results",
        "v2",
        "version_string",
    }
)


class _Replacement:
    """A class of python-subunit without some of its private methods."""

    _absent: ClassVar[tuple[str, ...]] = ()
    _instead: ClassVar[str] = ""
    _overridden: ClassVar[str | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        names = {name for each in cls.__mro__ for name in vars(each)}
        cls._overridden = next((name for name in cls._absent if name in names), None)

    def __getattr__(self, name: str) -> Any:
        called = type(self).__name__
        if name in self._absent:
            text = (
                f"{called} has no {name} on subunit2.compat: call {self._instead}, "
                "or run without subunit2.compat"
            )
        else:
            text = f"{called!r} object has no attribute {name!r}"
        raise AttributeError(text, name=name, obj=self)

    def _refuse_overrides(self) -> None:
        """Raise a TypeError for an override that would never be called."""
        if self._overridden is not None:
            raise TypeError(
                f"{type(self).__name__} overrides {self._overridden}, which subunit2.compat "
                f"does not call: override {self._instead}, or run without subunit2.compat"
            )


class ByteStreamToStreamResult(_Replacement):
    """Reads a stream and reports it to a StreamResult. See `subunit2.replay`.

    A subclass may read `source` itself, and call `_parse_packet` behind each signature. If
    it overrides `_parse_packet`, `run` calls it for each packet and each damaged region; in
    this call, `source` has these octets behind the signature.

    :param source: a binary file, or a text file with a binary one beneath it, such as
        `sys.stdin`. It is not closed.
    :param non_subunit_name: the file name under which passthrough is reported; None:
        `stdout` (`wrap.origin`).
    """

    status_lookup: ClassVar[Mapping[int, str | None]] = MappingProxyType(
        dict(enumerate((None, *TEST_STATUSES)))
    )
    _absent = ("_parse", "_parse_varint", "_read_utf8")
    _instead = "_parse_packet"

    # Some subclasses do not call `__init__`.
    non_subunit_name: str | None = None
    #: The item that a call of `_parse_packet` reports, if it is read already.
    _item: Item | None = None

    def __init__(self, source: IO[Any], non_subunit_name: str | None = None) -> None:
        self.non_subunit_name = non_subunit_name
        self.source = _binary(source, "read")
        # Loops of subclasses use it.
        self.codec = codecs.lookup("utf8").incrementaldecoder()

    def run(self, result: StreamResult) -> None:
        """Report the stream, live, to its end.

        The caller calls `startTestRun` and `stopTestRun`. The content of a stream never
        makes it raise. Without a name for passthrough, octets without any packet are a
        failed test `subunit.parser` at the end.

        :raises OSError: if the file cannot be read.
        :raises TypeError: if a subclass overrides a private method that is never called.
        """
        self._refuse_overrides()
        is_plain = _is_own(self._parse_packet, ByteStreamToStreamResult._parse_packet)
        only_noise = None
        for item in judge_regions(decode(self.source)):
            if isinstance(item, Passthrough):
                self._report_noise(item, result)
                only_noise = only_noise is None or only_noise
                continue
            only_noise = False
            if is_plain:
                report(item, result)
            else:
                with self._giving(item):
                    self._parse_packet(result)
        if only_noise and self.non_subunit_name is None:
            result.status(
                test_id=PARSER,
                test_status="fail",
                eof=True,
                file_name=ERROR_FILE,
                file_bytes=b"Non subunit content: no packet of version 2 in the whole stream",
                mime_type="text/plain;charset=utf8",
            )

    __call__ = run

    def _parse_packet(self, result: StreamResult) -> None:
        """Report the packet whose signature was read from `source`, and read no further.

        Damage is reported. Intact packets that begin in its octets are reported as well.

        :raises OSError: if the file cannot be read.
        """
        self._refuse_overrides()
        item, self._item = self._item, None
        if item is not None:
            report(item, result)
            return
        from subunit2.compat.one_packet import read_packet

        for item in read_packet(self.source):
            if isinstance(item, Passthrough):
                self._report_noise(item, result)
            else:
                report(item, result)

    def _report_noise(self, noise: Passthrough, result: StreamResult) -> None:
        name = self.non_subunit_name
        if name is None:
            # Where python-subunit raises, results have met only the content of packets.
            result.status(file_name="stdout", file_bytes=view_of(noise.data))
        else:
            result.status(file_name=name, file_bytes=noise.data)

    @contextmanager
    def _giving(self, item: Item) -> Iterator[None]:
        """Make an item the one that `_parse_packet` reports, or reads from `source`."""
        source = self.source
        self._item = item
        self.source = io.BytesIO(octets_of(item)[1:])
        try:
            yield
        finally:
            self.source = source
            self._item = None


class StreamResultToBytes(_Replacement, StreamResultWriter):
    """A StreamResult that writes a stream. See `subunit2.StreamResultWriter`.

    As in python-subunit, empty tags and an empty MIME type are not written, and content
    without a file name is ignored. `status` calls `_write_packet`, which a subclass may
    override.

    :param output_stream: a binary file, or a text file with a binary one beneath it, such
        as `sys.stdout`. Each packet is flushed.
    """

    status_mask: ClassVar[Mapping[str | None, int]] = MappingProxyType(
        {None: 0} | {status: number for number, status in enumerate(TEST_STATUSES, 1)}
    )
    _absent = ("_encode_number", "_write_len16", "_write_number", "_write_utf8")
    _instead = "_write_packet"

    def __init__(self, output_stream: IO[Any]) -> None:
        self.output_stream = _binary(output_stream, "write")

    @property
    def output_stream(self) -> BinaryIO:
        """The file that is written. It may be replaced between two events."""
        return self._output_stream

    @output_stream.setter
    def output_stream(self, file: BinaryIO) -> None:
        self._output_stream = file
        StreamResultWriter.__init__(self, file)

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
        :raises TypeError: if a subclass overrides a private method that is never called.
        """
        self._write_packet(
            test_id=test_id,
            test_status=test_status,
            test_tags=test_tags,
            runnable=runnable,
            file_name=file_name,
            file_bytes=file_bytes,
            eof=eof,
            mime_type=mime_type,
            route_code=route_code,
            timestamp=timestamp,
        )

    def _write_packet(
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
        """Write an event, as `status` does."""
        self._refuse_overrides()
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


def __getattr__(name: str) -> Any:
    if name in _ELSEWHERE:
        # An AttributeError would be replaced by an ImportError without these words.
        raise ImportError(
            f"subunit2.compat has no {name}, and only replaces ByteStreamToStreamResult and "
            f"StreamResultToBytes: import {name} from python-subunit, `subunit`",
            name=__name__,
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)


def _binary(file: IO[Any], method: str) -> BinaryIO:
    """Return the binary file beneath a text file, or the file itself."""
    under = getattr(file, "buffer", None)
    return cast("BinaryIO", under if hasattr(under, method) else file)


def _is_own(method: Any, own: Any) -> bool:
    """Return whether a bound method is not overridden."""
    return getattr(method, "__func__", None) is own


def install() -> None:
    """Replace the two classes of python-subunit in this process.

    Later imports of them from `subunit` or `subunit.v2` get the replacements, and so do
    modules of python-subunit that are imported already. Other modules keep the classes that
    they imported before.

    :raises ImportError: if python-subunit is not installed.
    """
    try:
        import_module("subunit.v2")
    except ModuleNotFoundError as error:
        if error.name != "subunit":
            raise
        raise ModuleNotFoundError(
            "subunit2.compat replaces classes of python-subunit, which is not installed: "
            "pip install python-subunit",
            name="subunit",
        ) from None
    for name, module in list(sys.modules.items()):
        if name == "subunit" or name.startswith("subunit."):
            replace_in(module)


def replace_in(module: ModuleType) -> None:
    """Replace the two classes in one module, if it has them."""
    for each in (ByteStreamToStreamResult, StreamResultToBytes):
        if hasattr(module, each.__name__):
            setattr(module, each.__name__, each)
