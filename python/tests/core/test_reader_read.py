"""`Reader.read`: the items of a whole stream, the same as from `feed`, as they are settled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from test_reader_bounds import ALL_STREAMS

from subunit2 import Reader
from support.streams import BAR, BAR_OCTETS, FOO, FOO_OCTETS, named


@pytest.mark.parametrize("size", [1, 7, 1 << 16])
@pytest.mark.parametrize("stream", named(ALL_STREAMS))
def test_read_and_feed_return_the_same(stream: bytes, size: int) -> None:
    chunks = [stream[at : at + size] for at in range(0, len(stream), size)]
    reader = Reader()
    fed = [item for chunk in chunks for item in reader.feed(chunk)] + reader.close()
    assert list(Reader().read(chunks)) == fed


def test_settled_items_come_before_the_next_chunk_is_read() -> None:
    asked: list[bytes] = []

    def chunks() -> Iterator[bytes]:
        for chunk in (FOO_OCTETS + BAR_OCTETS[:5], BAR_OCTETS[5:]):
            asked.append(chunk)
            yield chunk

    items = Reader().read(chunks())
    assert (next(items), len(asked)) == (FOO, 1)
    assert (next(items), len(asked)) == (BAR, 2)
    assert list(items) == []


def test_a_reader_that_reads_takes_nothing_else() -> None:
    reader = Reader()
    items = reader.read([FOO_OCTETS, BAR_OCTETS])
    assert next(items) == FOO
    with pytest.raises(ValueError, match="the reader is closed"):
        reader.feed(FOO_OCTETS)
    with pytest.raises(ValueError, match="the reader is closed"):
        next(reader.read([]))
    assert list(items) == [BAR]
    assert reader.close() == []


def test_read_goes_on_with_the_octets_held() -> None:
    reader = Reader()
    assert reader.feed(FOO_OCTETS + BAR_OCTETS[:5]) == [FOO]
    assert list(reader.read([BAR_OCTETS[5:]])) == [BAR]
