"""The asyncio front end: live items from pipes and processes, whole packets to them."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from subunit2 import Corrupt, EncodeError, Item, Packet, Passthrough, aio, decode, encode_attachment
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
    header,
    joined,
    recovered,
)

#: A header that claims 4 MB, and too few octets behind it.
CLAIMING = header(0x2900, 4_000_000, width=3) + b"abc"


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run a test to its end, or fail when it hangs."""

    async def limited() -> None:
        async with asyncio.timeout(PATIENCE):
            await main()

    asyncio.run(limited())


class Pipe:
    """A pipe whose reading end is an asyncio stream."""

    async def __aenter__(self) -> Pipe:
        reading, self._writing = os.pipe()
        self.reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(self.reader), os.fdopen(reading, "rb")
        )
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()
        self._transport.close()

    def feed(self, octets: bytes) -> None:
        assert os.write(self._writing, octets) == len(octets)

    def close(self) -> None:
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1


async def take(items: AsyncIterator[Item], count: int) -> list[Item]:
    return [await anext(items) for _ in range(count)]


def test_the_items_are_those_of_decode() -> None:
    stream = b"ok\n" + FOO_OCTETS + damaged(BAR_OCTETS) + FULL_OCTETS + b"(Pdb) "

    async def main() -> None:
        for reference in (False, True):
            async with Pipe() as pipe:
                pipe.feed(stream)
                pipe.close()
                items = [item async for item in aio.decode(pipe.reader, reference=reference)]
            assert joined(items) == joined(decode(stream))
            assert [item.offset for item in joined(items)] == [
                item.offset for item in joined(decode(stream))
            ]

    run(main)


def test_each_item_is_there_at_once() -> None:
    # clauses reader.packet-at-once, reader.passthrough-at-once
    async def main() -> None:
        async with Pipe() as pipe:
            items = aio.decode(pipe.reader)
            for octets, item in [
                (FOO_OCTETS, FOO),
                (b"(Pdb) ", Passthrough(b"(Pdb) ")),
                (FULL_OCTETS, FULL),
            ]:
                pipe.feed(octets)
                assert await anext(items) == item
            pipe.close()
            assert [item async for item in items] == []

    run(main)


def test_it_stops_waiting_where_octets_do_not_come() -> None:
    # clause reader.stop-waiting
    async def main() -> None:
        async with Pipe() as pipe:
            items = aio.decode(pipe.reader, stop_waiting=0.01)
            pipe.feed(CLAIMING)
            assert await anext(items) == Corrupt(CLAIMING, "truncated")
            # The stream goes on.
            pipe.feed(b"\n" + BAR_OCTETS)
            assert await take(items, 2) == [Passthrough(b"\n"), recovered(BAR)]

    run(main)


def test_it_need_not_wait_at_all() -> None:
    async def main() -> None:
        async with Pipe() as pipe:
            items = aio.decode(pipe.reader, stop_waiting=0)
            pipe.feed(CLAIMING)
            assert await anext(items) == Corrupt(CLAIMING, "truncated")

    run(main)


def test_held_octets_are_settled_when_the_stream_ends() -> None:
    # clause packet.truncated
    async def main() -> None:
        async with Pipe() as pipe:
            pipe.feed(FOO_OCTETS + FULL_OCTETS[:50])
            pipe.close()
            items = [item async for item in aio.decode(pipe.reader)]
        assert items == [FOO, Corrupt(FULL_OCTETS[:50], "truncated")]

    run(main)


def test_it_stops_waiting_though_other_octets_arrive() -> None:
    async def main() -> None:
        async with Pipe() as pipe:
            items = aio.decode(pipe.reader, stop_waiting=0.05)
            pipe.feed(CLAIMING)
            first = asyncio.ensure_future(anext(items))
            fed = len(CLAIMING)
            while not first.done():
                pipe.feed(b".")
                fed += 1
                await asyncio.wait([first], timeout=0.001)
            region = first.result()
            assert isinstance(region, Corrupt)
            assert len(CLAIMING) < region.length <= fed

    run(main)


def test_it_waits_for_nothing_where_nothing_is_claimed() -> None:
    async def main() -> None:
        async with Pipe() as pipe:
            items = aio.decode(pipe.reader, stop_waiting=1e-9)
            waiting = asyncio.ensure_future(anext(items))
            done, _ = await asyncio.wait([waiting], timeout=0.05)
            assert done == set()
            pipe.feed(FOO_OCTETS)
            assert await waiting == FOO

    run(main)


