"""The page of each case: question, octets by field, answer, results of implementations."""

from __future__ import annotations

from typing import Any

from docs.conformance.drawing import LARGE, Limits, blocks, dump, limits, mutation_lines
from docs.conformance.pages import render
from docs.conformance.places import case_url, page_name
from docs.conformance.suite import Suite
from subunit2 import decode
from subunit2.conformance.corpus import Case, MultiplexerCase, ReaderCase, WriterCase, Written
from subunit2.conformance.terminal.formatting import describe_own
from subunit2.conformance.terminal.mutation_view import describe_mutation

__all__ = ["case_page"]


def case_page(case: Case, suite: Suite) -> str:
    """Return the HTML of a case, without the page of the theme around it."""
    parent = suite.corpus.by_id.get(case.parent or "")
    more: dict[str, Any] = {
        "children": suite.children.get(case.id, []),
        "mutation": "",
        "mutation_said": describe_mutation(case.mutation) if case.mutation else "",
        "raw": "",
    }
    if isinstance(case, ReaderCase):
        template = "case-reader.html"
        more |= _reader(case)
        if isinstance(parent, ReaderCase):
            more["mutation"] = mutation_lines(parent.stream, case.stream)
    elif isinstance(case, WriterCase):
        template = "case-writer.html"
        more |= _writer(case)
    else:
        assert isinstance(case, MultiplexerCase)
        template = "case-multiplexer.html"
        more |= _multiplexer(case)
    more["abridged"] = more["size"] > LARGE
    return render(template, page_name(case_url(case.id)), suite, case=case, **more)


def _reader(case: ReaderCase) -> dict[str, Any]:
    stream, items = case.stream, case.items
    shown = limits(len(stream))
    return {
        "size": len(stream),
        "shown": shown,
        "items": items,
        "blocks": list(blocks(items, stream, shown)),
        "raw": stream.hex() if len(stream) <= LARGE else "",
    }


def _writer(case: WriterCase) -> dict[str, Any]:
    octets = case.octets
    size = max(len(octets or b""), sum(len(str(value)) for value in case.packet.values()))
    shown = limits(size)
    items = [] if octets is None else [item.to_dict() for item in decode(octets)]
    return {
        "size": size,
        "shown": shown,
        "octets": octets,
        "blocks": list(blocks(items, octets or b"", shown)),
        "raw": octets.hex() if octets and size <= LARGE else "",
    }


def _written(part: Written, shown: Limits) -> dict[str, Any]:
    if isinstance(part, bytes):
        items = [item.to_dict() for item in decode(part)]
        return {"label": "", "blocks": list(blocks(items, part, shown)), "line": None}
    line = dump(part.octets, 0, shown) if part.octets else None
    return {"label": describe_own(part), "blocks": [], "line": line}


def _multiplexer(case: MultiplexerCase) -> dict[str, Any]:
    feeds = case.feeds
    size = sum(len(feed.octets or b"") for feed in feeds)
    shown = limits(size)
    places = [0] * len(case.routes)
    steps = []
    for feed in feeds[: shown.items]:
        steps.append(
            {
                "input": feed.input,
                "route": case.routes[feed.input],
                "is_stop": feed.is_stop,
                "fed": None
                if feed.octets is None
                else dump(feed.octets, places[feed.input], shown),
                "output": [_written(part, shown) for part in feed.output],
            }
        )
        places[feed.input] += len(feed.octets or b"")
    wrapped = [
        (number, dump(octets, 0, shown)) for number, octets in enumerate(case.wrapped) if octets
    ]
    return {"size": size, "shown": shown, "steps": steps, "wrapped": wrapped}
