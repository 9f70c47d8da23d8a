"""Builds the documentation for tests, of this checkout or of a changed copy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[3]

#: The sources of the specification's pages.
_SOURCES = (
    "conformance/corpus/cases.json",
    "conformance/no-case.toml",
    "conformance/implementations",
    "docs/SPECIFICATION.md",
    "docs/_static",
    "docs/conf.py",
    "docs/specification",
    "python/subunit2",
    "spec",
    "tools",
)


_NOT_COPIED = shutil.ignore_patterns("__pycache__", "node_modules", "projects")


class Built(NamedTuple):
    """A built site, with the output of its build."""

    site: Path
    said: str
    failed: bool

    def page(self, name: str) -> str:
        """Return the HTML of a page."""
        return (self.site / f"{name}.html").read_text(encoding="utf-8")


def copy_specification(folder: Path) -> Path:
    """Copy the specification's pages and their sources alone; return the copy."""
    for source in _SOURCES:
        target = folder / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=_NOT_COPIED)
        else:
            shutil.copy(ROOT / source, target)
    contents = "# Documentation\n\n```{toctree}\nspecification/index\n```\n"
    (folder / "docs" / "index.md").write_text(contents, encoding="utf-8")
    return folder


def replace_in(path: Path, old: str, new: str, *, times: int = 1) -> None:
    """Replace text in a file that has it `times` times; 0 stands for any number."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == times or (not times and old in text)
    path.write_text(text.replace(old, new), encoding="utf-8")


def build(checkout: Path, site: Path, *settings: str, builder: str = "html") -> Built:
    """Build the site of a checkout, as `make docs` does."""
    sphinx = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-b", builder]
    done = subprocess.run(
        [*sphinx, *settings, checkout / "docs", site],
        capture_output=True,
        text=True,
        cwd=checkout,
        env={**os.environ, "PYTHONPATH": "", "TZ": "Pacific/Chatham"},
        check=False,
    )
    return Built(site, done.stdout + done.stderr, done.returncode != 0)


def build_specification(checkout: Path) -> Built:
    """Build the specification alone, from a copy."""
    names = ("myst_parser", "sphinx.ext.doctest", "sphinx_design", "docs.specification")
    settings = [f"extensions={','.join(names)}", "default_role="]
    return build(checkout, checkout / "site", *(word for each in settings for word in ("-D", each)))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time into the block."""
    # Windows, where only the tests of the core run, has no such module.
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that all processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if base.name.startswith("popen-") else base


def build_once(shared: Path) -> Built:
    """Return the whole site of this checkout, built once in a test run."""
    site, said = shared / "docs-site", shared / "docs-said"
    with locked(shared / "docs-lock"):
        if not said.exists():
            built = build(ROOT, site)
            said.write_text(f"{int(built.failed)}{built.said}", encoding="utf-8")
    text = said.read_text(encoding="utf-8")
    return Built(site, text[1:], text[0] == "1")
