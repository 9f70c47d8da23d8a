"""`subunit2 decode`: a stream to JSON Lines."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Final

from subunit2.cli.input import add_stream_options, read_items
from subunit2.items import Corrupt

__all__ = ["configure", "run"]

_EPILOG: Final = """\
The form of a line is described by item.schema.json: see `subunit2 spec`. It is
lossless: `subunit2 decode FILE | subunit2 encode` gives back FILE, whatever it
is. An item is out as soon as its last octet is in.

examples:
  subunit2 decode run.subunit
  subunit2 decode a | jq -r 'select(.test_status == "fail").test_id'
  subunit2 decode --strict run.subunit > /dev/null && echo undamaged
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    add_stream_options(parser)


def run(options: argparse.Namespace) -> int:
    """Decode a stream; the exit status."""
    output = sys.stdout.buffer
    damaged = False
    # A terminal is shown escapes, where a stream's control characters could harm it.
    encoder = json.JSONEncoder(ensure_ascii=sys.stdout.isatty(), separators=(",", ":"))
    for items in read_items(options):
        if not items:
            continue
        lines = [encoder.encode(item.to_dict()) for item in items]
        lines.append("")
        output.write("\n".join(lines).encode())
        output.flush()
        damaged = damaged or any(isinstance(item, Corrupt) for item in items)
    return int(damaged and options.strict)
