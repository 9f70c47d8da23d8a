"""The rules by which a Perl file is changed: each change is a mutant.

Strategy: a rule looks at the tokens that mean something, and at their brackets, and yields a range
of the source with the text that replaces it. Rules know no more grammar than that. A mutant that
Perl does not compile is dropped when it is tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from mutants.mutant import Change, Mutant, made_by
from mutants.perl import pairs_of, tokens_of

__all__ = ["RULES", "mutants_of"]

#: A change without its operator.
_Change = tuple[str, int, int, str]


class _Code:
    """The tokens of a file that mean something, with their brackets, blocks and statements."""

    def __init__(self, source: str) -> None:
        self.source = source
        blank = ("space", "comment", "pod")
        self.tokens = [token for token in tokens_of(source) if token.kind not in blank]
        self.pairs = pairs_of(self.tokens)
        self._blocks = [
            (index, self.pairs[index]) for index in range(len(self.tokens)) if self._is_block(index)
        ]
        #: Statements inside of subs: the first token, and the one behind the last.
        self.statements = list(self._statements())

    def text(self, index: int) -> str:
        """Return the text of a token; nothing outside of the file."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def is_operator(self, index: int, *texts: str) -> bool:
        """Return whether a token is one of these operators."""
        if not 0 <= index < len(self.tokens):
            return False
        return self.tokens[index].kind == "operator" and self.tokens[index].text in texts

    def range(self, first: int, behind: int) -> tuple[int, int]:
        """Return the range of the source from a token up to the one before `behind`."""
        return self.tokens[first].start, self.tokens[behind - 1].end

    def slice(self, first: int, behind: int) -> str:
        """Return the source of these tokens."""
        start, end = self.range(first, behind)
        return self.source[start:end]

    def end_of(self, index: int, *stops: str) -> int:
        """Return the index of the first stop from an index on, outside of inner brackets."""
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.text in stops and token.kind in ("operator", "word"):
                return index
            if self.is_operator(index, ")", "]", "}"):
                return index
            index = self.pairs[index] + 1 if self.is_operator(index, "(", "[", "{") else index + 1
        return index

    def _is_block(self, index: int) -> bool:
        if not self.is_operator(index, "{"):
            return False
        before = self.text(index - 1)
        if before in ("eval", "do", "else", "sub", "BEGIN", "map", "grep"):
            return before not in ("map", "grep")
        if before == ")":
            word = self.text(self.pairs[index - 1] - 1)
            header = self.text(self.pairs[index - 1] - 3)
            return word in ("if", "elsif", "unless", "while", "for") or header in ("for", "foreach")
        return self.text(index - 2) == "sub" and self.tokens[index - 1].kind == "word"

    def _statements(self) -> Iterator[tuple[int, int]]:
        for opening, closing in self._blocks:
            index = opening + 1
            while index < closing:
                if self.text(index) in ("if", "elsif", "else", "unless", "while", "for", "sub"):
                    while not self._is_block(index):
                        index = self.pairs[index] + 1 if self.is_operator(index, "(") else index + 1
                    index = self.pairs[index] + 1
                    continue
                end = self.end_of(index, ";")
                if end > index:
                    yield index, end
                index = end + 1

    def is_in_sub(self, index: int) -> bool:
        """Return whether a token stands inside of a sub."""
        return any(opening < index < closing for opening, closing in self._blocks)

    def is_quoted(self, index: int) -> bool:
        """Return whether a token only names something: a module, an export, a version."""
        first = index
        while first > 0 and not self.is_operator(first - 1, ";") and self.text(first) != "package":
            if self.is_operator(first - 1, "}") and self.tokens[first].kind == "word":
                break
            first -= 1
        words = self.text(first), self.text(first + 1)
        if words[0] == "use":
            return words[1] != "constant"
        return words[0] in ("package", "our") and words[1] in ("@ISA", "@EXPORT_OK", "$VERSION")


