"""The tables that shift checksums: few, exact up to the length of a packet, safe to share."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from zlib import crc32

import pytest

from subunit2.framing import range_crc
from subunit2.packets.header import MAX_PACKET

STEP = 2048


@pytest.mark.parametrize("steps", [0, 1, 2, 63, 64, 65, 128, 1000, MAX_PACKET // STEP])
def test_a_shift_is_exact(steps: int) -> None:
    # The CRC-32 of `ab` is that of `a`, shifted by the length of `b`, xor that of `b`.
    second = (bytes(range(251)) * (steps * STEP // 251 + 1))[: steps * STEP]
    combined = range_crc._shift(crc32(b"first"), steps) ^ crc32(second)
    assert combined == crc32(b"first" + second)


def test_tables_are_few_whatever_was_asked() -> None:
    for steps in range(MAX_PACKET // STEP + 1):
        range_crc._shift(1, steps)
    # 4 KiB each.
    assert range_crc._multiples_of_steps.cache_info().currsize <= 100


def test_threads_may_make_the_tables_at_the_same_time() -> None:
    range_crc._multiples_of_steps.cache_clear()
    range_crc._power.cache_clear()
    sizes = range(0, 2048, 31)
    with ThreadPoolExecutor(8) as threads:
        shifted = list(threads.map(lambda steps: range_crc._shift(0x12345678, steps), [*sizes] * 8))
    # crc(zeros from a register) is the register shifted, xor that of zeros alone.
    zeros = [bytes(steps * STEP) for steps in sizes]
    expected = [crc32(each, 0x12345678) ^ crc32(each) for each in zeros]
    assert shifted == expected * 8
