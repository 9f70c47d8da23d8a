"""Concurrent writers of one stream: all packets whole, those of each writer in order."""

from __future__ import annotations

import gc
import io
import os
import select
import subprocess
import sys
import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from subunit2 import Packet, StreamResultWriter, StreamWriter, decode
from support.forking import EACH, PROCESSES, content_of, write_all
from support.patience import PATIENCE

THREADS = 32

FORKING = (sys.executable, str(Path(__file__).parents[1] / "support/forking.py"))


def assert_all_whole(stream: bytes, writers: int) -> None:
    """Assert that a stream is `EACH` packets of each writer, those of each in order."""
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
    """Collect the octets of a pipe until all its writers are closed."""
    found = bytearray()

    def run() -> None:
        while chunk := os.read(reading, 1 << 16):
            found.extend(chunk)

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


# --- Processes that are forked while threads write --------------------------------------------


#: A thread is in the middle of a write, and holds its locks, until the child that is forked
#: meanwhile has ended. The file tells the two processes apart by their pids.
HELD_UP = """
import io, os, signal, threading
from subunit2 import Packet, StreamWriter, capture_stdio

class Held(io.RawIOBase):
    def writable(self):
        return True

    def write(self, octets):
        if os.getpid() == parent and threading.current_thread() is not main:
            is_in.set()
            is_over.wait()
        return os.write(1, octets)

def packet(name):
    return Packet(test_id=name, test_status="success")

def write_in_child(write):
    thread = threading.Thread(target=write, args=("thread",))
    thread.start()
    is_in.wait()
    child = os.fork()
    if child == 0:
        # Where it waits for what never comes, it is killed.
        signal.alarm(PATIENCE)
        write("child")
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    is_over.set()
    thread.join()
    write("parent")
    assert status == 0, f"the child ended with {status}"

parent, main = os.getpid(), threading.current_thread()
is_in, is_over = threading.Event(), threading.Event()
writer = StreamWriter(Held())
"""

WAYS = {
    "write": "write_in_child(lambda name: writer.write(packet(name)))",
    "print": """
with capture_stdio(writer):
    write_in_child(lambda name: print(end=name))
""",
    "batch": """
def write(name):
    with writer.batch():
        writer.write(packet(name))
write_in_child(write)
""",
    "fork in a batch": """
with writer.batch():
    writer.write(packet("collected"))
    def write(name):
        writer.write(packet(name))
        if name == "thread":
            writer.flush()
    write_in_child(write)
""",
}


def in_child(way: str) -> list[Packet]:
    """Return the packets of a program whose child and whose thread write at the same time."""
    done = subprocess.run(
        [sys.executable, "-c", f"PATIENCE = {PATIENCE // 3}" + HELD_UP + WAYS[way]],
        stdout=subprocess.PIPE,
        timeout=PATIENCE,
        check=True,
    )
    items = list(decode(done.stdout))
    packets = [item for item in items if isinstance(item, Packet)]
    assert len(packets) == len(items)
    return packets


@pytest.mark.parametrize("way", ["write", "batch"])
def test_a_child_that_is_forked_while_a_thread_writes_writes_too(way: str) -> None:
    assert [packet.test_id for packet in in_child(way)] == ["child", "thread", "parent"]


def test_a_child_that_is_forked_while_a_thread_prints_prints_too() -> None:
    found = [packet.file_bytes for packet in in_child("print")]
    assert found == [b"child", b"thread", b"parent", b""]


def test_a_batch_is_not_written_by_the_child() -> None:
    found = [packet.test_id for packet in in_child("fork in a batch")]
    assert found == ["child", "collected", "thread", "parent"]


def test_a_child_may_leave_the_batch_in_which_it_was_forked() -> None:
    program = """
import os, sys
from subunit2 import Packet, StreamWriter
writer = StreamWriter(sys.stdout.buffer)
with writer.batch():
    writer.write(Packet(test_id="parent"))
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == 0
    else:
        writer.write(Packet(test_id="child"))
with writer.batch():
    writer.write(Packet(test_id="later"))
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True)
    found = [item.test_id for item in decode(done.stdout) if isinstance(item, Packet)]
    assert found == ["child", "later", "parent", "later"]


def test_a_writer_is_not_kept_for_the_sake_of_children() -> None:
    writer = StreamWriter(io.BytesIO())
    kept = weakref.ref(writer)
    del writer
    gc.collect()
    assert kept() is None


# --- Processes -----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["open", "inherit"])
def test_processes_share_a_file_that_is_opened_to_append(how: str, tmp_path: Path) -> None:
    # clause writer.one-write
    path = tmp_path / "stream"
    assert subprocess.run([*FORKING, how, str(path)], check=False).returncode == 0
    assert_all_whole(path.read_bytes(), PROCESSES)


@pytest.mark.parametrize("blocking", [True, False])
def test_processes_share_a_pipe(blocking: bool) -> None:
    # clause writer.one-write: a pipe keeps writes of at most PIPE_BUF octets apart
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
