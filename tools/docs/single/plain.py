"""MyST as plain Markdown.

Strategy: a page is a list of blocks: fences, headings, lists of definitions, other lines.
Directives are handed to a table of functions, roles become links or code, and links between pages
become links to chapters. Anything that is not known is an error, so that no markup of MyST is left
in the file.
"""

from __future__ import annotations

import posixpath
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from docs.links import DOCS
from docs.single.anchors import fence_behind, slug
from docs.sources import corpus
from subunit2 import spec

__all__ = ["Book", "MarkupError", "clause_link", "filled", "linked", "paragraphs"]

#: A directive's arguments and lines to the lines of its block.
Directive = Callable[[str, list[str]], list[str]]

_FENCE: Final = re.compile(r"(`{3,}|:{3,})(?:\{([\w-]+)\}|([\w-]*)) *(.*?) *$")
_ROLE: Final = re.compile(r"\{(\w+)\}`([^`]+)`")
_TITLED: Final = re.compile(r"(.+?) *<([^>]+)>", re.DOTALL)
_LINK: Final = re.compile(r"\[([^\]]+)\]\((?!https?:)([^)#]*)(#[^)]*)?\)")
_CLAUSE: Final = re.compile(r"(`[^`]+`|[a-z0-9-]+\.[a-z0-9-]+)")


class MarkupError(Exception):
    """A page has markup that the file cannot show."""


def linked(text: str) -> str:
    """Return a sentence of a source with links to the clauses that it names.

    >>> linked("too short (length.least), `a.b`")
    'too short ([length.least](#lengthleast)), `a.b`'
    """
    return "".join(
        f"[{part}](#{slug(part)})" if part in spec.clauses() else part
        for part in _CLAUSE.split(text)
    )


def clause_link(id_: str) -> str:
    """Return a link to a clause."""
    if id_ not in spec.clauses():
        raise MarkupError(f"no clause is called {id_}")
    return f"[{id_}](#{slug(id_)})"


@dataclass(frozen=True)
class Book:
    """The chapters of the file, for links between them.

    :ivar chapters: the heading of each page that is a chapter, by its path without suffix from
        `docs`.
    :ivar parts: the headings of pages that are parts of a chapter, and of their parts, by
        `page` and `page#anchor`.
    :ivar others: the titles of pages that are linked and not in the file.
    :ivar elsewhere: the files that are linked in the place of a page.
    """

    chapters: Mapping[str, str]
    parts: Mapping[str, str]
    others: Mapping[str, str]
    directives: Mapping[str, Directive]
    elsewhere: Mapping[str, str]

    def page(self, target: str, here: str, title: str | None = None, anchor: str = "") -> str:
        """Return a link to a page: to its part or its chapter, or to the file.

        :param anchor: `#` and a heading of the page.
        """
        path = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
        heading = self.parts.get(path + anchor) or self.parts.get(path)
        # A link from a chapter to the same chapter leads nowhere.
        if heading is None and self.chapters.get(path) != self.chapters.get(here, ""):
            heading = self.chapters.get(path)
        if heading is not None:
            return f"[{title or heading.partition(' ')[2]}](#{slug(heading)})"
        if path in self.others:
            return f"[{title or self.others[path]}]({self.elsewhere.get(path, f'{path}.md')})"
        raise MarkupError(f"{here}: no page is called {target}")

    def inline(self, text: str, here: str) -> str:
        """Return text with its roles and links as plain Markdown."""

        def role(found: re.Match[str]) -> str:
            titled = _TITLED.fullmatch(found[2])
            target = titled[2] if titled else found[2]
            match found[1]:
                case "term":
                    return titled[1] if titled else target
                case "doc":
                    return self.page(target, here, titled[1] if titled else None)
                case "clause":
                    return clause_link(target)
                case "case":
                    if target not in corpus().by_id:
                        raise MarkupError(f"{here}: no case is called {target}")
                    return f"`{target}`"
            raise MarkupError(f"{here}: the role {found[1]}")

        def link(found: re.Match[str]) -> str:
            title, target, anchor = found.groups()
            if not target:
                return str(title)
            path = posixpath.normpath(posixpath.join(posixpath.dirname(here), target))
            if path.removesuffix(".md") in {*self.chapters, *self.others}:
                return self.page(target.removesuffix(".md"), here, title, anchor or "")
            if not (DOCS / path).exists():
                raise MarkupError(f"{here}: no file is called {target}")
            return f"[{title}]({path}{anchor or ''})"

        return _ROLE.sub(role, _LINK.sub(link, text))

    def plain(self, lines: list[str], here: str) -> Iterator[str]:
        """Yield the lines of a page as plain Markdown, without its title."""
        index = 0
        while index < len(lines):
            fence = _FENCE.match(lines[index])
            if fence:
                end = lines.index(fence[1], index + 1)
                yield from self._fenced(fence, lines[index + 1 : end], here)
                index = end + 1
                continue
            end = index
            while end < len(lines) and not _FENCE.match(lines[end]):
                end += 1
            text = self.inline("\n".join(lines[index:end]), here)
            yield from _definitions(text.split("\n"))
            index = end

    def _fenced(self, fence: re.Match[str], lines: list[str], here: str) -> Iterator[str]:
        mark, directive, language, words = fence.groups()
        if directive is None:
            if mark[0] == ":":
                raise MarkupError(f"{here}: {fence[0]}")
            yield from [f"{mark}{language}", *lines, mark]
        elif directive in self.directives:
            yield from self.directives[directive](words, lines)
        else:
            raise MarkupError(f"{here}: the directive {directive}")


