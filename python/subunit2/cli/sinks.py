"""Where `subunit2 extract` writes attachments to: a folder, standard output, nowhere."""

from __future__ import annotations

import sys
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from subunit2.cli.exits import CallError, InputError
from subunit2.cli.filenames import safe_name
from subunit2.cli.run_status import EMPTY

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["Folder", "Found", "Nowhere", "Output", "Sink"]

#: How many files are open at once. A process may have a few hundred.
_MOST_OPEN: Final = 64


class Found:
    """An attachment that was asked for, and what has come of it.

    :ivar path: of its file; None where there is none.
    """

    __slots__ = ("is_complete", "mime_type", "name", "path", "route_code", "size", "test_id")

    def __init__(self, route_code: str | None, test_id: str | None, name: str) -> None:
        self.route_code = route_code
        self.test_id = test_id
        self.name = name
        self.mime_type: str | None = None
        self.size = 0
        self.is_complete = False
        self.path: Path | None = None

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints of it."""
        return {
            "route_code": self.route_code,
            "test_id": self.test_id,
            "name": self.name,
            "mime_type": self.mime_type,
            "size": self.size,
            "complete": self.is_complete,
            "path": None if self.path is None else str(self.path),
        }


class Sink(Protocol):
    """Takes attachments in chunks.

    :ivar paths: the files that were written.
    """

    paths: list[Path]

    def begin(self, found: Found) -> None:
        """Its first packet has come."""

    def write(self, found: Found, octets: bytes) -> None:
        """A chunk has come."""

    def end(self, found: Found) -> None:
        """Nothing more comes of it."""


class Nowhere:
    """Writes nothing."""

    def __init__(self) -> None:
        self.paths: list[Path] = []

    def begin(self, found: Found) -> None:
        """Its first packet has come."""

    def write(self, found: Found, octets: bytes) -> None:
        """A chunk has come."""

    def end(self, found: Found) -> None:
        """Nothing more comes of it."""


class Output(Nowhere):
    """Writes one attachment to standard output; a second is refused."""

    def __init__(self) -> None:
        super().__init__()
        self._first: Found | None = None

    def begin(self, found: Found) -> None:
        """Its first packet has come.

        :raises InputError: where it is the second.
        """
        if self._first is not None:
            raise InputError(
                f"more than one attachment: {_describe(self._first)} and {_describe(found)}; "
                "--name and --test choose"
            )
        self._first = found

    def write(self, found: Found, octets: bytes) -> None:
        """A chunk has come."""
        sys.stdout.buffer.write(octets)


def _describe(found: Found) -> str:
    where = [part or EMPTY for part in (found.test_id, found.route_code) if part is not None]
    return f"{found.name} ({', '.join(where)})" if where else found.name


class Folder:
    """Writes files into a folder, a chunk when it comes.

    Holds the paths that it has written.

    :raises CallError: from its methods, where a file cannot be written, or is there.
    """

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        self._root = path
        self._overwrite = overwrite
        self.paths: list[Path] = []
        #: The last number that each path that was asked for or created has got.
        self._numbers: dict[str, int] = {}
        self._open: OrderedDict[Path, BinaryIO] = OrderedDict()

    def begin(self, found: Found) -> None:
        """Its first packet has come: create its file."""
        parts = [part for part in (found.route_code, found.test_id) if part is not None]
        folder = self._root
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for part in parts:
                folder = self._make_folder(folder, safe_name(part))
            found.path = self._create(folder, safe_name(found.name))
        except OSError as error:
            raise CallError(f"{error.filename or folder}: {error.strerror}") from None
        self.paths.append(found.path)

    def write(self, found: Found, octets: bytes) -> None:
        """A chunk has come."""
        assert found.path is not None
        try:
            file = self._open.pop(found.path, None)
            if file is None:
                file = found.path.open("ab")
            self._keep(found.path, file)
            file.write(octets)
        except OSError as error:
            raise CallError(f"{found.path}: {error.strerror}") from None

    def end(self, found: Found) -> None:
        """Nothing more comes of it: close its file."""
        assert found.path is not None
        file = self._open.pop(found.path, None)
        if file is not None:
            try:
                file.close()
            except OSError as error:
                raise CallError(f"{found.path}: {error.strerror}") from None

    def close(self) -> None:
        """Close what is left open, where something else has failed."""
        while self._open:
            _, file = self._open.popitem()
            with suppress(OSError):
                file.close()

    def _make_folder(self, parent: Path, name: str) -> Path:
        folder = parent / name
        number = 1
        while folder.exists() and not folder.is_dir():
            number += 1
            folder = parent / f"{name}-{number}"
        folder.mkdir(exist_ok=True)
        return folder

    def _create(self, folder: Path, name: str) -> Path:
        """A new file of this name, or of this name with a number."""
        path = folder / name
        # As a file system takes it that knows no upper case.
        wanted = str(path).casefold()
        number = self._numbers.get(wanted, 1)
        while str(path).casefold() in self._numbers or path.is_dir():
            number += 1
            stem, dot, suffix = name.rpartition(".")
            numbered = f"{stem}-{number}{dot}{suffix}" if stem else f"{name}-{number}"
            path = folder / numbered
        if self._overwrite:
            # What is there may be a link to somewhere else.
            path.unlink(missing_ok=True)
        try:
            self._keep(path, path.open("xb"))
        except FileExistsError:
            raise CallError(f"{path}: is there already; --overwrite replaces it") from None
        self._numbers[wanted] = number
        self._numbers.setdefault(str(path).casefold(), 1)
        return path

    def _keep(self, path: Path, file: BinaryIO) -> None:
        self._open[path] = file
        if len(self._open) > _MOST_OPEN:
            _, oldest = self._open.popitem(last=False)
            oldest.close()
