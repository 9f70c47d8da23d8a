"""The octets that the header of a corrupt region claims."""

from __future__ import annotations

from subunit2.items import Corrupt
from subunit2.packets.header import MAX_PACKET, Header, read_header

__all__ = ["claimed_end"]


def claimed_end(region: Corrupt) -> int:
    r"""Return the offset behind the last octet that a region claims (`recovery.recovered`).

    It is that of the region itself if its header is unusable. A header that was cut short
    can claim as much as the longest packet.

    >>> claimed_end(Corrupt(b"\xb3\x29\x01\x28foo", "truncated", offset=2)), claimed_end(
    ...     Corrupt(b"\xb3", "version", offset=2)
    ... )
    (42, 2)
    """
    header = read_header(region.data, 0, region.length)
    if isinstance(header, Header):
        return region.offset + header.length
    return region.offset + (MAX_PACKET if region.length > 1 else 0)
