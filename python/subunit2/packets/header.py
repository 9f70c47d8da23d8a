"""The first octets of a packet: signature, flags and length.

Strategy: a header is read from the octets that have arrived and is one of
three things: a `Header`, the code of the error that makes it unusable, or
INCOMPLETE, where octets are missing that could still decide. The checks stand
in the order of the format, which is that of `packet.first-error`.

The constants are compared with subunit2.ksy and grammar.ebnf by the tests.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple, TypeAlias

from subunit2.items import ErrorCode

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
    "LEAST_PACKET",
    "MAX_PACKET",
    "PLAUSIBLE_HEADER",
    "SIGNATURE",
    "STATUS_MASK",
    "VERSION",
    "Header",
    "Incomplete",
    "least_length",
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

#: The longest packet, in octets: what a number of three octets holds.
MAX_PACKET: Final = (1 << 22) - 1

#: The shortest packet: signature, flags, a length of one octet, checksum.
LEAST_PACKET: Final = 8

#: The fewest octets that each field takes (`length.least`).
_LEAST_OF_FIELD: Final = {
    FLAG_TIMESTAMP: 5,
    FLAG_TEST_ID: 1,
    FLAG_TAGS: 1,
    FLAG_MIME_TYPE: 1,
    FLAG_FILE: 2,
    FLAG_ROUTE_CODE: 1,
}


def _least_bodies() -> list[int]:
    least = [0]
    for bit in range(12):
        # As those before, with one flag more.
        of_field = _LEAST_OF_FIELD.get(1 << bit, 0)
        least += [others + of_field for others in least]
    return least


#: What the fields of each of the flag words take at least: every header asks for it.
_LEAST_BODY: Final = tuple(_least_bodies())


def least_length(flags: int, width: int) -> int:
    """The least length that a packet with these flags can have.

    :param width: how many octets the length itself takes, 1 to 3.
    """
    return 3 + width + _LEAST_BODY[flags & 0xFFF] + CHECKSUM_SIZE


class Header(NamedTuple):
    """A header that is usable, or would be if the checksum held.

    :ivar flags: all sixteen bits.
    :ivar length: of the whole packet, in octets.
    :ivar has_room: whether the fields that the flags announce can fit into it.
    """

    flags: int
    length: int
    has_room: bool


Incomplete: TypeAlias = Literal["incomplete"]
INCOMPLETE: Final = "incomplete"

#: The expression that finds the signature of what could be a usable header, also one that
#: is cut by the end of the octets searched: a signature, version 2, the reserved bit clear,
#: and a length of at most three octets.
PLAUSIBLE_HEADER: Final = rb"\xb3(?=[\x20-\x2f](?:[%b](?:[\x00-\xbf]|\Z)|\Z)|\Z)" % b"".join(
    b"\\x%02x-\\x%02x" % (low, low + 7) for low in range(0x00, 0x100, 0x10)
)


def read_header(octets: bytes | bytearray, start: int, end: int) -> Header | ErrorCode | Incomplete:
    """The header of the signature at `start`, from the octets before `end`."""
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
    for position in range(start + 4, start + 3 + width):
        length = length << 8 | octets[position]
    # clause length.least
    if length < 3 + width + CHECKSUM_SIZE:
        return "length_too_short"
    return Header(flags, length, length >= least_length(flags, width))
