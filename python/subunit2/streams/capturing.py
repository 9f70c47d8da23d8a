"""The output of a process as file events: live, in order, with a route code.

Strategy: standard output and standard error are replaced by text files that turn each
write into a file event at once. A lock keeps the events in the order of the writes of all
threads.

Output that is printed while an event is delivered (by a result that prints it, say) goes
to the original file, or it would be captured again without end. So does output written,
after the block, to a reference kept from within it.

Only output through `sys.stdout` and `sys.stderr` is captured. The output of child
processes is not, nor that of objects that took the files before, such as logging
handlers. Within a block the two files have no file descriptors.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, BinaryIO, Final, TextIO, cast

from subunit2.atfork import reset_after_fork
from subunit2.files import StreamWriter
from subunit2.streams.streamresult import StreamResultWriter

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

    from subunit2.streams.streamresult import StreamResult

__all__ = ["capture_stdio"]

#: The MIME type of printed text. Characters that cannot be encoded are escaped.
_MIME_TYPE: Final = "text/plain;charset=utf8"


@contextmanager
def capture_stdio(
    result: StreamResult | StreamWriter,
    *,
    route_code: str | None = None,
    test_id: str | None = None,
) -> Iterator[None]:
    r"""Turn output printed in the block into events of files `stdout` and `stderr`.

    Each write becomes an event at once, also a prompt without a newline
    (`file.well-known`). The end of the block ends the files (`file.eof`) and restores
    the original ones, also after an exception. In nested blocks the innermost captures
    the output. A process may fork within the block while other threads print, and the
    output of the child becomes events as well. Such a child must end by `os._exit`: if it
    leaves the block, it ends the files.

    Neither file has a descriptor: `sys.stdout.fileno()` raises
    `io.UnsupportedOperation`, and so does `subprocess.run(..., stdout=sys.stdout)`
    before it starts the program. To capture the output of a child process, print it:
    `print(subprocess.run(..., stdout=PIPE, text=True).stdout, end="")`. A child process
    started without `stdout` writes to the original file.

    :param result: the receiver of the events, or a writer of the stream. Events are
        delivered one at a time, also if several threads print.
    :param route_code: the route code of the events.
    :param test_id: the test that prints; None: the route as a whole.

    >>> import io
    >>> from subunit2 import StreamWriter, decode
    >>> file = io.BytesIO()
    >>> with capture_stdio(StreamWriter(file), route_code="W1"):
    ...     _ = sys.stdout.write("(Pdb) ")
    >>> for packet in decode(file.getvalue()):
    ...     print(packet.route_code, packet.file_name, packet.file_bytes, packet.eof)
    W1 stdout b'(Pdb) ' False
    W1 stdout b'' True
    """
    if isinstance(result, StreamWriter):
        result = StreamResultWriter(result)
    events = _Events(result, route_code, test_id)
    output = _Captured("stdout", events, sys.stdout)
    errors = _Captured("stderr", events, sys.stderr)
    with ExitStack() as stack:
        stack.callback(errors.end)
        stack.callback(output.end)
        stack.enter_context(redirect_stderr(_text(errors)))
        stack.enter_context(redirect_stdout(_text(output)))
        yield


class _Events:
    """Delivers file events, one at a time."""

    def __init__(self, result: StreamResult, route_code: str | None, test_id: str | None) -> None:
        self._result = result
        self._route_code = route_code
        self._test_id = test_id
        #: The thread that is delivering an event.
        self._delivering: int | None = None
        self.lock = threading.RLock()
        reset_after_fork(self, _Events._reset)

    def deliver(self, name: str, octets: bytes, mime_type: str | None, *, eof: bool) -> bool:
        """Deliver an event, or return False if the receiver of another one printed it."""
        with self.lock:
            if self._delivering is not None:
                return False
            self._delivering = threading.get_ident()
            try:
                self._result.status(
                    test_id=self._test_id,
                    file_name=name,
                    file_bytes=octets,
                    eof=eof,
                    mime_type=mime_type,
                    route_code=self._route_code,
                )
            finally:
                self._delivering = None
            return True

    def _reset(self) -> None:
        """Release the lock in a forked process."""
        self.lock = threading.RLock()
        if self._delivering != threading.get_ident():
            self._delivering = None


class _Captured(io.RawIOBase):
    """A file that turns octets into events; after its end they go to the original file."""

    def __init__(self, name: str, events: _Events, original: TextIO | None) -> None:
        self._name = name
        self._events = events
        self._original = original
        self._is_begun = False
        self._is_ended = False

    def writable(self) -> bool:
        return True

    def write(self, octets: ReadableBuffer, /) -> int:
        chunk = bytes(octets)
        if not chunk:
            return 0
        with self._events.lock:
            is_delivered = not self._is_ended and self._deliver(chunk, eof=False)
        if not is_delivered and self._original is not None:
            _write_original(self._original, chunk)
        return len(chunk)

    def end(self) -> None:
        """End the file: octets written later are not captured."""
        with self._events.lock:
            self._is_ended = True
            if self._is_begun:
                self._deliver(b"", eof=True)

    def _deliver(self, chunk: bytes, *, eof: bool) -> bool:
        # clause mime.scope
        mime_type = None if self._is_begun else _MIME_TYPE
        is_delivered = self._events.deliver(self._name, chunk, mime_type, eof=eof)
        self._is_begun |= is_delivered
        return is_delivered


def _text(file: _Captured) -> TextIO:
    # Nothing is buffered: each write becomes an event at once.
    return io.TextIOWrapper(
        cast("BinaryIO", file),
        encoding="utf-8",
        errors="backslashreplace",
        newline="\n",
        write_through=True,
    )


def _write_original(file: TextIO, chunk: bytes) -> None:
    under = getattr(file, "buffer", None)
    file.flush()
    if under is None:
        file.write(chunk.decode("utf-8", "backslashreplace"))
    else:
        under.write(chunk)
    file.flush()
