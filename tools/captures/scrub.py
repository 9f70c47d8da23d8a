"""Take the paths of this machine out of a stream.

Paths occur in attachments (tracebacks), in names of files, in ids and in bare output. A packet that
holds one is read, changed and written again by the library, so its lengths and checksum are right;
the octets of every other packet stay as the tool wrote them.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

from subunit2 import Corrupt, Packet, Passthrough, decode, encode, replace

__all__ = ["Scrubber", "has_corrupt"]

# The replacements in a capture. They look like paths on an ordinary machine.
PROJECT = "/srv/project"
TOOLS = "/srv/venv"
STDLIB = f"/usr/lib/python{sys.version_info.major}.{sys.version_info.minor}"
HOME = "/home/user"


class Scrubber:
    """The paths that are replaced, and the paths of which none may remain."""

    def __init__(self, *, project: Path, venv: Path, home: Path) -> None:
        stdlib = Path(dataclasses.__file__).parent
        paths = {project: PROJECT, venv: TOOLS, home: HOME, stdlib: STDLIB}
        replacements = {}
        for path, shown in paths.items():
            # Some tools print a path as given, others with its links resolved.
            replacements[str(path)] = replacements[str(path.resolve())] = shown
        # The longest first: the virtual environment may be in the home, or the other way round.
        self._replacements = sorted(replacements.items(), key=lambda pair: -len(pair[0]))
        repository = Path(__file__).resolve().parents[2]
        private = {tempfile.gettempdir(), str(Path.home()), str(repository), *replacements}
        # A path of this machine that equals a replacement discloses nothing.
        self._private = sorted(private - {PROJECT, TOOLS, STDLIB, HOME, "/"})

    def stream(self, data: bytes) -> bytes:
        """Return *data* without the paths."""
        chunks = groupby(decode(data), key=lambda item: isinstance(item, Passthrough))
        scrubbed = []
        for is_passthrough, items in chunks:
            # Passthrough may come in any number of chunks, cut in a path: join them first.
            if is_passthrough:
                octets = b"".join(data[item.offset : item.offset + item.length] for item in items)
                scrubbed.append(self._octets(octets))
            else:
                scrubbed += [self._item(item, data) for item in items]
        return b"".join(scrubbed)

    def leaks(self, data: bytes) -> list[str]:
        """Return the paths of this machine that are in *data*."""
        return [path for path in self._private if path.encode() in data]

    def _item(self, item: Packet | Passthrough | Corrupt, data: bytes) -> bytes:
        changes = self._changes(item) if isinstance(item, Packet) else {}
        if isinstance(item, Packet) and changes:
            # raw holds the old octets of a packet that is not canonical.
            return encode(replace(item, raw=None, **changes))
        return data[item.offset : item.offset + item.length]

    def _changes(self, packet: Packet) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        for name in ("test_id", "file_name", "mime_type", "route_code"):
            value = getattr(packet, name)
            if value is not None and self._text(value) != value:
                changes[name] = self._text(value)
        if packet.test_tags is not None:
            tags = tuple(map(self._text, packet.test_tags))
            if tags != packet.test_tags:
                changes["test_tags"] = tags
        if packet.file_bytes is not None and self._octets(packet.file_bytes) != packet.file_bytes:
            changes["file_bytes"] = self._octets(packet.file_bytes)
        return changes

    def _octets(self, octets: bytes) -> bytes:
        for path, shown in self._replacements:
            octets = octets.replace(path.encode(), shown.encode())
        return octets

    def _text(self, text: str) -> str:
        return self._octets(text.encode()).decode()


def has_corrupt(data: bytes) -> bool:
    """Return whether some octets of *data* are damaged."""
    return any(isinstance(item, Corrupt) for item in decode(data))
