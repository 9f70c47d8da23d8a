"""Tables that are made from the specification's files.

Strategy: each directive makes one table from one source. The tables are docutils nodes, so that the
search finds their text and their links are checked. The words come from the sources.

    {ksy-types} {json-form} {errors} {statuses} {reader-steps} {clause-index} {terms}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, ClassVar

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.addnodes import glossary
from sphinx.util.docutils import SphinxDirective

from docs.clauses import SpecificationDomain, reference, words
from docs.examples import case_link
from docs.reader_picture import table as reader_table
from docs.sources import cases_of, ksy, layout
from subunit2 import spec

__all__ = [
    "ClauseIndex",
    "Errors",
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


class JsonForm(SpecificationTable):
    """The keys of an item's JSON form, kind by kind."""

    def run(self) -> list[nodes.Node]:
        """Return a table for each kind."""
        schema = json.loads(spec.path("item.schema.json").read_text(encoding="utf-8"))
        kinds = [each["$ref"].rpartition("/")[2] for each in schema["oneOf"]]
        made: list[nodes.Node] = []
        made.append(nodes.paragraph("", "", *as_nodes(self.words(schema["description"]))))
        for kind in kinds:
            form = schema["$defs"][kind]
            made.append(nodes.rubric(kind, kind))
            made.append(nodes.paragraph("", "", *as_nodes(self.words(form["description"]))))
            rows = [
                self._key(key, value, key in form.get("required", ()), schema["$defs"])
                for key, value in form["properties"].items()
            ]
            made.append(table(["key", "value", "description"], rows))
        return made

    def _key(
        self, key: str, value: dict[str, Any], required: bool, shared: dict[str, Any]
    ) -> list[list[Cell]]:
        named = shared[value["$ref"].rpartition("/")[2]] if "$ref" in value else {}
        form = {**named, **value}
        says = self.words(form.get("description", ""))
        if required:
            says += [" Always present." if says else "Always present."]
        return [[code(key)], _kind_of(form), says]


def _kind_of(form: dict[str, Any]) -> list[Cell]:
    """Return the allowed values of a key of the schema, in words."""
    if "const" in form:
        return [code(json.dumps(form["const"]))]
    if "enum" in form:
        said: list[Cell] = []
        for index, each in enumerate(form["enum"]):
            said += [", ", code(each)] if index else [code(each)]
        return said
    if form["type"] == "array":
        return ["list of strings"]
    if form["type"] == "object":
        said = []
        for index, (key, inner) in enumerate(form["properties"].items()):
            said += [", " if index else "object: ", code(key), f" {_bounds(inner)}"]
        return said
    if form.get("pattern", "").startswith("^(?:[0-9a-f]"):
        return ["octets in lower-case hex"]
    return [f"{form['type']} {_bounds(form)}".strip()]


def _bounds(form: dict[str, Any]) -> str:
    low, high = form.get("minimum"), form.get("maximum")
    if high is None:
        return f"from {low:,}" if low is not None else ""
    return f"from {low:,} to {high:,}"


class Errors(SpecificationTable):
    """The error codes in the order of the checks."""

    def run(self) -> list[nodes.Node]:
        """Return a table with a row for each."""
        found = [clause for clause in spec.clauses().values() if clause.error is not None]
        found.sort(key=lambda clause: clause.order or 0)
        rows: list[list[list[Cell]]] = [
            [[str(clause.order)], [code(clause.error or "")], [self.link("clause", clause.id)]]
            for clause in found
        ]
        return [table(["order", "error", "violated clause"], rows)]


class Statuses(SpecificationTable):
    """The statuses with their numbers."""

    def run(self) -> list[nodes.Node]:
        """Return a table with a row for each."""
        form = ksy()["enums"]["status"]
        rows: list[list[list[Cell]]] = []
        for number, name in enumerate(layout().statuses):
            entry = form[number]
            doc = entry.get("doc", "") if isinstance(entry, dict) else ""
            rows.append([[str(number)], [f"{number:03b}"], [code(name)], self.words(doc)])
        return [table(["number", "bits", "status", "meaning"], rows)]


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
        states, steps = reader_table()
        names = {state.id: state.name for state in states}
        made = nodes.definition_list()
        for state in states:
            says = nodes.definition("", nodes.paragraph(state.says, state.says))
            made += nodes.definition_list_item("", nodes.term(state.name, state.name), says)
        rows: list[list[list[Cell]]] = [
            [
                [names[step.from_]],
                [step.when],
                [" + ".join(step.gives) or "nothing yet"],
                [names[step.to]],
                [self.link("clause", step.clause)],
                [case_link(step.case, self.env.current_document.docname)],
            ]
            for step in steps
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
