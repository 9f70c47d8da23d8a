"""Write all generated files; with --check, fail where one differs.

Usage:
    python tools/generate.py            write the generated files
    python tools/generate.py --check    compare instead, and print the differences
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from docs import readme_picture, rooms_picture
from docs.rooms import CircleError, read_rooms, spliced, table
from docs.single import specification
from packet_decoder import LayoutError, generate_c, generate_digest
from packet_decoder import generate as generate_decoder
from report_cards import table as cards_table
from report_cards.cards import card, card_text
from report_cards.emitters import ALL as CARDS
from report_cards.emitters import emitters

ROOT = Path(__file__).resolve().parents[1]
KAITAI = ROOT / "tools" / "kaitai"
KSY = ROOT / "spec" / "subunit2.ksy"
PACKETS = ROOT / "python" / "subunit2" / "packets"
#: The writer that the tests compare with the library's.
WRITER = ROOT / "python" / "tests" / "support" / "kaitai_writer_generated.py"


class Generated(NamedTuple):
    """A generated file and its text."""

    path: Path
    content: bytes


def compile_ksy(
    ksy: Path, target: str, *, mode: Literal["--debug", "--read-write"] | None = None
) -> dict[str, str]:
    """Compile a .ksy with the Kaitai Struct compiler; return file names and texts.

    :param mode: generate a reader that records the octets of each field, or a reader and
        writer.
    """
    if not (KAITAI / "node_modules" / "kaitai-struct-compiler").is_dir():
        subprocess.run(
            ["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"], cwd=KAITAI, check=True
        )
    command = ["node", str(KAITAI / "compile.js"), str(ksy), target]
    if mode:
        command.append(mode)
    compiled = subprocess.run(command, capture_output=True, text=True, check=False)
    if compiled.returncode:
        raise SystemExit(compiled.stderr.strip())
    files: dict[str, str] = json.loads(compiled.stdout)
    return files


def make_decoder(ksy: Path, make: Callable[[str], str] = generate_decoder) -> str:
    """Generate the fast decoder from a .ksy."""
    try:
        return make(ksy.read_text("utf-8"))
    except LayoutError as error:
        raise SystemExit(f"{ksy.name}: {error}") from None


#: A call of the constructor of a nested type, in Python that the compiler generates.
_NESTED = re.compile(r"\bSubunit2(?=\.\w+\(\w+(?:\.\w+)?, self, self\._root\))")


def _by_root(text: str) -> str:
    """Return generated Python that looks its nested types up in the class of the root.

    So a subclass of the root can have nested types of its own.
    """
    return _NESTED.sub("self._root", text)


def _trimmed(text: str) -> bytes:
    """Return generated Python without the trailing spaces of empty documentation lines."""
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines()).encode()


def generate() -> Iterator[Generated]:
    """Yield all generated files."""
    [reader] = compile_ksy(KSY, "python").values()
    yield Generated(PACKETS / "kaitai_generated.py", _trimmed(_by_root(reader)))
    [annotated] = compile_ksy(KSY, "python", mode="--debug").values()
    yield Generated(PACKETS / "kaitai_annotated_generated.py", _trimmed(_by_root(annotated)))
    [writer] = compile_ksy(KSY, "python", mode="--read-write").values()
    yield Generated(WRITER, _trimmed(writer))
    yield Generated(PACKETS / "fast_generated.py", make_decoder(KSY).encode())
    layout = PACKETS / "speedups" / "layout_generated.h"
    yield Generated(layout, make_decoder(KSY, generate_c).encode())
    yield Generated(PACKETS / "layout_generated.py", make_decoder(KSY, generate_digest).encode())
    # An npm package and a Go module have the files of their own folder, and no others.
    for name in ("LICENSE-APACHE", "LICENSE-BSD", "spec/clauses.toml", "spec/item.schema.json"):
        original = ROOT / name
        yield Generated(ROOT / "conformance" / original.name, original.read_bytes())
    stream = ROOT / "docs" / "damaged.subunit"
    yield Generated(stream, readme_picture.example_stream())
    yield Generated(ROOT / "docs" / "inspect.svg", readme_picture.draw(stream).encode())
    try:
        rooms = read_rooms()
        picture = rooms_picture.draw_rooms(rooms)
    except CircleError as error:
        raise SystemExit(str(error)) from None
    yield Generated(ROOT / "docs" / "rooms.svg", picture.encode())
    for emitter in emitters():
        yield Generated(emitter.card, card_text(emitter).encode())
    made = cards_table.table((emitter, card(emitter)) for emitter in emitters())
    readme = CARDS / "README.md"
    yield Generated(readme, cards_table.spliced(readme.read_text("utf-8"), made).encode())
    yield Generated(ROOT / "docs" / "SPECIFICATION.md", specification().encode())
    page = ROOT / "docs" / "architecture.md"
    yield Generated(page, spliced(page.read_text("utf-8"), table(rooms)).encode())


def difference(file: Generated) -> str:
    """Return the change that a file needs as a diff; empty where it needs none."""
    present = file.path.read_bytes() if file.path.exists() else b""
    if present == file.content:
        return ""
    name = str(file.path.relative_to(ROOT))
    before, after = (
        octets.decode("utf-8", "backslashreplace").splitlines(keepends=True)
        for octets in (present, file.content)
    )
    return "".join(difflib.unified_diff(before, after, name, "generated"))


def main(arguments: list[str] | None = None) -> int:
    """Generate or compare; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare; write nothing")
    options = parser.parse_args(arguments)
    status = 0
    for file in generate():
        changes = difference(file)
        name = file.path.relative_to(ROOT)
        if not changes:
            print(f"unchanged  {name}")
        elif options.check:
            print(f"DIFFERS    {name}: run `make generate`\n{changes[:2000]}")
            status = 1
        else:
            file.path.parent.mkdir(exist_ok=True)
            file.path.write_bytes(file.content)
            print(f"written    {name}")
    return status


if __name__ == "__main__":
    sys.exit(main())
