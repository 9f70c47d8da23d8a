"""The reference decoder: what the Kaitai Struct compiler generates, and text.

Strategy: the generated reader checks all of a packet's fields but for one rule,
strict UTF-8, which Kaitai Struct leaves to each language. So two methods of its
classes are replaced: a string is decoded as it is read, and so fails in the
order of the fields (`packet.first-error`); and of tags only the text is kept,
since a packet can hold four million, for each of which there would be an object.

The generated objects refer to each other in cycles. They are taken apart when
they are done with: the octets of large packets would otherwise pile up until
the garbage collector comes by.
"""

from __future__ import annotations

from typing import Any, Final

from kaitaistruct import (
    KaitaiStruct,
    ValidationFailedError,
    ValidationGreaterThanError,
    ValidationNotEqualError,
)

from subunit2.framing.utf8 import decode_utf8
from subunit2.items import TEST_STATUSES, Corrupt, ErrorCode, Packet, Timestamp, replace
from subunit2.packets.kaitai_generated import Subunit2
from subunit2.writer import encoded_length

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


_read_text: Final = Subunit2.Text._read


def _read_strict_text(self: Any) -> None:
    try:
        _read_text(self)
    except ValidationNotEqualError as failure:
        # clause string.no-nul: where it is not UTF-8 either, that is said
        if decode_utf8(failure.actual) is None:
            raise _NotUtf8Error from None
        raise
    self.text = decode_utf8(self.octets)
    # clause string.strict
    if self.text is None:
        raise _NotUtf8Error


def _read_plain_tags(self: Any) -> None:
    self.texts = []
    for _ in range(Subunit2.Number(self._io, None, None).value):
        tag = Subunit2.Text(self._io, None, None)
        self.texts.append(tag.text)
        _take_apart(tag)


Subunit2.Text._read = _read_strict_text
Subunit2.Tags._read = _read_plain_tags


def _take_apart(part: KaitaiStruct) -> None:
    """Undo the cycles of references that a part stands in."""
    pending = [part]
    while pending:
        members = vars(pending.pop())
        pending += [member for member in members.values() if isinstance(member, KaitaiStruct)]
        members.clear()


def _take_apart_failed(failure: BaseException) -> None:
    """The same for what was being read when it failed."""
    # Not from our own frame on: asking for its locals would make a cycle of it.
    trace = failure.__traceback__ and failure.__traceback__.tb_next
    while trace is not None:
        part = trace.tb_frame.f_locals.get("self")
        if isinstance(part, KaitaiStruct):
            _take_apart(part)
        trace = trace.tb_next


def decode_packet(octets: bytes, offset: int, recovered: bool) -> Packet | Corrupt:
    """The packet that `octets` are, or the damage where they are none.

    :param octets: of an intact packet: usable header, checksum right.
    :param offset: of the first of them in the stream.
    :param recovered: whether it starts inside a length that was claimed.
    """
    try:
        tree = Subunit2.from_bytes(octets)
    except (EOFError, ValidationFailedError, _NotUtf8Error) as failure:
        _take_apart_failed(failure)
        return Corrupt(octets, _name_error(failure), offset=offset)
    packet = _to_packet(tree, offset, len(octets), recovered)
    _take_apart(tree)
    if encoded_length(packet) == len(octets):
        return packet
    # Only a number that is not in its shortest form makes a packet longer than
    # the writer would, and nothing makes it shorter: so equal lengths are equal
    # octets, and these are not.
    return replace(packet, raw=octets)


def _to_packet(tree: Any, offset: int, length: int, recovered: bool) -> Packet:
    flags = tree.flags
    body = tree.body
    status = int(flags.status)
    timestamp = body.timestamp if flags.has_timestamp else None
    return Packet(
        test_id=body.test_id.text if flags.has_test_id else None,
        test_status=TEST_STATUSES[status - 1] if status else None,
        test_tags=tuple(body.tags.texts) if flags.has_tags else None,
        runnable=bool(flags.runnable),
        mime_type=body.mime_type.text if flags.has_mime_type else None,
        file_name=body.file.name.text if flags.has_file else None,
        file_bytes=body.file.content if flags.has_file else None,
        eof=bool(flags.eof),
        route_code=body.route_code.text if flags.has_route_code else None,
        timestamp=timestamp and Timestamp(timestamp.seconds, timestamp.nanoseconds.value),
        recovered=recovered,
        offset=offset,
        length=length,
    )


def _name_error(failure: Exception) -> ErrorCode:
    if isinstance(failure, _NotUtf8Error):
        return "utf8"
    # clause fields.inside
    if isinstance(failure, EOFError):
        return "field_overrun"
    assert isinstance(failure, (ValidationGreaterThanError, ValidationNotEqualError))
    # Such as /types/nanoseconds/seq/4.
    return _ERROR_OF_TYPE[failure.src_path.split("/")[2]]
