"""Pages of the documentation, run as their reader would run them: block by block, from the top.

A page's blocks are run in one empty folder, in their order:

- `console`: each line behind `$ ` is a command of one shell, and what stands below it is what it
  writes, on either output;
- `pycon`: doctest, with what the blocks before have made;
- `{code-block}` with a `:caption:`: the file of this name.

`...` stands for anything. What is not to be run stands in a block of another kind.
"""

from __future__ import annotations

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any, Final, NamedTuple

from support.command import PATIENCE, environment

DOCS: Final = Path(__file__).resolve().parents[3] / "docs"

_FENCE: Final = re.compile(
    r"^(?P<fence>`{3,})(?P<kind>[^\n`]*)\n(?P<text>.*?)^(?P=fence)[ ]*$", re.MULTILINE | re.DOTALL
)
_CAPTION: Final = re.compile(r"^:caption: (\S+)\n", re.MULTILINE)
_OPTIONS: Final = re.compile(r"(?::[\w-]+:[^\n]*\n)*\n?")
#: What no command writes.
_END: Final = "-- the end of what a command wrote --"


class Block(NamedTuple):
    """What stands between two fences, and where."""

    kind: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page in their order."""
    source = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(source):
        line = source.count("\n", 0, found.start()) + 2
        yield Block(found["kind"].strip(), found["text"], line)


def run_page(page: Path, folder: Path) -> list[str]:
    """Run a page in a folder; what came otherwise than the page says, in words."""
    names: dict[str, Any] = {"__name__": "__main__"}
    faults: list[str] = []
    for block in blocks(page):
        caption = _CAPTION.search(block.text)
        if caption is not None:
            # The options of the directive stand in front of the file.
            options = _OPTIONS.match(block.text)
            assert options is not None
            path = folder / caption[1]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text[options.end() :], encoding="utf-8")
        elif block.kind == "console":
            faults += _run_console(block, page, folder)
        elif block.kind == "pycon":
            faults += _run_python(block, page, folder, names)
    return faults


def _run_console(block: Block, page: Path, folder: Path) -> Iterator[str]:
    calls = list(_calls(block.text))
    script = "".join(
        f"{command}\n{{ status=$?; printf '\\n%s\\n' '{_END}'; (exit $status); }}\n"
        for command, _ in calls
    )
    # So that the first `python` and `subunit2` are those of the tests.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        # python-subunit leaves files open, of which Python warns where it is asked to.
        env=environment({"PATH": path, "HOME": str(folder), "COLUMNS": "80", "PYTHONWARNINGS": ""}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # Of all commands of a block together.
        timeout=3 * PATIENCE,
        check=False,
    )
    written = done.stdout.decode().split(f"\n{_END}\n")
    for (command, expected), came in zip(calls, written, strict=False):
        got = f"{came}\n" if came and not came.endswith("\n") else came
        if not doctest.OutputChecker().check_output(expected, got, doctest.ELLIPSIS):
            yield f"{page.name}:{block.line}: $ {command}\nexpected:\n{expected}\ncame:\n{got}"


def _calls(text: str) -> Iterator[tuple[str, str]]:
    """Each command of a block, and what it should write."""
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        command = lines.pop(0)
        while lines and lines[0].startswith("> "):
            command += lines.pop(0)[2:]
        yield command.rstrip("\n"), "".join(lines)


def _run_python(block: Block, page: Path, folder: Path, names: dict[str, Any]) -> list[str]:
    test = doctest.DocTestParser().get_doctest(
        block.text, names, page.name, str(page), block.line - 1
    )
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    said: list[str] = []
    with chdir(folder):
        runner.run(test, out=said.append, clear_globs=False)
    names.update(test.globs)
    return said
