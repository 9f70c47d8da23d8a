"""The command line.

Strategy: a command is a module in `commands`, imported only when it is called. Its
`configure` adds arguments to a parser; its `run` does the work and returns the exit
status (`exits`). An error is one line on standard error.

A closed output pipe ends a command silently.
"""

from __future__ import annotations

import gc
import sys

from subunit2.cli.commands import COMMANDS
from subunit2.cli.exits import DONE, INTERRUPTED, USAGE_ERROR, CallError, InputError
from subunit2.cli.output import abridge, discard_output, standard_streams, visible

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run a command, and return its exit status.

    :param arguments: without the name of the program; None: those of the process.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    selected = next((word for word in arguments if word in COMMANDS), None)
    is_closed = sys.stdout is None
    with standard_streams():
        try:
            return _call(arguments, selected, is_closed=is_closed)
        except MemoryError:
            reason = "not enough memory"
        except RecursionError:
            reason = "the input is nested too deeply"
        # Here the frames of the failure are gone, and the memory that they held.
        return _fail(selected, reason, USAGE_ERROR)


def _call(arguments: list[str], selected: str | None, *, is_closed: bool) -> int:
    try:
        if is_closed:
            raise CallError("standard output is closed")
        status = _run(arguments, selected)
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output()
        return DONE
    except KeyboardInterrupt:
        discard_output()
        return INTERRUPTED
    except (InputError, CallError) as error:
        return _fail(selected, str(error), error.status)
    except ModuleNotFoundError as error:
        from subunit2.cli.extras import describe_missing

        if (reason := describe_missing(error)) is None:
            raise
        return _fail(selected, reason, USAGE_ERROR)
    except OSError as error:
        # A failed read is a CallError, so this is a failed write.
        return _fail(selected, f"output: {error.strerror}", USAGE_ERROR)
    return status


def _run(arguments: list[str], selected: str | None) -> int:
    # `--version` alone skips argparse.
    if arguments == ["--version"]:
        print(_describe_version())
        return 0
    from subunit2.cli.parser import build_parser

    # The imported modules live until the command ends, so the garbage collector would
    # scan them repeatedly for nothing.
    gc.disable()
    # Only if the command is not the first word can another one be meant or shown.
    commands = COMMANDS
    if selected is not None and arguments[0] == selected:
        commands = {selected: COMMANDS[selected]}
    parser = build_parser(commands, selected)
    gc.freeze()
    gc.enable()
    try:
        options = parser.parse_args(arguments)
    except SystemExit:
        # argparse has printed the help.
        return 0
    if options.version:
        print(_describe_version())
        return 0
    if selected is None:
        raise CallError("no command; see `subunit2 --help`")
    status: int = options.run(options)
    return status


def _describe_version() -> str:
    """Describe the version, the default backend of the reader, and its CRC-32."""
    from subunit2 import __version__
    from subunit2.packets.backend import BACKEND
    from subunit2.packets.crc import crc32

    if crc32.__module__ == "zlib":
        from zlib import ZLIB_RUNTIME_VERSION

        checksums = f"zlib {ZLIB_RUNTIME_VERSION}"
    else:
        import isal

        checksums = f"isal {isal.__version__}"
    return f"subunit2 {__version__} (reader: {BACKEND}, CRC-32: {checksums})"


def _fail(command: str | None, reason: str, status: int) -> int:
    try:
        # Output written before the failure is not lost.
        sys.stdout.flush()
    except OSError:
        # The failed file may be standard output itself.
        discard_output()
    name = f"subunit2 {command}" if command else "subunit2"
    print(f"{name}: {visible(abridge(reason))}", file=sys.stderr)
    return status
