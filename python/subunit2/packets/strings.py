"""Strings of packets: strict UTF-8 (`string.utf8`)."""

from __future__ import annotations

from codecs import utf_8_decode

__all__ = ["decode_utf8"]


def decode_utf8(octets: bytes) -> str | None:
    """Return `octets` decoded as UTF-8, or None if they are not UTF-8."""
    try:
        return utf_8_decode(octets, "strict", True)[0]
    except UnicodeDecodeError:
        return None
