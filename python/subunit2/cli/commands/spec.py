"""`subunit2 spec`: show where the specification files are, print clauses, and search them.

Strategy: a search compares words without regard to case, with the parts of a clause that people
read: id, text, reasons, error. A clause matches if each word is in one of them, and those with a
word in their id come first. Commas in numbers do not matter. If no clause matches, a word that
none has is compared with those that they have.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable
from typing import Final

from subunit2 import spec
from subunit2.cli.exits import CallError, InputError
from subunit2.cli.output import visible
from subunit2.cli.terminal import Paint
from subunit2.plural import count

__all__ = ["configure", "run"]

_EPILOG: Final = """\
examples:
  subunit2 spec                          list the files of the specification
  cat "$(subunit2 spec subunit2.ksy)"    print one of the files
  subunit2 spec length.least             print a clause, and its reason
  subunit2 spec length_too_short         print the clause of an error
  subunit2 spec recovery                 print all clauses of a chapter
  subunit2 spec --search line feed       print the clauses with both words
  subunit2 spec stream --search 'sync point'    within a chapter

exit status:
  0  success
  1  no clause has the words
  2  usage error: no file, clause, error or chapter has that name
"""

#: How alike a word and one of the specification have to be to be suggested: first those that
#: differ by a slip of the pen, then those with as many letters of the start, then others.
_SLIP: Final = 0.85
_START: Final = 4
_ALIKE: Final = 0.7

#: The columns of text: those of other output, and the fewest and the most of a terminal.
_COLUMNS: Final = 76
_FEWEST, _MOST = 40, 100

#: A comma that groups the digits of a number.
_GROUPS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="a file, a clause, an error, or a chapter of clauses",
    )
    parser.add_argument(
        "--search",
        nargs="+",
        metavar="WORD",
        help="print the clauses that have all of these words in id, text, error or reasons",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print paths or clauses, and return the exit status."""
    name = options.name
    if options.search is None and (name is None or name in spec.FILES):
        _print_files(name, as_json=options.json)
        return 0
    selected = list(spec.clauses().values()) if name is None else _named(name)
    words = [word for word in map(_folded, options.search or ()) if word]
    if options.search is not None:
        selected = _found(selected, words)
    if options.json:
        for clause in selected:
            form = {key: value for key, value in clause._asdict().items() if value}
            print(json.dumps(form, ensure_ascii=False))
    elif words:
        mark = _highlighter(words)
        print("\n\n".join(mark(_describe(clause, words)) for clause in selected))
        if sys.stdout.isatty():
            print(f"\n{count(len(selected), 'clause')}")
    else:
        print("\n\n".join(map(_describe, selected)))
    return 0


def _print_files(name: str | None, *, as_json: bool) -> None:
    if name is not None:
        print(json.dumps(str(spec.path(name))) if as_json else spec.path(name))
    elif as_json:
        print(json.dumps({file: str(spec.path(file)) for file in spec.FILES}))
    else:
        for file, content in spec.FILES.items():
            print(f"{spec.path(file)}\n    {content}")


def _named(name: str) -> list[spec.Clause]:
    """Return the clauses of a name: a clause, an error or a chapter."""
    selected = [
        clause
        for clause in spec.clauses().values()
        if name in (clause.id, clause.id.partition(".")[0], clause.error)
    ]
    if not selected:
        chapters = dict.fromkeys(clause.partition(".")[0] for clause in spec.clauses())
        raise CallError(
            f"no file, clause, error or chapter is called {name}; "
            f"chapters are {', '.join(chapters)}"
        )
    return selected


# ---- The search ------------------------------------------------------------------


def _folded(text: str) -> str:
    """Return a text without differences of case, of spaces and of commas in numbers.

    >>> _folded("At most  4,194,303 octets")
    'at most 4194303 octets'
    """
    return _GROUPS.sub("", " ".join(text.casefold().split()))


