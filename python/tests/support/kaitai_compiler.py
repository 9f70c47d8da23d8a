"""The Kaitai Struct compiler, for tests that are skipped without it."""

from __future__ import annotations

import shutil
from typing import Final

import pytest

from generate import KAITAI

__all__ = ["COMPILER", "needs_compiler"]

#: Installed by `tools/generate.py`; tests do not use the network.
COMPILER: Final = KAITAI / "node_modules" / "kaitai-struct-compiler"

needs_compiler: Final = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
    pytest.mark.skipif(
        not COMPILER.is_dir(),
        reason="the Kaitai Struct compiler is not installed; `make generate` fetches it",
    ),
]
