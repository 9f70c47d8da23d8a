"""Passthrough and corrupt regions as chunks of an attachment.

Strategy: what is no packet goes into packets as it arrives, a prompt without a line end
too: nobody who follows a stream waits for more of it. Nothing is read out of it, and
joined it is what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from subunit2.items import EncodeError, Item, Packet
from subunit2.multiplexer import WRAPPED_FILE
from subunit2.writer import DEFAULT_CHUNK, encode, encoded_length

__all__ = ["Wrapper", "wrap"]


class Wrapper:
    r"""Makes packets of what is none, and gives packets on as they are (`wrap.origin`).

    Passthrough that comes together goes out together, corrupt regions like it, in
    packets of at most 1 MiB of content. If there was any, a last packet ends the file
    (`file.eof`). The packets have no timestamp: `subunit2.streams.timestamps` gives them one.

    Holds nothing.

    :param name: of the file.
    :param route_code: of the packets: where the output came from.
    :param test_id: the test that printed it, where one did; else it belongs to the route.
    :param mime_type: of the file; in its first packet.
    :raises EncodeError: where one of these cannot be written.

    >>> from subunit2 import Passthrough
    >>> wrapper = Wrapper("stdout", route_code="0")
    >>> [packet] = wrapper.feed([Passthrough(b"buil"), Passthrough(b"ding\n")])
    >>> packet.file_name, packet.file_bytes, packet.route_code
    ('stdout', b'building\n', '0')
    >>> [packet.eof for packet in wrapper.close()]
    [True]
    """

    def __init__(
        self,
        name: str = WRAPPED_FILE,
        *,
        route_code: str | None = None,
        test_id: str | None = None,
        mime_type: str | None = None,
    ) -> None:
        self._name = name
        self._route_code = route_code
        self._test_id = test_id
        self._mime_type = mime_type
        self._is_open = False
        # What the writer refuses is refused before there is anything to write.
        encode(self._packet(b""))
        if encoded_length(self._packet(bytes(DEFAULT_CHUNK))) is None:
            raise EncodeError("packet", "its fields leave no room for output")

    def feed(self, items: Iterable[Item]) -> list[Item]:
        """What goes out now that these have come."""
        out: list[Item] = []
        chunks: list[bytes] = []
        for item in items:
            if not isinstance(item, Packet):
                chunks.append(item.data)
                continue
            if chunks:
                out += self._wrapped(chunks)
                chunks = []
            out.append(item)
        if chunks:
            out += self._wrapped(chunks)
        return out

    def close(self) -> list[Item]:
        """What goes out now that the stream has ended: the end of the file."""
        if not self._is_open:
            return []
        self._is_open = False
        return [self._packet(b"", eof=True)]

    def _wrapped(self, chunks: list[bytes]) -> Iterator[Packet]:
        octets = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        for start in range(0, len(octets), DEFAULT_CHUNK):
            yield self._packet(octets[start : start + DEFAULT_CHUNK])
            # clause mime.scope: one of its packets says it for all
            self._mime_type = None
            self._is_open = True

    def _packet(self, octets: bytes, *, eof: bool = False) -> Packet:
        return Packet(
            test_id=self._test_id,
            mime_type=self._mime_type,
            file_name=self._name,
            file_bytes=octets,
            eof=eof,
            route_code=self._route_code,
            # There is nothing in output that could be run.
            runnable=self._test_id is not None,
        )


def wrap(
    items: Iterable[Item],
    name: str = WRAPPED_FILE,
    *,
    route_code: str | None = None,
    test_id: str | None = None,
    mime_type: str | None = None,
) -> Iterator[Item]:
    """The items, what is no packet wrapped into packets, as by a `Wrapper`. Holds nothing."""
    wrapper = Wrapper(name, route_code=route_code, test_id=test_id, mime_type=mime_type)
    for item in items:
        yield from wrapper.feed([item])
    yield from wrapper.close()
