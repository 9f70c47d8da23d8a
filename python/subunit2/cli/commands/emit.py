"""`subunit2 emit`: write one packet or attachment from the shell.

Strategy: the options of `subunit-output` have the same names here and write the same
octets, except that an empty test id is refused. If an attachment takes several packets,
the first has the timestamp, tags, MIME type and the status `inprogress`; the last has a
final status and the end of the file; a chunk has 3.5 MiB. Content that arrives slowly is
written after a short wait, and the last chunk can be empty.

In one respect it goes further: a final status in a later packet also has a timestamp,
as without it the end time of the test is unknown. The current time is taken when a
packet is written, not when the command starts.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from typing import Any, Final

from subunit2 import environment
from subunit2.cli.exits import CallError
from subunit2.cli.input import Input, open_input
from subunit2.cli.output import divert_packets, refuse_terminal, write_at_once, write_packets_to
from subunit2.items import CHILD_SEPARATOR, TEST_STATUSES, EncodeError, Packet, Timestamp
from subunit2.packets.header import MAX_PACKET

__all__ = ["configure", "run"]

#: The most octets of an attachment in a packet.
_CHUNK: Final = 3_670_016

#: The time that content waits for more before it is written, in seconds.
_TIMEOUT: Final = 0.1

_EPILOG: Final = """\
The options of subunit-output have the same names and meanings, and write the
same octets except for the time. Without a test id, a file, tags or the status
of --route-status belong to the run as a whole, or with --route to the run of
one worker. An empty value, as of a variable that is not set, is an error.

Under `subunit2 run` and `mux --run`, packets go to the file descriptor in
SUBUNIT_FD, unless standard output is a pipe or a file of its own. Processes may
share a pipe, so a packet for SUBUNIT_FD or --fd has 4,096 octets at most if
that is a pipe. SUBUNIT_ROUTE goes in front of the route code there.

The file can have any size: it is read while it is written, in packets of 3.5
MiB, the last of which ends the file. Input from a pipe is written after a tenth
of a second. The first packet has a timestamp, and so has a last packet with a
final status, which subunit-output writes without one.

examples:
  subunit2 emit --inprogress foo --tag slow
  subunit2 emit --fail foo --attach-file log --mimetype text/plain
  subunit2 emit --fail foo --part country=fr
  ./foo 2>&1 | subunit2 emit --success foo --attach-file - --file-name output
  subunit2 emit --attach-file version.json --file-name version-info --route W1
  subunit2 emit --route W1 --route-status fail
  subunit2 emit --success foo --fd 3

exit status:
  0  success
  2  usage error; a file cannot be read; a value does not fit in a packet; or
     standard output is a terminal (`| cat` shows the packet anyway)
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.usage = "%(prog)s [--STATUS TEST_ID] [OPTION ...]"
    parser.epilog = _EPILOG
    statuses = parser.add_argument_group(
        "status of a test", "at most one of these"
    ).add_mutually_exclusive_group()
    for status in TEST_STATUSES:
        statuses.add_argument(f"--{status}", metavar="TEST_ID")
    statuses.add_argument(
        "--route-status",
        choices=TEST_STATUSES,
        metavar="STATUS",
        help="set the status of the route as a whole, or without --route of the run: one of "
        f"{', '.join(TEST_STATUSES)}",
    )
    parser.add_argument("--tag", action="append", default=[], help="add a tag; can be repeated")
    parser.add_argument("--route", metavar="CODE", help="set the route code")
    parser.add_argument(
        "--not-runnable",
        action="store_true",
        help="mark the test as one that cannot be run by its id, such as a fixture",
    )
    parser.add_argument(
        "--part",
        metavar="NAME",
        action="append",
        default=[],
        help="name a part of the test, such as a subtest, which cannot be run by its id; "
        "repeat it for a part of a part",
    )
    times = parser.add_mutually_exclusive_group()
    times.add_argument(
        "--timestamp",
        metavar="TIME",
        help="set the time: seconds since 1970, or ISO 8601 with an offset or Z; default: "
        "the current time",
    )
    times.add_argument("--no-timestamp", action="store_true", help="write no timestamp")
    parser.add_argument(
        "--fd",
        type=int,
        metavar="N",
        help="write to file descriptor N; default: SUBUNIT_FD, unless standard output is "
        "redirected, else standard output",
    )
    files = parser.add_argument_group("attachment")
    files.add_argument("--attach-file", metavar="FILE", help="attach a file; - is standard input")
    files.add_argument(
        "--file-name", metavar="NAME", help="name of the attachment; default: FILE, or stdin"
    )
    files.add_argument("--mimetype", metavar="TYPE", help="MIME type of the attachment")


