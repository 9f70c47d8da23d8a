"""The files of the project hold no sentences of other people, and the check of it can fail."""

from __future__ import annotations

from importlib.metadata import metadata
from pathlib import Path

import pytest
import subunit.v2

from drift import quotations
from drift.quotations import EXCEPTIONS, ROOT, main, read_published

README = metadata("python-subunit")["Description"]
#: Two lines of a sentence of the README.
LINES = README.splitlines()
START = next(at for at, line in enumerate(LINES) if line.startswith("Multiplexers SHOULD"))
SENTENCE = "\n".join(LINES[START : START + 2])


@pytest.fixture(autouse=True, scope="module")
def _read_once() -> object:
    """Read the other texts once for all tests of this module."""
    with pytest.MonkeyPatch.context() as patch:
        published = read_published()
        patch.setattr(quotations, "read_published", lambda: published)
        yield


def test_no_file_has_a_quotation() -> None:
    assert main([]) == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("page.md", f"# Routes\n\n{SENTENCE}\n", id="document"),
        pytest.param("page.md", f"> {SENTENCE}".replace("\n", "\n> *and* "), id="marked-up"),
        pytest.param("clauses.toml", f'fact = """{SENTENCE.upper()}"""\n', id="clause"),
        pytest.param("case.toml", f'title = "x"\n# {SENTENCE}\n', id="case"),
        pytest.param("module.py", f'"""Route.\n\n{SENTENCE}\n"""\n', id="docstring"),
        pytest.param("module.py", f"x = 1\n# {SENTENCE}\n".replace("\nex", "\n# ex"), id="comment"),
        pytest.param("report.md", " ".join(SENTENCE.split()[:8]), id="eight-words"),
    ],
)
def test_a_sentence_of_the_readme_is_found(
    name: str, text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert main([str(path)]) == 1
    assert f"{name}:" in capsys.readouterr().out


def test_a_docstring_of_another_package_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docstring = subunit.v2.ByteStreamToStreamResult.__doc__
    assert docstring
    path = tmp_path / "page.md"
    path.write_text(docstring, encoding="utf-8")
    assert main([str(path)]) == 1
    assert "from subunit/v2.py" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("page.md", " ".join(SENTENCE.split()[:6]), id="six-words"),
        pytest.param("page.md", "exists inprogress success uxsuccess skip fail xfail", id="names"),
        pytest.param("module.py", " + ".join(SENTENCE.split()[:1] * 9), id="code"),
        pytest.param("page.md", "A rule of ours, in words of ours, about a route code.", id="ours"),
        pytest.param("stream", "\udcff" + SENTENCE, id="no-text"),
    ],
)
def test_other_words_are_no_quotation(name: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main([str(path)]) == 0


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_an_exception_is_needed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main([str(ROOT / name)]) == 0
    monkeypatch.delitem(EXCEPTIONS, name)
    assert main([str(ROOT / name)]) == 1
