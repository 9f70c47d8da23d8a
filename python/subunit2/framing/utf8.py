"""Signatures inside characters of UTF-8 text.

0xB3 is the last octet of ó and ³, and part of many other characters. A 0xB3 that continues
a well-formed character, with text around it, never begins a packet (`stream.character`);
any other is a candidate.

Strategy: a `TextState` is fed every octet of passthrough, and holds the only facts that are
needed later: the octets of an unfinished character at the end of the line so far, or that
the line is not text. Python's incremental UTF-8 decoder does the work: except for
surrogates, it refuses an octet as soon as no character can continue with it.
"""

from __future__ import annotations

import re
from codecs import utf_8_decode
from typing import Final, Literal

from subunit2.packets.header import SIGNATURE

__all__ = ["CONTROL", "LOOKAHEAD", "TextState"]

#: Octets from a 0xB3 on that have to be text. No packet is shorter.
LOOKAHEAD: Final = 8

#: Matches an octet that text does not have: the controls except tab, line feed, carriage
#: return and escape, which terminals interpret.
CONTROL: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")


def _cut_character(octets: bytes) -> bytes | None:
    """Return the octets of the unfinished character at the end of `octets`.

    None if `octets` are not UTF-8 and cannot become it.
    """
    try:
        consumed = utf_8_decode(octets, "strict", False)[1]
    except UnicodeDecodeError:
        return None
    cut = octets[consumed:]
    # Python accepts the first two octets of a surrogate as an unfinished character, for the
    # sake of an error handler. RFC 3629 has no such character.
    return None if len(cut) > 1 and cut[0] == 0xED and cut[1] > 0x9F else cut


def _text_before_signature(octets: bytes) -> bytes | None:
    """Return the characters before the first 0xB3 that stands between two characters.

    None if there is none, or if the octets before it are not UTF-8.
    """
    try:
        utf_8_decode(octets, "strict", False)
    except UnicodeDecodeError as error:
        # The octet at which a malformed character starts. No other character continues with it.
        if octets[error.start] == SIGNATURE:
            return octets[: error.start]
    return None


class TextState:
    """The state of the current line of passthrough.

    Holds up to three octets. Packets are not fed to it: a character that a packet cuts in
    two continues behind the packet (`stream.text-across-packets`).
    """

    __slots__ = ("_character",)

    def __init__(self) -> None:
        # The octets of an unfinished character; None: the line is not text.
        self._character: bytes | None = b""

    @property
    def is_in_character(self) -> bool:
        """True if passthrough ended in the middle of a character of text."""
        return bool(self._character)

    @property
    def is_text(self) -> bool:
        """True if the line of passthrough was text so far."""
        return self._character is not None

    def feed(self, passthrough: bytes) -> None:
        """Update the state with passthrough, in the order of the stream."""
        line_start = passthrough.rfind(b"\n") + 1
        if line_start:
            self._character = b""
        if self._character is not None:
            self._character = _cut_character(self._character + passthrough[line_start:])

    def end_text(self) -> None:
        """End the text until the next line feed, as a corrupt region does."""
        self._character = None

    def continues(self, ahead: bytes, *, at_end: bool) -> bool | Literal["unknown"]:
        """Return whether the 0xB3 at the start of `ahead` is plainly inside a character.

        Looks no further than a 0xB3 that stands between two characters: that may begin a packet.

        :param ahead: up to `LOOKAHEAD` octets from the 0xB3 on.
        :param at_end: whether the stream ends behind `ahead`.
        :returns: "unknown" if octets that have not arrived could decide.
        """
        if not self._character or _cut_character(self._character + ahead[:1]) is None:
            return False
        line, line_feed, _ = ahead.partition(b"\n")
        text = _text_before_signature(self._character + line)
        if text is not None:
            line = text[len(self._character) :]
        elif _cut_character(self._character + line) is None:
            return False
        if CONTROL.search(line):
            return False
        if text is not None or line_feed or at_end or len(ahead) >= LOOKAHEAD:
            return True
        return "unknown"