def _parts(clause: spec.Clause) -> Iterable[str]:
    """Return the parts of a clause that are searched."""
    parts = (clause.id, clause.text, clause.fact, clause.decision, clause.error)
    return (_folded(part) for part in parts if part)


def _has(clause: spec.Clause, word: str) -> bool:
    return any(word in part for part in _parts(clause))


def _found(clauses: list[spec.Clause], words: list[str]) -> list[spec.Clause]:
    """Return the clauses that have all of these words, those with a word in their id first.

    :raises InputError: if there is none; it suggests a word.
    """
    if not words:
        raise CallError("--search: a word to search for is missing")
    found = [clause for clause in clauses if all(_has(clause, word) for word in words)]
    if found:
        return sorted(found, key=lambda clause: not any(word in clause.id for word in words))
    for word in words:
        if not any(_has(clause, word) for clause in clauses):
            nearest = _nearest(word, clauses)
            hint = f"; did you mean {nearest}?" if nearest else ""
            raise InputError(f"no clause has {visible(word)}{hint}")
    each = ", ".join(
        f"{visible(word)} in {count(sum(_has(clause, word) for clause in clauses), 'clause')}"
        for word in words
    )
    raise InputError(f"no clause has all of these words: {each}")


def _nearest(word: str, clauses: list[spec.Clause]) -> str | None:
    """Return the word of these clauses that is most like another one.

    A common start wins: `split` for `splitting`, and not `listing`.
    """
    # A list of words is compared only when a search finds nothing.
    import difflib

    known = {
        each
        for clause in clauses
        for part in _parts(clause)
        for each in (*re.findall(r"[\w-]+", part), *re.findall(r"[a-z0-9-]+\.[a-z0-9-]+", part))
    }
    words: list[str] = sorted(known)
    if slip := difflib.get_close_matches(word, words, n=1, cutoff=_SLIP):
        return slip[0]
    for length in range(len(word), _START - 1, -1):
        if starting := [each for each in words if each.startswith(word[:length])]:
            return starting[0]
    alike = difflib.get_close_matches(word, words, n=1, cutoff=_ALIKE)
    return alike[0] if alike else None


def _highlighter(words: list[str]) -> Callable[[str], str]:
    """Return a function that marks these words in a text, if the terminal has colours."""
    paint = Paint("auto")
    longest = sorted(words, key=len, reverse=True)
    pattern = re.compile("|".join(map(_pattern, longest)), re.IGNORECASE)
    return lambda text: pattern.sub(lambda match: paint(match[0], "bold yellow"), text)


def _pattern(word: str) -> str:
    """Return the pattern of a word, whose digits may be grouped by commas."""
    return re.sub(r"(?<=[0-9])(?=[0-9])", ",?", re.escape(word))


def _describe(clause: spec.Clause, words: Iterable[str] = ()) -> str:
    """Return a clause for a person.

    :param words: of a search: reasons without any of them are left out.
    """
    lines = [f"{clause.id}  ({clause.level}, {clause.who})"]
    lines += _wrap(clause.text, "    ")
    if clause.error is not None:
        lines.append(f"    Error: {clause.error}")
    sources = []
    if clause.readme is not None:
        sources.append(f"python-subunit's README, {clause.readme}: {clause.fact}")
    if clause.decision is not None:
        sources.append(f"Decided here: {clause.decision}")
    asked = list(words)
    for source in sources:
        if asked and not any(word in _folded(source) for word in asked):
            continue
        lines += _wrap(source, "      ")
    return "\n".join(lines)


def _width() -> int:
    """Return the columns of text, which leave some free where nothing says how many there are."""
    if not sys.stdout.isatty():
        return _COLUMNS
    columns = shutil.get_terminal_size((_COLUMNS, 24)).columns
    return min(max(columns, _FEWEST), _MOST)


def _wrap(text: str, indent: str) -> list[str]:
    # Ids such as `stop-waiting` stay whole.
    return textwrap.wrap(
        text, _width(), initial_indent="    ", subsequent_indent=indent, break_on_hyphens=False
    )
