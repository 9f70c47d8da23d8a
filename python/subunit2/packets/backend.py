"""Whether the compiled reader is there and wanted; asking is cheap."""

from __future__ import annotations

import os
from typing import Final

__all__ = ["IS_COMPILED", "WAY"]


def _is_compiled() -> bool:
    if os.environ.get("SUBUNIT2_PURE", "0") not in ("", "0"):
        return False
    try:
        import subunit2.packets._speedups
    except ImportError:
        # It is not there, or was built for another interpreter.
        return False
    return bool(subunit2.packets._speedups)


IS_COMPILED: Final = _is_compiled()

#: Which reader is in use.
WAY: Final = "compiled" if IS_COMPILED else "pure Python"
