"""The directive that puts a view of the suite on a page, such as the matrix or a list.

```{conformance} matrix
```
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, Final

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from docs.conformance.other_pages import alternative
from docs.conformance.pages import HERE, render
from docs.conformance.suite import Suite, load, sources
from report_cards.checks import CHECKS
from subunit2 import spec
from subunit2.conformance.corpus import Case
from subunit2.conformance.results import LAWS

__all__ = ["ConformanceView", "families"]

#: The least number of cases in a family that is folded.
_LEAST: Final = 6


class ConformanceView(SphinxDirective):
    """Puts the view that its argument names on the page."""

    required_arguments: ClassVar[int] = 1
    has_content: ClassVar[bool] = False

    def run(self) -> list[nodes.Node]:
        """Return the view as HTML."""
        name = self.arguments[0]
        if name not in _VIEWS:
            raise self.error(f"{name} is not one of {', '.join(_VIEWS)}")
        folder = Path(self.config.conformance_folder)
        templates = sorted((HERE / "templates").glob("*.html"))
        for path in (*sources(folder), *templates, spec.path("clauses.toml")):
            self.env.note_dependency(str(path))
        suite = load(folder)
        html = render(f"{name}.html", self.env.docname, suite, **_VIEWS[name](suite))
        return [nodes.raw("", html, format="html")]


def _chapters(_: Suite) -> dict[str, Any]:
    """Return the clauses in order, by the first word of their ids."""
    chapters: dict[str, list[str]] = {}
    for clause in spec.clauses():
        chapters.setdefault(clause.partition(".")[0], []).append(clause)
    return {"chapters": list(chapters.items())}


def _matrix(_: Suite) -> dict[str, Any]:
    """Return the clauses by origin, then by chapter: those whose failures are bugs first."""
    parts: list[tuple[str, list[tuple[str, list[str]]]]] = []
    for origin in ("readme", "decision"):
        chapters: dict[str, list[str]] = {}
        for clause in spec.clauses().values():
            if clause.origin == origin:
                chapters.setdefault(clause.id.partition(".")[0], []).append(clause.id)
        parts.append((origin, list(chapters.items())))
    return {"parts": parts}


def _cards(_: Suite) -> dict[str, Any]:
    """Return the checks by kind: those whose violations are bugs first."""
    return {
        "kinds": [
            ("bug", [check for check in CHECKS if check.is_bug]),
            ("argument", [check for check in CHECKS if not check.is_bug]),
        ]
    }


def _cases(suite: Suite) -> dict[str, Any]:
    """Return the cases by the first word of their ids, then by family."""
    chapters: defaultdict[str, list[Case]] = defaultdict(list)
    for case in suite.corpus.cases:
        chapters[case.id.partition("/")[0]].append(case)
    return {
        "chapters": [
            (chapter, families(cases), len(cases)) for chapter, cases in sorted(chapters.items())
        ]
    }


def families(cases: Iterable[Case]) -> list[tuple[str, list[Case]]]:
    """Return the cases of a chapter by the second word of their ids.

    Small families are merged into one list, which comes first and has no name.
    """
    found: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        words = case.id.split("/")
        found[words[1] if len(words) > 2 else ""].append(case)
    single = [case for name, few in found.items() if not name or len(few) < _LEAST for case in few]
    named = [(name, many) for name, many in sorted(found.items()) if name and len(many) >= _LEAST]
    return [("", sorted(single, key=lambda case: case.id)), *named] if single else named


def _nothing(_: Suite) -> dict[str, Any]:
    return {}


def _laws(_: Suite) -> dict[str, Any]:
    return {"laws": LAWS}


def _badges(_: Suite) -> dict[str, Any]:
    return {"alt": alternative}


_VIEWS: Final[dict[str, Callable[[Suite], dict[str, Any]]]] = {
    "summary": _nothing,
    "laws": _laws,
    "matrix": _matrix,
    "report-cards": _cards,
    "clauses": _chapters,
    "cases": _cases,
    "badges": _badges,
    "seeded-faults": _nothing,
}
