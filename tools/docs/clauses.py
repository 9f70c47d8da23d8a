"""The clauses of `spec/clauses.toml` on the pages, and links to them.

Strategy: a directive takes ids and writes these clauses of the file, so that no sentence of the
specification is typed on a page. A Sphinx domain records the page of each clause. When all pages
are read, it warns of a clause on no page or on two, and the build fails on warnings. The same
domain records the fields of the .ksy and the productions of the grammar, by the page that draws
each.

    ```{clause} stream.partition stream.passthrough
    ```
    {clause}`stream.partition`, {field}`flags/version`, {production}`packet`
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from typing import Any, ClassVar, Final

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective
from sphinx.util.nodes import make_refnode

from docs.conformance.places import clause_cases_url
from docs.links import case_url, clause_anchor, from_page
from docs.markup import element, raw
from docs.sources import cases_of, fields, productions, why_no_case
from subunit2 import spec

__all__ = ["ClauseDirective", "ClauseRole", "SpecificationDomain", "check_pages"]

_log = logging.getLogger(__name__)

#: Cases of a clause that are shown at once; the others are behind a click.
_SHOWN_CASES: Final = 4

_LEVELS: Final = {"MUST": "must", "SHOULD": "should", "MAY": "may"}


def anchor(kind: str, name: str) -> str:
    """Return the anchor of a clause, a field or a production."""
    return clause_anchor(name) if kind == "clause" else f"{kind}-{name.replace('/', '.')}"


class SpecificationDomain(Domain):
    """The pages of clauses, fields and productions."""

    name = "spec"
    label = "Specification"
    object_types: ClassVar[dict[str, ObjType]] = {
        kind: ObjType(kind, kind) for kind in ("clause", "field", "production")
    }
    initial_data: ClassVar[dict[str, Any]] = {"places": {}}
    data_version = 1

    @property
    def places(self) -> dict[tuple[str, str], list[str]]:
        """The pages of each object, by its kind and name."""
        places: dict[tuple[str, str], list[str]] = self.data["places"]
        return places

    def note(self, kind: str, name: str) -> str:
        """Record that an object is on the page that is being read, and return its anchor."""
        self.places.setdefault((kind, name), []).append(self.env.current_document.docname)
        return anchor(kind, name)

    def clear_doc(self, docname: str) -> None:
        """Forget the objects of a page."""
        for key, pages in list(self.places.items()):
            self.places[key] = [page for page in pages if page != docname]
            if not self.places[key]:
                del self.places[key]

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Add the objects of pages that another process has read."""
        for key, pages in otherdata["places"].items():
            here = [page for page in pages if page in docnames]
            if here:
                self.places.setdefault(key, []).extend(here)

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        *rest: Any,
    ) -> nodes.reference | None:
        """Return a link to an object, or None if it is on no page."""
        pages = self.places.get((typ, target))
        if not pages:
            return None
        _, shown = rest
        return make_refnode(builder, fromdocname, pages[0], anchor(typ, target), shown)

    def resolve_any_xref(self, *_: Any) -> list[tuple[str, nodes.reference]]:
        """Return no link: a role names the kind of its target."""
        return []

    def get_objects(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        """Yield the objects that the search finds by name."""
        for (kind, name), pages in self.places.items():
            yield name, name, kind, pages[0], anchor(kind, name), 1


def reference(kind: str, name: str) -> pending_xref:
    """Return a link to a clause, a field or a production, resolved when all pages are read."""
    return pending_xref(
        "",
        nodes.literal(name, name, classes=["xref", f"spec-{kind}"]),
        refdomain="spec",
        reftype=kind,
        reftarget=name,
        refwarn=True,
    )


class ClauseRole(ReferenceRole):
    """A link to a clause, a field or a production, by the role's name."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link; warn if the specification has no object of that name."""
        if self.target not in known(self.name):
            message = f"no {self.name} is called {self.target}"
            _log.warning(message, location=self.get_location())
        made = reference(self.name, self.target)
        if self.has_explicit_title:
            made.children = []
            made += nodes.inline(self.title, self.title)
        self.set_source_info(made)
        made["refdoc"] = self.env.current_document.docname
        return [made], []


def known(kind: str) -> Set[str]:
    """Return the names of all clauses, fields or productions."""
    if kind == "clause":
        return spec.clauses().keys()
    return fields() if kind == "field" else set(productions())


class ClauseDirective(SphinxDirective):
    """Clauses by their ids: text, origin, and the cases that test them."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec: ClassVar[dict[str, Any]] = {}

    def run(self) -> list[nodes.Node]:
        """Return a box for each clause."""
        made: list[nodes.Node] = []
        for id_ in self.arguments[0].split():
            if id_ not in spec.clauses():
                raise self.error(f"no clause is called {id_}")
            made.append(self._box(spec.clause(id_)))
        return made

    def _box(self, clause: spec.Clause) -> nodes.container:
        domain = self.env.domains["spec"]
        assert isinstance(domain, SpecificationDomain)
        level = _LEVELS[clause.level]
        box = nodes.container(classes=["clause", f"clause-{level}"])
        box["ids"].append(domain.note("clause", clause.id))
        box += self._head(clause)
        box += nodes.paragraph("", "", *self._words(clause.text), classes=["clause-text"])
        if clause.readme is not None:
            box += self._labelled(f"README, {clause.readme}", clause.fact or "", "clause-readme")
        if clause.decision is not None:
            box += self._labelled("Decided here", clause.decision, "clause-decision")
        if clause.error is not None or not clause.outside:
            box += self._about(clause)
        box += raw(_cases(clause.id, self.env.current_document.docname))
        return box

    def _head(self, clause: spec.Clause) -> nodes.paragraph:
        link = nodes.reference("", "", refuri=f"#{clause_anchor(clause.id)}", internal=True)
        link += nodes.strong(clause.id, clause.id)
        says = f"{clause.level}, {clause.who}"
        return nodes.paragraph(
            "",
            "",
            link,
            nodes.Text(" "),
            nodes.inline(says, says, classes=["clause-level"]),
            classes=["clause-head"],
        )

    def _labelled(self, label: str, text: str, class_: str) -> nodes.paragraph:
        head = nodes.inline(label, f"{label}: ", classes=["clause-label"])
        return nodes.paragraph("", "", head, *self._words(text), classes=["clause-origin", class_])

    def _words(self, text: str) -> list[nodes.Node]:
        return list(words(text, self.env.current_document.docname))

    def _about(self, clause: spec.Clause) -> nodes.paragraph:
        made = nodes.paragraph(classes=["clause-about"])
        parts: list[list[nodes.Node]] = []
        if clause.error is not None:
            error = nodes.literal(clause.error, clause.error)
            parts.append([nodes.Text("error "), error, nodes.Text(f", order {clause.order}")])
        for kind, name in (("field", clause.field), ("production", clause.production)):
            if name is not None:
                made_reference = reference(kind, name)
                made_reference["refdoc"] = self.env.current_document.docname
                parts.append([nodes.Text(f"{kind} "), made_reference])
        for index, part in enumerate(parts):
            made += [nodes.Text(" · "), *part] if index else part
        return made


def words(text: str, page: str) -> Iterator[nodes.Node]:
    """Yield the parts of a sentence: text, code from backquotes, and ids of clauses as links."""
    for token in re.split(r"(`[^`]+`|[a-z0-9-]+\.[a-z0-9-]+)", text):
        if token.startswith("`"):
            yield nodes.literal(token[1:-1], token[1:-1])
        elif token in spec.clauses():
            made = reference("clause", token)
            made["refdoc"] = page
            yield made
        elif token:
            yield nodes.Text(token)


def _cases(clause: str, page: str) -> Any:
    """Return links to the cases of a clause: some, and the others behind a click."""
    cases = cases_of(clause)
    if not cases:
        return element("p", f"No case: {why_no_case()[clause]}", class_="clause-cases")
    links = [
        element("a", case.id, href=from_page(case_url(case.id), page), title=case.title)
        for case in cases
    ]
    shown, hidden = links[:_SHOWN_CASES], links[_SHOWN_CASES:]
    made = element("div", class_="clause-cases")
    made.append(_listed("Cases: " if len(cases) > 1 else "Case: ", shown))
    if hidden:
        more = element("details", element("summary", f"{len(hidden):,} more"))
        more.append(_listed("", hidden))
        made.append(more)
    url = from_page(clause_cases_url(clause), page)
    made.append(element("p", element("a", "Results of the implementations", href=url)))
    return made


def _listed(label: str, links: list[Any]) -> Any:
    made = element("p", label)
    for index, link in enumerate(links):
        link.tail = ", " if index < len(links) - 1 else ""
        made.append(link)
    return made


def link_to(url: str, page: str, title: str) -> nodes.reference:
    """Return a link from a page to an address of the site without a document of Sphinx."""
    return nodes.reference(title, title, refuri=from_page(url, page), internal=True)


def check_pages(app: Any, env: BuildEnvironment) -> None:
    """Warn of each clause that is on no page, or on more than one."""
    domain = env.domains["spec"]
    assert isinstance(domain, SpecificationDomain)
    for id_ in spec.clauses():
        pages = domain.places.get(("clause", id_), [])
        if not pages:
            _log.warning("clause %s is on no page", id_, type="spec", subtype="missing")
        elif len(pages) > 1:
            _log.warning("clause %s is on %s", id_, " and ".join(pages), type="spec")
