"""Compares readers and writers as on a machine for which there are no wheels of isal.

A process of its own, started by `bench.processes`. Usage: SEED SCALE ROUNDS
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# What is imported as None is not found.
sys.modules["isal"] = None  # type: ignore[assignment]
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> None:
    """Compare, and print what came as JSON."""
    from bench.readers import compare, writers
    from bench.workloads import WORKLOADS
    from subunit2.crc import crc32

    seed, scale, rounds = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    found = {
        "checksums": crc32.__module__,
        "readers": [compare(name, seed, scale, rounds) for name in WORKLOADS],
        "writers": [writers(name, scale, rounds) for name in ("W1", "W2")],
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
