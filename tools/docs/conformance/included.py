"""Links in the Markdown of `conformance/`, which the pages of the site include.

Strategy: these texts are also read on a code host. They link to files beside them, and
name files, cases and clauses in backticks. On the site, a link to an included file leads
to the page that includes it, and an id becomes a link to its page. Other links are left
alone, and Sphinx warns of those that are broken.
"""

from __future__ import annotations

import posixpath
from pathlib import Path
from typing import Any, ClassVar, Final

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from docs.conformance.places import case_url, page_name, rule_url
from docs.conformance.suite import load
from docs.links import from_page
from subunit2 import spec

__all__ = ["FILES", "LinkIncluded"]

#: The files of `conformance/` that have a page, with its address.
FILES: Final = {
    "README.md": "conformance/index.html",
    "HARNESS.md": "conformance/harness.html",
    "FORMAT.md": "conformance/format.html",
    "COVERAGE.md": "conformance/clauses.html",
    "CHANGELOG.md": "conformance/changes.html",
    "captures/README.md": "conformance/captures.html",
    "seeded-faults/README.md": "conformance/seeded-faults.html",
    "implementations/README.md": "conformance/implementations.html",
    "report-cards/README.md": "conformance/report-cards.html",
    "captures/": "conformance/captures.html",
    "seeded-faults/": "conformance/seeded-faults.html",
    "emitters/": "conformance/emitters.html",
    "implementations/": "conformance/implementations.html",
    "report-cards/": "conformance/report-cards.html",
    "templates/": "conformance/harness.html#templates",
}


class LinkIncluded(SphinxPostTransform):
    """Resolves links and literals in the conformance pages."""

    # Runs before Sphinx resolves references.
    default_priority: ClassVar[int] = 5

    def run(self, **_: Any) -> None:
        """Resolve the links of one page."""
        self.page: str = self.env.docname
        if not self.page.startswith("conformance/"):
            return
        for link in list(self.document.findall(addnodes.pending_xref)):
            # The included files are in folders beside each other, and link as from there.
            target = posixpath.normpath(link.get("reftarget", "")).removeprefix("../")
            url = FILES.get(target)
            if link.get("reftype") == "myst" and url is not None:
                link.replace_self(self._reference(url, *link.children))
        for literal in list(self.document.findall(nodes.literal)):
            url = self._url(literal.astext())
            if url is not None and not _is_linked(literal):
                literal.replace_self(self._reference(url, literal.deepcopy()))

    def _url(self, text: str) -> str | None:
        """Return the address for a name; None if it has no page, or is on this page."""
        if text in spec.clauses():
            url = rule_url(text)
        elif text in load(Path(self.config.conformance_folder)).corpus.by_id:
            url = case_url(text)
        elif text in FILES:
            url = FILES[text]
        else:
            return None
        return url if page_name(url) != self.page else None

    def _reference(self, url: str, *children: nodes.Node) -> nodes.reference:
        return nodes.reference("", "", *children, refuri=from_page(url, self.page), internal=True)


def _is_linked(node: nodes.Node) -> bool:
    """Return whether a node is inside a link, or in a title, which the contents repeat."""
    parent = node.parent
    while parent is not None:
        if isinstance(parent, (nodes.reference, nodes.title, addnodes.pending_xref)):
            return True
        parent = parent.parent
    return False
