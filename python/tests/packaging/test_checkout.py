"""A clone has the same octets under every setting of `core.autocrlf`."""

from __future__ import annotations

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def git(folder: Path, *arguments: str | Path) -> str:
    done = subprocess.run(
        ["git", "-C", folder, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The last commit, cloned as Git for Windows is configured by default."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    if not (ROOT / ".git").exists():
        pytest.skip("this is no clone of the repository")
    folder = tmp_path_factory.mktemp("checkout") / "clone"
    git(ROOT, "clone", "--quiet", "-c", "core.autocrlf=true", ROOT, folder)
    return folder


def test_no_file_has_other_line_endings(clone: Path) -> None:
    # Such as `i/lf    w/crlf  attr/text=auto eol=lf   <TAB>Makefile`.
    lines = git(clone, "ls-files", "--eol").splitlines()
    assert len(lines) > 1000
    allowed = {"i/lf w/lf", "i/none w/none", "i/-text w/-text"}
    # An empty file has no ending; a stream that happens to be text is not looked into.
    strange = [
        line
        for line in lines
        if " ".join(line.split()[:2]) not in allowed and not line.endswith(".subunit")
    ]
    assert strange == []
    assert git(clone, "status", "--porcelain") == ""


def test_the_digests_of_the_corpus_hold(clone: Path) -> None:
    corpus = clone / "conformance" / "corpus"
    sums = (corpus / "SHA256SUMS").read_text("utf-8").splitlines()
    expected = {name: digest for digest, name in (line.split("  ", 1) for line in sums)}
    assert len(expected) > 1000
    actual = {name: sha256((corpus / name).read_bytes()).hexdigest() for name in expected}
    assert actual == expected


@pytest.mark.parametrize("folder", ["conformance", "spec", "tools", ".ci", "python", "docs"])
def test_files_are_those_of_the_checkout(clone: Path, folder: str) -> None:
    changed = set(git(ROOT, "diff", "--name-only", "--no-renames", "HEAD").splitlines())
    names = set(git(clone, "ls-files", folder).splitlines()) - changed
    assert names
    assert [
        name for name in sorted(names) if (clone / name).read_bytes() != (ROOT / name).read_bytes()
    ] == []
