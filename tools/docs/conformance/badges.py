"""A badge of what an implementation gets right, as SVG.

Usage:
    python -m docs.conformance.badges report.json > badge.svg
    python -m docs.conformance.badges report.json --profile packet > badge.svg

run in `tools/`, with a report that `subunit2 conformance run --json report.json` wrote.

Strategy: a badge says how many of the cases that were asked passed. What is not claimed
or not supported is not asked.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

from anybadge import Badge  # type: ignore[import-untyped]  # it has no types

from subunit2.conformance.corpus import PROFILES

__all__ = ["badge", "main", "says"]

#: Outcomes of which nobody knows what would have come.
_NOT_ASKED: Final = frozenset({"unsupported", "skipped", "not run"})

#: From this share of cases passed on, the colour. White text is read on each of them.
_COLOURS: Final = ((1.0, "#2b7a3d"), (0.9, "#5f7a1f"), (0.6, "#8a6500"), (0.0, "#a33a2c"))


def says(report: dict[str, Any], profile: str | None = None) -> tuple[str, str]:
    """The two halves of a badge.

    >>> says({"totals": {"passed": 9, "wrong": 3, "skipped": 4}})
    ('subunit v2', '9 of 12 cases')
    """
    passed, asked = _counted(report, profile)
    return (
        "subunit v2" if profile is None else f"subunit v2 {profile}",
        f"{passed:,} of {asked:,} cases" if asked else "not claimed",
    )


def badge(report: dict[str, Any], profile: str | None = None) -> str:
    """The badge of a report, or of a profile of it, as SVG."""
    label, value = says(report, profile)
    passed, asked = _counted(report, profile)
    share = passed / asked if asked else 0.0
    colour = next(colour for least, colour in _COLOURS if share >= least)
    drawn: str = Badge(label, value, default_color=colour).badge_svg_text
    return drawn


def _counted(report: dict[str, Any], profile: str | None) -> tuple[int, int]:
    """How many cases passed, and how many were asked."""
    outcomes: dict[str, int] = (
        report["totals"] if profile is None else report["by_profile"].get(profile, {})
    )
    asked = sum(n for outcome, n in outcomes.items() if outcome not in _NOT_ASKED)
    return outcomes.get("passed", 0), asked


def main(arguments: list[str] | None = None) -> None:
    """Write a badge to standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("report", type=Path, help="what `conformance run --json` wrote")
    parser.add_argument("--profile", choices=PROFILES, help="of this one alone (default: of all)")
    options = parser.parse_args(arguments)
    print(badge(json.loads(options.report.read_bytes()), options.profile))


if __name__ == "__main__":
    main()
