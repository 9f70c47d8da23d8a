"""`COVERAGE.md`: the cases of each clause, or the reason why it has none.

Strategy: a clause is met by a stream without damage or a packet to be written, and violated
by a damaged stream or a refused packet. A failure is a bug only where the clause comes from
the published description.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from subunit2 import spec

__all__ = ["coverage"]

_HEAD = """\
# Which clauses have cases

Made by `make corpus`; do not edit. Clauses are those of `spec/clauses.toml`.

*Origin*: `readme` is a rule that the published description makes, and a failure against it is a
bug; `decision` is one that was decided here, and a failure is an argument. *Met* are cases in which
all is well, *broken* those with damage or with a packet that is refused.

| clause | level | who | origin | met | broken | cases |
| --- | --- | --- | --- | ---: | ---: | --- |
"""

#: The most case ids that are listed for a clause.
_SHOWN = 3


def coverage(forms: Iterable[dict[str, Any]], reasons: Mapping[str, str]) -> str:
    """Return the table for cases in their built form."""
    met: dict[str, list[str]] = {}
    broken: dict[str, list[str]] = {}
    first: dict[str, list[str]] = {}
    count = 0
    for form in forms:
        count += 1
        for clause in form["clauses"]:
            (broken if _is_broken(form) else met).setdefault(clause, []).append(form["id"])
        first.setdefault(form["clauses"][0], []).append(form["id"])
    rows, without = [], []
    for clause in spec.clauses().values():
        origin = "readme" if clause.readme and not clause.decision else "decision"
        head = f"| `{clause.id}` | {clause.level} | {clause.who} | {origin} |"
        good, bad = met.get(clause.id, []), broken.get(clause.id, [])
        if good or bad:
            # Cases with the clause in first place come first.
            ids = [*dict.fromkeys([*first.get(clause.id, []), *sorted(good + bad)])]
            shown = ", ".join(f"`{each}`" for each in ids[:_SHOWN])
            more = f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else ""
            rows.append(f"{head} {len(good):,} | {len(bad):,} | {shown}{more} |\n")
        else:
            reason = reasons.get(clause.id, "no case yet")
            without.append(f"{head} {' '.join(reason.split())} |\n")
    covered = len(rows)
    tail = (
        f"\n{count:,} cases, {covered} clauses with cases.\n"
        "\n## Clauses without a case, and why\n\n"
        "| clause | level | who | origin | why not |\n| --- | --- | --- | --- | --- |\n"
    )
    return _HEAD + "".join(rows) + tail + "".join(without)


def _is_broken(form: dict[str, Any]) -> bool:
    return "refused" in form or any(item["kind"] == "corrupt" for item in form.get("items", ()))
