"""`subunit2 decode`: a stream to JSON Lines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from msgspec.json import Encoder

from subunit2.cli.input import add_stream_options, read_items
from subunit2.items import Corrupt
from subunit2.jsonform import item_to_dict

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

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
    lines_of = _ascii_lines if sys.stdout.isatty() else Encoder().encode_lines
    for items in read_items(options):
        if not items:
            continue
        output.write(lines_of([item_to_dict(item) for item in items]))
        output.flush()
        if options.strict and not damaged:
            damaged = any(isinstance(item, Corrupt) for item in items)
    return int(damaged)


def _ascii_lines(forms: Iterable[dict[str, Any]]) -> bytes:
    """The lines for a terminal: escapes, where control characters could harm it."""
    import json

    return b"".join(json.dumps(form, separators=(",", ":")).encode() + b"\n" for form in forms)
