"""`subunit2 decode`: convert a stream to JSON Lines."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from msgspec.json import Encoder

from subunit2.cli.exits import DONE, FAILED
from subunit2.cli.input import add_stream_options, read_items
from subunit2.jsonform import item_to_dict

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Any

__all__ = ["configure", "run"]

#: From this size on, in octets, an item may not fit in memory as JSON.
_LARGE: Final = 1 << 16

_lines: Final = Encoder().encode_lines

_EPILOG: Final = """\
Prints one item a line, in the form of item.schema.json (see `subunit2 spec`).
The form is lossless: for any FILE, `subunit2 decode FILE | subunit2 encode`
reproduces FILE. An item is printed as soon as its last octet is read.

examples:
  subunit2 decode run.subunit
  subunit2 decode a | jq -r 'select(.test_status == "fail").test_id'
  subunit2 decode --strict run.subunit > /dev/null && echo undamaged
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_stream_options(parser)


def run(options: argparse.Namespace) -> int:
    """Decode a stream, and return the exit status."""
    output = sys.stdout.buffer
    damage = None
    if options.strict:
        # Imported here, since the command starts faster without it.
        from subunit2.cli.damage import DamageCounts, fails_strictly

        damage = DamageCounts()
    lines_of = _ascii_lines if sys.stdout.isatty() else _lines
    for items in read_items(options):
        if not items:
            continue
        is_large = any(item.length > _LARGE for item in items)
        forms = [item_to_dict(item) for item in items]
        output.write(_large_lines(forms) if is_large and lines_of is _lines else lines_of(forms))
        output.flush()
        if damage is not None:
            damage.feed(items)
    if damage is None:
        return DONE
    damage.close()
    return FAILED if fails_strictly(damage, options) else DONE


def _large_lines(forms: Iterable[dict[str, Any]]) -> bytearray:
    """Encode JSON Lines into a buffer of our own.

    With one of its own, msgspec 0.22 crashes if there is not enough memory.
    """
    lines = bytearray()
    encoder = Encoder()
    for form in forms:
        encoder.encode_into(form, lines, -1)
        lines += b"\n"
    return lines


def _ascii_lines(forms: Iterable[dict[str, Any]]) -> bytes:
    """Encode JSON Lines in ASCII: a terminal would obey control characters."""
    import json

    return b"".join(json.dumps(form, separators=(",", ":")).encode() + b"\n" for form in forms)
