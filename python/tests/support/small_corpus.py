"""A corpus of a few cases, one of each sort, for tests of views and reports."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from subunit2 import Packet, Reader, encode
from subunit2.conformance.corpus import Corpus

__all__ = ["FORMS", "octets_of", "small_corpus", "write_corpus"]

_FOO: Final = Packet(test_id="foo", test_status="exists")
_BAR: Final = Packet(test_id="bar", test_status="fail", test_tags=("slow",))
_FLIPPED: Final = bytes.fromhex("b329010c03666f6f08555f1a")
_LOG: Final = Packet(file_name="log", file_bytes=b"a" * 16_384, eof=True)


def octets_of(*items: Packet | bytes) -> bytes:
    """Return a stream of packets and other octets."""
    return b"".join(item if isinstance(item, bytes) else encode(item) for item in items)


def _reader(id: str, title: str, clauses: list[str], stream: bytes, **more: Any) -> dict[str, Any]:
    reader = Reader()
    items: list[dict[str, Any]] = []
    waits: list[list[int]] = []
    settled = 0
    for fed, octet in enumerate(stream, 1):
        for item in reader.feed(bytes([octet])):
            settled = item.offset + item.length
            _add(items, item.to_dict())
        if settled < fed:
            if waits and waits[-1][2] == settled and waits[-1][1] == fed - 1:
                waits[-1][1] = fed
            else:
                waits.append([fed, fed, settled])
    for item in reader.close():
        _add(items, item.to_dict())
    return {
        "id": id,
        "title": title,
        "profile": id.partition("/")[0],
        "clauses": clauses,
        "flags": [],
        "bytes": stream.hex(),
        "sha256": sha256(stream).hexdigest(),
        "items": items,
        "waits": waits,
    } | more


def _add(items: list[dict[str, Any]], item: dict[str, Any]) -> None:
    if items and items[-1]["kind"] == item["kind"] == "passthrough":
        items[-1]["length"] += item["length"]
        items[-1]["bytes"] += item["bytes"]
    else:
        items.append(item)


def _writer(
    id: str, title: str, clause: str, packet: dict[str, Any], **more: Any
) -> dict[str, Any]:
    return {
        "id": id,
        "title": title,
        "profile": "writer",
        "clauses": [clause],
        "flags": [],
        "packet": packet,
    } | more


def _large() -> dict[str, Any]:
    octets = encode(_LOG)
    assert crc32(octets[:-4]).to_bytes(4, "big") == octets[-4:]
    head, rest = octets[:-16_388].hex(), octets[-4:].hex()
    case = _reader("packet/large", "16,384 octets of content", ["file.field"], octets)
    content = [["61", 16_384]]
    case["flags"] = ["large"]
    case["bytes"] = [[head, 1], *content, [rest, 1]]
    case["items"][0]["file_bytes"] = content
    return case


_ROUTED: Final = octets_of(Packet(test_id="foo", test_status="exists", route_code="0"))

#: The cases in the form of cases.json, in the order of their ids.
FORMS: Final[list[dict[str, Any]]] = sorted(
    [
        _reader(
            "packet/exists", "A test exists", ["status.exists", "length.whole"], octets_of(_FOO)
        ),
        _reader("packet/exists-twice", "A packet twice", ["length.whole"], octets_of(_FOO, _FOO)),
        _large(),
        _reader(
            "stream/text-between",
            "Output stands before, between and behind packets",
            ["stream.passthrough"],
            octets_of(b"building\n", _FOO, b"ad\xc3\xb3s 10 m\xc2\xb3\n", _BAR, b"(Pdb) "),
            flags=["text"],
        ),
        _reader(
            "recovery/checksum-then-good-packet",
            "A wrong checksum is reported once, and the packet behind it is read",
            ["checksum.crc32", "recovery.report"],
            octets_of(_FLIPPED, _FOO),
            flags=["bit-flip"],
            parent="packet/exists-twice",
            mutation="flip-bit 11.0",
            notes="The stored checksum is one bit off.",
        ),
        _reader(
            "recovery/truncated",
            "The last packet is cut",
            ["packet.truncated"],
            octets_of(_FOO, _FOO)[:17],
            parent="packet/exists-twice",
            mutation="truncate 17",
        ),
        _writer(
            "writer/exists",
            "A test exists",
            "number.shortest",
            {"kind": "packet", "test_id": "foo", "test_status": "exists"},
            bytes=octets_of(_FOO).hex(),
        ),
        _writer(
            "writer/refuse-nul",
            "NUL in a test id",
            "string.no-nul",
            {"kind": "packet", "test_id": "a\0b"},
            refused="test_id",
        ),
        _writer(
            "writer/split",
            "Content larger than a packet",
            "file.split",
            {"kind": "packet", "file_name": "log", "file_bytes": [["61", 5_000_000]], "eof": True},
            split=True,
            flags=["large"],
        ),
        {
            "id": "multiplexer/one-input",
            "title": "A packet is given a route code; text is wrapped",
            "profile": "multiplexer",
            "clauses": ["route.add", "file.pass-on"],
            "flags": [],
            "routes": ["0"],
            "feeds": [
                {"input": 0, "bytes": octets_of(b"ok\n", _FOO)[:8].hex(), "packets": []},
                {
                    "input": 0,
                    "bytes": octets_of(b"ok\n", _FOO)[8:].hex(),
                    "packets": [_ROUTED.hex()],
                },
                {"input": 0, "end": True, "packets": []},
            ],
            "wrapped": [b"ok\n".hex()],
        },
    ],
    key=lambda form: str(form["id"]),
)


def write_corpus(folder: Path, forms: Sequence[dict[str, Any]] = ()) -> Path:
    """Write the corpus, or one of other cases; return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "format": 2,
        "version": "0.9.0",
        "flags": {
            "bit-flip": "one bit of a good stream is flipped",
            "large": "octets are given as repetitions",
            "text": "it is about text between packets",
        },
        "cases": list(forms or FORMS),
    }
    (folder / "cases.json").write_text(json.dumps(document))
    return folder


def small_corpus() -> Corpus:
    """Return the corpus."""
    document = {"format": 2, "version": "0.9.0", "flags": {}, "cases": FORMS}
    return Corpus(json.dumps(document).encode())
