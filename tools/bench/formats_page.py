"""The comparison of formats as the tables of docs/specification/formats.md."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from marks import splice
from pipe_tables import pipe_table

__all__ = ["PAGE", "page_with", "tables"]

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "specification" / "formats.md"
_BEGIN: Final = "<!-- made by tools/bench/formats.py -->\n"
_END: Final = "<!-- end -->\n"

#: The readers, each with the sentence in front of its table.
_READERS: Final = {
    "first": "A reader that stops at the first error that it notices, as most libraries do:",
    "retry": "A reader that goes on behind an error, and tries every octet until a value begins:",
}


def tables(document: Mapping[str, Any]) -> str:
    """Return the tables of the page."""
    sizes, noises = document["sizes"], document["noise"]
    names = list(next(iter(sizes.values())))
    streams = {
        name: max(found[one]["first"]["streams"] for one in names) for name, found in noises.items()
    }
    lines = pipe_table(
        ("octets of", *names),
        [(kind, *(f"{each[name]:,}" for name in names)) for kind, each in sizes.items()],
        are_numbers=True,
    )
    for key, reader in _READERS.items():
        lines += ["", reader, ""]
        rows = [
            (
                f"{name} (up to {streams[name]:,} streams)",
                *(f"{found[one][key]['read']:g}; {found[one][key]['false']:g}" for one in names),
            )
            for name, found in noises.items()
        ]
        lines += pipe_table(("noise", *names), rows, are_numbers=True)
    lines += [
        "",
        "Values that nobody wrote, on average for each stream, if every octet is tried:",
        "",
    ]
    values = [
        (name, *(f"{found[one]['retry']['values']:g}" for one in names))
        for name, found in noises.items()
    ]
    lines += pipe_table(("noise", *names), values, are_numbers=True)
    lines += [
        "",
        "How late the next undamaged event is, if every octet is tried: the share of the streams",
        "in which it comes late or never, in percent, and in the worst of them the octets behind",
        "it that the reader asks for. An event that never comes is over 64 KiB late, too:",
        "",
    ]
    late = [
        (name, *(_lateness(found[one], document["tail"]) for one in names))
        for name, found in document["late"].items()
    ]
    lines += pipe_table(("noise", *names), late, are_numbers=True)
    packages = [f"{name} {said}" for name, said in document["packages"].items()]
    return "\n".join([*lines, "", f"Measured with {', '.join(packages)}, and Python's `json`."])


def _lateness(found: Mapping[str, Any], tail: int) -> str:
    if not found["share"]:
        return "0"
    worst = f"over {tail // 1024} KiB" if found["worst"] is None else f"{found['worst']:,}"
    return f"{found['share']:g}; {worst}"


def page_with(made: str) -> str:
    """Return the page with tables between its marks."""
    return splice(PAGE.read_text("utf-8"), _BEGIN, _END, f"{made}\n")
