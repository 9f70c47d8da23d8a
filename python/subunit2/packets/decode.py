"""Decode packets with the backend in use: the compiled speedups or pure Python.

Strategy: both backends decode canonical packets, and leave all others to the reader and to
the reference decoder. `SUBUNIT2_PURE=1` in the environment selects pure Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from subunit2.items import Packet
from subunit2.packets.backend import HAS_SPEEDUPS
from subunit2.packets.crc import crc32
from subunit2.packets.header import CHECKSUM_SIZE, SIGNATURE, Header, read_header

if TYPE_CHECKING or not HAS_SPEEDUPS:
    from subunit2.packets.fast import decode_canonical, read_packets
else:
    from subunit2.packets._speedups import decode_canonical, read_packets

if TYPE_CHECKING:
    from subunit2.items import Corrupt

__all__ = ["decode_packet", "decode_whole", "read_packets"]


def decode_packet(octets: bytes, offset: int, recovered: bool) -> Packet | Corrupt:
    """Return the same as the reference decoder's `decode_packet`, sooner.

    :param octets: of an intact packet: usable header, matching checksum.
    :param offset: of the first of them in the stream.
    :param recovered: whether it starts inside a length that was claimed.
    """
    packet = decode_canonical(octets, offset, recovered)
    if packet is not None:
        return packet
    # Imported on demand: few streams have a packet that needs Kaitai Struct.
    from subunit2.packets.kaitai import decode_packet as decode_by_reference

    return decode_by_reference(octets, offset, recovered)


def decode_whole(octets: bytes) -> Packet | None:
    """Return the packet at offset 0, or None if `octets` are not one well-formed packet."""
    octets = bytes(octets)
    header = read_header(octets, 0, len(octets))
    if (
        not isinstance(header, Header)
        or octets[0] != SIGNATURE
        or header.length != len(octets)
        or crc32(octets[:-CHECKSUM_SIZE]) != int.from_bytes(octets[-CHECKSUM_SIZE:], "big")
    ):
        return None
    item = decode_packet(octets, 0, False)
    return item if isinstance(item, Packet) else None
