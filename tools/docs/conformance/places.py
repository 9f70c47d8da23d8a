"""The addresses of the pages of the conformance suite, from the root of the site.

Strategy: `docs.links` has the addresses of cases and clauses, which all pages link to. The
others are here.
"""

from __future__ import annotations

from docs.links import case_url, clause_url

__all__ = [
    "badge_url",
    "bug_url",
    "card_bug_url",
    "card_url",
    "case_url",
    "cell_url",
    "clause_cases_url",
    "divergence_url",
    "implementation_url",
    "page_name",
    "rule_url",
]


def page_name(url: str) -> str:
    """Return the name that Sphinx gives to the page of an address.

    >>> page_name("conformance/cases/packet/exists.html#octets")
    'conformance/cases/packet/exists'
    """
    return url.partition("#")[0].removesuffix(".html")


def clause_cases_url(id: str) -> str:
    """Return the address of the cases of a clause and their results."""
    return f"conformance/clauses/{id}.html"


def cell_url(id: str, implementation: str) -> str:
    """Return the address of the failures of an implementation on that page."""
    return f"{clause_cases_url(id)}#{implementation}"


def rule_url(id: str) -> str:
    """Return the address of a clause in the specification.

    If no page of the specification has it, that is the page of its cases, which quotes it.
    """
    try:
        return clause_url(id)
    except KeyError:
        return clause_cases_url(id)


def implementation_url(name: str) -> str:
    """Return the address of an implementation, by the name of its folder."""
    return f"conformance/implementations/{name}.html"


def divergence_url(name: str, divergence: str) -> str:
    """Return the address of a known divergence on that page."""
    return f"{implementation_url(name)}#divergence-{divergence}"


def bug_url(name: str, report: str) -> str:
    """Return the address of a bug report, by its file such as `bugs/version-not-checked.md`."""
    stem = report.rpartition("/")[2].removesuffix(".md")
    return f"conformance/implementations/{name}/{stem}.html"


def card_url(name: str) -> str:
    """Return the address of the report card of an emitter, by the name of its folder."""
    return f"conformance/report-cards/{name}.html"


def card_bug_url(name: str, check: str) -> str:
    """Return the address of the bug report of an emitter about a check."""
    return f"conformance/report-cards/{name}/{check}.html"


def badge_url(name: str, profile: str | None = None) -> str:
    """Return the address of the badge of an implementation, or of one of its profiles.

    >>> badge_url("my-reader", "packet")
    'conformance/badges/my-reader-packet.svg'
    """
    return f"conformance/badges/{name}{f'-{profile}' if profile else ''}.svg"
