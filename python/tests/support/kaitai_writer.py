"""The writer that the Kaitai Struct compiler generates from the .ksy, held against packets.

Strategy: the fields of a packet become objects of the generated class. Each object is checked
by its `_check`, and `_write` writes the packet. The generated writer computes no sizes, no
length and no checksum, so they are computed here, without the library. Only the widths of
numbers are taken from a packet that was read: they may be longer than the number needs.

To print how many packets are equal, and the first one that is not:

    PYTHONPATH=python/tests .venv/bin/python -m support.kaitai_writer
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, Final, NamedTuple
from zlib import crc32

from kaitaistruct import KaitaiStream, KaitaiStructError

from subunit2 import (
    TEST_STATUSES,
    Packet,
    decode,
    encode,
    encode_attachment,
    item_from_dict,
    replace,
)
from subunit2.conformance.corpus import Case, Corpus, MultiplexerCase, ReaderCase, WriterCase
from support.kaitai_writer_generated import Subunit2

__all__ = [
    "Compared",
    "Written",
    "captured_packets",
    "compare",
    "load_cases",
    "packets_of_cases",
    "rewrite",
    "write",
    "written_packets",
]

CONFORMANCE: Final = Path(__file__).resolve().parents[3] / "conformance"


def write(packet: Packet, as_read: bytes | None = None, generated: Any = Subunit2) -> bytes:
    """Return the octets that a generated writer makes of the fields of a packet.

    :param as_read: the octets of the packet, for the widths of its numbers. Without them, all
        numbers are as short as possible.
    :param generated: the class that the compiler generates.
    :raises KaitaiStructError: if the generated writer refuses the fields.
    """
    return _Writing(generated, as_read).write(packet)


def rewrite(octets: bytes, generated: Any = Subunit2) -> bytes:
    """Return the octets that a generated class writes of a packet that it has read itself."""
    tree = generated(KaitaiStream(BytesIO(octets)))
    tree._read()
    tree._fetch_instances()
    return _octets_of(tree, len(octets))


def _octets_of(tree: Any, size: int) -> bytes:
    stream = KaitaiStream(BytesIO(bytes(size)))
    tree._write(stream)
    return bytes(stream.to_byte_array())


class _Writing:
    """The objects of one packet, made in the order of its octets."""

    def __init__(self, types: Any, as_read: bytes | None) -> None:
        self._types = types
        self._as_read = as_read
        self._root = types()
        # The index of the next octet, in the packet that was read.
        self._index = 4 + (as_read[3] >> 6) if as_read else 0

    def write(self, packet: Packet) -> bytes:
        """Return the octets of the packet. To be called once."""
        root = self._root
        root.signature = b"\xb3"
        root.flags = self._flags(packet)
        start = self._index
        root.body = self._body(packet)
        root.length = self._length(self._index - start)
        root.crc32 = 0
        root.crc32 = crc32(self._written()[:-4])
        return self._written()

    def _written(self) -> bytes:
        root = self._root
        root._check()
        return _octets_of(root, root.length.value)

    def _flags(self, packet: Packet) -> Any:
        flags = self._types.Flags(None, self._root, self._root)
        flags.version = 2
        flags.has_test_id = packet.test_id is not None
        flags.has_route_code = packet.route_code is not None
        flags.has_timestamp = packet.timestamp is not None
        flags.runnable = packet.runnable
        flags.has_tags = packet.test_tags is not None
        flags.has_file = packet.file_name is not None
        flags.has_mime_type = packet.mime_type is not None
        flags.eof = packet.eof
        flags.reserved = False
        status = packet.test_status
        flags.status = self._types.Status(1 + TEST_STATUSES.index(status) if status else 0)
        flags._check()
        return flags

    def _length(self, body: int) -> Any:
        """Return the length of a packet with a body of so many octets."""
        if self._as_read is None:
            width = next(width for width in (1, 2, 3) if 7 + width + body < 1 << 8 * width - 2)
        else:
            width = 1 + (self._as_read[3] >> 6)
        return self._number_of_width("PacketLength", 7 + width + body, width, self._root)

    def _body(self, packet: Packet) -> Any:
        body = self._types.Fields(None, self._root, self._root)
        if packet.timestamp is not None:
            body.timestamp = timestamp = self._types.Timestamp(None, body, self._root)
            timestamp.seconds = packet.timestamp.seconds
            self._index += 4
            timestamp.nanoseconds = self._number(
                "Nanoseconds", packet.timestamp.nanoseconds, timestamp
            )
            timestamp._check()
        if packet.test_id is not None:
            body.test_id = self._text(packet.test_id, body)
        if packet.test_tags is not None:
            body.tags = tags = self._types.Tags(None, body, self._root)
            tags.num_tags = self._number("AnyNumber", len(packet.test_tags), tags)
            tags.tags_list = [self._text(tag, tags) for tag in packet.test_tags]
            tags._check()
        if packet.mime_type is not None:
            body.mime_type = self._text(packet.mime_type, body)
        if packet.file_name is not None:
            body.file = file = self._types.Attachment(None, body, self._root)
            file.name = self._text(packet.file_name, file)
            file.content = packet.file_bytes or b""
            file.size = self._number("Size", len(file.content), file)
            self._index += len(file.content)
            file._check()
        if packet.route_code is not None:
            body.route_code = self._text(packet.route_code, body)
        body.trailing = b""
        body._check()
        return body

    def _text(self, text: str, parent: Any) -> Any:
        made = self._types.Text(None, parent, self._root)
        made.octets = text.encode()
        made.size = self._number("Size", len(made.octets), made)
        self._index += len(made.octets)
        made._check()
        return made

    def _number(self, kind: str, value: int, parent: Any) -> Any:
        if self._as_read is None:
            width = next(width for width in (1, 2, 3, 4) if value < 1 << 8 * width - 2)
        else:
            width = 1 + (self._as_read[self._index] >> 6)
        self._index += width
        return self._number_of_width(kind, value, width, parent)

    def _number_of_width(self, kind: str, value: int, width: int, parent: Any) -> Any:
        made = getattr(self._types, kind)(None, parent, self._root)
        made.width = width - 1
        setattr(made, f"value_{8 * width - 2}", value)
        made._check()
        return made


# --- Packets, and whether they are equal ---------------------------------------------------


class Written(NamedTuple):
    """A packet and its octets: those that were read, or those that the library wrote."""

    packet: Packet
    octets: bytes


class Compared(NamedTuple):
    """The result of a comparison.

    :ivar packets: how many were compared.
    :ivar longer: how many of them have a number that is longer than it needs to be.
    :ivar unequal: those of which the generated writer writes other octets, or none.
    """

    packets: int
    longer: int
    unequal: list[bytes]


def compare(packets: Iterable[Written], *, as_read: bool, generated: Any = Subunit2) -> Compared:
    """Write the fields of packets with a generated writer, and compare the octets.

    :param as_read: take the widths of numbers from the octets.
    """
    count = longer = 0
    unequal = []
    for packet, octets in packets:
        count += 1
        longer += packet.raw is not None
        try:
            written = write(packet, octets if as_read else None, generated)
        except (EOFError, KaitaiStructError):
            written = None
        if written != octets:
            unequal.append(octets)
    return Compared(count, longer, unequal)


def load_cases(*, large: bool = True) -> list[Case]:
    """Return all cases of the corpus, or those that are not flagged `large`."""
    # Not `corpus.load`: copies of the library have no corpus.
    corpus = Corpus((CONFORMANCE / "corpus" / "cases.json").read_bytes())
    return [case for case in corpus.select() if large or "large" not in case.flags]


def captured_packets() -> Iterator[Written]:
    """Yield the packets of all captures."""
    for path in sorted((CONFORMANCE / "captures").glob("*.subunit")):
        yield from _packets_of(path.read_bytes())


def packets_of_cases(cases: Iterable[Case]) -> Iterator[Written]:
    """Yield the packets that are read, written and forwarded in cases, each once."""
    seen = set()
    for case in cases:
        for stream in _streams_of(case):
            for each in _packets_of(stream):
                if each.octets not in seen:
                    seen.add(each.octets)
                    yield each


def _streams_of(case: Case) -> Iterator[bytes]:
    if isinstance(case, ReaderCase):
        yield case.stream
    elif isinstance(case, WriterCase):
        yield case.octets or b""
    elif isinstance(case, MultiplexerCase):
        for feed in case.feeds:
            yield feed.octets or b""
            yield from feed.packets


def _packets_of(stream: bytes) -> Iterator[Written]:
    for item in decode(stream):
        if isinstance(item, Packet):
            yield Written(item, stream[item.offset : item.offset + item.length])


def written_packets(cases: Iterable[Case]) -> Iterator[Written]:
    """Yield the packets that the library writes in cases of writers, unless it refuses them."""
    for case in cases:
        if not isinstance(case, WriterCase) or case.refused:
            continue
        packet = item_from_dict(case.packet)
        assert isinstance(packet, Packet)
        if not case.split:
            yield Written(packet, encode(packet))
            continue
        # The writer chooses the sizes of the parts.
        whole = replace(packet, file_bytes=None)
        for octets in encode_attachment(whole, packet.file_bytes or b""):
            yield from _packets_of(octets)


def main() -> int:
    """Print the results of all comparisons; return the exit status."""
    cases = load_cases()
    compared = {
        "packets of captures": compare(captured_packets(), as_read=True),
        "packets of cases": compare(packets_of_cases(cases), as_read=True),
        "packets that the library writes": compare(written_packets(cases), as_read=False),
    }
    status = 0
    for name, (packets, longer, unequal) in compared.items():
        equal = packets - len(unequal)
        print(f"{equal} of {packets} {name} are equal, {longer} of them not canonical")
        if unequal:
            print(f"the first one that is not: {unequal[0][:40].hex()}")
        if unequal or not packets:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
