r"""The reader and the writer on streams of asyncio.

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
from subunit2.uncopied import Uncopied
from subunit2.writer import DEFAULT_CHUNK, encode, encode_attachment

__all__ = ["StreamWriter", "decode"]


async def decode(
    source: asyncio.StreamReader, *, stop_waiting: float | None = None, reference: bool = False
) -> AsyncIterator[Item]:
    """Iterate over the items of a whole stream, each as soon as it is settled.

    Holds the octets of a `Reader`, and `READ_SIZE` octets.

    :param stop_waiting: a limit in seconds. If octets are held for so long because a
        header claims more that do not arrive, stop waiting for those
        (`reader.stop-waiting`). None: wait until the stream ends.
    :param reference: as for `Reader`.
    :raises OSError: if `source` raises it, such as the `TimeoutError` of a connection.
    """
    from subunit2.reader import Reader

    reader = Reader(reference=reference)
    clock = asyncio.get_running_loop().time
    offset = -1
    deadline: float | None = None
    while True:
        # The wait starts when octets are first held. More octets do not restart it, only
        # a settled item does.
        if not reader.pending or stop_waiting is None:
            deadline = None
        elif deadline is None or reader.offset != offset:
            offset = reader.offset
            deadline = clock() + stop_waiting
        chunk = None
        if deadline is None or clock() < deadline:
            chunk = await _read(source, deadline)
        if chunk is None:
            deadline = None
            settled = reader.stop_waiting()
        elif chunk:
            settled = reader.feed(chunk)
        else:
            break
        for item in settled:
            yield item
    for item in reader.close():
        yield item


async def _read(source: asyncio.StreamReader, deadline: float | None) -> bytes | None:
    """Return the next chunk, or None if the deadline passes first."""
    limit = asyncio.timeout_at(deadline)
    try:
        async with limit:
            return await source.read(READ_SIZE)
    except TimeoutError:
        # A connection raises the same type of its own.
        if not limit.expired():
            raise
        return None


class StreamWriter(Uncopied):
    """Writes items to an asyncio stream, each whole, and waits while it is full.

    Tasks may share a writer: a packet is passed on in one call. Holds one packet.

    :param stream: a stream such as `asyncio.open_connection` returns. It is not closed.
    """

    def __init__(self, stream: asyncio.StreamWriter) -> None:
        self._stream = stream

    async def write(self, item: Item) -> None:
        """Write one item.

        :raises EncodeError: if the item cannot be written; nothing was.
        :raises OSError: if the other side has closed the connection.
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

        Other tasks may write between two of them. See `subunit2.encode_attachment` for
        the parameters.

        :raises EncodeError: as `subunit2.encode_attachment` does.
        :raises OSError: if the other side has closed the connection.
        """
        for octets in encode_attachment(packet, content, chunk=chunk):
            self._stream.write(octets)
            await self._stream.drain()
