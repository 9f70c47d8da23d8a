"""The clauses that the ports cite in comments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from subunit2 import spec

PORTS: Final = Path(__file__).resolve().parents[3] / "ports"


@pytest.mark.parametrize(
    ("files", "comment"),
    [("go/*.go", "// "), ("lua/subunit/*.lua", "-- "), ("perl/lib/Subunit/*.pm", "# ")],
    ids=["go", "lua", "perl"],
)
def test_the_clauses_in_comments_exist(files: str, comment: str) -> None:
    known = set(spec.clauses())
    chapters = {each.partition(".")[0] for each in known}
    cited = {
        each
        for path in PORTS.glob(files)
        for text in re.findall(rf"{comment}(.*)", path.read_text("utf-8"))
        for each in re.findall(r"\b[a-z0-9-]+\.[a-z][a-z0-9-]+", text)
        if each.partition(".")[0] in chapters
    }
    assert len(cited) > 30
    assert cited - known == set()
