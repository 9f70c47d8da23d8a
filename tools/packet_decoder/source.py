"""The decoder's source: a function for each set of fields that a packet can have.

Strategy: what is asked of every packet is asked once, here. Which fields there
are is known from the flags word, so each set of them has a function of its own
that reads straight through them and asks no flag. A function takes packets as
the writer writes them; whatever else there is (a number in a longer form, text
that is not UTF-8, a field that overruns), it returns None, and the reference
decoder says what it is. So the two cannot name an error differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import compress, product
from typing import Final

from packet_decoder.attributes import PACKET, SAID_BY_FLAGS, check_parts, local, sizes_of
from packet_decoder.layout import (
    Field,
    Fixed,
    Layout,
    LayoutError,
    Number,
    Octets,
    Repeated,
    Text,
)

__all__ = ["write_decoder"]

_HEAD: Final = '''\
# Generated from subunit2.ksy by tools/packet_decoder. Do not edit: `make generate`.
"""Packets as the writer writes them, a function for each set of fields.

Strategy: `DECODERS` gives, for the first three octets of a packet, the function
that reads it and what its flags say beside the fields. A function takes the
octets, the place behind the length and that of the checksum, and returns the
packet; or None where the packet is not as the writer writes it. A size of 64 or
more that overruns is refused at once, so that nothing large is cut from what is
behind the packet; a smaller one is found at the end, where the last field has to
end at the checksum.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct
from typing import Final, TypeAlias

from subunit2.items import Packet, ReadPacket, TestStatus, Timestamp

__all__ = ["DECODERS", "Decoder", "Entry"]

#: Octets, place of the fields and of the checksum, status, runnable, end of
#: file, offset and length; raises IndexError, struct.error or
#: UnicodeDecodeError where it does not return None.
Decoder: TypeAlias = Callable[
    [bytes, int, int, TestStatus | None, bool, bool, int, int], Packet | None
]
Entry: TypeAlias = tuple[Decoder, TestStatus | None, bool, bool]

_u4: Final = Struct(">I").unpack_from


def _long_number(data: bytes, at: int) -> tuple[int, int]:
    """A number of three octets, and the place behind it.

    -1 where it is not in its shortest form, or has four octets.
    """
    if data[at] < 0xC0:
        number = (data[at] & 0x3F) << 16 | data[at + 1] << 8 | data[at + 2]
        return (number, at + 3) if number >= 0x4000 else (-1, at)
    return (-1, at)
