"""Checks that the .ksy, the grammar, the schema and the code describe the same packet.

Strategy: names and their order are compared directly; contents are reduced to the few kinds
that both descriptions know: a string, a number, octets, a repetition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import subunit.v2

from drift.sources import Specification, check, differences
from subunit2 import items
from subunit2.grammar.notation import (
    Bound,
    Choice,
    Confined,
    Expression,
    Grammar,
    Name,
    OneOf,
    Optional,
    Repeat,
    Sequence,
    walk,
)
from subunit2.grammar.recogniser import least_octets
from subunit2.packets import header, numbers

#: The flags, by their names in the .ksy and the grammar, and in the Python code.
PYTHON_FLAGS: Final = {
    "has_test_id": "FLAG_TEST_ID",
    "has_route_code": "FLAG_ROUTE_CODE",
    "has_timestamp": "FLAG_TIMESTAMP",
    "runnable": "FLAG_RUNNABLE",
    "has_tags": "FLAG_TAGS",
    "has_file": "FLAG_FILE",
    "has_mime_type": "FLAG_MIME_TYPE",
    "eof": "FLAG_EOF",
}

#: The productions of a packet, and the .ksy's names of their types.
KSY_TYPES: Final = {"string": "text", "file": "attachment", "number": "any_number"}


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_")


def _grammar_name(expression: Expression) -> str:
    match expression:
        case Name(name):
            return name
        case Bound(inner) | Repeat(inner):
            return _grammar_name(inner)
        case Confined():
            return "body"
    return "?"


def _sequence(grammar: Grammar, production: str) -> tuple[Expression, ...]:
    expression = grammar[production]
    return expression.parts if isinstance(expression, Sequence) else (expression,)


@check("the parts of a packet: .ksy, grammar")
def packet_parts(found: Specification) -> Iterator[str]:
    """Compare the parts of a packet: signature, flags, length, fields, checksum."""
    yield from differences(
        "parts",
        ksy=[field["id"] for field in found.seq("subunit2")],
        grammar=[_grammar_name(part) for part in _sequence(found.grammar, "packet")],
    )


@check("optional fields, their order and flags: .ksy, grammar, clauses")
def optional_fields(found: Specification) -> Iterator[str]:
    """Compare the optional fields, their order and their flags."""
    ksy = [
        (field["id"], field["if"].removeprefix("_root.flags."))
        for field in found.seq("fields")
        if "if" in field
    ]
    grammar = [
        (_grammar_name(part.inner), part.flag)
        for part in walk(found.grammar["packet"])
        if isinstance(part, Optional)
    ]
    yield from differences("fields", ksy=ksy, grammar=grammar)
    listed = re.search(r"length, (.*), checksum", found.clause("packet.order"))
    names = [_plain(name) for name in listed[1].split(",")] if listed else []
    yield from differences("order", ksy=[name for name, _ in ksy], clauses=names)
    yield from differences(
        "what follows the fields",
        ksy=[field["id"] for field in found.seq("fields") if "if" not in field],
        known=["trailing"],
    )


def _ksy_kind(found: Specification, field: dict[str, Any]) -> str:
    if "repeat-expr" in field:
        kind = f"{_ksy_kind(found, {'type': field['type']})}, {field['repeat-expr']} times"
        return re.sub(r"\b\w+\.value", "count", kind)
    if "type" not in field:
        return "octets"
    kind = str(field["type"])
    if kind in ("size", "nanoseconds", "any_number"):
        return "number"
    return {"text": "string", "attachment": "file", "u4": "4 octets"}.get(kind, kind)


def _grammar_kind(grammar: Grammar, part: Expression) -> str:
    match part:
        case Name(name):
            if name in ("number", "string", "timestamp", "tags", "file"):
                return name
            return _grammar_kind(grammar, grammar[name])
        case Bound(inner) | Optional(inner):
            return _grammar_kind(grammar, inner)
        case Repeat(inner, most=str(count)):
            return f"{_grammar_kind(grammar, inner)}, {count} times"
        case Repeat(Name("octet"), least, most) if least == most:
            return f"{most} octets"
        case Confined():
            return "octets"
    return "?"


@check("what each field is made of: .ksy, grammar")
def field_contents(found: Specification) -> Iterator[str]:
    """Compare the contents of each field: strings, numbers and octets, in order."""
    for production in ("timestamp", "tags", "file", "string"):
        yield from differences(
            production,
            ksy=[_ksy_kind(found, f) for f in found.seq(KSY_TYPES.get(production, production))],
            grammar=[
                _grammar_kind(found.grammar, part) for part in _sequence(found.grammar, production)
            ],
        )
    yield from differences(
        "fields",
        ksy=[_ksy_kind(found, field) for field in found.seq("fields") if "if" in field],
        grammar=[
            _grammar_kind(found.grammar, part)
            for part in walk(found.grammar["packet"])
            if isinstance(part, Optional)
        ],
    )
    crc32 = _ksy_kind(found, found.field("subunit2", "crc32"))
    yield from differences("crc32", ksy=crc32, grammar=_grammar_kind(found.grammar, Name("crc32")))
    seconds = found.packet_property("timestamp")["properties"]["seconds"]["maximum"]
    yield from differences("seconds", schema=seconds, ksy=(1 << 32) - 1)


# ---- Constants ------------------------------------------------------------------


@check("the signature: .ksy, grammar, Python, python-subunit")
def signature(found: Specification) -> Iterator[str]:
    """Compare the signature, 0xB3."""
    yield from differences(
        "signature",
        ksy=found.field("subunit2", "signature")["contents"],
        grammar=[
            o for p in walk(found.grammar["signature"]) if isinstance(p, OneOf) for o in p.octets
        ],
        python=[header.SIGNATURE],
        python_subunit=list(subunit.v2.SIGNATURE),
    )


def ksy_masks(found: Specification) -> dict[str, int]:
    """Return the mask of each part of the flags, from the widths of the .ksy."""
    masks = {}
    left = 16
    for field in found.seq("flags"):
        width = int(field["type"][1:])
        left -= width
        masks[field["id"]] = ((1 << width) - 1) << left
    return masks


@check("flags and masks: .ksy, grammar, clauses, Python, python-subunit")
def flag_masks(found: Specification) -> Iterator[str]:
    """Compare the masks of the eight flags."""
    masks = ksy_masks(found)
    flags = {name: masks.get(name) for name in PYTHON_FLAGS}
    yield from differences(
        "masks",
        ksy=flags,
        grammar=dict(found.bits().flags),
        python={name: getattr(header, constant) for name, constant in PYTHON_FLAGS.items()},
        python_subunit={
            name: getattr(subunit.v2, str(found.field("flags", name).get("-orig-id")), None)
            for name in PYTHON_FLAGS
        },
        doc={name: _mask_of_doc(found.field("flags", name)) for name in PYTHON_FLAGS},
    )
    of_fields = re.findall(r"(0x[0-9A-F]{4})", found.clause("flags.layout"))
    order = [*(flags[name] for name in found.bits().flags), masks.get("reserved")]
    yield from differences("clause", ksy=order, clauses=[int(mask, 16) for mask in of_fields])
    yield from differences(
        "reserved and status",
        ksy=(masks.get("reserved"), masks.get("status")),
        doc=tuple(_mask_of_doc(found.field("flags", name)) for name in ("reserved", "status")),
        grammar=(found.bits().constants[1][0], found.bits().numbers.get("status")),
        python=(header.FLAG_RESERVED, header.STATUS_MASK),
    )


def _mask_of_doc(field: dict[str, Any]) -> int | None:
    mask = re.match(r"Mask (0x[0-9A-F]{4})\.", field.get("doc", ""))
    return int(mask[1], 16) if mask else None


@check("version and reserved bit: .ksy, grammar, clauses, Python")
def constants(found: Specification) -> Iterator[str]:
    """Compare version 2 and the reserved bit, 0."""
    version, reserved = (value // (mask & -mask) for mask, value in found.bits().constants)
    yield from differences(
        "version",
        ksy=found.field("flags", "version")["valid"],
        grammar=version,
        clauses=_small_number(found.clause("flags.version")),
        python=header.VERSION,
    )
    yield from differences(
        "reserved", ksy=int(found.field("flags", "reserved")["valid"]), grammar=reserved
    )


@check("statuses and their numbers: .ksy, clauses, schema, Python, README, python-subunit")
def statuses(found: Specification) -> Iterator[str]:
    """Compare the eight statuses and their numbers."""
    ksy = {number: status["id"] for number, status in found.ksy["enums"]["status"].items()}
    listed = re.findall(r"(\d) (\w+)", found.clause("status.values"))
    yield from differences(
        "statuses",
        ksy=ksy,
        clauses={int(number): name for number, name in listed},
        schema=dict(enumerate(["none", *found.packet_property("test_status")["enum"]])),
        python=dict(enumerate(["none", *items.TEST_STATUSES])),
        python_subunit={
            number: name or "none"
            for number, name in subunit.v2.ByteStreamToStreamResult.status_lookup.items()
        },
    )
    table = re.findall(r"^\* 00(\d) - (.*)$", found.readme, re.MULTILINE)
    yield from differences(
        "published names",
        ksy={number: each["-orig-id"] for number, each in found.ksy["enums"]["status"].items()},
        readme={int(number): name for number, name in table},
    )
    yield from differences("width", ksy=len(ksy), grammar=found.bits().numbers["status"] + 1)


def widths(expression: Expression) -> list[int]:
    """Return the width of each form of a number, in octets."""
    assert isinstance(expression, Choice)
    return [
        least_octets({"octet": OneOf(frozenset())}, each, {}) for each in expression.alternatives
    ]


def _ksy_widths(found: Specification, type_name: str) -> list[int]:
    fields = [field for field in found.seq(type_name) if field["id"] != "width"]
    return [(int(field["type"][1:]) + 2) // 8 for field in fields]


@check("numbers, widths and limits: .ksy, grammar, clauses, schema, Python")
def number_limits(found: Specification) -> Iterator[str]:
    """Compare the limits of numbers: 6, 14, 22 and 30 bits; three octets of length;
    nanoseconds.
    """
    octets = widths(found.grammar["number"])
    for type_name in ("any_number", "size", "nanoseconds"):
        yield from differences(type_name, ksy=_ksy_widths(found, type_name), grammar=octets)
    yield from differences(
        "bits",
        grammar=[1 << 8 * width - 2 for width in octets],
        python=list(numbers.LIMITS),
        clauses=[
            1 << int(n) for n in re.findall(r"\b(\d+)\b", found.clause("number.encoding"))[2:6]
        ],
    )
    lengths = widths(found.grammar["length"])
    yield from differences(
        "length",
        ksy=_ksy_widths(found, "packet_length"),
        grammar=lengths,
        valid=list(range(1, found.field("packet_length", "width")["valid"]["max"] + 2)),
    )
    yield from differences(
        "longest packet",
        grammar=(1 << 8 * max(lengths) - 2) - 1,
        ksy=found.field("size", "value_30")["valid"]["max"],
        schema=found.packet_property("length")["maximum"],
        python=header.MAX_PACKET,
        clauses=_large_number(found.clause("length.limit")),
    )
    timestamp = found.packet_property("timestamp")["properties"]
    limits = [part.limit for part in walk(found.grammar["timestamp"]) if isinstance(part, Bound)]
    yield from differences(
        "nanoseconds",
        grammar=limits,
        ksy=[found.field("nanoseconds", "value_30")["valid"]["max"]],
        schema=[timestamp["nanoseconds"]["maximum"]],
        clauses=[_large_number(found.clause("timestamp.nanoseconds"))],
    )


def _small_number(text: str) -> int | None:
    number = re.search(r"\b\d\b", text)
    return int(number[0]) if number else None


def _large_number(text: str) -> int | None:
    number = re.search(r"\d{1,3}(?:,\d{3})+", text)
    return int(number[0].replace(",", "")) if number else None
