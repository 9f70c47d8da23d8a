"""The Sphinx extension of the specification's pages.

Strategy: Sphinx loads only this module; each directive and role has a module of its own. The
sources are recorded as dependencies of every page of the specification, so that a change of a
source rebuilds the pages.
"""

from __future__ import annotations

from typing import Any, Final

from docutils.nodes import document
from sphinx.application import Sphinx

from docs.clauses import ClauseDirective, ClauseRole, SpecificationDomain, check_pages
from docs.decisions import Decisions
from docs.examples import CaseRole, ExampleDirective
from docs.links import ROOT
from docs.notation_lexer import NotationLexer
from docs.pictures import PictureDirective, ProductionDirective
from docs.tables import (
    Characters,
    ClauseIndex,
    Errors,
    Fields,
    Flags,
    JsonForm,
    KsyTypes,
    Statuses,
    Steps,
    Terms,
)

__all__ = ["setup"]

_DIRECTIVES: Final = {
    "characters": Characters,
    "clause": ClauseDirective,
    "clause-index": ClauseIndex,
    "decisions": Decisions,
    "errors": Errors,
    "example": ExampleDirective,
    "fields": Fields,
    "flags": Flags,
    "json-form": JsonForm,
    "ksy-types": KsyTypes,
    "picture": PictureDirective,
    "production": ProductionDirective,
    "statuses": Statuses,
    "reader-steps": Steps,
    "terms": Terms,
}

#: The sources of the specification's pages.
_SOURCES: Final = (
    "spec/clauses.toml",
    "spec/grammar.ebnf",
    "spec/item.schema.json",
    "spec/subunit2.ksy",
    "conformance/corpus/cases.json",
    "conformance/no-case.toml",
    "conformance/implementations/*/divergences.toml",
    "conformance/implementations/*/report.json",
    "tools/docs/*.py",
    "tools/docs/states.toml",
)


def _note_sources(app: Sphinx, doctree: document) -> None:
    if app.env.current_document.docname.startswith("specification/"):
        for pattern in _SOURCES:
            for path in ROOT.glob(pattern):
                app.env.note_dependency(str(path))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directives, the roles, and the check that every clause is on one page."""
    app.add_domain(SpecificationDomain)
    for name, directive in _DIRECTIVES.items():
        app.add_directive(name, directive)
    for kind in SpecificationDomain.object_types:
        app.add_role(kind, ClauseRole())
    app.add_role("case", CaseRole())
    app.add_lexer("w3c-ebnf", NotationLexer)
    app.connect("doctree-read", _note_sources)
    app.connect("env-check-consistency", check_pages)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
