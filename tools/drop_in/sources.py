"""The tests that are run: fetched with pip, pinned by their hashes, kept in `.venv`.

Strategy: pip finds them wherever it is told to look for packages. What is fetched
is unpacked beside its place and moved there whole, so that of several processes that
fetch at once one comes first, and nobody sees half of it.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

__all__ = ["ROOT", "fetch", "python_subunit_tests", "wheels"]

ROOT: Final = Path(__file__).resolve().parents[2]

_PINNED: Final = Path(__file__).with_name("requirements.txt")


def fetch() -> Path:
    """The folder with what `requirements.txt` names, fetched if it is not there.

    :raises subprocess.CalledProcessError: where pip cannot get it; it says why.
    """
    # Another set of pins is another folder.
    key = sha256(_PINNED.read_bytes()).hexdigest()[:16]
    folder = ROOT / ".venv" / f"drop_in-{key}"
    if folder.is_dir():
        return folder
    folder.parent.mkdir(exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as scratch:
        fetched = Path(scratch) / "fetched"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--disable-pip-version-check", "--require-hashes"]
        # pip asks a source distribution what it is called, which it does not tell at once.
        command += ["--no-binary", "python-subunit", "--requirement", str(_PINNED)]
        subprocess.run([*command, "--dest", str(fetched)], check=True)
        for archive in fetched.glob("*.tar.gz"):
            with tarfile.open(archive) as members:
                members.extractall(fetched, filter="data")
        with suppress(OSError):
            # Somebody else may have been here first.
            fetched.rename(folder)
    return folder


def python_subunit_tests() -> Path:
    """The folder of python-subunit's own tests."""
    [source] = fetch().glob("python_subunit-*/python/tests")
    return source


def wheels() -> list[Path]:
    """What is imported from where it was fetched to."""
    return sorted(fetch().glob("*.whl"))
