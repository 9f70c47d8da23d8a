"""Range checksums: the CRC-32 of any range of a stream, in bounded time.

A packet's checksum is cheap: zlib computes a gigabyte a second. But octets
can be chosen so that every tenth of them begins a header that claims the two
MiB behind it, and then checking each of them takes time that grows with the
square of the input (`reader.time`).

Strategy: as long as the octets that were rejected stay within a budget that grows with the
stream, zlib does it all. Beyond that a range is computed from checksums that are kept for
every 2 KiB of the stream: the CRC-32 of `ab` is that of `a`, shifted by the length of `b`,
xor that of `b`. So only the octets before the first and behind the last of those that lie in
a range go through zlib, and a range costs the same few microseconds however long it is. Both
methods are exact.

In CRC arithmetic a register is a polynomial over GF(2), and shifting it by n
octets multiplies it by x to the power of 8n, modulo the CRC's polynomial.
"""

from __future__ import annotations

from array import array
from functools import cache
from struct import Struct
from typing import Final, TypeAlias

from subunit2.packets.crc import crc32

__all__ = ["RangeChecksums"]

#: The distance of the checksums that are kept, in octets.
_STEP: Final = 2048

#: Ranges up to this size are always left to zlib: it is faster there.
_SMALL: Final = 4096

#: Octets that may be rejected before ranges are computed: a fixed number, and a number for
#: each octet of the stream.
_BUDGET: Final = 1 << 20
_BUDGET_PER_OCTET: Final = 4

_POLYNOMIAL: Final = 0xEDB88320

_u4: Final = Struct(">I").unpack_from

_Multiples: TypeAlias = "tuple[array[int], array[int], array[int], array[int]]"


def _multiples(power: int) -> _Multiples:
    """Return the products of `power` with each value of each octet of a register.

    The product with a whole register is the sum of four of them. The registers are
    polynomials modulo the CRC's, with the bits reflected: the highest bit is the power 0.
    """
    by_bit = [0] * 32
    for bit in range(31, -1, -1):
        by_bit[bit] = power
        power = power >> 1 ^ _POLYNOMIAL if power & 1 else power >> 1
    tables = []
    for low in range(0, 32, 8):
        table = [0]
        for bit in range(low, low + 8):
            table += [value ^ by_bit[bit] for value in table]
        tables.append(array("I", table))
    a, b, c, d = tables
    return a, b, c, d


def _multiply(register: int, multiples: _Multiples) -> int:
    a, b, c, d = multiples
    return a[register & 255] ^ b[register >> 8 & 255] ^ c[register >> 16 & 255] ^ d[register >> 24]


#: Tables are kept for up to this many steps, and for its multiples: a hundred tables in all.
#: Tables for each number of steps would take twice the longest packet.
_FEW_STEPS: Final = 64


@cache
def _power(steps: int) -> int:
    """Return the power of x that shifts by `steps`."""
    if steps == 0:
        return 1 << 31
    if steps == 1:
        # zlib inverts the register before and after; the second term undoes both.
        zeros = bytes(_STEP)
        return crc32(zeros, 1 << 31) ^ crc32(zeros)
    most = 1 if steps <= _FEW_STEPS else _FEW_STEPS
    return _multiply(_power(steps - most), _multiples_of_steps(most))


@cache
def _multiples_of_steps(steps: int) -> _Multiples:
    return _multiples(_power(steps))


def _shift(register: int, steps: int) -> int:
    """Return `register` shifted by `steps`, at most the steps of a packet."""
    few = steps % _FEW_STEPS
    if few != steps:
        register = _multiply(register, _multiples_of_steps(steps - few))
    return _multiply(register, _multiples_of_steps(few))


class RangeChecksums:
    """Checks the checksums of packets, in time that stays linear.

    Offsets are in the stream, not in the octets held. Holds one checksum for every 2 KiB of
    the stream that is not forgotten, and nothing at all until the budget is spent.
    """

    __slots__ = ("_at_steps", "_first_step", "_rejected")

    def __init__(self) -> None:
        self._rejected = 0
        # Checksums of all octets from some offset on up to `_first_step`, and up to every
        # `_STEP` octets behind it, as far as they were needed.
        self._first_step = 0
        self._at_steps: list[int] = []

    def holds(self, held: memoryview, base: int, start: int, length: int) -> bool:
        """Return whether the last four octets of a range are the CRC-32 of the others.

        :param held: octets of the stream, including the whole range.
        :param base: the offset of the first of them.
        :param start: the offset of the range.
        :param length: of the range, at least 5.
        """
        end = start + length - 4
        stored = _u4(held, end - base)[0]
        affordable = self._rejected + length <= _BUDGET + _BUDGET_PER_OCTET * start
        if length <= _SMALL or affordable:
            actual = crc32(held[start - base : end - base])
        else:
            actual = self._of_range(held, base, start, end)
        if actual == stored:
            return True
        self._rejected += length
        return False

    def count_rejected(self, octets: int) -> None:
        """Count octets that were checked elsewhere, and rejected."""
        self._rejected += octets

    def forget(self, offset: int) -> None:
        """Forget the octets before `offset`: later ranges start behind it."""
        passed = -((self._first_step - offset) // _STEP)
        if self._at_steps and passed > 0:
            del self._at_steps[:passed]
            self._first_step += passed * _STEP

    def _of_range(self, held: memoryview, base: int, start: int, end: int) -> int:
        at_steps = self._at_steps
        # After octets were forgotten, a range may start just before the first step that is
        # left: the octets between go through zlib, and no checksum is computed anew.
        if not at_steps or start <= self._first_step - _STEP:
            self._at_steps = at_steps = [0]
            self._first_step = start
        first_step = self._first_step
        # The first step that is not before the range, and the last not behind it.
        first = -((first_step - start) // _STEP)
        last = (end - first_step) // _STEP
        if last < first:
            return crc32(held[start - base : end - base])
        while len(at_steps) <= last:
            index = first_step + len(at_steps) * _STEP - base
            at_steps.append(crc32(held[index - _STEP : index], at_steps[-1]))
        inside = first_step + first * _STEP - base
        behind = first_step + last * _STEP - base
        # The checksum of the octets before the range, shifted up to its first step.
        before = at_steps[first] ^ crc32(held[start - base : inside])
        checksum = at_steps[last] ^ _shift(before, last - first)
        return crc32(held[behind : end - base], checksum)
