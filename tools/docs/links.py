"""Addresses of clauses and cases on the site.

Strategy: all links to clauses and cases take their addresses from this module. The page of a case
is named by its id. A clause is on the page whose source has it in a `{clause}` directive, so that
clauses can move between pages without an edit here. All addresses are relative to the site's root;
`from_page` makes them relative to a page.
"""

import posixpath
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

# The line of a directive in a Markdown source: a fence, the directive, and its arguments.
_DIRECTIVE = re.compile(r"^ *(?:`{3,}|:{3,})\{(clause|production)\} +(.+?) *$", re.MULTILINE)


def case_url(id_: str) -> str:
    """Return the address of a case's page, from the site's root.

    >>> case_url("packet/exists-twice")
    'conformance/cases/packet/exists-twice.html'
    """
    return f"conformance/cases/{id_}.html"


def clause_anchor(id_: str) -> str:
    """Return the anchor of a clause on its page.

    >>> clause_anchor("stream.partition")
    'clause-stream.partition'
    """
    return f"clause-{id_}"


@cache
def pages_of(kind: str, docs: Path = DOCS) -> dict[str, tuple[str, ...]]:
    """Return the pages, without suffix, whose sources have a clause or production in a directive.

    :param kind: clause or production.
    """
    pages: dict[str, tuple[str, ...]] = {}
    for source in sorted((docs / "specification").rglob("*.md")):
        page = source.relative_to(docs).with_suffix("").as_posix()
        for found, names in _DIRECTIVE.findall(source.read_text(encoding="utf-8")):
            if found == kind:
                for name in names.split():
                    pages[name] = (*pages.get(name, ()), page)
    return pages


def clause_url(id_: str, docs: Path = DOCS) -> str:
    """Return the address of a clause, from the site's root; `KeyError` if no page has it.

    >>> clause_url("stream.partition").endswith("#clause-stream.partition")
    True
    """
    return f"{pages_of('clause', docs)[id_][0]}.html#{clause_anchor(id_)}"


def production_url(name: str, docs: Path = DOCS) -> str:
    """Return the address of a production, from the site's root; `KeyError` if no page has it.

    >>> production_url("packet").endswith("#production-packet")
    True
    """
    return f"{pages_of('production', docs)[name][0]}.html#production-{name}"


def from_page(url: str, page: str) -> str:
    """Turn an address from the site's root into one from a page (named without suffix).

    >>> from_page("specification/packet.html#clause-packet.order", "conformance/cases/packet/a")
    '../../../specification/packet.html#clause-packet.order'
    """
    path, hash_, anchor = url.partition("#")
    return posixpath.relpath(path, posixpath.dirname(page) or ".") + hash_ + anchor
