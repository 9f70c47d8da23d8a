#!/usr/bin/env python3
"""A harness for a subunit v2 reader and writer in Python. Copy it, and add yours.

1. Replace the code under YOUR READER and YOUR WRITER GOES HERE, and list your `profiles`.
2. Run:  subunit2 conformance run --session 'python3 harness.py'
Until then, it calls the subunit2 library. HARNESS.md describes the requests.
"""

import json
import sys

import subunit2

HELLO = {
    "name": "python-template",
    "version": subunit2.__version__,
    "language": "Python",
    "profiles": ["packet", "stream", "recovery", "writer"],
    # "live": False,  # for a reader that returns its items only at the end
}


class Reader:
    """YOUR READER GOES HERE: octets in, items out, as soon as they are certain."""

    def __init__(self):
        self.reader = subunit2.Reader()

    def feed(self, octets):
        """The items that are settled now. Not live? Keep the octets, and give none here."""
        return self.reader.feed(octets)

    def stop(self):
        """The items of the octets held; the stream goes on. Optional: delete it, and "stop"."""
        return self.reader.stop_waiting()

    def close(self):
        """The rest: the stream has ended."""
        return self.reader.close()

    def answer(self, items):
        """Items in the form of item.schema.json. Optional: offset, length, raw; octets held."""
        return {"items": [item.to_dict() for item in items], "held": self.reader.pending}


class RefusedError(Exception):
    """The packet cannot be written; the key that is wrong, or True where that is not known."""


def encode(packet, split):
    """YOUR WRITER GOES HERE: a dict of the same form to octets. No writer? `profiles` without it.
    With `split`, the content may be larger than a packet: the octets of all packets that it takes.
    """
    try:
        if not split:
            return subunit2.encode(subunit2.item_from_dict(packet))
        content = bytes.fromhex(packet.pop("file_bytes"))
        return b"".join(subunit2.encode_attachment(subunit2.item_from_dict(packet), content))
    except ValueError as error:
        raise RefusedError(str(error).partition(":")[0]) from error


# The session follows, and needs no change.
def answer(request, streams):
    """The answer to a request, without its id; `streams` holds the reader of the stream."""
    match request["op"]:
        case "hello":
            return HELLO
        case "open" | "bye" if "routes" not in request:
            streams[:] = [Reader()]
            return {}
        case "feed" if "input" not in request:
            return streams[0].answer(streams[0].feed(bytes.fromhex(request["bytes"])))
        case "stop" | "close" if "input" not in request:
            return streams[0].answer(getattr(streams[0], request["op"])())
        case "encode":
            return {"bytes": encode(request["packet"], request.get("split", False)).hex()}
    return {"unsupported": "this harness does not support it"}


def main():
    """Answer each line with a line, until bye."""
    streams = []
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = answer(request, streams)
        except RefusedError as refused:
            reply = {"refused": refused.args[0]}
        except Exception as error:  # the reader fell over: that is what the runner wants to know
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": request["id"], **reply}), flush=True)
        if request["op"] == "bye":
            break


if __name__ == "__main__":
    main()
