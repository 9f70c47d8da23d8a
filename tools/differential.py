"""Feed random streams to two harnesses, and compare their answers.

    python tools/differential.py --count 100000 ports/perl/harness

The other harness is that of this library, unless a second command is given. Streams are made
from the pieces on which the rules of the stream turn: packets, damaged packets, headers, text,
cut characters. They are fed in random chunks, and the caller stops waiting here and there.
"""

from __future__ import annotations

import argparse
import json
import random
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from subunit2 import Packet, encode
from subunit2.packets.crc import crc32

ROOT: Final = Path(__file__).resolve().parents[1]
OURS: Final = f"{sys.executable} {ROOT}/conformance/implementations/subunit2/harness.py"

#: Octets in one write to a harness. They fit into a pipe, so that no write waits for an answer.
_BATCH: Final = 16_384

_PACKETS: Final = [
    encode(Packet(test_id="foo", test_status="exists")),
    encode(Packet(test_id="t2", test_status="fail", test_tags=("a", "bc"))),
    encode(Packet(test_id="t", file_name="log", file_bytes=b"one\ntwo\n", eof=True)),
    encode(Packet(route_code="0/1", mime_type="text/plain", file_name="o", file_bytes=b"\xb3!")),
    encode(Packet(test_id="ó", test_tags=tuple(f"{n}" for n in range(63)))),
    encode(Packet(test_id="ó", test_tags=tuple(f"{n}" for n in range(64)))),
    encode(Packet()),
    b"".join((head := bytes.fromhex("b3290106"[:6] + "0b02c285"), crc32(head).to_bytes(4, "big"))),
    b"".join((head := bytes.fromhex("b320810d0201610100"), crc32(head).to_bytes(4, "big"))),
]

_TEXTS: Final = [
    *(word.encode() for word in ("ok", "adiós ", "5 m³", "2024 г. ", "🥳", "Шаг 1", ".", "\n")),
    *(
        "5 m³ á\n".encode("latin-1"),
        b"\xb3",
        b"\xb3 2\n",
        b"\xc3",
        b"\xc2\xb3",
        b"\xd0\xb3",
        b"\x80",
    ),
    *(b"\r", b"\0", b"\t", b"\x1b[0m", b"\x7f", b"\xe5", b"\xf0\x9f", b"\xff", b"    ", b"\n\n"),
]

_HEADERS: Final = [
    bytes.fromhex(octets)
    for octets in (
        *(
            "b3",
            "b320",
            "b32000",
            "b3200008",
            "b3200007",
            "b3290009",
            "b320400a",
            "b3200040",
            "b330",
        ),
        *("b3280020", "b32c0c40", "b32000c0", "b3200800", "b320800a", "b32080800000", "b3208010ff"),
    )
]


def _piece(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.4:
        return chance.choice(_TEXTS)
    if kind < 0.55:
        return chance.choice(_HEADERS)
    if kind < 0.6:
        return chance.randbytes(chance.randrange(6))
    packet = bytearray(chance.choice(_PACKETS))
    if kind < 0.85:
        for _ in range(chance.choice((1, 1, 2))):
            at = chance.choice((chance.randrange(len(packet)), -1, 3))
            packet[at] ^= 1 << chance.randrange(8)
    if kind > 0.95:
        del packet[chance.randrange(len(packet)) :]
    return bytes(packet)


def stream(chance: random.Random) -> bytes:
    """Return a random stream."""
    return b"".join(_piece(chance) for _ in range(chance.choice((1, 2, 3, 5, 8))))


def requests(octets: bytes, chance: random.Random, share: float) -> Iterator[dict[str, Any]]:
    """Yield the requests that feed a stream in random chunks.

    :param share: the share of the streams that a multiplexer gets.
    """
    mux = chance.random() < share
    routes = {"routes": ["7"]} if mux else {}
    target = {"input": 0} if mux else {}
    yield {"op": "open", **routes}
    index = 0
    while index < len(octets):
        size = chance.choice((1, 2, 5, 20, 1000))
        yield {"op": "feed", **target, "bytes": octets[index : index + size].hex()}
        index += size
        if chance.random() < 0.03:
            yield {"op": "stop", **target}
    yield {"op": "close", **target}


class Harness:
    """A harness that answers requests, many at a time."""

    def __init__(self, command: str) -> None:
        self._process = subprocess.Popen(
            shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def answers(self, lines: list[bytes]) -> list[dict[str, Any]]:
        """Return the answers to requests."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(b"".join(lines))
        self._process.stdin.flush()
        return [json.loads(self._process.stdout.readline()) for _ in lines]

    def close(self) -> None:
        """End the harness."""
        self._process.communicate()


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the parts of an answer in which harnesses have to agree."""
    from subunit2 import decode

    if "bytes" not in answer:
        items: list[dict[str, Any]] = []
        for item in answer.get("items", ()):
            found = {key: value for key, value in item.items() if key != "raw"}
            if items and found["kind"] == items[-1]["kind"] == "passthrough":
                items[-1]["bytes"] += found["bytes"]
                items[-1]["length"] += found["length"]
            else:
                items.append(found)
        return {"items": items, "error": answer.get("error")}
    # Of a report, the reason is in the words of each multiplexer, which also cuts the chunks.
    packets: list[dict[str, Any]] = []
    for item in decode(bytes.fromhex(answer["bytes"])):
        found = {key: value for key, value in item.to_dict().items() if key not in _PLACE}
        if found.get("file_name") == "Parser Error":
            found["file_bytes"] = ""
        if packets and _continues(found, packets[-1]):
            packets[-1]["file_bytes"] += found["file_bytes"]
        else:
            packets.append(found)
    return {"packets": packets}


def _continues(packet: dict[str, Any], before: dict[str, Any]) -> bool:
    """Return whether a packet goes on with the file of the one before it."""
    same = all(before.get(key) == value for key, value in packet.items() if key != "file_bytes")
    return same and "file_name" in packet


#: Keys that differ by the place of a packet alone.
_PLACE: Final = ("offset", "length")


def main() -> int:
    """Compare two harnesses."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("session", help="the command of a harness")
    parser.add_argument("other", nargs="?", default=OURS, help="that of another (default: ours)")
    parser.add_argument("--count", type=int, default=10_000, help="streams to feed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--multiplexer", type=float, default=0.25, help="the share of streams for a multiplexer"
    )
    parser.add_argument("--shown", type=int, default=3, help="differences to show")
    arguments = parser.parse_args()

    chance = random.Random(arguments.seed)  # noqa: S311 - not a secret
    harnesses = [Harness(arguments.session), Harness(arguments.other)]
    differences = fed = 0
    while fed < arguments.count:
        asked: list[tuple[bytes, dict[str, Any]]] = []
        lines: list[bytes] = []
        size = 0
        while size < _BATCH and fed < arguments.count:
            octets = stream(chance)
            fed += 1
            for request in requests(octets, chance, arguments.multiplexer):
                line = json.dumps({"id": len(lines), **request}, separators=(",", ":"))
                lines.append(f"{line}\n".encode())
                asked.append((octets, request))
                size += len(line)
        both = [harness.answers(lines) for harness in harnesses]
        wrong: set[bytes] = set()
        for (octets, request), *answers in zip(asked, *both, strict=True):
            if octets in wrong:
                continue
            one, other = map(_plain, answers)
            if one != other:
                wrong.add(octets)
                differences += 1
                if differences <= arguments.shown:
                    print(octets.hex(), request, one, other, sep="\n  ")
    for harness in harnesses:
        harness.close()
    print(f"{fed:,} streams, {differences:,} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
