"""A session harness that uses the library's reader and writer, with an optional fault.

    session.py [FAULT [ON]]

FAULT is a name below; ON, hex, says which requests it is in: those that hold it.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from subunit2 import EncodeError, Item, Packet, Passthrough, Reader, encode, item_from_dict
from subunit2.items import replace
from subunit2.writer import encode_attachment

PROFILES = ["packet", "stream", "recovery", "writer", "multiplexer"]

FAULT = sys.argv[1] if len(sys.argv) > 1 else ""
ON = sys.argv[2] if len(sys.argv) > 2 else ""


class Multiplexer:
    """Adds the route to the packets of each input, and wraps all other octets."""

    def __init__(self, routes: list[str]) -> None:
        self.routes = routes
        self.wrapped: set[int] = set()
        self.readers = [Reader() for _ in routes]

    def feed(self, number: int, octets: bytes) -> bytes:
        return self.write(number, self.readers[number].feed(octets))

    def stop(self, number: int) -> bytes:
        return self.write(number, self.readers[number].stop_waiting())

    def close(self, number: int) -> bytes:
        out = self.write(number, self.readers[number].close())
        if number in self.wrapped:
            end = Packet(file_name="stdout", file_bytes=b"", eof=True, runnable=False)
            out += encode(replace(end, route_code=self.routes[number]))
        return out

    def write(self, number: int, items: list[Item]) -> bytes:
        if not all(isinstance(item, Packet) for item in items):
            self.wrapped.add(number)
        return b"".join(encode(self.routed(self.routes[number], item)) for item in items)

    @staticmethod
    def routed(route: str, item: Item) -> Packet:
        if not isinstance(item, Packet):
            data = item.data[:-1] if FAULT == "wraps-less" else item.data
            runs = FAULT == "wraps-runnable"
            return Packet(file_name="stdout", file_bytes=data, route_code=route, runnable=runs)
        code = route if item.route_code is None else f"{route}/{item.route_code}"
        fields = item.to_dict() | {"route_code": route if FAULT == "replaces-route" else code}
        packet = item_from_dict(fields)
        assert isinstance(packet, Packet)
        return packet


class Harness:
    reader = Reader()
    multiplexer: Multiplexer | None = None
    held: list[Item]

    def hello(self, request: dict[str, Any]) -> dict[str, Any]:
        profiles = ["packet"] if FAULT == "packet-only" else PROFILES
        said = {"name": "ours", "version": "1.0", "language": "Python", "profiles": profiles}
        return said | ({"live": False} if FAULT == "at-the-end" else {})

    def open(self, request: dict[str, Any]) -> dict[str, Any]:
        self.reader = Reader()
        self.held = []
        self.multiplexer = Multiplexer(request["routes"]) if "routes" in request else None
        return {}

    def feed(self, request: dict[str, Any]) -> dict[str, Any]:
        octets = bytes.fromhex(request["bytes"])
        if self.multiplexer is not None:
            return {"bytes": self.multiplexer.feed(request["input"], octets).hex()}
        if FAULT == "loses-at-cut" and not octets.endswith(b"\n"):
            octets = octets[:-1] + b"\n"
        items = self.held + self.reader.feed(octets)
        self.held = []
        if FAULT in ("holds-back", "at-the-end"):
            self.held, items = items, []
        if FAULT == "early" and octets == bytes([0x5F]):
            # Delivers a packet before its last octet.
            items += self.reader.feed(bytes([0x1B]))
        return {"items": [form(item) for item in items]}

    def stop(self, request: dict[str, Any]) -> dict[str, Any]:
        if FAULT == "no-stop":
            return {"unsupported": "it cannot stop"}
        if self.multiplexer is not None:
            return {"bytes": self.multiplexer.stop(request["input"]).hex()}
        items = [] if FAULT == "stops-late" else self.reader.stop_waiting()
        return {"items": [form(item) for item in items]}

    def close(self, request: dict[str, Any]) -> dict[str, Any]:
        if self.multiplexer is not None:
            return {"bytes": self.multiplexer.close(request["input"]).hex()}
        items = self.held + self.reader.close()
        self.held = []
        return {"items": [form(item) for item in items]}

    def encode(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            packet = item_from_dict(request["packet"])
            is_split = request.get("split")
            octets = self.split(request["packet"]) if is_split else encode(packet)
        except EncodeError as error:
            return {"refused": True if FAULT == "says-not-which" else error.field}
        return {"bytes": (octets[:-1] if FAULT == "writes-short" else octets).hex()}

    def split(self, whole: dict[str, Any]) -> bytes:
        content = bytes.fromhex(whole["file_bytes"])
        packet = item_from_dict({k: v for k, v in whole.items() if k != "file_bytes"})
        assert isinstance(packet, Packet)
        if FAULT == "splits-badly":
            # Each part has the status of the test.
            pieces = (content[: 1 << 21], content[1 << 21 :])
            return b"".join(encode(replace(packet, file_bytes=piece)) for piece in pieces)
        if FAULT == "loses-content":
            content = content[:-1]
        return b"".join(encode_attachment(packet, content, chunk=1 << 21))

    def bye(self, request: dict[str, Any]) -> dict[str, Any]:
        return {}


def form(item: Item) -> dict[str, Any]:
    if FAULT == "drops-an-octet" and isinstance(item, Passthrough) and len(item.data) > 3:
        item = Passthrough(item.data[:2] + item.data[3:])
    said = item.to_dict()
    if FAULT in ("no-places", "drops-an-octet"):
        for key in ("offset", "length", "raw"):
            said.pop(key, None)
    if FAULT == "no-runnable":
        said.pop("runnable", None)
    if FAULT == "wrong-offset":
        said["offset"] += 1
    return said


def flood() -> None:
    while True:
        os.write(1, b"x" * 65536)


def hang() -> None:
    signal.pause()


def close_output() -> None:
    os.close(1)
    hang()


#: Faults that replace or precede the answer.
MISDEEDS: dict[str, Callable[[], object]] = {
    "hangs": hang,
    "exits": lambda: (print("Segmentation... no", file=sys.stderr), sys.exit(3)),
    "kills-itself": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "floods": flood,
    "noise": lambda: print("debug: here"),
    "binary-noise": lambda: os.write(1, b"\xb3\x29\n"),
    "floods-stderr": lambda: os.write(2, b"x" * (1 << 20)),
    "closes-output": close_output,
    "half-a-line": lambda: (os.write(1, b'{"id":'), os._exit(0)),
}

#: Faults that change the answer.
ANSWERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "wrong-id": lambda answer: answer | {"id": answer["id"] + 1},
    "no-id": lambda answer: {key: value for key, value in answer.items() if key != "id"},
    "list": lambda answer: [answer],
    "no-items": lambda answer: {"id": answer["id"]},
    "bad-items": lambda answer: answer | {"items": [{"kind": "packet", "test_id": 1}]},
    "object-items": lambda answer: answer | {"items": {}},
    "upper-hex": lambda answer: answer | {"bytes": "B3"},
    "error": lambda answer: {"id": answer["id"], "error": "ValueError: bad\nmore"},
    "unsupported": lambda answer: {"id": answer["id"], "unsupported": "no tags"},
    "more-keys": lambda answer: answer | {"colour": "red"},
}


def main() -> None:
    harness = Harness()
    assert isinstance(sys.stdout, io.TextIOWrapper)
    sys.stdout.reconfigure(line_buffering=True)
    if FAULT == "mute":
        hang()
    if FAULT == "never-reads":
        os.close(0)
        hang()
    for line in sys.stdin:
        request = json.loads(line)
        op = request["op"]
        is_hit = op not in ("hello", "bye") and ON in line
        if is_hit and FAULT in MISDEEDS:
            MISDEEDS[FAULT]()
        answer = {"id": request["id"], **getattr(harness, op)(request)}
        if is_hit and FAULT in ANSWERS and (op in ("feed", "close", "encode")):
            print(json.dumps(ANSWERS[FAULT](answer)))
        else:
            print(json.dumps(answer))
        if FAULT == "answers-twice" and is_hit:
            print(json.dumps(answer))
        if op == "bye":
            if FAULT == "stays":
                hang()
            sys.exit(4 if FAULT == "bad-farewell" else 0)


if __name__ == "__main__":
    main()
