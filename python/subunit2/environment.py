"""The file descriptor for packets that a process passes on in the environment.

Strategy: a process that reads packets, such as `subunit2 run`, gives its child a descriptor
and names it in the variables below. They are inherited further than the descriptor, which a
process between can have closed: its number may then be that of another file, such as a
database. So the descriptor is checked before it is used.

A process that takes it removes the variables and makes it close-on-exec, so that a test that
runs tests of its own does not report them into the outer stream.

===================  ============================================================
`SUBUNIT_FD`         number of the descriptor
`SUBUNIT_FD_ID`      optional: device and inode of its file, as `8:1234`
`SUBUNIT_STDOUT_ID`  optional: the same for the standard output given to the child
`SUBUNIT_ROUTE`      optional: goes in front of the route codes of all packets, if
                     processes share the descriptor
===================  ============================================================
"""

from __future__ import annotations

import errno
import os
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Final, NamedTuple

__all__ = [
    "FD",
    "PIPE_LIMIT",
    "ROUTE",
    "Descriptor",
    "check_writable",
    "forget",
    "has_given_output",
    "output_variables",
    "packet_limit",
    "take",
    "variables",
]

FD: Final = "SUBUNIT_FD"
_FD_ID: Final = "SUBUNIT_FD_ID"
_STDOUT_ID: Final = "SUBUNIT_STDOUT_ID"
ROUTE: Final = "SUBUNIT_ROUTE"

#: The octets of a write that Linux does not mix with others in a pipe (PIPE_BUF); elsewhere
#: it can be fewer.
PIPE_LIMIT: Final = 4096

#: Descriptors of a process by convention, which its children need.
_STANDARD: Final = 2


class Descriptor(NamedTuple):
    """A descriptor for packets, and the route code in front of theirs, if any."""

    fd: int
    route: str | None


def variables(fd: int, stdout: int, number: int | None = None) -> dict[str, str]:
    """Return the variables for a child.

    :param fd: the descriptor for its packets.
    :param stdout: the descriptor that becomes its standard output.
    :param number: the number of the descriptor in the child, if it differs.
    """
    return {
        FD: str(fd if number is None else number),
        _FD_ID: _identity(fd),
        _STDOUT_ID: _identity(stdout),
    }


def output_variables(stdout: int) -> dict[str, str]:
    """Return the variables for a child with another standard output that is still ours."""
    return {_STDOUT_ID: _identity(stdout)} if has_given_output(default=False) else {}


def forget(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove the variables: our children have nothing to do with the outer stream."""
    for name in (FD, _FD_ID, _STDOUT_ID, ROUTE):
        environment.pop(name, None)


def has_given_output(*, default: bool) -> bool:
    """Return whether packets for standard output belong on the descriptor.

    They do if the variables name one, and standard output is still the one that came with
    it: no pipe and no redirection was put in between.

    :param default: returned if the variables do not name the standard output.
    """
    if not os.environ.get(FD):
        return False
    given = os.environ.get(_STDOUT_ID)
    return given == _identity(1) if given else default


def take() -> Descriptor | None:
    """Take the descriptor that the environment names; None if it names none.

    Removes the variables, and makes the descriptor close-on-exec.

    :raises OSError: if the descriptor is not open for writing, is of another file than the
        variables say, or cannot be inherited on this system.
    """
    text, given = os.environ.get(FD), os.environ.get(_FD_ID)
    route = os.environ.get(ROUTE) or None
    forget()
    if not text:
        return None
    _require_inheritance(FD)
    if not (text.isascii() and text.isdecimal() and len(text) < 8):
        raise OSError(errno.EBADF, f"{FD}: {text} is not a file descriptor")
    fd = int(text)
    check_writable(fd, FD)
    if given and given != _identity(fd):
        raise OSError(
            errno.EBADF, f"{FD}: file descriptor {fd} is not the file that {_FD_ID} names"
        )
    if fd > _STANDARD:
        os.set_inheritable(fd, False)
    return Descriptor(fd, route)


def check_writable(fd: int, name: str) -> None:
    """Check that a descriptor is open for writing.

    :param name: where its number comes from.
    :raises OSError: if it is not.
    """
    _require_inheritance(name)
    import fcntl

    try:
        mode = fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE
    except (OSError, OverflowError):
        raise OSError(errno.EBADF, f"{name}: file descriptor {fd} is not open") from None
    if mode not in (os.O_WRONLY, os.O_RDWR):
        raise OSError(errno.EBADF, f"{name}: file descriptor {fd} is not open for writing")


def _require_inheritance(name: str) -> None:
    if os.name != "posix":
        raise OSError(errno.ENOTSUP, f"{name}: processes on Windows do not inherit descriptors")


def packet_limit(fd: int) -> int | None:
    """Return the most octets of a packet: processes may share a pipe, which keeps small ones."""
    import stat

    return PIPE_LIMIT if stat.S_ISFIFO(os.fstat(fd).st_mode) else None


def _identity(fd: int) -> str:
    with suppress(OSError):
        information = os.fstat(fd)
        return f"{information.st_dev}:{information.st_ino}"
    return ""
