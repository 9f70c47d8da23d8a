"""The targets of `subunit2 extract`: a folder, standard output, or none."""

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

#: The most files open at once; a process can usually open a few hundred.
_MOST_OPEN: Final = 64


class Found:
    """A selected attachment, as far as it has arrived.

    :ivar path: of its file; None without a file.
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
        """Return the JSON form that `--json` prints."""
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
    """Receives attachments in chunks.

    :ivar paths: of the files written.
    """

    paths: list[Path]

    def begin(self, found: Found) -> None:
        """Begin an attachment, at its first packet."""

    def write(self, found: Found, octets: bytes) -> None:
        """Write a chunk of an attachment."""

    def end(self, found: Found) -> None:
        """End an attachment, complete or not."""


class Nowhere:
    """Writes nothing."""

    def __init__(self) -> None:
        self.paths: list[Path] = []

    def begin(self, found: Found) -> None:
        """Begin an attachment, at its first packet."""

    def write(self, found: Found, octets: bytes) -> None:
        """Write a chunk of an attachment."""

    def end(self, found: Found) -> None:
        """End an attachment, complete or not."""


class Output(Nowhere):
    """Writes one attachment to standard output; a second is an error."""

    def __init__(self) -> None:
        super().__init__()
        self._first: Found | None = None

    def begin(self, found: Found) -> None:
        """Begin the attachment, at its first packet.

        :raises InputError: for a second attachment.
        """
        if self._first is not None:
            raise InputError(
                f"more than one attachment: {_describe(self._first)} and {_describe(found)}; "
                "select one with --name or --test"
            )
        self._first = found

    def write(self, found: Found, octets: bytes) -> None:
        """Write a chunk of an attachment."""
        sys.stdout.buffer.write(octets)


def _describe(found: Found) -> str:
    where = [part or EMPTY for part in (found.test_id, found.route_code) if part is not None]
    return f"{found.name} ({', '.join(where)})" if where else found.name


class Folder:
    """Writes files into a folder, chunk by chunk.

    Holds the paths of the files written.

    :raises CallError: from its methods, where a file cannot be written or exists already.
    """

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        self._root = path
        self._overwrite = overwrite
        self.paths: list[Path] = []
        #: The last number added to each requested or created path.
        self._numbers: dict[str, int] = {}
        self._open: OrderedDict[Path, BinaryIO] = OrderedDict()

    def begin(self, found: Found) -> None:
        """Create the file of an attachment, at its first packet."""
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
        """Write a chunk of an attachment."""
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
        """Close the file of an attachment."""
        assert found.path is not None
        file = self._open.pop(found.path, None)
        if file is not None:
            try:
                file.close()
            except OSError as error:
                raise CallError(f"{found.path}: {error.strerror}") from None

    def close(self) -> None:
        """Close all open files, after a failure elsewhere."""
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
        """Create a file of this name, or of this name with a number added."""
        path = folder / name
        # On some file systems, names that differ only in case are the same.
        wanted = str(path).casefold()
        number = self._numbers.get(wanted, 1)
        while str(path).casefold() in self._numbers or path.is_dir():
            number += 1
            stem, dot, suffix = name.rpartition(".")
            numbered = f"{stem}-{number}{dot}{suffix}" if stem else f"{name}-{number}"
            path = folder / numbered
        if self._overwrite:
            # The existing file may be a link to another folder.
            path.unlink(missing_ok=True)
        try:
            self._keep(path, path.open("xb"))
        except FileExistsError:
            raise CallError(f"{path}: exists already; --overwrite replaces it") from None
        self._numbers[wanted] = number
        self._numbers.setdefault(str(path).casefold(), 1)
        return path

    def _keep(self, path: Path, file: BinaryIO) -> None:
        self._open[path] = file
        if len(self._open) > _MOST_OPEN:
            _, oldest = self._open.popitem(last=False)
            oldest.close()
