"""The commands, out of the command line's own parser.

Strategy: what argparse knows of a command is written as Markdown and read by Sphinx: an option
is one of Sphinx's, so that it can be linked to and found; what stands behind the options in a
help is read block by block. A group is a page, as in `subunit2 --help`.

    ```{command-group} octets
    ```
"""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

import subunit2.cli
from subunit2.cli.commands import COMMANDS, GROUPS
from subunit2.cli.parser import build_parser

__all__ = ["CommandGroup", "CommandOverview", "check_groups", "label"]

_log = logging.getLogger(__name__)

#: How wide usages are, in columns: a phone shows about half of it, and scrolls.
_COLUMNS: Final = 72

_STATUS_ROW: Final = re.compile(r"  (\d+) +(.+)")
#: What is code in a help text: in backquotes, or an option.
_CODE: Final = re.compile(r"(`[^`]+`|(?<![\w-])--?[a-z][\w-]*)")
_PAGE: Final = re.compile(r"^```\{command-group\} (.+)$", re.MULTILINE)


def label(*words: str) -> str:
    """The label of a command, or of an action of one.

    >>> label("conformance", "run")
    'command-conformance-run'
    """
    return "-".join(["command", *words])


@contextmanager
def _wide(columns: int) -> Iterator[None]:
    """Help is formatted for a terminal of so many columns."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(columns)
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


class _OfCommands(SphinxDirective):
    """What the directives here share."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def parse(self, lines: Iterator[str]) -> list[nodes.Node]:
        """Markdown, made a page's, which is made again when the command line changes."""
        for source in Path(subunit2.cli.__path__[0]).rglob("*.py"):
            self.env.note_dependency(str(source))
        with _wide(_COLUMNS):
            text = "\n".join(lines)
        return self.parse_text_to_nodes(text, allow_section_headings=True)


class CommandOverview(_OfCommands):
    """All commands by their groups, and what holds for all of them."""

    def run(self) -> list[nodes.Node]:
        """A list a group, then what the help says of all commands."""
        return self.parse(self._lines())

    def _lines(self) -> Iterator[str]:
        for title, group in GROUPS.items():
            yield from (f"## {title[0].upper()}{title[1:]}", "")
            for name, purpose in group.items():
                yield f"- {{ref}}`{name} <{label(name)}>`: {_escaped(purpose)}"
            yield ""
        parser = build_parser(COMMANDS)
        # The commands are in the epilog, too: they are above, as links.
        blocks = [
            block
            for block in _blocks(parser.epilog or "")
            if block[0].removesuffix(":") not in GROUPS
        ]
        yield from ("## Of all commands", "", "```{program} subunit2", "```")
        yield from _arguments(parser)
        for block in blocks:
            yield from _said(block)


class CommandGroup(_OfCommands):
    """The commands of one group, each with all of its help."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """A section a command."""
        if self.arguments[0] not in GROUPS:
            raise self.error(f"the command line has no group {self.arguments[0]!r}")
        return self.parse(self._lines(GROUPS[self.arguments[0]]))

    def _lines(self, group: Any) -> Iterator[str]:
        commands = _subparsers(build_parser(COMMANDS, whole=True))
        for name in group:
            yield from _command(commands[name], (name,))


def check_groups(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of each group of commands that is on no page."""
    shown = {
        title
        for page in env.found_docs
        if page.startswith("commands/")
        for title in _PAGE.findall(Path(env.doc2path(page)).read_text(encoding="utf-8"))
    }
    for title in GROUPS.keys() - shown:
        _log.warning("no page shows the commands of %r", title, type="commands")


def _subparsers(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _command(parser: argparse.ArgumentParser, words: tuple[str, ...]) -> Iterator[str]:
    yield from (f"({label(*words)})=", f"{'#' * (len(words) + 1)} {' '.join(words)}", "")
    yield from (_escaped(parser.description or ""), "")
    # Its lines stand below each other behind the word.
    usage = [line[len("usage: ") :] for line in parser.format_usage().splitlines()]
    yield from ("```{code-block} text", "", *usage, "```", "")
    yield from (f"```{{program}} {parser.prog}", "```", "")
    yield from _arguments(parser)
    for block in _blocks(parser.epilog or ""):
        yield from _said(block)
    for name, action in _subparsers(parser).items():
        yield from _command(action, (*words, name))


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The arguments of a parser, group by group; what the help hides is left out."""
    for group in parser._action_groups:
        actions = [
            action
            for action in group._group_actions
            if action.help is not argparse.SUPPRESS
            and not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
        ]
        if not actions:
            continue
        yield from (f":::{{rubric}} {_title(group.title)}", ":::", "")
        if group.description:
            yield from (_escaped(group.description), "")
        formatter = parser._get_formatter()
        for action in actions:
            yield f"````{{option}} {formatter._format_action_invocation(action)}"
            if action.help:
                yield _escaped(formatter._expand_help(action))
            yield from ("````", "")


def _title(title: str | None) -> str:
    title = title or "options"
    return title[0].upper() + title[1:]


def _blocks(epilog: str) -> list[list[str]]:
    """What stands between empty lines."""
    return [block.split("\n") for block in re.split(r"\n\s*\n", epilog.strip("\n")) if block]


def _said(block: list[str]) -> Iterator[str]:
    """A paragraph; or a title, and what is indented below it."""
    head, *rest = block
    if not (head.endswith(":") and rest and all(line.startswith("  ") for line in rest)):
        yield from (_escaped(" ".join(block)), "")
        return
    yield from (f":::{{rubric}} {_escaped(_title(head.removesuffix(':')))}", ":::", "")
    if all(map(_STATUS_ROW.fullmatch, rest)):
        yield from ("```{list-table}", ":widths: auto", "")
        for line in rest:
            status, meaning = _STATUS_ROW.findall(line)[0]
            yield from (f"* - {status}", f"  - {_escaped(meaning)}")
        yield from ("```", "")
        return
    # Of examples, too: some say behind a command what it is for.
    yield from ("```{code-block} text", "", *(line[2:] for line in rest), "```", "")


def _escaped(text: str) -> str:
    """Words for Markdown: options and what stands in backquotes are code, nothing is markup."""
    parts = _CODE.split(text)
    for index, part in enumerate(parts):
        if index % 2 == 0:
            parts[index] = re.sub(r"([\\*_<>\[\]{}#|~$&])", r"\\\1", part)
        elif not part.startswith("`"):
            parts[index] = f"`{part}`"
    return "".join(parts)
