"""The reference decoder: what the Kaitai Struct compiler generates, and text.

Strategy: the generated reader checks all of a packet's fields but for one
rule, strict UTF-8, which Kaitai Struct leaves to each language. So text is
taken from it as octets and decoded here. Where it refuses a packet, a second
generated reader, one that keeps what it has read when it fails, is asked how
far it came: malformed text that stands before the failure is found first
(`packet.first-error`).

It takes some 10 microseconds a packet, and 270 octets of memory for each tag
while it reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kaitaistruct import (
    KaitaiStruct,
    ValidationFailedError,
    ValidationGreaterThanError,
    ValidationNotEqualError,
)

from subunit2.items import TEST_STATUSES, Corrupt, ErrorCode, Packet, Timestamp
from subunit2.packets.kaitai_generated import Subunit2
from subunit2.text import decode_utf8
from subunit2.writer import encoded_length

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

__all__ = ["decode_packet"]

#: Which error a failed validation of the .ksy is, by its type there.
_ERROR_OF_TYPE: Final[dict[str, ErrorCode]] = {
    "nanoseconds": "nanoseconds",
    # What is larger than the longest packet reaches past any packet's end.
    "size": "field_overrun",
    "text": "nul",
    "fields": "trailing_bytes",
}


class _NotUtf8Error(Exception):
    """A string of the packet is not UTF-8."""


def _decode_text(text: Any) -> str:
    value = decode_utf8(text.octets)
    # clause string.strict
    if value is None:
        raise _NotUtf8Error
    return value


def decode_packet(octets: bytes, offset: int, recovered: bool) -> Packet | Corrupt:
    """The packet that `octets` are, or the damage where they are none.

    :param octets: of an authentic packet: usable header, checksum right.
    :param offset: of the first of them in the stream.
    :param recovered: whether it starts inside a length that was claimed.
    """
    try:
        packet = _to_packet(Subunit2.from_bytes(octets), offset, len(octets), recovered)
    except _NotUtf8Error:
        return Corrupt(octets, "utf8", offset=offset)
    except (EOFError, ValidationFailedError) as failure:
        return Corrupt(octets, _name_error(octets, failure), offset=offset)
    if encoded_length(packet) == len(octets):
        return packet
    # Only a number that is not in its shortest form makes a packet longer than
    # the writer would, and nothing makes it shorter: so equal lengths are equal
    # octets, and these are not.
    object.__setattr__(packet, "raw", octets)
    return packet


def _to_packet(tree: Any, offset: int, length: int, recovered: bool) -> Packet:
    flags = tree.flags
    body = tree.body
    status = int(flags.status)
    # In the order of the fields: the first that is not UTF-8 is the error.
    timestamp = (
        Timestamp(body.timestamp.seconds, body.timestamp.nanoseconds.value)
        if flags.has_timestamp
        else None
    )
    test_id = _decode_text(body.test_id) if flags.has_test_id else None
    tags = tuple(map(_decode_text, body.tags.tags_list)) if flags.has_tags else None
    mime_type = _decode_text(body.mime_type) if flags.has_mime_type else None
    file_name = _decode_text(body.file.name) if flags.has_file else None
    route_code = _decode_text(body.route_code) if flags.has_route_code else None
    return Packet(
        test_id=test_id,
        test_status=TEST_STATUSES[status - 1] if status else None,
        test_tags=tags,
        runnable=bool(flags.runnable),
        mime_type=mime_type,
        file_name=file_name,
        file_bytes=body.file.content if flags.has_file else None,
        eof=bool(flags.eof),
        route_code=route_code,
        timestamp=timestamp,
        recovered=recovered,
        offset=offset,
        length=length,
    )


def _name_error(octets: bytes, failure: Exception) -> ErrorCode:
    for text in _complete_texts(octets):
        if decode_utf8(text) is None:
            return "utf8"
    if isinstance(failure, EOFError):
        # clause fields.inside
        return "field_overrun"
    assert isinstance(failure, (ValidationGreaterThanError, ValidationNotEqualError))
    # Such as /types/nanoseconds/seq/4.
    return _ERROR_OF_TYPE[failure.src_path.split("/")[2]]


def _complete_texts(octets: bytes) -> Iterator[bytes]:
    """The octets of the strings that were read before the failure, in order."""
    from subunit2.packets.anatomy import read_annotated

    pending: list[Any] = [read_annotated(octets)]
    while pending:
        part = pending.pop()
        if type(part).__name__ == "Text" and hasattr(part, "octets"):
            yield part.octets
        elif isinstance(part, list):
            pending.extend(reversed(part))
        elif isinstance(part, KaitaiStruct):
            names = type(part).SEQ_FIELDS
            pending.extend(getattr(part, name, None) for name in reversed(names))
