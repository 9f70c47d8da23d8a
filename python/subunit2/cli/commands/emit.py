"""`subunit2 emit`: one packet or attachment, from the shell.

Strategy: what `subunit-output` can be asked for is asked for in the same words and
written in the same octets: where an attachment takes several packets, timestamp,
tags, MIME type and `inprogress` stand in the first, a final status and the end of the
file in the last, and a piece has 3.5 MiB. Where content comes slowly, what is there
goes out after a while, and the last piece can be empty.

In one thing it goes further: behind other packets, a final status has a timestamp
too, without which nobody knows when the test ended. The time now is that at which a
packet is written, when what it says is there.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any, Final

from subunit2.cli.exits import CallError
from subunit2.cli.input import Input, open_input
from subunit2.items import TEST_STATUSES, EncodeError, Packet, Timestamp

__all__ = ["configure", "run"]

#: How much of an attachment goes into a packet, in octets.
_PIECE: Final = 3_670_016

#: For how long content that has come waits for more, in seconds.
_PATIENCE: Final = 0.1

_EPILOG: Final = """\
The options that subunit-output has are spelt and mean the same, and give the
same octets but for the time. Without a status, a file or tags are about the
run as a whole, or with --route about that of one worker.

A file may be of any size: it is read as it is written, in packets of 3.5 MiB,
the end of file in the last. What comes through a pipe goes out after a tenth
of a second. The first packet has a time, and the last where it says how the
test ended, which subunit-output leaves out.

examples:
  subunit2 emit --inprogress foo --tag slow
  subunit2 emit --fail foo --attach-file log --mimetype text/plain
  ./foo 2>&1 | subunit2 emit --success foo --attach-file - --file-name output
  subunit2 emit --attach-file version.json --file-name version-info --route W1

exit status:
  0  done
  2  the call's fault: its words, its files, a field that no packet has
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.usage = "%(prog)s [--STATUS TEST_ID] [OPTION ...]"
    parser.epilog = _EPILOG
    statuses = parser.add_argument_group(
        "the status of a test", "one of them at most"
    ).add_mutually_exclusive_group()
    for status in TEST_STATUSES:
        statuses.add_argument(f"--{status}", metavar="TEST_ID")
    parser.add_argument("--tag", action="append", default=[], help="a tag; may be there often")
    parser.add_argument("--route", metavar="CODE", help="a route code")
    parser.add_argument(
        "--not-runnable",
        action="store_true",
        help="the test cannot be run by its id: a layer, a fixture, a subtest",
    )
    times = parser.add_mutually_exclusive_group()
    times.add_argument(
        "--timestamp",
        metavar="TIME",
        help="when: seconds since 1970, or ISO 8601 with an offset or Z; if missing,"
        " when it is written",
    )
    times.add_argument("--no-timestamp", action="store_true", help="write no time")
    files = parser.add_argument_group("an attachment")
    files.add_argument("--attach-file", metavar="FILE", help="what to attach; - is standard input")
    files.add_argument(
        "--file-name", metavar="NAME", help="its name there; FILE, or stdin, if missing"
    )
    files.add_argument("--mimetype", metavar="TYPE", help="its MIME type")


def run(options: argparse.Namespace) -> int:
    """Write the packet or packets; the exit status."""
    status = next((each for each in TEST_STATUSES if getattr(options, each) is not None), None)
    if not options.attach_file:
        for name in ("file_name", "mimetype"):
            if getattr(options, name):
                raise CallError(f"--{name.replace('_', '-')}: without --attach-file")
    every: dict[str, Any] = {
        # An empty one is none, as in subunit-output.
        "test_id": getattr(options, status) or None if status else None,
        "route_code": options.route,
        "runnable": not options.not_runnable,
    }
    first: dict[str, Any] = {"test_tags": set(options.tag) or None}
    last: dict[str, Any] = {}
    (first if status == "inprogress" else last)["test_status"] = status
    given = None if options.timestamp is None else _time(options.timestamp)

    def when() -> dict[str, Any]:
        return {} if options.no_timestamp else {"timestamp": given or _now()}

    try:
        if not options.attach_file:
            _write(every | first | last | when())
            return 0
        name = options.file_name or ("stdin" if options.attach_file == "-" else options.attach_file)
        first["mime_type"] = options.mimetype or None
        # What is wrong is said before anything is written.
        _encode(every | first | last | when() | {"file_name": name, "file_bytes": b""})
        with open_input(options.attach_file) as source:
            for piece, is_last in _pieces(source):
                fields = every | {"file_name": name, "file_bytes": piece, "eof": is_last}
                said = first | (last if is_last else {})
                # What follows the first without a status needs no time.
                if first or said.get("test_status"):
                    said |= when()
                _write(fields | said)
                first = {}
    except EncodeError as error:
        raise CallError(str(error)) from None
    return 0


def _encode(fields: dict[str, Any]) -> bytes:
    from subunit2.writer import encode

    return encode(Packet(**fields))


def _write(fields: dict[str, Any]) -> None:
    from subunit2.chunks import write_whole

    write_whole(sys.stdout.buffer, _encode(fields))
    sys.stdout.buffer.flush()


def _pieces(source: Input) -> Iterator[tuple[bytes, bool]]:
    """The content in pieces, and whether each is the last.

    All but the last have 3.5 MiB, or fewer where these take too long to come. Holds one.
    """
    held = bytearray()
    since = 0.0

    def timeout() -> float | None:
        return since + _PATIENCE - time.monotonic() if held else None

    for piece in source.chunks(timeout):
        if piece is None:
            yield bytes(held), False
            held.clear()
            continue
        since = since if held else time.monotonic()
        held += piece
        # One octet more says that the piece is not the last.
        if len(held) > _PIECE:
            yield bytes(held[:_PIECE]), False
            del held[:_PIECE]
            since = time.monotonic()
    yield bytes(held), True


def _now() -> Timestamp:
    return Timestamp(*divmod(time.time_ns(), 1_000_000_000))


def _time(text: str) -> Timestamp:
    """The time that was given."""
    seconds, point, fraction = text.partition(".")
    if seconds.isdecimal() and seconds.isascii() and len(seconds) <= 10:
        if not point:
            return Timestamp(int(seconds))
        if fraction.isdecimal() and fraction.isascii() and len(fraction) <= 9:
            return Timestamp(int(seconds), int(fraction.ljust(9, "0")))
    from datetime import datetime

    try:
        return Timestamp.from_datetime(datetime.fromisoformat(text))
    except EncodeError as error:
        raise CallError(f"--timestamp: {error}") from None
    except ValueError:
        raise CallError(f"--timestamp: {text} is neither seconds nor ISO 8601") from None
