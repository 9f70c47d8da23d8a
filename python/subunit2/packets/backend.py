"""The choice between the compiled backend and pure Python. Importing this is cheap.

Strategy: compiled speedups of another layout are stale, and are not used. An editable
installation keeps its build when `make generate` changes the layout; a digest in both shows
it. This is no warning: pure Python returns the same. `subunit2 --version` tells it.
"""

from __future__ import annotations

from typing import Final

from subunit2.packets.layout_generated import LAYOUT
from subunit2.speedups import SPEEDUPS

__all__ = ["BACKEND", "HAS_SPEEDUPS"]


def _find_backend() -> str:
    if SPEEDUPS is None:
        return "pure Python"
    # A build from before there was a digest has none.
    if getattr(SPEEDUPS, "LAYOUT", None) != LAYOUT:
        return "pure Python, since _speedups is stale: reinstall"
    return "compiled"


#: The name of the backend in use, for `--version`.
BACKEND: Final = _find_backend()

#: Whether the compiled backend is available and not disabled.
HAS_SPEEDUPS: Final = BACKEND == "compiled"
