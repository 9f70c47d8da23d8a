"""Directives that put a drawing on a page.

Strategy: the drawings are made from the sources while the pages are read. None is kept in a file.

    ```{picture} packet
    ```
    ```{production} length number
    ```
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from docs.clauses import SpecificationDomain, anchor, words
from docs.links import from_page, production_url
from docs.markup import Element, element, raw
from docs.packet_picture import draw_flags, draw_packet
from docs.railroad_pictures import draw_production
from docs.reader_picture import draw_reader
from docs.route_picture import draw_routes
from docs.sources import productions

__all__ = ["PictureDirective", "ProductionDirective"]

_PICTURES: Final[dict[str, Callable[[], Element]]] = {
    "packet": draw_packet,
    "flags": draw_flags,
    "reader": draw_reader,
    "routes": draw_routes,
}


class PictureDirective(SphinxDirective):
    """A drawing by its name, behind the text that explains it."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the drawing in its box."""
        name = self.arguments[0]
        if name not in _PICTURES:
            raise self.error(f"no picture is called {name}: {', '.join(_PICTURES)}")
        made = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, made)
        return [*made.children, raw(_PICTURES[name]())]


class ProductionDirective(SphinxDirective):
    """Productions of the grammar: a railroad diagram and the text of each."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a box for each production."""
        return [self._box(name) for name in self._names()]

    def _names(self) -> list[str]:
        names: list[str] = []
        for asked in self.arguments[0].split():
            if asked not in productions():
                raise self.error(f"no production is called {asked}")
            names.append(asked)
        return names

    def _box(self, name: str) -> nodes.container:
        domain = self.env.domains["spec"]
        assert isinstance(domain, SpecificationDomain)
        page = self.env.current_document.docname
        production = productions()[name]
        box = nodes.container(classes=["production"])
        box["ids"].append(domain.note("production", name))
        link = nodes.reference("", "", refuri=f"#{anchor('production', name)}", internal=True)
        link += nodes.strong(name, name)
        box += nodes.paragraph("", "", link, classes=["production-name"])
        if production.comment:
            box += nodes.paragraph("", "", *words(production.comment, page))

        drawing = draw_production(name, lambda other: from_page(production_url(other), page))
        label = f"railroad diagram of {name}"
        box += raw(
            element(
                "div",
                drawing,
                class_="scroll railroad",
                tabindex="0",
                role="region",
                aria_label=label,
            )
        )
        box += nodes.literal_block(production.text, production.text, language="w3c-ebnf")
        return box
