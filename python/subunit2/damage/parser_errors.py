"""Describe the error of a corrupt region in the words of python-subunit.

Strategy: python-subunit reports damage as a text attachment of a test `subunit.parser`,
and tools read that text. The same fault gets the same text. Faults that python-subunit
does not detect are described in its style. The sizes in a damaged packet are read with
`dissect`, which keeps the fields it has read before it fails. That is slow, but damage
is rare.
"""

from __future__ import annotations

from codecs import utf_8_decode
from typing import TYPE_CHECKING, Final
from zlib import crc32

from subunit2.packets.header import CHECKSUM_SIZE, Header, read_header

if TYPE_CHECKING:
    from subunit2.items import Corrupt, ErrorCode

__all__ = ["describe_error"]

#: The octets of a header that python-subunit reads: flags and the longest length.
_HEADER: Final = 5

_WORDS: Final[dict[ErrorCode, str]] = {
    "version": "The packet's version is not 2.",
    "reserved_bit": "A reserved bit of the flags is set.",
    "length_encoding": "3 byte maximum given but 4 byte value found.",
    "length_too_short": "The length has no room for header and checksum.",
    "field_overrun": "A field extends past end of packet.",
    "nanoseconds": "The nanoseconds are a second or more.",
    "utf8": "A UTF8 string is not UTF8",
    "nul": "A UTF8 string contains NUL byte",
    "trailing_bytes": "Bytes are left between the last field and the checksum.",
}


def describe_error(corrupt: Corrupt) -> str:
    r"""Return a line that describes the error of a region.

    An offset in it counts from the end of the flags, as in python-subunit.

    >>> from subunit2 import decode
    >>> [region] = decode(b"\xb3\x29\x01\x0c\x03foo\x08\x55\x5f\x1c")
    >>> describe_error(region)
    'Bad checksum - calculated (0x8555f1b), stored (0x8555f1c)'
    """
    octets = corrupt.data
    if corrupt.error == "checksum":
        return _describe_checksum(octets)
    if corrupt.error == "truncated":
        return _describe_truncation(octets)
    if corrupt.error in ("field_overrun", "utf8", "nul"):
        return _describe_field(octets, corrupt.error)
    return _WORDS[corrupt.error]


def _describe_checksum(octets: bytes) -> str:
    header = read_header(octets, 0, len(octets))
    if not isinstance(header, Header) or header.length != len(octets):
        # clause recovery.region
        return "Bad checksum - a packet starts inside the length that it claims"
    calculated = crc32(octets[:-CHECKSUM_SIZE])
    stored = int.from_bytes(octets[-CHECKSUM_SIZE:], "big")
    return f"Bad checksum - calculated (0x{calculated:x}), stored (0x{stored:x})"


def _describe_truncation(octets: bytes) -> str:
    header = read_header(octets, 0, len(octets))
    available = len(octets) - 1
    if isinstance(header, Header) and available >= _HEADER:
        got, wanted = available - _HEADER, header.length - 1 - _HEADER
    else:
        got, wanted = available, _HEADER
    return f"Short read - got {got} bytes, wanted {wanted} bytes"


def _describe_field(octets: bytes, error: ErrorCode) -> str:
    from subunit2.packets.dissect import dissect
    from subunit2.packets.strings import decode_utf8

    end = len(octets) - CHECKSUM_SIZE
    for part in dissect(octets):
        # The error is in the extent of a string, or in its content.
        offset = part.end - 3
        if part.path.endswith("/size") and isinstance(part.value, int):
            available = end - part.end
            claims = f"claimed {part.value} bytes, {available} available"
            if error == "field_overrun" and part.value > available:
                if part.path == "file/size":
                    return f"File content extends past end of packet: {claims}"
                return f"UTF8 string at offset {offset} extends past end of packet: {claims}"
            string = octets[part.end : part.end + part.value]
            if part.path == "file/size":
                continue
            if error == "utf8" and decode_utf8(string) is None:
                return _describe_text(string, offset)
            if error == "nul" and b"\0" in string:
                return f"UTF8 string at offset {offset} contains NUL byte"
    # The error is in a number, or after more tags than `dissect` reads.
    return _WORDS[error]


def _describe_text(string: bytes, offset: int) -> str:
    try:
        _, decoded = utf_8_decode(string)
    except UnicodeDecodeError:
        return f"UTF8 string at offset {offset} is not UTF8"
    # The string ends in the middle of a character.
    undecoded = len(string) - decoded
    return f"Invalid (partially decodable) string at offset {offset}, {undecoded} undecoded bytes"
