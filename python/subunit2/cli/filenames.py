"""File names from a stream, made safe for every system.

Strategy: characters with a special meaning on some system are replaced by `_`. A long
name is cut, and a checksum of the whole name is added, so that long names with the same
beginning stay distinct. Collisions are detected by the caller, when it creates the file.
"""

from __future__ import annotations

import re
from typing import Final

from subunit2.packets.crc import crc32

__all__ = ["safe_name"]

#: Characters with a special meaning on Windows, macOS or in a shell.
_UNSAFE: Final = re.compile(r'[<>:"/\\|?*]')
#: Device names of Windows, with any suffix.
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
#: The most octets of a name; file systems allow 255, and a number may be added.
_LONGEST: Final = 120


def safe_name(name: str) -> str:
    r"""Return a name as one component of a path: no separator, no control character, not `..`.

    >>> safe_name("../etc/passwd"), safe_name("..") , safe_name("a\nb"), safe_name("")
    ('.._etc_passwd', '__', 'a_b', '_')
    """
    safe = "".join(each if each.isprintable() else "_" for each in _UNSAFE.sub("_", name))
    # Windows drops dots and spaces at the end.
    stripped = safe.rstrip(". ")
    safe = stripped + "_" * (len(safe) - len(stripped))
    # Commands take a leading dash for an option.
    if safe.startswith("-"):
        safe = "_" + safe[1:]
    if _DEVICE.match(safe):
        safe = f"_{safe}"
    octets = safe.encode()
    if len(octets) > _LONGEST:
        safe = f"{octets[:_LONGEST].decode(errors='ignore')}-{crc32(name.encode()):08x}"
    return safe or "_"
