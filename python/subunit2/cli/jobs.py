"""The jobs of a `make`, each an input of its own to the multiplexer above it.

Strategy: the multiplexer gives `make` a SHELL, by MAKEFLAGS. What is called so makes
a pipe for the job's output and one for its errors, hands the ends to be read to the
multiplexer, through a socket, and becomes the job's shell. So nothing that jobs
write can get into each other's way, and nothing stands between a job and its shell.

Only what would go to the multiplexer goes there by another way: the output of a
`$(shell ...)` is for `make`, and that of a job that somebody redirects is for them.
"""

from __future__ import annotations

import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

__all__ = ["SHELL_VARIABLE", "JobSocket", "hand_over"]

#: What runs the lines of a recipe, where it is not /bin/sh.
SHELL_VARIABLE: Final = "SUBUNIT2_SHELL"

#: Where a job's pipes are handed over, and what says of an output that it is ours.
_SOCKET: Final = "SUBUNIT2_JOBS"
_OUTPUTS: Final = "SUBUNIT2_JOB_OUTPUTS"

#: The longest path that every system takes for a socket, in octets.
_LONGEST_PATH: Final = 100


class JobSocket:
    """Where jobs hand over their pipes."""

    def __init__(self) -> None:
        from tempfile import mkdtemp

        folder = mkdtemp(prefix="subunit2-")
        if len(os.fsencode(folder)) > _LONGEST_PATH - len("/jobs"):
            Path(folder).rmdir()
            folder = mkdtemp(prefix="subunit2-", dir="/tmp")
        self._path = Path(folder, "jobs")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self._path))

    def environment(self, *outputs: int) -> dict[str, str]:
        """What a `make` has to be given.

        :param outputs: the file descriptors that it gets to write to.
        """
        shell = _word(f"{sys.executable} -P -m subunit2 shell")
        flags = os.environ.get("MAKEFLAGS", "")
        # Behind `--` stand variables, as a `make` tells them to those that it calls.
        flags = flags if " -- " in f" {flags} " else f"{flags} --"
        return {
            "MAKEFLAGS": f"{flags} SHELL={shell}",
            _SOCKET: str(self._path),
            _OUTPUTS: " ".join(map(_identity, outputs)),
        }

    def __enter__(self) -> JobSocket:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.close()
        with suppress(OSError):
            self._path.unlink()
            self._path.parent.rmdir()


def _word(text: str) -> str:
    """A value that stays one word in MAKEFLAGS."""
    return text.replace("\\", "\\\\").replace(" ", "\\ ").replace("$", "$$")


def _identity(fd: int) -> str:
    information = os.fstat(fd)
    return f"{information.st_dev}:{information.st_ino}"


def hand_over() -> bool:
    """Make our standard output and standard error inputs of the multiplexer above.

    :returns: whether there is one, and they went to it.
    """
    path = os.environ.get(_SOCKET)
    if not path:
        return False
    ours = os.environ.get(_OUTPUTS, "").split()
    output, errors = _identity(1), _identity(2)
    if output not in ours:
        return False
    pipes = [os.pipe()]
    if errors == output:
        os.dup2(pipes[0][1], 2)
    elif errors in ours:
        pipes.append(os.pipe())
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        try:
            sender.connect(path)
            socket.send_fds(sender, [b"j"], [read for read, _ in pipes])
        except OSError:
            # The multiplexer has ended.
            return False
    for fd, (read, write) in enumerate(pipes, 1):
        os.close(read)
        os.dup2(write, fd)
        os.close(write)
    os.environ[_OUTPUTS] = f"{_identity(1)} {_identity(2)}"
    return True
