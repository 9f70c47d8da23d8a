"""The command line in this process: `subunit2.cli.main` between pipes of its own.

A process for each call takes two hundred milliseconds, a call of `main` less than one.
While it runs, the file descriptors 0, 1 and 2 are pipes, `sys.stdin`, `sys.stdout` and
`sys.stderr` are open on them in UTF-8, and the environment is the one given. Afterwards all
of it is restored, signal handlers and the garbage collector, too. A file that the command
leaves open shows on its standard error.

`support.command.run` decides which commands need a process of their own.
"""

from __future__ import annotations

import gc
import io
import os
import selectors
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from subunit2.cli import main

# The handlers that a command may set.
_HANDLED: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGTERM)


def call(
    arguments: Sequence[str],
    stdin: bytes,
    environment: Mapping[str, str],
    terminal: tuple[int, int] | None = None,
) -> tuple[int, bytes, bytes]:
    """Call `main`.

    :param terminal: the two ends of a terminal in place of the pipe of standard output,
    ours and the command's; both are closed.
    :return: the exit status, standard output, standard error.
    """
    pipes = _Pipes(stdin, terminal)
    with pipes, _environment(environment), _signals(), _standard_files(), _open_files_shown():
        status = main(list(arguments))
    return status, *pipes.written


class _Pipes:
    """Pipes in place of the file descriptors 0, 1 and 2, fed and read by a thread."""

    def __init__(self, stdin: bytes, terminal: tuple[int, int] | None) -> None:
        self._stdin = stdin
        self._terminal = terminal
        self._written = (bytearray(), bytearray())
        self._saved: list[int] = []

    @property
    def written(self) -> tuple[bytes, bytes]:
        """The octets written to 1 and to 2."""
        return bytes(self._written[0]), bytes(self._written[1])

    def __enter__(self) -> None:
        (stdin, write), (err, stderr) = os.pipe(), os.pipe()
        out, stdout = self._terminal or os.pipe()
        for fd, theirs in enumerate((stdin, stdout, stderr)):
            self._saved.append(os.dup(fd))
            os.dup2(theirs, fd)
            os.close(theirs)
        self._thread = threading.Thread(target=self._transfer, args=(write, out, err), daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        for fd, saved in enumerate(self._saved):
            # This closes the pipe's end, unless a child of the command still has it.
            os.dup2(saved, fd)
            os.close(saved)
        self._thread.join()

    def _transfer(self, write: int, *reads: int) -> None:
        left = memoryview(self._stdin)
        os.set_blocking(write, False)
        with selectors.DefaultSelector() as selector:
            selector.register(write, selectors.EVENT_WRITE)
            for fd, written in zip(reads, self._written, strict=True):
                selector.register(fd, selectors.EVENT_READ, written)
            while selector.get_map():
                for key, _ in selector.select():
                    if key.fd == write:
                        left = left[_write(write, left) :]
                        is_over = not left
                    else:
                        chunk = _read(key.fd)
                        key.data.extend(chunk)
                        is_over = not chunk
                    if is_over:
                        selector.unregister(key.fd)
                        os.close(key.fd)


def _write(fd: int, octets: memoryview) -> int:
    try:
        return os.write(fd, octets)
    except BrokenPipeError:
        # Commands may end before their input does.
        return len(octets)


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 1 << 16)
    except OSError:
        # The terminal has closed.
        return b""


@contextmanager
def _environment(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    _replace_environment(environment)
    try:
        yield
    finally:
        _replace_environment(before)


def _replace_environment(environment: Mapping[str, str]) -> None:
    for name in os.environ.keys() - environment.keys():
        del os.environ[name]
    for name, value in environment.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


@contextmanager
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _HANDLED}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) != handler:
                signal.signal(number, handler)


@contextmanager
def _open_files_shown() -> Iterator[None]:
    """Make a file that is left open an error, and look for such files at the end."""
    hook, is_enabled = sys.unraisablehook, gc.isenabled()
    sys.unraisablehook = sys.__unraisablehook__
    # Only the objects of the command are searched afterwards.
    gc.freeze()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ResourceWarning)
            yield
            gc.collect()
    finally:
        gc.unfreeze()
        (gc.enable if is_enabled else gc.disable)()
        sys.unraisablehook = hook


@contextmanager
def _standard_files() -> Iterator[None]:
    """Open standard input, output and error as Python does with the locale C.UTF-8."""
    files: dict[str, Any] = {
        "stdin": io.TextIOWrapper(
            io.BufferedReader(io.FileIO(0, "r", closefd=False)), "utf-8", "surrogateescape"
        ),
        "stdout": io.TextIOWrapper(
            io.BufferedWriter(io.FileIO(1, "w", closefd=False)), "utf-8", "surrogateescape"
        ),
        "stderr": io.TextIOWrapper(
            io.BufferedWriter(io.FileIO(2, "w", closefd=False)),
            "utf-8",
            "backslashreplace",
            line_buffering=True,
        ),
    }
    files |= {f"__{name}__": file for name, file in files.items()}
    before = {name: getattr(sys, name) for name in files}
    _set_files(files)
    try:
        yield
        files["stdout"].flush()
        files["stderr"].flush()
    finally:
        _set_files(before)
        for name in ("stdin", "stdout", "stderr"):
            # The unwritten output of a failed call goes to the pipes, and not to the
            # descriptors that are restored behind them.
            with suppress(OSError):
                files[name].close()


def _set_files(files: Mapping[str, object]) -> None:
    for name, file in files.items():
        setattr(sys, name, file)
