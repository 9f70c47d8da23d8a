"""A session harness for readers that take too much time or memory, or say so wrongly.

reading.py FAULT
"""

from __future__ import annotations

import json
import os
import sys
import zlib
from typing import Any

from subunit2 import Item, Reader
from subunit2.framing.range_crc import RangeChecksums
from subunit2.packets.crc import crc32

FAULT = sys.argv[1] if len(sys.argv) > 1 else ""

#: All that was ever read.
KEPT: list[bytes] = []

#: How often a checksum is computed that takes too much time: often enough for this time to
#: stand out from that of requests and answers on streams of a megabyte.
TIMES = 4


def naive(self: Any, view: memoryview, base: int, offset: int, length: int) -> bool:
    """Compute the checksum of each candidate anew."""
    index = offset - base
    end = index + length
    for _ in range(TIMES):
        checksum = crc32(view[index : end - 4])
    return checksum == int.from_bytes(view[end - 4 : end], "big")


class Copying:
    """Copies what is held at each feed, computes its checksum, and reads it anew."""

    def __init__(self) -> None:
        self.held = b""

    @property
    def pending(self) -> int:
        return len(self.held)

    def feed(self, data: bytes) -> list[Item]:
        self.held += data
        for _ in range(TIMES):
            zlib.crc32(self.held)
        reader = Reader()
        items = reader.feed(self.held)
        self.held = self.held[reader.offset :]
        return items

    def close(self) -> list[Item]:
        reader = Reader()
        return reader.feed(self.held) + reader.close()


class Harness:
    reader: Reader | Copying = Reader()

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["op"]:
            case "hello":
                profiles = ["packet", "stream", "recovery"]
                return {"name": "reading", "profiles": profiles}
            case "open":
                self.reader = Copying() if FAULT == "copies" else Reader()
                return {}
            case "feed":
                octets = bytes.fromhex(request["bytes"])
                if FAULT == "keeps":
                    KEPT.append(octets)
                if FAULT == "dies":
                    os._exit(3)
                return self.said(self.reader.feed(octets))
            case "close":
                return self.said(self.reader.close())
        return {}

    def said(self, items: list[Item]) -> dict[str, Any]:
        held: object = self.reader.pending
        if FAULT == "hides":
            held = 0
        if FAULT == "keeps":
            held = sum(map(len, KEPT))
        if FAULT == "held-text":
            held = "3"
        return {"items": [item.to_dict() for item in items], "held": held}


def main() -> None:
    harness = Harness()
    if FAULT == "quadratic":
        RangeChecksums.holds = naive  # type: ignore[assignment,method-assign]
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], **harness.answer(request)}), flush=True)
        if request["op"] == "bye":
            return


if __name__ == "__main__":
    main()
