"""The targets of `subunit2 extract`: a folder, standard output, or none."""

from __future__ import annotations

import sys
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Protocol

from subunit2.cli.exits import CallError, InputError
from subunit2.cli.filenames import (
    name_key,
    numbered,
    numbered_folder,
    safe_folder_name,
    safe_name,
)
from subunit2.cli.folders import Root
from subunit2.cli.run_status import EMPTY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import BinaryIO, TypeAlias

    from subunit2.cli.folders import FileMark
    from subunit2.cli.terminal import OctetsAsText

    #: The names of folders below the root, and of a file at the end.
    Names: TypeAlias = tuple[str, ...]

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
    """Writes one attachment to standard output; a second is an error.

    A terminal gets it as text without control characters.
    """

    def __init__(self) -> None:
        super().__init__()
        self._first: Found | None = None
        self._text: OctetsAsText | None = None
        if sys.stdout.isatty():
            from subunit2.cli.terminal import OctetsAsText

            self._text = OctetsAsText()

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
        if self._text is None:
            sys.stdout.buffer.write(octets)
        else:
            sys.stdout.write(self._text.feed(octets))

    def end(self, found: Found) -> None:
        """End the attachment, complete or not."""
        if self._text is not None:
            sys.stdout.write(self._text.end())


def _describe(found: Found) -> str:
    where = [part or EMPTY for part in (found.test_id, found.route_code) if part is not None]
    return f"{found.name} ({', '.join(where)})" if where else found.name


class _Target:
    """The file of an attachment that has begun.

    :ivar names: of its folders and the file itself, below the root.
    :ivar aside: the same while the file has another name, to replace an existing one later.
    :ivar size: the octets written so far.
    """

    __slots__ = ("aside", "mark", "names", "size")

    def __init__(self, names: Names, aside: Names, mark: FileMark) -> None:
        self.names = names
        self.aside = aside
        self.mark = mark
        self.size = 0


class Folder:
    """Writes files into a folder, chunk by chunk. Nothing is written outside of it.

    An existing file is replaced when the attachment ends, or the stream does; any link to it
    keeps the old content. Holds the paths of the files written, and their names.

    :raises CallError: from its methods, where a file cannot be written or exists already.
    """

    def __init__(self, path: Path, *, overwrite: bool) -> None:
        self._path = path
        self._overwrite = overwrite
        self.paths: list[Path] = []
        self._root: Root | None = None
        #: The folder of each route or test by the folder that it is in.
        self._folders: dict[tuple[Names, str], Names] = {}
        #: The names in use, and the last number added to each requested name, by folder.
        self._taken: set[tuple[Names, str]] = set()
        self._numbers: dict[tuple[Names, str], int] = {}
        self._targets: dict[Found, _Target] = {}
        self._open: OrderedDict[Found, BinaryIO] = OrderedDict()

    def begin(self, found: Found) -> None:
        """Create the file of an attachment, at its first packet."""
        folder: Names = ()
        try:
            if self._root is None:
                self._root = Root(self._path)
            for part in (found.route_code, found.test_id):
                if part is not None:
                    folder = self._folder(self._root, folder, part)
            target, file = self._create(self._root, folder, safe_name(found.name))
        except OSError as error:
            path = error.filename or self._path.joinpath(*folder)
            raise CallError(f"{path}: {error.strerror}") from None
        self._targets[found] = target
        found.path = self._path.joinpath(*target.names)
        self.paths.append(found.path)
        self._keep(found, file)

    def write(self, found: Found, octets: bytes) -> None:
        """Write a chunk of an attachment."""
        assert self._root is not None
        target = self._targets[found]
        try:
            file = self._open.pop(found, None)
            if file is None:
                fd = self._root.reopen(target.aside, target.mark, target.size)
                file = open(fd, "ab")  # noqa: PTH123, SIM115 - `_keep` closes it
            self._keep(found, file)
            file.write(octets)
            target.size += len(octets)
        except OSError as error:
            raise CallError(f"{found.path}: {error.strerror}") from None

    def end(self, found: Found) -> None:
        """Close the file of an attachment, and give it its name."""
        assert self._root is not None
        file = self._open.pop(found, None)
        target = self._targets[found]
        try:
            if file is not None:
                file.close()
            if target.aside != target.names:
                self._root.replace(target.aside, target.names, target.mark)
        except OSError as error:
            raise CallError(f"{found.path}: {error.strerror}") from None
        del self._targets[found]

    def close(self) -> None:
        """Close all open files, and remove those without a name, after a failure elsewhere."""
        while self._open:
            _, file = self._open.popitem()
            with suppress(OSError):
                file.close()
        if self._root is None:
            return
        for target in self._targets.values():
            if target.aside != target.names:
                with suppress(OSError):
                    self._root.remove(target.aside)
        self._targets.clear()
        self._root.close()

    def _folder(self, root: Root, parent: Names, part: str) -> Names:
        """Return the folder of a route or test, which is created at its first attachment."""
        folder = self._folders.get((parent, part))
        if folder is None:
            for name in self._free_names(parent, safe_folder_name(part), numbered_folder):
                folder = (*parent, name)
                # Any file or link that has the name is left alone.
                if root.make_folder(folder):
                    break
            assert folder is not None
            self._folders[parent, part] = folder
        return folder

    def _create(self, root: Root, folder: Names, name: str) -> tuple[_Target, BinaryIO]:
        """Create a file of this name, or of this name with a number added."""
        for free in self._free_names(folder, name, numbered):
            names = aside = (*folder, free)
            try:
                fd, mark = root.create(names)
            except FileExistsError:
                if root.is_folder(names):
                    continue
                if not self._overwrite:
                    path = self._path.joinpath(*names)
                    raise CallError(f"{path}: exists already; --overwrite replaces it") from None
                fd, mark, aside = root.create_aside(names)
            return _Target(names, aside, mark), open(fd, "wb")  # noqa: PTH123 - a descriptor
        raise AssertionError

    def _free_names(
        self, folder: Names, name: str, with_number: Callable[[str, int], str]
    ) -> Iterator[str]:
        """Yield a name, and then with numbers, those in use left out; take the last one.

        The search goes on where the last one for this name ended, so that all searches
        together take as many steps as there are names.
        """
        wanted = folder, name_key(name)
        number = self._numbers.get(wanted, 0)
        while True:
            number += 1
            each = with_number(name, number) if number > 1 else name
            key = folder, name_key(each)
            if key not in self._taken:
                self._numbers[wanted] = number
                self._taken.add(key)
                yield each

    def _keep(self, found: Found, file: BinaryIO) -> None:
        self._open[found] = file
        if len(self._open) > _MOST_OPEN:
            _, oldest = self._open.popitem(last=False)
            oldest.close()