def mutants_of(file: str, source: str) -> list[Mutant]:
    """Return all mutants of a file, in the order of its lines.

    >>> [mutant.after for mutant in mutants_of("a.pm", "sub a { return $_[0] < 2 }")]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['sub a {  }', 'sub a { return undef }', 'sub a { return $_[1] < 2 }',
     'sub a { return $_[0] <= 2 }', 'sub a { return $_[0] >= 2 }',
     'sub a { return $_[0] < 3 }', 'sub a { return $_[0] < 1 }']
    """
    code = _Code(source)
    changes = (
        Change(operator, *change) for operator, rule in RULES.items() for change in rule(code)
    )
    return made_by(changes, file, source)


# --- The rules ---------------------------------------------------------------------------


def _numbers(code: _Code) -> Iterator[_Change]:
    """A number is one more, or one less."""
    for index, token in enumerate(code.tokens):
        if token.kind != "number" or _is_mask(code, index) or code.is_quoted(index):
            continue
        is_value = code.text(index + 1) == ";" and code.text(index - 1) in ("}", ";", "")
        if is_value and not code.is_in_sub(index):
            continue
        value = int(token.text.replace("_", ""), 0)
        show: Callable[[int], str] = hex if token.text.startswith("0x") else str
        if value != 1 or not _is_lone(code, index):
            yield "more", token.start, token.end, show(value + 1)
        if value:
            yield "less", token.start, token.end, show(value - 1)


def _is_lone(code: _Code, index: int) -> bool:
    """Return whether a number is a whole value outside of a list in brackets: 1 may mean true."""
    is_whole = code.text(index - 1) in ("=>", "=", "(", ",", "?", ":", "return")
    if not is_whole or code.text(index + 1) not in (")", ";", ",", ":", "}"):
        return False
    while index >= 0 and not code.is_operator(index, "(", "[", "{"):
        index = (code.pairs[index] if code.is_operator(index, ")", "]", "}") else index) - 1
    return not code.is_operator(index, "[")


def _is_mask(code: _Code, index: int) -> bool:
    if not code.text(index).startswith("0x"):
        return False
    near = ("&", "|", "^", "|=", "=>", ":")
    return code.is_operator(index - 1, *near) or code.is_operator(index + 1, "&", "|", "^")


def _masks(code: _Code) -> Iterator[_Change]:
    """A mask has one bit more, or one bit less, or its one bit elsewhere."""
    for index, token in enumerate(code.tokens):
        if token.kind != "number" or not _is_mask(code, index):
            continue
        value = int(token.text.replace("_", ""), 0)
        lowest = value & -value
        above = 1 << value.bit_length()
        free = ~value & (value + 1)
        bits = {"more-above": value | above, "more": value | free}
        if value != lowest:
            bits |= {"less": value & ~lowest, "less-above": value & ~(above >> 1)}
        else:
            bits |= {"up": value << 1, "down": value >> 1}
        for variant, changed in bits.items():
            yield variant, token.start, token.end, hex(changed)


_OTHERS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "comparison": {
        "<": ("<=", ">="),
        "<=": ("<", ">"),
        ">": (">=", "<="),
        ">=": (">", "<"),
        "==": ("!=",),
        "!=": ("==",),
        "eq": ("ne",),
        "ne": ("eq",),
    },
    "logic": {"&&": ("||",), "||": ("&&",), "//": ("||", "&&")},
    "arithmetic": {
        "+": ("-",),
        "-": ("+",),
        "*": ("+",),
        "<<": (">>",),
        ">>": ("<<",),
        "+=": ("=", "-="),
        "*=": ("+=",),
        ".=": ("=",),
        "++": ("--",),
    },
    "bits": {"&": ("|",), "|": ("&",), "^": ("|",), "|=": ("=", "&="), "^=": ("|=", "=")},
    "state": {"BETWEEN": ("BROKEN",), "BROKEN": ("BETWEEN",)},
}


