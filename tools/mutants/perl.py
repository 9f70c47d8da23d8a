"""The tokens of a Perl file, as far as the port in `ports/perl` needs them.

Strategy: one pass from left to right, which remembers only whether a term has just ended: that
tells a division from a pattern, and a remainder from a hash. There are no here-documents in the
port, and none are understood. The tokens, joined, are the source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["PerlError", "Token", "pairs_of", "tokens_of"]

_POD: Final = re.compile(r"=[a-z].*?(?:^=cut[^\n]*\n|\Z)", re.DOTALL | re.MULTILINE)
_SPACE: Final = re.compile(r"\s+")
_COMMENT: Final = re.compile(r"#[^\n]*")
_NUMBER: Final = re.compile(r"0x[0-9A-Fa-f_]+|[0-9][0-9_]*(?:\.[0-9]+)?")
_SCALAR: Final = re.compile(
    r"\$\#(?=[{$])|\$\#\w+|\$+(?:\w+(?:::\w+)*|(?=\{))|\$[@!/\\,;.&|]|@\$*(?:\w+(?:::\w+)*|(?=\{))"
)
_HASH: Final = re.compile(r"%\$*(?:\w+(?:::\w+)*|(?=\{))")
_WORD: Final = re.compile(r"[A-Za-z_]\w*(?:::\w+)*")
_STRING: Final = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_OPERATOR: Final = re.compile(
    r"<=>|\*\*=|\|\|=|&&=|//=|<<=|>>=|->|=>|==|!=|=~|!~|<=|>=|&&|\|\||//|\.\.|\+\+|--"
    r"|[-+*/.|&^x]=|<<|>>|[-+*/.|&^~<>=!?:,;()\[\]{}\\%]"
)
#: Words that open a quotation, and the number of its parts.
_QUOTES: Final = {"q": 1, "qq": 1, "qw": 1, "m": 1, "qr": 1, "s": 2, "tr": 2, "y": 2}
_CLOSES: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}


class PerlError(ValueError):
    """A source that this module does not understand."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token.

    :ivar kind: space, comment, pod, number, variable, word, string, words, pattern or operator.
    :ivar start: its index in the source.
    """

    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        """The index behind it."""
        return self.start + len(self.text)


def tokens_of(source: str) -> list[Token]:
    """Cut a source into tokens.

    :raises PerlError: at a character that begins no token.

    >>> [token.text for token in tokens_of("$a % 2 / %$b") if token.kind != "space"]
    ['$a', '%', '2', '/', '%$b']
    """
    tokens: list[Token] = []
    index = 0
    last: Token | None = None
    while index < len(source):
        kind, end = _token_at(source, index, last)
        token = Token(kind, source[index:end], index)
        tokens.append(token)
        if kind not in ("space", "comment", "pod"):
            last = token
        index = end
    return tokens


def _token_at(source: str, index: int, last: Token | None) -> tuple[str, int]:
    """Return the kind of the token at an index, and the index behind it."""
    behind_term = last is not None and _ends_term(last)
    is_line_start = index == 0 or source[index - 1] == "\n"
    candidates = [("space", _SPACE), ("comment", _COMMENT), ("variable", _SCALAR)]
    if is_line_start:
        candidates.insert(0, ("pod", _POD))
    if not behind_term:
        candidates.append(("variable", _HASH))
    candidates += [("number", _NUMBER), ("string", _STRING)]
    for kind, pattern in candidates:
        if match := pattern.match(source, index):
            return kind, match.end()
    if match := _WORD.match(source, index):
        word = match.group()
        is_name = last is not None and last.text in ("->", "sub")
        if word in _QUOTES and not is_name and _opens(source, match.end()):
            kind = {"qw": "words", "q": "string", "qq": "string"}.get(word, "pattern")
            return kind, _quoted(source, match.end(), _QUOTES[word])
        return "word", match.end()
    if source[index] == "/" and not behind_term:
        return "pattern", _quoted(source, index, 1)
    if match := _OPERATOR.match(source, index):
        return "operator", match.end()
    raise PerlError(f"no token at {source[index : index + 20]!r}")


def _ends_term(token: Token) -> bool:
    if token.kind == "operator":
        return token.text in (")", "]", "}")
    # A constant is a term; behind a function or a keyword, a term begins.
    return token.kind != "word" or token.text.isupper()


def _opens(source: str, index: int) -> bool:
    """Return whether the delimiter of a quotation is at an index."""
    found = source[index : index + 1]
    return bool(found) and not found.isspace() and not found.isalnum() and found not in "_,;)}=-"


def _quoted(source: str, index: int, parts: int) -> int:
    """Return the index behind a quotation, and behind the letters that follow a pattern."""
    opening = source[index]
    closing = _CLOSES.get(opening, opening)
    for part in range(parts):
        if part and closing != opening:
            index = source.index(opening, index)
        depth = 1
        index += 1 if not part or closing != opening else 0
        while depth:
            if index >= len(source):
                raise PerlError("a quotation without an end")
            if source[index] == "\\":
                index += 1
            elif source[index] == closing:
                depth -= 1
            elif source[index] == opening:
                depth += 1
            index += 1
    while index < len(source) and source[index].isalpha():
        index += 1
    return index


def pairs_of(tokens: list[Token]) -> dict[int, int]:
    """Return, for each bracket of a list of tokens, the index of the other one of its pair.

    :raises PerlError: if the brackets do not match.
    """
    pairs: dict[int, int] = {}
    open_ones: list[int] = []
    for index, token in enumerate(tokens):
        if token.kind != "operator":
            continue
        if token.text in "([{":
            open_ones.append(index)
        elif token.text in ")]}":
            if not open_ones or _CLOSES[tokens[open_ones[-1]].text] != token.text:
                raise PerlError(f"a bracket without the other at {token.start}")
            pairs[index] = open_ones[-1]
            pairs[open_ones.pop()] = index
    if open_ones:
        raise PerlError(f"a bracket without the other at {tokens[open_ones[-1]].start}")
    return pairs
