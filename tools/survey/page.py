"""The figures of the survey as tables of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from marks import splice
from pipe_tables import pipe_table

__all__ = ["lines", "spliced"]

_BEGIN: Final = "<!-- made by make survey -->"
_END: Final = "<!-- end -->"
_MIB: Final = 1 << 20


def spliced(page: str, document: Mapping[str, Any]) -> str:
    """Return the page with the tables of a document in place of those that it has."""
    return splice(page, _BEGIN, _END, "\n".join(("", *lines(document), "")))


def lines(document: Mapping[str, Any]) -> list[str]:
    """Return the tables as lines."""
    tables = [
        _false_alarms(document),
        _found("a bit of a packet damaged", document["flips"]),
        _found("a packet cut short at a line's start", document["cuts"]),
        _waits(document),
    ]
    return [line for table in tables for line in ("", *table)][1:]


def _false_alarms(document: Mapping[str, Any]) -> list[str]:
    def rows() -> Iterator[tuple[str, ...]]:
        for name, each in document["noise"].items():
            yield (
                name,
                f"{each['octets'] / _MIB:,.1f} MiB",
                *(
                    f"{each[key]:,}"
                    for key in ("signatures", "in_mid_line", "at_sync_point", "damage", "suspects")
                ),
            )

    head = (
        "octets without packets",
        "size",
        "0xB3",
        "regions in mid-line",
        "regions at line starts",
        "damage",
        "suspects",
    )
    return pipe_table(head, rows())


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _found(damage: str, found: Mapping[str, Any]) -> list[str]:
    def rows() -> Iterator[tuple[str, ...]]:
        for name, each in found.items():
            shares = (
                _share(each[key], each["streams"])
                for key in ("region", "suspect", "output", "silent")
            )
            yield name, f"{each['packets']:,}", f"{each['streams']:,}", *shares

    head = (
        damage,
        "packets",
        "streams",
        "damage",
        "suspect",
        "taken for output",
        "silent",
    )
    return pipe_table(head, rows())


def _waits(document: Mapping[str, Any]) -> list[str]:
    def rows() -> Iterator[tuple[str, ...]]:
        for name, each in document["waits"].items():
            yield name, f"{each['packets']:,}", f"{each['late']:,}"

    return pipe_table(("text, and a packet at once", "packets", "late"), rows())
