"""python-subunit's reader in our terms, and its known divergences.

Both readers' results become lists of events: a packet's fields, joined passthrough, a
damaged packet's octets with the name of the error. `LOSSES` are the parts of an intact
packet that python-subunit cannot deliver; the events of both leave them out. Each of
`DIVERGENCES` has a condition under which the two may differ. `test_three_readers` proves
each of them, so that none outlives its fault.
"""

from __future__ import annotations

import codecs
import datetime
import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, NamedTuple

import subunit

from subunit2 import Corrupt, Item, Packet, Passthrough
from subunit2.grammar.matching import Mismatch, match
from subunit2.grammar.notation import load
from subunit2.packets.header import Header, read_header

Event = dict[str, Any]

#: The label of non-subunit content: no packet can hold it.
_PASSTHROUGH = object()

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

#: Our error for python-subunit's, by words of its message.
_ERROR_OF_WORDS = {
    "Bad checksum": "checksum",
    "Short read": "truncated",
    "4 byte value": "length_encoding",
    "extends past end": "field_overrun",
    "contains NUL": "nul",
    "is not UTF8": "utf8",
    "partially decodable": "utf8",
}


class _Recorder:
    """Records python-subunit's events, and joins those that make one of ours."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def status(self, **fields: Any) -> None:
        if fields["file_name"] is _PASSTHROUGH:
            add_passthrough(self.events, bytes(fields["file_bytes"]))
        elif (fields["test_id"], fields["file_name"]) == ("subunit.parser", "Packet data"):
            self.events.append({"kind": "corrupt", "bytes": bytes(fields["file_bytes"])})
        elif (fields["test_id"], fields["file_name"]) == ("subunit.parser", "Parser Error"):
            message = bytes(fields["file_bytes"]).decode()
            [error] = [code for words, code in _ERROR_OF_WORDS.items() if words in message]
            self.events[-1]["error"] = error
        else:
            event = {"kind": "packet"} | fields
            event["test_tags"] = None if event["test_tags"] is None else set(event["test_tags"])
            if event["file_bytes"] is not None:
                event["file_bytes"] = bytes(event["file_bytes"])
            self.events.append(event)


def add_passthrough(events: list[Event], octets: bytes) -> None:
    if events and events[-1]["kind"] == "passthrough":
        events[-1]["bytes"] += octets
    else:
        events.append({"kind": "passthrough", "bytes": octets})


def read_by_python_subunit(stream: bytes) -> list[Event]:
    """Return python-subunit's events of a stream. The last one may be its exception."""
    recorder = _Recorder()
    reader = subunit.ByteStreamToStreamResult(BytesIO(stream), non_subunit_name=_PASSTHROUGH)
    try:
        reader.run(recorder)
    except struct.error:
        recorder.events.append({"kind": "raised struct.error"})
    return recorder.events


def events_of(items: Iterable[Item]) -> list[Event]:
    """Return our items as such events, without the `LOSSES`."""
    events: list[Event] = []
    for item in items:
        match item:
            case Passthrough():
                add_passthrough(events, item.data)
            case Corrupt():
                events.append({"kind": "corrupt", "bytes": item.data, "error": item.error})
            case Packet():
                events.append(_event_of_packet(item))
    return events


def _event_of_packet(packet: Packet) -> Event:
    timestamp = packet.timestamp
    return {
        "kind": "packet",
        "test_id": packet.test_id,
        "test_status": packet.test_status,
        "test_tags": None if packet.test_tags is None else set(packet.test_tags),
        "runnable": packet.runnable,
        "mime_type": packet.mime_type,
        "eof": packet.eof,
        "file_name": packet.file_name,
        "file_bytes": packet.file_bytes,
        "route_code": packet.route_code,
        "timestamp": timestamp
        and _EPOCH
        + datetime.timedelta(seconds=timestamp.seconds, microseconds=timestamp.nanoseconds / 1000),
    }


# ---- Conditions under which the two differ -------------------------------


