"""The formats that subunit is compared with: events, and their writers and readers.

Strategy: the same events are written in each format, and read back by a library of that format.
One reader stops at its first error, another goes on by trying each later octet.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from functools import cache
from io import BytesIO
from typing import Any, Final, NamedTuple, TypeAlias

import bcoding
import msgpack
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, proto
from google.protobuf.message import DecodeError

from subunit2 import Corrupt, Packet, Timestamp, decode, encode
from subunit2.items import TEST_STATUSES

__all__ = ["FORMATS", "STATUSES", "Event", "Format", "Found", "at_each", "event_of", "events"]

#: An event, by the names of the fields of a packet.
Event: TypeAlias = dict[str, Any]

#: The values that a reader finds: events and others, and None for an error that it notices.
Found: TypeAlias = Iterator[Any]

_TRACEBACK: Final = "".join(
    f'  File "tests/test_ship.py", line {line}, in {name}\n'
    for line, name in ((80, "test_cargo"), (12, "load"), (7, "weigh"))
)


def events() -> list[Event]:
    """Return a short run: tests that start and end, one of them with a traceback."""
    run: list[Event] = []
    for number in range(10):
        test = {"test_id": f"tests.test_ship.ShipTest.test_cargo_{number}", "runnable": True}
        run.append({**test, "test_status": "inprogress", "seconds": 1_700_000_000 + number})
        if number == 5:
            file = {"file_name": "traceback", "file_bytes": _TRACEBACK.encode(), "eof": True}
            run.append({**test, **file, "mime_type": "text/plain;charset=utf8"})
        status = "fail" if number == 5 else "success"
        run.append({**test, "test_status": status, "seconds": 1_700_000_001 + number})
    return run


STATUSES: Final = ("", *TEST_STATUSES)


class Format(NamedTuple):
    """A format of events.

    :ivar package: the distribution that reads it, if it is neither this one nor Python.
    :ivar write: returns an event as octets.
    :ivar read: yields what a reader finds, up to its first error.
    :ivar retry: the same, going on behind errors.
    :ivar value_at: reads the value where a file stands, or raises an error of any class; None
        if the format says itself where values start.
    """

    name: str
    package: str | None
    write: Callable[[Event], bytes]
    read: Callable[[bytes], Found]
    retry: Callable[[bytes], Found]
    value_at: Callable[[BytesIO], Any] | None = None


# ---- subunit ---------------------------------------------------------------------


def _write_subunit(event: Event) -> bytes:
    fields = {key: value for key, value in event.items() if key != "seconds"}
    if "seconds" in event:
        fields["timestamp"] = Timestamp(event["seconds"], 0)
    return encode(Packet(**fields))


def _read_subunit(octets: bytes) -> Found:
    for item in decode(octets):
        if isinstance(item, Corrupt):
            yield None
        elif isinstance(item, Packet):
            yield event_of(item)


def event_of(packet: Packet) -> Event:
    """Return the event of a packet."""
    form = packet.to_dict()
    event = {key: form[key] for key in _KEYS if form.get(key) not in (None, False)}
    if packet.timestamp is not None:
        event["seconds"] = packet.timestamp.seconds
    if packet.file_bytes is not None:
        event["file_bytes"] = packet.file_bytes
    return event


_KEYS: Final = ("test_id", "test_status", "runnable", "file_name", "eof", "mime_type")


# ---- JSON ------------------------------------------------------------------------


def _write_json(event: Event) -> bytes:
    form = dict(event)
    if "file_bytes" in form:
        form["file_bytes"] = base64.b64encode(form["file_bytes"]).decode()
    return json.dumps(form, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def _read_json(octets: bytes) -> Found:
    for line in octets.splitlines():
        try:
            form = json.loads(line)
            if isinstance(form, dict) and isinstance(form.get("file_bytes"), str):
                form["file_bytes"] = base64.b64decode(form["file_bytes"], validate=True)
        except ValueError:
            # Output of a program, or damage: a line does not say which.
            continue
        yield form


# ---- MessagePack and bencode -----------------------------------------------------


def at_each(file: BytesIO, value_at: Callable[[BytesIO], Any]) -> Found:
    """Yield values one behind the other, and None for each octet where none starts."""
    index = 0
    while index < len(file.getbuffer()):
        file.seek(index)
        try:
            value = value_at(file)
            index = file.tell()
        except Exception:
            # Libraries raise errors of many classes on noise.
            value = None
            index += 1
        yield value


def _up_to_error(found: Found) -> Found:
    for value in found:
        yield value
        if value is None:
            return


def _msgpack_at(file: BytesIO) -> Any:
    start = file.tell()
    unpacker = msgpack.Unpacker(file, read_size=1, raw=False, strict_map_key=False)
    value = unpacker.unpack()
    file.seek(start + unpacker.tell())
    return value


def _bencode_at(file: BytesIO) -> Any:
    return _from_bencode(bcoding.bdecode(file))


def _write_bencode(event: Event) -> bytes:
    # bencode has no booleans.
    written: bytes = bcoding.bencode({key: _number_or_text(value) for key, value in event.items()})
    return written


def _number_or_text(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _from_bencode(value: Any) -> Any:
    if isinstance(value, dict):
        for key in ("runnable", "eof"):
            if value.get(key) in (0, 1):
                value[key] = bool(value[key])
        if isinstance(value.get("file_bytes"), str):
            value["file_bytes"] = value["file_bytes"].encode()
    return value


# ---- protobuf --------------------------------------------------------------------

_FIELDS: Final = {
    "test_id": "STRING",
    "test_status": "UINT32",
    "seconds": "FIXED32",
    "runnable": "BOOL",
    "file_name": "STRING",
    "file_bytes": "BYTES",
    "mime_type": "STRING",
    "eof": "BOOL",
    "route_code": "STRING",
}


@cache
def _message() -> Any:
    """Return the class of an event in protobuf."""
    types = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="e", syntax="proto3")
    message = file.message_type.add(name="Event")
    for number, (name, kind) in enumerate(_FIELDS.items(), start=1):
        kind_number = types.Type.Value(f"TYPE_{kind}")
        message.field.add(name=name, number=number, type=kind_number, label=types.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("e.Event"))


def _write_protobuf(event: Event) -> bytes:
    form = dict(event)
    if "test_status" in form:
        form["test_status"] = STATUSES.index(form["test_status"])
    out = BytesIO()
    proto.serialize_length_prefixed(_message()(**form), out)
    return out.getvalue()


def _protobuf_at(file: BytesIO) -> Any:
    message = proto.parse_length_prefixed(_message(), file)
    if message is None:
        raise DecodeError("nothing")
    event = {field.name: value for field, value in message.ListFields()}
    if "test_status" in event:
        event["test_status"] = dict(enumerate(STATUSES)).get(event["test_status"], "?")
    return event


def _format(
    name: str,
    package: str,
    write: Callable[[Event], bytes],
    value_at: Callable[[BytesIO], Any],
) -> Format:
    """Return a format whose library reads a value where a file stands."""

    def retry(octets: bytes) -> Found:
        return at_each(BytesIO(octets), value_at)

    return Format(name, package, write, lambda octets: _up_to_error(retry(octets)), retry, value_at)


FORMATS: Final = (
    Format("subunit", None, _write_subunit, _read_subunit, _read_subunit),
    _format("protobuf", "protobuf", _write_protobuf, _protobuf_at),
    _format("MessagePack", "msgpack", msgpack.packb, _msgpack_at),
    Format("JSON lines", None, _write_json, _read_json, _read_json),
    _format("bencode", "bcoding", _write_bencode, _bencode_at),
)
