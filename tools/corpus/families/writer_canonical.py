"""The canonical octets of each well-formed packet of the readers' cases.

Strategy: a writer is asked for every packet of the readers' cases, hand-written or
generated, whose numbers are in their shortest form. The clauses are those that bind a
writer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from corpus.cases import ROOT, CaseError, hand_cases, read_case
from corpus.families import (
    packet_files,
    packet_flags,
    packet_lengths,
    packet_numbers,
    packet_overruns,
    packet_strings,
    packet_tags,
    packet_times,
)
from corpus.source import Source
from subunit2 import spec

__all__ = ["family"]

_FAMILIES = (
    packet_files,
    packet_flags,
    packet_lengths,
    packet_numbers,
    packet_overruns,
    packet_strings,
    packet_tags,
    packet_times,
)

#: Words of a reader's title, and their counterparts for a writer.
_WORDS = [
    (" is read in one octet", " is written in one octet"),
    (" is read in two octets", " is written in two octets"),
    (" is read", " is written"),
    (" are read", " are written"),
    (" is delivered", " is written"),
    ("is kept apart", "is written apart"),
]


def family() -> Iterator[Source]:
    """Yield cases of the packets in the readers' cases."""
    for source in [
        *_written_by_hand(),
        *(each for module in _FAMILIES for each in module.family()),
    ]:
        # Large packets, and packets inside others, ask a writer nothing new.
        if source.items is None or len(source.items) != 1 or source.id.endswith("-inside"):
            continue
        [item] = source.items
        if item["kind"] == "packet" and "raw" not in item:
            yield _to_write(source, item)


def _written_by_hand() -> Iterator[Source]:
    folder = ROOT / "conformance" / "cases"
    for path in hand_cases(folder / "packet"):
        # The collection reports the faults of such a file.
        with suppress(CaseError):
            source = read_case(path, folder)
            yield replace(source, where="", flags=(*source.flags, "family"))


def _to_write(source: Source, item: dict[str, object]) -> Source:
    title = source.title
    for reader, writer in _WORDS:
        title = title.replace(reader, writer)
    rest = source.id.partition("/")[2]
    return replace(
        source,
        id=f"writer/{rest}",
        title=title,
        clauses=_clauses(source.clauses),
        items=None,
        notes=None,
        packet={key: value for key, value in item.items() if key not in ("offset", "length")},
    )


def _clauses(clauses: tuple[str, ...]) -> tuple[str, ...]:
    if "tags.wire-order" in clauses:
        return ("tags.sorted", "tags.field")
    kept = [clause for clause in clauses if spec.clause(clause).who in ("format", "writer")]
    kept = kept or ["packet.order"]
    return (*kept, "number.shortest")
