"""The CRC-32 of any range of a stream, in bounded time.

A packet's checksum is cheap: zlib computes a gigabyte a second. But octets
can be chosen so that every tenth of them begins a header that claims the two
MiB behind it, and then trying each of them takes time that grows with the
square of the input (`reader.time`).

Strategy: as long as the octets that were checked in vain stay within a budget
that grows with the stream, zlib does it all. Beyond that a range is computed
from the checksums of all that stands before its two ends: the CRC-32 of `ab`
is that of `a`, shifted by the length of `b`, xor that of `b`. So with one
checksum kept for every 2 KiB, a range costs the same few microseconds however
long it is. Both ways are exact.

In CRC arithmetic a register is a polynomial over GF(2), and shifting it by n
octets multiplies it by x to the power of 8n, modulo the CRC's polynomial.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

__all__ = ["RangeChecksums"]

#: How far apart the checksums are kept, in octets.
_STEP: Final = 2048

#: Ranges up to this size are always left to zlib: it is faster there.
_SMALL: Final = 4096

#: Octets that may be checked in vain before ranges are computed: this many,
#: and so many for each octet of the stream.
_BUDGET: Final = 1 << 20
_BUDGET_PER_OCTET: Final = 4

_POLYNOMIAL: Final = 0xEDB88320
_ZEROS: Final = bytes(_STEP)


def _multiply(a: int, b: int) -> int:
    """The product of two polynomials modulo the CRC's, bits reflected."""
    product = 0
    bit = 1 << 31
    while a:
        if a & bit:
            product ^= b
            a ^= bit
        bit >>= 1
        b = b >> 1 ^ _POLYNOMIAL if b & 1 else b >> 1
    return product


def _shift_small(register: int, octets: int) -> int:
    """`register`, shifted by up to `_STEP` octets."""
    zeros = _ZEROS[:octets]
    # zlib inverts the register before and after; the second term undoes both.
    return crc32(zeros, register) ^ crc32(zeros)


#: The powers of x that shift by 0, 1, 2 ... steps; grown as they are needed, up
#: to the longest packet's 2,048.
_STEP_POWERS: Final = [1 << 31]


def _shift(register: int, octets: int) -> int:
    """`register`, shifted by `octets`."""
    steps, rest = divmod(octets, _STEP)
    while len(_STEP_POWERS) <= steps:
        _STEP_POWERS.append(_shift_small(_STEP_POWERS[-1], _STEP))
    return _shift_small(_multiply(_STEP_POWERS[steps], register), rest)


class RangeChecksums:
    """Answers whether a packet's checksum holds, in time that stays linear.

    Positions are those of the stream, not of the octets held. Holds one
    checksum for every 2 KiB of the stream that may still be asked about, and
    nothing at all until the budget is spent.
    """

    __slots__ = ("_at_front", "_at_steps", "_first_step", "_front", "_in_vain")

    def __init__(self) -> None:
        self._in_vain = 0
        # The checksums start from `_front`, a position; None until one is asked
        # for. `_at_front` is that of the octets before it, from wherever they
        # were counted; `_at_steps` those up to `_first_step` and every `_STEP`
        # octets behind it, as far as they were needed.
        self._front: int | None = None
        self._at_front = 0
        self._first_step = 0
        self._at_steps: list[int] = []

    def holds(self, held: memoryview, base: int, start: int, length: int) -> bool:
        """Whether the last four octets of a range are the CRC-32 of the others.

        :param held: octets of the stream, the whole range among them.
        :param base: the position of the first of them.
        :param start: the position of the range.
        :param length: of the range, at least 5.
        """
        end = start + length - 4
        stored = int.from_bytes(held[end - base : end - base + 4], "big")
        affordable = self._in_vain + length <= _BUDGET + _BUDGET_PER_OCTET * start
        if length <= _SMALL or affordable:
            actual = crc32(held[start - base : end - base])
        else:
            before = self._up_to(held, base, start)
            actual = self._up_to(held, base, end) ^ _shift(before, end - start)
        if actual == stored:
            return True
        self._in_vain += length
        return False

    def forget(self, held: memoryview, base: int, position: int) -> None:
        """Octets before `position` are about to be dropped from `held`."""
        if self._front is None:
            return
        if position > self._first_step + _STEP * len(self._at_steps):
            # Nothing from here on was computed: starting anew repeats nothing.
            self._front = None
            return
        self._at_front = self._up_to(held, base, position)
        self._front = position
        passed = (position - self._first_step) // _STEP + 1
        if passed > 0:
            del self._at_steps[:passed]
            self._first_step += passed * _STEP

    def _up_to(self, held: memoryview, base: int, position: int) -> int:
        if self._front is None:
            self._front = base
            self._at_front = 0
            self._first_step = base + _STEP
            self._at_steps = []
        place = self._front
        checksum = self._at_front
        steps = (position - self._first_step) // _STEP
        if steps >= 0:
            if self._at_steps:
                place = self._first_step + (len(self._at_steps) - 1) * _STEP
                checksum = self._at_steps[-1]
            for _ in range(len(self._at_steps), steps + 1):
                following = self._first_step + len(self._at_steps) * _STEP
                checksum = crc32(held[place - base : following - base], checksum)
                self._at_steps.append(checksum)
                place = following
            place = self._first_step + steps * _STEP
            checksum = self._at_steps[steps]
        return crc32(held[place - base : position - base], checksum)
