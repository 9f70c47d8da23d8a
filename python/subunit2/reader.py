"""Where the items of a stream are: octets in, items out.

Strategy. The reader stands at a position before which everything is settled,
and looks for the next 0xB3 that is worth trying:

- expected: at a sync point (`stream.sync-point`). What does not hold up there
  is damage, and begins a corrupt region;
- anywhere else it is somebody's output unless it turns out to begin an
  intact packet (`stream.false-start`).

Trying one has three outcomes: it is intact, it is not, or octets are missing
that decide. In the last case everything from it on is held, and the reader does
not look again before those octets are there. Everything else goes out at once.

A corrupt region ends at the first intact packet that starts inside the
length that it claims (`recovery.region`). Finding that one can itself mean
waiting, so the search is kept between two feeds.

Every 0xB3 is tried at most once, apart from the one that is waited for, and
trying one takes bounded time (`checksums`): so time is linear in the input.

No input, of whatever octets, makes a method raise: `struct.error`,
`IndexError` or `UnicodeDecodeError` out of here is a bug.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, Literal

from subunit2.framing.candidate import CorruptRegion, Incomplete, Intact, Outcome
from subunit2.framing.range_crc import RangeChecksums
from subunit2.framing.scan import find_candidate, find_candidate_within
from subunit2.framing.utf8 import LOOKAHEAD, TextState
from subunit2.items import Corrupt, ErrorCode, Item, Passthrough
from subunit2.packets.decode import decode_packet, read_packets
from subunit2.packets.header import INCOMPLETE, SIGNATURE, Header, read_header

__all__ = ["Reader"]

#: Octets that do not change are read faster, but have to be copied when more come.
#: They are, where that comes to so many copies at most of each octet that came.
_COPIES: Final = 16

#: From so many items on `read` gives out what it has.
_PART: Final = 64

_LINE_FEED: Final = 0x0A


class Reader:
    """Divides the octets of a stream into items. It does no IO.

    The items, joined in order, are the stream (`stream.partition`), and do not
    depend on how it was cut into chunks (`stream.octets-alone`), but for
    passthrough, of which two items may stand where one could.

    Holds what cannot be settled yet: nothing as long as packets are whole;
    otherwise at most the 4 MiB that one header claims, and where that turns out
    to be damaged, 4 MiB more that a header inside of it claims.

    After a MemoryError or KeyboardInterrupt out of a method it is of no more use.

    :param reference: decode packets with the reader that the Kaitai Struct
        compiler generates, whatever the default is.

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
        #: How many octets came since anything was settled last.
        self._fed = 0
        #: The position in the stream of the first octet held.
        self._base = 0
        #: How many octets have to be held before anything more can be settled.
        self._wanted = 1
        self._at_sync_point = True
        self._text = TextState()
        self._checksums = RangeChecksums()
        self._region: CorruptRegion | None = None
        #: Up to where corrupt regions claimed the stream (`recovery.recovered`).
        self._claimed_end = 0
        self._closed = False
        # For the length of one call: what it has settled so far, a view of the
        # octets held, and whether the stream ends behind them.
        self._settled_items: list[Item] = []
        self._view = memoryview(b"")
        self._at_end = False

    @property
    def offset(self) -> int:
        """How many octets of the stream are settled, and out as items."""
        return self._base

    @property
    def pending(self) -> int:
        """How many octets are held, because others have to arrive first."""
        return len(self._held)

    def feed(self, data: bytes | bytearray | memoryview) -> list[Item]:
        """The items that are settled now that `data` has arrived.

        A packet is among them with its last octet, passthrough as soon as it
        cannot be part of a packet (`reader.packet-at-once`,
        `reader.passthrough-at-once`).

        :raises ValueError: after `close`.
        """
        if self._closed:
            raise ValueError("the reader is closed")
        return list(chain.from_iterable(self._settle_with(data)))

    def read(self, chunks: Iterable[bytes | bytearray | memoryview]) -> Iterator[Item]:
        """The items of a stream, or of the rest of one, each as soon as it is settled.

        What `feed` gives for each chunk, and then `close`; but where one chunk settles
        many, as behind a damaged header that claimed much, they are not all held.

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
        """The items of what is held, as if the stream had ended here.

        For a live stream, where a header may claim octets that never come. The
        stream goes on: call `feed` again (`reader.stop-waiting`).

        :raises ValueError: after `close`.
        """
        if self._closed:
            raise ValueError("the reader is closed")
        return list(chain.from_iterable(self._settle(at_end=True)))

    def close(self) -> list[Item]:
        """The items of what is held: the stream has ended. Again, it gives nothing."""
        if self._closed:
            return []
        self._closed = True
        return list(chain.from_iterable(self._settle(at_end=True)))

    # A `place` is an index into the octets held, a `position` is counted from the start
    # of the stream. What settles something returns the place up to which all is settled.

    def _settle(self, *, at_end: bool) -> Iterator[list[Item]]:
        if isinstance(self._held, bytearray) and len(self._held) <= _COPIES * self._fed:
            self._held = bytes(self._held)
        self._at_end = at_end
        self._fed = 0
        items: list[Item] = []
        self._settled_items = items
        place = 0
        held = self._held
        with memoryview(held) as self._view:
            while place < len(held):
                self._wanted = 1
                if self._region is not None:
                    settled = self._end_region(self._region)
                elif self._at_sync_point:
                    settled = self._take_fast(place)
                    if settled == place and held[place] == SIGNATURE:
                        settled = self._take_expected(place)
                    elif settled == place:
                        settled = self._take_passthrough(place, place)
                else:
                    settled = self._take_passthrough(place, place)
                if settled == place:
                    break
                place = settled
                if len(items) >= _PART:
                    yield items
                    self._settled_items = items = []
            self._checksums.forget(self._base + place)
        if isinstance(held, bytearray):
            del held[:place]
        else:
            self._held = held[place:]
        self._base += place
        # The items are the caller's to hold.
        self._settled_items = []
        yield items

    def _wait(self, waiting: Incomplete, place: int) -> int:
        """Settle nothing from `place` on until the octets waited for are there."""
        self._wanted = waiting.end - place
        return place

    def _take_fast(self, place: int) -> int:
        """Settle whole packets and what stands between them, the fast way."""
        held = self._held
        if self._is_reference or not isinstance(held, bytes) or self._text.is_in_character:
            return place
        items = self._settled_items
        before = len(items)
        settled = read_packets(held, place, self._base, items, self._claimed_end)
        lines = (item.data for item in items[before:] if isinstance(item, Passthrough))
        if not self._text.is_text and any(b"\n" in line for line in lines):
            # clause stream.text
            self._text.feed(b"\n")
        return settled

    def _take_expected(self, place: int) -> int:
        """Settle what a 0xB3 at a sync point begins."""
        # clause stream.character
        in_character = self._in_character(place)
        if in_character == "unknown":
            return self._wait(Incomplete(len(self._held) + 1), place)
        if in_character:
            return self._take_passthrough(place, place + 1)
        outcome = self._try(place)
        if isinstance(outcome, Intact):
            return self._take_packet(place, outcome.length)
        if isinstance(outcome, Incomplete):
            return self._wait(outcome, place)
        if isinstance(outcome, Header):
            position = self._base + place
            whole = place + outcome.length <= len(self._held)
            self._region = CorruptRegion(
                start=position,
                claimed_end=position + outcome.length,
                error="checksum" if whole else "truncated",
                searched=position + 1,
            )
            return self._end_region(self._region)
        # clauses packet.truncated, recovery.unusable
        end = len(self._held) if outcome == "truncated" else place + 1
        self._take_corrupt(place, end, outcome)
        self._at_sync_point = False
        return end

    def _take_passthrough(self, start: int, search: int) -> int:
        """Settle passthrough from `start` on; nothing before `search` is tried."""
        held = self._held
        noted = start
        while True:
            place = self._find_candidate(search)
            is_behind_line = place > start and held[place - 1] == _LINE_FEED
            if is_behind_line or place == len(held):
                self._note_text(noted, place)
                self._add_passthrough(start, place)
                return place
            outcome = self._try(place)
            if isinstance(outcome, (Intact, Incomplete)):
                self._note_text(noted, place)
                noted = place
                in_character = self._in_character(place)
                if in_character is not True:
                    break
            # clauses stream.false-start, stream.character
            search = place + 1
        self._add_passthrough(start, place)
        if isinstance(outcome, Intact):
            return self._take_packet(place, outcome.length)
        if in_character == "unknown":
            outcome = Incomplete(len(held) + 1)
        return self._wait(outcome, place)

    def _note_text(self, start: int, end: int) -> None:
        if end > start:
            self._text.feed(bytes(self._view[start:end]))
            self._at_sync_point = self._held[end - 1] == _LINE_FEED

    def _find_candidate(self, start: int) -> int:
        """The place of the first 0xB3 from `start` on that is worth trying, or the end."""
        place, rejected = find_candidate(self._held, start, self._holds)
        self._checksums.count_rejected(rejected)
        return place

    def _find_candidate_within(self, start: int, end: int) -> int:
        """The same inside a claimed length, up to `end`: a line feed makes no difference."""
        place, rejected = find_candidate_within(self._held, start, end, self._holds)
        self._checksums.count_rejected(rejected)
        return place

    def _holds(self, place: int, length: int) -> bool:
        return self._checksums.holds(self._view, self._base, self._base + place, length)

    def _add_passthrough(self, start: int, end: int) -> None:
        if end > start:
            data = bytes(self._view[start:end])
            self._settled_items.append(Passthrough(data, offset=self._base + start))

    def _take_packet(self, place: int, length: int) -> int:
        """Settle an intact packet, whole (`stream.intact-whole`)."""
        position = self._base + place
        octets = bytes(self._view[place : place + length])
        # clause recovery.recovered
        recovered = position < self._claimed_end
        self._settled_items.append(self._decode_packet(octets, position, recovered))
        self._at_sync_point = True
        return place + length

    def _take_corrupt(self, start: int, end: int, error: ErrorCode) -> None:
        data = bytes(self._view[start:end])
        self._settled_items.append(Corrupt(data, error, offset=self._base + start))
        # clause stream.text
        self._text.end_text()

    def _end_region(self, region: CorruptRegion) -> int:
        """Settle a corrupt region, and the packet that ends it (`recovery.region`)."""
        start = region.start - self._base
        end = min(region.claimed_end - self._base, len(self._held))
        search = region.searched - self._base
        ending: Intact | None = None
        while ending is None:
            place = self._find_candidate_within(search, end)
            if place >= end:
                break
            outcome = self._try(place)
            if isinstance(outcome, Incomplete):
                self._region = region._replace(searched=self._base + place)
                return self._wait(outcome, start)
            if isinstance(outcome, Intact):
                ending = outcome
                end = place
            search = place + 1
        self._region = None
        self._claimed_end = max(self._claimed_end, region.claimed_end)
        self._take_corrupt(start, end, region.error)
        if ending is not None:
            return self._take_packet(end, ending.length)
        # clause stream.sync-point
        self._at_sync_point = region.error == "checksum"
        return end

    def _in_character(self, place: int) -> bool | Literal["unknown"]:
        """Whether the 0xB3 at `place` is plainly inside a character of text."""
        ahead = bytes(self._view[place : place + LOOKAHEAD])
        return self._text.continues(ahead, at_end=self._at_end)

    def _try(self, place: int) -> Outcome:
        """Does the 0xB3 at `place` begin an intact packet?"""
        header = read_header(self._held, place, len(self._held))
        if isinstance(header, Header):
            end = place + header.length
            position = self._base + place
            if end > len(self._held):
                if not self._at_end:
                    return Incomplete(end)
            elif self._checksums.holds(self._view, self._base, position, header.length):
                return Intact(header.length)
            # clause length.least
            return header if header.has_room else "length_too_short"
        if header == INCOMPLETE:
            return "truncated" if self._at_end else Incomplete(len(self._held) + 1)
        return header
