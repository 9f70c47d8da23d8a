"""A corpus for tests, built from streams by the library's reader."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from subunit2 import Item, Packet, Reader, encode
from subunit2.conformance.corpus import Case, Corpus
from subunit2.conformance.results import Result
from subunit2.conformance.run import Event, Settings, Started, run
from support.streams import BAR_OCTETS, FOO_OCTETS, FULL_OCTETS, damaged, joined

HARNESSES = Path(__file__).resolve().parent / "harnesses"


def harness(*arguments: str, script: str = "session.py") -> str:
    """Return the command of a harness, as the runner takes it."""
    return shlex.join([sys.executable, str(HARNESSES / script), *arguments])


def reader_form(
    id: str, stream: bytes, clause: str = "checksum.crc32", stops: Sequence[int] = ()
) -> dict[str, Any]:
    """Return a case of a reader in its built form, with the items of our reader expected."""
    reader = Reader()
    items: list[Item] = []
    waits: list[list[int]] = []
    for fed, octet in enumerate(stream, 1):
        items += reader.feed(bytes([octet]))
        if reader.offset != fed:
            if waits and waits[-1][1:] == [fed - 1, reader.offset]:
                waits[-1][1] = fed
            else:
                waits.append([fed, fed, reader.offset])
        if fed in stops:
            items += reader.stop_waiting()
    items += reader.close()
    return {
        "id": id,
        "title": f"The stream {id}",
        "profile": id.partition("/")[0],
        "clauses": [clause],
        "flags": [],
        "bytes": stream.hex(),
        "sha256": sha256(stream).hexdigest(),
        "items": [item.to_dict() for item in joined(items)],
        **({"stops": list(stops)} if stops else {}),
        "waits": waits,
    }


def writer_form(id: str, packet: dict[str, Any], **right: Any) -> dict[str, Any]:
    return {
        "id": id,
        "title": f"The packet {id}",
        "profile": "writer",
        "clauses": ["number.shortest"],
        "flags": [],
        "packet": packet,
        **right,
    }


PACKET = {"test_id": "foo", "test_status": "exists"}

FORMS = [
    {
        "id": "multiplexer/two-inputs",
        "title": "Two inputs, text on one",
        "profile": "multiplexer",
        "clauses": ["route.add"],
        "flags": [],
        "routes": ["0", "1"],
        "feeds": [
            {
                "input": 0,
                "bytes": FOO_OCTETS.hex(),
                "packets": [
                    encode(Packet(test_id="foo", test_status="exists", route_code="0")).hex()
                ],
            },
            {"input": 1, "bytes": b"hello\n".hex(), "packets": []},
            {
                "input": 1,
                "bytes": encode(Packet(test_id="bar", route_code="3")).hex(),
                "packets": [encode(Packet(test_id="bar", route_code="1/3")).hex()],
            },
            {"input": 0, "end": True, "packets": []},
            {"input": 1, "end": True, "packets": []},
        ],
        "wrapped": ["", b"hello\n".hex()],
    },
    reader_form("packet/empty-stream", b""),
    reader_form("packet/exists", FOO_OCTETS),
    reader_form("packet/full", FULL_OCTETS),
    reader_form("recovery/damaged", damaged(FOO_OCTETS) + BAR_OCTETS),
    reader_form("recovery/truncated", FULL_OCTETS[:20]),
    reader_form("stream/only-text", b"building\nlib/\xc3\xb3 ok\n"),
    reader_form("stream/text-around", b"start" + FOO_OCTETS + b"(Pdb) " + BAR_OCTETS),
    writer_form("writer/exists", PACKET, bytes=FOO_OCTETS.hex()),
    writer_form("writer/nul", {"test_id": "a\0b"}, refused="test_id"),
    writer_form("writer/surrogate", {"test_id": "a\ud800"}, refused="test_id"),
    writer_form(
        "writer/split",
        {
            "test_id": "foo",
            "test_status": "fail",
            "file_name": "log",
            "file_bytes": [["6162", 2_200_000]],
            "eof": True,
        },
        split=True,
    ),
]


def corpus_of(*forms: dict[str, Any]) -> Corpus:
    """Return a corpus of some forms; by default, of those above."""
    document = {"format": 2, "version": "0.0.1", "flags": {}, "cases": list(forms or FORMS)}
    return Corpus(json.dumps(document).encode())


def cases(*globs: str) -> list[Case]:
    """Return the cases above whose ids match."""
    return corpus_of().select(globs=globs)


def case(id: str) -> Case:
    return corpus_of().by_id[id]


# --- Runs ---------------------------------------------------------------------------------


def events_of(*globs: str, **settings: Any) -> list[Event]:
    asked = settings.pop("cases", None) or cases(*globs)
    return list(run(Settings(cases=asked, **{"timeout": 60.0, **settings})))


def results(events: list[Event]) -> list[Result]:
    return [event for event in events if isinstance(event, Result)]


def outcomes(events: list[Event]) -> dict[str, str]:
    return {event.case.id: event.outcome for event in results(events)}


def others(events: list[Event]) -> list[Event]:
    return [event for event in events if not isinstance(event, (Result, Started))]
