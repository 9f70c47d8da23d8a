"""Assemble decoders of canonical packets: a function for each set of fields, at its first use.

Strategy: the fastest decoder in Python is a function that reads straight through the fields
of its packets and tests no flag. There are 64 sets of fields, and a stream has a few of
them. `fast_generated` has the source that reads each field; here a function is assembled
from these sources and compiled, as dataclasses and attrs do it, the first time that a
packet needs it.

A decoder accepts canonical packets only, and returns None for any other. A size of 64 or
more that overruns is refused at once, so that nothing large is cut from the octets behind
the packet; a smaller one is found at the end, where the last field has to end at the
checksum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from struct import Struct
from typing import Any, Final, NamedTuple, TypeAlias

from subunit2.items import Packet, ReadPacket, TestStatus, Timestamp

__all__ = ["Decoder", "Decoders", "Entry", "FieldSource", "Layout"]

#: Octets, indexes of the fields and of the checksum, status, runnable, end of file, offset
#: and length. It raises IndexError, struct.error or UnicodeDecodeError if it does not
#: return None.
Decoder: TypeAlias = Callable[
    [bytes, int, int, TestStatus | None, bool, bool, int, int], Packet | None
]
Entry: TypeAlias = tuple[Decoder, TestStatus | None, bool, bool]


class FieldSource(NamedTuple):
    """The source that reads a field.

    :ivar flag: the bit of the flags that announces it.
    :ivar lines: statements that read the field at `index` and move `index` behind it.
    :ivar texts: expressions of its strings, which must not hold NUL.
    :ivar values: expressions of the packet's attributes that it sets, by name.
    """

    flag: int
    name: str
    lines: str
    texts: tuple[str, ...]
    values: dict[str, str]


class Layout(NamedTuple):
    """A packet, as the generator read it from the .ksy.

    :ivar fixed: the bits of the flags that are the same in all packets.
    :ivar version: their values.
    :ivar attributes: of a `Packet`, in their order.
    """

    signature: int
    fixed: int
    version: int
    runnable: int
    eof: int
    statuses: tuple[TestStatus | None, ...]
    attributes: tuple[str, ...]
    fields: tuple[FieldSource, ...]


_u4: Final = Struct(">I").unpack_from


def _long_number(data: bytes, index: int) -> tuple[int, int]:
    """Return a number of three octets and the index behind it.

    -1 if it is not in its shortest form, or has four octets.
    """
    if data[index] < 0xC0:
        number = (data[index] & 0x3F) << 16 | data[index + 1] << 8 | data[index + 2]
        return (number, index + 3) if number >= 0x4000 else (-1, index)
    return (-1, index)


#: The names that the generated sources use.
_NAMES: Final[dict[str, Any]] = {
    "ReadPacket": ReadPacket,
    "Timestamp": Timestamp,
    "_long_number": _long_number,
    "_u4": _u4,
}


class Decoders(dict[bytes, Entry]):
    """Decoders by the first three octets of a packet. `find` assembles missing ones."""

    def __init__(self, layout: Layout) -> None:
        super().__init__()
        self._layout = layout
        self._by_fields: dict[int, Decoder] = {}

    def find(self, head: bytes) -> Entry | None:
        """Return the decoder of packets with this head, and the rest of its flags.

        None if no canonical packet has it: another signature or version, or the reserved
        bit set.
        """
        layout = self._layout
        flags = int.from_bytes(head[1:], "big")
        if len(head) != 3 or head[0] != layout.signature or flags & layout.fixed != layout.version:
            return None
        fields = [field for field in layout.fields if flags & field.flag]
        key = sum(field.flag for field in fields)
        if key not in self._by_fields:
            self._by_fields[key] = _compiled(layout, fields)
        # The status is in the lowest bits.
        status = layout.statuses[flags & len(layout.statuses) - 1]
        runnable, eof = flags & layout.runnable != 0, flags & layout.eof != 0
        self[head] = entry = (self._by_fields[key], status, runnable, eof)
        return entry


def _compiled(layout: Layout, fields: list[FieldSource]) -> Decoder:
    names = _NAMES.copy()
    source = "\n".join(_source(layout, fields))
    label = ", ".join(field.name for field in fields) or "no fields"
    # The source is the library's own.
    exec(compile(source, f"<decoder of {label}>", "exec"), names)  # noqa: S102
    decoder: Decoder = names["decode"]
    return decoder


def _source(layout: Layout, fields: list[FieldSource]) -> Iterator[str]:
    yield "def decode(data, index, end, status, runnable, eof, offset, length):"
    values = {"test_status": "status", "runnable": "runnable", "eof": "eof"}
    conditions = ["index != end"]
    for field in fields:
        yield field.lines
        conditions += [rf'"\0" in {text}' for text in field.texts]
        values |= field.values
    yield f"    if {' or '.join(conditions)}:"
    yield "        return None"
    attributes = ", ".join(values.get(name, "None") for name in layout.attributes)
    # recovered, raw, offset and length come last.
    yield f"    return ReadPacket({attributes}, False, None, offset, length)"
