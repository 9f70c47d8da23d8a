"""A second reader, made of the grammar and the clauses, word for word.

Strategy: the whole stream in memory, one octet after the other, nothing clever:
each rule of `stream.*` and `recovery.*` is a line or two here, in the words of
its clause. Packets and characters are matched against the grammar. It shares
the items, and no other code, with the reader; the two have to agree on every
stream there is. Slow, and quadratic on hostile input.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zlib import crc32

from subunit2.grammar.matching import Mismatch, Part, match
from subunit2.grammar.notation import (
    Bits,
    Bound,
    Choice,
    Confined,
    Expression,
    Grammar,
    Name,
    Optional,
    Repeat,
    Sequence,
    Unless,
    load,
)
from subunit2.items import (
    TEST_STATUSES,
    Corrupt,
    ErrorCode,
    Item,
    Packet,
    Passthrough,
    Timestamp,
    replace,
)

__all__ = ["least_octets", "recognise"]


def recognise(stream: bytes, stops: Iterable[int] = ()) -> list[Item]:
    """Return the items of a whole stream, neighbouring passthrough joined.

    :param stops: the offsets at which the caller of a reader stops waiting.
    """
    return _Recogniser(load(), stream).items(stops)


def least_octets(grammar: Grammar, expression: Expression, flags: dict[str, bool]) -> int:
    """Return the fewest octets that an expression can match, with these flags."""
    match expression:
        case Name(name):
            return least_octets(grammar, grammar[name], flags)
        case Sequence(parts):
            return sum(least_octets(grammar, part, flags) for part in parts)
        case Choice(alternatives):
            return min(least_octets(grammar, each, flags) for each in alternatives)
        case Repeat(inner, least):
            return least and least * least_octets(grammar, inner, flags)
        case Optional(inner, flag):
            return least_octets(grammar, inner, flags) if flags[flag] else 0
        case Confined(inner, less=less):
            # A size can be 0. Octets up to an index are those of the inner expression.
            return 0 if less is None else least_octets(grammar, inner, flags)
        case Bound(inner) | Unless(inner):
            return least_octets(grammar, inner, flags)
        case Bits(octets):
            return octets
    return 1


class _Header(NamedTuple):
    length: int


class _Recogniser:
    def __init__(self, grammar: Grammar, stream: bytes) -> None:
        self._grammar = grammar
        self._stream = stream
        self._index = 0
        # "A sync point is the start of the stream,
        self._sync_point = True
        self._claimed = 0
        # The octets of an incomplete character at the end of passthrough, while that is
        # text (stream.text); else None.
        self._character: bytes | None = b""

    def items(self, stops: Iterable[int]) -> list[Item]:
        items: list[Item] = []
        passed = 0
        for item in self._divide_up_to(stops):
            if isinstance(item, Passthrough):
                passed += item.length
                continue
            if passed:
                items.append(self._passthrough(item.offset - passed, item.offset))
                passed = 0
            items.append(item)
        if passed:
            items.append(self._passthrough(len(self._stream) - passed, len(self._stream)))
        return items

    def _passthrough(self, start: int, end: int) -> Passthrough:
        return Passthrough(self._stream[start:end], offset=start)

    def _divide_up_to(self, stops: Iterable[int]) -> Iterator[Item]:
        whole = self._stream
        for end in (*stops, len(whole)):
            # "settles the octets that it holds as at the end of the stream"
            self._stream = whole[:end]
            yield from self._divide()

    def _divide(self) -> Iterator[Item]:
        index = self._index
        while index < len(self._stream):
            # "tries every 0xB3 outside an intact packet, but for ..."
            candidate = self._stream[index] == 0xB3 and not self._is_plainly_in_character(index)
            header = self._header(index) if candidate else "version"
            if isinstance(header, _Header) and self._is_intact(index, header):
                item = self._packet(index, header.length, index < self._claimed)
                yield item
                index += item.length
                # the octet after an intact packet,
                self._sync_point = True
            elif candidate and (self._sync_point or self._has_form(index, header)):
                # "begins a corrupt region if it is at a sync point. It also does if it has
                # the form of a packet"
                error, end, claim = self._region(index, header)
                yield Corrupt(self._stream[index:end], error, offset=index)
                self._claimed = max(self._claimed, claim)
                # the octet after a corrupt region that ended where its header said,
                self._sync_point = end == claim
                # "A corrupt region ends that until the next 0x0A of passthrough"
                self._character = None
                index = end
            else:
                yield self._passthrough(index, index + 1)
                self._note_text(self._stream[index])
                # and the octet after 0x0A in passthrough."
                self._sync_point = self._stream[index] == 0x0A
                index += 1
        self._index = index

    def _header(self, index: int) -> _Header | ErrorCode:
        """Return the claims of the header at a 0xB3, or the error if it is unusable or cut."""
        try:
            flags = match(self._grammar, "flags", self._stream, index + 1)
        except Mismatch as mismatch:
            if mismatch.why == "end":
                return "truncated"
            return "version" if mismatch.index == index + 1 else "reserved_bit"
        try:
            length = match(self._grammar, "length", self._stream, flags.end)
        except Mismatch as mismatch:
            return "truncated" if mismatch.why == "end" else "length_encoding"
        width = length.end - length.start
        value = _number(self._stream[length.start : length.end])
        if value < 3 + width + 4:
            return "length_too_short"
        return _Header(value)

    def _is_intact(self, index: int, header: _Header) -> bool:
        packet = self._stream[index : index + header.length]
        # "its octets are all there, and its checksum holds"
        return len(packet) == header.length and packet[-4:] == crc32(packet[:-4]).to_bytes(4, "big")

    def _has_form(self, index: int, header: _Header | ErrorCode) -> bool:
        if not isinstance(header, _Header) or index + header.length > len(self._stream):
            return False
        claimed = self._stream[index : index + header.length]
        try:
            # "its fields end exactly where its checksum starts"
            return match(self._grammar, "form", claimed).end == header.length
        except Mismatch:
            return False

    def _region(self, index: int, header: _Header | ErrorCode) -> tuple[ErrorCode, int, int]:
        """Return the error of a corrupt region, its end, and the end of its claim."""
        if header == "truncated":
            return "truncated", len(self._stream), 0
        # "Where the header is unusable, the corrupt region is one octet"
        if not isinstance(header, _Header):
            return header, index + 1, 0
        claim = index + header.length
        error: ErrorCode = "truncated" if claim > len(self._stream) else "checksum"
        # "up to the first intact packet that starts inside the length claimed"
        for inner in range(index + 1, min(claim, len(self._stream))):
            if self._stream[inner] == 0xB3:
                other = self._header(inner)
                if isinstance(other, _Header) and self._is_intact(inner, other):
                    return error, inner, claim
        # "or to the end claimed, or to the end of the stream"
        return error, min(claim, len(self._stream)), claim

    def _note_text(self, octet: int) -> None:
        if octet == 0x0A:
            self._character = b""
        elif self._character is not None:
            self._character = self._rest("text_character", self._character + bytes([octet]))

    def _rest(self, production: str, octets: bytes, until: int | None = None) -> bytes | None:
        """Return the incomplete character at the end of `octets`, or no octets.

        None if the octets are not such characters.

        :param until: an octet that ends them where it stands between two characters.
        """
        index = 0
        while index < len(octets) and octets[index] != until:
            try:
                index = match(self._grammar, production, octets, index).end
            except Mismatch as mismatch:
                return octets[index:] if mismatch.why == "end" else None
        return b""

    def _is_plainly_in_character(self, index: int) -> bool:
        # "continues a well-formed character of text"
        if not self._character or self._rest("text_character", self._character + b"\xb3") is None:
            return False
        # "The eight end before a line feed, before a 0xB3 that stands between two characters,
        # and with the stream"
        ahead = self._stream[index : index + 8].split(b"\n")[0]
        octets = self._character + ahead
        # "could stand in text"
        return self._rest("plain_character", octets, until=0xB3) is not None

    def _packet(self, index: int, length: int, recovered: bool) -> Packet | Corrupt:
        octets = self._stream[index : index + length]
        try:
            tree = match(self._grammar, "packet", octets)
        except Mismatch as mismatch:
            return Corrupt(octets, self._name_error(octets, mismatch), offset=index)
        packet = _to_packet(tree, octets)
        raw = None if _is_shortest(tree, octets) else octets
        return replace(packet, recovered=recovered, raw=raw, offset=index, length=length)

    def _name_error(self, octets: bytes, mismatch: Mismatch) -> ErrorCode:
        path = {part.production: part for part in mismatch.parts}
        if mismatch.why == "limit":
            return "nanoseconds"
        if "character" in path:
            start, end = _text_span(path["string"])
            return "nul" if self._rest("text_character", octets[start:end]) == b"" else "utf8"
        if mismatch.why == "left":
            return "trailing_bytes"
        return "field_overrun"


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "big") & (1 << 8 * len(octets) - 2) - 1


def _text_span(string: Part) -> tuple[int, int]:
    start = string.parts[0].end
    return start, start + string.values["size"]


def _is_shortest(part: Part, octets: bytes) -> bool:
    if part.production in ("number", "length"):
        written = octets[part.start : part.end]
        # "no written packet is 64 or 16,384 octets long": a length counts itself.
        least = _number(written) - (part.production == "length")
        return len(written) == 1 or least >= 1 << 8 * (len(written) - 1) - 2
    return all(_is_shortest(inner, octets) for inner in part.parts)


def _to_packet(tree: Part, octets: bytes) -> Packet:
    def text(string: Part) -> str:
        start, end = _text_span(string)
        return octets[start:end].decode()

    def field(production: str) -> str | None:
        part = tree.find(production)
        return None if part is None else text(part.parts[0])

    flags = tree.find("flags")
    assert flags is not None
    status = flags.values["status"]
    packet = Packet(
        test_id=field("test_id"),
        test_status=TEST_STATUSES[status - 1] if status else None,
        runnable=bool(flags.values["runnable"]),
        mime_type=field("mime_type"),
        eof=bool(flags.values["eof"]),
        route_code=field("route_code"),
    )
    if tags := tree.find("tags"):
        packet = replace(packet, test_tags=tuple(map(text, tags.parts[1:])))
    if timestamp := tree.find("timestamp"):
        seconds, nanoseconds = (octets[part.start : part.end] for part in timestamp.parts)
        when = Timestamp(int.from_bytes(seconds, "big"), _number(nanoseconds))
        packet = replace(packet, timestamp=when)
    if file := tree.find("file"):
        name, _, content = file.parts
        data = octets[content.start : content.end]
        packet = replace(packet, file_name=text(name.parts[0]), file_bytes=data)
    return packet
