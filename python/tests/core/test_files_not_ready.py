"""Files with short writes, and files that are not ready."""

from __future__ import annotations

import io
import os
import threading
from typing import Any

import pytest

from subunit2 import Packet, StreamWriter, decode, encode_attachment
from support.streams import BAR, BAR_OCTETS, FOO, FOO_OCTETS, FULL, FULL_OCTETS


class Dribble:
    """A file that is not of the io module, and accepts a few octets at a time."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, octets: memoryview) -> int:
        self.taken += octets[:5]
        return min(len(octets), 5)

    def flush(self) -> None: ...


def test_short_writes_of_any_file_are_continued() -> None:
    # clause writer.one-write
    file: Any = Dribble()
    StreamWriter(file).write(FULL)
    assert file.taken == FULL_OCTETS


def test_a_file_that_takes_nothing_is_a_failure() -> None:
    file: Any = io.BytesIO()
    file.write = lambda octets: 0
    with pytest.raises(OSError, match="nothing more is written"):
        StreamWriter(file).write(FOO)


@pytest.mark.parametrize("buffering", [0, -1])
def test_an_attachment_is_read_to_its_end_where_nothing_is_there_at_times(buffering: int) -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)

    def write_the_rest() -> None:
        os.write(writing, b"yo")
        os.close(writing)

    later = threading.Timer(0.05, write_the_rest)
    os.write(writing, b"hi")
    with os.fdopen(reading, "rb", buffering=buffering) as file:
        later.start()
        [packet] = decode(b"".join(encode_attachment(Packet(file_name="f"), file)))
        later.join()
    assert packet == Packet(file_name="f", file_bytes=b"hiyo", eof=True)


def test_a_pipe_that_does_not_block_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    with os.fdopen(reading, "rb", buffering=0) as file:
        items = decode(file)
        os.write(writing, FOO_OCTETS)
        assert next(items) == FOO
        # No octets now, and not the end.
        later = threading.Timer(0.01, os.write, (writing, BAR_OCTETS))
        later.start()
        assert next(items) == BAR
        later.join()
        os.close(writing)
        assert list(items) == []
