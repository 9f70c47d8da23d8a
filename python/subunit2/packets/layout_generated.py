# Generated from subunit2.ksy by tools/packet_decoder. Do not edit: `make generate`.
"""The digest of the layout, which `_speedups` was compiled with if it has the same."""

from typing import Final

__all__ = ["LAYOUT"]

LAYOUT: Final = "9b53ab776e53007c"
