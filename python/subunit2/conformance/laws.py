"""Laws: what holds for every stream, whatever is in it.

Strategy: a stream is fed in many ways, octet by octet first, and each time what came
is compared with what came when it was whole (`cuts`). On the way, after each feed,
the octets that are out are counted: as many as have to be (`live`), and no packet
before its last octet (`early`). None of that needs to know what is right; where that
is known, the lengths of packets are taken from there. Otherwise a reader that does
not give the length of a packet is asked what it can be.

A way of cutting is a list of sizes. There are so many of them that a stream of some
dozen octets is asked for with each cut, and one of megabytes with a few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from random import Random
from typing import Final, Protocol

from subunit2.conformance.diff import ItemForm, differences, joined, same
from subunit2.conformance.drivers.process import NoAnswerError
from subunit2.conformance.results import LAWS, Law, LawResult
from subunit2.items import EncodeError, Item, Packet, replace
from subunit2.jsonform import item_from_dict
from subunit2.plural import count
from subunit2.reader import Reader
from subunit2.writer import encode

__all__ = ["ItemStream", "ReaderStream", "check_laws", "cuts_of", "partition_fault"]

#: Streams of up to so many octets are fed octet by octet; and of up to so many, cut
#: at every place.
_OCTET_BY_OCTET: Final = 512
_ALL_CUTS: Final = 64

#: How many places a longer one is cut at: so many, and fewer where that would be more
#: than so many octets; and how many chunks are made of it.
_SOME_CUTS: Final = 48
_CUT_OCTETS: Final = 1 << 18
_SOME_PIECES: Final = 200

#: From so many octets on, chunks are of the other size.
_LARGE: Final = 1 << 16
_LARGE_PIECE: Final = 1 << 16


class ItemStream(Protocol):
    """A reader in JSON's terms: a session is one."""

    def open(self) -> None:
        """A new stream; the one before it is over."""

    def feed(self, octets: bytes, /) -> list[ItemForm]:
        """The items that are settled now."""

    def close(self) -> list[ItemForm]:
        """The items that were left."""


class _FeedReader(Protocol):
    def feed(self, data: bytes, /) -> list[Item]: ...

    def close(self) -> list[Item]: ...


class ReaderStream:
    r"""A Python reader with the methods of ours, as an `ItemStream`.

    >>> laws = check_laws(ReaderStream(Reader), b"building\n", waits=[])
    >>> sorted(laws), {law.outcome for law in laws.values()}
    (['cuts', 'early', 'live', 'partition'], {'passed'})
    """

    def __init__(self, make: Callable[[], _FeedReader]) -> None:
        self._make = make
        self._reader = make()

    def open(self) -> None:
        """A new reader."""
        self._reader = self._make()

    def feed(self, octets: bytes, /) -> list[ItemForm]:
        """The items that are settled now."""
        return [item.to_dict() for item in self._reader.feed(octets)]

    def close(self) -> list[ItemForm]:
        """The items that were left."""
        return [item.to_dict() for item in self._reader.close()]


