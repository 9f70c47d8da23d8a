"""A mutant: one change of one file of a port."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

__all__ = ["OPERATORS", "Change", "Mutant", "made_by"]

#: The rules, in the order in which they are listed. A language need not have all of them.
OPERATORS: Final[dict[str, str]] = {
    "number": "a number is one more, or one less",
    "mask": "a mask has one bit more, one bit less, or its one bit elsewhere",
    "comparison": "a comparison is another one",
    "logic": "and is or, or is and, not is gone, or one side decides nothing",
    "condition": "a condition is negated, or always true, or always false",
    "choice": "a truth value, or a condition with `?`, is the other one",
    "statement": "a statement is deleted",
    "return": "a value is not returned: nothing is, or zero, or the other truth value",
    "member": "a key of a hash, or a field of a struct, is not set",
    "bound": "a start or a length of a part is one more, or one less",
    "arithmetic": "an operator of arithmetic is another one, or only assigns",
    "bits": "an operator of bits is another one, or only assigns",
    "state": "a state, or another named number of a group, is another one",
    "string": "a string is empty",
    "class": "a class of characters in a pattern lacks a member",
    "word": "a list of words lacks one",
}


class Change(NamedTuple):
    """A change of a source.

    :ivar variant: names one of several changes that a rule makes there.
    :ivar start: the index of the first character that is replaced.
    :ivar end: the index behind the last.
    :ivar text: replaces them.
    """

    operator: str
    variant: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file.

    :ivar file: the path of the file, from the folder of its library on.
    :ivar line: the number of the line that is changed, from 1.
    :ivar column: the number of the first character that is changed, from 1.
    :ivar operator: the rule.
    :ivar variant: what the rule does there, if it can do several things.
    :ivar before: the line, without the space around it; several lines joined.
    :ivar after: the same with the change.
    :ivar source: the whole file with the change.
    :ivar above: the last two lines before that are neither empty nor comments, joined.
    """

    file: str
    line: int
    column: int
    operator: str
    variant: str
    before: str
    after: str
    source: str
    above: str = ""

    @property
    def id(self) -> str:
        """FILE:LINE:COLUMN:OPERATOR, with the variant behind a slash."""
        variant = f"/{self.variant}" if self.variant else ""
        return f"{self.file}:{self.line}:{self.column}:{self.operator}{variant}"

    @property
    def key(self) -> str:
        """A name that outlives changes of other lines; two mutants can have the same."""
        return f"{self.file}: {self.above} / {self.before} -> {self.after}"


def made_by(changes: Iterable[Change], file: str, source: str) -> list[Mutant]:
    """Return a mutant for each change, in the order of lines; the first of several that are equal.

    >>> [mutant.id for mutant in made_by([Change("number", "more", 4, 5, "2")], "a", "a = 1")]
    ['a:1:5:number/more']
    """
    starts = [0] + [match.end() for match in re.finditer("\n", source)]
    found: dict[str, Mutant] = {}
    for operator, variant, start, end, text in changes:
        changed = source[:start] + text + source[end:]
        if changed == source or changed in found:
            continue
        line = bisect_right(starts, start)
        first = starts[line - 1]
        last = source.find("\n", end)
        last = len(source) if last < 0 else last
        found[changed] = Mutant(
            file=file,
            line=line,
            column=start - first + 1,
            operator=operator,
            variant=variant,
            before=_shown(source[first:last]),
            after=_shown(source[first:start] + text + source[end:last]),
            source=changed,
            above=_above(source[:first]),
        )
    return sorted(found.values(), key=lambda each: (each.line, each.column))


def _shown(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines()).strip()


def _above(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return " ".join([line for line in lines if line and not line.startswith(("#", "//"))][-2:])
