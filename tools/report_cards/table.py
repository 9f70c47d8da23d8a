"""The table of all report cards, in Markdown.

Strategy: bugs and arguments have a column each, bugs first. A rule is named by its check, with
the numbers of violations and of things that it was checked on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from marks import splice
from pipe_tables import pipe_table
from report_cards.checks import CHECKS
from report_cards.emitters import Emitter

__all__ = ["spliced", "table"]

_BEGIN: Final = "<!-- made by `make generate` -->\n"
_END: Final = "<!-- end -->\n"


def table(cards: Iterable[tuple[Emitter, dict[str, Any]]]) -> str:
    """Return the table of cards and the list of checks."""
    rows = []
    for emitter, card in cards:
        checks = card["checks"]
        kept = sum(bool(check["checked"]) and not check["violations"] for check in checks)
        unknown = sum(not check["checked"] for check in checks)
        cells = (
            _linked(emitter),
            _broken(checks, "bug"),
            _broken(checks, "argument"),
            str(kept),
            str(unknown),
        )
        rows.append(cells)
    checked = [
        (
            check.name,
            check.title,
            f"`{check.clause}`",
            "a bug" if check.is_bug else "an argument",
        )
        for check in CHECKS
    ]
    lines = [
        *pipe_table(("emitter", "bugs", "arguments", "kept", "not shown"), rows),
        "",
        *pipe_table(("check", "rule", "clause", "a violation is"), checked),
    ]
    return "\n".join(lines) + "\n"


def _linked(emitter: Emitter) -> str:
    package, version = emitter.package.split()
    link = f"[{emitter.name}]({emitter.path.name}/card.json)"
    return f"{link} {version}" if emitter.name == package else f"{link} of {emitter.package}"


def _broken(checks: Iterable[dict[str, Any]], kind: str) -> str:
    broken = [
        f"{check['check']} {check['violations']} / {check['checked']}"
        for check in checks
        if check["kind"] == kind and check["violations"]
    ]
    return ", ".join(broken) or "-"


def spliced(readme: str, made: str) -> str:
    """Return the README with the table between its marks."""
    return splice(readme, _BEGIN, _END, made)
