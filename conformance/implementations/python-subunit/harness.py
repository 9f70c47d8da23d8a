"""python-subunit behind the session protocol of HARNESS.md.

Strategy: its reader blocks, so it runs in a thread of its own on a raw stream
under a BufferedReader, which is what `sys.stdin.buffer` is. When the reader asks
for octets and none are left, the `feed` is answered, and the thread waits for
the next: exact, without clocks.

It reports output as files of a name that no packet has, and damage as two events
of a test named `subunit.parser`; both are made items again here.
"""

from __future__ import annotations

import datetime
import io
import json
import sys
import threading
import traceback
from importlib.metadata import version
from queue import SimpleQueue
from typing import Any

import subunit

Answer = dict[str, Any]

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

#: What output is labelled with: nothing that a packet can hold.
OUTPUT = object()

#: Which error it means, by words of its message.
ERRORS = {
    "Bad checksum": "checksum",
    "Short read": "truncated",
    "4 byte value": "length_encoding",
    "extends past end": "field_overrun",
    "contains NUL": "nul",
    "is not UTF8": "utf8",
    "partially decodable": "utf8",
}


class Fed(io.RawIOBase):
    """A raw stream of what is fed. `told` gets None whenever octets are missing."""

    def __init__(self) -> None:
        self.fed: SimpleQueue[bytes] = SimpleQueue()
        self.told: SimpleQueue[Answer | None] = SimpleQueue()
        self._left = b""
        self._at_end = False

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As many octets as there are; waits where there are none."""
        if not self._left and not self._at_end:
            self.told.put(None)
            self._left = self.fed.get()
            self._at_end = not self._left
        piece = self._left[: len(buffer)]
        self._left = self._left[len(piece) :]
        buffer[: len(piece)] = piece
        return len(piece)


class Stream:
    """One stream that is being read, and the items that are out and not yet answered."""

    def __init__(self) -> None:
        self._source = Fed()
        self._items: list[Answer] = []
        self._output = bytearray()
        self._damaged = b""
        self._end: Answer | None = None
        threading.Thread(target=self._read, daemon=True).start()
        self._wait()

    def _read(self) -> None:
        try:
            source = io.BufferedReader(self._source)
            subunit.ByteStreamToStreamResult(source, non_subunit_name=OUTPUT).run(self)
            self._source.told.put({})
        except Exception as error:
            self._source.told.put({"error": _named(error)})

    def _wait(self) -> Answer:
        self._end = self._source.told.get()
        self._add()
        items, self._items = self._items, []
        return (self._end or {}) if self._end and "error" in self._end else {"items": items}

    def feed(self, octets: bytes) -> Answer:
        """What is out when it asks for more; no octets are the stream's end."""
        if self._end is not None:
            return self._end if "error" in self._end else {"items": []}
        self._source.fed.put(octets)
        return self._wait()

    def status(self, **event: Any) -> None:
        """An event of the reader, in its thread."""
        name, content = event["file_name"], bytes(event["file_bytes"] or b"")
        if name is OUTPUT:
            self._output += content
        elif event["test_id"] == "subunit.parser" and name == "Packet data":
            self._damaged = content
        elif event["test_id"] == "subunit.parser" and name == "Parser Error":
            [error] = [code for words, code in ERRORS.items() if words in content.decode()]
            self._add({"kind": "corrupt", "error": error, "bytes": self._damaged.hex()})
        else:
            self._add(_packet(event))

    def _add(self, *items: Answer) -> None:
        """Items, behind the output before them: it comes octet by octet."""
        if self._output:
            self._items.append({"kind": "passthrough", "bytes": self._output.hex()})
            self._output.clear()
        self._items += items


def _named(error: Exception) -> str:
    return traceback.format_exception_only(error)[-1].strip()


def _packet(event: dict[str, Any]) -> Answer:
    form = {"kind": "packet"} | {key: value for key, value in event.items() if value is not None}
    if "test_tags" in form:
        # It gives a set, which has no order.
        form["test_tags"] = sorted(form["test_tags"], key=str.encode)
    if "file_bytes" in form:
        form["file_bytes"] = bytes(form["file_bytes"]).hex()
    if "timestamp" in form:
        since = form["timestamp"] - EPOCH
        form["timestamp"] = {
            "seconds": since.days * 86400 + since.seconds,
            "nanoseconds": since.microseconds * 1000,
        }
    return form


def _encode(form: dict[str, Any]) -> Answer:
    event = {key: value for key, value in form.items() if key != "kind"}
    if "file_bytes" in event:
        event["file_bytes"] = bytes.fromhex(event["file_bytes"])
    if time := event.get("timestamp"):
        seconds, nanoseconds = time["seconds"], time["nanoseconds"]
        if nanoseconds % 1000 or not 0 <= nanoseconds < 1_000_000_000:
            return {"unsupported": "a datetime has microseconds, of less than a second"}
        try:
            event["timestamp"] = EPOCH + datetime.timedelta(
                seconds=seconds, microseconds=nanoseconds // 1000
            )
        except OverflowError:
            return {"unsupported": "a datetime ends with the year 9999"}
    out = io.BytesIO()
    try:
        subunit.StreamResultToBytes(out).status(**event)
    except Exception as error:
        print(_named(error), file=sys.stderr)
        # How it refuses; no exception says which field it is.
        return {"refused": True}
    return {"bytes": out.getvalue().hex()}


def main() -> None:
    """Answer until `bye`."""
    stream: Stream | None = None
    for line in sys.stdin:
        request = json.loads(line)
        answer: Answer = {}
        match request["op"]:
            case "hello":
                answer = {
                    "name": "python-subunit",
                    "version": version("python-subunit"),
                    "language": "Python",
                    "profiles": ["packet", "stream", "recovery", "writer"],
                }
            case "open" if "routes" in request:
                answer = {"unsupported": "no multiplexer"}
            case "open" | "bye":
                if stream is not None:
                    stream.feed(b"")
                stream = Stream() if request["op"] == "open" else None
            case "feed" if stream is not None:
                octets = bytes.fromhex(request["bytes"])
                answer = stream.feed(octets) if octets else {"items": []}
            case "close" if stream is not None:
                answer = stream.feed(b"")
            case "stop":
                answer = {"unsupported": "its reader cannot be told to stop waiting"}
            case "encode" if request.get("split"):
                answer = {"unsupported": "it does not split"}
            case "encode":
                answer = _encode(request["packet"])
        print(json.dumps({"id": request["id"]} | answer, separators=(",", ":")), flush=True)
        if request["op"] == "bye":
            return


if __name__ == "__main__":
    main()
