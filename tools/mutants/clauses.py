"""The clause that a line of a port keeps: the nearest one that a comment above it names.

Strategy: a port cites a clause in a comment, such as `// checksum.crc32` or `# string.no-nul`, on
the line above the check or above the function. The search goes up from the line to the comment
above its function, and ends there: no clause is better than that of another function.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["clause_of"]

_CLAUSES: Final = Path(__file__).resolve().parents[2] / "spec" / "clauses.toml"
_COMMENT: Final = re.compile(r"(?:^|\s)(?:#|//)(?P<text>.*)")
_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z0-9]+(?:-[a-z0-9]+)*")
#: The first line of a function, or of another declaration at the margin.
_DECLARATION: Final = re.compile(r"(?:func|sub|type|const|var|my|our|use)\b")


@cache
def _ids() -> frozenset[str]:
    return frozenset(each["id"] for each in tomllib.loads(_CLAUSES.read_text("utf-8"))["clause"])


def clause_of(source: str, line: int) -> str:
    r"""Return the id of the clause that the line with this number keeps; nothing if none is named.

    >>> clause_of("// checksum.crc32\nfunc a() {\n\\tb()\n}\n", 3)
    'checksum.crc32'
    """
    lines = source.splitlines()
    is_above = False
    for text in reversed(lines[:line]):
        comment = _COMMENT.search(text)
        for each in _ID.findall(comment["text"]) if comment else ():
            if each in _ids():
                return str(each)
        if is_above and not (comment and text[comment.start() :].strip() == text.strip()):
            return ""
        is_above = is_above or _DECLARATION.match(text) is not None
    return ""
