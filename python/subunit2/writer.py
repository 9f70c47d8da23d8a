"""Packets to octets: the mirror of the reader.

Strategy: everything is checked before anything is made, field by field in the
order of the packet, so that whoever gives what cannot be written is told which
field and which limit (`writer.refuses`). Then the fields are written in the
shortest form (`number.shortest`): one packet has one encoding.

Nearly all packets are small and well: `packets.fast_writer` writes those in one
go, and leaves whatever else there is, large or wrong, to the careful way here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from operator import index
from typing import BinaryIO, Final, cast

from subunit2.chunks import read_chunks
from subunit2.items import (
    TEST_STATUSES,
    Corrupt,
    EncodeError,
    Item,
    Packet,
    Passthrough,
    Timestamp,
    replace,
)
from subunit2.packets.crc import crc32
from subunit2.packets.fast_writer import STATUS_NUMBERS, write_packet
from subunit2.packets.header import (
    CHECKSUM_SIZE,
    FLAG_EOF,
    FLAG_FILE,
    FLAG_MIME_TYPE,
    FLAG_ROUTE_CODE,
    FLAG_RUNNABLE,
    FLAG_TAGS,
    FLAG_TEST_ID,
    FLAG_TIMESTAMP,
    MAX_PACKET,
    SIGNATURE,
    VERSION,
)
from subunit2.packets.numbers import LIMITS, MAX_NUMBER, encode_number, number_width

__all__ = [
    "DEFAULT_CHUNK",
    "encode",
    "encode_attachment",
    "encoded_length",
]

#: How much of an attachment `encode_attachment` puts into a packet, in octets.
#: Large enough that headers cost nothing, small enough to be shown while it is
#: sent; the packet with its other fields stays far below the 4 MiB limit.
DEFAULT_CHUNK: Final = 1 << 20


def encode(item: Item) -> bytes:
    """The octets of one packet.

    Passthrough and corrupt regions are their own octets. Those of a packet that
    was read are what they were: `raw` is used where it says what the fields say,
    and ignored where a field was changed since.

    Holds one packet.

    :raises EncodeError: naming the field and the limit (`writer.refuses`).

    >>> encode(Packet(test_id="foo", test_status="exists")).hex()
    'b329010c03666f6f08555f1b'
    """
    # What is no packet, or not a usual one, is seen to below.
    octets = write_packet(item)  # type: ignore[arg-type]
    if octets is not None:
        return octets
    if isinstance(item, (Passthrough, Corrupt)):
        return item.data
    if not isinstance(item, Packet):
        raise TypeError(f"an item, not {type(item).__name__}")
    if item.raw is not None and _says_the_same(item.raw, item):
        return item.raw
    flags, body = _encode_fields(item)
    length = _whole_length(sum(map(len, body)))
    if length is None:
        raise EncodeError(
            "packet",
            f"its fields need {sum(map(len, body)):,} octets; a packet has {MAX_PACKET:,} at most",
        )
    head = struct.pack(">BH", SIGNATURE, flags) + encode_number(length)
    octets = b"".join([head, *body])
    return octets + crc32(octets).to_bytes(CHECKSUM_SIZE, "big")


def _whole_length(body: int) -> int | None:
    """The length of a packet whose fields take `body` octets; None: too long."""
    for width in (1, 2, 3):
        length = 3 + width + body + CHECKSUM_SIZE
        if length < LIMITS[width - 1]:
            return length
    return None


def encoded_length(packet: Packet) -> int | None:
    """How many octets `encode` would make of a packet's fields; None: too many.

    The packet has to be one that can be encoded. Holds nothing.
    """
    body = 0
    if packet.timestamp is not None:
        body += 4 + number_width(packet.timestamp.nanoseconds)
    for text in (packet.test_id, packet.mime_type, packet.file_name, packet.route_code):
        if text is not None:
            body += _text_size(text)
    if packet.test_tags is not None:
        body += number_width(len(packet.test_tags)) + sum(map(_text_size, packet.test_tags))
    if packet.file_bytes is not None:
        body += number_width(len(packet.file_bytes)) + len(packet.file_bytes)
    return _whole_length(body)


def _text_size(text: str) -> int:
    octets = len(text) if text.isascii() else len(text.encode())
    return number_width(octets) + octets


def _says_the_same(raw: bytes, packet: Packet) -> bool:
    from subunit2.reader import Reader

    reader = Reader()
    items = reader.feed(raw) + reader.close()
    return items == [replace(packet, raw=raw, recovered=False)]


def _encode_fields(packet: Packet) -> tuple[int, list[bytes]]:
    flags = VERSION << 12
    body: list[bytes] = []
    if packet.timestamp is not None:
        flags |= FLAG_TIMESTAMP
        body.append(_encode_timestamp(packet.timestamp))
    if packet.test_id is not None:
        flags |= FLAG_TEST_ID
        _append_text(body, "test_id", packet.test_id)
    if packet.test_tags is not None:
        flags |= FLAG_TAGS
        body.append(_encode_size("test_tags", len(packet.test_tags)))
        for tag in packet.test_tags:
            _append_text(body, "test_tags", tag)
    if packet.mime_type is not None:
        flags |= FLAG_MIME_TYPE
        _append_text(body, "mime_type", packet.mime_type)
    if packet.file_name is not None:
        if packet.file_bytes is None:
            raise EncodeError("file_bytes", "has to be there where file_name is")
        flags |= FLAG_FILE
        _append_text(body, "file_name", packet.file_name)
        body.append(_encode_size("file_bytes", len(packet.file_bytes)))
        body.append(packet.file_bytes)
    elif packet.file_bytes is not None:
        raise EncodeError("file_name", "has to be there where file_bytes is")
    if packet.route_code is not None:
        flags |= FLAG_ROUTE_CODE
        _append_text(body, "route_code", packet.route_code)
    if packet.runnable:
        flags |= FLAG_RUNNABLE
    if packet.eof:
        flags |= FLAG_EOF
    try:
        flags |= STATUS_NUMBERS[packet.test_status]
    except (KeyError, TypeError):
        raise EncodeError(
            "test_status",
            f"{packet.test_status!r} is not one of {', '.join(TEST_STATUSES)}",
        ) from None
    return flags, body


def _encode_timestamp(timestamp: Timestamp) -> bytes:
    try:
        seconds, nanoseconds = index(timestamp.seconds), index(timestamp.nanoseconds)
    except (AttributeError, TypeError):
        raise EncodeError("timestamp", "not a Timestamp of whole seconds and nanoseconds") from None
    if not 0 <= seconds < 2**32:
        raise EncodeError("timestamp", f"{seconds} seconds are not within 0 to {2**32 - 1:,}")
    if not 0 <= nanoseconds < 1_000_000_000:
        raise EncodeError("timestamp", f"{nanoseconds} nanoseconds are not within 0 to 999,999,999")
    return seconds.to_bytes(4, "big") + encode_number(nanoseconds)


def _append_text(body: list[bytes], name: str, text: str) -> None:
    if not isinstance(text, str):
        raise EncodeError(name, f"a string, not {type(text).__name__}")
    try:
        octets = text.encode()
    except UnicodeEncodeError as error:
        raise EncodeError(
            name, f"character {error.start} is a lone surrogate, which UTF-8 does not have"
        ) from None
    # clause string.no-nul
    if b"\0" in octets:
        raise EncodeError(name, f"character {text.index(chr(0))} is NUL")
    body.append(_encode_size(name, len(octets)))
    body.append(octets)


def _encode_size(name: str, size: int) -> bytes:
    if size > MAX_NUMBER:
        raise EncodeError(name, f"{size:,} octets; a packet has {MAX_PACKET:,} at most")
    return encode_number(size)


def encode_attachment(
    packet: Packet, content: BinaryIO | Iterable[bytes] | bytes, *, chunk: int = DEFAULT_CHUNK
) -> Iterator[bytes]:
    """The packets of an attachment of any size, its end marked (`file.split`).

    What else `packet` says is written where it counts: test, route, file and
    timestamp in each packet, the MIME type in the first, status, tags and end
    of file in the last. Empty content is one packet. All have the one time, the
    outcome too: of a test that runs while its content is written, say the outcome
    in a packet of its own.

    Reads `content` as it is asked for packets. Holds two chunks of it.

    :param packet: with the attachment's `file_name`, and without `file_bytes`.
    :param content: a binary file, octets, or pieces of any size.
    :param chunk: octets of content in a packet, 1 or more. All packets but the
        last have as many, or where the limit of a packet is less, as fit.
    :raises EncodeError: at once, and as `encode` does.

    >>> packets = encode_attachment(
    ...     Packet(test_id="foo", file_name="log"), [b"on", b"e", b"two"], chunk=4
    ... )
    >>> [len(octets) for octets in packets]
    [21, 19]
    """
    if packet.file_name is None:
        raise EncodeError("file_name", "an attachment needs one")
    if packet.file_bytes is not None:
        raise EncodeError("file_bytes", "an attachment's content is given beside the packet")
    if chunk < 1:
        raise ValueError("chunk has to be 1 or more")
    whole = replace(packet, raw=None, recovered=False, file_bytes=b"", eof=True)
    # With content, its size and the packet's length take two octets more each.
    room = MAX_PACKET - len(encode(whole)) - 4
    if room < 1:
        raise EncodeError("packet", f"its fields leave no room for content in {MAX_PACKET:,}")
    return _attachment_packets(whole, _cut(content, min(chunk, room)))


def _attachment_packets(whole: Packet, pieces: Iterator[bytes]) -> Iterator[bytes]:
    piece = next(pieces)
    mime_type = whole.mime_type
    for following in pieces:
        yield encode(
            replace(
                whole,
                test_status=None,
                test_tags=None,
                mime_type=mime_type,
                file_bytes=piece,
                eof=False,
            )
        )
        mime_type = None
        piece = following
    # clause file.eof
    yield encode(replace(whole, mime_type=mime_type, file_bytes=piece))


def _cut(content: BinaryIO | Iterable[bytes] | bytes, size: int) -> Iterator[bytes]:
    """`content` in pieces of `size` octets and the rest; at least one piece."""
    held = bytearray()
    is_empty = True
    for piece in _pieces(content):
        for start in range(0, len(piece), size):
            held += piece[start : start + size]
            if len(held) >= size:
                yield bytes(held[:size])
                del held[:size]
                is_empty = False
    if held or is_empty:
        yield bytes(held)


def _pieces(content: BinaryIO | Iterable[bytes] | bytes) -> Iterator[memoryview]:
    if isinstance(content, str):
        raise TypeError("an attachment's content is octets, not a string")
    if isinstance(content, (bytes, bytearray, memoryview)) or hasattr(content, "read"):
        yield from read_chunks(cast("BinaryIO | bytes", content))
    else:
        for each in content:
            yield memoryview(each).cast("B")
