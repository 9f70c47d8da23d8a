"""Standard output and standard error: written in full and safely, or an error.

Strategy: standard output can be a terminal, a non-blocking pipe, a file on a full disk,
or closed, and Python may be told not to buffer it. One stream wraps all of these; it
continues short writes and waits where a write would block, so that commands just print.

Text from a stream or from the arguments can contain control characters, which move the
cursor or change the direction of text. `visible` escapes them. Output for other programs
is in UTF-8, and packets are never written to a terminal.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final

from subunit2.chunks import write_whole
from subunit2.cli.exits import CallError
from subunit2.visible import visible

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = [
    "abridge",
    "discard_output",
    "divert_packets",
    "packet_output",
    "print_data",
    "refuse_terminal",
    "standard_streams",
    "visible",
    "visible_id",
    "visible_separator",
    "write_at_once",
    "write_packets_to",
]

#: The most characters shown of a message, which may quote the input.
_MOST: Final = 400

#: File descriptors from this number on are not those of `run --fd`.
_UNUSED: Final = 256


class _Whole(io.RawIOBase):
    """Writes all octets, in as many writes as necessary."""

    def __init__(self, file: io.RawIOBase) -> None:
        self._file = file

    def writable(self) -> bool:
        return True

    def write(self, octets: ReadableBuffer, /) -> int:
        view = memoryview(octets)
        write_whole(self._file, view)
        return len(view)

    def isatty(self) -> bool:
        return self._file.isatty()

    def fileno(self) -> int:
        return self._file.fileno()

    def close(self) -> None:
        super().close()
        self._file.close()


class _Messages(_Whole):
    """Writes all octets, or drops them: a lost message changes no exit status."""

    def write(self, octets: ReadableBuffer, /) -> int:
        view = memoryview(octets)
        with suppress(OSError):
            write_whole(self._file, view)
        return len(view)


@contextmanager
def standard_streams() -> Iterator[None]:
    """Wrap standard output while a command runs.

    A closed standard output or standard error is replaced by a stream that discards text;
    the caller decides whether that is an error. A standard output that a program has
    replaced is not wrapped.
    """
    before = sys.stdout, sys.stderr
    encoding = getattr(sys.stdout, "encoding", None)
    if sys.stdout is None:
        sys.stdout = io.StringIO()
    elif sys.stdout is sys.__stdout__:
        file = io.BufferedWriter(_Whole(io.FileIO(1, "wb", closefd=False)), 1 << 16)
        # Characters that the encoding of the terminal lacks are escaped.
        sys.stdout = io.TextIOWrapper(file, encoding, "backslashreplace")
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    elif sys.stderr is sys.__stderr__:
        encoding = getattr(sys.stderr, "encoding", None)
        messages = io.BufferedWriter(_Messages(io.FileIO(2, "wb", closefd=False)))
        sys.stderr = io.TextIOWrapper(messages, encoding, "backslashreplace", line_buffering=True)
    wrapped = sys.stdout
    try:
        yield
    finally:
        diverted, (sys.stdout, sys.stderr) = sys.stdout, before
        if diverted is not wrapped:
            with suppress(OSError):
                diverted.close()


def discard_output() -> None:
    """Discard buffered output, so that a closed pipe does not fail again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def packet_output() -> BinaryIO:
    """Return standard output for packets.

    If the environment names a descriptor for packets, and standard output is still the one
    that came with it, that descriptor becomes standard output.

    :raises CallError: if it is a terminal, or the descriptor cannot be used.
    """
    divert_packets()
    refuse_terminal()
    return sys.stdout.buffer


def write_at_once(octets: bytes) -> None:
    """Write packets to standard output in one write, and flush it.

    :raises OSError: if they cannot be written.
    """
    write_whole(sys.stdout.buffer, octets)
    sys.stdout.buffer.flush()


def refuse_terminal() -> None:
    """Check that packets do not go to a terminal.

    :raises CallError: if they would.
    """
    if sys.stdout.isatty():
        raise CallError(
            "packets are binary, and standard output is a terminal: send them to a file or "
            "through a pipe (`| cat` shows them as they are, `| subunit2 decode` as text)"
        )


def divert_packets(*, default: bool = False, always: bool = False) -> int | None:
    """Make the descriptor that the environment names our standard output, if it stands for it.

    :param default: whether it does if the environment does not name the standard output.
    :param always: whether it does in any case.
    :returns: the most octets of a packet there, if processes may share it; else None.
    :raises CallError: if the descriptor cannot be used.
    """
    from subunit2 import environment

    if not isinstance(getattr(getattr(sys.stdout, "buffer", None), "raw", None), _Whole):
        # A program has replaced standard output.
        return None
    if not (always or environment.has_given_output(default=default)):
        return None
    try:
        descriptor = environment.take()
    except OSError as error:
        raise CallError(str(error.strerror)) from None
    return None if descriptor is None else write_packets_to(descriptor.fd, descriptor.route)


def write_packets_to(fd: int, route: str | None = None) -> int | None:
    """Make a descriptor our standard output, and return the most octets of a packet there.

    :param route: goes in front of the route codes of all packets.
    """
    from subunit2 import environment

    limit = environment.packet_limit(fd)
    raw = _Whole(io.FileIO(_duplicate(fd), "wb"))
    if route is not None:
        raw = _Routed(raw, route)
        # A route code has its size in front, and its packet's length can get longer.
        limit = limit and limit - len(route.encode()) - 6
    sys.stdout.flush()
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw, 1 << 16), "utf-8")
    return limit


def _duplicate(fd: int) -> int:
    """Return a duplicate with a number that no command asks for, and that no child inherits."""
    import fcntl

    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _UNUSED)
    except OSError:
        # The limit of open files is lower.
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)


class _Routed(_Whole):
    """Puts a route code in front of those of the packets that are written."""

    def __init__(self, file: _Whole, route: str) -> None:
        from subunit2.items import EncodeError
        from subunit2.multiplexer import Multiplexer

        try:
            self._multiplexer = Multiplexer([route])
        except EncodeError as error:
            raise CallError(f"SUBUNIT_ROUTE: {error}") from None
        super().__init__(file)

    def write(self, octets: ReadableBuffer, /) -> int:
        view = memoryview(octets)
        self._file.write(self._multiplexer.feed(0, view))
        return len(view)

    def close(self) -> None:
        if not self.closed:
            self._file.write(self._multiplexer.close(0))
        super().close()


def print_data(text: str) -> None:
    """Print text for other programs: in UTF-8, regardless of the terminal's encoding."""
    # Keep the order of the text printed before.
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        # A program has replaced standard output by a text stream.
        sys.stdout.write(text)
    else:
        # The octets of a path that is not UTF-8 are kept.
        buffer.write(text.encode("utf-8", "surrogateescape"))


def visible_id(test_id: str) -> str:
    r"""Escape a test id likewise, and show the separator of its parts as a sign.

    >>> visible_id("foo\ufdd0x=1") in ("foo › x=1", "foo > x=1")
    True
    """
    from subunit2.items import CHILD_SEPARATOR

    # clause test-id.children
    if CHILD_SEPARATOR not in test_id:
        return visible(test_id)
    return visible_separator().join(map(visible, test_id.split(CHILD_SEPARATOR)))


def visible_separator() -> str:
    """Return the sign between the parts of an id, if standard output can hold it."""
    try:
        "›".encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (LookupError, UnicodeEncodeError):
        return " > "
    return " › "


def abridge(text: str) -> str:
    """Cut a long message, and state the number of characters left out."""
    return text if len(text) <= _MOST else f"{text[:_MOST]}… ({len(text) - _MOST:,} more)"
