"""The fast way through packets and lines of plain output.

Strategy: nearly all packets are whole, undamaged, as the writer writes them, and
stand behind another packet, a line, or a part of one in ASCII. For those one loop does
everything: the first three octets say which of the generated functions reads the
packet (`fast_generated`), and that it is version 2 with the reserved bit clear;
then its checksum is compared, and its fields are read. At the first packet of
which anything else is true the loop ends, and leaves it to the reader and to the
reference decoder to find out what: errors are named there, and only there.
"""

from __future__ import annotations

import struct
from typing import Final

from subunit2.items import Item, Packet, Passthrough, mark_recovered
from subunit2.packets.crc import crc32
from subunit2.packets.fast_generated import DECODERS
from subunit2.packets.header import MAX_PACKET, SIGNATURE

__all__ = ["decode_canonical", "read_packets"]

_u4: Final = struct.Struct(">I").unpack_from
_entry_of: Final = DECODERS.get

_SIGNATURE_OCTET: Final = bytes([SIGNATURE])
_LINE_FEED: Final = 0x0A

#: The shortest packets whose lengths take 1, 2 and 3 octets, as they are written.
_SHORTEST: Final = (8, 65, 16_385)

#: From this size on, in octets, a packet is not copied to be checked.
_LARGE: Final = 2048

#: So many items a call, so that whoever waits for something else, or for Ctrl-C, does
#: not wait for the end of a large chunk.
_MOST_ITEMS: Final = 1024


def read_packets(
    data: bytes, place: int, base: int, items: list[Item], claimed_end: int = 0
) -> int:
    """Append the packets and lines that stand at `place` and behind to `items`.

    :param place: a sync point, no text before it cut in mid-character.
    :param base: the position in the stream of the first octet of `data`.
    :param claimed_end: up to which position corrupt regions claimed the stream.
    :returns: the place behind the last of them: a sync point again.
    """
    end_of_data = len(data)
    append = items.append
    entry_of = _entry_of
    crc = crc32
    u4 = _u4
    # Elsewhere a packet that fails here claims its octets, which so are checked in vain
    # but once; where they are claimed already, large ones are the reader's.
    most = _LARGE if base + place < claimed_end else MAX_PACKET
    try:
        for _ in range(_MOST_ITEMS):
            entry = entry_of(data[place : place + 3])
            if entry is None:
                # Whole lines up to the next packet are no part of one, whatever they
                # hold, and text begins anew behind them (`stream.text`). A part of a
                # line is none either, where the packet behind it is intact, and
                # where it is ASCII, no 0xB3 continues a character of it. Nothing large
                # behind the next 0xB3 is looked at: what is not taken here would be,
                # again and again.
                following = data.find(_SIGNATURE_OCTET, place)
                if following <= place:
                    return place
                text = data[place:following]
                if data[following - 1] != _LINE_FEED and not (
                    text.isascii() and _begins_small(data, following)
                ):
                    return place
                append(Passthrough(text, base + place))
                place = following
                continue
            length = data[place + 3]
            at = place + 4
            if length >= 0x40:
                if length < 0x80:
                    length = (length & 0x3F) << 8 | data[at]
                    at += 1
                    if length < 65:
                        return place
                elif length < 0xC0:
                    length = (length & 0x3F) << 16 | data[at] << 8 | data[at + 1]
                    at += 2
                    if length < 16385:
                        return place
                else:
                    return place
            end = place + length
            stop = end - 4
            if end > end_of_data or at > stop or length > most:
                return place
            # A view costs more than a copy of a few octets, and less than one of many.
            whole = data if length < _LARGE else memoryview(data)
            if crc(whole[place:stop]) != u4(data, stop)[0]:
                return place
            decode, status, runnable, eof = entry
            packet = decode(data, at, stop, status, runnable, eof, base + place, length)
            if packet is None:
                return place
            if base + place < claimed_end:
                # clause recovery.recovered
                mark_recovered(packet)
            append(packet)
            place = end
        return place
    except (IndexError, struct.error, UnicodeDecodeError):
        # The data end in a header, or a packet's fields do not hold up.
        return place


def _begins_small(data: bytes, place: int) -> bool:
    """Whether a small intact packet starts here."""
    if data[place : place + 3] not in DECODERS:
        return False
    length = data[place + 3]
    if length >= 0x80:
        return False
    if length >= 0x40:
        length = (length & 0x3F) << 8 | data[place + 4]
        if length < 65:
            return False
    stop = place + length - 4
    return (
        8 <= length < _LARGE
        and stop + 4 <= len(data)
        and bool(crc32(data[place:stop]) == _u4(data, stop)[0])
    )


def decode_canonical(octets: bytes, offset: int, recovered: bool) -> Packet | None:
    """An intact packet as the writer writes it; None where it is another.

    The checksum is not looked at.
    """
    length = len(octets)
    if length < _SHORTEST[0]:
        return None
    entry = _entry_of(octets[:3])
    width = (octets[3] >> 6) + 1
    # clause number.shortest, of the length itself
    if entry is None or length < _SHORTEST[width - 1]:
        return None
    decode, status, runnable, eof = entry
    try:
        packet = decode(octets, 3 + width, length - 4, status, runnable, eof, offset, length)
    except (IndexError, struct.error, UnicodeDecodeError):
        return None
    if packet is not None and recovered:
        mark_recovered(packet)
    return packet
