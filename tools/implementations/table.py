"""The table of the implementations' scores, made from their reports.

Strategy: the table is between two markers in the README of `conformance/implementations`, a
part of it in the main README; every figure comes from a `report.json`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

from implementations.folders import Folder
from marks import splice
from subunit2.conformance.corpus import PROFILES
from subunit2.conformance.results import LAWS

__all__ = ["scores", "spliced", "tables"]

_BEGIN: Final = "<!-- made by `make implementations` -->\n"
_END: Final = "<!-- end -->\n"

_NO_FAILURES: Final = frozenset({"passed", "unsupported", "skipped"})


def scores(folders: Iterable[Folder], base: str = "") -> str:
    """Return the scores of each implementation by profile, in Markdown.

    :param base: the path of the folders, relative to the table's file.
    """
    reports = [(folder, _report(folder)) for folder in folders]
    # There are two if some are not yet measured again.
    versions = sorted({report["corpus"]["version"] for _, report in reports})
    lines = [
        f"Corpus {' and '.join(versions)}. A cell: passed / bugs / arguments; "
        "`-` is a profile not claimed.",
        "",
    ]
    lines += _row("implementation", *PROFILES, "unsupported")
    lines += _row(*["---"] * (len(PROFILES) + 2))
    for folder, report in reports:
        cells = (_cell(report, profile) for profile in PROFILES)
        unsupported = report["totals"].get("unsupported", 0)
        lines += _row(_linked(folder, base), *cells, str(unsupported))
    return "\n".join(lines) + "\n"


def tables(folders: Iterable[Folder]) -> str:
    """Return the tables, in Markdown."""
    known = list(folders)
    lines = ["Of the streams that were read right, how many break a law: failed / asked.", ""]
    lines += _row("implementation", *LAWS)
    lines += _row(*["---"] * (len(LAWS) + 1))
    for folder in known:
        report = _report(folder)
        lines += _row(_linked(folder), *(_law(report, law) for law in LAWS))
    return "\n".join([scores(known), *lines]) + "\n"


def spliced(readme: str, made: str) -> str:
    """Return the README with the tables between its markers."""
    return splice(readme, _BEGIN, _END, made)


def _report(folder: Folder) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder.path / "report.json").read_text(encoding="utf-8"))
    return report


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"


def _linked(folder: Folder, base: str = "") -> str:
    return f"[{folder.name} {folder.version}]({base}{folder.path.name}/report.json)"


def _cell(report: dict[str, Any], profile: str) -> str:
    if profile not in report["implementation"]["profiles"]:
        return "-"
    failed = Counter(
        case["origin"]
        for case in report["cases"]
        if case["profile"] == profile and case["outcome"] not in _NO_FAILURES
    )
    passed = report["by_profile"].get(profile, {}).get("passed", 0)
    return f"{passed:,} / {failed['readme']:,} / {failed['decision']:,}"


def _law(report: dict[str, Any], law: str) -> str:
    outcomes = report["laws"].get(law, {})
    asked = sum(count for outcome, count in outcomes.items() if outcome != "skipped")
    return f"{asked - outcomes.get('passed', 0):,} / {asked:,}" if asked else "-"
