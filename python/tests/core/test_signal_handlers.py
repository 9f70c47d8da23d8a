"""Writers that a signal handler calls while they write."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import pytest

from subunit2 import Packet, StreamWriter, decode, encode
from support.patience import PATIENCE
from support.streams import BAR, BAR_OCTETS, FOO, FOO_OCTETS, FULL, FULL_OCTETS, packets


class Signalling(io.RawIOBase):
    """A file that takes ten octets of a write, and gets a signal meanwhile, so many times."""

    def __init__(self, signals: int = 1) -> None:
        self.found = bytearray()
        self._signals = signals

    def writable(self) -> bool:
        return True

    def write(self, octets: Any) -> int:
        if self._signals and len(self.found) % 3 == 0:
            self._signals -= 1
            signal.raise_signal(signal.SIGALRM)
        self.found += octets[:10]
        return len(octets[:10])


@contextmanager
def handler(handle: Callable[[], object]) -> Iterator[None]:
    def called(number: int, frame: FrameType | None) -> None:
        handle()

    before = signal.signal(signal.SIGALRM, called)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("signals", [1, 2, 5])
def test_a_packet_of_a_handler_follows_the_one_in_progress(signals: int) -> None:
    # clause writer.one-write
    file: Any = Signalling(signals)
    writer = StreamWriter(file)
    with handler(lambda: writer.write(FOO)):
        writer.write(FULL)
        writer.write(BAR)
    assert file.found[: len(FULL_OCTETS)] == FULL_OCTETS
    found = packets(decode(bytes(file.found)))
    assert b"".join(map(encode, found)) == file.found
    assert found.count(FOO) == signals
    assert found.count(BAR) == 1


def test_a_handler_that_comes_within_a_batch() -> None:
    file: Any = Signalling(3)
    writer = StreamWriter(file)

    def handle() -> None:
        with writer.batch():
            writer.write(FOO)
        writer.flush()

    with handler(handle):
        with writer.batch():
            writer.write(FULL)
            writer.write(BAR)
        assert file.found.startswith(FULL_OCTETS + BAR_OCTETS + FOO_OCTETS)
    assert len(packets(decode(bytes(file.found)))) == 5


@pytest.mark.parametrize("error", [KeyboardInterrupt, TimeoutError, ValueError, SystemExit])
def test_a_handler_that_raises_leaves_no_half_packet(error: type[BaseException]) -> None:
    file: Any = Signalling(2)
    writer = StreamWriter(file)

    def handle() -> None:
        raise error

    with handler(handle):
        with pytest.raises(error):
            writer.write(FULL)
        with suppress(error):
            writer.write(BAR)
        writer.flush()
    assert bytes(file.found) == FULL_OCTETS + BAR_OCTETS


def test_a_handler_while_another_thread_writes() -> None:
    is_in, may_go_on = threading.Event(), threading.Event()

    class Held(io.RawIOBase):
        found = b""

        def writable(self) -> bool:
            return True

        def write(self, octets: Any) -> int:
            if threading.current_thread() is thread:
                is_in.set()
                may_go_on.wait(PATIENCE)
            self.found += bytes(octets[:10])
            return len(octets[:10])

    def handle() -> None:
        may_go_on.set()
        writer.write(FOO)

    file: Any = Held()
    writer = StreamWriter(file)
    thread = threading.Thread(target=writer.write, args=(FULL,))
    thread.start()
    assert is_in.wait(PATIENCE)
    with handler(handle):
        signal.raise_signal(signal.SIGALRM)
    thread.join()
    assert file.found == FULL_OCTETS + FOO_OCTETS


#: A slow reader of a pipe, and a handler that is called each millisecond.
PROGRAM = """
import itertools, os, signal, sys, threading, time
from subunit2 import Packet, StreamWriter, decode
how, rounds = sys.argv[1], int(sys.argv[2])
reading, writing = os.pipe()
os.set_blocking(writing, how != "non-blocking")
found = bytearray()

def read():
    for number in itertools.count():
        chunk = os.read(reading, 4096)
        if not chunk:
            return
        found.extend(chunk)
        if number % 8 == 0:
            time.sleep(0.0005)

def handle(*_):
    writer.write(Packet(test_id=f"signal.{next(numbers)}", test_status="success"))

def write():
    for number in range(rounds):
        content = bytes([number % 256]) * 100_000
        writer.write(Packet(test_id=f"large.{number}", file_name="f", file_bytes=content))

numbers = itertools.count()
reader = threading.Thread(target=read)
reader.start()
with os.fdopen(writing, "wb", buffering=-1 if how == "buffered" else 0) as file:
    writer = StreamWriter(file)
    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    if how == "batch":
        with writer.batch():
            write()
    elif how == "thread":
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    else:
        write()
    signal.setitimer(signal.ITIMER_REAL, 0)
    writer.flush()
    count = next(numbers)
reader.join()
items = list(decode(bytes(found)))
assert all(isinstance(item, Packet) for item in items)
names = [item.test_id for item in items]
assert [name for name in names if name[0] == "l"] == [f"large.{n}" for n in range(rounds)]
assert {name for name in names if name[0] == "s"} == {f"signal.{n}" for n in range(count)}
assert len(names) == rounds + count
print(count)
"""


@pytest.mark.parametrize("how", ["blocking", "non-blocking", "buffered", "batch", "thread"])
def test_packets_of_a_hundred_kilobytes_and_many_signals(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, how, "30"],
        stdout=subprocess.PIPE,
        timeout=PATIENCE,
        check=True,
    )
    assert int(done.stdout) > 10


def test_a_handler_that_lists_while_the_program_lists() -> None:
    file = io.BytesIO()
    writer = StreamWriter(file)

    def handle() -> None:
        writer.write(Packet(test_id="signal", test_status="success"))

    with handler(handle), writer.batch():
        for number in range(3000):
            if number % 10 == 0:
                signal.setitimer(signal.ITIMER_REAL, 0.0001)
            writer.write(Packet(test_id=f"t{number}", test_status="exists"))
        signal.setitimer(signal.ITIMER_REAL, 0)
    found = [packet.test_id for packet in packets(decode(file.getvalue()))]
    assert [name for name in found if name != "signal"] == [f"t{n}" for n in range(3000)]
