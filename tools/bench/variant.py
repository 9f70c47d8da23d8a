"""Measure the library as other machines have it: without a compiler, or without isal.

`bench.processes` starts it as a process, and chooses the backend by the environment. Usage:
SEED SCALE ROUNDS CHECKSUM. CHECKSUM is `all`, or `zlib`, which measures without isal and
leaves out the workloads that do not depend on it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

seed, scale, rounds = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
without_isal = sys.argv[4] == "zlib"
if without_isal:
    # A module that is None in sys.modules cannot be imported.
    sys.modules["isal"] = None  # type: ignore[assignment]
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> None:
    """Measure, and print the results as JSON."""
    from bench import readers
    from bench.workloads import HOSTILE, WORKLOADS
    from subunit2.packets.backend import BACKEND
    from subunit2.packets.crc import crc32

    same = (seed, scale, rounds)
    found: dict[str, Any] = {
        "reader": BACKEND,
        "checksums": crc32.__module__.partition(".")[0],
        "readers": [readers.compare(name, *same) for name in WORKLOADS],
        "writers": [readers.writers(name, scale, rounds) for name in ("W1", "W2")],
    }
    if not without_isal:
        sizes = [size * min(1, scale) for size in (1, 2, 4, 8)]
        found |= {
            "growth": [readers.growth(family, sizes, rounds) for family in HOSTILE],
            "damage": readers.damage(*same),
            "chunks": readers.chunks(*same),
            "json": readers.json_lines(*same),
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
