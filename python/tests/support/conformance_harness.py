"""A session harness around our own reader and writer, correct or with one fault."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

__all__ = ["session", "write_harness"]

#: A harness around our own reader and writer, with what is wrong as its argument.
_HARNESS: Final = """
import json, sys, time
wrong = sys.argv[1]
reader = None
def items(found):
    if wrong == "drops an octet":
        for item in found:
            if item["kind"] == "passthrough":
                item["bytes"] = item["bytes"].replace("c2b3", "c2")
    if wrong in ("drops an octet", "gives no places"):
        for item in found:
            del item["offset"], item["length"]
    return {"items": found}
def answer(request):
    global reader
    if request["op"] != "hello":
        # Imported late, since it takes time: a harness that hangs must not hang before.
        import subunit2
    match request:
        case {"op": "hello"}:
            profiles = ["packet", "stream", "recovery", "writer"]
            if wrong == "claims nothing":
                profiles = []
            return {"name": "ours", "version": "1", "language": "Python", "profiles": profiles}
        case {"op": "open", "routes": _}:
            return {"unsupported": "no multiplexer"}
        case {"op": "open"}:
            reader = subunit2.Reader()
            return {}
        case {"op": "feed"}:
            if wrong == "dies":
                sys.exit(3)
            if wrong == "hangs":
                print("hanging", file=sys.stderr, flush=True)
                time.sleep(1000)
            if wrong == "fails":
                return {"error": "IndexError: \\x1b[2J"}
            found = reader.feed(bytes.fromhex(request["bytes"]))
            return items([item.to_dict() for item in found])
        case {"op": "close"}:
            found = reader.close()
            return items([item.to_dict() for item in found])
        case {"op": "encode"}:
            packet = request["packet"]
            if wrong == "writes nothing":
                return {"bytes": ""}
            try:
                if request.get("split"):
                    content = bytes.fromhex(packet.pop("file_bytes"))
                    packet = subunit2.item_from_dict(packet)
                    octets = b"".join(subunit2.encode_attachment(packet, content))
                else:
                    octets = subunit2.encode(subunit2.item_from_dict(packet))
            except subunit2.EncodeError as error:
                return {"refused": error.field}
            return {"bytes": octets.hex()}
    return {}
for line in sys.stdin:
    request = json.loads(line)
    if wrong == "answers malformed" and request["op"] == "feed":
        print("no JSON", flush=True)
        continue
    said = {"id": request["id"], **answer(request)}
    if wrong == "adds a key" and request["op"] == "feed":
        said["when"] = "now"
    print(json.dumps(said), flush=True)
    if request["op"] == "bye":
        break
"""


def write_harness(folder: Path) -> Path:
    """Write the harness; return the folder."""
    (folder / "harness.py").write_text(_HARNESS)
    return folder


def session(folder: Path, wrong: str = "") -> tuple[str, str]:
    """Return the option that runs the harness of a folder.

    :param wrong: the one thing that it does wrong.
    """
    return "--session", f"{sys.executable} {folder / 'harness.py'} '{wrong}'"
