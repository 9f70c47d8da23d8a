"""Compare subunit with protobuf, MessagePack, JSON and bencode: sizes, and framing in noise.

Usage:
    python tools/bench/formats.py            measure, in half a minute; writes docs/formats.json and
                                             the tables of docs/specification/formats.md
    python tools/bench/formats.py --tables   write the tables of docs/formats.json; measure nothing
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

# This file is run as a script, and the folder that it stands in is a package.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.format_kinds import FORMATS, events
from bench.format_noise import NOISE, QUIET, TAIL, late, read_shares
from bench.formats_page import PAGE, page_with, tables

__all__ = ["DOCUMENT", "main", "measure"]

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENT: Final = ROOT / "docs" / "formats.json"


def measure() -> dict[str, Any]:
    """Return all figures."""
    run = events()
    kinds = {
        "a test that starts, with the time": run[0],
        "a test that exists": {
            "test_id": run[0]["test_id"],
            "test_status": "exists",
            "runnable": True,
        },
        "a traceback": next(event for event in run if "file_name" in event),
        "64 KiB of binary content": {"file_name": "log", "file_bytes": bytes(range(256)) * 256},
    }
    return {
        "packages": {one.package: version(one.package) for one in FORMATS if one.package},
        "events": len(run),
        "sizes": {
            name: {one.name: len(one.write(event)) for one in FORMATS}
            for name, event in kinds.items()
        },
        "noise": {
            noise.name: {
                one.name: {
                    "first": read_shares(one, noise, one.read),
                    "retry": read_shares(one, noise, one.retry),
                }
                for one in FORMATS
            }
            for noise in NOISE
        },
        "tail": TAIL,
        "late": {
            noise.name: {one.name: late(one, noise) for one in FORMATS} for noise in (QUIET, *NOISE)
        },
    }


def main() -> int:
    """Measure, and write the document and the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--tables", action="store_true", help="measure nothing; write the tables")
    if not parser.parse_args().tables:
        DOCUMENT.write_text(json.dumps(measure(), indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(page_with(tables(json.loads(DOCUMENT.read_text("utf-8")))), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
