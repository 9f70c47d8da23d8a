"""The longest wait of a test."""

from __future__ import annotations

from typing import Final

__all__ = ["PATIENCE"]

#: Seconds until a waiting test fails. A passing test waits much less.
PATIENCE: Final = 60
