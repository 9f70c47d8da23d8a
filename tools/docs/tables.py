"""Tables that are made from the specification's files.

Strategy: each directive makes one table from one source. The tables are docutils nodes, so that the
search finds their text and their links are checked. The words come from the sources; `rows` makes
those tables that the specification in one file has too.

    {fields} {flags} {characters} {statuses} {errors} {reader-steps} {json-form}
    {ksy-types} {clause-index} {terms}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.addnodes import glossary
from sphinx.util.docutils import SphinxDirective

from docs.clauses import SpecificationDomain, reference, words
from docs.examples import case_link
from docs.reader_picture import table as reader_table
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
from docs.sources import cases_of, ksy
from subunit2 import spec

__all__ = [
    "Characters",
    "ClauseIndex",
    "Errors",
    "Fields",
    "Flags",
    "JsonForm",
    "KsyTypes",
    "Statuses",
    "Steps",
    "Terms",
    "as_nodes",
    "table",
]

Cell = nodes.Node | str


def table(heads: list[str], rows: Iterable[list[list[Cell]]]) -> nodes.Node:
    """Return a table. A cell is a list of nodes and words."""
    group = nodes.tgroup(cols=len(heads))
    group.extend(nodes.colspec(colwidth=1) for _ in heads)
    group += nodes.thead("", _row([[head] for head in heads]))
    body = nodes.tbody()
    body.extend(_row(row) for row in rows)
    group += body
    return nodes.table("", group, classes=["made"])


def _row(cells: list[list[Cell]]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        row += nodes.entry("", nodes.paragraph("", "", *as_nodes(cell)))
    return row


def as_nodes(cells: Iterable[Cell]) -> list[nodes.Node]:
    """Return the parts of a cell as nodes."""
    return [nodes.Text(cell) if isinstance(cell, str) else cell for cell in cells]


def code(text: str) -> nodes.literal:
    """Return a word as code."""
    return nodes.literal(text, text)


class SpecificationTable(SphinxDirective):
    """Base class of the directives of this module."""

    option_spec: ClassVar[dict[str, Any]] = {}

    @property
    def domain(self) -> SpecificationDomain:
        """The domain that records the pages of clauses, fields and productions."""
        domain = self.env.domains["spec"]
        assert isinstance(domain, SpecificationDomain)
        return domain

    def words(self, text: str) -> list[Cell]:
        """Return a sentence of a source, with links to the clauses that it names."""
        return list(words(" ".join(text.split()), self.env.current_document.docname))

    def link(self, kind: str, name: str) -> nodes.Node:
        """Return a link to a clause, a field or a production."""
        made = reference(kind, name)
        made["refdoc"] = self.env.current_document.docname
        return made


class KsyTypes(SpecificationTable):
    """The types of the .ksy with their fields, each an anchor."""

    def run(self) -> list[nodes.Node]:
        """Return a section for each type."""
        document = ksy()
        types = {document["meta"]["id"]: document, **document["types"]}
        made: list[nodes.Node] = []
        for name, form in types.items():
            box = nodes.container(classes=["ksy-type"])
            box["ids"].append(f"type-{name}")
            box += nodes.rubric(name, name)
            # The description of the whole file contains a Markdown list.
            lines = str(form.get("doc", "")).splitlines()
            self.state.nested_parse(StringList(lines, str(spec.path("subunit2.ksy"))), 0, box)
            box += table(["field", "type", "description"], self._rows(name, form))
            made.append(box)
        return made

    def _rows(self, type_: str, form: dict[str, Any]) -> Iterable[list[list[Cell]]]:
        for entry in form["seq"]:
            yield self._field(type_, entry["id"], entry)
        for name, entry in form.get("instances", {}).items():
            yield self._field(type_, name, entry)

    def _field(self, type_: str, name: str, entry: dict[str, Any]) -> list[list[Cell]]:
        label = code(name)
        label["ids"].append(self.domain.note("field", f"{type_}/{name}"))
        kind = entry.get("type") or ("computed" if "value" in entry else "octets")
        said: list[Cell] = [str(kind)]
        if "if" in entry:
            said += [" if ", code(str(entry["if"]))]
        return [[label], said, self.words(str(entry.get("doc", "")))]


class RowsTable(SpecificationTable):
    """A table of rows of text; cells are linked to the clauses that they name."""

    heads: ClassVar[list[str]]
    rows: ClassVar[Callable[[], Iterable[list[str]]]]

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        return [self.table_of(self.heads, type(self).rows())]

    def table_of(self, heads: list[str], rows: Iterable[list[str]]) -> nodes.Node:
        """Return a table of rows of text."""
        return table(heads, ([self.words(cell) for cell in row] for row in rows))


class Errors(RowsTable):
    """The error codes in the order of the checks."""

    heads: ClassVar = ["order", "error", "violated clause"]
    rows = staticmethod(error_rows)


class Fields(RowsTable):
    """The fields of a packet, under each of their names."""

    heads = FIELD_HEADS
    rows = staticmethod(field_rows)


class Flags(RowsTable):
    """The bits of the flags word."""

    heads = FLAG_HEADS
    rows = staticmethod(flag_rows)


class Characters(RowsTable):
    """The characters of well-formed UTF-8, by their octets."""

    heads = CHARACTER_HEADS
    rows = staticmethod(character_rows)


class Statuses(RowsTable):
    """The statuses with their numbers."""

    heads: ClassVar = ["number", "bits", "status", "meaning"]
    rows = staticmethod(status_rows)


class JsonForm(RowsTable):
    """The keys of an item's JSON form, kind by kind."""

    def run(self) -> list[nodes.Node]:
        """Return a table for each kind."""
        says, kinds = json_kinds()
        made: list[nodes.Node] = [nodes.paragraph("", "", *as_nodes(self.words(says)))]
        for kind, description in kinds:
            made.append(nodes.rubric(kind, kind))
            made.append(nodes.paragraph("", "", *as_nodes(self.words(description))))
            made.append(self.table_of(["key", "value", "description"], json_rows(kind)))
        return made


