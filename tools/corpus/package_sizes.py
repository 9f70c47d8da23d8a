"""Measure the packages of the corpus for JavaScript and Go, packed and unpacked.

Usage:
    python tools/corpus/package_sizes.py            print the sizes
    python tools/corpus/package_sizes.py --write    put them into conformance/README.md

Strategy: the files are listed by the rules of `npm pack`, for what package.json needs of them,
and of golang.org/x/mod/zip, so that neither npm nor Go has to be installed. A test compares
with npm's own figures.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["BLOCK", "Size", "go_files", "measure", "npm_files", "page_with", "sentence"]

CONFORMANCE: Final = Path(__file__).resolve().parents[2] / "conformance"
PAGE: Final = CONFORMANCE / "README.md"

#: Files that npm adds to those listed in package.json.
_ALWAYS: Final = ("package.json", "README.md")

#: The passage of the page that has the sizes.
BLOCK: Final = re.compile(
    r"(?<=<!-- made by tools/corpus/package_sizes.py -->\n\n).*?(?=\n\n<!-- end -->)", re.DOTALL
)


class Size(NamedTuple):
    """The size of a package in octets."""

    packed: int
    unpacked: int


def npm_files(folder: Path = CONFORMANCE) -> list[Path]:
    """Return the files of the npm package."""
    listed = json.loads((folder / "package.json").read_bytes())["files"]
    paths = [folder / name for name in (*_ALWAYS, *listed)]
    return sorted({file for path in paths for file in _within(path)})


def _within(path: Path) -> Iterable[Path]:
    return (each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]


def go_files(folder: Path = CONFORMANCE) -> list[Path]:
    """Return the files of the Go module: those below it that belong to no inner module."""
    inner = {each.parent for each in folder.rglob("go.mod")} - {folder}
    made = {"__pycache__", "node_modules"}
    return sorted(
        each
        for each in folder.rglob("*")
        if each.is_file()
        and not inner.intersection(each.parents)
        and not made.intersection(each.relative_to(folder).parts)
    )


def measure(folder: Path = CONFORMANCE) -> dict[str, Size]:
    """Return the sizes of the packages, by their names."""
    npm, go = npm_files(folder), go_files(folder)
    return {
        "npm package": Size(_tar_size(npm, folder), _unpacked(npm)),
        "Go module": Size(_zip_size(go, folder), _unpacked(go)),
    }


def _unpacked(files: Iterable[Path]) -> int:
    return sum(each.stat().st_size for each in files)


def _tar_size(files: Iterable[Path], folder: Path) -> int:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for each in files:
            archive.add(each, f"package/{each.relative_to(folder)}")
    return len(packed.getvalue())


def _zip_size(files: Iterable[Path], folder: Path) -> int:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in files:
            archive.write(each, f"subunit2/conformance@v1.0.0/{each.relative_to(folder)}")
    return len(packed.getvalue())


def sentence(sizes: dict[str, Size]) -> str:
    """Return the sizes in words, in tenths of a megabyte: a case more does not change them.

    >>> sentence({"npm package": Size(620_000, 4_010_000)})
    'The npm package has 0.6 MB packed and 4.0 MB unpacked.'
    """
    parts = [
        f"the {name} has {packed / 1e6:.1f} MB packed and {unpacked / 1e6:.1f} MB unpacked"
        for name, (packed, unpacked) in sizes.items()
    ]
    text = ", ".join(parts) + "."
    return text[0].upper() + text[1:]


def page_with(text: str, page: str) -> str:
    """Return the page with another passage about the sizes."""
    return BLOCK.sub(text, page)


def main(arguments: list[str] | None = None) -> int:
    """Print the sizes, or write them; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put them into the page")
    options = parser.parse_args(arguments)
    sizes = measure()
    for name, size in sizes.items():
        print(f"{name}: {size.packed:,} octets packed, {size.unpacked:,} unpacked")
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(page_with(sentence(sizes), page), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
