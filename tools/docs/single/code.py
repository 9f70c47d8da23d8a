"""The pseudocode of the porting guide as one program, with each function as its last step has it.

Strategy: the guide defines a function again when a later step needs more of it. Here each function
is kept in its last form, under the heading of the step that gives it, and the explanation between
the heading and the code comes along. A name that keeps an earlier form (`before = function`) is
the name under which that form is defined.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Final

from docs.links import DOCS

__all__ = ["STEPS", "Part", "parts", "program"]

#: The pages of the porting guide with pseudocode, in the order of its steps.
STEPS: Final = ("writer", "packet", "stream", "recovery", "live", "bounded", "multiplexer")

_BLOCK: Final = re.compile(r"^```\{code-block\} python\n:name: \S+\n\n(.*?)^```$", re.M | re.S)


@dataclass
class Part:
    """A part of the program.

    :ivar page: the page of the guide.
    :ivar said: the explanation of the part, in MyST.
    :ivar definitions: the source of each definition, by its name.
    """

    page: str
    title: str
    said: list[str]
    definitions: dict[str, str] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The definitions, with blank lines as in the guide."""
        return "".join(self.definitions.values()).strip("\n") + "\n"


def _definitions(code: str) -> list[tuple[str, str]]:
    """Return the name and the source of each statement of a block, with the lines above it."""
    lines = code.splitlines(keepends=True)
    found = []
    before = 0
    for node in ast.parse(code).body:
        source = "".join(lines[before : node.end_lineno])
        before = node.end_lineno or before
        match node:
            case ast.FunctionDef() | ast.ClassDef():
                found.append((node.name, source))
            case ast.Assign(targets=[ast.Name(name)]):
                found.append((name, source))
            case _:
                raise ValueError(source)
    return found


_ALIAS: Final = re.compile(r"\s*\w+ = ([a-z]\w*)\n")


def parts() -> list[Part]:
    """Return the parts of the program in order, without those that a later step replaces."""
    made: list[Part] = []
    for step in STEPS:
        page = f"porting/{step}"
        text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
        behind = 0
        for block in _BLOCK.finditer(text):
            part = Part(page, *_heading(text[behind : block.start()], made))
            behind = block.end()
            made.append(part)
            for name, source in _definitions(block[1]):
                alias = _ALIAS.fullmatch(source)
                if alias and (kept := _holder(made, alias[1])):
                    _rename(kept, alias[1], name)
                    continue
                replaced = _holder(made, name)
                if replaced and name.isupper():
                    # A value of the harness, such as the profiles that it claims.
                    replaced.definitions[name] = source
                    continue
                if replaced:
                    del replaced.definitions[name]
                part.definitions[name] = source
    return [part for part in made if part.definitions]


def _holder(made: list[Part], name: str) -> Part | None:
    return next((part for part in made if name in part.definitions), None)


def _rename(part: Part, name: str, new: str) -> None:
    """Define a function under another name, in its place."""
    part.definitions = {
        new if key == name else key: source.replace(f"def {name}(", f"def {new}(", key == name)
        for key, source in part.definitions.items()
    }


_HEADING: Final = re.compile(r"^#{1,2} (?:\d+\. )?(.+)\n", re.M)


def _heading(text: str, made: list[Part]) -> tuple[str, list[str]]:
    """Return the title of a block, and the lines between its heading and the block."""
    found = list(_HEADING.finditer(text))
    if not found:
        return made[-1].title, text.strip("\n").split("\n")
    return found[-1][1], text[found[-1].end() :].strip("\n").split("\n")


def program() -> str:
    """Return the whole program: a writer, a reader, a multiplexer and their harness."""
    return "\n".join(part.code for part in parts())
