"""The variable-length number, both ways.

The top two bits of the first octet are one less than how many octets there
are; the other 6, 14, 22 or 30 bits are the value (`number.encoding`).
"""

from __future__ import annotations

from typing import Final

__all__ = ["LIMITS", "MAX_NUMBER", "encode_number", "number_width"]

#: The first value that 1, 2, 3 and 4 octets no longer hold.
LIMITS: Final = (1 << 6, 1 << 14, 1 << 22, 1 << 30)

#: The largest number there is.
MAX_NUMBER: Final = LIMITS[3] - 1


def number_width(value: int) -> int:
    """How many octets the shortest form of `value` takes, 1 to 4.

    :raises ValueError: where no form holds it.
    """
    if value >= 0:
        for width, limit in enumerate(LIMITS, 1):
            if value < limit:
                return width
    raise ValueError(f"{value} is not within 0 to {MAX_NUMBER}")


def encode_number(value: int) -> bytes:
    """`value` in its shortest form (`number.shortest`).

    :raises ValueError: where no form holds it.

    >>> encode_number(64).hex()
    '4040'
    """
    width = number_width(value)
    return (value | (width - 1) << (8 * width - 2)).to_bytes(width, "big")
