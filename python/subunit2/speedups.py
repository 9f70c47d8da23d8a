"""The C module, if it was built and is not disabled.

Strategy: items and packets both use it, and packets use items. So it is loaded here, below
both, by its name: the file is in `packets`, beside its sources, and imports nothing.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["SPEEDUPS"]


def _load() -> ModuleType | None:
    if os.environ.get("SUBUNIT2_PURE", "0") not in ("", "0"):
        return None
    try:
        return import_module("subunit2.packets._speedups")
    except ImportError:
        # Not built, or built for another interpreter.
        return None


#: The module; it may be of another layout, which `subunit2.packets.backend` checks.
SPEEDUPS: Final = _load()
