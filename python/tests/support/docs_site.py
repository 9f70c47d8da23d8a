"""Builds a site of the conformance pages alone, and reads its pages."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path
from typing import Final

from bs4 import BeautifulSoup, Tag

from docs.links import ROOT

__all__ = ["article_of", "build", "ids_in", "links_in", "soup_of", "texts_in", "write_source"]

_CONF: Final = """
import sys
sys.path[:0] = [{python!r}, {tools!r}]
project = "test"
extensions = ["myst_parser", "sphinx_design", "docs.conformance"]
html_theme = "furo"
nitpicky = True
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
"""


def build(folder: Path) -> Path:
    """Build `folder/docs`; return the folder of the site."""
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", "docs", "site"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": ""},
    )
    assert done.returncode == 0, done.stderr
    return folder / "site"


def write_source(folder: Path) -> None:
    """Write the source of a site of these pages alone, which includes files of the checkout."""
    shutil.copytree(ROOT / "docs" / "conformance", folder / "docs" / "conformance")
    conf = _CONF.format(python=str(ROOT / "python"), tools=str(ROOT / "tools"))
    (folder / "docs" / "conf.py").write_text(conf)
    (folder / "docs" / "index.md").write_text("# Site\n\n```{toctree}\nconformance/index\n```\n")


def soup_of(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


#: Regular expressions, as parsing thousands of pages would take minutes.
_LINK = re.compile(r'\s(?:href|src)="([^"]*)"')
_TEXT = re.compile(r"<text[^>]*>([^<]*)</text>")
_ID = re.compile(r'<[^>]*?\sid="([^"]*)"')


def links_in(html: str) -> list[str]:
    return [unescape(url) for url in _LINK.findall(html)]


def article_of(page: Path) -> Tag:
    article = soup_of(page.read_text(encoding="utf-8")).find("article")
    assert isinstance(article, Tag)
    return article


def ids_in(html: str) -> list[str]:
    """Return the ids of the elements."""
    return [unescape(id_) for id_ in _ID.findall(html)]


def texts_in(svg: str) -> list[str]:
    """Return the texts of a picture."""
    return _TEXT.findall(svg)