def run(options: argparse.Namespace) -> int:
    """Write the packet or packets, and return the exit status."""
    _refuse_empty(options)
    status = next((each for each in TEST_STATUSES if getattr(options, each)), None)
    test_id = getattr(options, status) if status else None
    # clause test-id.absent
    status = status or options.route_status
    if not options.attach_file:
        for name in ("file_name", "mimetype"):
            if getattr(options, name):
                raise CallError(f"--{name.replace('_', '-')}: needs --attach-file")
    if options.part:
        if not test_id:
            raise CallError("--part: needs a test, such as --fail TEST_ID")
        # clause test-id.children
        names = [name.replace(CHILD_SEPARATOR, "\ufffd") for name in options.part]
        test_id = CHILD_SEPARATOR.join((test_id, *names))
    every: dict[str, Any] = {
        "test_id": test_id,
        "route_code": options.route,
        "runnable": not (options.not_runnable or options.part or options.route_status),
    }
    first: dict[str, Any] = {"test_tags": set(options.tag) or None}
    last: dict[str, Any] = {}
    (first if status == "inprogress" else last)["test_status"] = status
    given = None if options.timestamp is None else _time(options.timestamp)

    def when() -> dict[str, Any]:
        return {} if options.no_timestamp else {"timestamp": given or _now()}

    limit = _choose_output(options)
    refuse_terminal()
    try:
        if not options.attach_file:
            octets = _encode(every | first | last | when())
            _check_size(octets, limit)
            write_at_once(octets)
            return 0
        name = options.file_name or ("stdin" if options.attach_file == "-" else options.attach_file)
        first["mime_type"] = options.mimetype or None
        # Invalid fields are reported before anything is written.
        octets = _encode(every | first | last | when() | {"file_name": name, "file_bytes": b""})
        # The sizes of content and packet take a few octets more.
        room = min(_CHUNK, (limit or MAX_PACKET) - len(octets) - 8)
        _check_size(octets, limit and limit - 9)
        with open_input(options.attach_file) as source:
            for chunk, is_last in _chunks(source, max(room, 1)):
                fields = every | {"file_name": name, "file_bytes": chunk, "eof": is_last}
                extra = first | (last if is_last else {})
                # A later packet without a status needs no time.
                if first or extra.get("test_status"):
                    extra |= when()
                write_at_once(_encode(fields | extra))
                first = {}
    except EncodeError as error:
        raise CallError(str(error)) from None
    return 0


def _refuse_empty(options: argparse.Namespace) -> None:
    """Refuse empty values: in a script, they come of variables that are not set.

    subunit-output takes an empty test id for none, so that the status becomes that of the
    whole run.
    """
    for name, value in vars(options).items():
        if value != "" and not (isinstance(value, list) and "" in value):
            continue
        option = f"--{name.replace('_', '-')}"
        if name in TEST_STATUSES:
            raise CallError(
                f"{option}: the test id is empty; --route-status {name} is about no test"
            )
        raise CallError(f"{option}: the value is empty")


def _encode(fields: dict[str, Any]) -> bytes:
    from subunit2.writer import encode

    return encode(Packet(**fields))


def _choose_output(options: argparse.Namespace) -> int | None:
    """Make the descriptor for packets our standard output; return the limit of a packet.

    :raises CallError: if it cannot be used.
    """
    fd: int | None = options.fd
    if fd is None or os.environ.get(environment.FD) == str(fd):
        return divert_packets(default=True, always=fd is not None)
    try:
        environment.check_writable(fd, "--fd")
    except OSError as error:
        raise CallError(str(error.strerror)) from None
    return write_packets_to(fd)


def _check_size(octets: bytes, limit: int | None) -> None:
    if limit is not None and len(octets) > limit:
        raise CallError(
            f"packet: its fields need {len(octets):,} octets; {limit:,} fit into a pipe that "
            "processes share"
        )


def _chunks(source: Input, size: int) -> Iterator[tuple[bytes, bool]]:
    """Yield the content in chunks, each with True if it is the last.

    A chunk has `size` octets, or fewer if they arrive slowly. Holds one chunk, and what
    was read with it.
    """
    held = bytearray()
    since = 0.0

    def timeout() -> float | None:
        return since + _TIMEOUT - time.monotonic() if held else None

    for chunk in source.chunks(timeout):
        if chunk is None:
            yield bytes(held), False
            held.clear()
            continue
        since = since if held else time.monotonic()
        held += chunk
        # Only one more octet shows that the chunk is not the last.
        while len(held) > size:
            yield bytes(held[:size]), False
            del held[:size]
            since = time.monotonic()
    yield bytes(held), True


def _now() -> Timestamp:
    return Timestamp(*divmod(time.time_ns(), 1_000_000_000))


def _time(text: str) -> Timestamp:
    """Read the argument of `--timestamp`."""
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
