"""Range checksums: exact with both methods, and cheap."""

from __future__ import annotations

import random
from zlib import crc32

import pytest

from subunit2.framing import range_crc
from subunit2.framing.range_crc import RangeChecksums


@pytest.fixture
def no_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute every range from the checksums before its two ends."""
    monkeypatch.setattr(range_crc, "_BUDGET", 0)
    monkeypatch.setattr(range_crc, "_BUDGET_PER_OCTET", 0)
    monkeypatch.setattr(range_crc, "_SMALL", 0)


def planted(chance: random.Random, size: int, count: int) -> tuple[bytes, list[tuple[int, int]]]:
    """Return octets, and ranges in them (start, length) whose checksums match."""
    octets = bytearray(chance.randbytes(size))
    ends = sorted(chance.sample(range(12, size, 4), count))
    ranges = []
    for end in ends:
        start = chance.randrange(end - 5)
        octets[end - 4 : end] = crc32(octets[start : end - 4]).to_bytes(4, "big")
        ranges.append((start, end - start))
    return bytes(octets), sorted(ranges)


def holds(octets: bytes, start: int, length: int) -> bool:
    """Return the result of `RangeChecksums.holds` by definition."""
    end = start + length - 4
    return crc32(octets[start:end]).to_bytes(4, "big") == octets[end : end + 4]


@pytest.mark.usefixtures("no_budget")
@pytest.mark.parametrize("trimmed", [False, True], ids=["held whole", "trimmed"])
@pytest.mark.parametrize("seed", range(12))
def test_computed_checksums_are_those_of_zlib(seed: int, trimmed: bool) -> None:
    chance = random.Random(seed)  # noqa: S311 - not a secret
    octets, ranges = planted(chance, chance.choice([3_000, 9_000, 70_000]), 60)
    asked = RangeChecksums()
    base = 0
    for start, length in ranges:
        view = memoryview(octets)[base:]
        if trimmed:
            # As a reader does: octets before the range are dropped now and then.
            position = chance.randint(base, start)
            asked.forget(position)
            base = position
            view = memoryview(octets)[base:]
        assert asked.holds(view, base, start, length) is True
        for wrong in (length - 1, length + 1):
            if wrong >= 5 and start + wrong <= len(octets):
                expected = holds(octets, start, wrong)
                assert asked.holds(view, base, start, wrong) is expected


@pytest.mark.usefixtures("no_budget")
def test_dropping_octets_that_were_never_asked_about_begins_anew() -> None:
    chance = random.Random(0)  # noqa: S311 - not a secret
    octets, _ = planted(chance, 40_000, 1)
    asked = RangeChecksums()
    assert asked.holds(memoryview(octets), 0, 0, 100) is False
    asked.forget(30_000)
    tail = octets[30_000:-4]
    held = tail + crc32(tail).to_bytes(4, "big")
    assert asked.holds(memoryview(held), 30_000, 30_000, len(held)) is True
    assert asked.holds(memoryview(held), 30_000, 30_001, len(held) - 1) is False


@pytest.mark.usefixtures("no_budget")
@pytest.mark.parametrize("size", [2047, 2048, 2049, 4095, 4096, 4097, 6144])
@pytest.mark.parametrize("start", [0, 1, 2047, 2048, 2049])
def test_ranges_that_end_where_checksums_are_kept(start: int, size: int) -> None:
    before = bytes(range(256)) * 9
    content = random.Random(size).randbytes(size)  # noqa: S311 - not a secret
    octets = before[:start] + content + crc32(content).to_bytes(4, "big") + b"behind"
    asked = RangeChecksums()
    for _ in range(2):
        assert asked.holds(memoryview(octets), 0, start, size + 4) is True
        assert asked.holds(memoryview(octets), 0, start, size + 5) is False
    asked.forget(start)
    assert asked.holds(memoryview(octets)[start:], start, start, size + 4) is True


@pytest.mark.usefixtures("no_budget")
def test_a_range_that_starts_before_the_last_is_exact_too() -> None:
    chance = random.Random(1)  # noqa: S311 - not a secret
    octets, ranges = planted(chance, 40_000, 40)
    asked = RangeChecksums()
    for start, length in reversed(ranges):
        assert asked.holds(memoryview(octets), 0, start, length) is True
        assert asked.holds(memoryview(octets), 0, start, length - 1) is False


@pytest.mark.usefixtures("no_budget")
def test_one_checksum_is_kept_for_each_step_that_may_be_asked_about() -> None:
    octets = memoryview(bytes(1 << 20))
    asked = RangeChecksums()
    asked.holds(octets, 0, 100, len(octets) - 100)
    assert len(asked._at_steps) == len(octets) // 2048
    asked.forget(512 << 10)
    assert len(asked._at_steps) == len(octets) // 2048 // 2
    asked.forget(len(octets))
    assert asked._at_steps == []


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the steps in each of the ranges that were not left to zlib."""
    lengths: list[int] = []
    shift = range_crc._shift

    def counted(register: int, steps: int) -> int:
        lengths.append(steps)
        return shift(register, steps)

    monkeypatch.setattr(range_crc, "_shift", counted)
    return lengths


def test_checksums_that_hold_are_left_to_zlib(computed: list[int]) -> None:
    content = bytes(100_000)
    octets = content + crc32(content).to_bytes(4, "big")
    asked = RangeChecksums()
    for position in range(0, 100 * len(octets), len(octets)):
        assert asked.holds(memoryview(octets), position, position, len(octets)) is True
        asked.forget(position + len(octets))
    assert computed == []


def test_beyond_the_budget_long_ranges_are_computed(computed: list[int]) -> None:
    octets = bytes(range(256)) * 2_000
    asked = RangeChecksums()
    for start in range(10):
        asked.holds(memoryview(octets), 0, start, 500_000)
    # Two of them are within 1 MiB.
    assert len(computed) == 8
    assert set(computed) <= {243, 244}
    # Short ones are not: zlib is faster there.
    asked.holds(memoryview(octets), 0, 10, 4_096)
    assert len(computed) == 8


def test_the_budget_grows_with_the_stream(computed: list[int]) -> None:
    octets = bytes(range(256)) * 2_000
    asked = RangeChecksums()
    for start in range(10):
        asked.holds(memoryview(octets), 1_000_000, 1_000_000 + start, 500_000)
    assert computed == []
    asked.holds(memoryview(octets), 1_000_000, 1_000_000, 500_000)
    assert len(computed) == 1
