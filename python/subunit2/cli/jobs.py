"""The jobs of a `make`, each an input of its own to the multiplexer above it.

Strategy: the multiplexer gives `make` a SHELL. What is called so makes a pipe for the
job's output and one for its errors, hands the ends to be read to the multiplexer,
through a socket, and becomes the job's shell. So nothing that jobs write can get into
each other's way, and nothing stands between a job and its shell.

The SHELL comes by MAKEFILES, which every `make` reads first, those too that jobs call.
A SHELL by MAKEFLAGS would be simpler, but then nobody knows which the Makefile names.

Only what would go to the multiplexer goes there by another way: the output of a
`$(shell ...)` is for `make`, and that of a job that somebody redirects is for them.
"""

from __future__ import annotations

import os
import re
import shlex
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["JobSocket", "hand_over", "shell_command"]

#: What runs the lines of a recipe, where it is not the Makefile's own SHELL, or /bin/sh.
_SHELL: Final = "SUBUNIT2_SHELL"
_USUAL_SHELL: Final = "/bin/sh"

#: The Makefile's own SHELL; that which `make` has instead; and what says to ours that it
#: is called as that, and not by its name.
_MAKE_SHELL: Final = "SUBUNIT2_MAKE_SHELL"
_JOB_SHELL: Final = "SUBUNIT2_JOB_SHELL"
_IS_JOB: Final = "SUBUNIT2_IS_JOB"

#: Where a job's pipes are handed over, and what says of an output that it is ours.
_SOCKET: Final = "SUBUNIT2_JOBS"
_OUTPUTS: Final = "SUBUNIT2_JOB_OUTPUTS"

#: The longest path that every system takes for a socket, in octets.
_LONGEST_PATH: Final = 100

#: What a folder is called that means the same to `make`, to a shell and in a list.
_PLAIN_PATH: Final = re.compile(r"[\w/.+-]+", re.ASCII)

#: A makefile that does not exist is made when all others have been read: by then SHELL is
#: what they say, and its recipe, which has no command, changes that. It is no goal.
_MAKEFILE: Final = """\
{target}:; $(eval export {variable} := $(SHELL))$(eval override SHELL := {shell})
-include {target}
.DEFAULT_GOAL :=
MAKEFILE_LIST :=
"""


class JobSocket:
    """Where jobs hand over their pipes."""

    def __init__(self) -> None:
        from tempfile import mkdtemp

        folder = mkdtemp(prefix="subunit2-")
        room = _LONGEST_PATH - len("/jobs")
        if len(os.fsencode(folder)) > room or not _PLAIN_PATH.fullmatch(folder):
            Path(folder).rmdir()
            folder = mkdtemp(prefix="subunit2-", dir="/tmp")
        self._folder = Path(folder)
        self._path = self._folder / "jobs"
        self._makefile = self._folder / "makefile"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self._path))
        self._shell = self._write_shell()
        makefile = _MAKEFILE.format(
            target=self._folder / "shell",
            variable=_MAKE_SHELL,
            shell=self._shell.replace("$", "$$").replace("#", "\\#"),
        )
        self._makefile.write_bytes(os.fsencode(makefile))

    def _write_shell(self) -> str:
        """What `make` calls as its SHELL."""
        words = ["/usr/bin/env", f"{_IS_JOB}=1", sys.executable, "-P", "-m", "subunit2", "shell"]
        command = shlex.join(words)
        # One file, which `.ONESHELL` asks for; and what is called sh is known to be one.
        path = self._folder / "sh"
        path.write_bytes(os.fsencode(f'#!/bin/sh\nexec {command} "$@"\n'))
        path.chmod(0o700)
        # Where nothing may be run from there, all but `.ONESHELL` goes by the words.
        return str(path) if os.access(path, os.X_OK) else command

    def environment(self, *outputs: int) -> dict[str, str]:
        """What a `make` has to be given.

        :param outputs: the file descriptors that it gets to write to.
        """
        makefiles = [str(self._makefile), *os.environ.get("MAKEFILES", "").split()]
        return {
            "MAKEFILES": " ".join(makefiles),
            _JOB_SHELL: self._shell,
            _SOCKET: str(self._path),
            _OUTPUTS: " ".join(map(_identity, outputs)),
        }

    def __enter__(self) -> JobSocket:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        with suppress(OSError):
            for path in (self._path, self._makefile, self._folder / "sh"):
                path.unlink(missing_ok=True)
            self._folder.rmdir()


def _identity(fd: int) -> str:
    information = os.fstat(fd)
    return f"{information.st_dev}:{information.st_ino}"


def shell_command() -> list[str]:
    """The shell that runs a line of a recipe: its name, and what stands behind that.

    Changes the environment to what it would be if there were only that shell.
    """
    own = os.environ.get(_MAKE_SHELL, "") if os.environ.pop(_IS_JOB, "") else ""
    if os.environ.get("SHELL", "") == os.environ.get(_JOB_SHELL):
        # A Makefile can export it.
        os.environ["SHELL"] = own or _USUAL_SHELL
    if named := os.environ.get(_SHELL):
        return [named]
    try:
        words = shlex.split(own)
    except ValueError:
        words = own.split()
    return words or [_USUAL_SHELL]


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