@dataclass
class Sight:
    """The facts of a stream that decide about divergences, by our reading.

    The octets 0xB3 of passthrough are classified as python-subunit's incremental decoder
    sees them.
    """

    packets: list[Packet] = field(default_factory=list)
    corrupt: list[Corrupt] = field(default_factory=list)
    #: A 0xB3 outside of any character.
    bare_signature: bool = False
    #: A 0xB3 as the last octet of a character.
    signature_ends_character: bool = False
    #: A 0xB3 behind a malformed sequence, which leaves the decoder in a bad state.
    signature_while_lost: bool = False
    #: A packet behind the first octets of a character.
    packet_in_character: bool = False
    #: A corrupt region that ends before the length in its header.
    region_cut_short: bool = False

    @classmethod
    def of(cls, items: Iterable[Item]) -> Sight:
        sight = cls()
        decoder = codecs.getincrementaldecoder("utf-8")()
        in_character = lost = False
        before: Item | None = None
        for item in items:
            sight.region_cut_short |= isinstance(before, Corrupt) and _is_cut_short(before)
            before = item
            if not isinstance(item, Passthrough):
                sight.packet_in_character |= in_character
                if isinstance(item, Packet):
                    sight.packets.append(item)
                else:
                    sight.corrupt.append(item)
                continue
            for octet in item.data:
                was_in_character, was_lost = in_character, lost
                try:
                    in_character = not decoder.decode(bytes([octet]))
                    lost = False
                except UnicodeDecodeError:
                    in_character = False
                    # The decoder keeps the octets held before, which spoil the following
                    # ones.
                    lost = bool(decoder.getstate()[0])
                if octet == 0xB3:
                    sight.signature_while_lost |= was_lost and not was_in_character
                    sight.bare_signature |= not was_lost and not was_in_character
                    sight.signature_ends_character |= was_in_character and not in_character
        return sight

    def has_error(self, *errors: str) -> bool:
        return any(corrupt.error in errors for corrupt in self.corrupt)


def _is_cut_short(corrupt: Corrupt) -> bool:
    """Return whether a corrupt region with an item behind it ends before its length."""
    if corrupt.error == "checksum":
        header = read_header(corrupt.data, 0, corrupt.length)
        return not isinstance(header, Header) or header.length > corrupt.length
    return corrupt.error == "truncated"


def _first_failure(octets: bytes) -> Mismatch:
    try:
        match(load(), "packet", octets)
    except Mismatch as mismatch:
        return mismatch
    raise AssertionError("a well-formed packet")


def _number_is_cut(corrupt: Corrupt) -> bool:
    """Return whether a number or the seconds overrun, not a string or a content."""
    if corrupt.error != "field_overrun":
        return False
    return _first_failure(corrupt.data).production not in ("string", "file")


def _has_both_faults(corrupt: Corrupt) -> bool:
    if corrupt.error != "utf8":
        return False
    [string] = [part for part in _first_failure(corrupt.data).parts if part.production == "string"]
    start = string.parts[0].end
    return 0 in corrupt.data[start : start + string.values["size"]]


class Divergence(NamedTuple):
    """A known difference.

    :ivar clause: the clause that python-subunit violates.
    :ivar example: a stream, in hex, with this divergence only.
    :ivar theirs: python-subunit's events of it.
    :ivar may_occur: tells whether a stream may show it.
    """

    name: str
    clause: str
    example: str
    theirs: list[Event]
    may_occur: Callable[[Sight], bool]


def _packet(**fields: Any) -> Event:
    return _event_of_packet(Packet(runnable=False)) | fields


def _passed(octets: str) -> Event:
    return {"kind": "passthrough", "bytes": bytes.fromhex(octets)}


def _damaged(octets: str, error: str) -> Event:
    return {"kind": "corrupt", "bytes": bytes.fromhex(octets), "error": error}


_FOO = "b329010c03666f6f08555f1b"
_FOO_EXISTS = _packet(test_id="foo", test_status="exists", runnable=True)
_RAISED: Event = {"kind": "raised struct.error"}


class Loss(NamedTuple):
    """A part of a well-formed packet that python-subunit does not deliver.

    :ivar packets: two packets, in hex, that it cannot tell apart.
    """

    name: str
    clause: str
    packets: tuple[str, str]


LOSSES = [
    Loss(
        "order and duplicates of tags",
        "tags.wire-order",
        ("b320800f030162016101620f8ea20f", "b320800d02016101626bd0d7ab"),
    ),
    Loss(
        "nanoseconds below a microsecond",
        "timestamp.exact",
        ("b322001000000001ddcd65011531db8f", "b322001000000001ddcd65006236eb19"),
    ),
    Loss(
        "which form a number has",
        "number.any-width",
        ("b32000081815f0ba", "b320004009b8d2dd46"),
    ),
]

