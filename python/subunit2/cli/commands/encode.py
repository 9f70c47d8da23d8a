"""`subunit2 encode`: convert JSON Lines to a stream.

Strategy: msgspec reads a line, which is fast, but takes the last value of a duplicate
key. Lines that msgspec rejects, and lines that may have a duplicate key, are read again
by the standard library, which shows each key and the column of an error. All errors
are reported by this second reading.
"""

from __future__ import annotations

import argparse
import codecs
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, Final

from msgspec import MsgspecError
from msgspec.json import Decoder

from subunit2.cli.exits import InputError
from subunit2.cli.input import Input, add_file, open_input
from subunit2.cli.output import packet_output
from subunit2.files import StreamWriter
from subunit2.items import Item
from subunit2.jsonform import item_from_dict

__all__ = ["configure", "run"]

_EPILOG: Final = """\
Each line is one item, in the form that `subunit2 decode` prints; empty lines
are skipped. The defaults are kind packet, runnable true and eof false; offset
and length are ignored. The command ends at the first invalid item or packet
that cannot be written; the items before it are written.

examples:
  subunit2 decode run.subunit | subunit2 encode | cmp - run.subunit
  echo '{"test_id":"foo","test_status":"exists"}' | subunit2 encode > foo

exit status:
  0  success
  1  invalid input: no item, or one that cannot be written
  2  usage error; a file cannot be read; or standard output is a terminal
     (`| cat` shows the packets anyway)
"""

_decode: Final = Decoder().decode


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.epilog = _EPILOG
    add_file(parser, "JSON Lines")


def run(options: argparse.Namespace) -> int:
    """Encode items, and return the exit status."""
    writer = StreamWriter(packet_output())
    with ExitStack() as stack:
        source = stack.enter_context(open_input(options.file))
        # A reader may wait for the packets of a pipe, but not for those of a file.
        if source.is_file:
            stack.enter_context(writer.batch())
        for number, line in enumerate(_lines(source), 1):
            if line.strip():
                _write(writer, line, number)
    return 0


def _lines(source: Input) -> Iterator[bytes]:
    """Yield the lines of the input, each as soon as it is complete. Holds one line."""
    parts: list[bytes] = []
    for chunk in source.chunks():
        assert chunk is not None
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            parts.append(line)
            yield b"".join(parts)
            parts.clear()
        if rest:
            parts.append(rest)
    if parts:
        yield b"".join(parts)


def _write(writer: StreamWriter, line: bytes, number: int) -> None:
    try:
        # Some programs start a file with a byte order mark.
        writer.write(_parse(line.removeprefix(codecs.BOM_UTF8) if number == 1 else line))
    except ValueError as error:
        # EncodeError among them: it names the field and the limit.
        raise InputError(f"line {number}: {error}") from None


def _parse(line: bytes) -> Item:
    form = _read_fast(line)
    return item_from_dict(_read_slow(line) if form is None else form)


def _read_fast(line: bytes) -> dict[str, Any] | None:
    """Read the object of a line; None if it is invalid or may have a duplicate key."""
    try:
        form = _decode(line)
    except (MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if type(form) is not dict:
        return None
    # A colon follows each key. If all colons belong to the keys that are left or to
    # strings, then no key was lost.
    colons = line.count(b":") - len(form)
    if type(timestamp := form.get("timestamp")) is dict:
        colons -= len(timestamp)
    if not colons:
        return form
    # Escapes can hide colons in strings.
    if b"\\" in line:
        return None
    for value in form.values():
        if type(value) is str:
            colons -= value.count(":")
        elif type(value) is list:
            colons -= sum(tag.count(":") for tag in value if type(tag) is str)
    return None if colons else form


def _read_slow(line: bytes) -> Any:
    import json

    try:
        return json.loads(line.decode(), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: octet {error.start + 1}") from None
    except json.JSONDecodeError as error:
        fault = error.msg.removesuffix(" at")
        reason = f"not JSON: {fault} at column {error.colno} (an item is one line)"
        raise ValueError(reason) from None
    except RecursionError:
        raise ValueError("not an item: nested too deeply") from None


def _object(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    form: dict[str, object] = {}
    for key, value in pairs:
        if key in form:
            raise ValueError(f"{key}: duplicate key")
        form[key] = value
    return form