def cuts_of(size: int, seed: int = 0) -> Iterator[tuple[str, list[int]]]:
    """Ways to cut a stream of so many octets: what to call each, and where it cuts.

    The same for the same seed. Holds one.
    """
    chance = Random(f"{seed} {size}")  # noqa: S311 - not a secret
    if 0 < size <= _OCTET_BY_OCTET:
        yield "octet by octet", list(range(1, size))
    if size <= _ALL_CUTS:
        for place in range(1, size if size > 2 else 1):
            yield f"cut at {place}", [place]
        return
    if size >= _LARGE:
        yield f"chunks of {_LARGE_PIECE:,} octets", list(range(_LARGE_PIECE, size, _LARGE_PIECE))
    elif size > _OCTET_BY_OCTET:
        places = chance.sample(range(1, size), _SOME_PIECES)
        yield f"cut into {_SOME_PIECES + 1} chunks", sorted(places)
    cuts = max(1, min(_SOME_CUTS, _CUT_OCTETS // size))
    for place in sorted(chance.sample(range(1, size), cuts)):
        yield f"cut at {place}", [place]


def check_laws(
    stream: ItemStream,
    octets: bytes,
    *,
    expected: list[ItemForm] | None = None,
    waits: Sequence[tuple[int, int, int]] | None = None,
    seed: int = 0,
) -> dict[Law, LawResult]:
    """Feed the octets in many ways, and say which laws held.

    Stops asking at the first way that gives other items, or no answer.

    :param expected: what is right, `joined` and with places; None where that is not
        known: then what came when the stream was whole takes its place, and packets
        are as long as they say, or as their fields are when written.
    :param waits: (first, last, settled): when `n` octets were fed, first <= n <=
        last, so many have to be out; for any other `n`, all of them. None where that
        is not known, or the reader does not claim to be live: `live` is not asked.
    :param seed: of the cuts of streams too long for all of them.
    """
    laws: dict[Law, LawResult] = {}
    try:
        whole = joined(_ask(stream, octets, []))
    except NoAnswerError as error:
        laws["cuts"] = LawResult(outcome=error.outcome, reason=f"whole: {error.reason}")
        return _completed(laws, "it failed when the stream was whole")
    placed = _placed(whole, octets, expected)
    right = whole if expected is None else expected
    watch: _Watch | None = None
    if placed is not None:
        laws["partition"] = _law(partition_fault(placed, octets))
        watch = _Watch(placed, waits)
    for name, cuts in cuts_of(len(octets), seed):
        try:
            items = joined(_ask(stream, octets, cuts, watch, name))
        except NoAnswerError as error:
            laws["cuts"] = LawResult(outcome=error.outcome, reason=f"{name}: {error.reason}")
            break
        if (difference := differences(right, items)) is not None:
            laws["cuts"] = LawResult(
                outcome="wrong", reason=f"{name}: {difference}", expected=right, actual=items
            )
            break
    is_whole = laws.get("cuts", _PASSED).outcome in ("passed", "wrong")
    laws.setdefault("cuts", _PASSED)
    if watch is not None:
        if watch.late is not None or (is_whole and waits is not None):
            laws["live"] = _law(watch.late)
        if watch.early is not None or is_whole:
            laws["early"] = _law(watch.early)
    if placed is None:
        return _completed(laws, "the items do not say how long they are")
    return _completed(laws, "not asked to its end" if waits is not None else "not asked")


_PASSED: Final = LawResult(outcome="passed")


def _completed(laws: dict[Law, LawResult], reason: str) -> dict[Law, LawResult]:
    """All laws in their order, those that nothing is known of as skipped."""
    skipped = LawResult(outcome="skipped", reason=reason)
    return {law: laws.get(law, skipped) for law in LAWS}


def _law(fault: str | None) -> LawResult:
    if fault is None:
        return _PASSED
    return LawResult(outcome="wrong", reason=fault)


class _Watch:
    """Counts the octets that are out while a stream is fed.

    Stops where a packet is none of those that are right: that is left to `cuts`.

    :ivar late: the first time that less was out than had to be.
    :ivar early: the first time that more was out than had come.
    """

    def __init__(self, right: list[ItemForm], waits: Sequence[tuple[int, int, int]] | None) -> None:
        self._packets = [item for item in right if item["kind"] == "packet"]
        self._waits = waits
        self.late: str | None = None
        self.early: str | None = None

    def reset(self) -> None:
        """A stream begins."""
        self._out: int = 0
        self._due = iter(self._packets)
        self._lost: bool = False

    def look(self, way: str, fed: int, items: Iterable[ItemForm]) -> None:
        """Count what came with a feed, `fed` octets from the start on."""
        for item in items:
            start = self._out
            if item["kind"] != "packet":
                self._out += len(item["bytes"]) // 2
            else:
                packet = next(self._due, None)
                if packet is None or not same(packet, item):
                    self._lost = True
                    return
                self._out += packet["length"]
            if self._out > fed and self.early is None and not self._lost:
                self.early = (
                    f"{way}: with {count(fed, 'octet')} fed, the {item['kind']} of octets {start} "
                    f"to {self._out - 1} was out"
                )
        if self._waits is None or self._lost or self.late is not None or self._out >= fed:
            return
        due = next((out for first, last, out in self._waits if first <= fed <= last), fed)
        if self._out < due:
            self.late = f"{way}: with {count(fed, 'octet')} fed, {self._out} were out and not {due}"


def _ask(
    stream: ItemStream,
    octets: bytes,
    cuts: list[int],
    watch: _Watch | None = None,
    way: str = "",
) -> list[ItemForm]:
    """All items of a stream that is fed in chunks."""
    stream.open()
    items: list[ItemForm] = []
    if watch is not None:
        watch.reset()
    for start, end in pairwise([0, *cuts, len(octets)] if octets else []):
        came = stream.feed(octets[start:end])
        items += came
        if watch is not None:
            watch.look(way, end, came)
    return items + stream.close()


# --- The partition -----------------------------------------------------------------------


def partition_fault(items: list[ItemForm], octets: bytes) -> str | None:
    """Why the items' octets, joined, are not the stream; None where they are.

    A packet's octets are `raw`, or those that it says it is, or what the writer
    makes of its fields.
    """
    place = 0
    for number, item in enumerate(items, 1):
        where = f"item {number}, {item['kind']} at {place}"
        if item.get("offset", place) != place:
            return f"{where}: it says that it is at {item['offset']}"
        try:
            said = _octets_of(item, octets, place)
        except EncodeError as error:
            return f"{where}: it could not be written: {error}"
        if "length" in item and item["length"] != len(said):
            return f"{where}: it says that it has {item['length']} octets, and has {len(said)}"
        if not octets.startswith(said, place):
            return f"{where}: its octets are not those of the stream"
        place += len(said)
    if place != len(octets):
        return f"the items have {place} octets, and the stream {len(octets)}"
    return None


def _octets_of(form: ItemForm, stream: bytes, place: int) -> bytes:
    """The octets of an item that stands at a place of the stream."""
    item = item_from_dict(form)
    if isinstance(item, Packet) and item.raw is None and item.length:
        # Its numbers may be longer than they have to be, and it need not say so.
        octets = stream[place : place + item.length]
        if _says(octets, item):
            return octets
    return encode(item)


def _says(octets: bytes, packet: Packet) -> bool:
    """Whether octets are one packet that says what this one does."""
    reader = Reader()
    found = reader.feed(octets) + reader.close()
    if len(found) != 1 or not isinstance(found[0], Packet):
        return False
    return replace(found[0], raw=None) == replace(packet, raw=None, recovered=False)


def _placed(
    items: list[ItemForm], octets: bytes, expected: list[ItemForm] | None
) -> list[ItemForm] | None:
    """The items, each with its length; None where that cannot be told.

    :param expected: what they have to be, apart from where they are.
    """
    placed: list[ItemForm] = []
    place = 0
    for number, item in enumerate(items):
        form = dict(item)
        if "length" not in form:
            if expected is not None and number < len(expected):
                form["length"] = expected[number]["length"]
            else:
                try:
                    said = _octets_of(form, octets, place)
                except EncodeError:
                    return None
                if item["kind"] == "packet" and not octets.startswith(said, place):
                    return None
                form["length"] = len(said)
        place += form["length"]
        placed.append(form)
    return placed
