"""The templates of the pages, and the functions that they use.

Strategy: Jinja escapes all values, so that no text from a stream or a report becomes
markup. Addresses are relative to the page.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from docs.conformance import drawing, places
from docs.conformance.suite import Counts, Suite, Verdict
from docs.links import from_page
from subunit2 import spec
from subunit2.conformance.corpus import PROFILES
from subunit2.conformance.terminal.formatting import (
    PROFILE_SUMMARIES,
    describe_stops,
    origin_of,
)
from subunit2.plural import count

__all__ = ["HERE", "environment", "linked", "render", "ticks"]

HERE = Path(__file__).resolve().parent


@cache
def environment() -> Environment:
    """Return the environment that loads the templates."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["number"] = lambda value: f"{value:,}"
    made.filters["ticks"] = ticks
    made.globals |= {
        "profile_summaries": PROFILE_SUMMARIES,
        "profiles": PROFILES,
        "clauses": spec.clauses(),
        "origin_of": origin_of,
        "clause_of_error": spec.clause_of_error,
        "sign": sign,
        "cell": cell,
        "card_cell": card_cell,
        "places": places,
        "describe_stops": describe_stops,
        "pretty": drawing.pretty,
        "pretty_items": drawing.pretty_items,
        "Limits": drawing.Limits,
    }
    return made


def ticks(text: str) -> Markup:
    """Return text with backticks as HTML, with the quoted parts as code.

    >>> ticks("a <b> in `adiós`")
    Markup('a &lt;b&gt; in <code>adiós</code>')
    """
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(text)
    plain, code = Markup("{}"), Markup("<code>{}</code>")
    pieces = ((code if number % 2 else plain).format(part) for number, part in enumerate(parts))
    return Markup("").join(pieces)


#: The sign of each outcome, for readers who cannot tell the colours.
_SIGNS = {"passed": "✓", "unsupported": "○", "skipped": "–"}


def sign(verdict: Verdict) -> tuple[str, str, str]:
    """Return the sign of a verdict, its description, and its CSS class.

    >>> sign(Verdict(outcome="timed out"))
    ('✗', 'timed out', 'bug')
    """
    if verdict.is_failure:
        return "✗", verdict.outcome, "bug" if verdict.origin == "readme" else "argument"
    if verdict.laws:
        laws = ", ".join(broken.law for broken in verdict.laws)
        return "!", f"passed, but not the law{'s' * (len(verdict.laws) > 1)} {laws}", "law"
    return _SIGNS[verdict.outcome], verdict.outcome, verdict.outcome


def cell(counts: Counts) -> tuple[str, str, str]:
    """Return the sign of counts, their description, and their CSS class.

    >>> cell(Counts(passed=3, arguments=1))
    ('✗', '1 argument', 'argument')
    """
    if counts.failed:
        kinds = [(counts.bugs, "bug"), (counts.arguments, "argument")]
        description = ", ".join(f"{n:,} {kind}{'s' * (n > 1)}" for n, kind in kinds if n)
        return "✗", description, "bug" if counts.bugs else "argument"
    if counts.passed:
        return ("!", f"{counts.laws:,} break a law", "law") if counts.laws else ("✓", "", "passed")
    if counts.unsupported:
        return "○", "unsupported", "unsupported"
    return "–", "not claimed", "skipped"


def card_cell(check: dict[str, Any]) -> tuple[str, str, str]:
    """Return the sign of a check of a report card, its description, and its CSS class.

    >>> card_cell({"kind": "bug", "checked": 8, "violations": 3, "unit": "tests"})
    ('✗ 3', '3 violations, checked on 8 tests', 'bug')
    """
    checked = f"checked on {check['checked']:,} {check['unit']}"
    if check["violations"]:
        return (
            f"✗ {check['violations']:,}",
            f"{count(check['violations'], 'violation')}, {checked}",
            check["kind"],
        )
    if check["checked"]:
        return "✓", f"kept, {checked}", "passed"
    return "–", "not shown", "skipped"


def render(template: str, page: str, suite: Suite, **more: Any) -> str:
    """Return the HTML of a template for a page."""

    def to(url: str) -> str:
        return from_page(url, page)

    loaded = environment().get_template(template)
    return loaded.render(suite=suite, to=to, linked=linked(suite, to), **more)


def linked(suite: Suite, to: Callable[[str], str]) -> Callable[[str], Markup]:
    """Return a function that shows the id of a clause or a case as code, with a link."""

    def link(id: str) -> Markup:
        if id in spec.clauses():
            url = places.rule_url(id)
        elif id in suite.corpus.by_id:
            url = places.case_url(id)
        else:
            return Markup("<code>{}</code>").format(id)
        return Markup('<a href="{}"><code>{}</code></a>').format(to(url), id)

    return link
