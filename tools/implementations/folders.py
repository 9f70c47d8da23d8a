"""The folder of an implementation: its description, installation and command.

Strategy: `implementation.toml` has commands, each a list of words. In them `{here}` is the
folder, `{all}` the folder of all implementations, `{build}` a folder to install into and
`{python}` the Python of this library. An installation is kept until one of the folder's
sources changes.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

__all__ = ["ALL", "ROOT", "Folder", "InstallError", "folders", "read_folder"]

ROOT: Final = Path(__file__).resolve().parents[2]
ALL: Final = ROOT / "conformance" / "implementations"

#: The folder for installations, ignored by git.
_BUILDS: Final = ROOT / ".venv" / "implementations"

#: Files that an installation does not depend on.
_NO_SOURCES: Final = ("*.toml", "*.md", "report.json")


class InstallError(Exception):
    """An implementation cannot be installed; the text is one line."""


@dataclass(frozen=True, kw_only=True)
class Folder:
    """An implementation, as described by its `implementation.toml`.

    :ivar about: a sentence or two about it.
    :ivar homepage: its registry and name.
    :ivar profiles: the profiles that the harness claims.
    :ivar needs: commands that must be installed.
    :ivar install: commands that run in the folder for builds.
    :ivar command: the harness' command.
    :ivar timeout: seconds for an answer.
    """

    path: Path
    name: str
    version: str
    language: str
    about: str
    homepage: str
    profiles: tuple[str, ...]
    needs: tuple[str, ...]
    install: tuple[tuple[str, ...], ...]
    command: tuple[str, ...]
    timeout: float

    @property
    def build(self) -> Path:
        """The folder of its installation."""
        return _BUILDS / self.name

    @property
    def session(self) -> str:
        """The harness' command, as the runner takes it."""
        return shlex.join(self._filled(self.command))

    @property
    def missing(self) -> list[str]:
        """The commands that it needs and that are not installed."""
        return [command for command in self.needs if shutil.which(command) is None]

    def prepare(self) -> None:
        """Install it, unless it is installed.

        :raises InstallError: the installation fails.
        """
        stamp, wanted = self.build / "installed", self._digest()
        if stamp.exists() and stamp.read_text() == wanted:
            return
        self.build.mkdir(parents=True, exist_ok=True)
        for words in self.install:
            command = self._filled(words)
            done = subprocess.run(
                command, cwd=self.build, stdin=subprocess.DEVNULL, capture_output=True,
                text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                said = (done.stderr.strip() or done.stdout.strip() or "no word").splitlines()[-1]
                raise InstallError(f"{self.name}: {shlex.join(command)}: {said}")
        stamp.write_text(wanted)

    def _filled(self, words: tuple[str, ...]) -> list[str]:
        places = {"here": self.path, "all": ALL, "build": self.build, "python": sys.executable}
        return [word.format_map(places) for word in words]

    def _digest(self) -> str:
        digest = sha256(repr((self.install, sys.version)).encode())
        for path in sorted(self.path.iterdir()):
            # Cargo.toml is one of the sources.
            is_source = path.name == "Cargo.toml" or not any(map(path.match, _NO_SOURCES))
            if path.is_file() and is_source:
                digest.update(path.name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()


def read_folder(path: Path) -> Folder:
    """Read the implementation of a folder."""
    form: dict[str, Any] = tomllib.loads((path / "implementation.toml").read_text(encoding="utf-8"))
    for key in ("profiles", "needs", "command"):
        form[key] = tuple(form.get(key, ()))
    form["install"] = tuple(map(tuple, form.get("install", ())))
    return Folder(path=path, **{"timeout": 10.0} | form)


def folders() -> Iterator[Folder]:
    """Return all implementations, in the order of their folders' names."""
    for path in sorted(ALL.glob("*/implementation.toml")):
        yield read_folder(path.parent)
