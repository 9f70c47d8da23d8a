"""HTML and SVG as trees, for what Sphinx has no node for.

Strategy: the standard library's element trees, which escape what has to be escaped. What is made
goes into the page as it is; it is in no search index, so text that a reader would look for is made
of docutils nodes instead.
"""

from __future__ import annotations

from typing import TypeAlias
from xml.etree import ElementTree as ET

from docutils import nodes

__all__ = ["Child", "Element", "element", "raw", "rendered"]

Element: TypeAlias = ET.Element
Child: TypeAlias = ET.Element | str | None


def element(tag: str, /, *children: Child, **attributes: str | float | None) -> Element:
    """An element. Of attributes' names `_` is `-`, and one at the end is dropped; None is none.

    >>> rendered(element("a", "<here>", href="#x", class_="b"))
    '<a href="#x" class="b">&lt;here&gt;</a>'
    """
    made = ET.Element(tag)
    for name, value in attributes.items():
        if value is not None:
            shown = f"{value:g}" if isinstance(value, float) else str(value)
            made.set(name.rstrip("_").replace("_", "-"), shown)
    last: Element | None = None
    for child in children:
        if isinstance(child, str):
            if last is None:
                made.text = (made.text or "") + child
            else:
                last.tail = (last.tail or "") + child
        elif child is not None:
            made.append(child)
            last = child
    return made


def rendered(tree: Element) -> str:
    """A tree as HTML."""
    return ET.tostring(tree, encoding="unicode", method="html")


def raw(tree: Element) -> nodes.raw:
    """A tree as a node of a page."""
    html = rendered(tree)
    return nodes.raw(html, html, format="html")
