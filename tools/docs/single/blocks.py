"""The blocks of the specification in one file that come from its sources.

Strategy: each function returns lines of plain Markdown for one directive of the site's pages:
clauses, examples, drawings, tables. The words come from the same rows and drawings as those of
the site.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from docs.examples import shortened
from docs.links import DOCS
from docs.octets import Row, hex_lines, octet_rows
from docs.packet_picture import write_flags, write_packet
from docs.reader_picture import table as reader_table
from docs.route_picture import hops
from docs.rows import (
    CHARACTER_HEADS,
    FIELD_HEADS,
    FLAG_HEADS,
    character_rows,
    error_rows,
    field_rows,
    flag_rows,
    json_kinds,
    json_rows,
    status_rows,
    step_rows,
)
from docs.single.plain import MarkupError, clause_link, linked
from docs.sources import cases_of, corpus, why_no_case
from pipe_tables import pipe_table
from subunit2 import decode, item_from_dict, spec
from subunit2.conformance.corpus import Case, MultiplexerCase, ReaderCase, WriterCase

__all__ = ["DIRECTIVES", "clause", "clause_table", "example", "glossary", "table"]

#: Cases that are named below a clause.
_SHOWN_CASES: Final = 3

#: Columns of a field's name in an example.
_FIELD: Final = 18


def table(heads: list[str], rows: Iterable[list[str]]) -> list[str]:
    """Return a table whose cells may name clauses."""
    return pipe_table(heads, ([linked(cell) for cell in row] for row in rows))


# ---- Clauses ---------------------------------------------------------------------


def clause(id_: str) -> list[str]:
    """Return a clause: its text, its origin, and the cases that test it."""
    if id_ not in spec.clauses():
        raise MarkupError(f"no clause is called {id_}")
    found = spec.clause(id_)
    lines = [f"#### {id_}", "", f"> **{found.level}**, {found.who}. {linked(found.text)}"]
    if found.readme is not None:
        lines += [">", f"> README, {found.readme}: {linked(found.fact or '')}"]
    if found.decision is not None:
        lines += [">", f"> *Decided here:* {linked(found.decision)}"]
    return [*lines, ">", f"> {' '.join(_about(found))}", ""]


def _about(found: spec.Clause) -> Iterator[str]:
    if found.error is not None:
        yield f"Error `{found.error}`, order {found.order}."
    if found.field is not None:
        yield f"Field `{found.field}`."
    if found.production is not None:
        yield f"Production `{found.production}`."
    cases = cases_of(found.id)
    if cases:
        named = ", ".join(f"`{case.id}`" for case in cases[:_SHOWN_CASES])
        kind = "Case" if len(cases) == 1 else "Cases"
        yield f"{kind}: {named}{', and others' if len(cases) > _SHOWN_CASES else ''}."
    else:
        yield f"No case: {why_no_case()[found.id]}"


def _clauses(words: str, _: list[str]) -> list[str]:
    return [line for id_ in words.split() for line in clause(id_)]


def clause_table() -> list[str]:
    """Return the table of all clauses, in the order of their ids."""
    rows = [
        [
            clause_link(each.id),
            each.level,
            each.who,
            "README" if each.origin == "readme" else "decision",
            f"`{each.error}`" if each.error else "",
        ]
        for each in sorted(spec.clauses().values())
    ]
    return pipe_table(["clause", "level", "binds", "origin", "error"], rows)


# ---- Examples --------------------------------------------------------------------


def example(id_: str, _: list[str] | None = None) -> list[str]:
    """Return a case: its octets by field, and its items or results."""
    case = corpus().by_id.get(id_)
    if case is None:
        raise MarkupError(f"no case is called {id_}")
    title = linked(case.title)
    end = "" if title.endswith((".", "?", "!")) else "."
    return [f"*Case* `{id_}`: {title}{end}", "", *_drawn(case)]


def _drawn(case: Case) -> Iterator[str]:
    if isinstance(case, ReaderCase):
        rows = octet_rows([item_from_dict(item) for item in case.items], case.stream)
        yield from _fenced("text", _octets(rows))
        yield from _items(case.items)
    elif isinstance(case, WriterCase):
        yield from _items([case.packet])
        if case.octets is None:
            yield from [f"The writer refuses it, for its `{case.refused}`.", ""]
        else:
            yield from ["It is written as", ""]
            yield from _fenced("text", _octets(octet_rows(list(decode(case.octets)), case.octets)))
    else:
        assert isinstance(case, MultiplexerCase)
        for feed in case.feeds:
            yield from _feed(case, feed)


def _feed(case: MultiplexerCase, feed: Any) -> Iterator[str]:
    if feed.octets is None:
        event = "is cut short: its caller stops waiting" if feed.is_stop else "ends"
        yield from [f"Input {feed.input} {event}.", ""]
        return
    yield from [f"On the input with the code `{case.routes[feed.input]}` arrives", ""]
    yield from _fenced("text", _octets(octet_rows(list(decode(feed.octets)), feed.octets)))
    for packet in feed.packets:
        yield from ["and out goes", ""]
        yield from _fenced("text", _octets(octet_rows(list(decode(packet)), packet)))


def _octets(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of octets beside their fields and values."""
    made = list(rows)
    width = len(f"{made[-1].offset:,}") if made else 1
    for row in made:
        lines = hex_lines(row.octets)
        first = f"{row.offset:>{width},}  {lines[0]:23}  {row.field or '-':{_FIELD}} {row.says}"
        yield first.rstrip()
        yield from (f"{'':{width}}  {line}" for line in lines[1:])


