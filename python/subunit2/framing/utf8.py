"""Is this 0xB3 inside a character of text?

0xB3 is the last octet of ó and ³, and stands inside many other characters. A
0xB3 that continues a well-formed character, with text around it, is never
taken for a packet (`stream.character`); any other is tried.

Strategy: a `TextState` is fed every octet of passthrough and holds the one
thing that has to be known about them: the octets of the character that the
line ends in so far, or that the line is no text. Python's own incremental
UTF-8 decoder does the work; but for surrogates it refuses an octet as soon as
no character can go on with it.
"""

from __future__ import annotations

import re
from codecs import utf_8_decode
from typing import Final, Literal

__all__ = ["LOOKAHEAD", "TextState"]

#: How many octets from a 0xB3 on have to look like text. No packet is shorter.
LOOKAHEAD: Final = 8

# What could not stand in text: the controls but for tab, carriage return and
# escape, which terminals show. A line feed ends the octets looked at.
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")


def _cut_character(octets: bytes) -> bytes | None:
    """The octets of a character that `octets` end in the middle of.

    None where `octets` are not UTF-8, whatever may come behind them.
    """
    try:
        consumed = utf_8_decode(octets, "strict", False)[1]
    except UnicodeDecodeError:
        return None
    cut = octets[consumed:]
    # Python takes the first two octets of a surrogate for a character that is
    # cut, for the sake of an error handler. RFC 3629 has no such character.
    return None if len(cut) > 1 and cut[0] == 0xED and cut[1] > 0x9F else cut


class TextState:
    """What is known of the line of passthrough that a reader stands in.

    Holds up to three octets. Packets are not fed to it: a character that a
    packet cuts in two goes on behind it (`stream.text-across-packets`).
    """

    __slots__ = ("_character",)

    def __init__(self) -> None:
        # The octets of a character that is not complete; None: not text.
        self._character: bytes | None = b""

    @property
    def is_in_character(self) -> bool:
        """Whether passthrough ended in the middle of a character of text."""
        return bool(self._character)

    @property
    def is_text(self) -> bool:
        """Whether the line of passthrough was text so far."""
        return self._character is not None

    def feed(self, passthrough: bytes) -> None:
        """Take note of passthrough, in the order of the stream."""
        line_start = passthrough.rfind(b"\n") + 1
        if line_start:
            self._character = b""
        if self._character is not None:
            self._character = _cut_character(self._character + passthrough[line_start:])

    def end_text(self) -> None:
        """A corrupt region ends the text until the next line feed."""
        self._character = None

    def continues(self, ahead: bytes, *, at_end: bool) -> bool | Literal["unknown"]:
        """Whether the 0xB3 that `ahead` starts with is plainly inside a character.

        :param ahead: up to `LOOKAHEAD` octets from the 0xB3 on.
        :param at_end: whether the stream ends behind `ahead`.
        :returns: "unknown" where octets that have not arrived could decide.
        """
        if not self._character or _cut_character(self._character + ahead[:1]) is None:
            return False
        line, line_feed, _ = ahead.partition(b"\n")
        if _CONTROL.search(line) or _cut_character(self._character + line) is None:
            return False
        if line_feed or at_end or len(ahead) >= LOOKAHEAD:
            return True
        return "unknown"
