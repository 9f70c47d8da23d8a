"""The compilers of other languages, as far as installed, for tests of templates and emitters."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which
from typing import Final

import pytest

from support.command import environment

__all__ = ["CONFORMANCE", "build", "needed"]

CONFORMANCE: Final = Path(__file__).resolve().parents[3] / "conformance"

#: By suffix: how a file is made a program, and how that is run. {source} is the file, {made} a
#: path in a folder of the test.
_BUILD: Final = {
    ".c": "cc -std=c99 -O1 -Wall -Wextra -Wpedantic -Werror -o {made} {source}",
    ".go": "go build -o {made} {source}",
    ".rs": "rustc --edition 2021 -D warnings -o {made} {source}",
    ".java": "javac -Xlint:all -Werror -d {made} {source}",
}
_RUN: Final = {
    ".py": "python3 {source}",
    ".js": "node {source}",
    ".sh": "sh {source}",
    ".lua": "lua5.4 {source}",
    ".java": "java -cp {made} Harness",
}


def needed(program: str) -> None:
    """Skip the test if a program is not installed."""
    if which(program) is None:
        pytest.skip(f"{program} is not installed")


def build(source: Path, folder: Path) -> str:
    """Return the command that runs a source file, compiled without warnings if necessary.

    Skips where the language's tools are missing.
    """
    names = {"source": source, "made": folder / source.stem}
    command = _BUILD.get(source.suffix)
    if command is not None:
        arguments = command.format(**names).split()
        needed(arguments[0])
        made = subprocess.run(
            arguments, capture_output=True, text=True, env=environment(), check=False
        )
        assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    running = _RUN.get(source.suffix, "{made}").format(**names)
    needed(running.split()[0])
    return running
