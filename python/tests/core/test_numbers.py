"""Variable-length numbers, written and read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2.packets.numbers import LIMITS, MAX_NUMBER, encode_number, number_width
from support.streams import number

# clause number.encoding: the last value of each width, and the first of the next
NUMBERS = [
    (0, "00"),
    (1, "01"),
    (63, "3f"),
    (64, "4040"),
    (255, "40ff"),
    (16_383, "7fff"),
    (16_384, "804000"),
    (65_536, "810000"),
    (4_194_303, "bfffff"),
    (4_194_304, "c0400000"),
    (1_073_741_823, "ffffffff"),
]


@pytest.mark.parametrize(("value", "octets"), NUMBERS)
def test_number_is_written_in_its_shortest_form(value: int, octets: str) -> None:
    # clause number.shortest
    assert encode_number(value).hex() == octets
    assert number_width(value) == len(octets) // 2


@pytest.mark.parametrize("value", [-1, -(2**30), 2**30, 2**64])
def test_number_out_of_range_is_refused_with_the_range(value: int) -> None:
    with pytest.raises(ValueError, match=f"^{value} is not within 0 to 1073741823$"):
        encode_number(value)
    with pytest.raises(ValueError, match="is not within"):
        number_width(value)


def test_limits_follow_from_the_bits() -> None:
    assert tuple(1 << bits for bits in (6, 14, 22, 30)) == LIMITS
    assert MAX_NUMBER == 2**30 - 1


@given(st.integers(0, MAX_NUMBER))
def test_every_number_reads_back(value: int) -> None:
    octets = encode_number(value)
    width = (octets[0] >> 6) + 1
    assert len(octets) == width
    assert int.from_bytes(octets, "big") & (1 << (8 * width - 2)) - 1 == value
    assert octets == number(value, width)
    assert width == 1 or value >= LIMITS[width - 2]
