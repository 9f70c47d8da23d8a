"""Count the damage of a stream: its own, and what others report in it.

Strategy: corrupt regions that are output of a program are output here, too
(`damage.output`). A report of the test `subunit.parser` is damage wherever it comes from, a
multiplexer or a reader of another library (`damage.parser`). It ends with a final status,
as a test does. Suspects are counted apart, since they are no damage (`damage.suspect`);
those in output that a multiplexer wrapped count as those in passthrough.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final, TypeGuard

from subunit2.damage.output import RegionJudge
from subunit2.damage.reports import DATA_FILE, ERROR_FILE, PARSER
from subunit2.damage.suspects import SuspectFinder, WrappedSuspectFinder
from subunit2.items import FINAL_STATUSES, Corrupt, ErrorCode, Item, Packet
from subunit2.structs import Struct

__all__ = ["MOST_SUSPECTS", "DamageCounts", "DamageReport", "DamageReports", "is_report"]

#: The number of suspects whose offsets are kept.
MOST_SUSPECTS: Final = 20

#: The most octets that are kept of a reason.
_LONGEST_REASON: Final = 1 << 14


def is_report(item: Item) -> TypeGuard[Packet]:
    """Return whether an item is a packet of a report of damage (`damage.parser`)."""
    return isinstance(item, Packet) and item.test_id == PARSER


class DamageReport(Struct, frozen=True, gc=False):
    """A report of damage on a route, by a multiplexer or a reader.

    :ivar route_code: the route of the damaged stream; None if it has none.
    :ivar octets: the number of damaged octets, which are the file `Packet data`.
    :ivar reason: the first 16 KiB of the file `Parser Error`.
    :ivar is_complete: whether the report has its last packet.
    """

    route_code: str | None
    octets: int
    reason: str
    is_complete: bool = True


class DamageReports:
    """Joins the packets of reports. It does no IO.

    Holds the number of octets and the reason of the last report of each route.

    >>> reports = DamageReports()
    >>> reports.feed(Packet(test_id=PARSER, file_name=DATA_FILE, file_bytes=b"abc"))
    >>> reports.feed(Packet(test_id=PARSER, test_status="fail"))
    DamageReport(route_code=None, octets=3, reason='', is_complete=True)
    """

    def __init__(self) -> None:
        self._open: dict[str | None, tuple[int, bytearray]] = {}

    def feed(self, packet: Packet) -> DamageReport | None:
        """Return the report that a packet of a report ends, if it does."""
        route = packet.route_code
        octets, reason = self._open.get(route, (0, bytearray()))
        if packet.file_bytes:
            if packet.file_name == DATA_FILE:
                octets += len(packet.file_bytes)
            elif packet.file_name == ERROR_FILE and len(reason) < _LONGEST_REASON:
                reason += packet.file_bytes[: _LONGEST_REASON - len(reason)]
        if packet.test_status not in FINAL_STATUSES:
            self._open[route] = octets, reason
            return None
        self._open.pop(route, None)
        return DamageReport(route, octets, reason.decode("utf-8", "replace"))

    def close(self) -> list[DamageReport]:
        """Return the reports without an end; a second call returns none."""
        left, self._open = self._open, {}
        return [
            DamageReport(route, octets, reason.decode("utf-8", "replace"), is_complete=False)
            for route, (octets, reason) in left.items()
        ]


class DamageCounts:
    r"""Counts the damage of one stream, from its items. It does no IO.

    Holds what a `RegionJudge`, the two finders of suspects and `DamageReports` hold.

    :ivar errors: the number of corrupt regions that are damage, by error, and `octets` the
        number of octets in all of them.
    :ivar reports: by route, the number of reports of damage, and `reported_octets` the
        number of octets in them.
    :ivar suspects: the number of suspects, and `suspect_offsets` the offsets of the first.
    :ivar output_octets: the number of octets of passthrough, and of the regions that are
        output of a program; `output_regions` is the number of these.
    :ivar is_waiting: whether the octets of the next packet may decide about those before.

    >>> counts = DamageCounts()
    >>> counts.feed([Corrupt(b"\xb3", "version"), Packet(test_id=PARSER, test_status="fail")])
    >>> counts.close()
    >>> counts.errors.total(), dict(counts.reports), counts.is_damaged
    (1, {None: 1}, True)
    """

    def __init__(self) -> None:
        self.errors: Counter[ErrorCode] = Counter()
        self.octets = 0
        self.reports: Counter[str | None] = Counter()
        self.reported_octets: Counter[str | None] = Counter()
        self.suspects = 0
        self.suspect_offsets: list[int] = []
        self.output_octets = 0
        self.output_regions = 0
        self.is_waiting = False
        self._judge = RegionJudge()
        self._finder = SuspectFinder()
        self._wrapped = WrappedSuspectFinder()
        self._reports = DamageReports()
        self._undecided = 0

    @property
    def is_damaged(self) -> bool:
        """Whether there are corrupt regions that are damage, or reports of damage."""
        return bool(self.errors or self.reports)

    @property
    def is_suspect(self) -> bool:
        """Whether the stream is damaged, or output in it looks like a damaged packet."""
        return self.is_damaged or self.suspects > 0

    def feed(self, items: Iterable[Item]) -> None:
        """Count items."""
        for item in items:
            if (
                not isinstance(item, Packet)
                or (test_id := item.test_id) is None
                or test_id == PARSER
                or self.is_waiting
            ):
                self.add(item)

    def add(self, item: Item) -> None:
        """Count an item.

        A packet of a test other than `subunit.parser` can be left out if `is_waiting` is
        false.
        """
        is_waiting = self.is_waiting
        if is_waiting or not isinstance(item, Packet):
            if isinstance(item, Corrupt):
                self._undecided += 1
            self._note_suspects(self._finder.feed((item,)))
            self._count(self._judge.feed((item,)))
        if not isinstance(item, Packet):
            return
        if is_waiting or item.test_id is None:
            self._note_suspects(self._wrapped.feed(item))
            if is_waiting or self._wrapped.is_waiting:
                self._update()
        if is_report(item) and (report := self._reports.feed(item)) is not None:
            self._count_report(report)

    def close(self) -> None:
        """Count the last octets and reports, at the end of the stream."""
        self._note_suspects(self._finder.close() + self._wrapped.close())
        self._count(self._judge.close())
        for report in self._reports.close():
            self._count_report(report)

    def _count(self, judged: list[Item]) -> None:
        for item in judged:
            if isinstance(item, Corrupt):
                self._undecided -= 1
                self.errors[item.error] += 1
                self.octets += item.length
            elif not isinstance(item, Packet):
                self.output_octets += item.length
        if not self._judge.pending:
            # The others became output.
            self.output_regions += self._undecided
            self._undecided = 0
        self._update()

    def _update(self) -> None:
        self.is_waiting = (
            self._judge.pending > 0 or self._finder.is_waiting or self._wrapped.is_waiting
        )

    def _count_report(self, report: DamageReport) -> None:
        self.reports[report.route_code] += 1
        self.reported_octets[report.route_code] += report.octets

    def _note_suspects(self, offsets: list[int]) -> None:
        if not offsets:
            return
        self.suspects += len(offsets)
        self.suspect_offsets += offsets[: MOST_SUSPECTS - len(self.suspect_offsets)]