class ClauseIndex(SpecificationTable):
    """All clauses by id, with links to their pages."""

    def run(self) -> list[nodes.Node]:
        """Return a table with a row for each."""
        rows: list[list[list[Cell]]] = []
        for clause in spec.clauses().values():
            count = len(cases_of(clause.id))
            rows.append(
                [
                    [self.link("clause", clause.id)],
                    [clause.level],
                    [clause.who],
                    ["README" if clause.origin == "readme" else "decision"],
                    [f"{count:,}" if count else "none"],
                ]
            )
        return [table(["clause", "level", "binds", "origin", "cases"], rows)]


class Steps(SpecificationTable):
    """The states and steps of a reader, with the clause and the case of each step."""

    def run(self) -> list[nodes.Node]:
        """Return the states, and a table with a row for each step."""
        states, _ = reader_table()
        made = nodes.definition_list()
        for state in states:
            says = nodes.definition("", nodes.paragraph(state.says, state.says))
            made += nodes.definition_list_item("", nodes.term(state.name, state.name), says)
        page = self.env.current_document.docname
        rows: list[list[list[Cell]]] = [
            [*(self.words(cell) for cell in cells), [case_link(case, page)]]
            for *cells, case in step_rows()
        ]
        heads = ["state", "input", "items", "next state", "clause", "case"]
        return [made, table(heads, rows)]


class Terms(SpecificationTable):
    """The glossary: the terms of the specification, and those in the directive's content."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return one glossary, in alphabetical order."""
        entries = [(name, text) for name, text in spec.glossary().items()]
        own = "\n".join(self.content).strip()
        for block in filter(None, own.split("\n\n")):
            name, _, text = block.partition("\n")
            entries.append((name.strip(), " ".join(text.split())))
        if len({name for name, _ in entries}) < len(entries):
            raise self.error("a term is defined twice")
        lines: list[str] = []
        for name, text in sorted(entries, key=lambda entry: entry[0].casefold()):
            lines += [name, *[f"  {text}", ""]]
        source = ["```{glossary}", *lines, "```"]
        made = nodes.container()
        self.state.nested_parse(StringList(source, self.get_source_info()[0]), 0, made)
        assert list(made.findall(glossary))
        return made.children
