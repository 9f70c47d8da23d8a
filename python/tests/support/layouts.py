"""Changed copies of the .ksy, for tests of the generators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from generate import KSY

__all__ = ["TEXT", "Document", "changed", "seq", "swap", "update", "update_top"]

TEXT = KSY.read_text(encoding="utf-8")

Document = dict[str, Any]


def changed(change: Callable[[Document], object]) -> str:
    """Return the .ksy with a change."""
    document = yaml.safe_load(TEXT)
    change(document)
    return yaml.safe_dump(document, sort_keys=False)


def seq(document: Document, name: str) -> list[Document]:
    """Return the parts of a type."""
    entries: list[Document] = document["types"][name]["seq"]
    return entries


def swap(name: str, one: int, other: int) -> Callable[[Document], None]:
    """Return a change that swaps two parts of a type."""

    def change(document: Document) -> None:
        entries = seq(document, name)
        entries[one], entries[other] = entries[other], entries[one]

    return change


def update(name: str, index: int, **values: object) -> Callable[[Document], None]:
    """Return a change that sets values in a part of a type; None removes a value."""

    def change(document: Document) -> None:
        entry = seq(document, name)[index]
        for key, value in values.items():
            if value is None:
                del entry[key.rstrip("_").replace("_", "-")]
            else:
                entry[key.rstrip("_").replace("_", "-")] = value

    return change


def update_top(index: int, **values: object) -> Callable[[Document], None]:
    """Return a change that sets values in a part of the packet itself."""
    return lambda document: document["seq"][index].update(values)
