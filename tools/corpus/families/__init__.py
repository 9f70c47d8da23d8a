"""Families: modules that make many cases of one kind, such as every bit flip of a packet.

Each module here has a function `family() -> Iterator[Source]`. It imports what it
needs as `from corpus.source import Source, runs` and `from corpus.assemble import
packet`. A module whose name begins with an underscore is no family.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module

from corpus.source import Source

__all__ = ["all_families"]


def all_families() -> Iterator[tuple[str, Callable[[], Iterator[Source]]]]:
    """The families by the names of their modules, in alphabetical order.

    What a module raises when it is imported or run comes out of the function that
    is given here, so that one that is broken does not hide the others.
    """
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        if not name.startswith("_"):
            yield name, _make(name)


def _make(name: str) -> Callable[[], Iterator[Source]]:
    def family() -> Iterator[Source]:
        sources: Iterator[Source] = import_module(f"{__name__}.{name}").family()
        yield from sources

    return family
