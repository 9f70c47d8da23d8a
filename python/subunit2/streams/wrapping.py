"""Wrap passthrough into packets of an attachment, and report damage in packets.

Strategy: octets are wrapped as they arrive, also a prompt without a line end, so that a
live reader sees them at once. They are not interpreted: the joined content of the packets
is the original octets. Damage stays damage: it becomes packets of a failed test
`subunit.parser` (`damage.report`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from subunit2.damage.reports import OutputWrapper
from subunit2.items import EncodeError, Item, Packet
from subunit2.multiplexer import WRAPPED_FILE
from subunit2.uncopied import Uncopied

__all__ = ["Wrapper", "wrap"]


class Wrapper(Uncopied):
    r"""Wraps passthrough, reports damage, and passes packets on (`wrap.origin`).

    Neighbouring items that arrive together are wrapped together, in packets of at most
    1 MiB of content. A last packet ends the file (`file.eof`), if there is one. The packets
    have no timestamp: `subunit2.streams.timestamps` can add it.

    Damaged packets become a failed test `subunit.parser` with their octets, under the same
    route code (`damage.report`). Its last packet follows when the next packet arrives.

    Holds a corrupt region that is not yet known to be damage: fewer than eight octets.

    :param name: the name of the file.
    :param route_code: the route code of the packets: the origin of the output. Not empty.
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
        # clause route.input-code
        if route_code == "":
            raise EncodeError("route_code", "is empty: it names the origin of the output")
        self._output = OutputWrapper(
            Packet(test_id=test_id, mime_type=mime_type, file_name=name, route_code=route_code)
        )

    @property
    def pending(self) -> int:
        """The number of octets held of a region that is not decided."""
        return self._output.pending

    @property
    def report(self) -> int:
        """A number of the report that has not ended; 0: none."""
        return self._output.report

    def feed(self, items: Iterable[Item]) -> list[Item]:
        """Return the items with all but packets wrapped or reported."""
        out: list[Item] = []
        for item in items:
            if isinstance(item, Packet):
                out += self._output.before(item)
                out.append(item)
            else:
                self._output.add(item)
        out += self._output.take()
        return out

    def stop_waiting(self) -> list[Item]:
        """Return the rest, as if the stream had ended here (`reader.stop-waiting`)."""
        return [*self._output.stop_waiting()]

    def close(self) -> list[Item]:
        """Return the rest, and the end of the file; nothing, if there was nothing to wrap."""
        return [*self._output.close()]


def wrap(
    items: Iterable[Item],
    name: str = WRAPPED_FILE,
    *,
    route_code: str | None = None,
    test_id: str | None = None,
    mime_type: str | None = None,
) -> Iterator[Item]:
    """Wrap or report all items but packets, as a `Wrapper` does.

    :raises EncodeError: if one of the parameters cannot be written.
    """
    wrapper = Wrapper(name, route_code=route_code, test_id=test_id, mime_type=mime_type)
    for item in items:
        yield from wrapper.feed([item])
    yield from wrapper.close()
