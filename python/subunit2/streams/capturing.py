"""What a process prints, as events of its stream: live, in order, with its route.

Strategy: standard output and standard error are replaced by files of text whose
octets become file events at once, one for each write. A lock keeps the two in the
order in which they were written, whichever thread writes.

What is printed while an event is being delivered (by a result that shows it, say)
goes where it would have gone without: it would come back here for ever. So does
what somebody writes later to a file that was kept.

Only what goes through `sys.stdout` and `sys.stderr` is seen: not what processes
print that are started, nor what was given the files before, such as handlers of
logging. They are no files of the system's while a block lasts.
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

#: Of what is printed as text. What cannot be written in it is escaped.
_MIME_TYPE: Final = "text/plain;charset=utf8"


@contextmanager
def capture_stdio(
    result: StreamResult | StreamWriter,
    *,
    route_code: str | None = None,
    test_id: str | None = None,
) -> Iterator[None]:
    r"""What is printed in the block becomes events of files `stdout` and `stderr`.

    Each write is an event at once, a prompt without a newline too
    (`file.well-known`). The files end with the block (`file.eof`), which puts
    back what was there before, also where it is left by an exception. Blocks
    can stand in one another: the innermost takes what is printed. A child may be
    forked in the block, whatever other threads print, and what it prints becomes
    events as well; it ends by `os._exit`, since one that leaves the block ends the
    files.

    Neither file has a descriptor: `sys.stdout.fileno()` raises
    `io.UnsupportedOperation`, and so does `subprocess.run(..., stdout=sys.stdout)`
    before it starts anything. To have what a process prints among the events, print
    it: `print(subprocess.run(..., stdout=PIPE, text=True).stdout, end="")`. One that
    is given no `stdout` writes where it would without the block.

    :param result: what the events are given to, or a writer of the stream. One
        event at a time is delivered, whatever threads print.
    :param route_code: of the events.
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
        #: The thread that delivers an event just now.
        self._delivering: int | None = None
        self.lock = threading.RLock()
        reset_after_fork(self, _Events._mend)

    def deliver(self, name: str, octets: bytes, mime_type: str | None, *, eof: bool) -> bool:
        """Deliver an event; False: this is called by what another is delivered to."""
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

    def _mend(self) -> None:
        """Begin anew in a process that was forked."""
        self.lock = threading.RLock()
        if self._delivering != threading.get_ident():
            self._delivering = None


class _Captured(io.RawIOBase):
    """A file whose octets become events, and after its end go where they went before."""

    def __init__(self, name: str, events: _Events, before: TextIO | None) -> None:
        self._name = name
        self._events = events
        self._before = before
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
        if not is_delivered and self._before is not None:
            _pass_on(self._before, chunk)
        return len(chunk)

    def end(self) -> None:
        """No more of it becomes events."""
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
    # Without a buffer anywhere: what is written goes through at once.
    return io.TextIOWrapper(
        cast("BinaryIO", file),
        encoding="utf-8",
        errors="backslashreplace",
        newline="\n",
        write_through=True,
    )


def _pass_on(file: TextIO, chunk: bytes) -> None:
    under = getattr(file, "buffer", None)
    file.flush()
    if under is None:
        file.write(chunk.decode("utf-8", "backslashreplace"))
    else:
        under.write(chunk)
    file.flush()