'''

#: What takes four octets in its shortest form, and no packet is as long.
_WIDEST: Final = 1 << 22


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def _read_number(name: str, limit: int) -> Iterator[str]:
    """Lines that read a number in its shortest form."""
    if limit < _WIDEST:
        yield from _read_up_to_three_octets(name, f"{name} < 0x40")
        return
    # Most of those that may have four octets have: nanoseconds.
    yield "if data[at] >= 0xC0:"
    yield f"    {name} = _u4(data, at)[0] & 0x3FFFFFFF"
    yield f"    if not 0x{_WIDEST:X} <= {name} <= {limit}:"
    yield "        return None"
    yield "    at += 4"
    yield "else:"
    yield from _indented(_read_up_to_three_octets(name, f"{name} < 0x40"))


def _read_size(name: str) -> Iterator[str]:
    """Lines that read how many octets or texts follow."""
    return _read_up_to_three_octets(name, f"not 0x40 <= {name} <= stop - at")


def _read_up_to_three_octets(name: str, is_wrong: str) -> Iterator[str]:
    yield f"{name} = data[at]"
    yield "at += 1"
    yield f"if {name} >= 0x40:"
    yield f"    if {name} >= 0x80:"
    yield f"        {name}, at = _long_number(data, at - 1)"
    yield "    else:"
    yield f"        {name} = ({name} & 0x3F) << 8 | data[at]"
    yield "        at += 1"
    yield f"    if {is_wrong}:"
    yield "        return None"


def _read_field(field: Field, texts: list[str]) -> Iterator[str]:
    """Lines that read a field.

    :param texts: conditions that its texts must not fulfil are added to these.
    """
    sizes = sizes_of(field)
    yield f"# {field.name.replace('_', ' ')}"
    for part in field.parts:
        name = local(field, part.name)
        match part.kind:
            case Fixed(4):
                yield f"{name} = _u4(data, at)[0]"
                yield "at += 4"
            case Number() if part.name in sizes:
                yield from _read_size(name)
            case Number(limit):
                yield from _read_number(name, limit)
            case Text():
                yield from _read_size("size")
                yield f"{name} = data[at : at + size].decode()"
                yield "at += size"
                texts.append(f'"\\0" in {name}')
            case Octets(size):
                size = local(field, size)
                yield f"{name} = data[at : at + {size}]"
                yield f"at += {size}"
            case Repeated(count, _):
                yield f"{name} = []"
                yield f"for _ in range({local(field, count)}):"
                yield from _indented(_read_size("size"))
                yield f"    {name}.append(data[at : at + size].decode())"
                yield "    at += size"
                texts.append(f'"\\0" in "".join({name})')
            case _:
                raise LayoutError(f"{field.name}/{part.name}", f"no decoder reads {part.kind}")


def _value(attribute: str, parts: str | None, present: dict[str, str]) -> str:
    if parts is None:
        return {"test_status": "status"}.get(attribute, attribute)
    names = [present.get(part) for part in parts.split()]
    if None in names:
        return "None"
    if attribute == "timestamp":
        return f"Timestamp({', '.join(map(str, names))})"
    return f"tuple({names[0]})" if attribute == "test_tags" else str(names[0])


def _function(name: str, fields: list[Field]) -> Iterator[str]:
    yield f"def {name}("
    yield "    data: bytes, at: int, stop: int,"
    yield "    status: TestStatus | None, runnable: bool, eof: bool, offset: int, length: int,"
    yield ") -> Packet | None:"
    texts: list[str] = []
    present: dict[str, str] = {}
    for field in fields:
        yield from _indented(_read_field(field, texts))
        present |= {f"{field.name}/{part.name}": local(field, part.name) for part in field.parts}
    yield f"    if {' or '.join(['at != stop', *texts])}:"
    yield "        return None"
    values = [_value(attribute, parts, present) for attribute, parts in PACKET]
    yield "    return ReadPacket("
    for row in (values[:4], values[4:8], values[8:], ["False", "None", "offset", "length"]):
        yield f"        {', '.join(row)},"
    yield "    )"


def _table(layout: Layout, names: dict[int, str]) -> Iterator[str]:
    yield "_BY_FIELDS: Final[dict[int, Decoder]] = {"
    for flags, name in names.items():
        yield f"    0x{flags:04X}: {name},"
    yield "}"
    yield ""
    yield "_STATUSES: Final[tuple[TestStatus | None, ...]] = ("
    for status in layout.statuses:
        yield f"    {None if status == 'none' else repr(status)},".replace("'", '"')
    yield ")"
    yield ""
    yield "#: By the first three octets of a packet."
    yield "DECODERS: Final[dict[bytes, Entry]] = {"
    yield f"    {_octets(layout.signature)}"
    yield f"    + (0x{layout.version:04X} | fields | runnable | eof | number).to_bytes(2): ("
    yield "        decoder,"
    yield "        status,"
    yield "        runnable != 0,"
    yield "        eof != 0,"
    yield "    )"
    yield "    for fields, decoder in _BY_FIELDS.items()"
    yield "    for number, status in enumerate(_STATUSES)"
    for flag in SAID_BY_FLAGS:
        yield f"    for {flag} in (0, 0x{layout.masks[flag]:04X})"
    yield "}"


def _octets(octets: bytes) -> str:
    return 'b"' + "".join(f"\\x{octet:02x}" for octet in octets) + '"'


def write_decoder(layout: Layout) -> str:
    """The text of the module for a layout."""
    check_parts(layout)
    lines = [_HEAD]
    names: dict[int, str] = {}
    for chosen in product((True, False), repeat=len(layout.fields)):
        fields = list(compress(layout.fields, chosen))
        name = "_" + "_".join(field.name for field in fields) if fields else "_no_fields"
        names[sum(layout.masks[field.flag] for field in fields)] = name
        lines += ["", *_function(name, fields), ""]
    lines += ["", *_table(layout, names)]
    return "\n".join(lines) + "\n"
