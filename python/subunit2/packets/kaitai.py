"""The reference decoder: the reader that the Kaitai Struct compiler generates, and strings.

Strategy: the generated reader checks all rules of a packet's fields but those of strings,
which the .ksy cannot express: strict UTF-8, and no NUL. So two of its types are replaced in
a subclass. A string is decoded when it is read, and so fails in the order of the fields
(`packet.first-error`). Of tags only the text is kept: a packet can hold four million tags,
and would have an object for each.

The generated objects refer to each other in cycles. The cycles are broken as soon as a
packet is decoded: the octets of large packets would otherwise stay in memory until the
garbage collector runs.
"""

from __future__ import annotations

from typing import Any, Final

from kaitaistruct import (
    KaitaiStruct,
    ValidationFailedError,
    ValidationGreaterThanError,
    ValidationNotEqualError,
)

from subunit2.items import TEST_STATUSES, Corrupt, ErrorCode, Packet, Timestamp, replace
from subunit2.packets.build import encoded_length
from subunit2.packets.kaitai_generated import Subunit2
from subunit2.packets.strings import decode_utf8

__all__ = ["decode_packet"]

#: The error of each validation in the .ksy, by the type that it is in.
_ERROR_OF_TYPE: Final[dict[str, ErrorCode]] = {
    "nanoseconds": "nanoseconds",
    # A size above the longest packet reaches past the end of any packet.
    "size": "field_overrun",
    "fields": "trailing_bytes",
}


class _TextError(Exception):
    """A string of the packet is malformed."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code: ErrorCode = code


class _Packet(Subunit2):
    """A packet with strictly decoded texts."""

    class Text(Subunit2.Text):
        """A string, decoded as `text`."""

        def _read(self) -> None:
            super()._read()
            self.text = decode_utf8(self.octets)
            # clause string.strict
            if self.text is None:
                raise _TextError("utf8")
            # clause string.no-nul: a string that is not UTF-8 either is reported as that
            if "\0" in self.text:
                raise _TextError("nul")

    class Tags(Subunit2.Tags):
        """Tags, of which only the `texts` are kept."""

        def _read(self) -> None:
            self.texts = []
            for _ in range(Subunit2.AnyNumber(self._io).value):
                tag = self._root.Text(self._io, None, self._root)
                self.texts.append(tag.text)
                # It refers back to the tag.
                del tag.size


def _take_apart(part: KaitaiStruct) -> None:
    """Break the cycles of references that a part belongs to."""
    pending = [part]
    while pending:
        members = vars(pending.pop())
        pending += [member for member in members.values() if isinstance(member, KaitaiStruct)]
        members.clear()


def _take_apart_failed(failure: BaseException) -> None:
    """Break the cycles of the parts that were being read when it failed."""
    # Starts behind our own frame: reading its locals would make another cycle.
    trace = failure.__traceback__ and failure.__traceback__.tb_next
    while trace is not None:
        part = trace.tb_frame.f_locals.get("self")
        if isinstance(part, KaitaiStruct):
            _take_apart(part)
        trace = trace.tb_next


def decode_packet(octets: bytes, offset: int, recovered: bool) -> Packet | Corrupt:
    """Return the packet of `octets`, or a corrupt region if its fields are malformed.

    :param octets: of an intact packet: usable header, matching checksum.
    :param offset: of the first of them in the stream.
    :param recovered: whether it starts inside a length that was claimed.
    """
    try:
        tree = _Packet.from_bytes(octets)
    except (EOFError, ValidationFailedError, _TextError) as failure:
        _take_apart_failed(failure)
        return Corrupt(octets, _name_error(failure), offset=offset)
    packet = _to_packet(tree, offset, len(octets), recovered)
    _take_apart(tree)
    if encoded_length(packet) == len(octets):
        return packet
    # A number that is not in its shortest form makes a packet longer than the writer's, and
    # nothing makes it shorter. So packets of equal length have equal octets; this one differs.
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
    if isinstance(failure, _TextError):
        return failure.code
    # clause fields.inside
    if isinstance(failure, EOFError):
        return "field_overrun"
    assert isinstance(failure, (ValidationGreaterThanError, ValidationNotEqualError))
    # Such as /types/nanoseconds/seq/4.
    return _ERROR_OF_TYPE[failure.src_path.split("/")[2]]
