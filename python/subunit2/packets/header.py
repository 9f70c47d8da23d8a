"""The header of a packet: signature, flags and length.

Strategy: reading a header from the octets that have arrived has one of three results: a
`Header`, the code of the error that makes it unusable, or INCOMPLETE if octets that could
decide have not arrived. The checks are in the order of the format, which is the order of
`packet.first-error`.

The tests compare the constants with subunit2.ksy and grammar.ebnf.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

from subunit2.items import ErrorCode
from subunit2.packets.numbers import LIMITS

__all__ = [
    "CHECKSUM_SIZE",
    "FLAG_EOF",
    "FLAG_FILE",
    "FLAG_MIME_TYPE",
    "FLAG_RESERVED",
    "FLAG_ROUTE_CODE",
    "FLAG_RUNNABLE",
    "FLAG_TAGS",
    "FLAG_TEST_ID",
    "FLAG_TIMESTAMP",
    "INCOMPLETE",
    "LEAST_LENGTHS",
    "LEAST_PACKET",
    "LONGEST_BODIES",
    "MAX_PACKET",
    "PLAUSIBLE_HEADER",
    "SIGNATURE",
    "STATUS_MASK",
    "VERSION",
    "Header",
    "HeaderIncomplete",
    "packet_length",
    "read_header",
]

SIGNATURE: Final = 0xB3
VERSION: Final = 2

FLAG_TEST_ID: Final = 0x0800
FLAG_ROUTE_CODE: Final = 0x0400
FLAG_TIMESTAMP: Final = 0x0200
FLAG_RUNNABLE: Final = 0x0100
FLAG_TAGS: Final = 0x0080
FLAG_FILE: Final = 0x0040
FLAG_MIME_TYPE: Final = 0x0020
FLAG_EOF: Final = 0x0010
FLAG_RESERVED: Final = 0x0008
STATUS_MASK: Final = 0x0007

CHECKSUM_SIZE: Final = 4

#: The longest packet, in octets: the largest number of three octets.
MAX_PACKET: Final = LIMITS[2] - 1

#: Octets of a packet beside its length and its fields: signature, flags, checksum.
_FRAME: Final = 3 + CHECKSUM_SIZE

#: The shortest packet, in octets: its length takes one, and it has no fields.
LEAST_PACKET: Final = _FRAME + 1

#: The longest bodies of packets whose lengths take 1, 2 and 3 octets. A length counts its
#: own octets, so a body of one octet more makes a packet that is two octets longer.
LONGEST_BODIES: Final = tuple(
    limit - 1 - width - _FRAME for width, limit in enumerate(LIMITS[:3], 1)
)

#: The least lengths that take 1, 2 and 3 octets in their shortest form: 8, 65 and 16,385.
LEAST_LENGTHS: Final = (LEAST_PACKET, LIMITS[0] + 1, LIMITS[1] + 1)


def packet_length(body: int) -> int | None:
    """Return the length of a packet in octets, or None if it is too long.

    :param body: octets of its fields.
    """
    for width, longest in enumerate(LONGEST_BODIES, 1):
        if body <= longest:
            return _FRAME + width + body
    return None


class Header(NamedTuple):
    """A usable header.

    :ivar flags: all 16 bits.
    :ivar length: of the whole packet, in octets.
    :ivar size: of the header itself, in octets: 4 to 6.
    """

    flags: int
    length: int
    size: int


HeaderIncomplete: TypeAlias = Literal["incomplete"]
INCOMPLETE: Final = "incomplete"

#: An expression that matches the signature of a plausible header: version 2, the reserved
#: bit clear, and a length of at most three octets. It matches a header that is cut by the
#: end of the octets as well.
PLAUSIBLE_HEADER: Final = rb"\xb3(?=[\x20-\x2f](?:[%b](?:[\x00-\xbf]|\Z)|\Z)|\Z)" % b"".join(
    b"\\x%02x-\\x%02x" % (low, low + 7) for low in range(0x00, 0x100, 0x10)
)


def read_header(
    octets: bytes | bytearray, start: int, end: int
) -> Header | ErrorCode | HeaderIncomplete:
    """Read the header whose signature is at index `start`, from the octets before `end`."""
    if end - start < 2:
        return INCOMPLETE
    high = octets[start + 1]
    # clause flags.version
    if high >> 4 != VERSION:
        return "version"
    if end - start < 3:
        return INCOMPLETE
    flags = high << 8 | octets[start + 2]
    # clause flags.reserved
    if flags & FLAG_RESERVED:
        return "reserved_bit"
    if end - start < 4:
        return INCOMPLETE
    first = octets[start + 3]
    width = (first >> 6) + 1
    # clause length.limit
    if width == 4:
        return "length_encoding"
    if end - start < 3 + width:
        return INCOMPLETE
    length = first & 0x3F
    for index in range(start + 4, start + 3 + width):
        length = length << 8 | octets[index]
    # clause length.least
    if length < _FRAME + width:
        return "length_too_short"
    return Header(flags, length, 3 + width)
