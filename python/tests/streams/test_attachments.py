"""Attachments of any size: in several packets, end of file on the last (`file.split`)."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subunit2 import (
    EncodeError,
    Packet,
    StreamWriter,
    Timestamp,
    decode,
    encode,
    encode_attachment,
)
from subunit2.items import replace
from subunit2.packets.header import MAX_PACKET
from subunit2.writer import DEFAULT_CHUNK
from support.streams import NUL_TEXT, named, read, read_in_chunks

MIB = 1 << 20

LOG = Packet(test_id="t", file_name="log")
#: A packet with all fields that an attachment can have.
REPORT = Packet(
    test_id="t",
    test_status="fail",
    test_tags=("a", "b"),
    runnable=False,
    mime_type="text/plain",
    file_name="log",
    route_code="0",
    timestamp=Timestamp(1, 2),
)


def packets_of(
    packet: Packet, content: BinaryIO | Iterable[bytes] | bytes, chunk: int = DEFAULT_CHUNK
) -> list[Packet]:
    """Return the packets of an attachment, as a reader returns them."""
    octets = list(encode_attachment(packet, content, chunk=chunk))
    found = [item for each in octets for item in read_in_chunks([each])]
    assert len(found) == len(octets)
    return [item for item in found if isinstance(item, Packet)]


def content_of(packets: Iterable[Packet]) -> bytes:
    return b"".join(packet.file_bytes or b"" for packet in packets)


def test_content_that_fits_is_one_packet() -> None:
    assert packets_of(LOG, b"content") == [replace(LOG, file_bytes=b"content", eof=True)]


def test_content_that_does_not_fit_is_several_packets() -> None:
    assert packets_of(LOG, b"content", chunk=3) == [
        replace(LOG, file_bytes=b"con"),
        replace(LOG, file_bytes=b"ten"),
        replace(LOG, file_bytes=b"t", eof=True),
    ]


def test_content_that_fills_its_packets_has_no_empty_one_behind_them() -> None:
    # clause file.eof: on the last octets of the file
    assert packets_of(LOG, b"content!", chunk=4) == [
        replace(LOG, file_bytes=b"cont"),
        replace(LOG, file_bytes=b"ent!", eof=True),
    ]


@pytest.mark.parametrize(
    "content",
    [b"", [], [b"", b""], io.BytesIO(), iter([b""])],
    ids=lambda each: type(each).__name__,
)
def test_empty_content_is_one_packet(content: Any) -> None:
    assert packets_of(REPORT, content) == [replace(REPORT, file_bytes=b"", eof=True)]


def test_the_mime_type_comes_first_and_the_outcome_last() -> None:
    said = Packet(
        test_id="t", file_name="log", route_code="0", timestamp=Timestamp(1, 2), runnable=False
    )
    assert packets_of(REPORT, b"content", chunk=3) == [
        replace(said, file_bytes=b"con", mime_type="text/plain"),
        replace(said, file_bytes=b"ten"),
        replace(said, file_bytes=b"t", eof=True, test_status="fail", test_tags=("a", "b")),
    ]


@pytest.mark.parametrize("status", ["inprogress", "success"])
def test_the_status_is_in_one_packet_only(status: Any) -> None:
    found = packets_of(replace(LOG, test_status=status), b"abcdef", chunk=1)
    assert [packet.test_status for packet in found] == [None] * 5 + [status]
    assert [packet.eof for packet in found] == [False] * 5 + [True]


# --- Sources of content ------------------------------------------------------------------


class Trickle(io.RawIOBase):
    """A file whose reads return chunks of odd sizes."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)
        self._size = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        self._size = self._size % 13 + 1
        return self._content.read(min(size, self._size))


CONTENT = bytes(range(256)) * 3


