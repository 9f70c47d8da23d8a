"""Fork processes that all write into one stream at once.

Usage: python forking.py open FILE     each child opens the file to append
       python forking.py inherit FILE  the parent opens the file to append
       python forking.py pipe          the children share standard output

A program of its own, since only a process with one thread forks safely.
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
    """Return content of a size that a pipe takes in one write."""
    return b"\xb3\n)\x01" * (number % 200)


def packet_of(writer: int, number: int) -> Packet:
    return Packet(test_id=f"{writer}.{number}", file_name="f", file_bytes=content_of(number))


def write_all(writer: StreamWriter, process: int) -> None:
    """Write all packets of one process."""
    for number in range(EACH):
        writer.write(packet_of(process, number))


def fork(write: Callable[[int], None]) -> int:
    """Call `write` in processes that start together; return the number that failed."""
    reading, writing = os.pipe()
    children = []
    for process in range(PROCESSES):
        child = os.fork()
        if child == 0:
            # Wait until the parent has started all children.
            os.close(writing)
            os.read(reading, 1)
            write(process)
            sys.exit(0)
        children.append(child)
    os.close(writing)
    os.close(reading)
    return sum(os.waitpid(child, 0)[1] != 0 for child in children)


def main(how: str, *names: str) -> int:
    if how == "pipe":
        writer = StreamWriter(sys.stdout.buffer)
        return fork(lambda process: write_all(writer, process))
    path = Path(names[0])
    if how == "inherit":
        with path.open("ab") as file:
            inherited = StreamWriter(file)
            return fork(lambda process: write_all(inherited, process))

    def write(process: int) -> None:
        with path.open("ab") as file:
            write_all(StreamWriter(file), process)

    return fork(write)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
