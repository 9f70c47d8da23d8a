"""The pages of clauses, implementations, report cards and bug reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TypeAlias

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from docs.conformance.badges import says
from docs.conformance.pages import linked, render
from docs.conformance.places import (
    bug_url,
    card_bug_url,
    card_url,
    clause_cases_url,
    implementation_url,
    page_name,
)
from docs.conformance.suite import Carded, Measured, Suite, Verdict
from docs.links import from_page
from report_cards.checks import CHECKS
from subunit2 import spec
from subunit2.conformance.corpus import Case
from subunit2.conformance.divergences import Divergence

__all__ = [
    "alternative",
    "bug_page",
    "bug_title",
    "card_bug_page",
    "card_page",
    "clause_page",
    "implementation_page",
]

#: Failures by kind: its name, and for each case the divergence and the reason.
_Groups: TypeAlias = list[tuple[str, list[tuple[Case, Divergence | None, str]]]]


def alternative(measured: Measured, profile: str | None) -> str:
    """Return the alternative text of a badge."""
    return ": ".join(says(measured.report, profile))


def clause_page(id: str, suite: Suite) -> str:
    """Return the HTML of the page of a clause and its cases."""
    cases = suite.by_clause.get(id, [])

    def failures(measured: Measured) -> _Groups:
        return _failures(measured, cases)

    page = page_name(clause_cases_url(id))
    return render(
        "clause.html", page, suite, clause=spec.clause(id), cases=cases, failures=failures
    )


def _failures(measured: Measured, cases: Sequence[Case]) -> _Groups:
    """Return the failures of some cases by divergence, or else by outcome."""
    groups: defaultdict[str, list[tuple[Case, Divergence | None, str]]] = defaultdict(list)
    for case in cases:
        verdict = measured.verdict(case)
        for kind, divergence, reason in _reported(verdict):
            groups[kind].append((case, divergence, reason))
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def _reported(verdict: Verdict) -> list[tuple[str, Divergence | None, str]]:
    known = verdict.divergence
    if verdict.is_failure:
        reason = f"{verdict.outcome}. {verdict.reason}"
        return [(known.name if known else verdict.outcome, known, reason)]
    if verdict.outcome == "unsupported":
        return [("unsupported", None, verdict.reason)]
    return [
        (f"the law {broken.law} does not hold", broken.divergence, broken.reason)
        for broken in verdict.laws
    ]


def implementation_page(measured: Measured, suite: Suite) -> str:
    """Return the HTML of the page of an implementation."""
    unsupported: defaultdict[str, list[Case]] = defaultdict(list)
    for case in suite.corpus.cases:
        verdict = measured.verdict(case)
        if verdict.outcome == "unsupported":
            unsupported[verdict.reason].append(case)
    return render(
        "implementation.html",
        page_name(implementation_url(measured.name)),
        suite,
        measured=measured,
        unsupported=list(unsupported.items()),
        bugs=[(bug_title(path), path.name) for path in measured.bug_reports],
        alt=alternative,
    )


def bug_title(report: Path) -> str:
    """Return the title of a bug report: its first line."""
    return report.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")


def bug_page(report: Path, measured: Measured, suite: Suite) -> str:
    """Return the HTML of the page of a bug report, with ids as links."""
    url = implementation_url(measured.name)
    return _bug_page(report, bug_url(measured.name, report.name), (measured.title, url), suite)


def card_bug_page(report: Path, carded: Carded, suite: Suite) -> str:
    """Return the HTML of the page of a bug report for an emitter."""
    of = (carded.title, card_url(carded.name))
    return _bug_page(report, card_bug_url(carded.name, report.stem), of, suite)


def _bug_page(report: Path, url: str, of: tuple[str, str], suite: Suite) -> str:
    page = page_name(url)
    text = _markdown(
        report.read_text(encoding="utf-8"),
        linked(suite, lambda url: from_page(url, page)),
    )
    return render("bug.html", page, suite, of=of, text=text)


def card_page(carded: Carded, suite: Suite) -> str:
    """Return the HTML of the page of an emitter."""
    return render(
        "card.html",
        page_name(card_url(carded.name)),
        suite,
        carded=carded,
        checks=CHECKS,
        bugs={path.stem: bug_title(path) for path in carded.bug_reports},
    )


def _markdown(text: str, link: Callable[[str], str]) -> str:
    """Return Markdown as HTML, with HTML markup in it escaped."""
    reader = MarkdownIt("commonmark", {"html": False})

    def code(
        self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        return str(link(tokens[index].content))

    def fence(
        self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        return f'<pre class="sc-command">{escape(tokens[index].content)}</pre>\n'

    reader.add_render_rule("code_inline", code)
    reader.add_render_rule("fence", fence)
    html: str = reader.render(text)
    return html
