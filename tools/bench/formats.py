"""Compare subunit with protobuf, MessagePack, JSON and bencode: sizes, and framing in noise.

Usage:
    python tools/bench/formats.py            measure, in seconds; writes docs/formats.json and the
                                             tables of docs/specification/formats.md
    python tools/bench/formats.py --tables   write the tables of docs/formats.json; measure nothing

Strategy: the same events are written in each format, and read back by a library of that format
from streams with one disturbance each. All disturbances of a kind are tried, so no figure depends
on chance or on a clock. An event counts as read if it is one that was written. One reader stops
at its first error, another goes on by trying each later octet.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from statistics import fmean
from typing import Any, Final, NamedTuple, TypeAlias

import bcoding
import msgpack
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory, proto
from google.protobuf.message import DecodeError

from subunit2.items import TEST_STATUSES

# This file is run as a script, and the folder that it stands in is a package.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.formats_page import PAGE, page_with, tables
from subunit2 import Corrupt, Packet, Timestamp, decode, encode

__all__ = ["DOCUMENT", "FORMATS", "main", "measure"]

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = ROOT / "docs" / "formats.json"

#: An event, by the names of the fields of a packet.
Event: TypeAlias = dict[str, Any]

#: What a reader finds: events and other values, and None for an error that it notices.
Found: TypeAlias = Iterator[Any]

_TRACEBACK: Final = "".join(
    f'  File "tests/test_ship.py", line {line}, in {name}\n'
    for line, name in ((80, "test_cargo"), (12, "load"), (7, "weigh"))
)

#: The event that is damaged, and the one behind it.
_DAMAGED: Final = 10


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


_STATUSES: Final = ("", *TEST_STATUSES)


class Format(NamedTuple):
    """A format of events.

    :ivar package: the distribution that reads it, if it is neither this one nor Python.
    :ivar write: returns an event as octets.
    :ivar read: yields what a reader finds, up to its first error.
    :ivar retry: the same, going on behind errors.
    """

    name: str
    package: str | None
    write: Callable[[Event], bytes]
    read: Callable[[bytes], Found]
    retry: Callable[[bytes], Found]


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
            form = item.to_dict()
            event = {key: form[key] for key in _KEYS if form.get(key) not in (None, False)}
            if item.timestamp is not None:
                event["seconds"] = item.timestamp.seconds
            if item.file_bytes is not None:
                event["file_bytes"] = item.file_bytes
            yield event


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


def _at_each(octets: bytes, read_at: Callable[[int], tuple[Any, int]]) -> Found:
    """Yield values one behind the other, and None for each octet where none starts."""
    index = 0
    while index < len(octets):
        try:
            value, index = read_at(index)
        except Exception:
            # Libraries raise errors of many classes on noise.
            value, index = None, index + 1
        yield value


def _up_to_error(found: Found) -> Found:
    for value in found:
        yield value
        if value is None:
            return


def _retry_msgpack(octets: bytes) -> Found:
    def read_at(index: int) -> tuple[Any, int]:
        unpacker = msgpack.Unpacker(raw=False, strict_map_key=False)
        unpacker.feed(octets[index:])
        return unpacker.unpack(), index + unpacker.tell()

    return _at_each(octets, read_at)


def _retry_bencode(octets: bytes) -> Found:
    def read_at(index: int) -> tuple[Any, int]:
        file = BytesIO(octets)
        file.seek(index)
        value = bcoding.bdecode(file)
        return _from_bencode(value), file.tell()

    return _at_each(octets, read_at)


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
        form["test_status"] = _STATUSES.index(form["test_status"])
    out = BytesIO()
    proto.serialize_length_prefixed(_message()(**form), out)
    return out.getvalue()


def _retry_protobuf(octets: bytes) -> Found:
    def read_at(index: int) -> tuple[Any, int]:
        file = BytesIO(octets)
        file.seek(index)
        message = proto.parse_length_prefixed(_message(), file)
        if message is None or file.tell() == index:
            raise DecodeError("nothing")
        event = {field.name: value for field, value in message.ListFields()}
        if "test_status" in event:
            event["test_status"] = dict(enumerate(_STATUSES)).get(event["test_status"], "?")
        return event, file.tell()

    return _at_each(octets, read_at)


def _stopping(retry: Callable[[bytes], Found]) -> Callable[[bytes], Found]:
    return lambda octets: _up_to_error(retry(octets))


FORMATS: Final = (
    Format("subunit", None, _write_subunit, _read_subunit, _read_subunit),
    Format("protobuf", "protobuf", _write_protobuf, _stopping(_retry_protobuf), _retry_protobuf),
    Format("MessagePack", "msgpack", msgpack.packb, _stopping(_retry_msgpack), _retry_msgpack),
    Format("JSON lines", None, _write_json, _read_json, _read_json),
    Format("bencode", "bcoding", _write_bencode, _stopping(_retry_bencode), _retry_bencode),
)


# ---- Noise -----------------------------------------------------------------------


class Noise(NamedTuple):
    """A kind of disturbance.

    :ivar damages: whether an event cannot be read any more.
    :ivar streams: yields the disturbed streams, from the octets of each event.
    """

    name: str
    damages: bool
    streams: Callable[[Sequence[bytes]], Iterator[bytes]]


_OUTPUT: Final = (
    *("starting server", "ok", ".", "5 m³", "2024 г. ", "{", "100%", "\n", "42", '"', "a log\n"),
)


def _with(written: Sequence[bytes], damaged: bytes) -> bytes:
    return b"".join((*written[:_DAMAGED], damaged, *written[_DAMAGED + 1 :]))


def _lost(written: Sequence[bytes]) -> Iterator[bytes]:
    event = written[_DAMAGED]
    for at in range(len(event)):
        yield _with(written, event[:at] + event[at + 1 :])


def _stray(written: Sequence[bytes]) -> Iterator[bytes]:
    for value in range(256):
        yield _with(written, bytes([value]) + written[_DAMAGED])


def _text(written: Sequence[bytes]) -> Iterator[bytes]:
    for text in _OUTPUT:
        yield _with(written, text.encode() + written[_DAMAGED])


def _flipped(written: Sequence[bytes]) -> Iterator[bytes]:
    event = written[_DAMAGED]
    for bit in range(8 * len(event)):
        changed = bytearray(event)
        changed[bit // 8] ^= 1 << bit % 8
        yield _with(written, bytes(changed))


def _killed(written: Sequence[bytes]) -> Iterator[bytes]:
    for size in range(1, len(written[_DAMAGED])):
        yield _with(written, written[_DAMAGED][:size])


NOISE: Final = (
    Noise("text in between", False, _text),
    Noise("a stray octet in between", False, _stray),
    Noise("an octet of an event lost", True, _lost),
    Noise("a bit of an event flipped", True, _flipped),
    Noise("an event cut off, others behind it", True, _killed),
)

#: The keys and types of an event: a consumer notices other values.
_TYPES: Final[Mapping[str, type]] = {
    **dict.fromkeys(("test_id", "test_status", "file_name", "mime_type", "route_code"), str),
    **{"seconds": int, "runnable": bool, "eof": bool, "file_bytes": bytes},
}


def _is_event(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and bool(value)
        and all(key in _TYPES and isinstance(each, _TYPES[key]) for key, each in value.items())
        and value.get("test_status", "fail") in _STATUSES
    )


def _disturbed(one: Format, noise: Noise, read: Callable[[bytes], Found]) -> dict[str, float]:
    """Return shares of events and of streams, in percent, over all streams of a kind of noise."""
    run = events()
    undamaged = [event for at, event in enumerate(run) if not noise.damages or at != _DAMAGED]
    shares, false, values = [], 0, []
    for stream in noise.streams([one.write(event) for event in run]):
        found = list(read(stream))
        shares.append(sum(event in found for event in undamaged) / len(undamaged))
        false += any(_is_event(value) and value not in run for value in found)
        values.append(sum(value is not None and value not in run for value in found))
    return {
        "streams": len(shares),
        "read": round(100 * fmean(shares), 1),
        "false": round(100 * false / len(shares), 1),
        "values": round(fmean(values), 1),
    }


def measure() -> dict[str, Any]:
    """Return all figures."""
    run = events()
    kinds = {
        "a test that starts, with the time": run[0],
        "a test that exists": {
            "test_id": run[0]["test_id"],
            "test_status": "exists",
            "runnable": True,
        },
        "a traceback": next(event for event in run if "file_name" in event),
        "64 KiB of binary content": {"file_name": "log", "file_bytes": bytes(range(256)) * 256},
    }
    return {
        "packages": {one.package: version(one.package) for one in FORMATS if one.package},
        "events": len(run),
        "sizes": {
            name: {one.name: len(one.write(event)) for one in FORMATS}
            for name, event in kinds.items()
        },
        "noise": {
            noise.name: {
                one.name: {
                    "first": _disturbed(one, noise, one.read),
                    "retry": _disturbed(one, noise, one.retry),
                }
                for one in FORMATS
            }
            for noise in NOISE
        },
    }


def main() -> int:
    """Measure, and write the document and the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tables", action="store_true", help="measure nothing; write the tables")
    if not parser.parse_args().tables:
        DOCUMENT.write_text(json.dumps(measure(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(page_with(tables(json.loads(DOCUMENT.read_text("utf-8")))), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
