"""The pictures of the README can be taken, and are not blank."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from docs import screenshots
from docs.screenshots import PICTURES, Picture
from support.docs_building import Built

ROOT = Path(__file__).parents[3]


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack_from(">II", png, 16)
    return width, height


@pytest.mark.toolchain
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_can_be_taken(picture: Picture, built_site: Built, tmp_path: Path) -> None:
    if screenshots.browser() is None:
        pytest.skip("chromium is not installed")
    png = screenshots.take(built_site.site, picture, tmp_path).read_bytes()
    assert size(png) == (picture.width, picture.height)
    # A blank or missing page makes a picture of a few thousand octets.
    assert len(png) > 30_000


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_readme_shows_it(picture: Picture) -> None:
    path = ROOT / "docs" / "pictures" / picture.name
    assert size(path.read_bytes()) == (picture.width, picture.height)
    assert f"docs/pictures/{picture.name}" in (ROOT / "README.md").read_text("utf-8")
