"""The rooms of the library and the imports between them, as a picture and as a table.

Strategy: a room is a folder or a top-level module of `python/subunit2`. The arrows are read
from the import statements of its modules, also those inside functions. `Rooms.circles` finds
the import circles; only those in `KNOWN_CIRCLES` may exist. The picture (`rooms_picture`) and
the table are committed, for readers of the repository, and compared by `make drift`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from docs.links import ROOT
from marks import splice

__all__ = [
    "DOOR",
    "KNOWN_CIRCLES",
    "CircleError",
    "Rooms",
    "in_order",
    "read_rooms",
    "spliced",
    "table",
]

#: The package's own name, as the room that users import.
DOOR: Final = "subunit2"

#: `items.to_dict` asks `jsonform`, which makes items: one circle, opened inside a function.
KNOWN_CIRCLES: Final = frozenset({frozenset({"items", "jsonform"})})

_BEGIN: Final = "<!-- made by `make generate` -->\n"
_END: Final = "<!-- end -->\n"


class CircleError(ValueError):
    """Rooms import each other in a circle that is not one of `KNOWN_CIRCLES`."""


@dataclass(frozen=True)
class Rooms:
    """The rooms and their imports.

    :ivar says: the first sentence of each room's docstring.
    :ivar imports: the rooms that each room imports.
    :ivar folders: the rooms that are folders.
    """

    says: Mapping[str, str]
    imports: Mapping[str, frozenset[str]]
    folders: frozenset[str] = frozenset()

    def circles(self) -> list[frozenset[str]]:
        """Return the sets of rooms that import each other, directly or through others."""
        found = {
            frozenset(other for other in reached if room in self._reached(other))
            for room in self.says
            if room in (reached := self._reached(room))
        }
        return sorted(found, key=sorted)

    def check(self) -> None:
        """Raise a `CircleError` for an import circle that is not known."""
        for circle in self.circles():
            if circle not in KNOWN_CIRCLES:
                raise CircleError(f"{DOOR}: import circle: {', '.join(sorted(circle))}")

    def _reached(self, room: str) -> set[str]:
        reached: set[str] = set()
        waiting = [room]
        while waiting:
            new = self.imports[waiting.pop()] - reached
            reached |= new
            waiting += new
        return reached


def read_rooms(package: Path = ROOT / "python" / "subunit2") -> Rooms:
    """Read the rooms of a package from its source files."""
    says: dict[str, str] = {}
    imports: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        if path.name == "__main__.py" and path.parent == package:
            # `python -m subunit2` runs the command line, and is no room of its own.
            continue
        parts = path.relative_to(package).with_suffix("").parts
        room = _room(package, parts[:-1] if parts[-1] == "__init__" else parts)
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if len(parts) == 1 or parts[1:] == ("__init__",):
            says[room] = _first_sentence(ast.get_docstring(tree) or "")
        imports.setdefault(room, set()).update(
            _room(package, name.split(".")[1:])
            for name in _imported(tree)
            if name.split(".")[0] == package.name
        )
    return Rooms(
        says,
        {room: frozenset(names - {room}) for room, names in imports.items()},
        frozenset(room for room in says if (package / room).is_dir()),
    )


def table(rooms: Rooms) -> str:
    """Return the rooms, their docstrings and their imports as a table in Markdown.

    Each room is listed after the rooms that it imports.
    """
    lines = ["| room | holds | imports |", "| --- | --- | --- |"]
    for room in in_order(rooms):
        imports = ", ".join(f"`{name}`" for name in in_order(rooms) if name in rooms.imports[room])
        lines.append(f"| `{room}` | {rooms.says[room]} | {imports or 'none'} |")
    return "\n".join(lines) + "\n"


def spliced(page: str, made: str) -> str:
    """Return a page with the table between its marks.

    :raises ValueError: if the page lacks the marks.
    """
    return splice(page, _BEGIN, _END, made)


def in_order(rooms: Rooms) -> list[str]:
    """Return the rooms, each behind those that it imports; ties by name.

    :raises CircleError: for an import circle that is not known.
    """
    rooms.check()
    known = {room for circle in KNOWN_CIRCLES for room in circle}
    ordered: list[str] = []
    while len(ordered) < len(rooms.says):
        free = [
            room
            for room in sorted(rooms.says)
            if room not in ordered
            and not {
                name
                for name in rooms.imports[room].difference(ordered)
                if not {room, name} <= known
            }
        ]
        ordered.append(free[0])
    return ordered


def _room(package: Path, parts: Iterable[str]) -> str:
    first = next(iter(parts), None)
    if first is None:
        return DOOR
    if (package / first).is_dir() or (package / f"{first}.py").is_file():
        return first
    # A name that the door offers, such as `from subunit2 import Packet`.
    return DOOR


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield the names of imported modules; of `from`, with each name behind its module."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module=str(module)):
                yield from (f"{module}.{alias.name}" for alias in node.names)


def _first_sentence(docstring: str) -> str:
    paragraph = " ".join(docstring.partition("\n\n")[0].split())
    sentence, dot, _ = paragraph.partition(". ")
    return sentence + dot.rstrip()
