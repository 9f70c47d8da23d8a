"""Binary files: each packet in one write, also next to other writers."""

from __future__ import annotations

import errno
import io
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from subunit2 import (
    Corrupt,
    EncodeError,
    Packet,
    Passthrough,
    StreamWriter,
    decode,
    encode,
    encode_attachment,
)
from subunit2.chunks import READ_SIZE, read_chunks
from subunit2.items import replace
from support.patience import PATIENCE
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL,
    FULL_OCTETS,
    NUL_TEXT,
    damaged,
    packets,
)


class Writes(io.RawIOBase):
    """A file that records each write, and accepts at most some octets of it."""

    def __init__(self, most: int = 1 << 30) -> None:
        self.calls: list[bytes] = []
        self._most = most

    def writable(self) -> bool:
        return True

    def write(self, octets: Any) -> int:
        taken = bytes(octets[: self._most])
        self.calls.append(taken)
        # Let other threads run, as a system call does.
        time.sleep(0)
        return len(taken)


# --- One packet, one write -----------------------------------------------------------------


def test_a_packet_is_one_write() -> None:
    # clause writer.one-write
    file: Any = Writes()
    writer = StreamWriter(file)
    writer.write(FOO)
    writer.write(Passthrough(b"ok\n"))
    writer.write(Corrupt(b"\xb3\x10", "version"))
    writer.write(FULL)
    assert file.calls == [FOO_OCTETS, b"ok\n", b"\xb3\x10", FULL_OCTETS]


def test_each_packet_of_an_attachment_is_one_write() -> None:
    file: Any = Writes()
    attachment = Packet(test_id="t", file_name="log")
    StreamWriter(file).write_attachment(attachment, b"content", chunk=3)
    assert file.calls == list(encode_attachment(attachment, b"content", chunk=3))
    assert len(file.calls) == 3


def test_a_short_write_is_continued() -> None:
    # clause writer.one-write
    file: Any = Writes(most=5)
    StreamWriter(file).write(FOO)
    assert file.calls == [FOO_OCTETS[:5], FOO_OCTETS[5:10], FOO_OCTETS[10:]]


def test_a_packet_passes_by_a_buffer_that_holds_something() -> None:
    raw: Any = Writes()
    file = io.BufferedWriter(raw, buffer_size=16)
    file.write(b"building\n")
    writer = StreamWriter(file)
    writer.write(FOO)
    writer.write(BAR)
    assert raw.calls == [b"building\n", FOO_OCTETS, BAR_OCTETS]
    file.write(b"x")
    writer.write(FOO)
    assert raw.calls[3:] == [b"x", FOO_OCTETS]


def test_a_packet_is_flushed() -> None:
    # clause writer.flush: of a file that is neither raw nor a buffer over one
    with tempfile.NamedTemporaryFile(buffering=1 << 16) as file:
        StreamWriter(file).write(FOO)  # type: ignore[arg-type]
        assert Path(file.name).read_bytes() == FOO_OCTETS


def test_files_in_memory_are_written_too() -> None:
    file = io.BytesIO()
    with StreamWriter(file) as writer:
        writer.write(FOO)
        writer.write(BAR)
    assert file.getvalue() == FOO_OCTETS + BAR_OCTETS
    assert not file.closed


def test_a_packet_that_cannot_be_written_leaves_no_octet() -> None:
    file: Any = Writes()
    writer = StreamWriter(file)
    with pytest.raises(EncodeError):
        writer.write(Packet(test_id=NUL_TEXT))
    with pytest.raises(EncodeError):
        writer.write_attachment(Packet(test_id="t"), b"")
    assert file.calls == []
    writer.write(FOO)
    assert file.calls == [FOO_OCTETS]


def test_a_file_of_text_is_refused() -> None:
    text: Any = io.StringIO()
    with pytest.raises(TypeError, match="a binary file"):
        StreamWriter(text)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("buffering", [0, -1], ids=["raw", "buffered"])
