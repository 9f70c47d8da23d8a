"""The command line: one module a command, read only when it is called.

Strategy: a command is a module with two functions: `configure` gives its parser
arguments, `run` does the work and returns the exit status (`exits`). What goes wrong
on the way is one line on standard error.

A closed output pipe ends a command silently.
"""

from __future__ import annotations

import gc
import sys

from subunit2.cli.commands import COMMANDS
from subunit2.cli.exits import CallError, InputError
from subunit2.cli.output import abridge, discard_output, standard_streams, visible

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit status.

    :param arguments: without the program's name; those of the process if None.
    """
    arguments = sys.argv[1:] if arguments is None else arguments
    selected = next((word for word in arguments if word in COMMANDS), None)
    is_closed = sys.stdout is None
    with standard_streams():
        try:
            if is_closed:
                raise CallError("standard output is closed")
            status = _run(arguments, selected)
            sys.stdout.flush()
        except BrokenPipeError:
            discard_output()
            return 0
        except KeyboardInterrupt:
            discard_output()
            return 130
        except (InputError, CallError) as error:
            return _fail(selected, str(error), error.status)
        except ModuleNotFoundError as error:
            from subunit2.cli.extras import describe_missing

            if (reason := describe_missing(error)) is None:
                raise
            return _fail(selected, reason, CallError.status)
        except OSError as error:
            # A failed read is a CallError, so this is a failed write.
            return _fail(selected, f"output: {error.strerror}", 2)
        return status


def _run(arguments: list[str], selected: str | None) -> int:
    # What says no more than this does not wait for what reads a call.
    if arguments == ["--version"]:
        print(_describe_version())
        return 0
    from subunit2.cli.parser import build_parser

    # What is read for a command stays until its end: the collector of garbage, which
    # looks through all of it again and again, would find none.
    gc.disable()
    # Only where the command is not the first word can another be meant, or shown.
    commands = COMMANDS
    if selected is not None and arguments[0] == selected:
        commands = {selected: COMMANDS[selected]}
    parser = build_parser(commands, selected)
    gc.freeze()
    gc.enable()
    try:
        options = parser.parse_args(arguments)
    except SystemExit:
        # It has printed its help.
        return 0
    if options.version:
        print(_describe_version())
        return 0
    if selected is None:
        raise CallError("which command? See `subunit2 --help`")
    status: int = options.run(options)
    return status


def _describe_version() -> str:
    """The version, the reader that is used unless another is asked for, and its CRC-32."""
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
        # What was done before it failed is given out.
        sys.stdout.flush()
    except OSError:
        # What the failure is about may be the output itself.
        discard_output()
    name = f"subunit2 {command}" if command else "subunit2"
    print(f"{name}: {visible(abridge(reason))}", file=sys.stderr)
    return status