DIVERGENCES = [
    Divergence(
        "it does not look at the version",
        "flags.version",
        "b31000083c7e152a",
        [_packet()],
        lambda sight: sight.has_error("version"),
    ),
    Divergence(
        "it does not look at the reserved bit",
        "flags.reserved",
        "b3200808d0cc7ab2",
        [_packet()],
        lambda sight: sight.has_error("reserved_bit"),
    ),
    Divergence(
        "it passes over six octets where the length has four",
        "recovery.unusable",
        "b32000c000000b",
        [_damaged("b32000c00000", "length_encoding"), _passed("0b")],
        lambda sight: sight.has_error("length_encoding"),
    ),
    Divergence(
        "it reads to the end of the stream where the length is less than 6",
        "length.least",
        "b3200003" + _FOO,
        [_damaged("b3200003b329", "truncated")],
        lambda sight: sight.has_error("length_too_short"),
    ),
    Divergence(
        "it drops the octets of a packet that the stream ends in",
        "packet.truncated",
        _FOO[:16],
        [_damaged(_FOO[:12], "truncated")],
        lambda sight: any(each.error == "truncated" and each.length > 6 for each in sight.corrupt),
    ),
    Divergence(
        "it drops the octets of a header that the stream ends in",
        "packet.truncated",
        _FOO[:6],
        [_damaged("b3", "truncated")],
        lambda sight: any(
            each.error == "truncated" and 1 < each.length < 6 for each in sight.corrupt
        ),
    ),
    Divergence(
        "it raises where a number or the seconds are cut",
        "reader.no-exception",
        "b32800081606a102" + _FOO,
        [_RAISED],
        lambda sight: any(map(_number_is_cut, sight.corrupt)),
    ),
    Divergence(
        "it adds nanoseconds over a second to the seconds",
        "timestamp.nanoseconds",
        "b322001000000001fb9aca00a70383e8",
        [_packet(timestamp=_EPOCH + datetime.timedelta(seconds=2))],
        lambda sight: sight.has_error("nanoseconds"),
    ),
    Divergence(
        "it looks for NUL before it looks for UTF-8",
        "string.no-nul",
        "b328000b0200ff9e89b1fa",
        [_damaged("b328000b0200ff9e89b1fa", "nul")],
        lambda sight: any(map(_has_both_faults, sight.corrupt)),
    ),
    Divergence(
        "it takes octets that no field accounts for",
        "fields.nothing-left",
        "b3200009ffcdb77e23",
        [_packet()],
        lambda sight: sight.has_error("trailing_bytes"),
    ),
    Divergence(
        "it loses the packets inside a damaged length",
        "recovery.region",
        "b3290118" + _FOO[8:] + _FOO,
        [_damaged("b3290118" + _FOO[8:] + _FOO, "checksum")],
        lambda sight: sight.region_cut_short,
    ),
    Divergence(
        "it takes any 0xB3 between characters for a packet's start",
        "stream.false-start",
        b"ok \xb3 ok ok\n".hex() + _FOO,
        [_passed(b"ok ".hex()), _damaged(b"\xb3 ok o".hex(), "truncated")],
        lambda sight: sight.bare_signature,
    ),
    Divergence(
        "it takes a 0xB3 that ends a character for a packet's start",
        "stream.character",
        "adiós\n".encode().hex() + _FOO,
        [_passed("adió".encode().hex()), _damaged("b3730ab32901", "truncated")],
        lambda sight: sight.signature_ends_character,
    ),
    Divergence(
        "it loses track of characters behind one that was cut",
        "stream.text",
        "c3780ae0b3a0" + b" ok ok\n".hex() + _FOO,
        [_passed("c3780ae0"), _damaged("b3a0206f6b20", "truncated")],
        lambda sight: sight.signature_while_lost,
    ),
    Divergence(
        "it passes the signature of a packet on that cuts a character",
        "stream.partition",
        b"caf\xc3".hex() + _FOO,
        [_passed(b"caf\xc3\xb3".hex()), _FOO_EXISTS],
        lambda sight: sight.packet_in_character,
    ),
    Divergence(
        "it reports damage by packets that a stream can hold too",
        "recovery.report",
        "b32840250e737562756e69742e7061727365720b5061636b657420646174610178fa7973d3",
        [{"kind": "corrupt", "bytes": b"x"}],
        lambda sight: any(packet.test_id == "subunit.parser" for packet in sight.packets),
    ),
]