def _other(operator: str) -> Callable[[_Code], Iterator[_Change]]:
    others = _OTHERS[operator]

    def rule(code: _Code) -> Iterator[_Change]:
        for index, token in enumerate(code.tokens):
            if token.kind not in ("operator", "word") or code.is_quoted(index):
                continue
            if code.is_operator(index + 1, "=>"):
                continue
            for other in others.get(token.text, ()):
                yield other, token.start, token.end, other

    rule.__doc__ = {
        "comparison": "A comparison is another one.",
        "logic": "And is or, or is and.",
        "arithmetic": "An operator of arithmetic is another one, or only assigns.",
        "bits": "An operator of bits is another one, or only assigns.",
        "state": "A state of the text is the other one.",
    }[operator]
    return rule


def _conditions(code: _Code) -> Iterator[_Change]:
    """A condition is negated, or always true, or always false."""
    firsts = {first for first, _ in code.statements}
    for index, token in enumerate(code.tokens):
        if token.kind != "word" or token.text not in ("if", "elsif", "unless", "while"):
            continue
        if code.is_operator(index + 1, "=>", "}") or code.is_operator(index - 1, "->"):
            continue
        is_header = code.is_operator(index + 1, "(") and code.is_operator(
            code.pairs[index + 1] + 1, "{"
        )
        if is_header and index not in firsts:
            first, behind = index + 2, code.pairs[index + 1]
        else:
            first, behind = index + 1, code.end_of(index + 1, ";")
        words = [code.text(each) for each in range(first, behind)]
        if "my" in words:
            continue
        start, end = code.range(first, behind)
        text = code.slice(first, behind)
        single = sum(word in ("==", "!=", "eq", "ne") for word in words) == 1
        if not single or any(word in ("&&", "||") for word in words):
            # Otherwise `comparison` does the same.
            yield "not", start, end, f"!({text})"
        if token.text != "while":
            yield "always", start, end, f"(1 || ({text}))"
        if (is_header and index not in firsts) or token.text == "while":
            yield "never", start, end, f"(0 && ({text}))"
        # For a condition behind a statement, `statement` does the same.


#: Tokens that end an operand of `&&` and `||`.
_ENDS_OPERAND: Final = frozenset(
    {"&&", "||", "//", "(", "[", "{", ")", "]", "}", ";", ",", "=", "=>", "?", ":", "return"}
    | {"if", "unless", "while", "for", "and", "or"}
)


def _logic(code: _Code) -> Iterator[_Change]:
    """And is or, or is and; not is gone; one side decides nothing."""
    yield from _other("logic")(code)
    for index, token in enumerate(code.tokens):
        if token.kind != "operator":
            continue
        if token.text == "!":
            yield "not", token.start, token.end, "!!"
        if token.text not in ("&&", "||"):
            continue
        free = {"&&": "1 ||", "||": "0 &&"}[token.text]
        first = index
        while first and code.text(first - 1) not in _ENDS_OPERAND - {")", "]", "}"}:
            first -= 1
            if code.is_operator(first, ")", "]", "}"):
                first = code.pairs[first]
        behind = code.end_of(index + 1, *_ENDS_OPERAND - {"(", "[", "{"})
        for variant, left, right in (
            ("without-left", first, index),
            ("without-right", index + 1, behind),
        ):
            if left < right:
                start, end = code.range(left, right)
                yield variant, start, end, f"({free} ({code.slice(left, right)}))"


def _deletions(code: _Code) -> Iterator[_Change]:
    """A statement is deleted."""
    for first, behind in code.statements:
        if code.text(first) in ("my", "our") or code.slice(first, behind) == "return":
            continue
        start, end = code.range(first, behind)
        yield "", start, end, ""


def _values(code: _Code) -> Iterator[_Change]:
    """A value is not returned."""
    for index, token in enumerate(code.tokens):
        if token.kind != "word" or token.text != "return" or code.is_operator(index + 1, "=>"):
            continue
        behind = code.end_of(index + 1, ";", "if", "unless", "for", "while")
        if behind > index + 1:
            start, end = code.range(index + 1, behind)
            yield "", start, end, "undef"


