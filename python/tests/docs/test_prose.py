"""The prose script: what it counts, what it leaves out, and that it can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from drift import prose
from drift.prose import Passage, findings, main, passages, score


@pytest.mark.parametrize(
    ("kind", "text", "count"),
    [
        pytest.param("documents", "What comes of it is what counts.", 2, id="each-relative"),
        pytest.param("documents", "Whoever reads it. Whichever it is.", 2, id="its-relatives"),
        pytest.param("documents", "The outcome of a packet.", 0, id="a-noun"),
        pytest.param("documents", "Somewhat. Whatsit.", 0, id="other-words"),
        pytest.param("documents", "Run `what` and ``whoever``.", 0, id="code"),
        pytest.param("documents", "```\nwhat\n```\n\n    what\n\nText.", 0, id="code-blocks"),
        pytest.param("documents", 'It prints "what now".', 0, id="a-quotation"),
        pytest.param("documents", "See [the page](what.md) at https://a/what.", 0, id="links"),
        pytest.param("docstrings", "Whether it holds.", 1, id="an-opening"),
        pytest.param("docstrings", "Is it whole?", 1, id="a-question"),
        pytest.param("docstrings", "Do the work.", 0, id="an-imperative"),
        pytest.param("docstrings", "Return it. Where it fails, raise.", 0, id="a-later-clause"),
        pytest.param("docstrings", "Return it.\n\n:param x: what it is.", 0, id="field-lists"),
        pytest.param("comments", "Whether it holds.", 0, id="a-comment-may-open-so"),
    ],
)
def test_counted(kind: str, text: str, count: int) -> None:
    assert len(findings(Passage(kind, "", text))) == count


def test_the_rate_is_in_a_thousand_words() -> None:
    [found] = score([Passage("documents", "", "what " + "word " * 499)]).values()
    assert found.rate == pytest.approx(2.0)


def test_docstrings_comments_and_clauses_are_read(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""One."""\n\n\ndef two():\n    """Two."""\n    # Three.\n', "utf-8")
    page = tmp_path / "page.md"
    page.write_text("# Four\n", "utf-8")
    clauses = tmp_path / "clauses.toml"
    clauses.write_text('[[clause]]\nid = "a.b"\ntext = "Five."\nreason = "Six."\n', "utf-8")
    found = {(each.kind, each.text.strip()) for each in passages([module, page, clauses])}
    assert ("docstrings", "One.") in found
    assert ("docstrings", "Two.") in found
    assert ("comments", "Three.") in found
    assert ("documents", "# Four") in found
    assert any(kind == "clauses" and "Five." in text and "Six." in text for kind, text in found)


def test_the_help_of_commands_and_actions_is_read() -> None:
    found = {each.where: each.text for each in prose.help_passages()}
    assert {"subunit2", "subunit2 stats", "subunit2 conformance run"} <= set(found)
    assert all(text.strip() for text in found.values())


def test_it_fails_above_the_limit_and_shows_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("What comes of it.\n", "utf-8")
    assert main(["--show", str(page)]) == 1
    shown = capsys.readouterr().out
    assert "page.md: What comes of it." in shown
    assert "ABOVE" in shown
    page.write_text("The outcome.\n", "utf-8")
    assert main([str(page)]) == 0
    assert "ABOVE" not in capsys.readouterr().out
