"""The chapters of the specification in one file, in the order of a book.

Strategy: most chapters are pages of the site. The others are made here, of files that the site
includes as they are: the harness protocol, the grammar, the pseudocode. All words that only this
file has are in `front.md` beside this module.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from docs.links import DOCS, ROOT
from docs.single.anchors import fence_behind, headings, slug
from docs.single.blocks import DIRECTIVES, clause_table
from docs.single.code import Part, parts
from docs.single.plain import Book, filled, paragraphs
from subunit2 import spec

__all__ = ["CHAPTERS", "specification"]

#: The pages that are chapters, in order.
_PAGES: Final = (
    *("introduction", "packet", "numbers-and-strings", "flags", "statuses", "timestamps"),
    *("tags", "attachments", "writer", "streams", "recovery", "reader", "routes"),
    *("versioning", "removed", "json"),
)

#: The chapters that are made here, by their headings, behind the pages.
_READING: Final = "How to read it"
_HARNESS: Final = "Harnesses, in short"
_GRAMMAR: Final = "The grammar"
_CODE: Final = "The rules as code"
_GLOSSARY: Final = "Glossary"
_CLAUSES: Final = "All clauses"

_FRONT: Final = Path(__file__).with_name("front.md")


def _title(page: str) -> str:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    found = re.search(r"^# (?:\d+\. )?(.+)$", text, re.M)
    return found[1] if found else page.rpartition("/")[2].replace("-", " ")


def _chapters() -> dict[str, str]:
    """Return the heading of each chapter, by its page or by its title."""
    titles = {f"specification/{page}": _title(f"specification/{page}") for page in _PAGES}
    titles |= {title: title for title in (_HARNESS, _GRAMMAR, _CODE, _GLOSSARY, _CLAUSES)}
    first, *others = titles.items()
    ordered = dict([first, (_READING, _READING), *others])
    return {key: f"{n}. {title}" for n, (key, title) in enumerate(ordered.items(), 1)}


CHAPTERS: Final = _chapters()

#: Pages of the site whose content is in a chapter that is made here.
_SAME: Final = {
    "specification/grammar": _GRAMMAR,
    "specification/glossary": _GLOSSARY,
    "specification/clauses": _CLAUSES,
    "conformance/harness": _HARNESS,
    "porting/index": _CODE,
    **{f"porting/{part.page.rpartition('/')[2]}": _CODE for part in parts()},
}


#: The page that a chapter means by the porting guide: it names it without a link, as the pages of
#: the specification are a site of their own, too.
_GUIDES: Final = {
    "specification/reader": "../porting/bounded",
    "specification/versioning": "../porting/from-2.0",
}

#: Pages that are empty outside of the site, and files with the same content.
_ELSEWHERE: Final = {"specification/decisions": "../conformance/implementations/README.md"}


#: The pages whose links the parts of `front.md` have, if their chapter has pages.
_AT: Final = {_CODE: "porting/index"}


def _book() -> Book:
    inside = {page: heading for page, heading in CHAPTERS.items() if "/" in page}
    inside |= {page: CHAPTERS[title] for page, title in _SAME.items()}
    others = {
        path.relative_to(DOCS).with_suffix("").as_posix(): _title(
            path.relative_to(DOCS).with_suffix("").as_posix()
        )
        for folder in ("specification", "conformance", "porting", "emitting")
        for path in (DOCS / folder).glob("*.md")
    }
    return Book(inside, _steps(), others, DIRECTIVES, _ELSEWHERE)


def _code_headings() -> Iterator[tuple[Part, str]]:
    """Yield the parts of the program with their headings, which follow that of the notation."""
    number = CHAPTERS[_CODE].partition(".")[0]
    for count, part in enumerate(parts(), 2):
        step = re.search(r"^# (\d+)\.", (DOCS / f"{part.page}.md").read_text(encoding="utf-8"))
        assert step is not None
        title = f"Step {step[1]}: {part.title[0].lower()}{part.title[1:]}"
        yield part, f"{number}.{count} {title}"


def _steps() -> dict[str, str]:
    """Return the headings of the steps of the porting guide, and of their parts."""
    found: dict[str, str] = {}
    for part, heading in _code_headings():
        found.setdefault(part.page, heading)
        found[f"{part.page}#{slug(part.title)}"] = heading
    return found


def _numbered(lines: list[str], chapter: str) -> Iterator[str]:
    """Yield lines with the headings of second level numbered in a chapter.

    Clauses are a level below the heading that they stand under.
    """
    number = chapter.partition(".")[0]
    count = 0
    fence = ""
    for line in lines:
        fence = fence_behind(line, fence)
        if line.startswith("## ") and not fence:
            count += 1
            yield f"### {number}.{count} {line[3:]}"
        elif line.startswith("#### ") and not fence and not count:
            yield line[1:]
        else:
            yield line


def _page(page: str, book: Book) -> list[str]:
    """Return a chapter that is a page of the site."""
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    if guide := _GUIDES.get(page):
        assert "The porting guide" in text, page
        text = text.replace("The porting guide", f"{{doc}}`The porting guide <{guide}>`")
    _, *lines = text.splitlines()
    return list(_numbered(list(book.plain(lines, page)), CHAPTERS[page]))


def _front(name: str, book: Book) -> list[str]:
    """Return a part of `front.md`, by its heading, which may be that of a chapter."""
    text = _FRONT.read_text(encoding="utf-8").replace("VERSION", _version())
    found = re.search(rf"^# {re.escape(name)}\n(.*?)(?=^# |\Z)", text, re.M | re.S)
    assert found is not None, name
    return list(book.plain(found[1].strip("\n").splitlines(), _AT.get(name, "SPECIFICATION")))


def _version() -> str:
    found = re.search(r'^version = "(.+)"$', spec.path("clauses.toml").read_text("utf-8"), re.M)
    assert found is not None
    return found[1]


def _section(path: Path, heading: str, *, until: str = r"## ") -> list[str]:
    """Return the lines of a file behind a heading, up to a line that begins another part."""
    text = path.read_text(encoding="utf-8")
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^{until}|\Z)", text, re.M | re.S)
    assert found is not None, heading
    return found[1].strip("\n").splitlines()


def _harness(book: Book) -> list[str]:
    conformance = ROOT / "conformance"
    lines = _front(_HARNESS, book)
    lines += ["", "## A session", ""]
    lines += _section(conformance / "HARNESS.md", "## As a session")
    lines += ["", "## Packets of a multiplexer", ""]
    lines += _section(
        conformance / "FORMAT.md",
        "The multiplexer chooses the sizes of its own packets. They have to keep these rules in"
        " every case:",
        until=r"In a case flagged|## ",
    )
    return list(_numbered(lines, CHAPTERS[_HARNESS]))


def _grammar(book: Book) -> list[str]:
    grammar = spec.path("grammar.ebnf").read_text(encoding="utf-8").splitlines()
    return [*_front(_GRAMMAR, book), "", "```ebnf", *grammar, "```"]


def _code(book: Book) -> list[str]:
    index = "porting/index"
    lines = _front(_CODE, book)
    lines += ["", "## The notation", ""]
    notation = _section(DOCS / f"{index}.md", "## The pseudocode")
    lines += book.plain(notation[notation.index("") + 1 :], index)
    for part, heading in _code_headings():
        lines += ["", f"## {heading.partition(' ')[2]}", ""]
        # The requests of a harness have a chapter.
        said = [] if part.title == "The harness" else [*book.plain(part.said, part.page), ""]
        lines += [*said, "```python", *part.code.splitlines(), "```"]
    return list(_numbered(lines, CHAPTERS[_CODE]))


def _glossary(book: Book) -> list[str]:
    _, *lines = (DOCS / "specification/glossary.md").read_text(encoding="utf-8").splitlines()
    return list(book.plain(lines, "specification/glossary"))


_MADE: Final[dict[str, Callable[[Book], list[str]]]] = {
    _READING: lambda book: _front(_READING, book),
    _HARNESS: _harness,
    _GRAMMAR: _grammar,
    _CODE: _code,
    _GLOSSARY: _glossary,
    _CLAUSES: lambda book: [*_front(_CLAUSES, book), "", *clause_table()],
}


def _contents(lines: list[str]) -> Iterator[str]:
    """Yield the table of contents: chapters, and the parts of each."""
    for level, heading in headings(lines):
        if level in (2, 3) and heading[0].isdigit():
            number, _, title = heading.partition(" ")
            yield f"{'  ' * (level - 2)}- {number} [{title}](#{slug(heading)})"


def specification() -> str:
    """Return the whole file."""
    book = _book()
    body: list[str] = []
    for key, heading in CHAPTERS.items():
        lines = _page(key, book) if "/" in key else _MADE[key](book)
        body += [f"## {heading}", "", *lines, ""]
    front = _front("Subunit, version 2", book)
    contents = list(_contents(body))
    lines = ["# Subunit, version 2", "", *front, "", "**Contents**", "", *contents, "", *body]
    return "\n".join(paragraphs(list(filled(lines)))) + "\n"
