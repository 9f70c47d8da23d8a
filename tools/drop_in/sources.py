"""The tests to run: fetched with pip, pinned by their hashes, kept in `.venv`.

Strategy: pip fetches them from its configured index. The sources are unpacked in a
temporary folder and moved into place at once, so that processes that fetch at the same time
never see a partial folder.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

__all__ = ["ROOT", "fetch", "projects", "python_subunit_tests", "wheels"]

ROOT: Final = Path(__file__).resolve().parents[2]

_PINNED: Final = Path(__file__).with_name("requirements.txt")
_PROJECTS: Final = Path(__file__).with_name("projects.txt")


def fetch() -> Path:
    """Return the folder of the packages in `requirements.txt`; fetch them if it is missing.

    :raises subprocess.CalledProcessError: pip cannot fetch a package.
    """
    return _fetch(_PINNED, "python-subunit")


def projects() -> Path:
    """Return a folder from which the packages in `projects.txt` can be imported.

    :raises subprocess.CalledProcessError: pip cannot fetch a package.
    """
    return _fetch(_PROJECTS, "zope.interface") / "importable"


def _fetch(pinned: Path, from_source: str) -> Path:
    # Each set of pins has a folder of its own.
    key = sha256(pinned.read_bytes()).hexdigest()[:16]
    folder = ROOT / ".venv" / f"drop_in-{key}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as scratch:
        fetched = Path(scratch) / "fetched"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--require-hashes"]
        # pip asks a source distribution for its metadata, which takes a moment.
        command += ["--no-binary", from_source, "--requirement", str(pinned)]
        subprocess.run([*command, "--dest", str(fetched)], check=True)
        for archive in fetched.glob("*.tar.gz"):
            with tarfile.open(archive) as members:
                members.extractall(fetched, filter="data")
        if pinned == _PROJECTS:
            # They share the namespace `zope`, and some read files of their own.
            for wheel in fetched.glob("*.whl"):
                shutil.unpack_archive(wheel, fetched / "importable", "zip")
            for source in fetched.glob("zope_interface-*/src"):
                shutil.copytree(source, fetched / "importable", dirs_exist_ok=True)
        with suppress(OSError):
            # Another process may have been faster.
            fetched.rename(folder)
    return folder


def python_subunit_tests() -> Path:
    """Return the folder of python-subunit's own tests."""
    [source] = fetch().glob("python_subunit-*/python/tests")
    return source


def wheels() -> list[Path]:
    """Return the fetched wheels, from which tests import directly."""
    return sorted(fetch().glob("*.whl"))
