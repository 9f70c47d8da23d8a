"""A stream that many write at once: all packets whole, and each writer's in its order (R66)."""

from __future__ import annotations

import io
import os
import select
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from forking import EACH, PROCESSES, content_of, write_all
from subunit2 import Packet, StreamResultWriter, StreamWriter, decode

THREADS = 32

FORKING = (sys.executable, str(Path(__file__).with_name("forking.py")))


def assert_all_whole(stream: bytes, writers: int) -> None:
    """Nothing but packets, `EACH` of each writer, in its order."""
    items = list(decode(stream))
    packets = [item for item in items if isinstance(item, Packet)]
    assert len(packets) == len(items) == writers * EACH
    numbers: dict[str, list[int]] = defaultdict(list)
    for packet in packets:
        writer, _, number = str(packet.test_id).partition(".")
        numbers[writer].append(int(number))
        assert packet.file_bytes == content_of(int(number))
    assert numbers == {str(writer): list(range(EACH)) for writer in range(writers)}


# --- Threads -------------------------------------------------------------------------------


def in_threads(write: Callable[[int], None]) -> None:
    threads = [threading.Thread(target=write, args=(at,)) for at in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_threads_share_a_writer(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    with path.open("wb") as file:
        writer = StreamWriter(file)
        in_threads(lambda at: write_all(writer, at))
    assert_all_whole(path.read_bytes(), THREADS)


def test_threads_share_a_result() -> None:
    file = io.BytesIO()
    result = StreamResultWriter(file)

    def write(at: int) -> None:
        for number in range(EACH):
            result.status(f"{at}.{number}", file_name="f", file_bytes=content_of(number))

    in_threads(write)
    assert_all_whole(file.getvalue(), THREADS)


@contextmanager
def collecting(reading: int) -> Iterator[bytearray]:
    """What comes out of a pipe, until nobody can write into it."""
    found = bytearray()

    def run() -> None:
        while piece := os.read(reading, 1 << 16):
            found.extend(piece)

    thread = threading.Thread(target=run)
    thread.start()
    yield found
    thread.join()
    os.close(reading)


def test_threads_share_a_pipe() -> None:
    reading, writing = os.pipe()
    with collecting(reading) as found, os.fdopen(writing, "wb") as file:
        writer = StreamWriter(file)
        in_threads(lambda at: write_all(writer, at))
    assert_all_whole(bytes(found), THREADS)


# --- Processes -----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["open", "inherit"])
def test_processes_share_a_file_that_is_opened_to_append(how: str, tmp_path: Path) -> None:
    # clause writer.one-write
    path = tmp_path / "stream"
    assert subprocess.run([*FORKING, how, str(path)], check=False).returncode == 0
    assert_all_whole(path.read_bytes(), PROCESSES)


@pytest.mark.parametrize("blocking", [True, False])
def test_processes_share_a_pipe(blocking: bool) -> None:
    # clause writer.one-write: a pipe keeps apart what is at most PIPE_BUF long
    assert len(content_of(199)) + 50 < select.PIPE_BUF
    reading, writing = os.pipe()
    os.set_blocking(writing, blocking)
    with collecting(reading) as found:
        try:
            done = subprocess.run([*FORKING, "pipe"], stdout=writing, check=False)
        finally:
            os.close(writing)
    assert done.returncode == 0
    assert_all_whole(bytes(found), PROCESSES)
