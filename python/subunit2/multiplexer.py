"""A multiplexer: several streams joined into one, each packet with the code of its input.

Strategy: the reader of each input has decoded a packet before it is forwarded, so the
multiplexer knows the size of its route code, which is the last field. A canonical packet
is forwarded with the octets before the route code copied (`route.unchanged`) and the rest
written anew; any other packet takes the slow path of `packets.rewrite`.

The multiplexer does no IO and has no clock: a packet without a timestamp stays without
(`timestamp.kept`).

`add_route` and `strip_route` do the same to single packets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from subunit2.damage.reports import OutputWrapper
from subunit2.items import EncodeError, Item, Packet
from subunit2.packets.build import LENGTHS, encode_length
from subunit2.packets.crc import crc32
from subunit2.packets.header import CHECKSUM_SIZE, FLAG_ROUTE_CODE, LEAST_LENGTHS, SIGNATURE
from subunit2.packets.numbers import encode_number
from subunit2.packets.rewrite import add_route, checked_code, put_in_front, strip_route
from subunit2.reader import Reader
from subunit2.uncopied import Uncopied
from subunit2.writer import encode

__all__ = ["WRAPPED_FILE", "Multiplexer", "add_route", "strip_route"]

#: The default name of the file that an input's output becomes (`wrap.origin`).
WRAPPED_FILE: Final = "stdout"

#: From this size on, in octets, a packet is forwarded as a view instead of a copy.
_LARGE: Final = 2048

#: Route codes that an input remembers, with their replacements.
_MOST_FIELDS: Final = 1024

#: Signature and first octet of the flags with the route code's flag set, by that octet.
_HEADS: Final = tuple(bytes([SIGNATURE, high | FLAG_ROUTE_CODE >> 8]) for high in range(256))


class Multiplexer(Uncopied):
    """Joins several streams, and adds the code of its input to each packet.

    Packets keep the order of their input, and go out with their last octet, independently of
    the other inputs (`route.order`). Passthrough, and packets to which no code can be added, go
    out at once, as chunks of a file under the input's route; the file ends when the input
    ends (`wrap.origin`). Damage is reported as a failure of the test `subunit.parser` under
    the input's route (`damage.report`).

    Holds as much as a reader for each input, and as many octets again.

    :param routes: the code of each input, not empty; it may hold `/`. None: its packets are
        forwarded unchanged, and its output goes under no route.
    :param files: the name of the file that the output of each input becomes; by default
        `stdout`.
    :raises EncodeError: if a code or name cannot be written, or is longer than 3 MiB.

    >>> from subunit2 import Packet, decode, encode
    >>> multiplexer = Multiplexer(["0", "1"])
    >>> octets = multiplexer.feed(1, b"(Pdb) ")
    >>> octets += multiplexer.feed(0, encode(Packet(test_id="foo", test_status="success")))
    >>> for packet in decode(octets):
    ...     packet.route_code, packet.file_bytes or packet.test_id
    ('1', b'(Pdb) ')
    ('0', 'foo')
    """

    def __init__(
        self, routes: Sequence[str | None] = (), *, files: Sequence[str] | None = None
    ) -> None:
        self._inputs: list[_Input] = []
        # By route, the input that reported damage last.
        self._reporting: dict[str | None, _Input] = {}
        for route, file in zip(routes, files or [WRAPPED_FILE] * len(routes), strict=True):
            self.add(route, file)

    def add(
        self,
        route: str | None,
        file: str = WRAPPED_FILE,
        *,
        change: Callable[[list[Item]], Iterable[Item]] | None = None,
    ) -> int:
        """Add an input, and return its number.

        :param change: applied to its items before they are forwarded, for example to
            correct its clock.
        :raises EncodeError: as for the class.
        """
        self._inputs.append(_Input(route, file, change))
        return len(self._inputs) - 1

    def feed(self, input: int, data: bytes | bytearray | memoryview) -> bytes:
        """Return the octets to forward now that `data` has arrived on an input.

        :raises ValueError: if the input was closed.
        """
        each = self._inputs[input]
        return self._in_order(each, each.output.regions, each.feed(data))

    def pending(self, input: int) -> tuple[int, int]:
        """Return how many octets of an input are settled, and how many are held.

        As `Reader` counts them, with a corrupt region that is not decided yet.
        """
        reader, output = self._inputs[input].reader, self._inputs[input].output
        if self._inputs[input].is_output:
            return reader.offset + reader.pending, 0
        return reader.offset - output.pending, reader.pending + output.pending

    def report(self, input: int) -> int:
        """Return a number of the report that waits for the next packet; 0: none.

        The damage between two packets is one report (`damage.one-report`).
        """
        return self._inputs[input].output.report

    def stop_waiting(self, input: int) -> bytes:
        """Return the octets held of an input, as if it had ended (`reader.stop-waiting`).

        A report of damage ends here, too.

        :raises ValueError: if the input was closed.
        """
        each = self._inputs[input]
        return self._in_order(each, each.output.regions, each.stop_waiting())

    def take_as_output(self, input: int) -> bytes:
        """Take all further octets of an input for output, packets too; return those held.

        For an input beside another one on which the same process writes its packets: then
        a packet here is one that a test has printed.
        """
        each = self._inputs[input]
        return self._in_order(each, each.output.regions, each.take_as_output())

    def packets(self, input: int) -> tuple[int, int]:
        """Return how many packets an input had, and how many more were taken for output."""
        each = self._inputs[input]
        return each.forwarded, each.printed

    def close(self, input: int) -> bytes:
        """End an input, and return the last octets to forward; none if it was closed."""
        each = self._inputs[input]
        return self._in_order(each, each.output.regions, each.close())

    def _in_order(self, input: _Input, regions: int, octets: bytes) -> bytes:
        """Return the octets of an input behind the report of another one on its route.

        :param regions: the number of its damaged regions before.
        """
        if input.output.regions == regions:
            return octets
        # clause damage.one-report
        other = self._reporting.get(input.route, input)
        self._reporting[input.route] = input
        if other is not input:
            octets = b"".join(map(encode, other.output.end_report())) + octets
        return octets


class _Input:
    """One input of a multiplexer: its reader, and a copy of the octets that the reader holds."""

    def __init__(
        self,
        route: str | None,
        file: str,
        change: Callable[[list[Item]], Iterable[Item]] | None,
    ) -> None:
        self.reader = Reader()
        self.route = route
        self._change = change
        self._code = None if route is None else checked_code(route)
        self.output = OutputWrapper(Packet(file_name=file, route_code=route))
        # The octets that the reader holds, and the offset of the first of them.
        self._held = bytearray()
        self._base = 0
        self.is_output = False
        self.forwarded = self.printed = 0
        # By route code as it arrives: the size of its field, and the field to forward.
        self._fields: dict[str | None, tuple[int, bytes]] = {}

    def feed(self, data: bytes | bytearray | memoryview) -> bytes:
        # The same octets are read and sliced: they must not change in between.
        data = bytes(data)
        if self.is_output:
            self.printed += _count_packets(self.reader.feed(data))
            return self._as_output(data)
        return b"".join(self._forward(self.reader.feed(data), data))

    def take_as_output(self) -> bytes:
        if self.is_output:
            return b""
        self.is_output = True
        # The reader goes on to count.
        octets = b"".join(map(encode, self.output.stop_waiting()))
        held, self._held = bytes(self._held), bytearray()
        return octets + self._as_output(held)

    def _as_output(self, octets: bytes) -> bytes:
        self.output.add_output(octets)
        return b"".join(map(encode, self.output.take()))

    def stop_waiting(self) -> bytes:
        if self.is_output:
            return b""
        out = self._forward(self.reader.stop_waiting(), b"")
        out += map(encode, self.output.stop_waiting())
        return b"".join(out)

    def close(self) -> bytes:
        rest = self.reader.close()
        if self.is_output:
            self.printed += _count_packets(rest)
        out = [] if self.is_output else self._forward(rest, b"")
        out += map(encode, self.output.close())
        return b"".join(out)

    def _forward(self, items: list[Item], data: bytes) -> list[bytes | memoryview]:
        """Return the octets to forward for the items that `data` has settled."""
        out: list[bytes | memoryview] = []
        output = self.output
        if self._change is not None:
            self.forwarded += _count_packets(items)
            for item in self._change(output.judge(items)):
                self._put(item, out)
            out += map(encode, output.take())
            return out
        is_busy = output.is_busy
        # The offset of the first octet of `data`.
        front = self._base + len(self._held)
        view = memoryview(data)
        for item in items:
            if not isinstance(item, Packet):
                output.add(item)
                is_busy = True
                continue
            self.forwarded += 1
            if is_busy:
                out += map(encode, output.before(item))
                is_busy = False
            length = item.length
            start = item.offset - front
            octets: bytes | memoryview
            if start < 0:
                held = item.offset - self._base
                octets = bytes(self._held[held : held + length]) + data[: max(start + length, 0)]
            elif length < _LARGE:
                octets = data[start : start + length]
            else:
                # A view costs more than a copy of a few octets, and less than one of many.
                octets = view[start : start + length]
            if self._code is None:
                out.append(octets)
            elif item.raw is None:
                self._add_canonical(octets, item.route_code, out)
            else:
                self._add(bytes(octets), out)
        if is_busy:
            out += map(encode, output.take())
        settled = self.reader.offset
        if settled >= front:
            self._held = bytearray(data[settled - front :])
        else:
            del self._held[: settled - self._base]
            self._held += data
        self._base = settled
        return out

    def _put(self, item: Item, out: list[bytes | memoryview]) -> None:
        """Forward an item that may differ from the one that was read."""
        if not isinstance(item, Packet):
            self.output.add_judged(item)
            return
        out += map(encode, self.output.before_judged(item))
        if self._code is None:
            out.append(encode(item))
        else:
            self._add(encode(item), out)

    def _add_canonical(
        self, octets: bytes | memoryview, route: str | None, out: list[bytes | memoryview]
    ) -> None:
        """Add the code to a packet whose numbers are in their shortest form (`route.add`)."""
        size, field = self._fields.get(route) or self._field(route)
        length = len(octets)
        head = 4 if length < LEAST_LENGTHS[1] else 5 if length < LEAST_LENGTHS[2] else 6
        # clause route.unchanged
        before = octets[head : length - CHECKSUM_SIZE - size]
        body = len(before) + len(field)
        written = LENGTHS[body] if body < 256 else encode_length(body)
        if written is None:
            self._add(bytes(octets), out)
            return
        # Not `seal`: chunks are joined once, for all packets.
        start = _HEADS[octets[1]] + octets[2:3] + written
        checksum = crc32(field, crc32(before, crc32(start)))
        out += (start, before, field, checksum.to_bytes(CHECKSUM_SIZE, "big"))

    def _field(self, route: str | None) -> tuple[int, bytes]:
        assert self._code is not None
        was, code = 0, self._code
        if route is not None:
            octets = route.encode()
            was = len(encode_number(len(octets))) + len(octets)
            code += b"/" + octets
        if len(self._fields) >= _MOST_FIELDS:
            self._fields.clear()
        self._fields[route] = was, encode_number(len(code)) + code
        return self._fields[route]

    def _add(self, octets: bytes, out: list[bytes | memoryview]) -> None:
        assert self._code is not None
        try:
            out.append(put_in_front(octets, self._code))
        except EncodeError:
            # It cannot be forwarded as a packet, and must not get lost.
            self.output.add_output(octets)
            out += map(encode, self.output.take())


def _count_packets(items: Iterable[Item]) -> int:
    return sum(isinstance(item, Packet) for item in items)
