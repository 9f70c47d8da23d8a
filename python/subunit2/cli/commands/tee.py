"""`subunit2 tee`: a stream to several sinks, of which one may die."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from subunit2.chunks import write_whole
from subunit2.cli.children import describe_status
from subunit2.cli.exits import DONE, NO_VERDICT, CallError
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
Standard input goes to standard output, to each FILE and to each command, octet for octet
and as it arrives, whatever it is. If one of them takes no more (its disk is full, its
command has ended) the others still get everything; at the end it is said which, and the
exit status is 2. One that is slow slows the others down, but a FIFO that nobody reads
yet: what it has to get is kept in a temporary file, and waited for at the end. What a
command prints goes to standard error.

examples:
  ./worker | subunit2 tee run.subunit | subunit2 stats
  ./worker | subunit2 tee --to 'subunit2 failing' --to 'ssh host tee run.subunit' > all

exit status:
  0  done: every sink took everything, and every command succeeded
  2  one of them did not; the call's fault, or a terminal to write packets to (`| cat`
     shows them all the same)
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    parser.add_argument("files", nargs="*", metavar="FILE", help="written anew")
    parser.add_argument("--append", action="store_true", help="write behind what is in the files")
    parser.add_argument(
        "--to",
        action="append",
        default=[],
        metavar="COMMAND",
        help="what the shell runs, with the stream on its standard input; can be repeated",
    )


def run(options: argparse.Namespace) -> int:
    """Copy standard input; the exit status."""
    with ExitStack() as stack:
        sinks: dict[str, _Sink] = {_OUTPUT: partial(write_whole, packet_output())}
        fifos: dict[str, Fifo] = {}
        for name in dict.fromkeys(options.files):
            sinks[visible(name)] = _open(stack, name, fifos, append=options.append)
        started = {_name(command, at): _start(command) for at, command in enumerate(options.to)}
        for name, process in started.items():
            assert process.stdin is not None
            sinks[name] = partial(write_whole, cast(BinaryIO, process.stdin))
        tee = Tee(sinks)
        try:
            _copy(tee)
        finally:
            # A command may be what reads one of them.
            for fifo in fifos.values():
                fifo.end()
            for name, process in started.items():
                _finish(tee, name, process)
        for name, fifo in fifos.items():
            _finish_fifo(tee, name, fifo)
    return _report(tee)


def _copy(tee: Tee[bytes]) -> None:
    with open_input("-") as source:
        for piece in source.chunks():
            assert piece is not None
            tee.write(piece)
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


def _name(command: str, at: int) -> str:
    return f"command {at + 1} ({visible(command)})"


def _start(command: str) -> subprocess.Popen[bytes]:
    # What it prints must not get into the stream.
    return subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, stdout=2, bufsize=0)


def _finish(tee: Tee[bytes], name: str, process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    if status := process.wait():
        # This says more than that it took no more.
        tee.errors.pop(name, None)
        tee.drop(name, RuntimeError(describe_status(status)))


def _finish_fifo(tee: Tee[bytes], name: str, fifo: Fifo) -> None:
    if name in tee.errors:
        return
    if fifo.is_waiting:
        print(f"subunit2 tee: {name}: waiting for somebody to read it", file=sys.stderr)
    try:
        fifo.finish()
    except OSError as error:
        tee.drop(name, error)


def _report(tee: Tee[bytes]) -> int:
    status = DONE
    for name, error in tee.errors.items():
        if name == _OUTPUT and isinstance(error, BrokenPipeError):
            # Nobody wants to read any more, and that is no failure.
            continue
        status = NO_VERDICT
        print(f"subunit2 tee: {name}: {_reason(error)}", file=sys.stderr)
    return status


def _reason(error: Exception) -> str:
    if isinstance(error, BrokenPipeError):
        return "ended before the stream did"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
