"""Families: generators of many cases of one kind, such as every bit flip of a packet.

Each module here has a function `family() -> Iterator[Source]`. It imports `Source` and
`runs` from `corpus.source`, and `packet` from `corpus.assemble`. A module whose name begins
with an underscore is shared code, not a family.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module

from corpus.source import Source

__all__ = ["all_families"]


def all_families() -> Iterator[tuple[str, Callable[[], Iterator[Source]]]]:
    """Return the families by module name, in alphabetical order.

    The function of a family raises the exceptions of its module, import errors among them,
    so that a broken family does not hide the others.
    """
    for name in sorted(module.name for module in pkgutil.iter_modules(__path__)):
        if not name.startswith("_"):
            yield name, _make(name)


def _make(name: str) -> Callable[[], Iterator[Source]]:
    def family() -> Iterator[Source]:
        sources: Iterator[Source] = import_module(f"{__name__}.{name}").family()
        yield from sources

    return family
