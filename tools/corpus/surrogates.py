"""The linter's rule about lone surrogates, which only packets to write may have.

Strategy: several JSON libraries replace a lone surrogate without an error, so that a case
changes in silence. The strings of a packet to write therefore have a second form in octets
(`octets` in `cases.json`); no other string of a case has one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from corpus.serialise import Sources
from corpus.source import Source

__all__ = ["check_surrogates"]

_SURROGATE: Final = re.compile("[\ud800-\udfff]")

#: The keys of a packet whose second form `octets` gives.
_STRINGS: Final = frozenset({"test_id", "test_tags", "mime_type", "file_name", "route_code"})


def check_surrogates(source: Source, sources: Sources, flags: frozenset[str]) -> Iterator[str]:
    """Check that lone surrogates are in whole strings of a packet to write only."""
    for key in ("title", "notes", "items", "routes", "refused"):
        if _has_surrogate(getattr(source, key)):
            yield f"{key}: a lone surrogate, which only the strings of a packet to write may have"
    for key, value in (source.packet or {}).items():
        is_plain = isinstance(value, str) or key == "test_tags"
        if _has_surrogate(value) and not (key in _STRINGS and is_plain):
            yield f"packet: {key} may have no lone surrogate; only a plain string or tags may"


def _has_surrogate(value: Any) -> bool:
    return _SURROGATE.search(json.dumps(value, ensure_ascii=False)) is not None
