"""The fast ways through packets: the compiled one, where it was built.

Strategy: both do the same, and all that is not usual is left to the reader and to the
reference decoder. `SUBUNIT2_PURE=1` in the environment chooses the one in Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from subunit2.packets.backend import HAS_SPEEDUPS

if TYPE_CHECKING or not HAS_SPEEDUPS:
    from subunit2.packets.fast import decode_canonical, read_packets
else:
    from subunit2.packets._speedups import decode_canonical, read_packets

if TYPE_CHECKING:
    from subunit2.items import Corrupt, Packet

__all__ = ["decode_packet", "read_packets"]


def decode_packet(octets: bytes, offset: int, recovered: bool) -> Packet | Corrupt:
    """What the reference decoder's function of this name gives, faster.

    :param octets: of an intact packet: usable header, checksum right.
    :param offset: of the first of them in the stream.
    :param recovered: whether it starts inside a length that was claimed.
    """
    packet = decode_canonical(octets, offset, recovered)
    if packet is not None:
        return packet
    # Kaitai Struct is read where a packet asks for it: few streams have one that does.
    from subunit2.packets.kaitai import decode_packet as decode_by_reference

    return decode_by_reference(octets, offset, recovered)
