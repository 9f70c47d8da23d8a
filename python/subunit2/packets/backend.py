"""Whether the compiled reader is there and wanted; asking is cheap."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["BACKEND", "HAS_SPEEDUPS"]


def _has_speedups() -> bool:
    if os.environ.get("SUBUNIT2_PURE", "0") not in ("", "0"):
        return False
    try:
        import subunit2.packets._speedups
    except ImportError:
        # It is not there, or was built for another interpreter.
        return False
    return bool(subunit2.packets._speedups)


HAS_SPEEDUPS: Final = _has_speedups()

#: Which reader is in use.
BACKEND: Final = "compiled" if HAS_SPEEDUPS else "pure Python"
