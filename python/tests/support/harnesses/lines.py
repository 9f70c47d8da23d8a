"""A writer that is asked in lines, with an optional fault.

lines.py session|filter [FAULT]
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

from subunit2 import EncodeError, Packet, encode, item_from_dict
from subunit2.writer import encode_attachment

WHAT = sys.argv[1] if len(sys.argv) > 1 else "session"
FAULT = sys.argv[2] if len(sys.argv) > 2 else ""


def questions() -> Iterator[dict[str, Any]]:
    """Yield the packets to write; `split` is a key of those that may be split."""
    packet: dict[str, Any] = {}
    for line in sys.stdin:
        key, _, value = line.removesuffix("\n").partition(" ")
        text = unquote_to_bytes(value).decode("utf-8", "surrogatepass")
        if not key:
            yield packet
            packet = {}
        elif key in ("runnable", "eof", "split"):
            packet[key] = {"true": True, "false": False}[value]
        elif key == "timestamp":
            seconds, nanoseconds = map(int, value.split(" "))
            packet[key] = {"seconds": seconds, "nanoseconds": nanoseconds}
        elif key == "test_tags":
            packet[key] = []
            packet["tags"] = int(value)
        elif key == "test_tag":
            packet["test_tags"].append(text)
        elif key == "file_bytes":
            packet[key] = unquote_to_bytes(value).hex()
        else:
            packet[key] = text
    assert not packet, "the last question has no end"


def octets_of(packet: dict[str, Any]) -> bytes:
    assert packet.pop("tags", 0) == len(packet.get("test_tags", ()))
    if not packet.pop("split", False):
        return encode(item_from_dict(packet))
    content = bytes.fromhex(packet.pop("file_bytes"))
    item = item_from_dict(packet)
    assert isinstance(item, Packet)
    return b"".join(encode_attachment(item, content))


def answer(packet: dict[str, Any]) -> str:
    if FAULT == "unsupported":
        return "unsupported no packets here"
    if FAULT == "error":
        return "error ValueError: bad"
    if FAULT == "upper-case":
        return "B3"
    if FAULT == "odd":
        return "b32"
    if FAULT == "not-named":
        return "refused"
    if FAULT == "ends-lines-as-windows":
        return octets_of(packet).hex() + "\r"
    if FAULT == "dies":
        os.kill(os.getpid(), signal.SIGSEGV)
    if FAULT == "hangs":
        signal.pause()
    try:
        return octets_of(packet).hex()
    except EncodeError as error:
        return f"refused {error.field}"


def main() -> int:
    for packet in questions():
        if WHAT == "filter":
            try:
                sys.stdout.buffer.write(octets_of(packet))
            except EncodeError:
                return 1
        else:
            # Both lines of a pair in one write, so that they are read at once.
            more = "\nrefused" if FAULT == "answers-twice" else ""
            print(answer(packet) + more, flush=True)
    if FAULT == "stays":
        time.sleep(1000)
    return 5 if FAULT == "ends-badly" else 0


if __name__ == "__main__":
    sys.exit(main())
