"""Where on the site what belongs to the conformance suite is, from the site's root.

Strategy: cases and clauses have their places in `docs.links`, for all that link there; what
only these pages know of is here.
"""

from __future__ import annotations

from docs.links import case_url, clause_url

__all__ = [
    "badge_url",
    "bug_url",
    "case_url",
    "cell_url",
    "clause_cases_url",
    "divergence_url",
    "implementation_url",
    "page_name",
    "rule_url",
]


def page_name(url: str) -> str:
    """The page of an address, as Sphinx calls it.

    >>> page_name("conformance/cases/packet/exists.html#octets")
    'conformance/cases/packet/exists'
    """
    return url.partition("#")[0].removesuffix(".html")


def clause_cases_url(id: str) -> str:
    """The page of all cases of a clause, and what came of them."""
    return f"conformance/clauses/{id}.html"


def cell_url(id: str, implementation: str) -> str:
    """Where on that page an implementation's failures are."""
    return f"{clause_cases_url(id)}#{implementation}"


def rule_url(id: str) -> str:
    """Where a clause stands in the specification.

    While no page of the specification has it, that is the page of its cases, which
    quotes it too.
    """
    try:
        return clause_url(id)
    except KeyError:
        return clause_cases_url(id)


def implementation_url(name: str) -> str:
    """The page of an implementation, by the name of its folder."""
    return f"conformance/implementations/{name}.html"


def divergence_url(name: str, divergence: str) -> str:
    """Where on that page a known divergence is."""
    return f"{implementation_url(name)}#divergence-{divergence}"


def bug_url(name: str, report: str) -> str:
    """The page of a bug report, by its file such as `bugs/version-not-checked.md`."""
    stem = report.rpartition("/")[2].removesuffix(".md")
    return f"conformance/implementations/{name}/{stem}.html"


def badge_url(name: str, profile: str | None = None) -> str:
    """The picture that says how much of the corpus, or of a profile, it passes.

    >>> badge_url("my-reader", "packet")
    'conformance/badges/my-reader-packet.svg'
    """
    return f"conformance/badges/{name}{f'-{profile}' if profile else ''}.svg"
