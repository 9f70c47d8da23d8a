"""The choice between the compiled backend and pure Python. Importing this is cheap.

Strategy: compiled speedups of another layout are stale, and are not used. An editable
installation keeps its build when `make generate` changes the layout; a digest in both shows
it. `subunit2 --version` reports a stale build; no warning does, since pure Python returns
the same items.
"""

from __future__ import annotations

from typing import Final

from subunit2.packets.layout_generated import LAYOUT
from subunit2.speedups import SPEEDUPS

__all__ = ["BACKEND", "HAS_SPEEDUPS"]


# A build older than the digest has none.
_IS_STALE: Final = SPEEDUPS is not None and getattr(SPEEDUPS, "LAYOUT", None) != LAYOUT

#: True if the compiled backend is available, of this layout, and not disabled.
HAS_SPEEDUPS: Final = SPEEDUPS is not None and not _IS_STALE

#: The name of the backend in use, for `--version`.
BACKEND: Final = (
    "compiled"
    if HAS_SPEEDUPS
    else "pure Python, since _speedups is stale: reinstall"
    if _IS_STALE
    else "pure Python"
)
