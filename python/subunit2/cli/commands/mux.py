"""`subunit2 mux`: several live streams into one, each under its route code."""

from __future__ import annotations

import argparse
import os
import stat
import subprocess
import sys
from contextlib import ExitStack
from shutil import which
from typing import Final, NamedTuple

from subunit2.chunks import write_whole
from subunit2.cli import exits
from subunit2.cli.children import (
    Children,
    StoppedError,
    describe_status,
    is_killed,
    say,
    standard_input,
)
from subunit2.cli.exits import CallError
from subunit2.cli.jobs import JobSocket
from subunit2.cli.parser import duration
from subunit2.items import EncodeError, Packet
from subunit2.streams.multiplexing import LiveMultiplexer
from subunit2.writer import encode

__all__ = ["configure", "run"]

_EPILOG: Final = """\
Each input has a NAME, which is put in front of the route codes of its packets:
W1 in front of 3 gives W1/3. What else it holds is wrapped as a file of its
route, stdout, and what a command writes to standard error as a file stderr. A
packet goes out with its last octet, whatever the other inputs do, and an
input's packets stay in their order. The inputs stand together, behind the
options or in front of them.

A command behind `--` has no NAME: its packets stay as they are, under --route
if that is given. It is the last of the words, and the others are NAME=PATH, as
for env(1). Where it is or calls GNU make, each job is an input of its own,
numbered in the order of their start. So `make` gets a SHELL that sees to it,
whatever the Makefile says; it runs the Makefile's own, or what SUBUNIT2_SHELL
names. Only a target with a SHELL of its own is an input together with `make`.

A command that is killed by a signal, or whose shell says so by a status of 129
to 159, is a packet without a test id, of status fail and with a file
exit-status; what it had started never ends. So is one that ends with another
status than 0 though nothing that it wrote is of status fail or uxsuccess:
where tests have failed, a status that says the same adds nothing.

The commands get nothing on standard input; that behind `--` gets ours, where it
is no terminal. SIGINT, SIGTERM and SIGHUP are passed on to all that they
started. Where there are more jobs than we may have files open, some wait with
what they have to say until others have ended, and a line says so.

examples:
  subunit2 mux W1=one.subunit W2=two.subunit > both.subunit
  subunit2 mux --run W1='pytest --subunit a' --run W2='pytest --subunit b'
  subunit2 mux I1=<(subunit2 mux W1=<(a) W2=<(b)) I2=<(ssh two ./c)
  subunit2 mux -- make -j8 check | subunit2 stats

exit status:
  0  done: all inputs were read to their end, and all commands ended with 0
  1  a command failed, or was killed; an input could not be read to its end
  2  the call's fault: its words, a file that cannot be read or written
  128 and the number of a signal that ended us
"""

#: What says in the stream how a command ended that was killed, or failed silently.
EXIT_FILE: Final = "exit-status"


class _Input(NamedTuple):
    name: str
    path: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.usage = (
        "%(prog)s [OPTION ...] [--run NAME=COMMAND ...] [NAME=PATH ...]\n"
        "                    [-- COMMAND [WORD ...]]"
    )
    parser.epilog = _EPILOG
    parser.add_argument(
        "words",
        nargs="*",
        metavar="NAME=PATH",
        help="a file or FIFO to read, and its route code; - is standard input",
    )
    parser.add_argument(
        "--run",
        dest="commands",
        action="append",
        default=[],
        metavar="NAME=COMMAND",
        help="run a command through the shell, and read what it writes",
    )
    parser.add_argument(
        "--route", metavar="CODE", help="the route code of the command behind --, if it has one"
    )
    parser.add_argument(
        "--align-clocks",
        action="store_true",
        help="bring the timestamps of each input to our clock, by when its first arrive; a file "
        "clock-offset of its route says by how much",
    )
    parser.add_argument(
        "--stop-waiting",
        type=duration,
        metavar="SECONDS",
        help="where a header claims octets that do not come for so long, go on without them",
    )


def run(options: argparse.Namespace) -> int:
    """Multiplex; the exit status."""
    inputs, command = _read_words(options.words)
    commands = [_read_name(word, "--run NAME=COMMAND") for word in options.commands]
    _check_names([*inputs, *commands])
    if not (inputs or commands or command):
        raise CallError("nothing to read: NAME=PATH, --run NAME=COMMAND or -- COMMAND")
    if options.route is not None:
        _check_route(options.route)
        if not command:
            raise CallError("--route: is for the command behind --, and there is none")
    if command and which(command[0]) is None:
        raise CallError(f"{command[0]}: no such command; an input is NAME=PATH")
    if any(path == "-" for _, path in inputs):
        _check_standard_input()
    stdin = standard_input()
    children = Children()
    try:
        with ExitStack() as stack:
            stack.enter_context(children)
            multiplexer = stack.enter_context(
                LiveMultiplexer(
                    stop_waiting=options.stop_waiting,
                    align_clocks=options.align_clocks,
                    output=1,
                    wakeup_fd=children.wakeup_fd,
                )
            )
            _open_inputs(multiplexer, inputs)
            for name, line in commands:
                _start(children, multiplexer, name, ["/bin/sh", "-c", line])
            if command:
                jobs = stack.enter_context(JobSocket())
                _start(children, multiplexer, options.route, command, jobs=jobs, stdin=stdin)
            return _forward(children, multiplexer)
    except StoppedError:
        return 128 + children.interrupted


