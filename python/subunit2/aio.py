r"""The same reader and the same writer on asyncio's streams.

>>> import asyncio
>>> async def read(octets):
...     reader = asyncio.StreamReader()
...     reader.feed_data(octets)
...     reader.feed_eof()
...     return [item async for item in decode(reader)]
>>> asyncio.run(read(b"building\n"))
[Passthrough(data=b'building\n', offset=0)]
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import BinaryIO

from subunit2.chunks import READ_SIZE
from subunit2.items import Item, Packet
from subunit2.writer import DEFAULT_CHUNK, encode, encode_attachment

__all__ = ["StreamWriter", "decode"]


async def decode(
    source: asyncio.StreamReader, *, stop_waiting: float | None = None, reference: bool = False
) -> AsyncIterator[Item]:
    """The items of a whole stream, each as soon as it is settled.

    Holds what a `Reader` holds, and `READ_SIZE` octets.

    :param stop_waiting: where octets are held for so many seconds because a header
        claims more that do not come, go on without them (`reader.stop-waiting`).
        None: wait for them as long as the stream goes on.
    :param reference: as for `Reader`.
    :raises OSError: what `source` raises, such as `TimeoutError` of a connection.
    """
    from subunit2.reader import Reader

    reader = Reader(reference=reference)
    clock = asyncio.get_running_loop().time
    offset = -1
    deadline: float | None = None
    while True:
        # The wait begins where octets are held first, and goes on, whatever arrives,
        # as long as nothing is settled.
        if not reader.pending or stop_waiting is None:
            deadline = None
        elif deadline is None or reader.offset != offset:
            offset = reader.offset
            deadline = clock() + stop_waiting
        piece = None
        if deadline is None or clock() < deadline:
            piece = await _read(source, deadline)
        if piece is None:
            deadline = None
            settled = reader.stop_waiting()
        elif piece:
            settled = reader.feed(piece)
        else:
            break
        for item in settled:
            yield item
    for item in reader.close():
        yield item


async def _read(source: asyncio.StreamReader, deadline: float | None) -> bytes | None:
    """What comes next; None: nothing until the deadline."""
    limit = asyncio.timeout_at(deadline)
    try:
        async with limit:
            return await source.read(READ_SIZE)
    except TimeoutError:
        # A connection's own is of the same type.
        if not limit.expired():
            raise
        return None


class StreamWriter:
    """Writes items to an asyncio stream, each whole, and waits while it is full.

    Tasks may share it: a packet is handed over in one call. Holds one packet.

    :param stream: such as `asyncio.open_connection` gives. It is not closed.
    """

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self._stream = stream

    async def write(self, item: Item) -> None:
        """Write one item.

        :raises EncodeError: where it cannot be written; nothing was.
        :raises OSError: where nobody reads any more.
        """
        self._stream.write(encode(item))
        await self._stream.drain()

    async def write_attachment(
        self,
        packet: Packet,
        content: BinaryIO | Iterable[bytes] | bytes,
        *,
        chunk: int = DEFAULT_CHUNK,
    ) -> None:
        """Write an attachment of any size as several packets (`file.split`).

        Other tasks may write between two of them. See `subunit2.encode_attachment`.
        """
        for octets in encode_attachment(packet, content, chunk=chunk):
            self._stream.write(octets)
            await self._stream.drain()
