"""A decoder or an encoder that uses the library, with an optional fault.

filter.py decode|encode [FAULT]
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

from subunit2 import EncodeError, Passthrough, decode, encode, item_from_dict

WHAT = sys.argv[1] if len(sys.argv) > 1 else "decode"
FAULT = sys.argv[2] if len(sys.argv) > 2 else ""


def main() -> int:
    if FAULT == "leaves-a-child":
        # A grandchild that keeps the pipes open for longer than the timeout.
        with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]):
            signal.pause()
    if FAULT == "dies":
        os.kill(os.getpid(), signal.SIGSEGV)
    if FAULT == "unsupported":
        print("no tags here", file=sys.stderr)
        return 77
    if FAULT == "fails":
        print("Traceback\nValueError: bad", file=sys.stderr)
        return 1
    if FAULT == "floods":
        while True:
            os.write(1, b"x" * 65536)
    if FAULT == "floods-stderr":
        os.write(2, b"x" * (1 << 21))
    if FAULT == "does-not-read":
        os.close(0)
        return 0
    octets = sys.stdin.buffer.read()
    return write(octets)


def write(octets: bytes) -> int:
    if WHAT == "decode":
        for item in decode(octets):
            form = item.to_dict()
            if FAULT == "drops-an-octet":
                del form["offset"], form["length"]
                if isinstance(item, Passthrough):
                    form["bytes"] = (item.data[:4] + item.data[5:]).hex()
            print(json.dumps(form), end="" if FAULT == "no-line-end" else "\n")
        return 0
    try:
        sys.stdout.buffer.write(encode(item_from_dict(json.loads(octets))))
    except EncodeError as error:
        if FAULT == "refuses-and-writes":
            print("refused")
        print(error, file=sys.stderr)
        return 3 if FAULT == "another-status" else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
