"""Finds the dead links of the built site.

Strategy: every page is read once for its links and its anchors. Then each address inside the site
is looked up, with its anchor. Links to other hosts are not checked: a build needs no network.

    python tools/docs/site_links.py docs/_build/html
"""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

__all__ = ["Page", "dead_links", "main", "read_page"]

_ADDRESSES: Final = frozenset({"href", "src"})

#: Anchors that the theme's script makes in the browser.
_BY_SCRIPT: Final = frozenset({"", "top"})


@dataclass
class Page:
    """The links and anchors of a page."""

    links: set[str] = field(default_factory=set)
    anchors: set[str] = field(default_factory=set)
    doubles: set[str] = field(default_factory=set)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record the links and the anchor of a tag."""
        for name, value in attrs:
            if value is None:
                continue
            if name in _ADDRESSES:
                self.page.links.add(value)
            elif name == "id" or (name == "name" and tag == "a"):
                if value in self.page.anchors:
                    self.page.doubles.add(value)
                self.page.anchors.add(value)


def read_page(html: str) -> Page:
    """Return the links and anchors of a page.

    >>> page = read_page('<h1 id="a">A</h1><a href="#b">b</a>')
    >>> page.links, page.anchors
    ({'#b'}, {'a'})
    """
    reader = _Reader()
    reader.feed(html)
    return reader.page


def dead_links(site: Path) -> Iterator[str]:
    """Yield a line for each dead link: its page and its address."""
    files = {path.relative_to(site).as_posix(): path for path in site.rglob("*") if path.is_file()}
    pages = {
        name: read_page(path.read_text(encoding="utf-8"))
        for name, path in files.items()
        if name.endswith(".html")
    }
    for name, page in sorted(pages.items()):
        folder = posixpath.dirname(name)
        for link in sorted(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = name
            if parts.path:
                target = posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
            if target not in files:
                target = posixpath.join(target, "index.html").removeprefix("./")
            anchor = unquote(parts.fragment)
            if target not in files:
                yield f"{name}: no page {link}"
            elif target in pages and anchor not in pages[target].anchors | _BY_SCRIPT:
                yield f"{name}: no anchor {link}"


def main(words: list[str]) -> int:
    """Print the dead links of a site; return 1 if there are any."""
    [site] = words
    found = list(dead_links(Path(site)))
    for line in found:
        print(line, file=sys.stderr)
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