def test_a_full_disk_is_the_caller_s_to_know(buffering: int) -> None:
    with open("/dev/full", "wb", buffering=buffering) as file:  # noqa: PTH123
        writer = StreamWriter(file)
        full = re.escape(os.strerror(errno.ENOSPC))
        with pytest.raises(OSError, match=full):
            writer.write(FOO)
        with pytest.raises(OSError, match=full), writer.batch():
            writer.write(FOO)
        # A failed write is not repeated later, unknown to the caller.
        writer.flush()


# --- Pipes that are full ---------------------------------------------------------------------


def drain(reading: int, found: list[bytes]) -> threading.Thread:
    """Read a pipe to its end, in small chunks, on another thread."""

    def run() -> None:
        while chunk := os.read(reading, 1000):
            found.append(chunk)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("blocking", [True, False])
@pytest.mark.parametrize("buffering", [0, -1], ids=["raw", "buffered"])
def test_a_pipe_that_is_full_is_waited_for(blocking: bool, buffering: int) -> None:
    # clause writer.one-write: much larger than a pipe
    reading, writing = os.pipe()
    os.set_blocking(writing, blocking)
    large = replace(FULL, file_bytes=bytes(range(256)) * 2_000)
    found: list[bytes] = []
    with os.fdopen(writing, "wb", buffering=buffering) as file:
        writer = StreamWriter(file)
        if not blocking:
            # Full before the first read.
            with suppress(BlockingIOError):
                while True:
                    os.write(writing, b"\n" * 4096)
        thread = drain(reading, found)
        writer.write(large)
        writer.write(FOO)
    thread.join()
    os.close(reading)
    stream = b"".join(found).lstrip(b"\n")
    assert stream == encode(large) + FOO_OCTETS


# --- Several writers -----------------------------------------------------------------------------