def test_without_a_limit_it_waits() -> None:
    async def main() -> None:
        async with Pipe() as pipe:
            items = aio.decode(pipe.reader)
            pipe.feed(FULL_OCTETS[:50])
            waiting = asyncio.ensure_future(anext(items))
            done, _ = await asyncio.wait([waiting], timeout=0.05)
            assert done == set()
            pipe.feed(FULL_OCTETS[50:])
            assert await waiting == FULL

    run(main)


class Asked(asyncio.StreamReader):
    """A stream that fails the test when it is read again and again."""

    asked = 0

    async def read(self, n: int = -1) -> bytes:
        self.asked += 1
        assert self.asked < 5, "asked again, though it failed"
        return await super().read(n)


@pytest.mark.parametrize("stop_waiting", [None, 1000.0])
@pytest.mark.parametrize("error", [TimeoutError, ConnectionResetError])
def test_an_error_of_the_stream_is_raised(stop_waiting: float | None, error: type[OSError]) -> None:
    # The connection timed out by itself while octets are held: not the reader's deadline.
    async def main() -> None:
        reader = Asked()
        items = aio.decode(reader, stop_waiting=stop_waiting)
        reader.feed_data(FOO_OCTETS + CLAIMING)
        assert await anext(items) == FOO
        failure = error(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        waiting = asyncio.ensure_future(anext(items))
        asyncio.get_running_loop().call_soon(reader.set_exception, failure)
        with pytest.raises(error) as caught:
            await waiting
        assert caught.value is failure
        assert [item async for item in items] == []

    run(main)


def test_an_error_of_the_stream_is_raised_behind_a_deadline() -> None:
    async def main() -> None:
        reader = Asked()
        items = aio.decode(reader, stop_waiting=0.01)
        reader.feed_data(CLAIMING)
        assert await anext(items) == Corrupt(CLAIMING, "truncated")
        reader.set_exception(TimeoutError(errno.ETIMEDOUT, "gone"))
        with pytest.raises(TimeoutError, match="gone"):
            await anext(items)

    run(main)


def test_output_of_a_process_is_read_while_it_runs() -> None:
    program = """
import sys
from subunit2 import Packet, StreamWriter
writer = StreamWriter(sys.stdout.buffer)
for line in sys.stdin:
    writer.write(Packet(test_id=line.strip(), test_status="success"))
"""

    async def main() -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            program,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        items = aio.decode(process.stdout)
        for name in ("one", "two", "three"):
            process.stdin.write(f"{name}\n".encode())
            assert await anext(items) == Packet(test_id=name, test_status="success")
        process.stdin.close()
        assert [item async for item in items] == []
        assert await process.wait() == 0

    run(main)


# --- Written ---------------------------------------------------------------------------------


def test_tasks_share_a_writer_and_their_packets_are_whole() -> None:
    large = FULL_OCTETS * 2000

    async def main() -> None:
        found: list[Item] = []
        ended = asyncio.Event()

        async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            found.extend([item async for item in aio.decode(reader)])
            writer.close()
            await writer.wait_closed()
            ended.set()

        server = await asyncio.start_server(read, "127.0.0.1")
        async with server:
            host, port = server.sockets[0].getsockname()[:2]
            _, stream = await asyncio.open_connection(host, port)
            writer = aio.StreamWriter(stream)

            async def write(name: str) -> None:
                for number in range(20):
                    packet = Packet(test_id=f"{name}.{number}", file_name="f", file_bytes=large)
                    await writer.write(packet)

            await asyncio.gather(*map(write, "abcd"))
            attachment = Packet(test_id="t", file_name="log")
            await writer.write_attachment(attachment, b"content", chunk=3)
            with pytest.raises(EncodeError):
                await writer.write(Packet(test_id=NUL_TEXT))
            stream.close()
            await stream.wait_closed()
            await ended.wait()
        attached = [item for octets in encode_attachment(attachment, b"content", chunk=3)
                    for item in decode(octets)]  # fmt: skip
        assert found[-3:] == attached
        packets: list[Any] = found[:-3]
        assert all(packet.file_bytes == large for packet in packets)
        for name in "abcd":
            own = [each.test_id for each in packets if each.test_id.startswith(name)]
            assert own == [f"{name}.{number}" for number in range(20)]

    run(main)
