"""`subunit2 tee`: copy a stream to files and commands, even if one of them fails."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from subunit2.chunks import write_whole
from subunit2.cli.children import describe_status
from subunit2.cli.exits import DONE, USAGE_ERROR, CallError
from subunit2.cli.input import open_input
from subunit2.cli.output import packet_output, visible
from subunit2.streams.teeing import Tee

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from typing import TypeAlias

    from subunit2.cli.fifo import Fifo

    _Sink: TypeAlias = Callable[[bytes], object]

__all__ = ["configure", "run"]

_OUTPUT: Final = "standard output"

_EPILOG: Final = """\
Copies standard input to standard output, each FILE and each command, octet for
octet, as it arrives. If one of them fails (a full disk, a command that has
ended), the others still get everything; the failure is reported at the end, and
the exit status is 2. A slow one slows down the others. A FIFO without a reader
does not: its input is kept in a temporary file, and at the end tee waits for
the reader. The output of commands goes to standard error.

examples:
  ./worker | subunit2 tee run.subunit | subunit2 stats
  ./worker | subunit2 tee --to 'subunit2 failing' --to 'ssh host tee run' > all

exit status:
  0  success: all output was written, and every command exited with 0
  2  a file or command failed; usage error; or standard output is a terminal
     (`| cat` shows the packets anyway)
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "files", nargs="*", metavar="FILE", help="a file to write; replaced without --append"
    )
    parser.add_argument("--append", action="store_true", help="append to the files")
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="COMMAND",
        help="run a command in the shell, with the stream as its input; can be repeated",
    )


def run(options: argparse.Namespace) -> int:
    """Copy standard input, and return the exit status."""
    with ExitStack() as stack:
        sinks: dict[str, _Sink] = {_OUTPUT: partial(write_whole, packet_output())}
        fifos: dict[str, Fifo] = {}
        for name in dict.fromkeys(options.files):
            sinks[visible(name)] = _open(stack, name, fifos, append=options.append)
        started = {
            _name(command, number): _start(command) for number, command in enumerate(options.to, 1)
        }
        for name, process in started.items():
            assert process.stdin is not None
            sinks[name] = partial(write_whole, cast(BinaryIO, process.stdin))
        tee = Tee(sinks)
        try:
            _copy(tee)
        finally:
            # A command may be the reader of a FIFO.
            for fifo in fifos.values():
                fifo.end()
            for name, process in started.items():
                _finish(tee, name, process)
        for name, fifo in fifos.items():
            _finish_fifo(tee, name, fifo)
    return _report(tee)


def _copy(tee: Tee[bytes]) -> None:
    with open_input("-") as source:
        for chunk in source.chunks():
            assert chunk is not None
            tee.write(chunk)
            if not tee.has_sinks:
                break


def _open(stack: ExitStack, name: str, fifos: dict[str, Fifo], *, append: bool) -> _Sink:
    path = Path(name)
    try:
        if not path.is_fifo():
            mode = "ab" if append else "wb"
            file = stack.enter_context(path.open(mode, buffering=0))
            return partial(write_whole, cast(BinaryIO, file))
        from subunit2.cli.fifo import Fifo

        fifo = fifos[visible(name)] = Fifo(name)
    except OSError as error:
        raise CallError(f"{name}: {error.strerror}") from None
    stack.callback(fifo.close)
    return fifo.write


def _name(command: str, number: int) -> str:
    return f"command {number} ({visible(command)})"


def _start(command: str) -> subprocess.Popen[bytes]:
    # Its output goes to standard error, to keep it out of the stream.
    return subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, stdout=2, bufsize=0)


def _finish(tee: Tee[bytes], name: str, process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    if status := process.wait():
        # The exit status says more than a failed write.
        tee.errors.pop(name, None)
        tee.drop(name, RuntimeError(describe_status(status)))


def _finish_fifo(tee: Tee[bytes], name: str, fifo: Fifo) -> None:
    if name in tee.errors:
        return
    if fifo.is_waiting:
        print(f"subunit2 tee: {name}: waiting for a reader", file=sys.stderr)
    try:
        fifo.finish()
    except OSError as error:
        tee.drop(name, error)


def _report(tee: Tee[bytes]) -> int:
    status = DONE
    for name, error in tee.errors.items():
        if name == _OUTPUT and isinstance(error, BrokenPipeError):
            # The reader of standard output has ended, which is not a failure.
            continue
        status = USAGE_ERROR
        print(f"subunit2 tee: {name}: {_reason(error)}", file=sys.stderr)
    return status


def _reason(error: Exception) -> str:
    if isinstance(error, BrokenPipeError):
        return "ended before the stream did"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
