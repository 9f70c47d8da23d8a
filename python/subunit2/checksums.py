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

from functools import cache
from typing import Final

from subunit2.crc import crc32

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


def _multiples(power: int) -> list[list[int]]:
    """What `power` comes to multiplied by each value of each half octet of a register.

    A product is the sum of eight of them. The registers are polynomials modulo
    the CRC's, with the bits reflected: the highest bit is the power 0.
    """
    by_bit = [0] * 32
    for bit in range(31, -1, -1):
        by_bit[bit] = power
        power = power >> 1 ^ _POLYNOMIAL if power & 1 else power >> 1
    tables = []
    for low in range(0, 32, 4):
        table = [0]
        for bit in range(low, low + 4):
            table += [value ^ by_bit[bit] for value in table]
        tables.append(table)
    return tables


def _shift_small(register: int, octets: int) -> int:
    """`register`, shifted by up to `_STEP` octets."""
    zeros = _ZEROS[:octets]
    # zlib inverts the register before and after; the second term undoes both.
    return crc32(zeros, register) ^ crc32(zeros)


def _multiply(register: int, tables: list[list[int]]) -> int:
    a, b, c, d, e, f, g, h = tables
    return (
        a[register & 15]
        ^ b[register >> 4 & 15]
        ^ c[register >> 8 & 15]
        ^ d[register >> 12 & 15]
        ^ e[register >> 16 & 15]
        ^ f[register >> 20 & 15]
        ^ g[register >> 24 & 15]
        ^ h[register >> 28]
    )


#: Tables are kept for up to so many steps, and for whole multiples of it: a hundred
#: in all, where one for each number of steps would be as large as the longest packet.
_FEW_STEPS: Final = 64


@cache
def _power(steps: int) -> int:
    """The power of x that shifts by so many steps."""
    if steps == 0:
        return 1 << 31
    if steps <= _FEW_STEPS:
        return _shift_small(_power(steps - 1), _STEP)
    return _multiply(_power(steps - _FEW_STEPS), _multiples_of_steps(_FEW_STEPS))


@cache
def _multiples_of_steps(steps: int) -> list[list[int]]:
    return _multiples(_power(steps))


def _shift(register: int, octets: int) -> int:
    """`register`, shifted by `octets`, up to a packet's worth."""
    steps, rest = divmod(octets, _STEP)
    few = steps % _FEW_STEPS
    if few != steps:
        register = _multiply(register, _multiples_of_steps(steps - few))
    return _shift_small(_multiply(register, _multiples_of_steps(few)), rest)


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

    def count_in_vain(self, octets: int) -> None:
        """So many octets were checked elsewhere, and held no packet."""
        self._in_vain += octets

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
