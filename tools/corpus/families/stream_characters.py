"""Characters with the octet of a signature, and octets that look like one.

Strategy: a character is followed by text on one line, and directly by a packet on another.
Possible text is tested with a packet whose first eight octets could be text.
"""

from __future__ import annotations

from collections.abc import Iterator

from corpus.assemble import exists, written
from corpus.source import Source, runs

__all__ = ["family"]

_FOO = exists("foo")

#: Its first eight octets are `b3 "* '" "abcd"`.
_TEXT_LIKE = written(
    {
        "timestamp": {"seconds": int.from_bytes(b"abcd", "big"), "nanoseconds": 0},
        "test_id": "m",
        "mime_type": "text/plain;charset=utf8",
        "runnable": False,
    }
)


def family() -> Iterator[Source]:
    """Yield cases of characters, of half characters, and of control characters."""
    for lead in range(0xC2, 0xE0):
        yield _character(bytes([lead, 0xB3]).decode())
    for octets in (
        "e0b3a0", "e1b390", "e2b3bf", "e3b380", "ebb3b3", "efb3b3", "e0a4b3", "e182b3", "e282b3",
        "e4b8b3", "ed95b3", "ed9eb3", "eebfb3", "efbeb3", "f090b380", "f0908eb3", "f09f98b3",
        "f0b3b3b3", "f1b39f80", "f3b3b3b3", "f48fb3b3",
    ):  # fmt: skip
        yield _character(bytes.fromhex(octets).decode())
    yield from _halves()
    yield from _controls()


def _character(character: str) -> Source:
    octets = character.encode()
    stream = octets + b" and text\n" + _FOO + b"x" + octets + _FOO + octets
    return Source(
        id=f"stream/character/u-{ord(character):04x}",
        title=f"The character U+{ord(character):04X}, {octets.hex(' ').upper()}, before text,"
        " before a packet and at the end",
        clauses=("stream.character", "stream.try-everywhere"),
        flags=("family",),
        octets=runs(stream),
    )


#: The octets before a B3, and why it continues a character or does not.
_HALVES = {
    "c3": ("is text: it goes on with a character of two octets", True),
    "d0": ("is text: it goes on with a character of two octets", True),
    "e282": ("is text: it ends a character of three octets", True),
    "f09f98": ("is text: it ends a character of four octets", True),
    "c3b3d0": ("is text: it goes on with the second of two characters", True),
    "e0": ("is read: it goes on with a character of three octets, and no third comes", False),
    "f090": ("is read: it goes on with a character of four octets, and no fourth comes", False),
    "c0": ("is read: no character begins with C0", False),
    "c1": ("is read: no character begins with C1", False),
    "e080": ("is read: E0 80 would be an overlong form", False),
    "ed": ("is read: ED B3 would be a surrogate", False),
    "eda0": ("is read: ED A0 would be a surrogate", False),
    "f08f98": ("is read: F0 8F would be an overlong form", False),
    "f4": ("is read: F4 B3 would be above U+10FFFF", False),
    "f498b3": ("is read: F4 98 would be above U+10FFFF", False),
    "f598b3": ("is read: no character begins with F5", False),
    "ff": ("is read: FF stands in no text", False),
    "80": ("is read: 80 begins no character", False),
    "c3a9": ("is read: the character before it is complete", False),
    "c3b3": ("is read: the character before it is complete", False),
    "ffc3": ("is read: the line is no text behind FF", False),
    "ff0ac3": ("is text: the line behind that with FF is text again", True),
}


def _halves() -> Iterator[Source]:
    for before, (why, is_text) in _HALVES.items():
        stream = bytes.fromhex(before) + _TEXT_LIKE
        yield Source(
            id=f"stream/half-character/{before}",
            title=f"Behind {bytes.fromhex(before).hex(' ').upper()} a packet whose first octets"
            f" could be text {why}",
            clauses=("stream.character" if is_text else "stream.try-everywhere", "stream.text"),
            flags=("family",),
            octets=runs(stream),
        )


def _controls() -> Iterator[Source]:
    for control in (*range(0x20), 0x7F):
        seconds = bytes([0x61, control, 0x63, 0x64])
        packet = written(
            {
                "timestamp": {"seconds": int.from_bytes(seconds, "big"), "nanoseconds": 0},
                "test_id": "m",
                "mime_type": "text/plain;charset=utf8",
                "runnable": False,
            }
        )
        if control in b"\t\r\x1b":
            why = "can stand in text: the packet that goes on with a character is text"
        elif control == 0x0A:
            why = "ends what is looked at: the packet that goes on with a character is text"
        else:
            why = "stands in no text: the packet right behind half a character is read"
        yield Source(
            id=f"stream/control-character/{control:02x}",
            title=f"{control:02X} among the eight octets from B3 on {why}",
            clauses=("stream.character",),
            flags=("family",),
            octets=runs(b"caf\xc3" + packet),
        )