def test_threads_do_not_tear_each_other_s_packets(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    many, each = 8, 300

    def run(writer: StreamWriter, thread: int) -> None:
        for number in range(each):
            writer.write(Packet(test_id=f"{thread}.{number}", file_name="f", file_bytes=bytes(99)))

    with path.open("wb") as file:
        writer = StreamWriter(file)
        threads = [threading.Thread(target=run, args=(writer, at)) for at in range(many)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = [item.test_id for item in decode(path.read_bytes()) if isinstance(item, Packet)]
    assert sorted(found, key=str) == sorted(f"{a}.{b}" for a in range(many) for b in range(each))
    # The packets of each thread are in order.
    for at in range(many):
        own = [test_id for test_id in found if test_id and test_id.startswith(f"{at}.")]
        assert own == [f"{at}.{number}" for number in range(each)]


def test_a_short_write_of_one_thread_is_continued_before_another_writes() -> None:
    file: Any = Writes(most=7)
    writer = StreamWriter(file)

    def run() -> None:
        for _ in range(20):
            writer.write(FULL)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert b"".join(file.calls) == FULL_OCTETS * 80


APPENDING = """
import sys
from subunit2 import Packet, StreamWriter
with open(sys.argv[1], "ab") as file:
    writer = StreamWriter(file)
    for number in range(200):
        content = bytes(300 * (number % 30))
        writer.write(Packet(test_id=f"{sys.argv[2]}.{number}", file_name="f", file_bytes=content))
"""


def test_processes_that_append_do_not_tear_each_other_s_packets(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    command = [sys.executable, "-c", APPENDING, str(path)]
    processes = [subprocess.Popen([*command, str(process)]) for process in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    items = list(decode(path.read_bytes()))
    assert all(isinstance(item, Packet) for item in items)
    assert Counter(packet.test_id for packet in packets(items)) == Counter(
        f"{process}.{number}" for process in range(4) for number in range(200)
    )


# --- Batches -------------------------------------------------------------------------------


def test_a_listing_takes_few_writes() -> None:
    file: Any = Writes()
    writer = StreamWriter(file)
    with writer.batch():
        for number in range(100_000):
            writer.write(Packet(test_id=f"package.module.Case.test_{number}", test_status="exists"))
    assert len(file.calls) < 200
    assert all(len(call) <= 1 << 16 for call in file.calls)
    stream = b"".join(file.calls)
    assert stream.count(b"package.module.Case.test_") == 100_000
    assert next(decode(stream)) == Packet(
        test_id="package.module.Case.test_0", test_status="exists"
    )
    # No packet is split between two writes.
    assert all(call[:2] == b"\xb3\x29" for call in file.calls)


def test_a_batch_is_written_when_the_block_is_left() -> None:
    file: Any = Writes()
    writer = StreamWriter(file)
    with writer.batch():
        writer.write(FOO)
        writer.write(BAR)
        assert file.calls == []
    assert file.calls == [FOO_OCTETS + BAR_OCTETS]
    writer.write(FOO)
    assert file.calls[1:] == [FOO_OCTETS]


def test_a_batch_is_written_when_the_block_is_left_by_an_exception() -> None:
    file: Any = Writes()
    writer = StreamWriter(file)
    with pytest.raises(KeyError), writer.batch():  # noqa: PT012
        writer.write(FOO)
        raise KeyError
    assert file.calls == [FOO_OCTETS]


def test_a_batch_in_a_batch_ends_with_the_outer_one() -> None:
    file: Any = Writes()
    writer = StreamWriter(file)
    with writer.batch():
        with writer.batch():
            writer.write(FOO)
        assert file.calls == []
        writer.write(BAR)
    assert file.calls == [FOO_OCTETS + BAR_OCTETS]


def test_a_batch_can_be_written_at_any_time() -> None:
    file: Any = Writes()
    writer = StreamWriter(file)
    with writer.batch():
        writer.write(FOO)
        writer.flush()
        assert file.calls == [FOO_OCTETS]
        writer.flush()
    assert file.calls == [FOO_OCTETS]


def test_leaving_the_writer_writes_the_batch() -> None:
    file: Any = Writes()
    with StreamWriter(file) as writer:
        batch = writer.batch()
        batch.__enter__()
        writer.write(FOO)
    assert file.calls == [FOO_OCTETS]
    batch.__exit__(None, None, None)


def test_a_packet_larger_than_a_batch_is_written_in_order() -> None:
    file: Any = Writes()
    writer = StreamWriter(file)
    large = replace(FULL, file_bytes=bytes(1 << 17))
    with writer.batch():
        for packet in (FOO, large, BAR):
            writer.write(packet)
    assert b"".join(file.calls) == FOO_OCTETS + encode(large) + BAR_OCTETS
    assert file.calls[0] == FOO_OCTETS


class Noted(Writes):
    """A file that records the time of the write of FOO."""

    def __init__(self) -> None:
        super().__init__()
        self.is_written = threading.Event()
        self.time = 0.0

    def write(self, octets: Any) -> int:
        taken = super().write(octets)
        if FOO_OCTETS in self.calls[-1]:
            self.time = time.monotonic()
            self.is_written.set()
        return taken


def test_a_batch_is_written_soon_though_its_block_does_nothing() -> None:
    # Clause writer.flush. A machine that is busy may be late, but not each time.
    delays: list[float] = []
    while len(delays) < 40 and min(delays, default=1) > 0.05:
        file: Any = Noted()
        writer = StreamWriter(file)
        with writer.batch():
            writer.write(BAR)
            writer.write(BAR)
            last = time.monotonic()
            writer.write(FOO)
            assert file.is_written.wait(PATIENCE)
            assert b"".join(file.calls) == BAR_OCTETS * 2 + FOO_OCTETS
        delays.append(file.time - last)
    assert min(delays) <= 0.05


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_an_error_after_some_time_is_raised_at_the_next_call() -> None:
    with open("/dev/full", "wb", buffering=0) as full:  # noqa: PTH123
        writer = StreamWriter(full)
        with writer.batch():
            writer.write(FOO)
            limit = time.monotonic() + PATIENCE
            with pytest.raises(OSError, match=re.escape(os.strerror(errno.ENOSPC))):  # noqa: PT012
                while time.monotonic() < limit:
                    writer.flush() if writer._late_error else time.sleep(0)
            # Once.
            writer.flush()


def test_a_batch_does_not_keep_a_process_alive() -> None:
    program = """
import sys
from subunit2 import Packet, StreamWriter
writer = StreamWriter(sys.stdout.buffer)
batch = writer.batch()
batch.__enter__()
writer.write(Packet(test_id="foo"))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, timeout=PATIENCE, check=True
    )
    assert done.stderr == b""
    assert b"foo" in done.stdout


# --- Packets of a limited size ----------------------------------------------------------------


def test_packets_that_a_shared_pipe_keeps_whole() -> None:
    file: Any = Writes()
    writer = StreamWriter(file, limit=4096)
    content = bytes(range(256)) * 100
    large = Packet(
        test_id="foo",
        test_status="fail",
        test_tags=("a",),
        file_name="log",
        file_bytes=content,
        mime_type="text/plain",
        eof=True,
    )
    writer.write(large)
    writer.write_attachment(replace(large, file_bytes=None), io.BytesIO(content))
    with writer.batch():
        for _ in range(500):
            writer.write(FOO)
    assert max(map(len, file.calls)) <= 4096
    found = [packet for packet in packets(decode(b"".join(file.calls))) if packet.test_id != "foo"]
    assert found == []
    parts = [packet for packet in packets(decode(b"".join(file.calls))) if packet.file_name]
    half = len(parts) // 2
    for each in (parts[:half], parts[half:]):
        assert b"".join(packet.file_bytes or b"" for packet in each) == content
        assert [packet.eof for packet in each] == [False] * (half - 1) + [True]
        assert [packet.test_status for packet in each] == [None] * (half - 1) + ["fail"]
        assert [packet.mime_type for packet in each] == ["text/plain"] + [None] * (half - 1)


@pytest.mark.parametrize(
    "packet",
    [Packet(test_id="x" * 5000), Packet(test_id="x" * 5000, file_name="f", file_bytes=b"")],
)
def test_a_packet_that_a_limit_leaves_no_room_for(packet: Packet) -> None:
    file: Any = Writes()
    writer = StreamWriter(file, limit=4096)
    with pytest.raises(EncodeError, match="beside content, and have 4,096"):
        writer.write(packet)
    with pytest.raises(EncodeError, match="beside content, and have 4,096"):
        writer.write_attachment(Packet(test_id="x" * 5000, file_name="f"), b"")
    assert file.calls == []
    writer.write(FOO)
    assert file.calls == [FOO_OCTETS]


# --- Items read and written again -----------------------------------------------------------


def test_items_that_were_read_can_be_written_again() -> None:
    stream = (b"ok\n" + FOO_OCTETS + damaged(FOO_OCTETS) + BAR_OCTETS + b"(Pdb) ") * 10
    file: BinaryIO = io.BytesIO()
    writer = StreamWriter(file)
    with writer.batch():
        for item in decode(stream):
            writer.write(item)
    assert isinstance(file, io.BytesIO)
    assert file.getvalue() == stream


def test_octets_are_read_in_chunks() -> None:
    octets = bytes(3 * READ_SIZE + 5)
    assert [len(chunk) for chunk in read_chunks(octets)] == [READ_SIZE] * 3 + [5]
    assert list(read_chunks(b"")) == []


@pytest.mark.parametrize(
    "source", ["text", 3, None, [b"x"], Path("stream")], ids=["str", "int", "None", "list", "Path"]
)
def test_other_sources_are_refused(source: Any) -> None:
    with pytest.raises(TypeError, match="octets or a binary file, not"):
        next(decode(source))


def test_reading_a_file_of_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "stream"
    path.write_bytes(b"ok\n")
    text: Any
    with path.open() as text, pytest.raises(TypeError, match="a binary file, not text"):
        next(decode(text))
    text = io.StringIO("ok\n")
    with pytest.raises(TypeError, match="a binary file, not text"):
        next(decode(text))
