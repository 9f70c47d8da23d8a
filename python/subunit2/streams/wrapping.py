"""Wrap passthrough and corrupt regions into packets of an attachment.

Strategy: octets are wrapped as they arrive, also a prompt without a line end, so that a
live reader sees them at once. They are not interpreted: the joined content of the packets
is the original octets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from subunit2.items import EncodeError, Item, Packet
from subunit2.multiplexer import WRAPPED_FILE
from subunit2.packets.build import encoded_length
from subunit2.writer import DEFAULT_CHUNK, encode

__all__ = ["Wrapper", "wrap"]


class Wrapper:
    r"""Wraps passthrough and corrupt regions, and passes packets on (`wrap.origin`).

    Neighbouring items that arrive together are wrapped together, in packets of at most
    1 MiB of content. A last packet ends the file (`file.eof`), if there is one. The packets
    have no timestamp: `subunit2.streams.timestamps` can add it.

    Holds nothing.

    :param name: the name of the file.
    :param route_code: the route code of the packets: the origin of the output.
    :param test_id: the test that printed the output; None: the route as a whole.
    :param mime_type: the MIME type of the file, in its first packet.
    :raises EncodeError: if one of these cannot be written.

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
        # The writer refuses wrong values before the first item is wrapped.
        encode(self._packet(b""))
        if encoded_length(self._packet(bytes(DEFAULT_CHUNK))) is None:
            raise EncodeError("packet", "its fields leave no room for output")

    def feed(self, items: Iterable[Item]) -> list[Item]:
        """Return the items with all but packets wrapped."""
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
        """Return the end of the file; nothing, if there was nothing to wrap."""
        if not self._is_open:
            return []
        self._is_open = False
        return [self._packet(b"", eof=True)]

    def _wrapped(self, chunks: list[bytes]) -> Iterator[Packet]:
        octets = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        for start in range(0, len(octets), DEFAULT_CHUNK):
            yield self._packet(octets[start : start + DEFAULT_CHUNK])
            # clause mime.scope: one packet of a file is enough
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
            # The output of a route is not a test that can be run.
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
    """Wrap all items but packets, as a `Wrapper` does. Holds nothing.

    :raises EncodeError: if one of the parameters cannot be written.
    """
    wrapper = Wrapper(name, route_code=route_code, test_id=test_id, mime_type=mime_type)
    for item in items:
        yield from wrapper.feed([item])
    yield from wrapper.close()
