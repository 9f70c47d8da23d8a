"""The layout of a packet in C, for the compiled backend.

Strategy: in C a test of a flag costs next to nothing, so one function reads all fields that
the flags announce. It finds the octets of the fields and makes no object. Another function
makes the packet of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from packet_decoder.attributes import PACKET, SAID_BY_FLAGS, check_parts, local, sizes_of
from packet_decoder.layout import (
    Field,
    Fixed,
    Layout,
    LayoutError,
    Number,
    Octets,
    Part,
    Repeated,
    Text,
)

__all__ = ["write_digest", "write_layout"]

_HEAD: Final = """\
/* Generated from subunit2.ksy by tools/packet_decoder. Do not edit: `make generate`. */

/* The fields of a packet: `read_fields` finds the ones that its flags announce, and
   `new_packet` makes the packet. */

#ifndef SUBUNIT2_LAYOUT_GENERATED_H
#define SUBUNIT2_LAYOUT_GENERATED_H

#include "objects.h"
#include "octets.h"
"""

#: The Python module with the digest of the header, to compare with a compiled one.
_DIGEST: Final = '''\
# Generated from subunit2.ksy by tools/packet_decoder. Do not edit: `make generate`.
"""The digest of the layout, which `_speedups` was compiled with if it has the same."""

from typing import Final

__all__ = ["LAYOUT"]

LAYOUT: Final = "{digest}"
'''

_READ_FIELDS: Final = """\
/* Find the fields that the flags announce; 0 if they are not canonical. */
static int
read_fields(Cursor *in, unsigned flags, Fields *fields)
{
"""

_NEW_PACKET: Final = """\
/* A packet of these fields; NULL with an exception, such as UnicodeDecodeError. */
static PyObject *
new_packet(State *state, Repeated *recent, const Fields *fields, const Frame *frame)
{
"""

#: Sizes and counts are limited by the octets of the packet.
_UNLIMITED: Final = "UINT32_MAX"

#: The last arguments of `ReadPacket`, behind the attributes.
_BEHIND: Final = (
    "PyBool_FromLong(frame->recovered)",
    "Py_NewRef(Py_None)",
    "PyLong_FromLongLong(frame->offset)",
    "PyLong_FromUnsignedLong(frame->length)",
)


def _indented(lines: Iterable[str], by: int = 1) -> Iterator[str]:
    return (f"{'    ' * by}{line}" for line in lines)


def _limit(limit: int) -> str:
    return _UNLIMITED if limit >= (1 << 30) - 1 else f"{limit}u"


def _is_text(part: Part) -> bool:
    return isinstance(part.kind, (Text, Repeated))


def _recent(field: Field, part: Part) -> str:
    return f"RECENT_{local(field, part.name).upper()}"


def _constants(layout: Layout) -> Iterator[str]:
    fixed = layout.version_mask | layout.clear
    yield f"#define SIGNATURE 0x{layout.signature[0]:02X}"
    yield "#define MAX_PACKET ((1u << 22) - 1)"
    yield f"#define STATUS_MASK 0x{layout.status_mask:04X}u"
    yield f"#define NUM_STATUSES {len(layout.statuses)}"
    yield ""
    yield "static const char *const STATUSES[NUM_STATUSES] = {"
    yield from _indented("NULL," if each == "none" else f'"{each}",' for each in layout.statuses)
    yield "};"
    yield ""
    yield "/* Version 2, the reserved bit clear. */"
    yield "static inline int"
    yield "is_version(unsigned flags)"
    yield "{"
    yield f"    return (flags & 0x{fixed:04X}u) == 0x{layout.version:04X}u;"
    yield "}"


def _variables(layout: Layout) -> Iterator[str]:
    yield "/* Fields whose last text is remembered. */"
    yield "enum {"
    for field in layout.fields:
        yield from _indented(f"{_recent(field, part)}," for part in field.parts if _is_text(part))
    yield "    NUM_RECENT"
    yield "};"
    yield ""
    yield "typedef struct {"
    for field in layout.fields:
        for part in field.parts:
            kind = "uint32_t" if isinstance(part.kind, (Number, Fixed)) else "Span"
            yield f"    {kind} {local(field, part.name)};"
    yield "} Fields;"


def _read_part(field: Field, part: Part) -> str:
    target = f"&fields->{local(field, part.name)}"
    match part.kind:
        case Fixed(4):
            return f"take_u4(in, {target})"
        case Number() if part.name in sizes_of(field):
            return f"take_number(in, {_UNLIMITED}, {target})"
        case Number(limit):
            return f"take_number(in, {_limit(limit)}, {target})"
        case Text(limit):
            return f"take_text(in, {_limit(limit)}, {target})"
        case Octets(size):
            return f"take_octets(in, fields->{local(field, size)}, {target})"
        case Repeated(count, Text(limit)):
            count = local(field, count)
            return f"take_texts(in, fields->{count}, {_limit(limit)}, {target})"
        case _:
            raise LayoutError(f"{field.name}/{part.name}", f"no decoder reads {part.kind}")


def _read_fields(layout: Layout) -> Iterator[str]:
    for field in layout.fields:
        first, *others = (_read_part(field, part) for part in field.parts)
        yield f"/* {field.name.replace('_', ' ')} */"
        yield f"if (flags & 0x{layout.masks[field.flag]:04X}u) {{"
        if others:
            yield f"    if (!({first}"
            for other in others[:-1]:
                yield f"          && {other}"
            yield f"          && {others[-1]})) {{"
        else:
            yield f"    if (!{first}) {{"
        yield "        return 0;"
        yield "    }"
        yield "}"
    yield "return 1;"


def _make(layout: Layout, attribute: str, parts: str | None) -> tuple[str | None, str]:
    """Return the flag of an attribute (None: it has none), and the expression that makes it."""
    if parts is None:
        if attribute in SAID_BY_FLAGS:
            mask = f"0x{layout.masks[attribute]:04X}u"
            return None, f"PyBool_FromLong((frame->flags & {mask}) != 0)"
        status = "PyTuple_GET_ITEM(state->statuses, frame->flags & STATUS_MASK)"
        return None, f"Py_NewRef({status})"
    found = [
        (field, part)
        for name in parts.split()
        for field in layout.fields
        for part in field.parts
        if f"{field.name}/{part.name}" == name
    ]
    field, part = found[0]
    flag = f"0x{layout.masks[field.flag]:04X}u"
    values = ", ".join(f"fields->{local(*each)}" for each in ((f, p.name) for f, p in found))
    match part.kind:
        case Text():
            return flag, f"repeated_text(&recent[{_recent(field, part)}], {values})"
        case Repeated(count, _):
            many = f"fields->{local(field, count)}"
            return flag, f"repeated_texts(&recent[{_recent(field, part)}], {values}, {many})"
        case Octets():
            return flag, f"new_octets({values})"
        case _:
            return flag, f"new_timestamp(state, {values})"


def _new_packet(layout: Layout) -> Iterator[str]:
    total = len(PACKET) + len(_BEHIND)
    yield f"PyObject *values[{total}];"
    for index, (attribute, parts) in enumerate(PACKET):
        flag, made = _make(layout, attribute, parts)
        yield f"/* {attribute} */"
        if flag is None:
            yield f"values[{index}] = {made};"
        else:
            yield f"values[{index}] = !(frame->flags & {flag})"
            yield "    ? Py_NewRef(Py_None)"
            yield f"    : {made};"
        yield f"if (values[{index}] == NULL) {{"
        yield f"    return drop(values, {index});"
        yield "}"
    yield "/* recovered, raw, offset, length */"
    for index, made in enumerate(_BEHIND, len(PACKET)):
        yield f"values[{index}] = {made};"
    yield f"return new_of(state->packet_type, values, {total});"


def _body(layout: Layout) -> str:
    """Return the text of the header below its first lines."""
    check_parts(layout)
    lines = [
        *_constants(layout),
        "",
        *_variables(layout),
        "",
        _READ_FIELDS + "\n".join(_indented(_read_fields(layout))),
        "}",
        "",
        _NEW_PACKET + "\n".join(_indented(_new_packet(layout))),
        "}",
        "",
        "#endif",
    ]
    return "\n".join(lines) + "\n"


def _digest(body: str) -> str:
    return sha256(body.encode()).hexdigest()[:16]


def write_layout(layout: Layout) -> str:
    """Return the text of the header for a layout."""
    body = _body(layout)
    return f'{_HEAD}\n#define LAYOUT "{_digest(body)}"\n{body}'


def write_digest(layout: Layout) -> str:
    """Return the text of the Python module with the digest of that header."""
    return _DIGEST.format(digest=_digest(_body(layout)))
