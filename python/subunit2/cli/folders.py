"""Files below a folder, written without following a link that is inside of it.

Strategy: other processes may write into the folder at the same time, and put a symbolic
link to another place where a file or a folder was. A path is therefore never given to the
system as a whole: each folder is opened by its name in the one above, if it is no link, and
a file by its name in its folder. Only the folder at the top may be reached through links. A
file that is opened again has to be the same file, of the same size.

Windows cannot open files like this. There, each part of a path is checked before the path is
used, which another process can undercut between the two.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["FileMark", "Root"]

#: Whether the system opens files relative to a folder that is open.
_HAS_FOLDERS: Final = {os.open, os.mkdir, os.stat, os.unlink, os.rename} <= os.supports_dir_fd

_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0)
_BINARY: Final = getattr(os, "O_BINARY", 0)
#: A folder is opened to reach files in it, which needs no right to list them.
_FOLDER: Final = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_PATH", os.O_RDONLY)
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _NO_LINK | _BINARY
#: A FIFO that took the place of a file must not make us wait for its reader.
_APPEND: Final = os.O_WRONLY | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | _NO_LINK | _BINARY

#: A folder of Windows that leads elsewhere: IO_REPARSE_TAG_MOUNT_POINT.
_JUNCTION: Final = 0xA0000003

_REPLACED: Final = "another file or a link took its place meanwhile"


class FileMark(NamedTuple):
    """What tells a file from any other that has its name later."""

    device: int
    inode: int

    @classmethod
    def of(cls, status: os.stat_result) -> FileMark:
        """Return the mark of a file."""
        return cls(status.st_dev, status.st_ino)


class Root:
    """A folder, and the files and folders below it.

    A path in it is a sequence of names, the folders first. Names are single components.

    :param path: of the folder. It is created with its parents, and may be a link.
    :raises OSError: if it cannot be opened; and so do all methods.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        path.mkdir(parents=True, exist_ok=True)
        self._fd = os.open(path, _FOLDER) if _HAS_FOLDERS else None

    def close(self) -> None:
        """Close the folder."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def make_folder(self, names: Sequence[str]) -> bool:
        """Create a folder in an existing one; return whether there is a folder now."""
        with self._at(names) as at:
            with suppress(FileExistsError):
                os.mkdir(**at)  # noqa: PTH102 - a Path has no folder that is open
            return _is_folder(os.lstat(**at))

    def create(self, names: Sequence[str]) -> tuple[int, FileMark]:
        """Create a file in an existing folder; return its descriptor and its mark.

        :raises FileExistsError: if anything has its name, a link included.
        """
        with self._at(names) as at:
            fd = os.open(at["path"], _CREATE, 0o666, dir_fd=at.get("dir_fd"))
        return fd, FileMark.of(os.fstat(fd))

    def is_folder(self, names: Sequence[str]) -> bool:
        """Return whether a name is that of a folder, and of no link to one."""
        with self._at(names) as at:
            return _is_folder(os.lstat(**at))

    def create_aside(self, names: Sequence[str]) -> tuple[int, FileMark, tuple[str, ...]]:
        """Create a file for `replace` beside another; return its path, too."""
        aside = (*names[:-1], f".subunit2-{secrets.token_hex(8)}")
        return *self.create(aside), aside

    def replace(self, aside: Sequence[str], names: Sequence[str], mark: FileMark) -> None:
        """Give a file its final name in the same folder, in place of the one that has it.

        Links are replaced, and not followed.
        """
        with self._at(aside) as at, self._at(names) as to:
            _check(os.lstat(**at), mark)
            os.replace(
                at["path"],
                to["path"],
                src_dir_fd=at.get("dir_fd"),
                dst_dir_fd=to.get("dir_fd"),
            )

    def reopen(self, names: Sequence[str], mark: FileMark, size: int) -> int:
        """Open a file again to append to it; return its descriptor.

        :raises OSError: also if another file has its name, or it has another size.
        """
        with self._at(names) as at:
            _check(os.lstat(**at), mark, size)
            fd = os.open(at["path"], _APPEND, dir_fd=at.get("dir_fd"))
        try:
            _check(os.fstat(fd), mark, size)
            if hasattr(os, "set_blocking"):
                os.set_blocking(fd, True)
        except OSError:
            os.close(fd)
            raise
        return fd

    def remove(self, names: Sequence[str]) -> None:
        """Remove a file."""
        with self._at(names) as at:
            os.unlink(**at)

    @contextmanager
    def _at(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Open the folder of a path; yield the arguments that name the file in it."""
        if self._fd is None:
            yield {"path": self._checked(names)}
            return
        fd = self._fd
        try:
            for name in names[:-1]:
                above, fd = fd, os.open(name, _FOLDER | _NO_LINK, dir_fd=fd)
                if above != self._fd:
                    os.close(above)
            yield {"path": names[-1], "dir_fd": fd}
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise OSError(error.errno, _REPLACED) from None
            raise
        finally:
            if fd != self._fd:
                os.close(fd)

    def _checked(self, names: Sequence[str]) -> Path:
        """Return a path if its folders are folders now."""
        path = self._path
        for name in names[:-1]:
            path /= name
            if not _is_folder(path.lstat()):
                raise OSError(errno.ENOTDIR, _REPLACED)
        return path / names[-1]


def _is_folder(status: os.stat_result) -> bool:
    return stat.S_ISDIR(status.st_mode) and getattr(status, "st_reparse_tag", 0) != _JUNCTION


def _check(status: os.stat_result, mark: FileMark, size: int | None = None) -> None:
    if not stat.S_ISREG(status.st_mode) or FileMark.of(status) != mark:
        raise OSError(errno.EEXIST, _REPLACED)
    if size is not None and status.st_size != size:
        raise OSError(errno.EEXIST, "another process has written to it meanwhile")
