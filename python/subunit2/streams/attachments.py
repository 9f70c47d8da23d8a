"""Attachments: the files of a stream, joined from their packets, and read as text.

Strategy: route, test and name identify a file, up to its end of file
(`file.identity`). `AttachmentParts` joins the files of one test, or of one route if they
belong to no test, and keeps them in the order in which they began.

The charset of a MIME type is not reliable. Emitters in use write `utf8`, `"UTF-8"`, and
`utf8,language=python`, so it is parsed leniently, and octets that cannot be decoded become
replacement characters: `text` never fails.
"""

from __future__ import annotations

import codecs
import io
import re
from typing import Final

from subunit2.items import Packet
from subunit2.structs import Struct

__all__ = ["Attachment", "AttachmentParts", "is_text"]

#: The charset of a MIME type, also in the malformed variants that emitters write.
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?\s*([^\s"',;]+)""", re.IGNORECASE)

#: Encodings for the source code of Python, which warn about the octets they read.
_NOT_CHARSETS: Final = {"unicode-escape", "raw-unicode-escape"}

#: Types of text that do not begin with `text/`.
_TEXT_TYPES: Final = ("application/json", "application/xml", "application/x-yaml")


class Attachment(Struct, frozen=True, gc=False):
    """A file of a test or of a route, joined from its packets (`file.identity`).

    :ivar name: the file's name, any string without NUL. It is not trustworthy: never
        open a path of this name unchecked.
    :ivar mime_type: the first MIME type in its packets; None: application/octet-stream
        (`mime.default`).
    :ivar data: the content.
    :ivar is_complete: whether its end of file was read. If not, the file may be cut
        short, or its writer may never mark the end of a file (`file.never-ended`).

    >>> Attachment("log", 'text/plain; charset="UTF-8"', "adiós".encode()).text
    'adiós'
    """

    name: str
    mime_type: str | None = None
    data: bytes = b""
    is_complete: bool = True

    @property
    def text(self) -> str:
        """The content as text, decoded by the charset of the MIME type. Never raises.

        UTF-8 if the charset is missing or unknown. Octets that cannot be decoded become
        U+FFFD.
        """
        return self.data.decode(_encoding(self.mime_type), "replace")


def is_text(mime_type: str | None) -> bool:
    """Return whether a MIME type is of text, which can be shown to a person.

    >>> is_text("text/x-traceback;charset=utf8"), is_text("image/png"), is_text(None)
    (True, False, False)
    """
    kind = (mime_type or "").partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXT_TYPES or "charset" in (mime_type or "")


def _encoding(mime_type: str | None) -> str:
    """Return the encoding that a MIME type names, or UTF-8 if Python has no such encoding."""
    match = _CHARSET.search(mime_type or "")
    if match is None:
        return "utf-8"
    try:
        encoding = codecs.lookup(match[1]).name
        # Codecs from octets to octets refuse here. Some encodings raise for any input.
        b"".decode(encoding, "replace")
        b"\xff\xfe".decode(encoding, "replace")
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if encoding in _NOT_CHARSETS else encoding


class _Parts:
    """A file while its packets arrive."""

    __slots__ = ("_content", "is_complete", "mime_type", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.mime_type: str | None = None
        self.is_complete = False
        # Most files have one chunk. More are joined as they arrive, in a BytesIO, since that
        # returns its own octets: chunks in a list would be held twice when they are joined.
        self._content: bytes | io.BytesIO = b""

    def add(self, chunk: bytes) -> None:
        if not self._content:
            self._content = chunk
            return
        if isinstance(self._content, bytes):
            first, self._content = self._content, io.BytesIO()
            self._content.write(first)
        self._content.write(chunk)

    def joined(self) -> Attachment:
        content = self._content
        data = content if isinstance(content, bytes) else content.getvalue()
        return Attachment(self.name, self.mime_type, data, self.is_complete)


class AttachmentParts:
    """Joins the files of one test, or of one route, as their packets arrive.

    Holds the content of the files.

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
        """Add a packet. One without a file is ignored."""
        name = packet.file_name
        if name is None:
            return
        parts = self._open.get(name)
        if parts is None:
            parts = self._open[name] = _Parts(name)
            self._files.append(parts)
        if packet.file_bytes:
            parts.add(packet.file_bytes)
        # clause mime.scope
        if parts.mime_type is None:
            parts.mime_type = packet.mime_type
        if packet.eof:
            # clause file.identity: the name is free for another file
            parts.is_complete = True
            del self._open[name]

    def is_open(self, name: str) -> bool:
        """Return whether a file of this name has begun and not ended."""
        return name in self._open

    def attachments(self) -> tuple[Attachment, ...]:
        """Return the files so far, in the order in which they began."""
        return tuple(parts.joined() for parts in self._files)
