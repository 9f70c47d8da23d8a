"""Generate packets and streams from the grammar, to test readers.

Strategy: `strategies` draws packets from the production `packet`. The checksum, which the
grammar leaves to the clauses, is computed. Streams consist of packets, text between them,
and damage: text full of 0xB3, flipped bits, packets that tear one another, and headers
that claim octets that never arrive.

All examples shrink: towards fewer parts, absent fields, shorter numbers, letters.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from subunit2.grammar.notation import Grammar, load
from subunit2.grammar.strategies import FAULTS, Instead, octets_of

__all__ = [
    "arbitrary_octets",
    "clean_streams",
    "damaged_packets",
    "malformed_packets",
    "packets",
    "streams",
    "text_like_packets",
    "texts",
]


def _any_of(*strategies: SearchStrategy[bytes]) -> SearchStrategy[bytes]:
    """Draw each strategy equally often; `one_of` would flatten nested choices."""
    return st.sampled_from(strategies).flatmap(lambda strategy: strategy)


def _checksum(before: bytes) -> SearchStrategy[bytes]:
    # clause checksum.crc32
    return st.just(crc32(before).to_bytes(4, "big"))


def packets(grammar: Grammar | None = None) -> SearchStrategy[bytes]:
    """Draw well-formed packets, with numbers in all their forms."""
    return octets_of(grammar or load(), "packet", instead={"crc32": _checksum})


def malformed_packets(grammar: Grammar | None = None) -> SearchStrategy[bytes]:
    """Draw intact packets (`packet.intact`) that are malformed, often in two ways.

    Their checksum is correct, and a few are well-formed by chance. The header is usable, or
    the length has no room for the fields.
    """
    grammar = grammar or load()
    stray = st.sampled_from([b"\0", b"\xb3", b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80"])
    character = octets_of(grammar, "character") | stray
    correct: Instead = {"crc32": _checksum}
    incorrect: Instead = {"crc32": _checksum, "character": lambda _: character}
    faults = [{one, other} for one in sorted(FAULTS) for other in sorted(FAULTS) if one <= other]
    return _any_of(
        octets_of(grammar, "packet", instead=incorrect),
        *(octets_of(grammar, "packet", instead=correct, faults=each) for each in faults),
        *(
            octets_of(grammar, "packet", instead=incorrect, faults={each})
            for each in sorted(FAULTS)
        ),
    )


_DAMAGES: Final = (
    *("flip", "header", "header, with a correct checksum"),
    *("cut", "tail", "burst", "length", "splice", "tear"),
)


#: Bits of the version, the reserved one, and those of the length's width.
_HEADER_BITS: Final = ((1, 0x10), (1, 0x20), (2, 0x08), (3, 0x40), (3, 0x80), (3, 0xC0))


def _flip(octets: bytes, index: int, mask: int) -> bytes:
    return octets[:index] + bytes([octets[index] ^ mask]) + octets[index + 1 :]


@st.composite
def damaged_packets(draw: DrawFn, grammar: Grammar | None = None) -> bytes:
    """Draw packets with flipped bits, changed octets, or a missing end.

    One packet, or two if one is torn by the other.
    """
    octets = draw(packets(grammar))
    index = draw(st.integers(0, len(octets) - 1))
    match draw(st.sampled_from(_DAMAGES)):
        case "flip":
            return _flip(octets, index, 1 << draw(st.integers(0, 7)))
        case "header":
            return _flip(octets, *draw(st.sampled_from(_HEADER_BITS)))
        case "header, with a correct checksum":
            octets = _flip(octets, *draw(st.sampled_from(_HEADER_BITS)))[:-4]
            return octets + crc32(octets).to_bytes(4, "big")
        case "cut":
            return octets[:index]
        case "tail":
            return octets[index:]
        case "burst":
            burst = draw(st.binary(min_size=1, max_size=8))
            return octets[:index] + burst + octets[index + len(burst) :]
        case "length":
            first = draw(st.integers(0, 0xFF))
            return octets[:3] + bytes([first]) + octets[4:]
        case "splice":
            return octets[:index] + draw(packets(grammar)) + octets[index:]
    other = draw(packets(grammar))
    other_index = draw(st.integers(0, len(other)))
    return octets[:index] + other[:other_index] + octets[index:] + other[other_index:]


#: Octets found between packets in real streams, and difficult ones.
_FRAGMENTS: Final = [
    *(b"\n", b"\r\n", b"ok\n", b"(Pdb) ", b"\x1b[32mok\x1b[0m", b"starting server", b"\t"),
    *(text.encode() for text in ("adiós", "10 m³", "г", "γ", "погода\n", "\ufeff", "ೳ", "𐎳")),
    # Incomplete characters, Latin-1, and controls.
    *(b"\xc3", b"\xd0", b"\xe2\x82", b"\xf0\x9f\x98", b"caf\xe9 ", b"\xb3", b"\xb3\xb3\xb3"),
    *(b"\x00", b"\x07", b"\x7f", b"\xff\xfe", b"\xed\xa0\xb3", b"\xc0\xb3", b"\xb3\n"),
]


@st.composite
def text_like_packets(draw: DrawFn) -> bytes:
    """Draw half a character and a packet whose first octets could be text.

    The eight octets from the signature on decide (`stream.character`).
    """
    half = draw(st.sampled_from([b"", b"\xc3", b"\xd0", b"\xe0", b"\xe2\x82"]))
    before = draw(st.sampled_from([b"", b"\n", b"\xb3", b"x", b"\xff"]))
    # Test id, MIME type and status; the sizes and the length are letters too.
    test_id = draw(st.lists(st.sampled_from(b"ab\t\n\r\x1b\x01\x7f\xc3"), max_size=4))
    packet = b"\xb3\x29\x21\x40\x4a\x20" + bytes(test_id).ljust(32, b"x") + b"\x20" + b"y" * 32
    return before + half + packet + crc32(packet).to_bytes(4, "big")


def texts(grammar: Grammar | None = None) -> SearchStrategy[bytes]:
    """Draw well-formed text for passthrough, with 0xB3 in it."""
    whole = [octets for octets in _FRAGMENTS if _is_utf8(octets)]
    return _any_of(st.sampled_from(whole), octets_of(grammar or load(), "text"))


def _is_utf8(octets: bytes) -> bool:
    return octets.decode("utf-8", "ignore").encode() == octets


def arbitrary_octets() -> SearchStrategy[bytes]:
    """Draw arbitrary octets, with more signatures than by chance."""
    few = st.sampled_from([b"\xb3", b"\xb3\x20\x00\x08", b"\n", b"\xc3"])
    return st.lists(st.binary(max_size=12) | few, max_size=12).map(b"".join)


def clean_streams(grammar: Grammar | None = None) -> SearchStrategy[bytes]:
    """Draw well-formed packets and text in any order, without damage."""
    return st.lists(_any_of(packets(grammar), texts(grammar)), max_size=6).map(b"".join)


def streams(grammar: Grammar | None = None) -> SearchStrategy[bytes]:
    """Draw packets, passthrough and damage in any order, and damage to all of it."""
    grammar = grammar or load()
    header = st.tuples(*(octets_of(grammar, name) for name in ("signature", "flags", "length")))
    part = _any_of(
        packets(grammar),
        texts(grammar),
        st.sampled_from(_FRAGMENTS),
        damaged_packets(grammar),
        malformed_packets(grammar),
        text_like_packets(),
        header.map(b"".join),
        st.binary(max_size=8),
    )
    return st.lists(part, max_size=8).map(b"".join)
