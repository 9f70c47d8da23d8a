"""Which decoder is used: the compiled one, or the one in Python.

Strategy: a compiled decoder of another layout is not used. An editable installation keeps
the one it was installed with when `make generate` makes another; a constant, generated into
both, shows it. This is no warning: the decoder in Python returns the same. `subunit2
--version` says so, for those who miss the speed.
"""

from __future__ import annotations

import os
from typing import Final

from subunit2.packets.layout_generated import LAYOUT

__all__ = ["BACKEND", "HAS_SPEEDUPS"]


def _find_backend() -> str:
    if os.environ.get("SUBUNIT2_PURE", "0") not in ("", "0"):
        return "pure Python"
    try:
        from subunit2.packets import _speedups
    except ImportError:
        # It is not there, or was built for another interpreter.
        return "pure Python"
    # One from before there was a digest has none.
    if getattr(_speedups, "LAYOUT", None) != LAYOUT:
        return "pure Python, since _speedups is stale: reinstall"
    return "compiled"


#: The decoder in use, for `--version`.
BACKEND: Final = _find_backend()

HAS_SPEEDUPS: Final = BACKEND == "compiled"
