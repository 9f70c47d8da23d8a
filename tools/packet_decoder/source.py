"""The sources of the decoder's fields, in Python.

Strategy: `subunit2.packets.assemble` makes a function for each set of fields that a packet
can have. It reads straight through them and tests no flag. Here is the source of each field,
indented as the body of that function. It accepts a field as the writer writes it; for any
other (a number in a longer form, text that is not UTF-8, a field that overruns) the function
returns None, and the reference decoder names the error. So the two cannot name an error
differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
"""The layout of a packet, with the source that reads each field: see `assemble`."""

from __future__ import annotations

from typing import Final

from subunit2.packets.assemble import FieldSource, Layout

__all__ = ["LAYOUT"]
'''

#: The least number of four octets; no packet is as long.
_WIDEST: Final = 1 << 22


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)


def _read_number(name: str, limit: int) -> Iterator[str]:
    """Yield lines that read a number in its shortest form."""
    if limit < _WIDEST:
        yield from _read_up_to_three_octets(name, f"{name} < 0x40")
        return
    # Most nanoseconds take four octets.
    yield "if data[index] >= 0xC0:"
    yield f"    {name} = _u4(data, index)[0] & 0x3FFFFFFF"
    yield f"    if not 0x{_WIDEST:X} <= {name} <= {limit}:"
    yield "        return None"
    yield "    index += 4"
    yield "else:"
    yield from _indented(_read_up_to_three_octets(name, f"{name} < 0x40"))


def _read_size(name: str) -> Iterator[str]:
    """Yield lines that read the number of octets or texts that follow."""
    return _read_up_to_three_octets(name, f"not 0x40 <= {name} <= end - index")


def _read_up_to_three_octets(name: str, is_wrong: str) -> Iterator[str]:
    yield f"{name} = data[index]"
    yield "index += 1"
    yield f"if {name} >= 0x40:"
    yield f"    if {name} >= 0x80:"
    yield f"        {name}, index = _long_number(data, index - 1)"
    yield "    else:"
    yield f"        {name} = ({name} & 0x3F) << 8 | data[index]"
    yield "        index += 1"
    yield f"    if {is_wrong}:"
    yield "        return None"


def _read_field(field: Field, texts: list[str]) -> Iterator[str]:
    """Yield lines that read a field.

    :param texts: expressions of its texts are appended to these.
    """
    sizes = sizes_of(field)
    for part in field.parts:
        name = local(field, part.name)
        match part.kind:
            case Fixed(4):
                yield f"{name} = _u4(data, index)[0]"
                yield "index += 4"
            case Number() if part.name in sizes:
                yield from _read_size(name)
            case Number(limit):
                yield from _read_number(name, limit)
            case Text():
                yield from _read_size("size")
                yield f"{name} = data[index : index + size].decode()"
                yield "index += size"
                texts.append(name)
            case Octets(size):
                size = local(field, size)
                yield f"{name} = data[index : index + {size}]"
                yield f"index += {size}"
            case Repeated(count, _):
                yield f"{name} = []"
                yield f"for _ in range({local(field, count)}):"
                yield from _indented(_read_size("size"))
                yield f"    {name}.append(data[index : index + size].decode())"
                yield "    index += size"
                texts.append(f"''.join({name})")
            case _:
                raise LayoutError(f"{field.name}/{part.name}", f"no decoder reads {part.kind}")


def _values(field: Field) -> dict[str, str]:
    """Return the attributes that a field sets, with their expressions."""
    names = {f"{field.name}/{part.name}": local(field, part.name) for part in field.parts}
    values = {}
    for attribute, parts in PACKET:
        found = [names[part] for part in (parts or "").split() if part in names]
        if not found:
            continue
        if attribute == "timestamp":
            values[attribute] = f"Timestamp({', '.join(found)})"
        else:
            [name] = found
            values[attribute] = f"tuple({name})" if attribute == "test_tags" else name
    return values


def _field(layout: Layout, field: Field) -> Iterator[str]:
    texts: list[str] = []
    lines = list(_indented(_read_field(field, texts)))
    yield "        FieldSource("
    yield f"            flag=0x{layout.masks[field.flag]:04X},"
    yield f'            name="{field.name.replace("_", " ")}",'
    yield '            lines="""\\'
    yield from lines[:-1]
    yield f'{lines[-1]}""",'
    yield f"            texts={_tuple(texts)},"
    yield "            values={"
    for attribute, value in _values(field).items():
        yield f'                "{attribute}": "{value}",'
    yield "            },"
    yield "        ),"


def _tuple(texts: Iterable[str]) -> str:
    quoted = [repr(text) if '"' in text else f'"{text}"' for text in texts]
    return f"({', '.join(quoted)},)" if quoted else "()"


def write_decoder(layout: Layout) -> str:
    """Return the text of the module for a layout."""
    check_parts(layout)
    lines = [
        _HEAD,
        "LAYOUT: Final = Layout(",
        f"    signature=0x{layout.signature[0]:02X},",
        f"    fixed=0x{layout.version_mask | layout.clear:04X},",
        f"    version=0x{layout.version:04X},",
        *(f"    {flag}=0x{layout.masks[flag]:04X}," for flag in SAID_BY_FLAGS),
        "    statuses=(",
    ]
    for status in layout.statuses:
        lines.append("        None," if status == "none" else f'        "{status}",')
    lines += ["    ),", "    attributes=("]
    lines += [f'        "{attribute}",' for attribute, _ in PACKET]
    lines += ["    ),", "    fields=("]
    for field in layout.fields:
        lines += _field(layout, field)
    lines += ["    ),", ")"]
    return "\n".join(lines) + "\n"
