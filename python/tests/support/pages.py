"""Runs the pages of the documentation as their readers would: block by block, from the top.

The blocks of a page are run in one empty folder, in their order:

- `console`: each line behind `$ ` is a command of one shell, and the lines below it are its
  output, on either stream;
- `pycon`: a doctest, with the names that earlier blocks have defined;
- `{code-block}` with a `:caption:`: a file of this name.

`...` matches any output. Blocks of other kinds are not run.
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

from support.command import environment
from support.patience import PATIENCE

DOCS: Final = Path(__file__).resolve().parents[3] / "docs"

_FENCE: Final = re.compile(
    r"^(?P<fence>`{3,})(?P<kind>[^\n`]*)\n(?P<text>.*?)^(?P=fence)[ ]*$", re.MULTILINE | re.DOTALL
)
_CAPTION: Final = re.compile(r"^:caption: (\S+)\n", re.MULTILINE)
_OPTIONS: Final = re.compile(r"(?::[\w-]+:[^\n]*\n)*\n?")
#: A line that no command writes.
_END: Final = "-- the end of what a command wrote --"


class Block(NamedTuple):
    """The text between two fences, and its line."""

    kind: str
    text: str
    line: int


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of a page in order."""
    source = page.read_text(encoding="utf-8")
    for found in _FENCE.finditer(source):
        line = source.count("\n", 0, found.start()) + 2
        yield Block(found["kind"].strip(), found["text"], line)


def run_page(page: Path, folder: Path) -> list[str]:
    """Run a page in a folder; return a description of each difference from the page."""
    names: dict[str, Any] = {"__name__": "__main__"}
    faults: list[str] = []
    for block in blocks(page):
        caption = _CAPTION.search(block.text)
        if caption is not None:
            # The options of the directive come before the file.
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
    # The first `python` and `subunit2` in the path are those of the tests.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        # python-subunit leaves files open, and Python would warn of that.
        env=environment({"PATH": path, "HOME": str(folder), "COLUMNS": "80", "PYTHONWARNINGS": ""}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # For all commands of a block together.
        timeout=3 * PATIENCE,
        check=False,
    )
    written = done.stdout.decode().split(f"\n{_END}\n")
    for (command, expected), output in zip(calls, written, strict=False):
        actual = f"{output}\n" if output and not output.endswith("\n") else output
        if not doctest.OutputChecker().check_output(expected, actual, doctest.ELLIPSIS):
            yield f"{page.name}:{block.line}: $ {command}\nexpected:\n{expected}\nactual:\n{actual}"


def _calls(text: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block with its expected output."""
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
