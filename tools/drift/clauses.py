"""Checks of the clauses, alone and against the other files of the specification.

Strategy: most checks read clauses.toml alone, or compare it with one other file.
The least lengths, the form of a packet and the error codes are here too, as the
clauses state them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from drift.packet import PYTHON_FLAGS
from drift.sources import Specification, check, differences
from subunit2 import items, spec
from subunit2.framing import form
from subunit2.grammar.notation import (
    Bound,
    Confined,
    Expression,
    Grammar,
    Name,
    Optional,
    Repeat,
    Sequence,
    walk,
)
from subunit2.grammar.recogniser import least_octets
from subunit2.packets import header

#: The types of the .ksy, and the production, that the clauses cover completely.
COVERED_TYPES: Final = ("subunit2", "flags", "fields")
COVERED_PRODUCTION: Final = "packet"

LEVELS: Final = {"MUST", "SHOULD", "MAY"}
BOUND: Final = {"format", "reader", "writer", "multiplexer", "consumer"}

#: The most words of a sentence in a clause: a longer one holds several conditions.
MOST_WORDS: Final = 35


# ---- Least sizes, errors, keys --------------------------------------------------


def _least_usable(width: int) -> int:
    """Return the least length, written in `width` octets, of a header that the reader uses."""
    for length in range(64):
        written = length | (width - 1) << (8 * width - 2)
        octets = bytes([0xB3, 0x20, 0x00]) + written.to_bytes(width, "big")
        if isinstance(header.read_header(octets, 0, len(octets)), header.Header):
            return length
    return -1


@check("least lengths: .ksy, grammar, clauses, schema, Python")
def least_sizes(found: Specification) -> Iterator[str]:
    """The lengths without room for signature, flags, length and checksum are the same."""
    said = re.search(
        r"at least (\d+), (\d+) or (\d+), if it takes 1, 2 or 3", found.clause("length.least")
    )
    yield from differences(
        "no room for signature, flags, length and checksum",
        ksy=[field["valid"]["min"] for field in found.seq("packet_length")[1:]],
        clauses=[int(number) for number in said.groups()] if said else [],
        python=[_least_usable(width) for width in (1, 2, 3)],
    )
    yield from differences(
        "shortest packet",
        python=header.LEAST_PACKET,
        schema=found.packet_property("length")["minimum"],
        grammar=least_octets(found.grammar, Name("packet"), dict.fromkeys(PYTHON_FLAGS, False)),
    )


@check("the form of a packet: its fields, its limit of tags: grammar, clauses, Python")
def form_of_packet(found: Specification) -> Iterator[str]:
    """The form has the parts of a packet, and the same sizes."""
    flags = [dict.fromkeys(PYTHON_FLAGS, False) | {name: True} for name in PYTHON_FLAGS]
    yield from differences(
        "least sizes",
        packet=[least_octets(found.grammar, Name("packet"), each) for each in flags],
        form=[least_octets(found.grammar, Name("form"), each) for each in flags],
    )
    yield from differences(
        "fields",
        packet=_shape(found.grammar, found.grammar["packet"]),
        form=_shape(found.grammar, found.grammar["form"]),
    )
    said = re.search(r"more than (\d+) tags", found.clause("stream.form"))
    yield from differences(
        "most tags",
        grammar=[
            part.limit for part in walk(found.grammar["tags_form"]) if isinstance(part, Bound)
        ],
        clauses=[int(said[1])] if said else [],
        python=[form.MOST_TAGS],
    )


def _shape(grammar: Grammar, expression: Expression) -> list[str]:
    """Return the fields and their sizes as text; a string is a size and octets."""
    match expression:
        case Sequence(parts):
            return [step for part in parts for step in _shape(grammar, part)]
        case Optional(inner, flag):
            return [f"if {flag}", *_shape(grammar, inner)]
        case Name("string"):
            return _shape(grammar, Name("sized"))
        case Name("number" | "nanoseconds"):
            return ["number"]
        case Name("signature" | "flags" | "length" | "seconds" | "crc32"):
            return [expression.name]
        case Name(name):
            return _shape(grammar, grammar[name])
        case Bound(inner):
            return _shape(grammar, inner)
        case Repeat(inner, most=str(count)):
            return [*_shape(grammar, inner), f"{count} times"]
        case Confined(Name("content"), size):
            return ["octet", f"{size} times"]
        case Confined(inner):
            return _shape(grammar, inner)
    return ["octet" if expression == grammar["octet"] else str(expression)]


@check("error codes and their order: clauses, schema, Python")
def error_codes(found: Specification) -> Iterator[str]:
    """The codes are the same, and so is the order of the checks."""
    coded = [clause for clause in found.clauses if "error" in clause]
    coded.sort(key=lambda clause: clause.get("order", 0))
    yield from differences(
        "codes",
        clauses=sorted(clause["error"] for clause in coded),
        python=sorted(items.ERROR_CODES),
    )
    order = [clause.get("order", 0) for clause in coded]
    by_code = {clause["error"]: clause.get("order", 0) for clause in coded}
    yield from differences(
        "order", clauses=order, python=[by_code.get(code) for code in items.ERROR_CODES]
    )
    yield from differences(
        "order", clauses=sorted(set(order)), known=list(range(1, len(set(order)) + 1))
    )
    corrupt = found.schema["$defs"]["corrupt"]["properties"]["error"]["enum"]
    yield from differences("codes", schema=corrupt, python=list(items.ERROR_CODES))
    listed = re.findall(r"`(\w+)`", found.clause("packet.first-error"))
    yield from differences("packet.first-error", clauses=listed, python=list(items.ERROR_CODES))
    for clause in found.clauses:
        if ("error" in clause) != ("order" in clause):
            yield f"{clause['id']}: error and order go together"


@check("the keys of the JSON form: schema, Python")
def keys(found: Specification) -> Iterator[str]:
    """The attributes of the items are the keys of their JSON form."""
    packet = set(items.Packet.__struct_fields__)
    for kind, attributes in (
        ("packet", packet),
        ("passthrough", {"bytes", "offset", "length"}),
        ("corrupt", {"bytes", "error", "offset", "length"}),
    ):
        yield from differences(
            kind,
            schema=sorted(found.schema["$defs"][kind]["properties"]),
            python=sorted(attributes | {"kind"}),
        )


# ---- The clauses themselves -----------------------------------------------------


@check("clauses: ids, levels, parties, origins")
def clause_form(found: Specification) -> Iterator[str]:
    """Each clause is complete and unique."""
    for name, times in Counter(clause["id"] for clause in found.clauses).items():
        if times > 1:
            yield f"{name}: {times} clauses"
        if not re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+", name):
            yield f"{name}: no chapter.topic"
    for clause in found.clauses:
        name = clause["id"]
        for key in clause.keys() - set(spec.Clause._fields):
            yield f"{name}: {key} is no key of a clause"
        if clause["level"] not in LEVELS:
            yield f"{name}: level {clause['level']}"
        if clause["who"] not in BOUND:
            yield f"{name}: who {clause['who']}"
        if not {"readme", "decision"} & clause.keys():
            yield f"{name}: readme or decision, or both"
        inside = "field" in clause or "production" in clause
        if inside == bool(clause.get("outside")):
            yield f"{name}: a field or production, or else outside"


@check("clauses: no sentence is too long")
def clause_sentences(found: Specification) -> Iterator[str]:
    """Each sentence of a clause, and of a term, is short enough to be read once."""
    texts = [
        (clause["id"], clause[key])
        for clause in found.clauses
        for key in ("text", "fact")
        if key in clause
    ]
    for name, text in [*texts, *found.terms.items()]:
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            words = len(sentence.split())
            if words > MOST_WORDS:
                yield f"{name}: a sentence of {words} words: {sentence}"


@check("clauses name existing fields and productions: clauses, .ksy, grammar")
def clause_targets(found: Specification) -> Iterator[str]:
    """No clause is about a field or production that was removed."""
    fields = {
        f"{name}/{field['id']}"
        for name in ("subunit2", *found.ksy["types"])
        for field in (*found.seq(name), *_instances(found, name))
    }
    for clause in found.clauses:
        if "field" in clause and clause["field"] not in fields:
            yield f"{clause['id']}: no field {clause['field']}"
        if "production" in clause and clause["production"] not in found.grammar:
            yield f"{clause['id']}: no production {clause['production']}"


def _instances(found: Specification, type_name: str) -> list[dict[str, Any]]:
    body = found.ksy if type_name == "subunit2" else found.ksy["types"][type_name]
    return [{"id": name} | instance for name, instance in body.get("instances", {}).items()]


def _reached(grammar: Grammar, production: str) -> set[str]:
    """Return the names of the productions that one is made of, its own included."""
    reached: set[str] = set()
    pending = [production]
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            parts = walk(grammar[name])
            pending += [part.name for part in parts if isinstance(part, Name)]
    return reached


#: Productions without a clause: those of the productions that use them cover them.
SPELLING: Final = {"octet", "tail", "content", "file_name"}


@check("every field and production of a packet has a clause: .ksy, grammar, clauses")
def coverage(found: Specification) -> Iterator[str]:
    """The .ksy and the grammar describe nothing without a clause."""
    # A flag and the field that it announces share a clause, which names the field.
    named = {clause.get("field") for clause in found.clauses}
    for type_name in COVERED_TYPES:
        for field in found.seq(type_name):
            target = f"{type_name}/{field['id']}"
            of_field = f"fields/{field['id'].removeprefix('has_')}"
            if target not in named and of_field not in named:
                yield f"no clause of field {target}"
    productions = {clause.get("production") for clause in found.clauses}
    for name in sorted(_reached(found.grammar, COVERED_PRODUCTION) - SPELLING - productions):
        yield f"no clause of production {name}"


# ---- The form of the .ksy -------------------------------------------------------

META_ORDER: Final = [
    *("id", "title", "application", "file-extension", "xref", "tags", "license"),
    *("ks-version", "encoding", "endian", "bit-endian"),
]

#: Names of types that hide classes which generated code uses: Java's number, for one.
TAKEN_NAMES: Final = {"boolean", "byte", "integer", "long", "number", "object", "string"}


@check("the .ksy: documented throughout, published names, key order, line lengths")
def ksy_form(found: Specification) -> Iterator[str]:
    """The .ksy keeps the rules of the Kaitai format gallery."""
    yield from differences("meta", ksy=list(found.ksy["meta"]), known=META_ORDER)
    for number, line in enumerate(found.ksy_text.splitlines(), 1):
        if len(line) > 80:
            yield f"line {number} has {len(line)} columns"
    for type_name in ("subunit2", *found.ksy["types"]):
        body = found.ksy if type_name == "subunit2" else found.ksy["types"][type_name]
        if not body.get("doc"):
            yield f"{type_name}: no doc"
        if type_name in TAKEN_NAMES:
            yield f"{type_name}: a class of this name is in use in generated code"
        for field in (*found.seq(type_name), *_instances(found, type_name)):
            if not field.get("doc"):
                yield f"{type_name}/{field['id']}: no doc"
            if "pos" in field:
                yield f"{type_name}/{field['id']}: generated writers write an instance with a pos"
    for number, status in found.ksy["enums"]["status"].items():
        if not status.get("doc"):
            yield f"status {number}: no doc"
    published = [
        *(("subunit2", field["id"]) for field in found.seq("subunit2") if field["id"] != "body"),
        *(("flags", name) for name in ("version", *PYTHON_FLAGS)),
        *(("fields", field["id"]) for field in found.seq("fields") if "if" in field),
    ]
    for type_name, name in published:
        orig_id = found.field(type_name, name).get("-orig-id")
        if orig_id is None:
            yield f"{type_name}/{name}: no -orig-id"
        elif type_name != "flags" and orig_id not in found.readme:
            yield f"{type_name}/{name}: {orig_id} is not in the README"


@check("the files of the specification: spec/, Python")
def files(_: Specification) -> Iterator[str]:
    """The library lists all of them."""
    there = sorted(path.name for path in spec.path("subunit2.ksy").parent.iterdir())
    yield from differences("files", spec=there, python=sorted(spec.FILES))
