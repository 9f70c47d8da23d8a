"""The fast path of the reader: canonical packets and lines of plain output.

Strategy: nearly all packets are intact and canonical, and follow another packet, a line, or
a part of a line in ASCII. One loop does everything for those. The first three octets select
the decoder of the packet (`assemble`), and so show that it is version 2 with the reserved
bit clear; then the checksum is compared, and the fields are read. At the first packet or
line that does not qualify the loop ends, and leaves it to the reader and to the reference
decoder: errors are named there, and only there.

The loop reads the length inline instead of calling `numbers.read_number`: a call costs a
tenth of a small packet.
"""

from __future__ import annotations

import struct
from typing import Final

from subunit2.items import Item, Packet, Passthrough, mark_recovered
from subunit2.packets.assemble import Decoders
from subunit2.packets.crc import crc32
from subunit2.packets.fast_generated import LAYOUT
from subunit2.packets.header import (
    CHECKSUM_SIZE,
    LEAST_LENGTHS,
    LEAST_PACKET,
    MAX_PACKET,
    SIGNATURE,
)

__all__ = ["decode_canonical", "read_packets"]

_u4: Final = struct.Struct(">I").unpack_from

_DECODERS: Final = Decoders(LAYOUT)
_entry_of: Final = _DECODERS.get

_SIGNATURE_OCTET: Final = bytes([SIGNATURE])
_LINE_FEED: Final = 0x0A

_, _LEAST_OF_TWO, _LEAST_OF_THREE = LEAST_LENGTHS

#: From this size on, in octets, a checksum is computed over a view instead of a copy.
_LARGE: Final = 2048

#: Upper bound of items in a call, so that signals are handled between calls.
_MOST_ITEMS: Final = 1024


def read_packets(
    data: bytes, index: int, base: int, items: list[Item], claimed_end: int = 0
) -> int:
    """Append the packets and lines from `index` on to `items`.

    :param index: of a sync point, no text before it cut in mid-character.
    :param base: the offset in the stream of the first octet of `data`.
    :param claimed_end: the offset up to which corrupt regions claimed the stream.
    :returns: the index behind the last of them: a sync point again.
    """
    end_of_data = len(data)
    append = items.append
    entry_of = _entry_of
    crc = crc32
    u4 = _u4
    least_of_two, least_of_three = _LEAST_OF_TWO, _LEAST_OF_THREE
    # Bound repeated CRC work: inside a range that is claimed already, packets over 2 KiB are
    # left to the reader, which has a CRC budget.
    most = _LARGE if base + index < claimed_end else MAX_PACKET
    try:
        for _ in range(_MOST_ITEMS):
            entry = entry_of(data[index : index + 3])
            if entry is None:
                following = data.find(_SIGNATURE_OCTET, index)
                if following == index:
                    entry = _DECODERS.find(data[index : index + 3])
                    if entry is None:
                        return index
                elif following < index:
                    return index
                else:
                    # Whole lines up to the next signature belong to no packet,
                    # and text begins anew behind them (`stream.text`). A part of
                    # a line belongs to none either if the packet behind it is intact; if it
                    # is ASCII, no 0xB3 continues a character of it. No large packet behind
                    # the signature is checked: it would be checked again and again as long
                    # as it is rejected.
                    text = data[index:following]
                    if data[following - 1] != _LINE_FEED and not (
                        text.isascii() and _begins_small(data, following)
                    ):
                        return index
                    append(Passthrough(text, base + index))
                    index = following
                    continue
            length = data[index + 3]
            start = index + 4
            if length >= 0x40:
                if length < 0x80:
                    length = (length & 0x3F) << 8 | data[start]
                    start += 1
                    if length < least_of_two:
                        return index
                elif length < 0xC0:
                    length = (length & 0x3F) << 16 | data[start] << 8 | data[start + 1]
                    start += 2
                    if length < least_of_three:
                        return index
                else:
                    return index
            following = index + length
            end = following - 4
            if following > end_of_data or start > end or length > most:
                return index
            # A view costs more than a copy of a few octets, and less than one of many.
            whole = data if length < _LARGE else memoryview(data)
            if crc(whole[index:end]) != u4(data, end)[0]:
                return index
            decode, status, runnable, eof = entry
            packet = decode(data, start, end, status, runnable, eof, base + index, length)
            if packet is None:
                return index
            if base + index < claimed_end:
                # clause recovery.recovered
                mark_recovered(packet)
            append(packet)
            index = following
        return index
    except (IndexError, struct.error, UnicodeDecodeError):
        # The data end in a header, or the fields of a packet are malformed.
        return index


def _begins_small(data: bytes, index: int) -> bool:
    """Return whether a small intact packet starts at `index`."""
    head = data[index : index + 3]
    if _entry_of(head) is None and _DECODERS.find(head) is None:
        return False
    length = data[index + 3]
    if length >= 0x80:
        return False
    if length >= 0x40:
        length = (length & 0x3F) << 8 | data[index + 4]
        if length < _LEAST_OF_TWO:
            return False
    end = index + length - CHECKSUM_SIZE
    return (
        LEAST_PACKET <= length < _LARGE
        and end + CHECKSUM_SIZE <= len(data)
        and bool(crc32(data[index:end]) == _u4(data, end)[0])
    )


def decode_canonical(octets: bytes, offset: int, recovered: bool) -> Packet | None:
    """Return the packet of intact octets, or None if it is not canonical.

    The checksum is not compared.
    """
    length = len(octets)
    if length < LEAST_PACKET:
        return None
    head = octets[:3]
    entry = _entry_of(head) or _DECODERS.find(head)
    width = (octets[3] >> 6) + 1
    # clause number.shortest, of the length itself
    if entry is None or length < LEAST_LENGTHS[width - 1]:
        return None
    decode, status, runnable, eof = entry
    end = length - CHECKSUM_SIZE
    try:
        packet = decode(octets, 3 + width, end, status, runnable, eof, offset, length)
    except (IndexError, struct.error, UnicodeDecodeError):
        return None
    if packet is not None and recovered:
        mark_recovered(packet)
    return packet
