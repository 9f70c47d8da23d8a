r"""Annotated octets: the notation of `bytes` in a case, to be read by people.

Strategy: one regular expression matches every kind of token; a text that it does not match
is reported with its line. Repetition is kept as such (`Runs`), so that a megabyte takes a
line.

    b3 2901 0c          hex digits in pairs, in any groups
    "foo\n"             text, as UTF-8; \n \r \t \\ \" and \x41, an octet
    (61 "b") * 16384    repetition
    # to the end of its line, a comment
"""

from __future__ import annotations

import re
from typing import Final

from corpus.source import Runs

__all__ = ["NotationError", "parse", "quoted"]

_TOKENS: Final = re.compile(
    r"""
      (?P<space> \s+ | \# [^\n]* )
    | (?P<hex> [0-9A-Fa-f]+ )
    | (?P<text> " (?: [^"\\\n] | \\. )* " )
    | (?P<open> \( )
    | (?P<close> \) [^\S\n]* \* [^\S\n]* (?P<times> [0-9][0-9_]* ) )
    """,
    re.VERBOSE,
)
_ESCAPES: Final = re.compile(r"\\(?:x(?P<hex>[0-9A-Fa-f]{2})|(?P<letter>.))")
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", '"': '"'}


class NotationError(ValueError):
    """The text is not valid notation; the message is one line with line number and reason."""


def parse(text: str) -> Runs:
    r"""Parse the octets of a text in this notation.

    :raises NotationError: naming the line, counted from 1.

    >>> parse('b3 "fo\x6f"  # a comment')
    [(b'\xb3foo', 1)]
    >>> parse("00 (61 62) * 3 63")
    [(b'\x00', 1), (b'ab', 3), (b'c', 1)]
    """
    found: Runs = []
    single = bytearray()
    group: bytearray | None = None
    opened = at = 0
    while at < len(text):
        line = text.count("\n", 0, at) + 1
        token = _TOKENS.match(text, at)
        if token is None:
            raise NotationError(f"line {line}: {_complaint(text, at)}")
        at = token.end()
        target = single if group is None else group
        if token["hex"]:
            if len(token["hex"]) % 2:
                raise NotationError(f"line {line}: {token['hex']} is not hex digits in pairs")
            target += bytes.fromhex(token["hex"])
        elif token["text"]:
            target += _unescape(token["text"][1:-1], line)
        elif token["open"]:
            if group is not None:
                raise NotationError(f"line {line}: a repetition inside the one of line {opened}")
            group, opened = bytearray(), line
        elif token["close"]:
            if group is None:
                raise NotationError(f"line {line}: ) without its (")
            _close(found, single, bytes(group), int(token["times"].replace("_", "")), line)
            single, group = bytearray(), None
    if group is not None:
        raise NotationError(f"line {opened}: ( without its ) * and a number")
    if single:
        found.append((bytes(single), 1))
    return found


def _close(found: Runs, before: bytearray, group: bytes, times: int, line: int) -> None:
    if not group or not times:
        raise NotationError(f"line {line}: a repetition of nothing")
    if before:
        found.append((bytes(before), 1))
    found.append((group, times))


def _complaint(text: str, at: int) -> str:
    if text[at] == '"':
        return 'text without the " that ends it'
    if text[at] == ")":
        return ") without * and a number behind it"
    return f"{text[at]!r} is neither hex, text in double quotes nor a repetition"


def _unescape(text: str, line: int) -> bytes:
    octets = bytearray()
    at = 0
    for escape in _ESCAPES.finditer(text):
        octets += text[at : escape.start()].encode()
        at = escape.end()
        if escape["hex"]:
            octets.append(int(escape["hex"], 16))
        elif escape["letter"] in _LETTERS:
            octets += _LETTERS[escape["letter"]].encode()
        else:
            raise NotationError(
                f'line {line}: \\{escape["letter"]} is none of \\n \\r \\t \\\\ \\" \\x41'
            )
    return bytes(octets + text[at:].encode())


def quoted(octets: bytes) -> str | None:
    r"""Return octets as quoted text; None where they are not plain text.

    >>> quoted(b"foo\n"), quoted(b"\xff")
    ('"foo\\n"', None)
    """
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return None
    escapes = {character: f"\\{letter}" for letter, character in _LETTERS.items()}
    shown = "".join(escapes.get(character, character) for character in text)
    return f'"{shown}"' if shown.isprintable() else None