_LEFT: Final = frozenset(
    {"(", "[", "{", ";", ",", "=", "=>", ".=", "+=", "|=", "^=", "//", "?", ":", "return", "push"}
)


def _choices(code: _Code) -> Iterator[_Change]:
    """A condition with `?` always chooses the first, or always the second."""
    for index, token in enumerate(code.tokens):
        if token.kind != "operator" or token.text != "?":
            continue
        first = index
        while first > 0 and code.text(first - 1) not in _LEFT:
            first -= 1
            if code.is_operator(first, ")", "]", "}"):
                first = code.pairs[first]
        start, end = code.range(first, index)
        yield "first", start, end, "1"
        yield "second", start, end, "0"


def _members(code: _Code) -> Iterator[_Change]:
    """A key of a hash is not set."""
    for index, token in enumerate(code.tokens):
        if token.kind != "word" or not code.is_operator(index + 1, "=>"):
            continue
        if not code.is_in_sub(index):
            continue
        behind = code.end_of(index, ",")
        if code.slice(index + 2, behind) in ("0", "''", "undef", "[]"):
            continue  # A missing key is as good.
        behind += code.is_operator(behind, ",")
        start, end = code.range(index, behind)
        yield "", start, end, ""


def _bounds(code: _Code) -> Iterator[_Change]:
    """A start or a length of `substr` is one more, or one less."""
    for index, token in enumerate(code.tokens):
        if token.kind != "word" or token.text != "substr":
            continue
        first = index + 2 if code.is_operator(index + 1, "(") else index + 1
        for place in range(3):
            behind = code.end_of(first, ",", ";", "if", "unless", "for", "while", "eq", "ne")
            if place and code.tokens[behind - 1].kind != "number":
                _, end = code.range(first, behind)
                yield f"{place}-more", end, end, " + 1"
                yield f"{place}-less", end, end, " - 1"
            if not code.is_operator(behind, ","):
                break
            first = behind + 1


def _strings(code: _Code) -> Iterator[_Change]:
    """A string is empty."""
    for index, token in enumerate(code.tokens):
        if token.kind == "string" and not code.is_quoted(index) and len(token.text) > 2:
            yield "", token.start, token.end, "''"


_CLASS: Final = re.compile(r"\[\^?((?:\\x\{\w+\}|\\x\w\w|\\.|[^\]\\])+)\]")
_ATOM: Final = r"(?:\\x\{\w+\}|\\x\w\w|\\.|[^\]\\])"
_MEMBER: Final = re.compile(f"{_ATOM}-{_ATOM}|{_ATOM}")


def _classes(code: _Code) -> Iterator[_Change]:
    """A class of characters in a pattern lacks a member."""
    for token in code.tokens:
        if token.kind != "pattern":
            continue
        for match in _CLASS.finditer(token.text):
            members = list(_MEMBER.finditer(match.group(1)))
            for member in members if len(members) > 1 else ():
                start = token.start + match.start(1) + member.start()
                yield member.group(), start, start + len(member.group()), ""


def _words(code: _Code) -> Iterator[_Change]:
    """A list of words lacks one."""
    for index, token in enumerate(code.tokens):
        if token.kind != "words" or code.is_quoted(index):
            continue
        for match in re.finditer(r"[\w$@]+", token.text[3:]):
            start = token.start + 3 + match.start()
            yield match.group(), start, start + len(match.group()), ""


#: The rules by name, in the order in which they are listed.
RULES: Final[dict[str, Callable[[_Code], Iterator[_Change]]]] = {
    "number": _numbers,
    "mask": _masks,
    "comparison": _other("comparison"),
    "logic": _logic,
    "condition": _conditions,
    "choice": _choices,
    "statement": _deletions,
    "return": _values,
    "member": _members,
    "bound": _bounds,
    "arithmetic": _other("arithmetic"),
    "bits": _other("bits"),
    "state": _other("state"),
    "string": _strings,
    "class": _classes,
    "word": _words,
}
