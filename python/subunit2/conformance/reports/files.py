"""The files that a run writes.

Strategy: all files are opened before the first case, so that an unwritable one is
reported at once. Each keeps its old content until it is written, and one that was made for
a run that did not start is removed again. The stream and the transcript are written
unbuffered, as events arrive: a reader may follow them, and the last lines before a harness
hung are there.
"""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from subunit2.chunks import write_whole
from subunit2.cli.exits import CallError
from subunit2.conformance import divergences
from subunit2.conformance.corpus import Case
from subunit2.conformance.reports.json import NO_FAILURES, Report
from subunit2.conformance.results import Result
from subunit2.conformance.run import Event

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["Outputs", "writing"]


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Report a file that cannot be written in one line with its name.

    :raises CallError: if it cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise CallError(f"{name}: {error.strerror}") from None


class _Target(io.RawIOBase):
    """A file that is emptied by its first write, and removed if there was none.

    :raises OSError: if it cannot be opened.
    """

    def __init__(self, name: str) -> None:
        self._path = Path(name)
        self._is_new = not self._path.exists()
        # A pipe is opened once: its reader would take a second opening for the end.
        self._is_file = self._is_new or self._path.is_file()
        self._has_begun = False
        self._file = self._path.open("ab" if self._is_file else "wb", buffering=0)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, octets: ReadableBuffer, /) -> int | None:
        if not self._has_begun and self._is_file:
            self._file.truncate(0)
        self._has_begun = True
        return self._file.write(octets)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
            if self._is_new and not self._has_begun:
                with suppress(OSError):
                    self._path.unlink()
        super().close()


class Outputs(AbstractContextManager["Outputs"]):
    """The files that the options of a run name.

    :param cases: the cases of the run, in order.
    :ivar transcript: takes each line of the transcript; None if there is no transcript.
    :raises CallError: if a file cannot be written.
    """

    def __init__(self, report: Report, cases: Sequence[Case], options: argparse.Namespace) -> None:
        self._stack = ExitStack()
        self._takers: list[Callable[[Event], None]] = []
        self._endings: list[Callable[[], None]] = []
        self.transcript: Callable[[str], None] | None = None
        with ExitStack() as opened:
            opened.push(self._stack)
            self._open(report, cases, options)
            # All files are open, and stay open.
            opened.pop_all()

    def _open(self, report: Report, cases: Sequence[Case], options: argparse.Namespace) -> None:
        if options.subunit is not None:
            self._add_subunit(options.subunit, cases)
        if options.transcript is not None:
            self._add_transcript(options.transcript)
        if options.junit is not None:
            self._add_junit(options.junit)
        if options.json is not None:
            self._add_ending(options.json, lambda: _json(report))
        if options.write_divergences is not None:
            wrong: list[Result] = []
            self._takers.append(lambda event: _keep(event, wrong))
            self._add_ending(options.write_divergences, lambda: divergences.draft(wrong).encode())

    def _add_subunit(self, name: str, cases: Sequence[Case]) -> None:
        from subunit2.conformance.reports.subunit import SubunitReport

        report = SubunitReport(self._unbuffered(name), cases)

        def take(event: Event) -> None:
            with writing(name):
                report.add(event)

        self._takers.append(take)

    def _add_transcript(self, name: str) -> None:
        file = io.TextIOWrapper(self._unbuffered(name), "utf-8", "backslashreplace", newline="\n")
        file.reconfigure(write_through=True)
        self._stack.callback(file.detach)

        def write(line: str) -> None:
            with writing(name):
                file.write(line.rstrip("\n") + "\n")

        self.transcript = write

    def _add_junit(self, name: str) -> None:
        from subunit2.conformance.reports.junit import JUnitReport

        report = JUnitReport()
        self._takers.append(report.add)
        self._add_ending(name, report.document)

    def _unbuffered(self, name: str) -> BinaryIO:
        with writing(name):
            return cast(BinaryIO, self._stack.enter_context(_Target(name)))

    def _add_ending(self, name: str, octets: Callable[[], bytes]) -> None:
        """Write a file at the end of the run; its old content is kept until then."""
        file = self._unbuffered(name)

        def write() -> None:
            with writing(name):
                write_whole(file, memoryview(octets()))

        self._endings.append(write)

    def add(self, event: Event) -> None:
        """Pass an event to all files."""
        for take in self._takers:
            take(event)

    def end(self) -> None:
        """Write the files that are written at the end."""
        for write in self._endings:
            write()

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _json(report: Report) -> bytes:
    return json.dumps(report.document(), indent=2, ensure_ascii=True).encode() + b"\n"


def _keep(event: Event, wrong: list[Result]) -> None:
    if isinstance(event, Result):
        laws = (held.outcome for held in event.laws.values())
        if {event.outcome, *laws} - NO_FAILURES:
            wrong.append(event)
