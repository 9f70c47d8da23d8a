"""Screenshots of the site's pages for the README.

Strategy: the built site is opened in a headless chromium. Each picture is one page at a
width, cut to a height. Fonts and browsers differ between machines, so pictures are not
compared: a test takes them all anew.

Usage:
    python tools/docs/screenshots.py docs/_build/html docs/pictures
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["PICTURES", "Picture", "browser", "take"]


class Picture(NamedTuple):
    """A page, its size and colour scheme, and the name of the picture."""

    name: str
    page: str
    width: int
    height: int
    dark: bool = False


#: The pictures that the README shows.
PICTURES: Final = (
    Picture("specification.png", "specification/packet.html", 1280, 1030),
    Picture("matrix.png", "conformance/matrix.html", 1280, 640),
    Picture("phone-dark.png", "specification/streams.html", 420, 840, dark=True),
)


def browser() -> str | None:
    """Return the browser's command, or None if no browser is installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


def take(site: Path, picture: Picture, folder: Path) -> Path:
    """Take a picture of a page of a built site, and return its path.

    :raises subprocess.CalledProcessError: if the browser fails.
    """
    command = browser()
    if command is None:
        raise FileNotFoundError("chromium is not installed")
    target = folder / picture.name
    with tempfile.TemporaryDirectory(prefix="screenshot-") as profile:
        arguments = [
            *(command, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
            f"--user-data-dir={profile}",
            f"--window-size={picture.width},{picture.height}",
            f"--screenshot={target}",
        ]
        if picture.dark:
            arguments.append("--blink-settings=preferredColorScheme=0")
        subprocess.run(
            [*arguments, (site / picture.page).resolve().as_uri()],
            check=True,
            capture_output=True,
            timeout=120,
        )
    return target


def main() -> int:
    """Take all pictures; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("site", type=Path, help="the built site")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    options = parser.parse_args()
    options.folder.mkdir(exist_ok=True)
    for picture in PICTURES:
        print(take(options.site, picture, options.folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
