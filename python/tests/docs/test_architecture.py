"""The architecture page: the picture and the table of rooms follow the imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.links import DOCS
from docs.rooms import KNOWN_CIRCLES, CircleError, Rooms, in_order, read_rooms, spliced, table
from docs.rooms_picture import draw_rooms

PAGE = DOCS / "architecture.md"
PICTURE = DOCS / "rooms.svg"
FOLDERS = {"packets", "framing", "damage", "streams", "grammar", "compat", "cli", "conformance"}


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write a package `subunit2` of these modules; return its folder."""
    package = folder / "subunit2"
    for name, text in {"__init__.py": '"""The door."""\n', **files}.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return package


def test_the_committed_picture_and_table_are_those_of_the_imports() -> None:
    rooms = read_rooms()
    assert PICTURE.read_text(encoding="utf-8") == draw_rooms(rooms)
    text = PAGE.read_text(encoding="utf-8")
    assert spliced(text, table(rooms)) == text


def test_the_only_circle_is_the_known_one() -> None:
    assert read_rooms().circles() == list(KNOWN_CIRCLES)


def test_nothing_imports_the_conformance_runner() -> None:
    imports = read_rooms().imports
    assert [room for room, names in imports.items() if "conformance" in names] == []


def test_the_grammar_imports_no_reader() -> None:
    assert read_rooms().imports["grammar"] <= {"items", "spec"}


def test_every_room_is_drawn_and_says_what_it_holds() -> None:
    rooms = read_rooms()
    assert rooms.folders == FOLDERS
    assert all(rooms.says.values())
    words = re.findall("<text[^>]*>([^<]+)</text>", PICTURE.read_text(encoding="utf-8"))
    drawn = {name for box in words for name in box.split(" ⇄ ")}
    assert drawn == rooms.says.keys()


def test_no_box_covers_another() -> None:
    boxes = [
        tuple(float(number) for number in found)
        for found in re.findall(
            r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"', PICTURE.read_text("utf-8")
        )
    ]
    assert len(boxes) > 10
    for number, (x, y, width) in enumerate(boxes):
        for x_2, y_2, width_2 in boxes[number + 1 :]:
            assert y != y_2 or x + width < x_2 or x_2 + width_2 < x


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    package = write(
        tmp_path,
        {
            "items.py": '"""Items. And more."""\n',
            "reader.py": '"""A reader\nof items.\n\nStrategy."""\nimport subunit2.items\n',
            "files.py": '"""Files."""\ndef f():\n    from subunit2 import Packet, reader\n',
            "cli/__init__.py": '"""Commands."""\n',
            "cli/deep/run.py": "from subunit2.files import decode\n",
        },
    )
    rooms = read_rooms(package)
    assert rooms.says["items"] == "Items."
    assert rooms.says["reader"] == "A reader of items."
    assert rooms.imports == {
        "subunit2": frozenset(),
        "items": frozenset(),
        "reader": {"items"},
        "files": {"subunit2", "reader"},
        "cli": {"files"},
    }
    assert rooms.folders == {"cli"}


@pytest.mark.parametrize(
    "modules",
    [
        {"reader.py": "import subunit2.writer", "writer.py": "from subunit2 import reader"},
        {
            "packets/decode.py": "from subunit2.framing.utf8 import decode_utf8",
            "packets/__init__.py": "",
            "framing/utf8.py": "def f():\n    from subunit2.reader import Reader",
            "framing/__init__.py": "",
            "reader.py": "from subunit2.packets.decode import decode",
        },
        {"items.py": "from subunit2 import __version__", "__init__.py": "import subunit2.items"},
    ],
)
def test_another_circle_is_refused(tmp_path: Path, modules: dict[str, str]) -> None:
    rooms = read_rooms(write(tmp_path, modules))
    [circle] = rooms.circles()
    assert circle == rooms.says.keys() - ({"subunit2"} if "__init__.py" not in modules else set())
    with pytest.raises(CircleError, match=", ".join(sorted(circle))):
        rooms.check()
    with pytest.raises(CircleError):
        draw_rooms(rooms)


def test_a_larger_circle_around_the_known_one_is_refused(tmp_path: Path) -> None:
    modules = {
        "items.py": "import subunit2.jsonform",
        "jsonform.py": "import subunit2.items, subunit2.spec",
        "spec.py": "import subunit2.items",
    }
    with pytest.raises(CircleError, match="items, jsonform, spec"):
        read_rooms(write(tmp_path, modules)).check()


def test_a_changed_import_changes_picture_and_table() -> None:
    rooms = read_rooms()
    imports = {**rooms.imports, "aio": rooms.imports["aio"] | {"spec"}}
    changed = Rooms(rooms.says, imports, rooms.folders)
    assert draw_rooms(changed) != draw_rooms(rooms)
    assert table(changed) != table(rooms)


def test_a_room_stands_behind_its_imports() -> None:
    rooms = read_rooms()
    order = in_order(rooms)
    for room, names in rooms.imports.items():
        for name in names:
            assert order.index(name) < order.index(room) or {room, name} in KNOWN_CIRCLES


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        spliced("# Architecture\n", "")
