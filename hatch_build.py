"""Build the compiled reader with the package, if possible.

Strategy: the package is complete without it. If it cannot be built (no compiler, no headers,
another interpreter), one line says so and the package is installed without.
`subunit2 --version` shows which reader is in use.

    SUBUNIT2_PURE=1        do not build it (at run time: do not use it)
    SUBUNIT2_COMPILED=1    fail if it cannot be built
"""

from __future__ import annotations

import os
import platform
import shutil
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDER = Path("python", "subunit2", "packets")
_SOURCES = _FOLDER / "speedups"

#: The suffix of extension modules of this interpreter.
_SUFFIX = sysconfig.get_config_var("EXT_SUFFIX")


class CompiledReader(BuildHookInterface[Any]):
    """Compiles `subunit2.packets._speedups` into the wheel, or beside its sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build it for a wheel; a source distribution has only the sources."""
        self._scratch: Path | None = None
        if self.target_name != "wheel":
            return
        if version == "editable":
            # An older build may be of other sources, or not wanted.
            Path(self.root, _FOLDER, f"_speedups{_SUFFIX}").unlink(missing_ok=True)
        if _asked("SUBUNIT2_PURE"):
            return
        reason = _why_not()
        if reason is None:
            # An editable installation imports from the folder of the sources.
            target = Path(self.root, _FOLDER)
            if version != "editable":
                self._scratch = target = Path(tempfile.mkdtemp(prefix="subunit2-"))
            # No failure of a compiler makes the package unusable.
            try:
                built = _compile(Path(self.root), target)
            except Exception as error:
                reason = str(error)
        if reason is not None:
            if _asked("SUBUNIT2_COMPILED"):
                raise RuntimeError(f"the compiled reader cannot be built: {reason}")
            self.app.display_warning(f"without the compiled reader: {reason}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if version != "editable":
            build_data["force_include"][str(built)] = f"subunit2/packets/{built.name}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the build folder once its file is in the wheel."""
        if self._scratch is not None:
            shutil.rmtree(self._scratch)


def _asked(name: str) -> bool:
    return os.environ.get(name, "0") not in ("", "0")


def _why_not() -> str | None:
    """Return the reason why it is not built for this interpreter, or None."""
    if platform.python_implementation() != "CPython":
        return f"{platform.python_implementation()} is faster without it"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        return "it needs the global interpreter lock"
    return None


def _compile(root: Path, target: Path) -> Path:
    """Compile it into a folder, and return the path of the file."""
    from setuptools import Distribution, Extension
    from setuptools.command.build_ext import build_ext

    sources = root / _SOURCES
    extension = Extension(
        "_speedups",
        [os.path.relpath(sources / "speedups.c", root)],
        depends=[str(header) for header in sources.glob("*.h")],
    )
    command = build_ext(Distribution({"name": "subunit2", "ext_modules": [extension]}))
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="subunit2-") as scratch:
        command.build_temp = scratch
        command.build_lib = str(target)
        command.ensure_finalized()
        os.chdir(root)
        try:
            command.run()
        finally:
            os.chdir(before)
    return target / str(command.get_ext_filename("_speedups"))
