"""The pages of the commands, generated from the parser of the command line.

Strategy: the help of a command is written as Markdown, which Sphinx parses. Options become
option directives, so that they can be linked to and are in the index; the epilog is parsed
block by block. Each group of `subunit2 --help` is a page.

    ```{command-group} run tests
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

#: The width of usage lines, in columns; a phone shows about half of it, and scrolls.
_COLUMNS: Final = 72

_STATUS_ROW: Final = re.compile(r"  (\d+) +(.+)")
#: Code in a help text: text in backquotes, or an option.
_CODE: Final = re.compile(r"(`[^`]+`|(?<![\w-])--?[a-z][\w-]*)")
_PAGE: Final = re.compile(r"^```\{command-group\} (.+)$", re.MULTILINE)


def label(*words: str) -> str:
    """Return the label of a command, or of an action of a command.

    >>> label("conformance", "run")
    'command-conformance-run'
    """
    return "-".join(["command", *words])


@contextmanager
def _wide(columns: int) -> Iterator[None]:
    """Format help for a terminal of this width."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(columns)
    try:
        yield
    finally:
        if before is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = before


class _CommandDirective(SphinxDirective):
    """The base of the directives about commands."""

    option_spec: ClassVar[dict[str, Any]] = {}

    def parse(self, lines: Iterator[str]) -> list[nodes.Node]:
        """Parse Markdown for a page, which depends on the sources of the command line."""
        for source in Path(subunit2.cli.__path__[0]).rglob("*.py"):
            self.env.note_dependency(str(source))
        with _wide(_COLUMNS):
            text = "\n".join(lines)
        return self.parse_text_to_nodes(text, allow_section_headings=True)


class CommandOverview(_CommandDirective):
    """All commands by group, then the options and exit statuses of `subunit2` itself."""

    def run(self) -> list[nodes.Node]:
        """Return a list for each group, then the rest of the help of `subunit2`."""
        return self.parse(self._lines())

    def _lines(self) -> Iterator[str]:
        for title, group in GROUPS.items():
            yield from (f"## {title[0].upper()}{title[1:]}", "")
            for name, purpose in group.items():
                yield f"- {{ref}}`{name} <{label(name)}>`: {_escaped(purpose)}"
            yield ""
        parser = build_parser(COMMANDS)
        # The groups in the epilog are left out: they are above, with links.
        blocks = [
            block
            for block in _blocks(parser.epilog or "")
            if block[0].removesuffix(":") not in GROUPS
        ]
        yield from ("## All commands", "", "```{program} subunit2", "```")
        yield from _arguments(parser)
        for block in blocks:
            yield from _format_block(block)


class CommandGroup(_CommandDirective):
    """The commands of one group, each with its help."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Return a section for each command."""
        if self.arguments[0] not in GROUPS:
            raise self.error(f"the command line has no group {self.arguments[0]!r}")
        return self.parse(self._lines(GROUPS[self.arguments[0]]))

    def _lines(self, group: Any) -> Iterator[str]:
        commands = _subparsers(build_parser(COMMANDS, whole=True))
        for name in group:
            yield from _command(commands[name], (name,))


def check_groups(app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of each group of commands without a page."""
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
    # The continuation lines are indented by the width of "usage: ".
    usage = [line[len("usage: ") :] for line in parser.format_usage().splitlines()]
    yield from ("```{code-block} text", "", *usage, "```", "")
    yield from (f"```{{program}} {parser.prog}", "```", "")
    yield from _arguments(parser)
    for block in _blocks(parser.epilog or ""):
        yield from _format_block(block)
    for name, action in _subparsers(parser).items():
        yield from _command(action, (*words, name))


def _arguments(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Format the arguments of a parser, group by group, without hidden ones."""
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
    """Split an epilog at empty lines."""
    return [block.split("\n") for block in re.split(r"\n\s*\n", epilog.strip("\n")) if block]


def _format_block(block: list[str]) -> Iterator[str]:
    """Format a block: a paragraph, or a title with indented lines."""
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
    # Examples too: some have an explanation after the command.
    yield from ("```{code-block} text", "", *(line[2:] for line in rest), "```", "")


def _escaped(text: str) -> str:
    """Escape text for Markdown; options and text in backquotes become code."""
    parts = _CODE.split(text)
    for index, part in enumerate(parts):
        if index % 2 == 0:
            parts[index] = re.sub(r"([\\*_<>\[\]{}#|~$&])", r"\\\1", part)
        elif not part.startswith("`"):
            parts[index] = f"`{part}`"
    return "".join(parts)
