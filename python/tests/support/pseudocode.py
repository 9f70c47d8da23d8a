"""The functions that the pseudocode of the porting guide expects of a language, in Python."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

__all__ = ["FAST", "GIVEN", "write_harness"]

#: The functions that the guide expects of a language or its libraries.
GIVEN: Final = """\
import json, sys
octet = lambda value: bytes((value,))
join = b"".join
def utf8_of(text):
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None
text_of = bytes.decode
decimal = str
hex_of, octets_of = bytes.hex, bytes.fromhex
json_of, line_of = json.loads, json.dumps
read_line = lambda: sys.stdin.readline() or None
write_line = lambda line: print(line, flush=True)
"""

#: Three of the guide's functions in Python's own terms, to get through 4 MiB in time. The tests
#: of the guide show that they give the same results.
FAST: Final = """
import zlib
crc32_more = lambda before, octets: zlib.crc32(octets, before)
def check_text(octets):
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        raise Malformed("utf8") from None
    if chr(0) in text:
        raise Malformed("nul")
def find(octets, value, start, end):
    index = octets.find(value, start, end)
    return end if index < 0 else index
"""


def write_harness(path: Path, code: str) -> None:
    """Write a harness that can import only the standard library, by -I and -S."""
    path.with_suffix(".py").write_text(f"{GIVEN}{code}{FAST}\nmain()\n", encoding="utf-8")
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -I -S "$0.py"\n', encoding="utf-8")
    path.chmod(0o755)