@pytest.mark.parametrize(
    "make",
    named(
        [
            ("bytes", lambda: CONTENT),
            ("bytearray", lambda: bytearray(CONTENT)),
            ("memoryview", lambda: memoryview(CONTENT)),
            ("wider memoryview", lambda: memoryview(CONTENT).cast("I")),
            ("file", lambda: io.BytesIO(CONTENT)),
            ("file that gives less", lambda: Trickle(CONTENT)),
            ("pieces", lambda: [CONTENT[:1], b"", CONTENT[1:700], CONTENT[700:]]),
            ("iterator of octets", lambda: (CONTENT[at : at + 1] for at in range(len(CONTENT)))),
            ("buffers", lambda: [bytearray(CONTENT[:9]), memoryview(CONTENT)[9:]]),
        ]
    ),
)
@pytest.mark.parametrize("chunk", [1, 7, 255, 256, 767, 768, 769, 10_000])
def test_content_of_any_kind_is_cut_alike(make: Any, chunk: int) -> None:
    found = packets_of(LOG, make(), chunk=chunk)
    assert content_of(found) == CONTENT
    sizes = [len(packet.file_bytes or b"") for packet in found]
    assert all(size == chunk for size in sizes[:-1])
    assert 0 < sizes[-1] <= chunk
    assert [packet.eof for packet in found] == [False] * (len(found) - 1) + [True]


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 30))
def test_pieces_of_any_size_are_cut_alike(pieces: list[bytes], chunk: int) -> None:
    assert list(encode_attachment(LOG, pieces, chunk=chunk)) == list(
        encode_attachment(LOG, b"".join(pieces), chunk=chunk)
    )


def test_content_is_read_as_packets_are_asked_for() -> None:
    given_out: list[int] = []

    def pieces() -> Iterator[bytes]:
        for at in range(10):
            given_out.append(at)
            yield b"four"

    packets = encode_attachment(LOG, pieces(), chunk=4)
    assert given_out == []
    for count, _ in enumerate(packets, 1):
        # Two chunks are read ahead, since the last packet is marked as such.
        assert len(given_out) <= count + 2
    assert len(given_out) == 10


# --- Limits --------------------------------------------------------------------------------


@pytest.mark.parametrize("packet", [LOG, REPORT], ids=["log", "report"])
def test_packets_stay_within_the_limit_whatever_the_chunk(packet: Packet) -> None:
    # clause length.limit
    content = bytes(9 * MIB)
    octets = list(encode_attachment(packet, content, chunk=100 * MIB))
    assert len(octets) == 3
    assert all(len(each) <= MAX_PACKET for each in octets)
    # Packets are full, except for the room that fields of the last packet take.
    assert all(len(each) > MAX_PACKET - 100 for each in octets[:-1])
    assert content_of(found for each in octets for found in _packets(each)) == content


def _packets(octets: bytes) -> list[Packet]:
    return [item for item in read_in_chunks([octets]) if isinstance(item, Packet)]


def test_fields_that_leave_little_room_leave_that() -> None:
    packet = Packet(test_id="x" * (MAX_PACKET - 100), file_name="f")
    first, *_, last = encode_attachment(packet, bytes(200))
    assert MAX_PACKET - 8 < len(first) <= MAX_PACKET
    assert len(last) <= MAX_PACKET


# Name, packet, chunk, the field in the error
REFUSED: list[tuple[str, Packet, str]] = [
    ("without a name", Packet(test_id="t"), "file_name"),
    ("with content", Packet(file_name="f", file_bytes=b""), "file_bytes"),
    ("with NUL in a test id", Packet(test_id=NUL_TEXT, file_name="f"), "test_id"),
    ("with NUL in a tag", Packet(test_tags=(NUL_TEXT,), file_name="f"), "test_tags"),
    ("with a time before 1970", Packet(timestamp=Timestamp(-1), file_name="f"), "timestamp"),
    ("over the limit", Packet(test_id="x" * MAX_PACKET, file_name="f"), "packet"),
]


