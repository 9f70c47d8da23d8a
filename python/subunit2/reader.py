"""The reader: octets of a stream in, items out.

Strategy. The reader stands at an offset before which everything is settled, and looks for
the next candidate, a 0xB3 that may begin a packet:

- at a sync point a packet is expected (`stream.sync-point`). A 0xB3 that does not begin an
  intact packet is damage there, and begins a corrupt region;
- anywhere else it belongs to the output of a program, unless it turns out to begin an intact
  packet, or has the form of one (`stream.false-start`, `stream.form`).

Checking a candidate has three outcomes: it is intact, it is rejected, or octets that decide
have not arrived. In the last case everything from it on is held, and the reader does not
look again before those octets are there. Everything else is returned at once.

A corrupt region ends at the first intact packet that starts inside the length that it
claims (`recovery.region`). The search for it can itself have to wait for octets, so its
state is kept between two feeds.

Every 0xB3 is checked at most once, apart from an incomplete candidate, and a check takes
bounded time (`framing.range_crc`): so time is linear in the input.

No octets make a method raise: `struct.error`, `IndexError` or
`UnicodeDecodeError` out of this module is a bug.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, Literal

from subunit2.framing.candidate import CorruptRegion, Incomplete, Intact, Outcome
from subunit2.framing.form import has_form
from subunit2.framing.range_crc import RangeChecksums
from subunit2.framing.scan import find_candidate, find_candidate_within
from subunit2.framing.utf8 import LOOKAHEAD, TextState
from subunit2.items import Corrupt, ErrorCode, Item, Passthrough
from subunit2.packets.decode import decode_packet, read_packets
from subunit2.packets.header import INCOMPLETE, SIGNATURE, Header, read_header
from subunit2.uncopied import Uncopied

__all__ = ["Reader"]

#: Immutable octets are read faster, but have to be copied when more arrive. They are kept
#: immutable as long as each octet is copied at most this often.
_COPIES: Final = 16

#: `read` yields its items once it has this many.
_PART: Final = 64

_LINE_FEED: Final = 0x0A


class Reader(Uncopied):
    """Divides the octets of a stream into items. It does no IO.

    The items, joined in order, are the stream (`stream.partition`). They do not depend on
    how the stream was cut into chunks (`stream.octets-alone`), except that passthrough may
    be two items instead of one.

    Holds octets that cannot be settled yet: none between complete packets; otherwise at most
    the 4 MiB that one header claims, and if that packet is damaged, 4 MiB more that a header
    inside of it claims.

    Not to be shared by threads: octets are lost if two call it at once. Threads that read one
    stream need a lock around each call and the use of its items. A reader cannot be copied
    or pickled.

    After a method raised MemoryError or KeyboardInterrupt, the reader must not be used again.

    :param reference: decode all packets with the reader that the Kaitai Struct compiler
        generates, whichever backend is in use.

    >>> reader = Reader()
    >>> reader.feed(bytes.fromhex("b329010c03666f6f0855"))
    []
    >>> [packet] = reader.feed(bytes.fromhex("5f1b"))
    >>> packet.test_id, packet.test_status
    ('foo', 'exists')
    >>> reader.close()
    []
    """

    __slots__ = (
        "_at_end",
        "_at_sync_point",
        "_base",
        "_checksums",
        "_claimed_end",
        "_closed",
        "_decode_packet",
        "_fed",
        "_held",
        "_is_reference",
        "_region",
        "_settled_items",
        "_text",
        "_view",
        "_wanted",
    )

    def __init__(self, *, reference: bool = False) -> None:
        self._is_reference = reference
        self._decode_packet = decode_packet
        if reference:
            from subunit2.packets.kaitai import decode_packet as decode_by_reference

            self._decode_packet = decode_by_reference
        self._held: bytes | bytearray = b""
        #: Octets that arrived since octets were settled last.
        self._fed = 0
        #: The offset in the stream of the first octet held.
        self._base = 0
        #: Octets that have to be held before more of them can be settled.
        self._wanted = 1
        self._at_sync_point = True
        self._text = TextState()
        self._checksums = RangeChecksums()
        self._region: CorruptRegion | None = None
        #: The offset up to which corrupt regions claimed the stream (`recovery.recovered`).
        self._claimed_end = 0
        self._closed = False
        # For the length of one call: the items settled so far, a view of the octets held,
        # and whether the stream ends behind them.
        self._settled_items: list[Item] = []
        self._view = memoryview(b"")
        self._at_end = False

    @property
    def offset(self) -> int:
        """The number of octets of the stream that are settled, and were returned as items."""
        return self._base

    @property
    def pending(self) -> int:
        """The number of octets that are held, because others have to arrive first."""
        return len(self._held)

    def feed(self, data: bytes | bytearray | memoryview) -> list[Item]:
        """Return the items that `data` settles.

        A packet is returned with its last octet, passthrough as soon as it cannot be part
        of a packet (`reader.packet-at-once`, `reader.passthrough-at-once`).

        :raises ValueError: after `close`.
        """
        if self._closed:
            raise ValueError("the reader is closed")
        return list(chain.from_iterable(self._settle_with(data)))

    def read(self, chunks: Iterable[bytes | bytearray | memoryview]) -> Iterator[Item]:
        """Yield the items of a stream, or of the rest of it, each as soon as it is settled.

        The same items as from `feed` for each chunk and then `close`. A chunk can settle
        many items, for example behind a damaged header that claimed much; not all of them
        are held.

        :raises ValueError: after `close`. While it reads, the reader is closed.
        """
        if self._closed:
            raise ValueError("the reader is closed")
        self._closed = True
        for chunk in chunks:
            yield from chain.from_iterable(self._settle_with(chunk))
        yield from chain.from_iterable(self._settle(at_end=True))

    def _settle_with(self, data: bytes | bytearray | memoryview) -> Iterable[list[Item]]:
        if not isinstance(data, bytes):
            view = memoryview(data)
            data = view.cast("B") if view.c_contiguous else bytes(view)
        held = self._held
        self._fed += len(data)
        if len(held) + len(data) >= self._wanted and len(held) <= _COPIES * self._fed:
            self._held = b"".join((held, data)) if held else bytes(data)
            return self._settle(at_end=False)
        if not isinstance(held, bytearray):
            self._held = held = bytearray(held)
        held += data
        if len(held) < self._wanted:
            return ()
        return self._settle(at_end=False)

    def stop_waiting(self) -> list[Item]:
        """Return the items of the octets held, as if the stream had ended here.

        For a live stream, in which a header may claim octets that never arrive. The stream
        goes on: call `feed` again (`reader.stop-waiting`).

        :raises ValueError: after `close`.
        """
        if self._closed:
            raise ValueError("the reader is closed")
        return list(chain.from_iterable(self._settle(at_end=True)))

    def close(self) -> list[Item]:
        """End the stream, and return the items of the octets held; none if called again."""
        if self._closed:
            return []
        self._closed = True
        return list(chain.from_iterable(self._settle(at_end=True)))

    # An index is counted in the octets held, an offset from the start of the stream. Methods
    # that settle octets return the index behind the settled ones.

    def _settle(self, *, at_end: bool) -> Iterator[list[Item]]:
        if isinstance(self._held, bytearray) and len(self._held) <= _COPIES * self._fed:
            self._held = bytes(self._held)
        self._at_end = at_end
        self._fed = 0
        items: list[Item] = []
        self._settled_items = items
        index = 0
        held = self._held
        with memoryview(held) as self._view:
            while index < len(held):
                self._wanted = 1
                if self._region is not None:
                    settled = self._end_region(self._region)
                elif self._at_sync_point:
                    settled = self._take_fast(index)
                    if settled == index and held[index] == SIGNATURE:
                        settled = self._take_expected(index)
                    elif settled == index:
                        settled = self._take_passthrough(index, index)
                else:
                    settled = self._take_passthrough(index, index)
                if settled == index:
                    break
                index = settled
                if len(items) >= _PART:
                    yield items
                    self._settled_items = items = []
            self._checksums.forget(self._base + index)
        if isinstance(held, bytearray):
            del held[:index]
        else:
            self._held = held[index:]
        self._base += index
        # The items are the caller's to hold.
        self._settled_items = []
        yield items

    def _wait(self, waiting: Incomplete, index: int) -> int:
        """Settle nothing from `index` on before more octets have arrived."""
        self._wanted = waiting.end - index
        return index

    def _take_fast(self, index: int) -> int:
        """Settle canonical packets and the lines between them on the fast path."""
        held = self._held
        if self._is_reference or not isinstance(held, bytes) or self._text.is_in_character:
            return index
        items = self._settled_items
        before = len(items)
        settled = read_packets(held, index, self._base, items, self._claimed_end)
        lines = (item.data for item in items[before:] if isinstance(item, Passthrough))
        if not self._text.is_text and any(b"\n" in line for line in lines):
            # clause stream.text
            self._text.feed(b"\n")
        return settled

    def _take_expected(self, index: int) -> int:
        """Settle the packet or corrupt region that begins with a 0xB3 at a sync point."""
        # clause stream.character
        in_character = self._in_character(index)
        if in_character == "unknown":
            return self._wait(Incomplete(len(self._held) + 1), index)
        if in_character:
            return self._take_passthrough(index, index + 1)
        outcome = self._check(index)
        if isinstance(outcome, Intact):
            return self._take_packet(index, outcome.length)
        if isinstance(outcome, Incomplete):
            return self._wait(outcome, index)
        if isinstance(outcome, Header):
            return self._begin_region(index, outcome)
        # clauses packet.truncated, recovery.unusable
        end = len(self._held) if outcome == "truncated" else index + 1
        self._take_corrupt(index, end, outcome)
        self._at_sync_point = False
        return end

    def _take_passthrough(self, start: int, search: int) -> int:
        """Settle passthrough from `start` on; search for candidates from `search` on."""
        held = self._held
        noted = start
        while True:
            index = self._find_candidate(search)
            is_behind_line = index > start and held[index - 1] == _LINE_FEED
            if is_behind_line or index == len(held):
                self._note_text(noted, index)
                self._add_passthrough(start, index)
                return index
            outcome = self._check(index)
            if isinstance(outcome, (Intact, Incomplete)) or self._is_damaged(index, outcome):
                self._note_text(noted, index)
                noted = index
                in_character = self._in_character(index)
                if in_character is not True:
                    break
            # clauses stream.false-start, stream.character
            search = index + 1
        self._add_passthrough(start, index)
        if isinstance(outcome, Intact):
            return self._take_packet(index, outcome.length)
        if isinstance(outcome, Header):
            return self._begin_region(index, outcome)
        if isinstance(outcome, Incomplete) and in_character != "unknown":
            return self._wait(outcome, index)
        return self._wait(Incomplete(len(held) + 1), index)

    def _is_damaged(self, index: int, outcome: Outcome) -> bool:
        """Return whether a rejected candidate has the form of a packet (`stream.form`)."""
        return (
            isinstance(outcome, Header)
            and index + outcome.length <= len(self._held)
            and has_form(self._held, index, outcome)
        )

    def _note_text(self, start: int, end: int) -> None:
        if end > start:
            self._text.feed(bytes(self._view[start:end]))
            self._at_sync_point = self._held[end - 1] == _LINE_FEED

    def _find_candidate(self, start: int) -> int:
        """Return the index of the first candidate from `start` on, or the end."""
        index, rejected = find_candidate(self._held, start, self._holds)
        self._checksums.count_rejected(rejected)
        return index

    def _find_candidate_within(self, start: int, end: int) -> int:
        """Return the index of the first candidate inside a claimed length, or `end`."""
        index, rejected = find_candidate_within(self._held, start, end, self._holds)
        self._checksums.count_rejected(rejected)
        return index

    def _holds(self, index: int, length: int) -> bool:
        return self._checksums.holds(self._view, self._base, self._base + index, length)

    def _add_passthrough(self, start: int, end: int) -> None:
        if end > start:
            data = bytes(self._view[start:end])
            self._settled_items.append(Passthrough(data, offset=self._base + start))

    def _take_packet(self, index: int, length: int) -> int:
        """Settle an intact packet, whole (`stream.intact-whole`)."""
        offset = self._base + index
        octets = bytes(self._view[index : index + length])
        # clause recovery.recovered
        recovered = offset < self._claimed_end
        self._settled_items.append(self._decode_packet(octets, offset, recovered))
        self._at_sync_point = True
        return index + length

    def _take_corrupt(self, start: int, end: int, error: ErrorCode) -> None:
        data = bytes(self._view[start:end])
        self._settled_items.append(Corrupt(data, error, offset=self._base + start))
        # clause stream.text
        self._text.end_text()

    def _begin_region(self, index: int, header: Header) -> int:
        offset = self._base + index
        whole = index + header.length <= len(self._held)
        self._region = CorruptRegion(
            start=offset,
            claimed_end=offset + header.length,
            error="checksum" if whole else "truncated",
            searched=offset + 1,
        )
        return self._end_region(self._region)

    def _end_region(self, region: CorruptRegion) -> int:
        """Settle a corrupt region, and the packet that ends it (`recovery.region`)."""
        start = region.start - self._base
        end = min(region.claimed_end - self._base, len(self._held))
        search = region.searched - self._base
        ending: Intact | None = None
        while ending is None:
            index = self._find_candidate_within(search, end)
            if index >= end:
                break
            outcome = self._check(index)
            if isinstance(outcome, Incomplete):
                self._region = region._replace(searched=self._base + index)
                return self._wait(outcome, start)
            if isinstance(outcome, Intact):
                ending = outcome
                end = index
            search = index + 1
        self._region = None
        self._claimed_end = max(self._claimed_end, region.claimed_end)
        self._take_corrupt(start, end, region.error)
        if ending is not None:
            return self._take_packet(end, ending.length)
        # clause stream.sync-point
        self._at_sync_point = region.error == "checksum"
        return end

    def _in_character(self, index: int) -> bool | Literal["unknown"]:
        """Return whether the 0xB3 at `index` is plainly inside a character of text."""
        ahead = bytes(self._view[index : index + LOOKAHEAD])
        return self._text.continues(ahead, at_end=self._at_end)

    def _check(self, index: int) -> Outcome:
        """Check whether the 0xB3 at `index` begins an intact packet."""
        header = read_header(self._held, index, len(self._held))
        if isinstance(header, Header):
            end = index + header.length
            offset = self._base + index
            if end > len(self._held):
                if not self._at_end:
                    return Incomplete(end)
            elif self._checksums.holds(self._view, self._base, offset, header.length):
                return Intact(header.length)
            return header
        if header == INCOMPLETE:
            return "truncated" if self._at_end else Incomplete(len(self._held) + 1)
        return header
