"""Where on the site a clause and a case are.

Strategy: one place says which page shows what, for all that link there. A case's page is named by
its id. A clause is on the page whose source has it in a `{clause}` directive, so that pages can be
divided otherwise without an edit here. All addresses are relative to the site's root; `from_page`
makes them relative to a page.
"""

import posixpath
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

# A directive's line in a Markdown source: a fence, and the names behind the directive's.
_DIRECTIVE = re.compile(r"^ *(?:`{3,}|:{3,})\{(clause|production)\} +(.+?) *$", re.MULTILINE)


def case_url(id_: str) -> str:
    """The address of a case's page, from the site's root.

    >>> case_url("packet/exists-twice")
    'conformance/cases/packet/exists-twice.html'
    """
    return f"conformance/cases/{id_}.html"


def clause_anchor(id_: str) -> str:
    """The anchor of a clause on its page.

    >>> clause_anchor("stream.partition")
    'clause-stream.partition'
    """
    return f"clause-{id_}"


@cache
def pages_of(kind: str, docs: Path = DOCS) -> dict[str, tuple[str, ...]]:
    """The pages, as names without suffix, whose sources have a clause or production in a directive.

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
    """The address of a clause, from the site's root. `KeyError` where no page has it.

    >>> clause_url("stream.partition").endswith("#clause-stream.partition")
    True
    """
    return f"{pages_of('clause', docs)[id_][0]}.html#{clause_anchor(id_)}"


def production_url(name: str, docs: Path = DOCS) -> str:
    """The address of a production, from the site's root. `KeyError` where no page has it.

    >>> production_url("packet").endswith("#production-packet")
    True
    """
    return f"{pages_of('production', docs)[name][0]}.html#production-{name}"


def from_page(url: str, page: str) -> str:
    """An address from the site's root as one from a page (named without suffix).

    >>> from_page("specification/packet.html#clause-packet.order", "conformance/cases/packet/a")
    '../../../specification/packet.html#clause-packet.order'
    """
    path, hash_, anchor = url.partition("#")
    return posixpath.relpath(path, posixpath.dirname(page) or ".") + hash_ + anchor
