"""Packets put together field by field, right or wrong, without the library's writer.

A family that asks what a reader makes of a nanosecond too many has to write one;
and a case that a writer is judged by must not come from it.
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
    """`value` as a number of `width` octets; the fewest that hold it if None."""
    if width is None:
        width = next((width for width in (1, 2, 3, 4) if value < 1 << 8 * width - 2), None)
    if width is None:
        raise ValueError(f"{value:,} is too large for a number")
    return (value | (width - 1) << 8 * width - 2).to_bytes(width, "big")


def string(octets: bytes | str, width: int | None = None) -> bytes:
    """`octets`, or a text's UTF-8, with their size in front of them."""
    octets = octets.encode() if isinstance(octets, str) else octets
    return number(len(octets), width) + octets


def checked(octets: bytes) -> bytes:
    """`octets` with their checksum behind them."""
    return octets + crc32(octets).to_bytes(4, "big")


def packet(flags: int, body: bytes = b"", *, width: int | None = None, version: int = 2) -> bytes:
    """A packet of flags and body with a right length and checksum.

    :param width: of the length; the fewest octets that hold it if None.
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
    """A packet whose octets were changed, with its checksum computed anew."""
    return checked(octets[:-4])


def exists(test_id: str) -> bytes:
    """A small good packet: a test exists."""
    return packet(TEST_ID | RUNNABLE | 1, string(test_id))


def written(form: Mapping[str, Any]) -> bytes:
    """The octets that a writer has to make of a packet in JSON's terms.

    Every number is in its shortest form. The values have to be ones that can be
    written. `runnable` defaults to true and `eof` to false.
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
