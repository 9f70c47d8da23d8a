"""Packets to octets: the mirror of the reader.

Strategy: all values are checked before any octet is returned, field by field in the order
of the packet, so that an error names the field and its limit (`writer.refuses`). Numbers
are written in their shortest form (`number.shortest`): one packet has one encoding.

Nearly all packets are small and valid. `packets.fast_writer` writes those, and returns None
for all others, which take the slow path here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, cast

from subunit2.chunks import read_chunks
from subunit2.items import (
    TEST_STATUSES,
    Corrupt,
    EncodeError,
    Item,
    Packet,
    Passthrough,
    replace,
)
from subunit2.packets.build import (
    body_size,
    encode_size,
    encode_string,
    encode_tags,
    encode_timestamp,
    encoded_length,
    room_for_content,
    seal,
)
from subunit2.packets.fast_writer import STATUS_NUMBERS, write_packet
from subunit2.packets.header import (
    FLAG_EOF,
    FLAG_FILE,
    FLAG_MIME_TYPE,
    FLAG_ROUTE_CODE,
    FLAG_RUNNABLE,
    FLAG_TAGS,
    FLAG_TEST_ID,
    FLAG_TIMESTAMP,
    MAX_PACKET,
    VERSION,
)

__all__ = ["DEFAULT_CHUNK", "encode", "encode_attachment", "split_content"]

#: Octets of an attachment that `encode_attachment` puts into a packet. Large enough that
#: headers cost nothing, small enough that a chunk is shown while the next one is sent; the
#: packet with its other fields stays far below the limit of 4 MiB.
DEFAULT_CHUNK: Final = 1 << 20


def encode(item: Item) -> bytes:
    """Return the octets of one item.

    Passthrough and corrupt regions are their own octets. A packet that was read keeps its
    octets: `raw` is used if it has the same fields, and ignored if a field was changed.

    Holds one packet.

    :raises EncodeError: naming the field and the limit (`writer.refuses`).

    >>> encode(Packet(test_id="foo", test_status="exists")).hex()
    'b329010c03666f6f08555f1b'
    """
    # Other items, and packets that are not small and valid, come back as None.
    octets = write_packet(item)  # type: ignore[arg-type]
    if octets is not None:
        return octets
    if isinstance(item, (Passthrough, Corrupt)):
        return item.data
    if not isinstance(item, Packet):
        raise TypeError(f"an item, not {type(item).__name__}")
    if item.raw is not None and _has_fields(item.raw, item):
        return item.raw
    flags, body = _encode_fields(item)
    octets = seal(flags, *body)
    if octets is None:
        raise EncodeError(
            "packet",
            f"its fields need {sum(map(len, body)):,} octets; a packet has {MAX_PACKET:,} at most",
        )
    return octets


def _has_fields(raw: bytes, packet: Packet) -> bool:
    """Return whether octets hold exactly the fields of a packet."""
    # Imported on demand: a program that only writes needs no decoder.
    from subunit2.packets.decode import decode_whole

    return decode_whole(raw) == replace(packet, raw=raw, recovered=False)


def _encode_fields(packet: Packet) -> tuple[int, list[bytes]]:
    flags = VERSION << 12
    body: list[bytes] = []
    if packet.timestamp is not None:
        flags |= FLAG_TIMESTAMP
        body.append(encode_timestamp(packet.timestamp))
    if packet.test_id is not None:
        flags |= FLAG_TEST_ID
        body.append(encode_string("test_id", packet.test_id))
    if packet.test_tags is not None:
        flags |= FLAG_TAGS
        body.append(encode_tags(packet.test_tags))
    if packet.mime_type is not None:
        flags |= FLAG_MIME_TYPE
        body.append(encode_string("mime_type", packet.mime_type))
    if packet.file_name is not None:
        if packet.file_bytes is None:
            raise EncodeError("file_bytes", "has to be there where file_name is")
        flags |= FLAG_FILE
        body.append(encode_string("file_name", packet.file_name))
        body.append(encode_size("file_bytes", len(packet.file_bytes)))
        body.append(packet.file_bytes)
    elif packet.file_bytes is not None:
        raise EncodeError("file_name", "has to be there where file_bytes is")
    if packet.route_code is not None:
        flags |= FLAG_ROUTE_CODE
        body.append(encode_string("route_code", packet.route_code))
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


def encode_attachment(
    packet: Packet, content: BinaryIO | Iterable[bytes] | bytes, *, chunk: int = DEFAULT_CHUNK
) -> Iterator[bytes]:
    """Yield the packets of an attachment of any size, the last with the end of file.

    The other fields of `packet` are written once or in each packet, as `file.parts` says:
    test, route, file and timestamp in each packet, the MIME type in the first, status, tags
    and end of file in the last. Empty content is one packet. All packets have the same
    timestamp, the one with the outcome too: if the test runs while its content is written,
    write the outcome in a packet of its own.

    Reads `content` while its packets are taken. Holds two chunks of it. If no content fits
    beside the other fields, reads at once whether there is any.

    :param packet: with the attachment's `file_name`, and without `file_bytes`.
    :param content: a binary file, octets, or chunks of any size.
    :param chunk: octets of content in a packet, 1 or more. All packets but the last have as
        many, or as many as the limit of a packet leaves room for.
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
    # Raises for each field that cannot be written.
    encode(whole)
    # An empty content's size takes one octet.
    room = room_for_content(body_size(whole) - 1)
    if room < 1:
        # Content of no octets is one packet, even where no other content fits.
        if any(_cut(content, 1)):
            raise EncodeError("packet", f"its fields leave no room for content in {MAX_PACKET:,}")
        return iter([encode(whole)])
    return _attachment_packets(whole, _cut(content, min(chunk, room)))


