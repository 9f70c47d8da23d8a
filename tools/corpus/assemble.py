"""Packets put together field by field, right or wrong, without the library's writer.

A family about a nanosecond too many has to write one, which the writer refuses; and a case
that judges a writer must not come from that writer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

__all__ = ["checked", "exists", "number", "packet", "sealed", "string", "written"]

TEST_ID = 0x0800
ROUTE_CODE = 0x0400
TIMESTAMP = 0x0200
RUNNABLE = 0x0100
TAGS = 0x0080
FILE = 0x0040
MIME_TYPE = 0x0020
EOF = 0x0010
RESERVED = 0x0008

STATUSES = (
    "none", "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail",
)  # fmt: skip


def number(value: int, width: int | None = None) -> bytes:
    """Encode `value` as a number of `width` octets; None: the fewest that hold it."""
    if width is None:
        width = next((width for width in (1, 2, 3, 4) if value < 1 << 8 * width - 2), None)
    if width is None:
        raise ValueError(f"{value:,} is too large for a number")
    return (value | (width - 1) << 8 * width - 2).to_bytes(width, "big")


def string(octets: bytes | str, width: int | None = None) -> bytes:
    """Encode a string: its size, then `octets` or the UTF-8 of a text."""
    octets = octets.encode() if isinstance(octets, str) else octets
    return number(len(octets), width) + octets


def checked(octets: bytes) -> bytes:
    """Append their checksum to `octets`."""
    return octets + crc32(octets).to_bytes(4, "big")


def packet(flags: int, body: bytes = b"", *, width: int | None = None, version: int = 2) -> bytes:
    """Build a packet of flags and body, with correct length and checksum.

    :param width: octets of the length; None: the fewest that hold it.
    """
    if width is None:
        width = next(
            (width for width in (1, 2, 3) if 7 + width + len(body) < 1 << 8 * width - 2), None
        )
    if width is None:
        raise ValueError(f"a body of {len(body):,} octets is too long for a packet")
    length = number(7 + width + len(body), width)
    return checked(b"\xb3" + (version << 12 | flags).to_bytes(2, "big") + length + body)


def sealed(octets: bytes) -> bytes:
    """Compute the checksum of a changed packet anew."""
    return checked(octets[:-4])


def exists(test_id: str) -> bytes:
    """Build a small valid packet: a test exists."""
    return packet(TEST_ID | RUNNABLE | 1, string(test_id))


def written(form: Mapping[str, Any]) -> bytes:
    """Return the octets that a writer has to write for a packet in the JSON form.

    Every number is in its shortest form. The values must be valid. `runnable` defaults to
    true and `eof` to false.
    """
    flags = STATUSES.index(form.get("test_status", "none"))
    body = b""
    if (when := form.get("timestamp")) is not None:
        flags |= TIMESTAMP
        body += when["seconds"].to_bytes(4, "big") + number(when["nanoseconds"])
    if (test_id := form.get("test_id")) is not None:
        flags |= TEST_ID
        body += string(test_id)
    if (tags := form.get("test_tags")) is not None:
        flags |= TAGS
        body += number(len(tags)) + b"".join(map(string, tags))
    if (mime_type := form.get("mime_type")) is not None:
        flags |= MIME_TYPE
        body += string(mime_type)
    if (name := form.get("file_name")) is not None:
        flags |= FILE
        body += string(name) + string(bytes.fromhex(form["file_bytes"]))
    if (route_code := form.get("route_code")) is not None:
        flags |= ROUTE_CODE
        body += string(route_code)
    if form.get("runnable", True):
        flags |= RUNNABLE
    if form.get("eof", False):
        flags |= EOF
    return packet(flags, body)
