"""Build collected cases, or report their problems.

Strategy: each case is completed, linted, read by three readers and serialised
independently, so that processes share the work.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple

from corpus.cases import complaint, validator
from corpus.collect import Collection
from corpus.lint import Problem, problems
from corpus.mutations import MutationError
from corpus.reading import disagreements
from corpus.serialise import READER_PROFILES, built, completed, profile_of, question
from corpus.source import octets_of

__all__ = ["Built", "build_all", "build_case"]

#: More processes than this do not pay off.
_MOST_PROCESSES = 4
#: Cases sent to a process at a time.
_AT_A_TIME = 16


class Built(NamedTuple):
    """A built case, or its problems.

    :ivar form: its built form; None where it has problems.
    :ivar stream: its octets, where a file holds them.
    :ivar question: the digest of its question.
    """

    id: str
    form: dict[str, Any] | None = None
    stream: bytes | None = None
    question: str = ""
    problems: tuple[Problem, ...] = ()


def build_case(id: str, collection: Collection) -> Built:
    """Complete, lint and build a case.

    The completed case stays in the collection.
    """
    sources = collection.sources
    source = sources[id]
    try:
        source = sources[id] = completed(source, sources)
    except MutationError as error:
        return Built(id, problems=(Problem(source.where, id, f"mutation: {error}"),))
    if source.parent in sources:
        # The parent's problems are reported for the parent.
        with suppress(MutationError):
            sources[source.parent] = completed(sources[source.parent], sources)
    found = list(problems(source, sources, frozenset(collection.flags)))
    if found:
        return Built(id, problems=tuple(found))
    stream = None
    if profile_of(source) in READER_PROFILES:
        assert source.octets is not None
        assert source.items is not None
        large = "large" in source.flags
        stream = octets_of(source.octets)
        for message in disagreements(stream, source.items, source.stops, large=large):
            found.append(Problem(source.where, id, message))
        # A file cannot say where the caller stops waiting.
        if large or source.stops:
            stream = None
    form = built(source)
    if fault := complaint(validator("case.schema.json"), form):
        found.append(Problem(source.where, id, f"built: {fault}"))
    if found:
        return Built(id, problems=tuple(found))
    return Built(id, form, stream, question(source))


def build_all(collection: Collection, ids: Iterable[str]) -> Iterator[Built]:
    """Build the cases of these ids, in their order."""
    ids = list(ids)
    processes = min(_MOST_PROCESSES, os.cpu_count() or 1, 1 + len(ids) // _AT_A_TIME)
    if processes == 1:
        yield from (build_case(each, collection) for each in ids)
        return
    with ProcessPoolExecutor(processes, initializer=_share, initargs=(collection,)) as pool:
        yield from pool.map(_build_shared, ids, chunksize=_AT_A_TIME)


_shared: list[Collection] = []


def _share(collection: Collection) -> None:
    _shared.append(collection)


def _build_shared(id: str) -> Built:
    return build_case(id, _shared[-1])
