"""Read a stream from standard input, drop its items and print the memory that this took.

`bench.processes` starts it as a process of its own, so that no other work counts.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from subunit2 import decode

_STATUS = Path("/proc/self/status")


def resident() -> dict[str, int]:
    """Return the octets of memory in use now, and the peak so far."""
    lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
    return {name: int(lines[name].split()[0]) * 1024 for name in ("VmRSS", "VmHWM")}


def main() -> None:
    """Follow the stream to its end."""
    before = resident()["VmRSS"]
    items = 0
    for _item in decode(sys.stdin.buffer):
        items += 1
    print(json.dumps({"items": items, "at_start": before, "peak": resident()["VmHWM"]}))


if __name__ == "__main__":
    main()