def _read_words(words: list[str]) -> tuple[list[_Input], list[str]]:
    """The inputs, and the command behind them."""
    inputs: list[_Input] = []
    for place, word in enumerate(words):
        if "=" not in word:
            return inputs, words[place:]
        inputs.append(_read_name(word, "NAME=PATH"))
    return inputs, []


def _read_name(word: str, form: str) -> _Input:
    name, equals, rest = word.partition("=")
    if not equals or not rest:
        raise CallError(f"{word}: is not {form}")
    _check_route(name)
    return _Input(name, rest)


def _check_route(code: str) -> None:
    if not all(code.split("/")):
        raise CallError(f"{code or 'a name without a character'}: is no route code")
    try:
        encode(Packet(route_code=code))
    except EncodeError as error:
        raise CallError(str(error)) from None


def _check_names(inputs: list[_Input]) -> None:
    names = set()
    for each in inputs:
        if each.name in names:
            raise CallError(f"{each.name}: is there twice")
        names.add(each.name)


def _check_standard_input() -> None:
    try:
        os.fstat(0)
    except OSError as error:
        raise CallError(f"standard input: {error.strerror}") from None


def _open_inputs(multiplexer: LiveMultiplexer, inputs: list[_Input]) -> None:
    """Open the files; what is gone once it is read is one input only."""
    seen: dict[object, str] = {}
    for name, path in inputs:
        called = "standard input" if path == "-" else path
        try:
            # A FIFO is open at once, and silent until somebody writes to it.
            fd = os.dup(0) if path == "-" else os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise CallError(f"{called}: {reason}") from None
        multiplexer.add(fd, name, name=name)
        information = os.fstat(fd)
        if stat.S_ISDIR(information.st_mode):
            raise CallError(f"{called}: Is a directory")
        identity = (information.st_dev, information.st_ino)
        if not stat.S_ISREG(information.st_mode) and identity in seen:
            raise CallError(f"{called}: is an input twice, as {seen[identity]} and {name}")
        seen[identity] = name


def _start(
    children: Children,
    multiplexer: LiveMultiplexer,
    route: str | None,
    command: list[str],
    *,
    jobs: JobSocket | None = None,
    stdin: int = subprocess.DEVNULL,
) -> None:
    """Run a command, and read its output and its errors."""
    name = route or command[0]
    output, theirs = os.pipe()
    multiplexer.add(output, route, name=name)
    errors, theirs_too = os.pipe()
    multiplexer.add(errors, route, "stderr", name=name)
    environment = {}
    if jobs is not None:
        multiplexer.listen(jobs.socket, route)
        environment = jobs.environment(theirs, theirs_too)
    try:
        children.start(
            command,
            name=name,
            route=route,
            read=(output, errors),
            environment=environment,
            stdin=stdin,
            stdout=theirs,
            stderr=theirs_too,
            keep_open=jobs is not None,
        )
    finally:
        os.close(theirs)
        os.close(theirs_too)


def _forward(children: Children, multiplexer: LiveMultiplexer) -> int:
    output = sys.stdout.buffer
    failed = told = False
    for octets in multiplexer:
        write_whole(output, octets)
        output.flush()
        failed |= _report(children, multiplexer)
        if multiplexer.at_fd_limit and not told:
            told = True
            say("mux", "too many open files (see ulimit -n): jobs wait until others have ended")
    children.wait()
    failed |= _report(children, multiplexer)
    for name, error in multiplexer.failures.items():
        failed = True
        say("mux", f"{name}: {error.strerror}")
    if children.interrupted:
        return 128 + children.interrupted
    return exits.FAILED if failed else exits.DONE


def _report(children: Children, multiplexer: LiveMultiplexer) -> bool:
    """Say how the commands ended that have just done so; whether one of them did not end well."""
    failed = False
    for child in children.take_ended(multiplexer.reads):
        status = child.status
        if not status:
            continue
        failed = True
        # Tests that failed say what a status does, but not that others may be missing.
        if is_killed(status) or not multiplexer.has_failed(child.route):
            _tell(child.route, describe_status(status))
        if not children.interrupted:
            say("mux", f"{child.name}: {describe_status(status)}")
    return failed


def _tell(route: str | None, how: str) -> None:
    # clause test-id.absent: it is the route as a whole that failed.
    packet = Packet(
        test_status="fail",
        runnable=False,
        mime_type="text/plain;charset=utf-8",
        file_name=EXIT_FILE,
        file_bytes=how.encode() + b"\n",
        eof=True,
        route_code=route,
    )
    write_whole(sys.stdout.buffer, encode(packet))
    sys.stdout.buffer.flush()
