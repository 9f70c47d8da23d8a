"""`subunit2 encode`: JSON Lines to a stream.

Strategy: a line is read by msgspec, which is fast, and takes the last of two
values where a key stands there twice. What it refuses, and what could have such
a key, is read once more by the standard library, which lets us see each key and
says where a line is wrong: failures are named there, and only there.
"""

from __future__ import annotations

import argparse
import codecs
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import Any, Final

from msgspec import MsgspecError
from msgspec.json import Decoder

from subunit2.cli.exits import InputError
from subunit2.cli.input import Input, add_file, open_input
from subunit2.files import StreamWriter
from subunit2.items import Item
from subunit2.jsonform import item_from_dict

__all__ = ["configure", "run"]

_EPILOG: Final = """\
A line is one item in the form that `subunit2 decode` prints; empty lines are
passed over. For writing, kind defaults to packet, runnable to true and eof to
false, and offset and length are ignored. A line that is no item, or a packet
that cannot be written, ends the command; what stands before it is written.

examples:
  subunit2 decode run.subunit | subunit2 encode | cmp - run.subunit
  echo '{"test_id":"foo","test_status":"exists"}' | subunit2 encode
"""

_decode: Final = Decoder().decode


def configure(parser: argparse.ArgumentParser) -> None:
    """Add what the command can be called with."""
    parser.epilog = _EPILOG
    add_file(parser, "JSON Lines")


def run(options: argparse.Namespace) -> int:
    """Encode items; the exit status."""
    writer = StreamWriter(sys.stdout.buffer)
    with ExitStack() as stack:
        source = stack.enter_context(open_input(options.file))
        # Somebody may be waiting for what comes through a pipe, but not for
        # each packet of a file.
        if source.is_file:
            stack.enter_context(writer.batch())
        for number, line in enumerate(_lines(source), 1):
            if line.strip():
                _write(writer, line, number)
    return 0


def _lines(source: Input) -> Iterator[bytes]:
    """The lines of the input, each as soon as it is there. Holds one."""
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
    form = _read_quickly(line)
    return item_from_dict(_read_carefully(line) if form is None else form)


def _read_quickly(line: bytes) -> dict[str, Any] | None:
    """The object of a line; None where it is none, or could have a key twice."""
    try:
        form = _decode(line)
    except (MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if type(form) is not dict:
        return None
    # A colon stands behind each key. If there are no more of them than keys are
    # left, and strings account for, then no key was lost.
    colons = line.count(b":") - len(form)
    if type(timestamp := form.get("timestamp")) is dict:
        colons -= len(timestamp)
    if not colons:
        return form
    # A string's colons can be escaped.
    if b"\\" in line:
        return None
    for value in form.values():
        if type(value) is str:
            colons -= value.count(":")
        elif type(value) is list:
            colons -= sum(tag.count(":") for tag in value if type(tag) is str)
    return None if colons else form


def _read_carefully(line: bytes) -> Any:
    import json

    try:
        return json.loads(line.decode(), object_pairs_hook=_object)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: octet {error.start + 1}") from None
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at")
        reason = f"not JSON: {what} at column {error.colno} (an item is one line)"
        raise ValueError(reason) from None
    except RecursionError:
        raise ValueError("not an item: nested too deeply") from None


def _object(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    form: dict[str, object] = {}
    for key, value in pairs:
        if key in form:
            raise ValueError(f"{key}: stands there twice")
        form[key] = value
    return form
