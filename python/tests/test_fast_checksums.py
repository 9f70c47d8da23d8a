"""The tables that shift checksums: few, exact up to a packet's length, and shared safely."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from zlib import crc32

import pytest

from subunit2 import checksums
from subunit2.header import MAX_PACKET

STEP = 2048


def combined(first: bytes, second: bytes) -> int:
    """The checksum of two parts, from those of the parts."""
    return crc32(second) ^ checksums._shift(crc32(first), len(second))


@pytest.mark.parametrize(
    "size", [0, 1, STEP - 1, STEP, STEP + 1, 64 * STEP - 1, 64 * STEP, 65 * STEP, MAX_PACKET]
)
def test_a_shift_is_exact(size: int) -> None:
    second = bytes(range(251)) * (size // 251 + 1)
    assert combined(b"first", second[:size]) == crc32(b"first" + second[:size])


def test_tables_are_few_whatever_was_asked() -> None:
    for steps in range(MAX_PACKET // STEP + 1):
        checksums._shift(1, steps * STEP)
    # About 6 KiB each.
    assert checksums._multiples_of_steps.cache_info().currsize <= 100


def test_threads_may_make_the_tables_at_the_same_time() -> None:
    checksums._multiples_of_steps.cache_clear()
    checksums._power.cache_clear()
    sizes = [steps * STEP + 7 for steps in range(0, 2048, 31)]
    with ThreadPoolExecutor(8) as threads:
        shifted = list(threads.map(lambda size: checksums._shift(0x12345678, size), sizes * 8))
    # crc(zeros from a register) is the register shifted, xor that of zeros alone.
    expected = [crc32(bytes(size), 0x12345678) ^ crc32(bytes(size)) for size in sizes]
    assert shifted == expected * 8
