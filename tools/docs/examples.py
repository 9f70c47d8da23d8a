"""Packets and streams of the corpus as examples beside their clauses.

Strategy: a directive names a case and shows its title, its octets by field, and its items. The
octets are dissected independently of the expected items, so that each row can be compared with
the items below it.

    ```{example} packet/exists
    ```
    {case}`packet/exists`
"""

from __future__ import annotations

import json
from typing import Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.docutils import ReferenceRole, SphinxDirective

from docs.clauses import words
from docs.links import case_url, from_page
from docs.markup import Element, element, raw
from docs.octets import octet_rows, octet_table
from docs.sources import corpus
from subunit2 import decode, item_from_dict
from subunit2.conformance.corpus import Case, MultiplexerCase, ReaderCase, WriterCase

__all__ = ["CaseRole", "ExampleDirective", "case_link", "drawn_case", "shortened"]

_log = logging.getLogger(__name__)

#: The most characters that are shown of a string in an item.
_MOST_TEXT = 96


def case_link(id_: str, page: str, title: str | None = None) -> nodes.reference:
    """Return a link from a page to the page of a case."""
    shown = nodes.literal(title or id_, title or id_)
    return nodes.reference("", "", shown, refuri=from_page(case_url(id_), page), internal=True)


class CaseRole(ReferenceRole):
    """A link to the page of a case."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link; warn if there is no such case."""
        if self.target not in corpus().by_id:
            _log.warning("no case is called %s", self.target, location=self.get_location())
        return [case_link(self.target, self.env.current_document.docname, self.title)], []


class ExampleDirective(SphinxDirective):
    """A case: its octets by field, and its items."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return a box with the case."""
        id_ = self.arguments[0]
        case = corpus().by_id.get(id_)
        if case is None:
            raise self.error(f"no case is called {id_}")
        page = self.env.current_document.docname
        title = [*words(case.title, page), nodes.Text(" ")]
        box = nodes.container(classes=["example"])
        box += nodes.paragraph("", "", *title, case_link(id_, page), classes=["example-title"])
        box.extend(map(raw, drawn_case(case)))
        return [box]


def drawn_case(case: Case) -> list[Element]:
    """Return the octets of a case, and its items or results."""
    if isinstance(case, ReaderCase):
        return _stream(case.stream, case.items, case.id)
    if isinstance(case, WriterCase):
        asked = _items([case.packet], "to write")
        if case.octets is None:
            return [asked, element("p", f"Refused, for its {case.refused}.")]
        items = list(decode(case.octets))
        rows = list(octet_rows(items, case.octets))
        return [asked, octet_table(rows, label="the packet as written")]
    assert isinstance(case, MultiplexerCase)
    return [part for feed in case.feeds for part in _feed(case, feed)]


def _stream(stream: bytes, items: list[dict[str, Any]], name: str) -> list[Element]:
    rows = list(octet_rows([item_from_dict(item) for item in items], stream))
    return [octet_table(rows, label=f"octets of {name}", is_shown=False), _items(items, "items")]


def _feed(case: MultiplexerCase, feed: Any) -> list[Element]:
    route = case.routes[feed.input]
    if feed.octets is None:
        event = "is cut short: its caller stops waiting" if feed.is_stop else "ends"
        return [element("p", f"Input {feed.input} {event}.")]
    made = [
        octet_table(
            list(octet_rows(list(decode(feed.octets)), feed.octets)),
            label=f"in, on the input with the code {route}",
        )
    ]
    for packet in feed.packets:
        rows = list(octet_rows(list(decode(packet)), packet))
        made.append(octet_table(rows, label="out"))
    return made


def _items(items: list[dict[str, Any]], label: str) -> Element:
    lines = [json.dumps(shortened(item), ensure_ascii=False) for item in items] or ["no items"]
    shown = element("pre", *(element("code", line + "\n") for line in lines))
    return element("div", element("p", label, class_="items-label"), shown, class_="items")


def shortened(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item with its long strings cut."""
    return {
        key: f"{value[:_MOST_TEXT]}…"
        if isinstance(value, str) and len(value) > _MOST_TEXT
        else value
        for key, value in item.items()
    }
