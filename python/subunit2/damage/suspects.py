"""Passthrough that may be a damaged packet.

Strategy: a packet behind output without a newline can lose its form when it is damaged, or
be cut short by a kill. Then it is passthrough, and only its first octets may show what it
was (`damage.suspect`). An expression finds each signature with a version of 2 behind it. For
those alone it is asked whether they are inside a character of text, as the reader does.

Most output has none, and costs one search and the update of the text.

Behind a multiplexer, the passthrough of an input is the content of a file (`wrap.output`).
The contents of its packets are searched, joined, as the passthrough was. The packets under
the input's route are those that stood between its octets. Only the files `stdout` and
`stderr` without a test are searched: any other may be binary data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import copy
from typing import Final, NamedTuple, TypeAlias

from subunit2.damage.output import is_intact, octets_of
from subunit2.framing.utf8 import CONTROL, LOOKAHEAD, TextState
from subunit2.items import Item, Packet, Passthrough
from subunit2.packets.header import CHECKSUM_SIZE
from subunit2.packets.numbers import number_width

__all__ = ["OUTPUT_FILES", "SuspectFinder", "WrappedSuspectFinder"]

#: The names of files of printed output (`file.well-known`).
OUTPUT_FILES: Final = ("stdout", "stderr")

#: The most files of wrapped output that wait for octets. In any but hostile streams, few do.
_MOST_WAITING: Final = 64

#: A signature with a version of 2 behind it, or at the end of the octets.
_CANDIDATE: Final = re.compile(rb"\xb3(?=[\x20-\x2f]|\Z)")


#: A file without a test: its route code and its name.
_File: TypeAlias = tuple[str | None, str | None]


class _Waiting(NamedTuple):
    """A candidate of which octets are missing."""

    offset: int
    text: TextState
    ahead: bytearray


class SuspectFinder:
    r"""Finds passthrough that may be a damaged packet (`damage.suspect`).

    It has to be fed with all items of one stream, as the reader returned them.

    Holds the candidates among the last seven octets.

    >>> finder = SuspectFinder()
    >>> finder.feed([Passthrough(b"." + bytes.fromhex("b32901fc03666f6f08555f1b"))])
    [1]
    """

    __slots__ = ("_text", "_waiting")

    def __init__(self) -> None:
        self._text = TextState()
        self._waiting: list[_Waiting] = []

    @property
    def is_waiting(self) -> bool:
        """True if octets that have not arrived decide about a candidate."""
        return bool(self._waiting)

    @property
    def is_idle(self) -> bool:
        """True if it holds nothing, as at the start of a stream."""
        text = self._text
        return not self._waiting and text.is_text and not text.is_in_character

    def feed(self, items: Iterable[Item]) -> list[int]:
        """Return the offsets of the candidates that turn out to be suspects."""
        found: list[int] = []
        for item in items:
            if isinstance(item, Passthrough):
                if self._waiting:
                    self._extend(item.data, found)
                self._search(item.data, item.offset, found)
                continue
            if is_intact(item):
                if self._waiting:
                    found += self.stop_waiting(octets_of(item)[:LOOKAHEAD])
                continue
            if self._waiting:
                self._extend(octets_of(item), found)
            # clause stream.text
            self._text.end_text()
        return found

    def stop_waiting(self, packet: bytes = b"") -> list[int]:
        """Return the suspects among the last octets, as if the stream had ended there.

        :param packet: the first octets of the intact packet that follows instead.
        """
        found = [each.offset for each in self._waiting if _is_suspect(each, packet)]
        self._waiting.clear()
        return found

    def close(self) -> list[int]:
        """End the stream, and return the suspects among its last octets."""
        return self.stop_waiting()

    def _extend(self, octets: bytes, found: list[int]) -> None:
        """Add octets to the candidates that wait for them."""
        waiting = []
        for each in self._waiting:
            each.ahead.extend(octets[: LOOKAHEAD - len(each.ahead)])
            decided = _is_suspect(each)
            if decided is None:
                waiting.append(each)
            elif decided:
                found.append(each.offset)
        self._waiting = waiting

    def _search(self, data: bytes, offset: int, found: list[int]) -> None:
        noted = 0
        index = data.find(b"\xb3")
        if index >= 0:
            for match in _CANDIDATE.finditer(data, index):
                index = match.start()
                ahead = data[index : index + LOOKAHEAD]
                if len(ahead) == LOOKAHEAD and not CONTROL.search(ahead):
                    continue
                self._text.feed(data[noted:index])
                noted = index
                each = _Waiting(offset + index, self._text, bytearray(ahead))
                decided = _is_suspect(each)
                if decided is None:
                    self._waiting.append(each._replace(text=copy(self._text)))
                elif decided:
                    found.append(each.offset)
        self._text.feed(data[noted:] if noted else data)


class WrappedSuspectFinder:
    r"""Finds suspects in wrapped output: the files stdout and stderr without a test.

    It has to be fed with the packets of one stream, as the reader returned them. A packet of
    a test can be left out if nothing waits.

    Holds a `SuspectFinder` for each file that ends in a character of text, or behind octets
    that are not text. Of the candidates that wait, those of 64 files are held.

    >>> from subunit2 import decode, encode
    >>> finder = WrappedSuspectFinder()
    >>> octets = b"." + bytes.fromhex("b32901fc03666f6f08555f1b")
    >>> [packet] = decode(encode(Packet(file_name="stdout", file_bytes=octets)))
    >>> finder.feed(packet)
    [13]
    """

    __slots__ = ("_finders", "_waiting")

    def __init__(self) -> None:
        self._finders: dict[_File, SuspectFinder] = {}
        # The files whose finders wait, with the beginning of the routes below theirs.
        self._waiting: dict[_File, str] = {}

    @property
    def is_waiting(self) -> bool:
        """True if octets that have not arrived decide about a candidate."""
        return bool(self._waiting)

    def feed(self, packet: Packet) -> list[int]:
        """Return the offsets in the stream of the candidates that turn out to be suspects."""
        is_output = packet.test_id is None and packet.file_name in OUTPUT_FILES
        found = self._end_before(packet, is_output=is_output) if self._waiting else []
        if is_output:
            found += self._search(packet)
        return found

    def close(self) -> list[int]:
        """End the stream, and return the suspects among the last octets of its files."""
        found = [offset for finder in self._finders.values() for offset in finder.close()]
        self._finders.clear()
        self._waiting.clear()
        return found

    def _end_before(self, packet: Packet, *, is_output: bool) -> list[int]:
        """Return the suspects right in front of a packet of the input that was wrapped."""
        route = packet.route_code
        # Another file of output under the same route is another input.
        ended = [
            file
            for file, below in self._waiting.items()
            if (not is_output if file[0] == route else (route or "").startswith(below))
        ]
        if not ended:
            return []
        octets = octets_of(packet)[:LOOKAHEAD]
        return [offset for file in ended for offset in self._stop_waiting(file, octets)]

    def _search(self, packet: Packet) -> list[int]:
        """Return the suspects that the content of a packet of output makes certain."""
        content = packet.file_bytes or b""
        file = packet.route_code, packet.file_name
        finder = self._finders.get(file)
        if finder is None:
            # Most output: there is no candidate, and no character is left open.
            if content.isascii() or (content.endswith(b"\n") and b"\xb3" not in content):
                return []
            finder = self._finders[file] = SuspectFinder()
        found = finder.feed((Passthrough(content, _content_offset(packet, content)),))
        if packet.eof:
            found += finder.close()
        if finder.is_waiting:
            route = packet.route_code
            self._waiting[file] = "" if route is None else f"{route}/"
            if len(self._waiting) > _MOST_WAITING:
                found += self._stop_waiting(next(iter(self._waiting)), b"")
            return found
        self._waiting.pop(file, None)
        if packet.eof or finder.is_idle:
            del self._finders[file]
        return found

    def _stop_waiting(self, file: _File, packet: bytes) -> list[int]:
        del self._waiting[file]
        finder = self._finders[file]
        found = finder.stop_waiting(packet)
        if finder.is_idle:
            del self._finders[file]
        return found


def _content_offset(packet: Packet, content: bytes) -> int:
    """Return the offset in the stream of a packet's content, in front of its route code."""
    end = packet.length - CHECKSUM_SIZE
    if packet.route_code is not None:
        size = len(packet.route_code.encode())
        end -= number_width(size) + size
    if packet.raw is not None:
        # The number of the route code may be wider.
        return packet.offset + packet.raw.rfind(content, 0, end)
    return packet.offset + end - len(content)


def _is_suspect(candidate: _Waiting, packet: bytes | None = None) -> bool | None:
    """Return whether a candidate is a suspect; None: octets that are missing decide.

    :param packet: the first octets of an intact packet right behind it, empty at the end of
        the stream. None: other octets may follow.
    """
    ahead = bytes(candidate.ahead)
    is_last = packet is not None
    if len(ahead) < 2:
        return False if is_last else None
    # clause flags.version
    if not 0x20 <= ahead[1] <= 0x2F:
        return False
    is_cut = len(ahead) < LOOKAHEAD
    if not CONTROL.search(ahead):
        if not is_cut:
            return False
        if not is_last:
            return None
        if b"\n" in ahead:
            return False
    # clause stream.character: of the octets of the stream, whatever they belong to
    octets = (ahead + (packet or b""))[:LOOKAHEAD]
    in_character = candidate.text.continues(octets, at_end=is_last)
    return None if in_character == "unknown" else not in_character
