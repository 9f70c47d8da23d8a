"""A case as it is written, by hand or by a family, before it is built.

Strategy: octets are kept as runs, pairs of octets and how often they are
repeated, so that a packet of 4 MiB is as small in memory and in the built form
as a small one. What a family leaves out of `items` the builder finds with the
grammar's recogniser; what a person wrote is compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["FeedSource", "Runs", "Source", "octets_of", "runs"]

#: Octets, and how often each of them is repeated.
Runs = list[tuple[bytes, int]]


@dataclass(frozen=True, kw_only=True)
class FeedSource:
    """One feed of a multiplexer's input; `octets` None where the input ends."""

    input: int
    octets: bytes | None
    packets: tuple[bytes, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Source:
    """A case before it is built.

    :ivar id: chapter/name, or chapter/family/name: lower-case words with hyphens.
    :ivar profile: None where the id's first part is the profile.
    :ivar clauses: ids of spec/clauses.toml, the one that it tests first in front.
    :ivar octets: a reader's stream, or what a writer has to write.
    :ivar items: a reader's items in JSON's terms, with offset, length and bytes;
        None: the builder asks the recogniser (families).
    :ivar packet: what a writer is asked to write, in JSON's terms; its long
        values can be lists of [string, times].
    :ivar where: the file that it comes from, for messages.
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
    packet: dict[str, Any] | None = None
    refused: str | None = None
    split: bool = False
    routes: tuple[str, ...] = ()
    feeds: tuple[FeedSource, ...] = ()
    wrapped: tuple[bytes, ...] = field(default=())
    where: str = ""


def runs(*parts: bytes | tuple[bytes, int]) -> Runs:
    """Runs of octets and of (octets, times) pairs."""
    return [part if isinstance(part, tuple) else (part, 1) for part in parts]


def octets_of(source: Runs) -> bytes:
    """The octets of runs."""
    return b"".join(part * times for part, times in source)
