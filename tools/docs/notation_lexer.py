"""A Pygments lexer for the notation of `grammar.ebnf`.

Strategy: Pygments has a lexer for the EBNF of ISO 14977, but none for that of the XML
specification. This one covers the latter with this grammar's additions.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

__all__ = ["NotationLexer"]


class NotationLexer(RegexLexer):
    """Divides `grammar.ebnf` into tokens."""

    name = "W3C EBNF over octets"
    aliases: ClassVar[list[str]] = ["w3c-ebnf"]
    filenames: ClassVar[list[str]] = []
    tokens: ClassVar[dict[str, list[tuple[str, object]]]] = {
        "root": [
            (r"/\*(?:.|\n)*?\*/", Comment.Multiline),
            (r"'[^'\n]*'", String),
            (r"\[[^\]\n]*\]|#x[0-9A-F]{2}", Number.Hex),
            (r"<[01](?:[^>]|\n)*>", Keyword.Constant),
            (r"\{[^}\n]*\}", Keyword),
            (r"::=|<=[0-9]+|[-|?*+]", Operator),
            (r"[a-zA-Z_][a-zA-Z0-9_]*:(?!:)|=[a-z]\w*", Name.Variable),
            (r"^[a-zA-Z_][a-zA-Z0-9_]*", Name.Function),
            (r"[a-zA-Z_][a-zA-Z0-9_]*", Name),
            (r"[()]", Punctuation),
            (r"\s+", Text),
        ]
    }
