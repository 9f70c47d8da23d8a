"""The library behind the session protocol of HARNESS.md.

Strategy: as thin as can be, for it is also the example. The reader is chosen by
the first argument: `default`, `reference` (packets decoded by the reader that
Kaitai Struct generates) or `grammar` (the recogniser, which reads at the end of
the stream, and is slow).
"""

from __future__ import annotations

import json
import sys
from functools import lru_cache
from typing import Any

import subunit2
from subunit2 import (
    EncodeError,
    Item,
    Packet,
    Reader,
    encode,
    encode_attachment,
    item_from_dict,
    replace,
)
from subunit2.multiplexer import Multiplexer

Answer = dict[str, Any]

NAMES = {
    "default": "subunit2",
    "reference": "subunit2-reference",
    "grammar": "subunit2-grammar",
}

#: The recogniser looks at every octet as its clause says; a megabyte takes minutes.
GRAMMAR_LIMIT = 1 << 16


class UnsupportedError(Exception):
    """What is asked is not there."""


class WholeStream:
    """The grammar's recogniser, as a reader that gives its items at the end."""

    def __init__(self) -> None:
        self._stream = bytearray()
        self._stops: list[int] = []

    def feed(self, data: bytes) -> list[Item]:
        """Nothing yet."""
        self._stream += data
        if len(self._stream) > GRAMMAR_LIMIT:
            raise UnsupportedError(f"a stream of more than {GRAMMAR_LIMIT:,} octets")
        return []

    @property
    def pending(self) -> int:
        """The octets held: the whole stream."""
        return len(self._stream)

    def stop_waiting(self) -> list[Item]:
        """Nothing yet."""
        self._stops.append(len(self._stream))
        return []

    def close(self) -> list[Item]:
        """All items."""
        return _recognise(bytes(self._stream), tuple(self._stops))


@lru_cache(maxsize=1)
def _recognise(stream: bytes, stops: tuple[int, ...]) -> list[Item]:
    # The same stream is asked for cut in each of its places, and is whole here again.
    from subunit2.grammar.recogniser import recognise

    return recognise(stream, stops)


class Session:
    """Answers requests, one after the other."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._reader: Reader | WholeStream = self._new_reader()
        self._multiplexer = Multiplexer([])

    def answer(self, request: Answer) -> Answer:
        """What to answer, without the id."""
        match request["op"]:
            case "hello":
                return self._introduce()
            case "open" if "routes" in request:
                self._multiplexer = Multiplexer(request["routes"])
            case "open":
                self._reader = self._new_reader()
            case "feed" if "input" in request:
                octets = bytes.fromhex(request["bytes"])
                return {"bytes": self._multiplexer.feed(request["input"], octets).hex()}
            case "feed":
                return self._items(self._reader.feed(bytes.fromhex(request["bytes"])))
            case "stop" if "input" in request:
                return {"bytes": self._multiplexer.stop_waiting(request["input"]).hex()}
            case "stop":
                return self._items(self._reader.stop_waiting())
            case "close" if "input" in request:
                return {"bytes": self._multiplexer.close(request["input"]).hex()}
            case "close":
                return self._items(self._reader.close())
            case "encode":
                return _encode(request["packet"], split=request.get("split", False))
        return {}

    def _items(self, items: list[Item]) -> Answer:
        return {"items": [item.to_dict() for item in items], "held": self._reader.pending}

    def _introduce(self) -> Answer:
        answer = {"name": NAMES[self._kind], "version": subunit2.__version__, "language": "Python"}
        readers = ["packet", "stream", "recovery"]
        if self._kind == "grammar":
            return answer | {"profiles": readers, "live": False}
        others = ["writer", "multiplexer"] if self._kind == "default" else []
        return answer | {"profiles": readers + others}

    def _new_reader(self) -> Reader | WholeStream:
        return (
            WholeStream() if self._kind == "grammar" else Reader(reference=self._kind != "default")
        )


def _encode(form: dict[str, Any], *, split: bool) -> Answer:
    try:
        packet = item_from_dict(form)
        if split and isinstance(packet, Packet):
            content = packet.file_bytes or b""
            return {
                "bytes": b"".join(
                    encode_attachment(replace(packet, file_bytes=None), content)
                ).hex()
            }
        return {"bytes": encode(packet).hex()}
    except EncodeError as error:
        return {"refused": error.field}
    except ValueError as error:
        # It is not even an item: the message begins with the key.
        return {"refused": str(error).partition(":")[0]}


def main() -> None:
    """Answer until `bye`."""
    session = Session(sys.argv[1] if len(sys.argv) > 1 else "default")
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = session.answer(request)
        except UnsupportedError as why:
            answer = {"unsupported": str(why)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": request["id"]} | answer, separators=(",", ":")), flush=True)
        if request["op"] == "bye":
            return


if __name__ == "__main__":
    main()
