"""Variable-length numbers, written and read.

The top two bits of the first octet are one less than the number of octets; the other
6, 14, 22 or 30 bits are the value (`number.encoding`).
"""

from __future__ import annotations

from typing import Final

__all__ = ["LIMITS", "MAX_NUMBER", "encode_number", "number_width", "read_number"]

#: The first values that no longer fit into 1, 2, 3 and 4 octets.
LIMITS: Final = (1 << 6, 1 << 14, 1 << 22, 1 << 30)

#: The largest value of a number.
MAX_NUMBER: Final = LIMITS[3] - 1


def number_width(value: int) -> int:
    """Return the number of octets of the shortest form of `value`, 1 to 4.

    :raises ValueError: if no form holds it.
    """
    if value >= 0:
        for width, limit in enumerate(LIMITS, 1):
            if value < limit:
                return width
    raise ValueError(f"{value} is not within 0 to {MAX_NUMBER}")


def encode_number(value: int) -> bytes:
    """Return `value` in its shortest form (`number.shortest`).

    :raises ValueError: if no form holds it.

    >>> encode_number(64).hex()
    '4040'
    """
    width = number_width(value)
    return (value | (width - 1) << (8 * width - 2)).to_bytes(width, "big")


def read_number(octets: bytes, index: int) -> tuple[int, int]:
    """Return the number at `index`, shortest form or not, and the index behind it.

    The octets of the number have to be complete: nothing is checked.

    >>> read_number(bytes.fromhex("b34040"), 1)
    (64, 3)
    """
    end = index + (octets[index] >> 6) + 1
    return int.from_bytes(octets[index:end], "big") & LIMITS[end - index - 1] - 1, end