def _definitions(lines: list[str]) -> Iterator[str]:
    """Yield lines with each definition as an item of a list: `- **term**: text`."""
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if following.startswith(": ") and line.strip():
            continue
        if line.startswith(": "):
            yield f"- **{lines[index - 1]}**: {line[2:]}"
        elif not (line == "" and following and _begins_definition(lines, index + 1)):
            yield line
        elif index and _ends_definition(lines, index - 1):
            continue
        else:
            yield line


def _begins_definition(lines: list[str], index: int) -> bool:
    return index + 1 < len(lines) and lines[index + 1].startswith(": ")


def _ends_definition(lines: list[str], index: int) -> bool:
    while index >= 0 and lines[index].startswith("  "):
        index -= 1
    return index >= 0 and lines[index].startswith(": ")


#: Columns of the file.
_WIDTH: Final = 116

#: Lines that are no text to fill: tables, headings, code, comments.
_AS_IT_IS: Final = re.compile(r"[|#<]| {4}")
#: The mark of a list's item or of a quotation, which text of the next line follows.
_MARK: Final = re.compile(r"(?: *(?:[-*] |\d+\. )|> ?)?")
#: Words that would be a mark at the start of a line.
_STARTS: Final = re.compile(r"\s*(?:[-+*>#=]|\d+[.)])(?:\s|$)")


def filled(lines: list[str]) -> Iterator[str]:
    """Yield lines with their text filled to the width of the file, but for tables and code."""
    fence = ""
    text: list[str] = []
    for line in [*lines, ""]:
        fence_before, fence = fence, fence_behind(line, fence)
        is_fence = fence != fence_before
        mark = _MARK.match(line)
        assert mark is not None
        if text and (
            is_fence or fence_before or not line.strip(" >") or mark[0] or _AS_IT_IS.match(line)
        ):
            # A line of a quotation goes on with the one before it, of a list it begins an item.
            yield from _fill(text)
            text = []
        if (
            is_fence
            or fence_before
            or not line.strip(" >")
            or (_AS_IT_IS.match(line) and not mark[0])
        ):
            yield line
        else:
            text.append(line)


def _fill(text: list[str]) -> list[str]:
    """Return a paragraph, an item of a list or a line of a quotation in lines of equal width."""
    mark = _MARK.match(text[0])
    assert mark is not None
    said = " ".join(" ".join(text)[len(mark[0]) :].split())
    following = mark[0] if mark[0].startswith(">") else " " * len(mark[0])
    for width in range(_WIDTH, _WIDTH - 20, -1):
        made = textwrap.wrap(
            said,
            width,
            initial_indent=mark[0],
            subsequent_indent=following,
            break_long_words=False,
            break_on_hyphens=False,
        )
        # Not `12. A` at the start of a line, which would begin a list.
        if not any(_STARTS.match(line[len(mark[0]) :]) for line in made[1:]):
            return made
    return text


def paragraphs(lines: list[str]) -> list[str]:
    """Return lines without blank lines at their ends, and with one at most between two."""
    made: list[str] = []
    fence = ""
    for line in lines:
        fence = fence_behind(line, fence)
        if line or fence or (made and made[-1]):
            made.append(line)
    while made and not made[-1]:
        made.pop()
    return made