@pytest.mark.parametrize(("packet", "field"), named(REFUSED))
def test_what_cannot_be_written_is_refused_at_once(packet: Packet, field: str) -> None:
    # clause writer.refuses: before the first packet is asked for
    content = io.BytesIO(b"content")
    with pytest.raises(EncodeError) as caught:
        encode_attachment(packet, content)
    assert caught.value.field == field
    assert content.tell() == 0


def test_content_of_no_octets_takes_no_room() -> None:
    packet = Packet(test_id="x" * (MAX_PACKET - 16), file_name="f")
    [octets] = encode_attachment(packet, io.BytesIO())
    assert len(octets) == MAX_PACKET
    assert octets == encode(replace(packet, file_bytes=b"", eof=True))
    for content in (io.BytesIO(b"c"), [b"", b"c"], bytes(2)):
        with pytest.raises(EncodeError) as caught:
            encode_attachment(packet, content)
        assert caught.value.field == "packet"


@pytest.mark.parametrize("chunk", [0, -1])
def test_a_chunk_has_an_octet_at_least(chunk: int) -> None:
    with pytest.raises(ValueError, match="chunk has to be 1 or more"):
        encode_attachment(LOG, b"content", chunk=chunk)


def test_text_is_no_content() -> None:
    for text in ("text", io.StringIO("text")):
        content: Any = text
        with pytest.raises(TypeError):
            list(encode_attachment(LOG, content))


def test_the_octets_of_another_packet_are_not_taken_over() -> None:
    [packet] = read_in_chunks([encode(replace(LOG, file_bytes=b"x"))])
    assert isinstance(packet, Packet)
    other = replace(LOG, raw=b"\xb3", recovered=True)
    assert packets_of(other, b"content") == [replace(LOG, file_bytes=b"content", eof=True)]


# --- 50 MB ---------------------------------------------------------------------------------

SIZE = 50 * 10**6
CHUNK = hashlib.sha256(b"piece").digest() * 2_000


def pieces() -> Iterator[bytes]:
    """A file of 50 MB that is never in memory as a whole."""
    left = SIZE
    while left:
        chunk = CHUNK[:left]
        left -= len(chunk)
        yield chunk


@pytest.fixture(scope="module")
def digest() -> str:
    found = hashlib.sha256()
    for piece in pieces():
        found.update(piece)
    return found.hexdigest()


@pytest.fixture
def content(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "content"
    with path.open("wb") as file:
        file.writelines(pieces())
    yield path
    path.unlink()


@pytest.mark.parametrize("source", ["file", "iterator"])
def test_50_mb_pass_through_little_memory(
    source: str, content: Path, tmp_path: Path, digest: str
) -> None:
    # clauses file.split, reader.memory
    stream = tmp_path / "stream"
    tracemalloc.start()
    try:
        start = tracemalloc.get_traced_memory()[0]
        with stream.open("wb") as output, content.open("rb") as file:
            given: Any = file if source == "file" else pieces()
            StreamWriter(output).write_attachment(REPORT, given)
        assert tracemalloc.get_traced_memory()[1] - start < 64 * MIB
        tracemalloc.reset_peak()
        found = hashlib.sha256()
        lengths = []
        ends = []
        with stream.open("rb") as file:
            for item in decode(file):
                assert isinstance(item, Packet)
                found.update(item.file_bytes or b"")
                lengths.append(item.length)
                ends.append(item.eof)
        assert tracemalloc.get_traced_memory()[1] - start < 64 * MIB
    finally:
        tracemalloc.stop()
    assert found.hexdigest() == digest
    assert len(lengths) >= 13
    assert max(lengths) < 1 << 22
    assert ends == [False] * (len(ends) - 1) + [True]
    stream.unlink()


def test_an_attachment_in_three_packets_reads_back() -> None:
    stream = b"".join(encode_attachment(REPORT, b"content", chunk=3))
    items = read(stream)
    assert len(items) == 3
    assert items == list(packets_of(REPORT, b"content", chunk=3))
