"""The optional packages, and the extras of subunit2 that install them."""

from __future__ import annotations

from typing import Final

__all__ = ["describe_missing"]

#: The extra that installs each package, by the name under which it is imported.
_EXTRAS: Final = {
    "rich": "cli",
    "shtab": "cli",
    "lark": "grammar",
    "hypothesis": "grammar",
    "junitparser": "conformance",
    "jsonschema": "conformance",
    "referencing": "conformance",
}


def describe_missing(error: ModuleNotFoundError) -> str | None:
    """Name the extra that installs a missing package; None for any other module.

    >>> describe_missing(ModuleNotFoundError("no lark", name="lark.lexer"))
    "needs lark: pip install 'subunit2[grammar]'"
    >>> describe_missing(ModuleNotFoundError("no such module", name="subunit3"))
    """
    package = (error.name or "").partition(".")[0]
    extra = _EXTRAS.get(package)
    return extra and f"needs {package}: pip install 'subunit2[{extra}]'"
