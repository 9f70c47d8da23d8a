"""Octets that are no packets: random ones, programs, and manual pages in nine languages.

The manual pages are those of Debian's packages, downloaded into a cache and not installed.
"""

from __future__ import annotations

import gzip
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

__all__ = ["LANGUAGES", "fetch_pages", "footnotes", "pages", "programs", "random_octets"]

#: The octets of one stream.
_CHUNK: Final = 1 << 20

#: Languages of the manual pages, with the encoding of eight bits that each was written in.
LANGUAGES: Final = {
    "cs": "iso8859-2",
    "de": "iso8859-1",
    "es": "iso8859-1",
    "fr": "iso8859-1",
    "ja": "euc-jp",
    "pl": "iso8859-2",
    "pt-br": "iso8859-1",
    "ru": "koi8-r",
    "uk": "koi8-u",
}

#: Folders with programs and libraries.
_PROGRAMS: Final = (Path("/usr/bin"), Path("/usr/lib"))


def random_octets(size: int, seed: int) -> Iterator[bytes]:
    """Yield `size` random octets without line feeds, in streams that start in mid-line.

    Behind a line feed a packet is expected: these octets are to measure mid-lines.
    """
    drawn = random.Random(seed)  # noqa: S311 - not a secret
    for _ in range(size // _CHUNK):
        yield b"." + drawn.randbytes(_CHUNK).replace(b"\n", b"\0")


def footnotes(size: int, seed: int) -> Iterator[bytes]:
    """Yield text in Latin-1 with a `³` in every other word, in lines, as streams of 1 MiB."""
    drawn = random.Random(seed)  # noqa: S311 - not a secret
    letters = [chr(number) for number in (*range(0x21, 0x7F), *range(0xA1, 0x100))]
    for _ in range(size // _CHUNK):
        words = []
        for _ in range(_CHUNK // 6):
            word = "".join(drawn.choices(letters, k=drawn.randrange(1, 8)))
            words.append(word + drawn.choice(("³", "³", "", "³\n", "\n³")))
        yield " ".join(words).encode("iso8859-1")


def programs(size: int) -> Iterator[bytes]:
    """Yield the programs and libraries of this machine, up to `size` octets in all."""
    total = 0
    for folder in _PROGRAMS:
        for path in sorted(folder.rglob("*")):
            if path.is_symlink() or not path.is_file() or not os.access(path, os.R_OK):
                continue
            octets = path.read_bytes()
            if octets[:4] != b"\x7fELF":
                continue
            yield octets
            total += len(octets)
            if total >= size:
                return


def fetch_pages(cache: Path) -> dict[str, str]:
    """Download the manual pages of all languages, and return the versions of the packages.

    :raises RuntimeError: if this machine lacks apt-get or dpkg-deb, or cannot download.
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise RuntimeError("manual pages come from Debian's packages: apt-get is missing")
    cache.mkdir(parents=True, exist_ok=True)
    versions = {}
    for language in LANGUAGES:
        found = list(cache.glob(f"manpages-{language}_*.deb"))
        if not found:
            subprocess.run(
                [
                    "apt-get",
                    "download",
                    "-qq",
                    "-o",
                    "APT::Sandbox::User=root",
                    f"manpages-{language}",
                ],
                cwd=cache,
                check=False,
            )
            found = list(cache.glob(f"manpages-{language}_*.deb"))
        if not found:
            raise RuntimeError(f"manpages-{language} could not be downloaded")
        versions[language] = found[0].name.split("_")[1].replace("%3a", ":")
        folder = cache / language
        if not folder.is_dir():
            subprocess.run(["dpkg-deb", "-x", found[0], folder], check=True)
    return versions


def pages(cache: Path, language: str) -> Iterator[str]:
    """Yield the manual pages of a language as text."""
    for path in sorted((cache / language).rglob("*.gz")):
        if path.is_file() and not path.is_symlink():
            yield gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
