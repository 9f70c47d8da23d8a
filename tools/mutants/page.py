"""The rate of killed mutants in the documentation: `docs/mutants.json`, and the page's tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from marks import splice
from mutants.mutant import OPERATORS
from mutants.ports import ROOT
from mutants.report import COLUMNS
from pipe_tables import pipe_table
from subunit2.conformance import corpus

__all__ = ["FIGURES", "PAGE", "spliced", "update"]

FIGURES: Final = ROOT / "docs" / "mutants.json"
PAGE: Final = ROOT / "docs" / "conformance" / "mutants.md"
_BEGIN: Final = "<!-- made by make mutants -->"
_END: Final = "<!-- end -->"


def update(documents: Sequence[Mapping[str, Any]]) -> None:
    """Write the figures of a whole run, and put them into the page."""
    figures = {
        "corpus": corpus.load().version,
        "ports": {each["port"]: each["operators"] for each in documents},
    }
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(spliced(PAGE.read_text("utf-8"), figures), encoding="utf-8")


def spliced(page: str, figures: Mapping[str, Any]) -> str:
    """Return the page with the tables of these figures in place of those that it has."""
    return splice(page, _BEGIN, _END, "\n".join(("", *_lines(figures), "")))


def _lines(figures: Mapping[str, Any]) -> Iterator[str]:
    yield f"Corpus {figures['corpus']}."
    for port, operators in figures["ports"].items():
        whole = [sum(each[column] for each in operators.values()) for column in COLUMNS]
        killed, equivalent, _ = whole
        rate = 100 * killed / (sum(whole) - equivalent)
        yield ""
        yield f"**`ports/{port}`**: {rate:.1f} % of the mutants that are not equivalent are killed."
        yield ""
        rows = [
            (f"{name}: {rule}", *(operators[name][column] for column in COLUMNS))
            for name, rule in OPERATORS.items()
            if name in operators
        ]
        rows.append(("all", *whole))
        cells = [
            (name, f"{sum(counts):,}", *(f"{each:,}" for each in counts)) for name, *counts in rows
        ]
        yield from pipe_table(("operator", "mutants", *COLUMNS), cells, are_numbers=True)