def _items(items: list[dict[str, Any]]) -> list[str]:
    lines = [json.dumps(shortened(item), ensure_ascii=False) for item in items]
    return _fenced("json", lines)


def _fenced(language: str, lines: Iterable[str]) -> list[str]:
    return [f"```{language}", *lines, "```", ""]


# ---- Drawings and tables ---------------------------------------------------------


def _picture(name: str, _: list[str]) -> list[str]:
    match name:
        case "packet":
            return _fenced("text", write_packet())
        case "flags":
            return _fenced("text", write_flags())
        case "routes":
            return _routes()
        case "reader":
            # The table of steps says the same.
            return []
    raise MarkupError(f"no picture is called {name}")


def _routes() -> list[str]:
    lines = ["supervisor"]
    above = ""
    for index, (multiplexer, worker, sent, joined, arrived) in enumerate(hops()):
        code, inner = arrived.split("/")
        if multiplexer != above:
            lines.append(f"  +-- {code} --  {multiplexer}")
        above = multiplexer
        bar = "|" if index < len(hops()) // 2 else " "
        says = f"sends: {sent:6} behind its multiplexer: {joined:3} arrives: {arrived}"
        lines.append(f"  {bar}             +-- {inner} --  {worker:10} {says}")
    return _fenced("text", lines)


def _errors(*_: Any) -> list[str]:
    return table(["order", "error", "violated clause"], error_rows())


def _statuses(*_: Any) -> list[str]:
    return table(["number", "bits", "status", "meaning"], status_rows())


def _steps(*_: Any) -> list[str]:
    states, _steps = reader_table()
    rows = ([*row[:-1], f"`{row[-1]}`"] for row in step_rows())
    heads = ["state", "input", "items", "next state", "clause", "case"]
    named = [f"- **{state.name}**: {state.says}" for state in states]
    return [*named, "", *table(heads, rows)]


def _json_form(*_: Any) -> list[str]:
    says, kinds = json_kinds()
    lines = [says, ""]
    for kind, description in kinds:
        lines += [f"**{kind}**: {description}", ""]
        lines += [*table(["key", "value", "description"], json_rows(kind)), ""]
    return lines


def glossary(_: str, own: list[str]) -> list[str]:
    """Return the terms of the specification, and those of the page, in alphabetical order."""
    entries = list(spec.glossary().items())
    for block in filter(None, "\n".join(own).strip().split("\n\n")):
        name, _, text = block.partition("\n")
        entries.append((name.strip(), " ".join(text.split())))
    entries.sort(key=lambda entry: entry[0].casefold())
    return [f"- **{name}**: {linked(text)}" for name, text in entries]


def _included(path: str, options: list[str]) -> list[str]:
    """Return a file that a page of the specification includes as it is."""
    language = next((each.split()[-1] for each in options if each.startswith(":language:")), "")
    text = (DOCS / "specification" / path).read_text(encoding="utf-8")
    return _fenced(language, text.splitlines())


def _doctest(_: str, lines: list[str]) -> list[str]:
    return _fenced("python", [*lines[:-1], *filter(None, lines[-1:])])


DIRECTIVES: Final[dict[str, Callable[[str, list[str]], list[str]]]] = {
    "characters": lambda *_: table(CHARACTER_HEADS, character_rows()),
    "clause": _clauses,
    "doctest": _doctest,
    "errors": _errors,
    "example": example,
    "fields": lambda *_: table(FIELD_HEADS, field_rows()),
    "flags": lambda *_: table(FLAG_HEADS, flag_rows()),
    "json-form": _json_form,
    "literalinclude": _included,
    "picture": _picture,
    # The whole grammar has a chapter.
    "production": lambda *_: [],
    "reader-steps": _steps,
    "statuses": _statuses,
    "terms": glossary,
}
