"""A command that is run once on many files.

Strategy: the paths are arguments of the command, as long as the system takes them. More
than one run would be wrong: `coverage combine` forgets the files of the run before. So paths
that are too long for one command are replaced by short links to the same files. A command
that reads names from a file gets one in place of `{}`, however many there are.
"""

from __future__ import annotations

import errno
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from subunit2.cli.exits import CallError

__all__ = ["Hook"]

#: A word that stands for the file of names: `{}`, `@{}` or `--option={}`.
_LIST: Final = re.compile(r"((?:.*=)?@?)\{\}", re.DOTALL)

#: Longer suffixes are no file types.
_LONGEST_SUFFIX: Final = 10

#: Windows' error for a command that is too long.
_TOO_LONG_ON_WINDOWS: Final = 206


class Hook:
    """A command, checked before there are files for it.

    :param command: its words, quoted as for a shell.
    :raises CallError: if it cannot be split, or its program cannot be run.
    """

    def __init__(self, command: str) -> None:
        self._command = command
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise CallError(f"--hook {command}: {error}") from None
        if not self._words:
            raise CallError("--hook: no command")
        program = self._words[0]
        if shutil.which(program) is None:
            number = errno.EACCES if Path(program).is_file() else errno.ENOENT
            raise CallError(f"--hook {program}: {os.strerror(number)}")

    def run(self, paths: Sequence[Path]) -> int:
        """Run the command on these files, and return its exit status.

        :raises CallError: if it cannot be started.
        """
        # Its output follows the output so far.
        sys.stdout.flush()
        if any(map(_LIST.fullmatch, self._words)):
            with _list_of(paths) as file:
                return self._start(
                    [_LIST.sub(lambda found: found[1] + file, each) for each in self._words]
                )
        try:
            return self._start([*self._words, *map(str, paths)])
        except _TooLongError:
            with _links_to(paths) as links:
                return self._run_on_links(links)

    def _run_on_links(self, links: list[str]) -> int:
        try:
            return self._start([*self._words, *links])
        except _TooLongError:
            raise CallError(
                f"--hook {self._words[0]}: {len(links):,} paths are too long for one command; "
                "a word {} stands for a file of them"
            ) from None

    def _start(self, words: list[str]) -> int:
        try:
            return subprocess.run(words, check=False).returncode  # noqa: S603 - the user's own
        except OSError as error:
            if error.errno == errno.E2BIG or (
                getattr(error, "winerror", None) == _TOO_LONG_ON_WINDOWS
            ):
                raise _TooLongError from None
            raise CallError(f"--hook {self._words[0]}: {error.strerror}") from None


class _TooLongError(Exception):
    """The arguments do not fit into one command."""


@contextmanager
def _list_of(paths: Sequence[Path]) -> Iterator[str]:
    """Write paths to a temporary file, one a line; yield its path."""
    with TemporaryDirectory(prefix="subunit2-") as folder:
        file = Path(folder, "files")
        file.write_bytes(b"".join(os.fsencode(path.absolute()) + b"\n" for path in paths))
        yield str(file)


@contextmanager
def _links_to(paths: Sequence[Path]) -> Iterator[list[str]]:
    """Make short links to files in a temporary folder; yield their paths."""
    with TemporaryDirectory(prefix="subunit2-") as folder:
        links = []
        for number, path in enumerate(paths, 1):
            suffix = path.suffix if len(path.suffix) <= _LONGEST_SUFFIX else ""
            link = Path(folder, f"{number}{suffix}")
            try:
                link.symlink_to(path.absolute())
            except OSError:
                # Windows asks for a privilege.
                os.link(path, link)
            links.append(str(link))
        yield links
