"""HTML and SVG as trees, for elements without a docutils node.

Strategy: the standard library's element trees do the escaping. The markup goes into the page
unchanged, and is not in the search index; so text to be found by the search is made of docutils
nodes instead.
"""

from __future__ import annotations

from typing import TypeAlias
from xml.etree import ElementTree as ET

from docutils import nodes

__all__ = ["Child", "Element", "element", "raw", "rendered"]

Element: TypeAlias = ET.Element
Child: TypeAlias = ET.Element | str | None


def element(tag: str, /, *children: Child, **attributes: str | float | None) -> Element:
    """Return an element. In names of attributes `_` becomes `-`, and a last `_` is dropped.

    An attribute or child of None is left out.

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
    """Return a tree as HTML."""
    return ET.tostring(tree, encoding="unicode", method="html")


def raw(tree: Element) -> nodes.raw:
    """Return a tree as a node of a page."""
    html = rendered(tree)
    return nodes.raw(html, html, format="html")
