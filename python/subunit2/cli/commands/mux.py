"""`subunit2 mux`: combine live streams into one, each under its own route code."""

from __future__ import annotations

import argparse
import os
import stat
import subprocess
import sys
from contextlib import ExitStack
from shutil import which
from typing import Final, NamedTuple

from subunit2 import environment
from subunit2.cli import exits
from subunit2.cli.children import (
    Children,
    StoppedError,
    describe_status,
    is_killed,
    report,
    standard_input,
)
from subunit2.cli.exits import CallError
from subunit2.cli.jobs import JobSocket
from subunit2.cli.leftovers import Leftovers, add_grace, report_printed
from subunit2.cli.output import packet_output, write_at_once
from subunit2.cli.parser import duration
from subunit2.items import EncodeError, Packet
from subunit2.plural import count
from subunit2.streams.multiplexing import LiveMultiplexer, make_room
from subunit2.writer import encode

__all__ = ["configure", "run"]

_EPILOG: Final = """\
Each input has a NAME, which is put in front of the route codes of its packets:
W1 in front of 3 gives W1/3. Other output of an input is wrapped as a file
stdout on its route, and the standard error of a command as a file stderr. A
packet is written as soon as its last octet arrives, and the packets of an input
stay in order. All inputs are named together, before or after the options.

A command of --run has a file descriptor of its own for packets, as under
`subunit2 run`. From its first packet there, packets on its standard output and
standard error are output that a test prints, and are wrapped as such; a message
on standard error says how many there were.

Damage in an input is reported in packets of a test subunit.parser, on its
route: the octets as a file "Packet data", at once, and the reason as a file
"Parser Error" with status fail, in front of the next packet. subunit2 counts it
as damage, other consumers as a failed test. It does not change the exit status
of mux: `subunit2 stats` judges the stream.

A command after `--` has no NAME: its packets keep their route codes, with
--route in front if given. It comes last; all arguments before it are NAME=PATH,
as for env(1). If the command is GNU make or calls it, each job is an input of
its own, numbered in order of start. For this, `make` gets a SHELL from mux,
which runs the SHELL of the Makefile, or the one in SUBUNIT2_SHELL. A target
that sets SHELL itself shares the input of `make`.

If a command is killed by a signal (or its shell exits with 129 to 159), a
packet without a test id, with status fail and a file exit-status, is written on
its route; tests that it had started never end. The same packet is written if a
command exits with a status other than 0, but none of its packets has status
fail or uxsuccess. Reports of damage do not count there.

When a command has ended, processes that it left behind may hold its output
open. For the time of --grace, what they write is read. After it, what is in the
pipes is taken, and a message on standard error names these processes.

Commands have no standard input, except that the command after `--` gets the
standard input of mux, unless that is a terminal. SIGINT, SIGTERM and SIGHUP are
passed on to the process groups of all commands. If more jobs start than files
can be open, the output of some jobs waits until others end, and a message on
standard error says so.

examples:
  subunit2 mux W1=one.subunit W2=two.subunit > both.subunit
  subunit2 mux --run W1='pytest --subunit a' --run W2='pytest --subunit b'
  subunit2 mux I1=<(subunit2 mux W1=<(a) W2=<(b)) I2=<(ssh two ./c)
  subunit2 mux -- make -j8 check | subunit2 stats

exit status:
  0  success: all inputs were read to their end, and all commands exited with 0
  1  a command failed or was killed; an input could not be read to its end
  2  usage error; a file cannot be read or written; or standard output is a
     terminal (`| cat` shows the packets anyway)
  128 plus the number of the signal that ended mux
"""

#: The file that describes the end of a command that was killed or failed silently.
EXIT_FILE: Final = "exit-status"


#: File descriptors that stay open for a command, and those that are open for a short time.
_FDS_OF_COMMAND: Final = 3
_FDS_BESIDE: Final = 16


class _Input(NamedTuple):
    name: str
    path: str


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.usage = (
        "%(prog)s [OPTION ...] [--run NAME=COMMAND ...] [NAME=PATH ...]\n"
        "                    [-- COMMAND [WORD ...]]"
    )
    parser.epilog = _EPILOG
    parser.add_argument(
        "words",
        nargs="*",
        metavar="NAME=PATH",
        help="a route code, and the file or FIFO to read; - is standard input",
    )
    parser.add_argument(
        "--run",
        dest="commands",
        action="append",
        default=[],
        metavar="NAME=COMMAND",
        help="run a command in the shell, and read its output",
    )
    parser.add_argument(
        "--route", metavar="CODE", help="set the route code of the command after --"
    )
    parser.add_argument(
        "--align-clocks",
        action="store_true",
        help="shift the timestamps of each input to the clock of this computer, estimated from "
        "their arrival; the shift is written as a file clock-offset",
    )
    parser.add_argument(
        "--stop-waiting",
        type=duration,
        metavar="SECONDS",
        help="give up on a packet whose octets do not arrive within this time",
    )
    add_grace(parser)


