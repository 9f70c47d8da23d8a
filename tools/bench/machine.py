"""The machine and the software versions of a measurement."""

from __future__ import annotations

import os
import platform
import subprocess
import zlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from bench.processes import COMMAND
from subunit2.packets.backend import BACKEND
from subunit2.packets.crc import crc32

__all__ = ["machine"]

_PACKAGES: Final = ("msgspec", "isal", "kaitaistruct", "python-subunit", "testtools")


def machine() -> dict[str, object]:
    """Return the facts that a time depends on."""
    told = subprocess.run([COMMAND, "--version"], capture_output=True, text=True, check=True)
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "subunit2": told.stdout.strip(),
        "reader": BACKEND,
        "checksums": crc32.__module__.partition(".")[0],
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    described = Path("/proc/cpuinfo")
    if described.exists():
        for line in described.read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
