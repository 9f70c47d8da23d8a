"""Find sentences of other people's texts in the files of this project.

The specification states facts of python-subunit's README in words of its own, and so do the
documents, cases and bug reports. A run of seven words that also stands in a text of another
project is a quotation.

Strategy: the other texts are read as installed, and none is stored here: the README of each
package, and the docstrings, strings and comments of its modules. Case and punctuation do not
count. Of a module of Python, only strings and comments are compared. A run without words
such as "the" is a list of names or a piece of code, and no sentence.

Usage:
    python tools/drift/quotations.py             a line for each quotation; fails if there is one
    python tools/drift/quotations.py FILE ...    these files alone
"""

from __future__ import annotations

import argparse
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

__all__ = ["EXCEPTIONS", "Quotation", "main", "quotations", "read_published", "tracked_files"]

ROOT: Final = Path(__file__).resolve().parents[2]

#: So many words in a row are a quotation.
RUN: Final = 7

#: The packages that the project describes or works with.
PACKAGES: Final = ("python-subunit", "testtools", "stestr", "kaitaistruct")

_LICENCE: Final = "a licence is given in its own words"

#: Files that may repeat words of others: these words, or any if none are named, and the reason.
EXCEPTIONS: Final = {
    "LICENSE-APACHE": ("", _LICENCE),
    "conformance/LICENSE-APACHE": ("", _LICENCE),
    "docs/emitting/consumers.md": (
        "err or details must be",
        "readers of the page search for this message of testtools",
    ),
}

Run: TypeAlias = tuple[str, ...]

_WORD: Final = re.compile(r"[a-z0-9_]+(?:'[a-z]+)?")
#: Words of which a sentence has a few.
_FUNCTION_WORDS: Final = frozenset(
    """
    a an and are as at be been but by can do does for from has have if in is it its may must no
    not of on or should so than that the their then there they this to up was were when which
    will with you your
    """.split()  # noqa: SIM905  (fifty words in quotes are hard to read)
)
_FEWEST_FUNCTION_WORDS: Final = 2

_PROSE_TOKENS: Final = (tokenize.STRING, tokenize.COMMENT)


class Quotation(NamedTuple):
    """Words of a file that are those of another text.

    :ivar line: the line on which they start.
    :ivar source: the name of the other text.
    """

    line: int
    source: str
    words: str


def quotations(text: str, published: Mapping[Run, str]) -> Iterator[Quotation]:
    r"""Yield the longest runs of words of a text that stand in a published one.

    >>> published = runs("A test is a thing that is run, and that passes or fails.", "x")
    >>> list(quotations("So:\na *test* is\na thing that is run. And more.", published))
    [Quotation(line=2, source='x', words='a test is a thing that is run and')]
    """
    found = list(_WORD.finditer(text.lower()))
    words = [word[0] for word in found]
    starts = [at for at in range(len(words) - RUN + 1) if tuple(words[at : at + RUN]) in published]
    # The first of each series of starts that follow one another directly.
    firsts = [at for before, at in pairwise([-2, *starts]) if at != before + 1]
    lasts = [at for at, behind in pairwise([*starts, -2]) if behind != at + 1]
    for first, last in zip(firsts, lasts, strict=True):
        yield Quotation(
            line=text.count("\n", 0, found[first].start()) + 1,
            source=published[tuple(words[first : first + RUN])],
            words=" ".join(words[first : last + RUN]),
        )


def runs(text: str, source: str) -> dict[Run, str]:
    """Return the runs of the sentences of a text, each with the name of the text."""
    words = _WORD.findall(text.lower())
    found = zip(*(words[at:] for at in range(RUN)), strict=False)
    return {run: source for run in found if _is_sentence(run)}


def _is_sentence(run: Run) -> bool:
    return len(_FUNCTION_WORDS.intersection(run)) >= _FEWEST_FUNCTION_WORDS


def read_published(packages: Iterable[str] = PACKAGES) -> dict[Run, str]:
    """Return the runs of the README and the modules of installed packages."""
    published: dict[Run, str] = {}
    for name in packages:
        package = distribution(name)
        for file in package.files or ():
            if file.suffix == ".py":
                text = Path(str(package.locate_file(file))).read_text(encoding="utf-8")
                published |= runs(python_prose(text), f"{file}")
        published |= runs(package.metadata["Description"], f"the README of {name}")
    return published


def python_prose(text: str) -> str:
    r"""Return the strings and comments of a module, on the lines on which they stand.

    >>> python_prose("x = 1  # one\ny = 'two'")
    "# one\n'two'"
    """
    lines: list[list[str]] = [[] for _ in range(text.count("\n") + 2)]
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in _PROSE_TOKENS:
            for number, line in enumerate(token.string.split("\n"), token.start[0] - 1):
                lines[number].append(line)
    return "\n".join(" ".join(line) for line in lines).rstrip("\n")


def tracked_files() -> list[Path]:
    """Return the files of this checkout, in order, without those that git ignores."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [ROOT / name for name in sorted(listed.split("\0")) if name and (ROOT / name).is_file()]


def _prose(path: Path) -> str:
    """Return the text of a file that is compared: empty for one that is no text."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
    return python_prose(text) if path.suffix == ".py" else text


def main(arguments: list[str] | None = None) -> int:
    """Compare; the exit status is 1 if there is a quotation."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    published = read_published()
    files = [path.resolve() for path in options.files] or tracked_files()
    status = 0
    for path in files:
        name = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
        for line, source, words in quotations(_prose(path), published):
            allowed, _ = EXCEPTIONS.get(name, ("-", ""))
            if allowed not in words:
                print(f"DIFFERS  {name}:{line}: from {source}: {words}")
                status = 1
    if not status:
        print(f"ok       quotations: none in {len(files):,} files")
    return status


if __name__ == "__main__":
    sys.exit(main())
