"""`subunit2 extract`: write attachments to files, or run a command on them.

Strategy: each chunk is written when it arrives, so an attachment can be larger than
memory. An unfinished attachment takes one row of memory; its file is closed when too
many files are open, and opened again for the next chunk. File names are made safe
(`filenames`), and files are written below the folder alone (`folders`): no link in it is
followed, and an existing file is never opened for writing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from subunit2.cli.damage import DamageCounts, fails_strictly
from subunit2.cli.exits import DAMAGED, DONE, FAILED, CallError, InputError
from subunit2.cli.hooks import Hook
from subunit2.cli.input import add_stream_options, read_items
from subunit2.cli.output import print_data, visible
from subunit2.cli.run_status import format_id, format_route
from subunit2.cli.sinks import Folder, Found, Nowhere, Output, Sink
from subunit2.items import Packet
from subunit2.plural import count

if TYPE_CHECKING:
    from collections.abc import Iterable

    from subunit2.items import Item

__all__ = ["configure", "run"]

_EPILOG: Final = """\
An attachment is written to DIR/ROUTE/TEST/NAME, without ROUTE or TEST if it has
none. Characters that are unsafe in file names of Linux, macOS or Windows are
replaced by _, and a number is added to a name that another attachment has
taken, also if the two differ only in case. No link in DIR is followed. An
existing file is an error without --overwrite, which replaces it once the new
one is whole. The path of a file is printed when the attachment is complete;
attachments without an end are written, too, and reported on standard error.
--to - writes the octets to a pipe or file as they are, and to a terminal as
text with control characters escaped.

