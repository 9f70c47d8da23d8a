"""Streams of real tools: `conformance/captures`, with the command that made each."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpus.families._damage import LARGE, read
from corpus.source import Source, runs
from subunit2 import Corrupt, Packet

__all__ = ["family"]

_FOLDER = Path(__file__).parents[3] / "conformance" / "captures"


def family() -> Iterator[Source]:
    """Yield a case for each capture of the manifest."""
    manifest = tomllib.loads((_FOLDER / "captures.toml").read_text(encoding="utf-8"))
    for capture in manifest["capture"]:
        yield _case(capture)


def _case(capture: dict[str, Any]) -> Source:
    stream = (_FOLDER / capture["file"]).read_bytes()
    items = read(stream)
    has_packets = any(isinstance(item, Packet) for item in items)
    is_damaged = any(isinstance(item, Corrupt) for item in items)
    flags = ["captured"]
    if len(stream) > LARGE:
        flags.append("large")
    if not has_packets:
        flags.append("version-1")
    commands = "; ".join(line for line in capture["command"].strip().splitlines())
    return Source(
        id=f"captures/{capture['name']}",
        title=_title(capture["name"], has_packets=has_packets, is_damaged=is_damaged),
        profile="recovery" if is_damaged else "stream",
        clauses=_clauses(items, is_damaged=is_damaged),
        flags=tuple(flags),
        notes=f"{capture['notes']} Made by `{commands}` with {capture['tool']}.",
        octets=runs(stream),
    )


def _title(name: str, *, has_packets: bool, is_damaged: bool) -> str:
    if is_damaged:
        return f"The damaged stream {name} of real tools: what is whole in it is read"
    if not has_packets:
        return f"The stream {name} of real tools is subunit version 1, and passthrough"
    return f"The stream {name} of real tools is read"


def _clauses(items: list[Any], *, is_damaged: bool) -> tuple[str, ...]:
    if is_damaged:
        return ("recovery.region", "recovery.recovered", "recovery.report")
    if not any(isinstance(item, Packet) for item in items):
        return ("stream.passthrough",)
    if all(isinstance(item, Packet) for item in items):
        return ("stream.sync-point", "packet.order")
    return ("stream.try-everywhere", "stream.passthrough", "stream.sync-point")
