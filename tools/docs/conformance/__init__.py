"""Sphinx extension: the pages of the conformance suite, generated from its files.

Strategy: one page for each case makes thousands of pages, and doctrees for all of them
would take minutes. So these pages are collected (`html-collect-pages`): HTML from a
template, inside the page of the theme. The navigation of the site is the same for all
pages of one depth, and is computed once for each depth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from docs.conformance.badges import badge
from docs.conformance.case_pages import case_page
from docs.conformance.included import LinkIncluded
from docs.conformance.other_pages import (
    bug_page,
    bug_title,
    card_bug_page,
    card_page,
    clause_page,
    implementation_page,
)
from docs.conformance.pages import HERE
from docs.conformance.places import (
    badge_url,
    bug_url,
    card_bug_url,
    card_url,
    case_url,
    clause_cases_url,
    implementation_url,
    page_name,
)
from docs.conformance.suite import Suite, load
from docs.conformance.views import ConformanceView
from docs.links import ROOT, from_page
from subunit2 import spec
from subunit2.conformance.corpus import Case

__all__ = ["setup"]

_log = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive, the collected pages, and their style sheet."""
    app.add_config_value("conformance_folder", str(ROOT / "conformance"), "env", types=[str])
    app.add_directive("conformance", ConformanceView)
    app.add_post_transform(LinkIncluded)
    app.connect("builder-inited", _add_files)
    app.connect("html-collect-pages", _collect)
    # The theme reads the context at the default priority, 500.
    app.connect("html-page-context", _share_navigation(), priority=400)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _add_files(app: Sphinx) -> None:
    app.config.html_static_path.append(str(HERE / "static"))
    app.add_css_file("conformance.css")
    app.add_js_file("conformance.js", loading_method="defer")
    for measured in load(Path(app.config.conformance_folder)).stale:
        _log.warning(
            "%s: its report.json was made with another corpus; run `make implementations`",
            measured.name,
        )


def _collect(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    suite = load(Path(app.config.conformance_folder))
    _write_badges(suite, Path(app.outdir))
    for before, case, behind in _neighbours(suite.corpus.cases):
        page = page_name(case_url(case.id))
        context = {"title": case.id, "body": case_page(case, suite)}
        beside = {
            name: {"title": other.id, "link": from_page(case_url(other.id), page)}
            for name, other in (("prev", before), ("next", behind))
            if other is not None
        }
        yield page, context | beside, "page.html"
    for title, url, body in _other_pages(suite):
        yield page_name(url), {"title": title, "body": body}, "page.html"


def _neighbours(cases: list[Case]) -> Iterator[tuple[Case | None, Case, Case | None]]:
    return zip([None, *cases], cases, [*cases[1:], None], strict=False)


def _other_pages(suite: Suite) -> Iterator[tuple[str, str, str]]:
    """Yield the pages of clauses, implementations, report cards and bug reports.

    Each is a title, an address and HTML.
    """
    for clause in spec.clauses():
        yield f"Cases of {clause}", clause_cases_url(clause), clause_page(clause, suite)
    for measured in suite.measured:
        url = implementation_url(measured.name)
        yield measured.title, url, implementation_page(measured, suite)
        for report in measured.bug_reports:
            url = bug_url(measured.name, report.name)
            yield bug_title(report), url, bug_page(report, measured, suite)
    for carded in suite.carded:
        yield carded.title, card_url(carded.name), card_page(carded, suite)
        for report in carded.bug_reports:
            url = card_bug_url(carded.name, report.stem)
            yield bug_title(report), url, card_bug_page(report, carded, suite)


def _write_badges(suite: Suite, folder: Path) -> None:
    for measured in suite.measured:
        for profile in (None, *measured.profiles):
            path = folder / badge_url(measured.name, profile)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(badge(measured.report, profile), encoding="utf-8")


def _share_navigation() -> Callable[..., None]:
    """Return a handler that computes the navigation of collected pages once for each depth."""
    made: dict[tuple[Any, ...], str] = {}

    def share(
        app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object
    ) -> None:
        if doctree is not None or not page.startswith("conformance/"):
            return
        toctree = context["toctree"]

        def toctree_of_depth(**options: Any) -> str:
            key = (context["content_root"], *sorted(options.items()))
            if key not in made:
                made[key] = toctree(**options)
            return made[key]

        context["toctree"] = toctree_of_depth

    return share