GLOB can have *, ? and [...]; [[] matches a [.

--hook runs its command once, at the end of the stream, with the paths of all
files as arguments. If they are too long for one command, it gets short links to
the files instead. A word {}, @{} or --option={} gets the path of a file with
all paths, one a line, and no paths are added. Without --to, the files are in a
temporary folder, which is removed afterwards.

--json prints one object: attachments, each with route_code, test_id, name,
mime_type, size, complete (has an end) and path (null with --list).

examples:
  subunit2 extract --to logs run.subunit
  subunit2 extract --name 'traceback*' --test 'pkg.*' --to - run.subunit
  subunit2 extract --name .coverage --hook 'coverage combine' run.subunit
  subunit2 extract --name 'core.*' --hook 'tar -czf cores.tgz -T {}' run.subunit
  subunit2 extract --list run.subunit

exit status:
  0  success
  1  no such attachment; the hook failed; or damage, with --strict
  2  usage error; a file cannot be read or written, or exists already
  3  success, but the stream was damaged: content may be missing
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)
    parser.add_argument(
        "--name",
        action="append",
        metavar="GLOB",
        help="extract only attachments whose name matches; can be repeated",
    )
    parser.add_argument(
        "--test",
        action="append",
        metavar="GLOB",
        help="extract only attachments of tests whose id matches; can be repeated",
    )
    target = parser.add_mutually_exclusive_group()
    target.add_argument(
        "--to",
        metavar="DIR",
        help="write to this folder; default: the current one; - is standard output",
    )
    target.add_argument(
        "--list", action="store_true", help="list the attachments, and write no files"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace existing files")
    parser.add_argument("--hook", metavar="COMMAND", help="run a command on the files")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Extract attachments, and return the exit status."""
    to_output = options.to == "-"
    if options.hook is not None and (options.list or to_output):
        raise CallError("--hook needs files, which --list and --to - do not write")
    if to_output and options.json:
        raise CallError("--json and --to - both write to standard output")
    hook = None if options.hook is None else Hook(options.hook)
    with _sink(options) as sink:
        extraction = _Extraction(options, sink, shows_paths=options.to is not None or not hook)
        damage = DamageCounts()
        for items in read_items(options):
            damage.feed(items)
            extraction.take(items)
        damage.close()
        extraction.end()
        if not extraction.number:
            raise InputError("no such attachment in the stream")
        if hook is not None and (status := hook.run(sink.paths)):
            print(f"subunit2 extract: {options.hook}: exit status {status}", file=sys.stderr)
            return FAILED
    if damage.is_damaged:
        print("subunit2 extract: the stream is damaged: content may be missing", file=sys.stderr)
    if fails_strictly(damage, options):
        return FAILED
    return DAMAGED if damage.is_damaged else DONE


@contextmanager
def _sink(options: argparse.Namespace) -> Iterator[Sink]:
    if options.list:
        yield Nowhere()
    elif options.to == "-":
        yield Output()
    elif options.to is None and options.hook is not None:
        with TemporaryDirectory(prefix="subunit2-") as folder:
            yield from _folder(Path(folder), options)
    else:
        yield from _folder(Path(options.to or "."), options)


def _folder(path: Path, options: argparse.Namespace) -> Iterator[Sink]:
    sink = Folder(path, overwrite=options.overwrite)
    try:
        yield sink
    finally:
        sink.close()


class _Extraction:
    """Extracts the selected attachments of a stream.

    Holds a row for each unfinished attachment, and with --json for all attachments.

    :ivar number: the number of attachments so far.
    """

    def __init__(self, options: argparse.Namespace, sink: Sink, *, shows_paths: bool) -> None:
        self._options = options
        self._sink = sink
        self._shows_paths = shows_paths
        self._unfinished: dict[tuple[str | None, str | None, str], Found] = {}
        self._forms: list[dict[str, Any]] = []
        # The paths to print, in one write for all attachments of a chunk.
        self._paths: list[str] = []
        self.number = 0

    def take(self, items: Iterable[Item]) -> None:
        """Write the chunks of the selected attachments in these items."""
        number = self.number
        packets = (item for item in items if isinstance(item, Packet))
        try:
            for packet in packets:
                if packet.file_name is not None and self._is_wanted(packet):
                    self._take_chunk(packet, packet.file_name)
        finally:
            self._print_paths()
        if number != self.number or self._options.to == "-":
            sys.stdout.flush()

    def _is_wanted(self, packet: Packet) -> bool:
        names, tests = self._options.name, self._options.test
        return _matches(packet.file_name, names) and _matches(packet.test_id, tests)

    def _take_chunk(self, packet: Packet, name: str) -> None:
        # clause file.identity
        key = (packet.route_code, packet.test_id, name)
        found = self._unfinished.get(key)
        if found is None:
            found = self._unfinished[key] = Found(*key)
            self.number += 1
            self._sink.begin(found)
        if found.mime_type is None:
            # clause mime.scope
            found.mime_type = packet.mime_type
        if packet.file_bytes:
            found.size += len(packet.file_bytes)
            self._sink.write(found, packet.file_bytes)
        if packet.eof:
            del self._unfinished[key]
            found.is_complete = True
            self._end(found)

    def end(self) -> None:
        """Report the attachments without an end, at the end of the stream."""
        try:
            for found in self._unfinished.values():
                self._end(found)
        finally:
            self._print_paths()
        if self._options.json:
            import json

            print(json.dumps({"attachments": self._forms}))
        if self._unfinished and not self._options.list:
            number = count(len(self._unfinished), "attachment")
            example = next(iter(self._unfinished.values()))
            about = visible(example.name if example.path is None else str(example.path))
            print(
                f"subunit2 extract: {number} without an end, may be cut short, such as {about}",
                file=sys.stderr,
            )
        self._unfinished.clear()
        sys.stdout.flush()

    def _end(self, found: Found) -> None:
        self._sink.end(found)
        if self._options.json:
            self._forms.append(found.to_dict())
        elif self._options.list:
            print(_line(found))
        elif found.path is not None and self._shows_paths:
            path = str(found.path)
            # Other programs get the path that the user named, whatever is in it.
            self._paths.append(f"{visible(path) if sys.stdout.isatty() else path}\n")

    def _print_paths(self) -> None:
        if self._paths:
            print_data("".join(self._paths))
            self._paths.clear()


def _matches(text: str | None, globs: list[str] | None) -> bool:
    if globs is None:
        return True
    return text is not None and any(fnmatchcase(text, glob) for glob in globs)


def _line(found: Found) -> str:
    of = "" if found.test_id is None else f"  of {format_id(found.test_id)}"
    cut = "" if found.is_complete else "  (without its end)"
    kind = f"  {visible(found.mime_type)}" if found.mime_type is not None else ""
    return f"{found.size:12,}  {visible(found.name)}{of}{format_route(found.route_code)}{kind}{cut}"
