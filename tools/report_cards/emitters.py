"""The folder of an emitter: its description, and the facts that its streams do not show.

Strategy: `emitter.toml` says which captures the emitter wrote, how each test of the sample
project ended, and which ids are no tests. These facts come from the sample project and from
the tool's manual; everything else of a card is computed from the captures.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

__all__ = ["ALL", "CAPTURES", "Emitter", "emitters", "read_emitter"]

_ROOT: Final = Path(__file__).resolve().parents[2]
ALL: Final = _ROOT / "conformance" / "report-cards"
CAPTURES: Final = _ROOT / "conformance" / "captures"


@dataclass(frozen=True, kw_only=True)
class Emitter:
    """An emitter, as described by its `emitter.toml`.

    :ivar package: the package and version in which it comes, as the captures name it.
    :ivar about: a sentence or two about it.
    :ivar homepage: its registry and name.
    :ivar captures: the names of the streams that it wrote.
    :ivar not_tests: patterns of the ids that are no tests: layers, fixtures, subtests.
    :ivar outcomes: by test id, the status with which the test of the sample project ended.
    """

    path: Path
    name: str
    package: str
    language: str
    about: str
    homepage: str
    captures: tuple[str, ...]
    not_tests: tuple[str, ...]
    outcomes: dict[str, str]

    @property
    def card(self) -> Path:
        """The file of its card."""
        return self.path / "card.json"

    @property
    def bug_reports(self) -> list[Path]:
        """The bug reports for its maintainers, in Markdown."""
        return sorted((self.path / "bugs").glob("*.md"))

    def is_test(self, test_id: str) -> bool:
        """Return whether an id is that of a test that can run on its own."""
        # A square bracket is part of many ids, and no pattern here.
        return not any(
            fnmatchcase(test_id, pattern.replace("[", "[[]")) for pattern in self.not_tests
        )


def read_emitter(path: Path) -> Emitter:
    """Read the emitter of a folder."""
    form: dict[str, Any] = tomllib.loads((path / "emitter.toml").read_text(encoding="utf-8"))
    for key in ("captures", "not_tests"):
        form[key] = tuple(form.get(key, ()))
    return Emitter(path=path, **form)


def emitters(folder: Path = ALL) -> Iterator[Emitter]:
    """Yield all emitters, in the order of their folders' names."""
    for path in sorted(folder.glob("*/emitter.toml")):
        yield read_emitter(path.parent)
