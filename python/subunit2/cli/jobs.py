"""The jobs of a `make`, each as an input of its own of the multiplexer.

Strategy: the multiplexer gives `make` a SHELL. That opens a pipe for the output of the
job and one for its errors, sends the read ends to the multiplexer through a socket, and
then replaces itself by the shell of the job. So the output of jobs cannot interleave, and
no process is added between a job and its shell.

The SHELL is set through MAKEFILES, which every `make` reads first, also a recursive one.
MAKEFLAGS would be simpler, but would hide the SHELL that the Makefile sets.

Only output that would go to the multiplexer is redirected: the output of `$(shell ...)`
belongs to `make`, and a job with redirected output keeps that.
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

#: The variable with the shell of recipes; default: the SHELL of the Makefile, or /bin/sh.
_SHELL: Final = "SUBUNIT2_SHELL"
_DEFAULT_SHELL: Final = "/bin/sh"

#: The variables with the SHELL of the Makefile, with the SHELL that replaces it, and with
#: the sign that our shell was called as that replacement, not by a user.
_MAKE_SHELL: Final = "SUBUNIT2_MAKE_SHELL"
_JOB_SHELL: Final = "SUBUNIT2_JOB_SHELL"
_IS_JOB: Final = "SUBUNIT2_IS_JOB"

#: The variables with the path of the socket, and with the identities of our outputs.
_SOCKET: Final = "SUBUNIT2_JOBS"
_OUTPUTS: Final = "SUBUNIT2_JOB_OUTPUTS"

#: The longest path of a socket that every system allows, in octets.
_LONGEST_PATH: Final = 100

#: A path without characters that are special to `make`, to a shell or in a list.
_PLAIN_PATH: Final = re.compile(r"[\w/.+-]+", re.ASCII)

#: `make` makes a missing makefile after it has read all others. By then SHELL has its
#: final value, which the recipe, having no command, saves and replaces. The target must
#: not become the default goal.
_MAKEFILE: Final = """\
{target}:; $(eval export {variable} := $(SHELL))$(eval override SHELL := {shell})
-include {target}
.DEFAULT_GOAL :=
MAKEFILE_LIST :=
"""


class JobSocket:
    """The socket through which jobs send their pipes to the multiplexer."""

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
        """Write the script that is the SHELL of `make`, and return its path."""
        words = ["/usr/bin/env", f"{_IS_JOB}=1", sys.executable, "-P", "-m", "subunit2", "shell"]
        command = shlex.join(words)
        # `.ONESHELL` requires a single file, and `make` knows sh to be a POSIX shell.
        path = self._folder / "sh"
        path.write_bytes(os.fsencode(f'#!/bin/sh\nexec {command} "$@"\n'))
        path.chmod(0o700)
        # On a file system without exec permission, the plain command works, except for
        # `.ONESHELL`.
        return str(path) if os.access(path, os.X_OK) else command

    def environment(self, *outputs: int) -> dict[str, str]:
        """Return the environment variables for `make`.

        :param outputs: the file descriptors of its output.
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
    """Return the command line of the shell that runs a recipe.

    Restores the environment that this shell would have without subunit2.
    """
    own = os.environ.get(_MAKE_SHELL, "") if os.environ.pop(_IS_JOB, "") else ""
    if os.environ.get("SHELL", "") == os.environ.get(_JOB_SHELL):
        # A Makefile can export it.
        os.environ["SHELL"] = own or _DEFAULT_SHELL
    if named := os.environ.get(_SHELL):
        return [named]
    try:
        words = shlex.split(own)
    except ValueError:
        words = own.split()
    return words or [_DEFAULT_SHELL]


def hand_over() -> bool:
    """Make our standard output and standard error inputs of the multiplexer, if any.

    :returns: True if there is a multiplexer, and our output went to it before.
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
