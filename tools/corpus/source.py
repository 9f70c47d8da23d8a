"""A case before it is built, from an author or a family.

Strategy: octets are kept as runs, pairs of octets and a repeat count, so that a packet of 4
MiB is as small in memory and in the built form as a small one. Where a family leaves
`items` out, the builder finds them with the grammar's recogniser; hand-written items are
compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from subunit2.conformance.corpus import Written

__all__ = ["FeedSource", "Runs", "Source", "octets_of", "runs"]

#: Octets, and their repeat count.
Runs = list[tuple[bytes, int]]


@dataclass(frozen=True, kw_only=True)
class FeedSource:
    """One feed of a multiplexer's input.

    :ivar octets: None at the input's end, and where its caller stops waiting.
    :ivar packets: packets that are forwarded, and what is written of a report or of wrapped
    output.
    """

    input: int
    octets: bytes | None
    packets: tuple[Written, ...] = ()
    is_stop: bool = False


@dataclass(frozen=True, kw_only=True)
class Source:
    """A case before it is built.

    :ivar id: chapter/name, or chapter/family/name: lower-case words with hyphens.
    :ivar profile: None: the id's first part.
    :ivar clauses: ids of spec/clauses.toml, the clause mainly tested first.
    :ivar octets: a reader's stream, or a writer's expected output.
    :ivar items: a reader's items in the JSON form, with offset, length and bytes; None: the
    builder asks the recogniser (families).
    :ivar stops: the offsets at which a reader's caller stops waiting.
    :ivar packet: the packet for a writer, in the JSON form; long values can be lists of
    [string, times].
    :ivar where: its file, for messages.
    """

    id: str
    title: str
    clauses: tuple[str, ...]
    profile: str | None = None
    flags: tuple[str, ...] = ()
    parent: str | None = None
    mutation: str | None = None
    notes: str | None = None
    octets: Runs | None = None
    items: list[dict[str, Any]] | None = None
    stops: tuple[int, ...] = ()
    packet: dict[str, Any] | None = None
    refused: str | None = None
    split: bool = False
    routes: tuple[str, ...] = ()
    feeds: tuple[FeedSource, ...] = ()
    wrapped: tuple[bytes, ...] = field(default=())
    where: str = ""


def runs(*parts: bytes | tuple[bytes, int]) -> Runs:
    """Make runs from octets and (octets, times) pairs."""
    return [part if isinstance(part, tuple) else (part, 1) for part in parts]


def octets_of(source: Runs) -> bytes:
    """Return the octets of runs."""
    return b"".join(part * times for part, times in source)