def _attachment_packets(whole: Packet, chunks: Iterator[bytes]) -> Iterator[bytes]:
    chunk = next(chunks)
    mime_type = whole.mime_type
    for following in chunks:
        yield encode(
            replace(
                whole,
                test_status=None,
                test_tags=None,
                mime_type=mime_type,
                file_bytes=chunk,
                eof=False,
            )
        )
        mime_type = None
        chunk = following
    # clause file.eof
    yield encode(replace(whole, mime_type=mime_type, file_bytes=chunk))


def split_content(packet: Packet, limit: int = MAX_PACKET) -> Iterator[Packet]:
    """Yield a packet, or several if its content does not fit into one (`file.split`).

    The status, the tags and the end of the file are in the last one, the MIME type is in
    the first. Holds one packet.

    :param limit: the most octets of a packet.
    :raises EncodeError: before the first packet, as `encode` does, and if its other fields
        are too long for the limit.
    """
    content = packet.file_bytes or b""
    if limit == MAX_PACKET and len(content) <= DEFAULT_CHUNK:
        yield packet
        return
    # `encode` refuses wrong values before the first packet is written.
    around = len(encode(replace(packet, file_bytes=b"") if content else packet))
    length = encoded_length(packet)
    if length is not None and length <= limit:
        yield packet
        return
    # With content, its size and the packet's length take two octets more each.
    room = min(DEFAULT_CHUNK, limit - around - 4)
    if not content or room < 1:
        raise EncodeError(
            "packet", f"its fields need {around:,} octets beside content, and have {limit:,}"
        )
    last = (len(content) - 1) // room * room
    chunk = replace(packet, test_status=None, test_tags=None, eof=False)
    for start in range(0, last, room):
        yield replace(chunk, file_bytes=content[start : start + room])
        chunk = replace(chunk, mime_type=None)
    yield replace(packet, mime_type=None, file_bytes=content[last:])


def _cut(content: BinaryIO | Iterable[bytes] | bytes, size: int) -> Iterator[bytes]:
    """Yield `content` in chunks of `size` octets and the rest; at least one chunk."""
    held = bytearray()
    is_empty = True
    for chunk in _chunks(content):
        for start in range(0, len(chunk), size):
            held += chunk[start : start + size]
            if len(held) >= size:
                yield bytes(held[:size])
                del held[:size]
                is_empty = False
    if held or is_empty:
        yield bytes(held)


def _chunks(content: BinaryIO | Iterable[bytes] | bytes) -> Iterator[memoryview]:
    if isinstance(content, str):
        raise TypeError("an attachment's content is octets, not a string")
    if isinstance(content, (bytes, bytearray, memoryview)) or hasattr(content, "read"):
        yield from read_chunks(cast("BinaryIO | bytes", content))
    else:
        for each in content:
            yield memoryview(each).cast("B")
