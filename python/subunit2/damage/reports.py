"""The output of one input in packets: passthrough wrapped, damage reported.

Strategy: octets go out as they arrive, passthrough as a file under the input's route, damage
as the file `Packet data` of the test `subunit.parser`. The damage between two packets is one
report. Its last packet, with the reasons and the status, is out when the next packet arrives
(`damage.one-report`).

The items that a caller adds in one go become few packets, however many they are: octets can
be chosen so that every third of them begins a damaged region.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from subunit2.damage.output import RegionJudge
from subunit2.damage.parser_errors import describe_error
from subunit2.items import Corrupt, EncodeError, Item, Packet, Passthrough, replace
from subunit2.packets.build import encoded_length
from subunit2.plural import count
from subunit2.writer import DEFAULT_CHUNK, encode

__all__ = ["DATA_FILE", "ERROR_FILE", "PARSER", "OutputWrapper"]

#: The test under which damage is reported.
PARSER: Final = "subunit.parser"
#: Its file with the octets.
DATA_FILE: Final = "Packet data"
#: Its file that describes the error.
ERROR_FILE: Final = "Parser Error"

_DATA_TYPE: Final = "application/octet-stream"
_ERROR_TYPE: Final = "text/plain;charset=utf8"

#: Regions of a report that are described each, and keep their places among the output.
_MOST_DESCRIBED: Final = 10

_RECOVERED: Final = (
    "The next packet starts inside the length that a damaged header claims: it was recovered, "
    "and it or packets behind it may be part of the attachment of a damaged packet."
)


class OutputWrapper:
    r"""Makes packets of the passthrough and of the corrupt regions of one input.

    Add the items between two packets, take the packets made of them, and tell the packet
    that follows. Holds what is added until it is taken, and what a `RegionJudge` holds.

    :param wrapping: the packet that output is wrapped in; its content is replaced. Its MIME
        type is written once. Damage is reported under its route code.
    :ivar regions: the number of damaged regions so far.
    :ivar is_busy: whether the next packet has to be told: a region is not decided, or a
        report has not ended.
    :raises EncodeError: if a packet of these cannot be written.

    >>> wrapper = OutputWrapper(Packet(file_name="stdout", runnable=False))
    >>> wrapper.add(Corrupt(b"\xb3\x29", "truncated"))
    >>> for packet in wrapper.close():
    ...     packet.test_status, packet.file_name, packet.file_bytes
    (None, 'Packet data', b'\xb3)')
    (None, 'Packet data', b'')
    ('fail', 'Parser Error', b'Short read - got 1 bytes, wanted 5 bytes')
    """

    def __init__(self, wrapping: Packet) -> None:
        route = wrapping.route_code
        # clause wrap.output
        self._wrapping = replace(
            wrapping, file_bytes=b"", eof=False, test_status=None, runnable=False
        )
        self._data = Packet(
            test_id=PARSER,
            runnable=False,
            mime_type=_DATA_TYPE,
            file_name=DATA_FILE,
            file_bytes=b"",
            route_code=route,
        )
        for packet in (self._wrapping, self._data):
            # The writer refuses wrong values before there is output.
            encode(packet)
            if encoded_length(replace(packet, file_bytes=bytes(DEFAULT_CHUNK))) is None:
                raise EncodeError("packet", "its fields leave no room for output")
        self._is_wrapped = False
        self._judge = RegionJudge()
        # Neighbouring octets that were added: whether they are damage, and their chunks.
        self._parts: list[tuple[bool, list[bytes]]] = []
        self.regions = 0
        # The regions of the reports that have ended.
        self._reported = 0
        # The reasons of the first regions of the report that has not ended.
        self._reasons: list[str] = []
        self.is_busy = False

    @property
    def pending(self) -> int:
        """The number of octets held of a region that is not decided."""
        return self._judge.pending

    @property
    def report(self) -> int:
        """A number of the report that has not ended, that of its first region; 0: none."""
        return self._reported + 1 if self.regions > self._reported else 0

    @property
    def _open_regions(self) -> int:
        return self.regions - self._reported

    def add(self, item: Passthrough | Corrupt) -> None:
        """Add an item that is no packet."""
        if not self.is_busy and isinstance(item, Passthrough):
            self._add_octets(item.data, is_damage=False)
            return
        for judged in self.judge((item,)):
            self.add_judged(judged)
        self._update()

    def judge(self, items: Iterable[Item]) -> list[Item]:
        """Return the items of which it is decided now whether they are damage."""
        return self._judge.feed(items)

    def add_judged(self, item: Item) -> None:
        """Add an item of `judge`; a packet is left out."""
        if isinstance(item, Corrupt):
            self.regions += 1
            if self._open_regions <= _MOST_DESCRIBED:
                self._reasons.append(describe_error(item))
            self._add_octets(item.data, is_damage=True)
        elif isinstance(item, Passthrough):
            self._add_octets(item.data, is_damage=False)

    def add_output(self, octets: bytes) -> None:
        """Add octets that are output, whatever they look like."""
        self._add_octets(octets, is_damage=False)

    def take(self) -> list[Packet]:
        """Return the packets of all that was added and is decided."""
        packets: list[Packet] = []
        parts = self._parts
        if not parts:
            return packets
        self._parts = []
        for is_damage, chunks in parts:
            octets = chunks[0] if len(chunks) == 1 else b"".join(chunks)
            if len(octets) <= DEFAULT_CHUNK:
                packets.append(self._chunk(octets, is_damage=is_damage))
                continue
            for start in range(0, len(octets), DEFAULT_CHUNK):
                chunk = octets[start : start + DEFAULT_CHUNK]
                packets.append(self._chunk(chunk, is_damage=is_damage))
        return packets

    def before(self, packet: Packet) -> list[Packet]:
        """Return the packets that go in front of a packet of the input."""
        if not self.is_busy:
            return self.take()
        for judged in self.judge((packet,)):
            self.add_judged(judged)
        return self.before_judged(packet)

    def before_judged(self, packet: Packet) -> list[Packet]:
        """Return the same for a packet that `judge` has returned."""
        return [*self.take(), *self._end_report(recovered=packet.recovered)]

    def end_report(self) -> list[Packet]:
        """Return the last packets of a report that has not ended. A region that is held stays."""
        return self._end_report(recovered=False)

    def stop_waiting(self) -> list[Packet]:
        """Return the packets of the rest, as if the input had ended (`reader.stop-waiting`)."""
        for judged in self._judge.stop_waiting():
            self.add_judged(judged)
        return [*self.take(), *self._end_report(recovered=False)]

    def close(self) -> list[Packet]:
        """Return the packets of the rest, and the end of the file, if there is a file."""
        packets = self.stop_waiting()
        if self._is_wrapped:
            self._is_wrapped = False
            # clause file.eof
            packets.append(replace(self._wrapping, eof=True))
        return packets

    def _add_octets(self, octets: bytes, *, is_damage: bool) -> None:
        parts = self._parts
        if parts and parts[-1][0] is is_damage:
            parts[-1][1].append(octets)
        elif not octets:
            return
        elif len(parts) > 1 and self._open_regions > _MOST_DESCRIBED:
            # A packet for each of many short regions could take fifty times their octets.
            # The two files stay in order, each in itself.
            parts[-2][1].append(octets)
        else:
            parts.append((is_damage, [octets]))

    def _update(self) -> None:
        self.is_busy = self._open_regions > 0 or self._judge.pending > 0

    def _chunk(self, octets: bytes, *, is_damage: bool) -> Packet:
        if is_damage:
            packet = replace(self._data, file_bytes=octets)
            # clause mime.scope: one packet of a file is enough
            self._data = replace(self._data, mime_type=None)
            return packet
        wrapping = self._wrapping
        mime_type = wrapping.mime_type
        if mime_type is not None:
            self._wrapping = replace(wrapping, mime_type=None)
        self._is_wrapped = True
        # Not `replace`, which takes twice as long.
        return Packet(
            test_id=wrapping.test_id,
            test_tags=wrapping.test_tags,
            mime_type=mime_type,
            file_name=wrapping.file_name,
            file_bytes=octets,
            route_code=wrapping.route_code,
            runnable=False,
        )

    def _end_report(self, *, recovered: bool) -> list[Packet]:
        """Return the last packets of a report, if there is one (`damage.report`)."""
        if not self._open_regions:
            self._update()
            return []
        reasons = self._reasons
        if self._open_regions > len(reasons):
            reasons.append(f"and {count(self._open_regions - len(reasons), 'more region')}")
        if recovered:
            # clause damage.one-report
            reasons.append(_RECOVERED)
        end = replace(self._data, eof=True)
        reason = replace(
            end,
            test_status="fail",
            mime_type=_ERROR_TYPE,
            file_name=ERROR_FILE,
            file_bytes="\n".join(reasons).encode(),
        )
        self._data = replace(self._data, mime_type=_DATA_TYPE)
        self._reported, self._reasons = self.regions, []
        self._update()
        return [end, reason]
