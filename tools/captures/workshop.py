"""The tools' virtual environment, and a copy of a project for each recipe.

The tools run in an environment of their own (an empty home, UTF-8, UTC), so that a capture
depends on the caller's machine as little as possible.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cached_property
from pathlib import Path

from recipes import Recipe

__all__ = ["Workshop", "WorkshopError"]

HERE = Path(__file__).parent
PROJECTS = HERE / "projects"
REQUIREMENTS = HERE / "requirements.txt"
CRATES = HERE / "crates.txt"
TIME_LIMIT = 300  # seconds for one recipe; the slowest takes about ten


class WorkshopError(Exception):
    """A tool could not be installed or run; the text is one line for the user."""


class Workshop:
    """A folder to work in, and a virtual environment, which is made on demand."""

    def __init__(self, folder: Path, venv: Path) -> None:
        self.folder = folder
        self.venv = venv
        self.home = folder / "home"
        self.home.mkdir()
        self._temporary = folder / "tmp"
        self._temporary.mkdir()
        self._ran: set[str] = set()

    def install(self) -> None:
        """Make the virtual environment and put the pinned tools into it."""
        pip = [str(self.venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        pip += ["--disable-pip-version-check", "--requirement", str(REQUIREMENTS)]
        for arguments in ([sys.executable, "-m", "venv", str(self.venv)], pip):
            done = subprocess.run(arguments, capture_output=True, text=True, check=False)
            if done.returncode:
                raise WorkshopError(f"the tools cannot be installed: {_last_line(done.stderr)}")

    def project(self, recipe: Recipe) -> Path:
        """Return the folder *recipe* runs in: a copy of its project, made when first asked for."""
        folder = self.folder / (recipe.follows or recipe.name)
        if not folder.exists():
            shutil.copytree(
                PROJECTS / recipe.project, folder, ignore=shutil.ignore_patterns("__pycache__")
            )
        return folder

    def has_run(self, name: str) -> bool:
        """Return whether the recipe of that name has run without a fault."""
        return name in self._ran

    def run(self, recipe: Recipe) -> bytes:
        """Run *recipe* and return its standard output."""
        folder = self.project(recipe)
        for crate in recipe.crates:
            self._install_crate(crate)
        if recipe.prepare is not None:
            self._shell(recipe.prepare, folder, dict(os.environ))
        # A test tool fails when a test fails, so its exit status is ignored.
        done = self._shell(recipe.command, folder, self._environment(), check=False)
        self._ran.add(recipe.name)
        if not done.stdout:
            raise WorkshopError(
                f"nothing was written: {_last_line(done.stderr.decode(errors='replace'))}"
            )
        return done.stdout

    def versions(self, recipe: Recipe) -> str:
        """Return the tools of *recipe*, each with its version, in one line."""
        found = [f"{name} {self._distributions[name.lower()]}" for name in recipe.packages]
        if recipe.packages:
            found.append("Python " + ".".join(map(str, sys.version_info[:3])))
        found += [f"{name} {_crate_versions()[name]}" for name in recipe.crates]
        for name in recipe.npm_packages:
            manifest = self.project(recipe) / "node_modules" / name / "package.json"
            found.append(f"{name} {json.loads(manifest.read_bytes())['version']}")
        for command in recipe.programs:
            done = self._shell(command, self.project(recipe), self._environment())
            first_line = done.stdout.decode().splitlines()[0]
            found.append(f"Node.js {first_line}" if command.startswith("node ") else first_line)
        return ", ".join(found)

    @property
    def _programs(self) -> Path:
        """The folder of the programs of crates."""
        return self.folder / "crates" / "bin"

    def _install_crate(self, name: str) -> None:
        if (self._programs / name).exists():
            return
        crate = f"{name}@{_crate_versions()[name]}"
        root = self._programs.parent
        command = [
            *("cargo", "install", "--quiet", "--locked", "--root", str(root)),
            *("--target-dir", str(root / "target"), crate),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise WorkshopError(f"{crate} cannot be installed: {_last_line(done.stderr)}")

    @cached_property
    def _distributions(self) -> dict[str, str]:
        arguments = [str(self.venv / "bin" / "python"), "-m", "pip", "list", "--format", "json"]
        listed = subprocess.run(arguments, capture_output=True, check=True).stdout
        return {entry["name"].lower(): entry["version"] for entry in json.loads(listed)}

    def _environment(self) -> dict[str, str]:
        paths = [self.venv / "bin", self._programs, os.environ.get("PATH", os.defpath)]
        return {
            "PATH": os.pathsep.join(map(str, paths)),
            "HOME": str(self.home),
            "CRATES": str(self._programs),
            # Where the toolchain is found, which is in the home folder of most people.
            "CARGO_HOME": os.environ.get("CARGO_HOME", str(Path.home() / ".cargo")),
            "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup")),
            # Some tools leave files there; they go with the folder.
            "TMPDIR": str(self._temporary),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "TERM": "dumb",
            "COLUMNS": "80",
        }

    def _shell(
        self, command: str, folder: Path, environment: dict[str, str], check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            done = subprocess.run(
                ["sh", "-c", command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=TIME_LIMIT,
            )
        except subprocess.TimeoutExpired:
            raise WorkshopError(f"still running after {TIME_LIMIT} seconds: {command}") from None
        if check and done.returncode:
            raise WorkshopError(f"{command}: {_last_line(done.stderr.decode(errors='replace'))}")
        return done


def _crate_versions() -> dict[str, str]:
    """Return the versions of the crates, by name."""
    lines = CRATES.read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2] or "it says nothing of why"
