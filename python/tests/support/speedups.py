"""Build the compiled reader once more: with a change, or with the compiler's checks."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import shutil
import subprocess
import sysconfig
from pathlib import Path
from types import ModuleType
from typing import Final

import pytest

__all__ = ["NAME", "SOURCES", "compile_speedups", "load"]

SOURCES: Final = Path(__file__).parents[2] / "subunit2" / "packets" / "speedups"

#: The name of the file that Python imports.
NAME: Final = f"_speedups{sysconfig.get_config_var('EXT_SUFFIX')}"


def compile_speedups(sources: Path, folder: Path, *flags: str) -> Path:
    """Compile a folder of sources, with warnings as errors; return the file to import.

    Skips where there is no compiler.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("cc is not installed: the compiled reader is not tried")
    made = folder / NAME
    include = sysconfig.get_path("include")
    done = subprocess.run(
        [
            *(compiler, "-std=c11", "-fwrapv", "-fPIC", "-shared", f"-isystem{include}"),
            *("-Wall", "-Wextra", "-Wconversion", "-Wno-sign-conversion", "-Werror"),
            *(*flags, str(sources / "speedups.c"), "-o", str(made)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return made


def load(path: Path) -> ModuleType:
    """Load a compiled module beside the one that the library uses."""
    loader = importlib.machinery.ExtensionFileLoader("_speedups", str(path))
    spec = importlib.util.spec_from_loader("_speedups", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