def run(options: argparse.Namespace) -> int:
    """Multiplex inputs, and return the exit status."""
    inputs, command = _read_words(options.words)
    commands = [_read_name(word, "--run NAME=COMMAND") for word in options.commands]
    _check_names([*inputs, *commands])
    if not (inputs or commands or command):
        raise CallError("no input: name NAME=PATH, --run NAME=COMMAND or -- COMMAND")
    if options.route is not None:
        _check_route(options.route)
        if not command:
            raise CallError("--route: needs a command after --")
    if command and which(command[0]) is None:
        raise CallError(f"{command[0]}: no such command; an input is NAME=PATH")
    if any(path == "-" for _, path in inputs):
        _check_standard_input()
    stdin = standard_input()
    packet_output()
    environment.forget()
    # Before other files are open, so that it has one digit, as shells require.
    number = os.open(os.devnull, os.O_WRONLY)
    children = Children()
    try:
        with ExitStack() as stack:
            stack.callback(os.close, number)
            stack.enter_context(children)
            _make_room(number, len(inputs), len(commands) + bool(command))
            multiplexer = stack.enter_context(
                LiveMultiplexer(
                    stop_waiting=options.stop_waiting,
                    align_clocks=options.align_clocks,
                    output=sys.stdout.fileno(),
                    wakeup_fd=children.wakeup_fd,
                )
            )
            _open_inputs(multiplexer, inputs)
            for name, line in commands:
                _start(children, multiplexer, name, ["/bin/sh", "-c", line], number)
            if command:
                jobs = stack.enter_context(JobSocket())
                _start_make(children, multiplexer, options.route, command, jobs=jobs, stdin=stdin)
            leftovers = Leftovers("mux", options.grace, children, multiplexer)
            return _forward(children, multiplexer, leftovers)
    except StoppedError:
        return 128 + children.interrupted


def _read_words(words: list[str]) -> tuple[list[_Input], list[str]]:
    """Split the arguments into the inputs and the command after them."""
    inputs: list[_Input] = []
    for index, word in enumerate(words):
        if "=" not in word:
            return inputs, words[index:]
        inputs.append(_read_name(word, "NAME=PATH"))
    return inputs, []


def _read_name(word: str, form: str) -> _Input:
    name, equals, rest = word.partition("=")
    if not equals or not rest:
        raise CallError(f"{word}: not of the form {form}")
    _check_route(name)
    return _Input(name, rest)


def _check_route(code: str) -> None:
    if not all(code.split("/")):
        raise CallError(f"{code or 'an empty name'}: not a route code")
    try:
        encode(Packet(route_code=code))
    except EncodeError as error:
        raise CallError(str(error)) from None


def _check_names(inputs: list[_Input]) -> None:
    names = set()
    for each in inputs:
        if each.name in names:
            raise CallError(f"{each.name}: named twice")
        names.add(each.name)


def _check_standard_input() -> None:
    try:
        os.fstat(0)
    except OSError as error:
        raise CallError(f"standard input: {error.strerror}") from None


def _open_inputs(multiplexer: LiveMultiplexer, inputs: list[_Input]) -> None:
    """Open the files.

    :raises CallError: if one cannot be read, or a pipe is named twice.
    """
    seen: dict[object, str] = {}
    for name, path in inputs:
        label = "standard input" if path == "-" else path
        try:
            # Without O_NONBLOCK, opening a FIFO would wait for its writer.
            fd = os.dup(0) if path == "-" else os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise CallError(f"{label}: {reason}") from None
        multiplexer.add(fd, name, name=name)
        information = os.fstat(fd)
        if stat.S_ISDIR(information.st_mode):
            raise CallError(f"{label}: Is a directory")
        identity = (information.st_dev, information.st_ino)
        if not stat.S_ISREG(information.st_mode) and identity in seen:
            raise CallError(f"{label}: named twice, as {seen[identity]} and {name}")
        seen[identity] = name


