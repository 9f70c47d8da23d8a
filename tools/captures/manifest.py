"""The manifest, captures.toml: one table for each capture, with the size and digest of its file."""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

__all__ = ["Capture", "read_manifest", "write_capture", "write_manifest"]

HEADER = """\
# Streams of real tools. Written by tools/captures/make_captures.py; do not edit.
"""


@dataclass(frozen=True, kw_only=True)
class Capture:
    """One table of the manifest, its keys in this order."""

    name: str
    file: str
    project: str
    tool: str
    command: str
    notes: str
    size: int
    sha256: str


def write_capture(
    folder: Path, octets: bytes, *, name: str, project: str, tool: str, command: str, notes: str
) -> Capture:
    """Write NAME.subunit into *folder*, and return its entry in the manifest."""
    file = folder / f"{name}.subunit"
    file.write_bytes(octets)
    return Capture(
        name=name,
        file=file.name,
        project=project,
        tool=tool,
        command=command,
        notes=notes,
        size=len(octets),
        sha256=hashlib.sha256(octets).hexdigest(),
    )


def read_manifest(path: Path) -> dict[str, Capture]:
    """Read the captures of a manifest, by name; none when there is no such file."""
    if not path.exists():
        return {}
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("capture", [])
    return {table["name"]: Capture(**table) for table in tables}


def write_manifest(path: Path, captures: list[Capture]) -> None:
    """Write a manifest that holds *captures*, in their order."""
    tables = [_table(capture) for capture in captures]
    path.write_text(HEADER + "".join(tables), encoding="utf-8")


def _table(capture: Capture) -> str:
    lines = [f"{key} = {_value(value)}\n" for key, value in asdict(capture).items()]
    return "\n[[capture]]\n" + "".join(lines)


def _value(value: str | int) -> str:
    if isinstance(value, str) and "\n" in value and "'''" not in value:
        return f"'''\n{value}'''"
    # A JSON string is a TOML basic string, and a JSON integer a TOML one.
    return json.dumps(value, ensure_ascii=False)
