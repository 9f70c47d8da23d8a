"""Attachments: the files of a stream, joined from their packets, and read as text.

Strategy: a file is told by route, test and name, up to its end of file
(`file.identity`). `AttachmentParts` joins the files of one test, or of one route
where they belong to none, and keeps them in the order in which they began.

What a MIME type says of a charset is a guess of its writer's. Emitters in use
write `utf8`, `"UTF-8"`, and `utf8,language=python`, so it is read leniently, and
what cannot be decoded is shown with replacement characters: text never fails.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from subunit2.items import Packet
from subunit2.structs import Struct

__all__ = ["Attachment", "AttachmentParts", "is_text"]

#: The charset of a MIME type: as emitters write it, not only as they should.
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?\s*([^\s"',;]+)""", re.IGNORECASE)

#: Encodings of Python's own that are about its source, and warn about what they read.
_NOT_CHARSETS: Final = {"unicode-escape", "raw-unicode-escape"}

#: Types that are text, and do not begin with `text/`.
_TEXT_TYPES: Final = ("application/json", "application/xml", "application/x-yaml")


class Attachment(Struct, frozen=True, gc=False):
    """A file of a test or of a route, joined from its packets (`file.identity`).

    :ivar name: the file's name, any string but one with NUL. It is the writer's:
        never open a file of this name as it stands.
    :ivar mime_type: the first that a packet of it gives; None: application/octet-stream
        (`mime.default`).
    :ivar data: the content.
    :ivar is_complete: whether its end of file came. Where it did not, it may be cut
        short, or its writer may never say where a file ends (`file.never-ended`).

    >>> Attachment("log", 'text/plain; charset="UTF-8"', "adiós".encode()).text
    'adiós'
    """

    name: str
    mime_type: str | None = None
    data: bytes = b""
    is_complete: bool = True

    @property
    def text(self) -> str:
        """The content as text, by the charset of the MIME type. Never raises.

        UTF-8 where none is given or nobody knows it. What cannot be decoded
        becomes U+FFFD.
        """
        return self.data.decode(_encoding(self.mime_type), "replace")


def is_text(mime_type: str | None) -> bool:
    """Whether a MIME type is one of text, to be shown to a person.

    >>> is_text("text/x-traceback;charset=utf8"), is_text("image/png"), is_text(None)
    (True, False, False)
    """
    kind = (mime_type or "").partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXT_TYPES or "charset" in (mime_type or "")


def _encoding(mime_type: str | None) -> str:
    """The encoding that a MIME type names, where Python has one that reads text."""
    named = _CHARSET.search(mime_type or "")
    if named is None:
        return "utf-8"
    try:
        encoding = codecs.lookup(named[1]).name
        # Those that turn octets into octets refuse here; others raise whatever is asked.
        b"".decode(encoding, "replace")
        b"\xff\xfe".decode(encoding, "replace")
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if encoding in _NOT_CHARSETS else encoding


class _Parts:
    """A file while it comes."""

    __slots__ = ("chunks", "is_complete", "mime_type", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.mime_type: str | None = None
        self.chunks: list[bytes] = []
        self.is_complete = False

    def joined(self) -> Attachment:
        return Attachment(self.name, self.mime_type, b"".join(self.chunks), self.is_complete)


class AttachmentParts:
    """Joins the files of one test, or of one route, as their packets come.

    Holds their content.

    >>> parts = AttachmentParts()
    >>> parts.add(Packet(file_name="log", file_bytes=b"one ", mime_type="text/plain"))
    >>> parts.add(Packet(file_name="log", file_bytes=b"two", eof=True))
    >>> parts.attachments()
    (Attachment(name='log', mime_type='text/plain', data=b'one two', is_complete=True),)
    """

    __slots__ = ("_files", "_open")

    def __init__(self) -> None:
        self._files: list[_Parts] = []
        self._open: dict[str, _Parts] = {}

    def add(self, packet: Packet) -> None:
        """Take what a packet holds of a file, if it does."""
        name = packet.file_name
        if name is None:
            return
        parts = self._open.get(name)
        if parts is None:
            parts = self._open[name] = _Parts(name)
            self._files.append(parts)
        if packet.file_bytes:
            parts.chunks.append(packet.file_bytes)
        # clause mime.scope
        if parts.mime_type is None:
            parts.mime_type = packet.mime_type
        if packet.eof:
            # clause file.identity: what comes under this name behind it is another file
            parts.is_complete = True
            del self._open[name]

    def is_open(self, name: str) -> bool:
        """Whether a file of this name has begun and not ended."""
        return name in self._open

    def attachments(self) -> tuple[Attachment, ...]:
        """The files so far, in the order in which they began."""
        return tuple(parts.joined() for parts in self._files)
