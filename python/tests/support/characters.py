"""Characters of UTF-8 that contain the signature octet."""

from __future__ import annotations

from itertools import product

from subunit2.packets.strings import decode_utf8


def characters_with_b3() -> list[bytes]:
    """Return every character of RFC 3629 whose octets contain 0xB3."""
    tails = range(0x80, 0xC0)
    found = [bytes((lead, 0xB3)) for lead in range(0xC2, 0xE0)]
    for lead, size in [(lead, 2) for lead in range(0xE0, 0xF0)] + [
        (lead, 3) for lead in range(0xF0, 0xF5)
    ]:
        for behind in product(tails, repeat=size):
            if 0xB3 in behind:
                octets = bytes((lead, *behind))
                if decode_utf8(octets) is not None:
                    found.append(octets)
    return found