def _make_room(fd: int, inputs: int, commands: int) -> None:
    """Raise the soft limit of open files to what is needed.

    One input or command is tried under any limit: the jobs of a command wait for files.

    :param fd: any file descriptor that is open.
    :raises CallError: if the hard limit is lower.
    """
    has_room = make_room(fd, inputs + _FDS_OF_COMMAND * commands + _FDS_BESIDE)
    if not has_room and inputs + commands > 1:
        raise CallError(
            f"{count(inputs + commands, 'input')}: too many for the limit of open files: raise it "
            "(ulimit -Hn, as root), or join some of them by another mux"
        )


def _start(
    children: Children,
    multiplexer: LiveMultiplexer,
    route: str,
    command: list[str],
    number: int,
) -> None:
    """Start a command, and add its packets, standard output and standard error as inputs.

    :param number: the file descriptor for its packets; ours is replaced for that time.
    """
    (packets, theirs), (output, their_output), (errors, their_errors) = pipes = [
        os.pipe() for _ in range(3)
    ]
    multiplexer.add(packets, route, f"fd{number}", name=route)
    multiplexer.add(output, route, name=route, packets=packets)
    multiplexer.add(errors, route, "stderr", name=route, packets=packets)
    nothing = os.dup(number)
    os.dup2(theirs, number)
    try:
        children.start(
            command,
            name=route,
            route=route,
            read={
                packets: f"file descriptor {number}",
                output: "standard output",
                errors: "standard error",
            },
            environment=environment.variables(number, their_output),
            stdin=subprocess.DEVNULL,
            stdout=their_output,
            stderr=their_errors,
            pass_fds=[number],
        )
    finally:
        os.dup2(nothing, number, inheritable=False)
        os.close(nothing)
        for _, write in pipes:
            os.close(write)


def _start_make(
    children: Children,
    multiplexer: LiveMultiplexer,
    route: str | None,
    command: list[str],
    *,
    jobs: JobSocket,
    stdin: int,
) -> None:
    """Start the command after `--`, whose jobs become inputs of their own."""
    name = route or command[0]
    output, theirs = os.pipe()
    multiplexer.add(output, route, name=name)
    errors, their_errors = os.pipe()
    multiplexer.add(errors, route, "stderr", name=name)
    multiplexer.listen(jobs.socket, route)
    try:
        children.start(
            command,
            name=name,
            route=route,
            read={output: "standard output", errors: "standard error"},
            has_jobs=True,
            environment=jobs.environment(theirs, their_errors),
            stdin=stdin,
            stdout=theirs,
            stderr=their_errors,
            keep_open=True,
        )
    finally:
        os.close(theirs)
        os.close(their_errors)


def _forward(children: Children, multiplexer: LiveMultiplexer, leftovers: Leftovers) -> int:
    failed = is_reported = False
    for octets in multiplexer:
        write_at_once(octets)
        for last in leftovers.take():
            write_at_once(last)
        failed |= _report(children, multiplexer)
        if multiplexer.at_fd_limit and not is_reported:
            is_reported = True
            report("mux", "too many open files (see ulimit -n): jobs wait until others have ended")
    children.wait()
    failed |= _report(children, multiplexer)
    for name, error in multiplexer.failures.items():
        failed = True
        report("mux", f"{name}: {error.strerror}")
    report_printed("mux", multiplexer.printed)
    if children.interrupted:
        return 128 + children.interrupted
    return exits.FAILED if failed else exits.DONE


def _report(children: Children, multiplexer: LiveMultiplexer) -> bool:
    """Report the commands that have just ended; return whether one of them failed."""
    failed = False
    for child in children.take_ended(multiplexer.reads):
        status = child.status
        if not status:
            continue
        failed = True
        # After failed tests, the exit status adds nothing, but a signal does: tests may be
        # missing.
        if is_killed(status) or not multiplexer.has_failed(child.route):
            _write_exit(child.route, describe_status(status))
        if not children.interrupted:
            report("mux", f"{child.name}: {describe_status(status)}")
    return failed


def _write_exit(route: str | None, how: str) -> None:
    # clause test-id.absent: the route as a whole failed.
    packet = Packet(
        test_status="fail",
        runnable=False,
        mime_type="text/plain;charset=utf-8",
        file_name=EXIT_FILE,
        file_bytes=how.encode() + b"\n",
        eof=True,
        route_code=route,
    )
    write_at_once(encode(packet))
