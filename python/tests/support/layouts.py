"""The .ksy with changes, for tests of what is generated from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from generate import KSY

__all__ = ["TEXT", "Document", "changed", "seq", "swap", "update", "update_top"]

TEXT = KSY.read_text(encoding="utf-8")

Document = dict[str, Any]


def changed(change: Callable[[Document], object]) -> str:
    """The .ksy with a change to what it says."""
    document = yaml.safe_load(TEXT)
    change(document)
    return yaml.safe_dump(document, sort_keys=False)


def seq(document: Document, name: str) -> list[Document]:
    """What a type is made of."""
    entries: list[Document] = document["types"][name]["seq"]
    return entries


def swap(name: str, one: int, other: int) -> Callable[[Document], None]:
    """Two parts of a type swapped."""

    def change(document: Document) -> None:
        entries = seq(document, name)
        entries[one], entries[other] = entries[other], entries[one]

    return change


def update(name: str, index: int, **values: object) -> Callable[[Document], None]:
    """Other values in a part of a type; None takes one out."""

    def change(document: Document) -> None:
        entry = seq(document, name)[index]
        for key, value in values.items():
            if value is None:
                del entry[key.rstrip("_").replace("_", "-")]
            else:
                entry[key.rstrip("_").replace("_", "-")] = value

    return change


def update_top(index: int, **values: object) -> Callable[[Document], None]:
    """Other values in a part of the packet itself."""
    return lambda document: document["seq"][index].update(values)
