"""Feed a stream to a reader: whole or with cuts, with stops, and the answers one by one.

Strategy: an answer is yielded before the next octets are fed, so that a law counts the
octets delivered at each moment. A stop is part of the question: it stays where it is,
however the stream is cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from random import Random
from typing import Final, Literal, NamedTuple, Protocol

from subunit2.conformance.diff import ItemForm
from subunit2.items import Item

__all__ = ["Answer", "ItemStream", "ReaderStream", "answers", "cuts_of"]

#: The largest streams, in octets, that are fed octet by octet, and that are cut at
#: every index.
_OCTET_BY_OCTET: Final = 512
_ALL_CUTS: Final = 64

#: For longer streams: the number of single cuts, the octets to feed for all of them
#: together, and the cuts of a stream that is fed in many chunks.
_SOME_CUTS: Final = 48
_CUT_OCTETS: Final = 1 << 18
_CHUNK_CUTS: Final = 200

#: A stream of this many octets is fed in chunks of equal size.
_LARGE: Final = 1 << 16
_LARGE_CHUNK: Final = 1 << 16


class ItemStream(Protocol):
    """A reader that returns items in their JSON form, such as a session."""

    @property
    def held(self) -> int | None:
        """How many octets the reader holds, after an answer; None if it does not tell."""

    def open(self) -> None:
        """Start a new stream; the previous one is abandoned."""

    def feed(self, octets: bytes, /) -> list[ItemForm]:
        """Return the items that are settled now."""

    def stop(self) -> list[ItemForm]:
        """Stop waiting for octets; return the items of those held."""

    def close(self) -> list[ItemForm]:
        """End the stream; return the remaining items."""


class _FeedReader(Protocol):
    @property
    def pending(self) -> int: ...

    def feed(self, data: bytes, /) -> list[Item]: ...

    def stop_waiting(self) -> list[Item]: ...

    def close(self) -> list[Item]: ...


class ReaderStream:
    """A Python reader with the methods of ours, as an `ItemStream`."""

    def __init__(self, make: Callable[[], _FeedReader]) -> None:
        self._make = make
        self._reader = make()

    @property
    def held(self) -> int | None:
        """How many octets the reader holds."""
        return self._reader.pending

    def open(self) -> None:
        """Start a new stream with a new reader."""
        self._reader = self._make()

    def feed(self, octets: bytes, /) -> list[ItemForm]:
        """Return the items that are settled now."""
        return [item.to_dict() for item in self._reader.feed(octets)]

    def stop(self) -> list[ItemForm]:
        """Stop waiting for octets; return the items of those held."""
        return [item.to_dict() for item in self._reader.stop_waiting()]

    def close(self) -> list[ItemForm]:
        """End the stream; return the remaining items."""
        return [item.to_dict() for item in self._reader.close()]


class Answer(NamedTuple):
    """The items that one request returned.

    :ivar fed: octets fed since the start of the stream.
    :ivar held: octets that the reader says it holds.
    """

    op: Literal["feed", "stop", "close"]
    fed: int
    items: list[ItemForm]
    held: int | None


def answers(
    stream: ItemStream, octets: bytes, cuts: Iterable[int] = (), *, stops: Iterable[int] = ()
) -> Iterator[Answer]:
    """Feed a stream, and yield the answer to each feed, to each stop and to the end.

    :param cuts: the indices at which the stream is cut, beside those of `stops`.
    :param stops: the offsets at which the caller stops waiting.
    """
    stops = set(stops)
    stream.open()
    for start, end in pairwise(sorted({0, *cuts, *stops, len(octets)})):
        yield Answer("feed", end, stream.feed(octets[start:end]), stream.held)
        if end in stops:
            yield Answer("stop", end, stream.stop(), stream.held)
    yield Answer("close", len(octets), stream.close(), stream.held)


def cuts_of(size: int, seed: int = 0) -> Iterator[tuple[str, list[int]]]:
    """Yield sets of cuts for a stream of a size: a label, and the indices to cut at.

    The same seed gives the same cuts. Holds one set.
    """
    chance = Random(f"{seed} {size}")  # noqa: S311 - not a secret
    if 0 < size <= _OCTET_BY_OCTET:
        yield "octet by octet", list(range(1, size))
    if size <= _ALL_CUTS:
        for index in range(1, size if size > 2 else 1):
            yield f"cut at {index}", [index]
        return
    if size >= _LARGE:
        yield f"chunks of {_LARGE_CHUNK:,} octets", list(range(_LARGE_CHUNK, size, _LARGE_CHUNK))
    elif size > _OCTET_BY_OCTET:
        indices = chance.sample(range(1, size), _CHUNK_CUTS)
        yield f"cut into {_CHUNK_CUTS + 1} chunks", sorted(indices)
    cuts = max(1, min(_SOME_CUTS, _CUT_OCTETS // size))
    for index in sorted(chance.sample(range(1, size), cuts)):
        yield f"cut at {index}", [index]
