"""The laws of memory and of time, on streams of megabytes.

Strategy: nothing is compared with a number of milliseconds or a size of a process, which
differ by machine and by language. The memory of the harness may not grow in the second
half of a long stream as it would if its octets were kept. The work for a stream four times
as long may not be eight times as much: it is the processor time of the harness, of which a
quadratic reader takes sixteen times as much. A measurement that is too short to be exact
is repeated with longer streams.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

from subunit2.conformance.drivers.process import NoAnswerError
from subunit2.conformance.drivers.session import Session
from subunit2.conformance.hostile import FAMILIES, Family, ordinary_chunks
from subunit2.plural import count

__all__ = ["Measured", "Processes", "check_memory", "check_time"]

#: The stream of the law of memory, in octets, and the part of it by which the memory may
#: grow in its second half. A harness that keeps the octets grows by half of it or more.
_LONG: Final = 64 << 20
_GROWTH: Final = 0.25

#: The name of the stream of the law of memory.
_NAME: Final = "output, packets and damage"

#: Answers between two looks at the memory.
_LOOKS: Final = 16

#: The largest hostile stream, in octets.
_LARGEST: Final = 1 << 22

#: The factor between two sizes; the factor below which the work is clearly in proportion;
#: the one from which on it grows too fast; and the one from which on it clearly does.
_LONGER: Final = 4
_CLEAR: Final = 5
_TOO_MUCH: Final = 8
_QUADRATIC: Final = 12

#: Processor time of the harness, in seconds, that is long enough to be compared, and from
#: which on no longer stream is fed. The system counts it in hundredths.
_ENOUGH: Final = 0.1
_PLENTY: Final = 1.0


class Measured(NamedTuple):
    """The result of a measurement.

    :ivar name: of the family, or of the law.
    :ivar fault: one line; None if the law holds, or could not be checked.
    :ivar note: the measured values, or why it was not checked, in one line.
    """

    name: str
    fault: str | None
    note: str


class Processes:
    """The processes of a session, as Linux shows them in `/proc`.

    :param leader: the process that leads their session.
    """

    def __init__(self, leader: int, proc: Path = Path("/proc")) -> None:
        self._leader = leader
        self._proc = proc

    @property
    def are_visible(self) -> bool:
        """Whether the system shows them."""
        return next(self._stats(), None) is not None

    def resident(self) -> int:
        """Return the memory of all processes, in octets."""
        page = os.sysconf("SC_PAGE_SIZE")
        return sum(int(fields[21]) * page for fields in self._stats())

    def processor_time(self) -> float:
        """Return the processor time of all processes and their ended children, in seconds."""
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(sum(map(int, fields[11:15])) for fields in self._stats()) / ticks

    def _stats(self) -> Iterator[list[str]]:
        """Yield the fields of `stat` behind the name, whose number in its manual is 3 more."""
        for folder in self._proc.glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text("latin-1").rpartition(")")[2].split()
            except OSError:
                # The process has ended, or belongs to another user.
                continue
            # Processes of the system are in session 0.
            if len(fields) > 21 and int(fields[3]) == self._leader > 0:
                yield fields


def _processes(session: Session) -> Processes | None:
    processes = Processes(session.pid)
    return processes if processes.are_visible else None


_UNWATCHED: Final = "not checked: this system does not show the processes of the harness"


def check_memory(session: Session, *, is_live: bool = True, size: int | None = None) -> Measured:
    """Check that a harness lets go of the octets of a long stream.

    :param is_live: False: the reader holds the whole stream, and is not checked.
    :param size: of the stream, in octets; None: 64 MiB.
    """
    try:
        return _check_memory(session, is_live=is_live, size=size or _LONG)
    except NoAnswerError as error:
        return Measured(_NAME, f"{error.outcome}: {error.reason}", "")


def _check_memory(session: Session, *, is_live: bool, size: int) -> Measured:
    if not is_live:
        return Measured(_NAME, None, "not checked: items are returned at the end of the stream")
    session.open()
    if (processes := _processes(session)) is None:
        return Measured(_NAME, None, _UNWATCHED)
    halves = [0, 0]
    fed = 0
    for number, chunk in enumerate(ordinary_chunks(size)):
        session.feed(chunk)
        fed += len(chunk)
        if number % _LOOKS == 0 or fed >= size:
            half = fed > size // 2
            halves[half] = max(halves[half], processes.resident())
    session.close()
    growth = max(halves[1] - halves[0], 0)
    note = f"{_mib(size)} read, {_mib(halves[1])} used at most; grown by {_mib(growth)} in the end"
    if growth > size * _GROWTH:
        limit = _mib(int(size * _GROWTH))
        return Measured(
            _NAME,
            f"grown by {_mib(growth)}, more than {limit}, while the second half of"
            f" {_mib(size)} was read: what was read is not let go",
            note,
        )
    return Measured(_NAME, None, note)


def check_time(
    session: Session, profiles: Iterable[str], *, families: Iterable[Family] = FAMILIES
) -> Iterator[Measured]:
    """Check that work grows no faster than hostile streams; yield a result for each family.

    A family of a profile that is not claimed is left out. A harness that has crashed or timed
    out is started again.

    :param profiles: those that the implementation claims.
    """
    profiles = set(profiles)
    for family in families:
        if ("multiplexer" if family.is_multiplexed else "recovery") not in profiles:
            continue
        try:
            yield _measure(session, family)
        except NoAnswerError as error:
            reason = f"{error.outcome}: {error.reason}"
            is_fault = error.outcome != "unsupported"
            yield Measured(family.name, reason if is_fault else None, reason)


def _measure(session: Session, family: Family) -> Measured:
    session.open()
    if (processes := _processes(session)) is None:
        return Measured(family.name, None, _UNWATCHED)

    def work(size: int) -> float:
        stream = family.make(size)
        before = processes.processor_time()
        _feed(session, family, stream)
        return processes.processor_time() - before

    return _compare(family.name, work, min(family.first, _LARGEST // _LONGER))


def _feed(session: Session, family: Family, stream: bytes) -> None:
    """Feed a whole stream."""
    if family.is_multiplexed:
        session.open_multiplexer(["0"])
    else:
        session.open()
    for start in range(0, len(stream), family.chunk):
        chunk = stream[start : start + family.chunk]
        if family.is_multiplexed:
            session.feed_input(0, chunk)
        else:
            session.feed(chunk)
    if family.is_multiplexed:
        session.close_input(0)
    else:
        session.close()


def _compare(name: str, work: Callable[[int], float], first: int) -> Measured:
    """Compare the work for a stream with that for a longer one.

    :param work: returns the work for a stream of a size.
    :param first: the first size.
    """
    size = first
    less = work(size)
    while True:
        more = work(size * _LONGER)
        ratio = _ratio(less, more)
        # Work that does not depend on the octets is soon left behind, and hides the rest
        # until then. Between the two limits only a longer stream tells.
        is_clear = less >= _ENOUGH and ratio < _CLEAR
        is_clear = is_clear or (more >= _PLENTY and ratio >= _QUADRATIC)
        if is_clear or size * _LONGER**2 > _LARGEST:
            break
        size, less = size * _LONGER, more
    if ratio >= _TOO_MUCH:
        # Once more: another process may have disturbed the caches, or garbage was collected.
        ratio = min(ratio, _ratio(work(size), work(size * _LONGER)))
    note = f"{count(size * _LONGER, 'octet')}: {ratio:.1f} times the work for {size:,}"
    if ratio >= _TOO_MUCH:
        return Measured(name, f"{note}; {_LONGER} times is in proportion", note)
    return Measured(name, None, note)


def _ratio(less: float, more: float) -> float:
    """Return how much more work was done; 1 if there was too little to be compared."""
    return 1.0 if more < _ENOUGH else more / max(less, _ENOUGH / _TOO_MUCH)


def _mib(octets: int) -> str:
    return f"{octets / (1 << 20):.1f} MiB"
