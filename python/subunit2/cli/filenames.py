"""Names out of a stream, as names of files that are safe on every system.

Strategy: what a name holds that some system takes for more than a character becomes
`_`, and what is too long is cut, with a checksum of all of it, so that two long names
that begin alike stay apart. That two names become one is left to whoever creates the
file: nothing but creating it can tell.
"""

from __future__ import annotations

import re
from typing import Final

from subunit2.packets.crc import crc32

__all__ = ["safe_name"]

#: What Windows, macOS or a shell takes for something else.
_UNSAFE: Final = re.compile(r'[<>:"/\\|?*]')
#: What Windows takes for a device, whatever stands behind a dot.
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
#: Octets of a name. File systems have 255, and a number may be added.
_LONGEST: Final = 120


def safe_name(name: str) -> str:
    r"""A name as one component of a path: no separator, no control character, not `..`.

    >>> safe_name("../etc/passwd"), safe_name("..") , safe_name("a\nb"), safe_name("")
    ('.._etc_passwd', '__', 'a_b', '_')
    """
    safe = "".join(each if each.isprintable() else "_" for each in _UNSAFE.sub("_", name))
    # Windows drops these at the end, and a shell takes the other for an option.
    stripped = safe.rstrip(". ")
    safe = stripped + "_" * (len(safe) - len(stripped))
    if safe.startswith("-"):
        safe = "_" + safe[1:]
    if _DEVICE.match(safe):
        safe = f"_{safe}"
    octets = safe.encode()
    if len(octets) > _LONGEST:
        safe = f"{octets[:_LONGEST].decode(errors='ignore')}-{crc32(name.encode()):08x}"
    return safe or "_"
