"""Count the clauses that stand where a noun belongs, per 1,000 words of prose.

"What comes of a packet" and "whoever reads it" leave the noun out; "the outcome of a
packet" and "the reader" name it. A free relative now and then reads well, a page of them
reads as a riddle. The published models (h11, hpack, websockets, structlog, attrs) have
0 to 1.2 of them in 1,000 words of their docstrings.

Strategy: `what`, `whatever`, `whoever` and `whichever` count everywhere, and so does a
docstring that opens with another question word. Code, quotations and field lists
(`:param name:`) are removed first. Help texts are taken from the command line's parser.

Usage:
    python tools/drift/prose.py             a line for each kind of text; fails above the limit
    python tools/drift/prose.py --show      each sentence that counts, with its place
    python tools/drift/prose.py FILE ...    these files alone
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["LIMIT", "Passage", "Score", "findings", "main", "passages", "score"]

ROOT: Final = Path(__file__).resolve().parents[2]

#: So many in 1,000 words at the most.
LIMIT: Final = 5.0

_RELATIVE: Final = re.compile(r"\b(?:what|whatever|whoever|whomever|whichever)\b", re.IGNORECASE)
_OPENING: Final = re.compile(
    r"(?:Whether|Which|Where|When|How|Why|Who|Whose)\b|(?:Is|Are|Does|Do)\b.*\?$"
)
_WORD: Final = re.compile(r"[A-Za-z][\w'-]*")
_NOT_PROSE: Final = re.compile(
    r"```.*?^```|``.+?``|`[^`]*`|<!--.*?-->|\]\([^)]*\)|https?://\S+"
    r"|^(?: {4}|\t).*$|\"[^\"\n]*\"|>>> .*$|^\.\. .*$",
    re.MULTILINE | re.DOTALL,
)
_FIELDS: Final = re.compile(
    r"^ *:(?:param|raises|return|returns|ivar)\b.*", re.MULTILINE | re.DOTALL
)


class Passage(NamedTuple):
    """A stretch of prose.

    :ivar kind: docstrings, comments, documents, clauses or help.
    :ivar where: its file and line.
    """

    kind: str
    where: str
    text: str


class Score(NamedTuple):
    """The clauses counted in a kind of text, and its words."""

    counted: int
    words: int

    @property
    def rate(self) -> float:
        """How many in 1,000 words."""
        return 1_000 * self.counted / self.words if self.words else 0.0


def findings(passage: Passage) -> list[str]:
    """The sentences of a passage that count, each once for each clause in it.

    >>> findings(Passage("docstrings", "", "What comes of a packet. The reader's outcome."))
    ['What comes of a packet.']
    >>> findings(Passage("docstrings", "", "Return the outcome."))
    []
    """
    text = _prose(passage.text)
    found = []
    for place, sentence in enumerate(re.split(r"(?<=[.:!?])\s+|\n\s*\n", text)):
        flat = " ".join(sentence.split())
        opens = passage.kind == "docstrings" and place == 0 and _OPENING.match(flat)
        found += [flat] * (len(_RELATIVE.findall(flat)) + bool(opens))
    return found


def score(texts: Iterable[Passage]) -> dict[str, Score]:
    """The score of each kind of text."""
    scores: dict[str, Score] = {}
    for passage in texts:
        before = scores.get(passage.kind, Score(0, 0))
        words = len(_WORD.findall(_prose(passage.text)))
        scores[passage.kind] = Score(before.counted + len(findings(passage)), before.words + words)
    return scores


def passages(files: Iterable[Path]) -> Iterator[Passage]:
    """The prose in these files. Holds one file."""
    for file in files:
        text = file.read_text(encoding="utf-8")
        name = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)
        if file.suffix == ".py":
            yield from _docstrings(name, text)
            yield from _comments(name, text)
        elif file.suffix == ".md":
            yield Passage("documents", name, text)
        elif file.name == "clauses.toml":
            for clause in tomllib.loads(text)["clause"]:
                body = " ".join(str(clause.get(key, "")) for key in ("text", "reason", "decision"))
                yield Passage("clauses", f"{name} {clause['id']}", body)


def _docstrings(name: str, text: str) -> Iterator[Passage]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            said = ast.get_docstring(node)
            if said:
                line = getattr(node, "lineno", 1)
                yield Passage("docstrings", f"{name}:{line}", said)


def _comments(name: str, text: str) -> Iterator[Passage]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT and not token.string.startswith("#!"):
            yield Passage("comments", f"{name}:{token.start[0]}", token.string.lstrip("#: "))


def help_passages() -> Iterator[Passage]:
    """The help of each command and action, as argparse prints it."""
    from subunit2.cli.commands import COMMANDS
    from subunit2.cli.parser import build_parser

    waiting = [build_parser(COMMANDS, whole=True)]
    while waiting:
        parser = waiting.pop()
        # Examples and tables are indented in epilogs, and are no prose.
        yield Passage("help", parser.prog, "\n\n".join(_said(parser)))
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction):
                waiting += action.choices.values()


def _said(parser: argparse.ArgumentParser) -> Iterator[str]:
    for text in (parser.description, parser.epilog):
        yield text or ""
    for action in parser._actions:
        yield "" if action.help in (None, argparse.SUPPRESS) else str(action.help)
        if isinstance(action, argparse._SubParsersAction):
            yield from (choice.help or "" for choice in action._choices_actions)


def _prose(text: str) -> str:
    return _NOT_PROSE.sub(" ", _FIELDS.sub(" ", text))


def prose_files() -> list[Path]:
    """The files of this checkout that hold prose of ours."""
    patterns = (
        "python/**/*.py",
        "tools/**/*.py",
        "*.md",
        "docs/**/*.md",
        "conformance/*.md",
        "conformance/*/README.md",
        "conformance/implementations/*/README.md",
        "ports/**/*.md",
        "spec/clauses.toml",
    )
    found = {file for pattern in patterns for file in ROOT.glob(pattern)}
    skipped = ("_generated.py", "CHANGELOG.md")
    return sorted(
        file
        for file in found
        if not file.name.endswith(skipped)
        and not {"node_modules", "_build", "projects"} & set(file.parts)
    )


def main(arguments: list[str] | None = None) -> int:
    """Count; the exit status is 1 where a kind of text is above the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--show", action="store_true", help="print each sentence that counts")
    options = parser.parse_args(arguments)
    texts = list(passages(options.files or prose_files()))
    if not options.files:
        texts += help_passages()
    if options.show:
        for passage in texts:
            for sentence in findings(passage):
                print(f"{passage.where}: {sentence}")
    status = 0
    for kind, found in score(texts).items():
        is_above = found.rate > LIMIT
        status |= is_above
        print(f"{'ABOVE' if is_above else 'ok':7}  {kind}: {found.rate:.1f} in 1,000 words")
    return status


if __name__ == "__main__":
    sys.exit(main())
