"""Forks processes that all write into one stream at once.

Usage: python forking.py open FILE     each opens it to append
       python forking.py inherit FILE  one has opened it to append
       python forking.py pipe          they share standard output

It is a program of its own, since only a process with one thread forks safely.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from subunit2 import Packet, StreamWriter

PROCESSES: Final = 8
EACH: Final = 1000


def content_of(number: int) -> bytes:
    """Of different sizes, all of them within what a pipe takes in one go."""
    return b"\xb3\n)\x01" * (number % 200)


def packet_of(writer: int, number: int) -> Packet:
    return Packet(test_id=f"{writer}.{number}", file_name="f", file_bytes=content_of(number))


def write_all(writer: StreamWriter, at: int) -> None:
    """All packets of one of those who write."""
    for number in range(EACH):
        writer.write(packet_of(at, number))


def fork(write: Callable[[int], None]) -> int:
    """Run it in processes that start at once; how many of them have failed."""
    reading, writing = os.pipe()
    children = []
    for at in range(PROCESSES):
        child = os.fork()
        if child == 0:
            # Until there is nobody left who could write here.
            os.close(writing)
            os.read(reading, 1)
            write(at)
            sys.exit(0)
        children.append(child)
    os.close(writing)
    os.close(reading)
    return sum(os.waitpid(child, 0)[1] != 0 for child in children)


def main(how: str, *names: str) -> int:
    if how == "pipe":
        writer = StreamWriter(sys.stdout.buffer)
        return fork(lambda at: write_all(writer, at))
    path = Path(names[0])
    if how == "inherit":
        with path.open("ab") as file:
            inherited = StreamWriter(file)
            return fork(lambda at: write_all(inherited, at))

    def write(at: int) -> None:
        with path.open("ab") as file:
            write_all(StreamWriter(file), at)

    return fork(write)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
