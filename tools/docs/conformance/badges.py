"""Generate the badge of an implementation as SVG.

Usage:
    python -m docs.conformance.badges report.json > badge.svg
    python -m docs.conformance.badges report.json --profile packet > badge.svg

in the folder `tools/`, with a report written by `subunit2 conformance run --json`.

Strategy: a badge shows the number of passed cases, out of those that the implementation
claims and supports.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any, Final

from anybadge import Badge  # type: ignore[import-untyped]  # it has no types

from subunit2.conformance.corpus import PROFILES

__all__ = ["badge", "main", "says"]

#: Outcomes of cases that the implementation did not answer.
_UNANSWERED: Final = frozenset({"unsupported", "skipped", "not run"})

#: The least share of passed cases for each colour. White text is legible on all of them.
_COLOURS: Final = ((1.0, "#2b7a3d"), (0.9, "#5f7a1f"), (0.6, "#8a6500"), (0.0, "#a33a2c"))


def says(report: dict[str, Any], profile: str | None = None) -> tuple[str, str]:
    """Return the two halves of a badge.

    >>> says({"totals": {"passed": 9, "wrong": 3, "skipped": 4}})
    ('subunit v2', '9 of 12 cases')
    """
    passed, answered = _counted(report, profile)
    return (
        "subunit v2" if profile is None else f"subunit v2 {profile}",
        f"{passed:,} of {answered:,} cases" if answered else "not claimed",
    )


def badge(report: dict[str, Any], profile: str | None = None) -> str:
    """Return the badge of a report, or of one of its profiles, as SVG."""
    label, value = says(report, profile)
    passed, answered = _counted(report, profile)
    share = passed / answered if answered else 0.0
    colour = next(colour for least, colour in _COLOURS if share >= least)
    svg: str = Badge(label, value, default_color=colour).badge_svg_text
    return svg


def _counted(report: dict[str, Any], profile: str | None) -> tuple[int, int]:
    """Return the numbers of passed cases and of answered ones."""
    outcomes: dict[str, int] = (
        report["totals"] if profile is None else report["by_profile"].get(profile, {})
    )
    answered = sum(n for outcome, n in outcomes.items() if outcome not in _UNANSWERED)
    return outcomes.get("passed", 0), answered


def main(arguments: list[str] | None = None) -> None:
    """Write a badge to standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("report", type=Path, help="a report of `conformance run --json`")
    parser.add_argument(
        "--profile", choices=PROFILES, help="count the cases of this profile (default: all)"
    )
    options = parser.parse_args(arguments)
    print(badge(json.loads(options.report.read_bytes()), options.profile))


if __name__ == "__main__":
    main()
