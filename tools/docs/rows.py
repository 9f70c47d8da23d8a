"""The rows of tables that are made from the specification's files, as text.

Strategy: each function makes the rows of one table from one source. A cell is text with code in
backquotes and ids of clauses as they are; the pages of the site and the specification in one file
each make links and tables of it in their own way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from docs.reader_picture import table as reader_table
from docs.sources import ksy, layout, productions
from packet_decoder.layout import Field, Fixed, Kind, Number, Octets, Repeated, Text
from subunit2 import spec
from subunit2.packets.names import name_field, name_flag

__all__ = [
    "CHARACTER_HEADS",
    "FIELD_HEADS",
    "FLAG_HEADS",
    "JSON_KEYS",
    "character_rows",
    "error_rows",
    "field_rows",
    "flag_rows",
    "json_kinds",
    "json_rows",
    "status_rows",
    "step_rows",
]

Row = list[str]

#: The keys of the JSON form that hold a field, by the field's id in the .ksy.
JSON_KEYS: Final = {
    "length": "length",
    "timestamp": "timestamp",
    "seconds": "seconds",
    "nanoseconds": "nanoseconds",
    "test_id": "test_id",
    "tags": "test_tags",
    "mime_type": "mime_type",
    "name": "file_name",
    "content": "file_bytes",
    "route_code": "route_code",
}

FIELD_HEADS: Final = ["field", "octets", "present", ".ksy", "grammar", "JSON form", "README"]
CHARACTER_HEADS: Final = ["octets", "first", "second", "third", "fourth"]
FLAG_HEADS: Final = ["bits", "mask", "flag", ".ksy", "README", "meaning"]


# ---- The packet ------------------------------------------------------------------


def _code(name: str | None) -> str:
    return f"`{name}`" if name else "–"


def _production(id_: str) -> str | None:
    """Return the production of the grammar that a clause names beside a field of the .ksy."""
    own = {"name": "file_name", "seconds": "seconds", "nanoseconds": "nanoseconds"}
    return own.get(id_, id_)


def field_rows() -> Iterator[Row]:
    """Yield the fields of a packet in order, each with its parts, under all of their names."""
    entries = {entry["id"]: entry for entry in ksy()["seq"]}
    entries |= {entry["id"]: entry for entry in ksy()["types"]["fields"]["seq"]}

    def row(id_: str, octets: str, present: str) -> Row:
        published = entries[id_].get("-orig-id")
        names = [_code(id_), _code(_production(id_)), _code(JSON_KEYS.get(id_)), _code(published)]
        return [name_field(id_), octets, present, *names]

    yield row("signature", "1", "always")
    yield row("flags", "2", "always")
    yield row("length", "1 to 3, a number", "always")
    known = layout()
    for field in known.fields:
        mask = known.masks[field.flag]
        present = f"flag {name_flag(field.flag)}, 0x{mask:04x}"
        yield row(field.name, _octets_of(field), present)
        for id_, octets, production in _parts(field):
            names = [_code(id_), _code(production), _code(JSON_KEYS.get(id_)), "–"]
            name = "size of content" if id_ == "size" else name_field(id_)
            yield [f"– {name}", octets, "with it", *names]
    yield row("crc32", "4", "always")


def _octets_of(field: Field) -> str:
    if len(field.parts) > 1:
        return "those of its parts"
    return _size_of(field.parts[0].kind)


def _size_of(kind: Kind) -> str:
    match kind:
        case Number():
            return "1 to 4"
        case Fixed(octets):
            return str(octets)
        case Text():
            return "a string"
        case Octets(size):
            return f"as many as the {name_field(size)} says"
        case Repeated(count, _):
            return f"a string, as often as the {name_field(count)} says"


def _parts(field: Field) -> Iterator[tuple[str, str, str | None]]:
    """Yield the id, the octets and the production of each part of a field with several."""
    if len(field.parts) < 2:
        return
    productions = {
        "num_tags": "number",
        "tags_list": "string",
        "name": "file_name",
        "size": "number",
    }
    for part in field.parts:
        octets = _size_of(part.kind)
        if isinstance(part.kind, Number):
            octets = "1 to 4, a number"
        yield part.name, octets, productions.get(part.name, part.name)


def flag_rows() -> Iterator[Row]:
    """Yield the bits of the flags word, the most significant first."""
    lowest = 16
    for entry in ksy()["types"]["flags"]["seq"]:
        width = int(entry["type"][1:])
        lowest -= width
        bits = str(lowest) if width == 1 else f"{lowest + width - 1} to {lowest}"
        doc = " ".join(str(entry["doc"]).split()).partition(". ")
        meaning = doc[2] if doc[0].startswith("Mask") else "".join(doc)
        yield [
            bits,
            f"0x{((1 << width) - 1) << lowest:04x}",
            name_flag(entry["id"]),
            _code(entry["id"]),
            _code(entry.get("-orig-id")),
            meaning,
        ]


_ALTERNATIVE: Final = re.compile(r"(\[[^\]]+\]|#x[0-9A-F]{2})((?: \S+)*)")


def character_rows() -> Iterator[Row]:
    """Yield the ranges of octets of a well-formed character, by its length and first octet."""
    grammar = productions()
    [tail] = re.findall(r"\[.*\]", grammar["tail"].text)
    whole = grammar["character"].text.partition("::=")[2]
    for alternative in whole.split("|"):
        found = _ALTERNATIVE.fullmatch(" ".join(alternative.split()))
        assert found is not None
        octets = [found[1]]
        for word in found[2].split():
            times = re.fullmatch(r"tail(?:\{(\d)\})?", word)
            octets += [tail] * int(times[1] or 1) if times else [word]
        cells = [_ranges(each) for each in octets]
        yield [str(len(cells)), *cells, *[""] * (4 - len(cells))]


def _ranges(octets: str) -> str:
    """Return a set of octets of the grammar for people.

    >>> _ranges("[#xE1-#xEC #xEE-#xEF]"), _ranges("#xE0")
    ('E1 to EC, EE to EF', 'E0')
    """
    return ", ".join(
        each.replace("#x", "").replace("-", " to ") for each in octets.strip("[]").split()
    )


def status_rows() -> Iterator[Row]:
    """Yield the number, the bits, the name and the meaning of each status."""
    form = ksy()["enums"]["status"]
    for number, name in enumerate(layout().statuses):
        entry = form[number]
        doc = entry.get("doc", "") if isinstance(entry, dict) else ""
        yield [str(number), f"{number:03b}", f"`{name}`", doc]


# ---- The stream ------------------------------------------------------------------


def error_rows() -> Iterator[Row]:
    """Yield the order, the code and the clause of each error, in the order of the checks."""
    found = [clause for clause in spec.clauses().values() if clause.error is not None]
    for clause in sorted(found, key=lambda clause: clause.order or 0):
        yield [str(clause.order), f"`{clause.error}`", clause.id]


def step_rows() -> Iterator[Row]:
    """Yield the state, the input, the items, the next state, clause and case of each step."""
    states, steps = reader_table()
    names = {state.id: state.name for state in states}
    for step in steps:
        gives = " + ".join(step.gives) or "nothing yet"
        yield [names[step.from_], step.when, gives, names[step.to], step.clause, step.case]


# ---- The JSON form ---------------------------------------------------------------


def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(spec.path("item.schema.json").read_text(encoding="utf-8"))
    return schema


def json_kinds() -> tuple[str, list[tuple[str, str]]]:
    """Return the description of the JSON form, and each kind of item with its own."""
    schema = _schema()
    kinds = [each["$ref"].rpartition("/")[2] for each in schema["oneOf"]]
    return schema["description"], [(kind, schema["$defs"][kind]["description"]) for kind in kinds]


def json_rows(kind: str) -> Iterator[Row]:
    """Yield the key, the value and the description of each key of a kind of item."""
    shared = _schema()["$defs"]
    form = shared[kind]
    for key, value in form["properties"].items():
        named = shared[value["$ref"].rpartition("/")[2]] if "$ref" in value else {}
        whole = {**named, **value}
        says = whole.get("description", "")
        if key in form.get("required", ()):
            says = f"{says} Always present.".strip()
        yield [f"`{key}`", _values(whole), says]


def _values(form: dict[str, Any]) -> str:
    """Return the allowed values of a key of the schema, in words."""
    if "const" in form:
        return f"`{json.dumps(form['const'])}`"
    if "enum" in form:
        return ", ".join(f"`{each}`" for each in form["enum"])
    if form["type"] == "array":
        return "list of strings"
    if form["type"] == "object":
        inner = [f"`{key}` {_bounds(value)}" for key, value in form["properties"].items()]
        return f"object: {', '.join(inner)}"
    if form.get("pattern", "").startswith("^(?:[0-9a-f]"):
        return "octets in lower-case hex"
    return f"{form['type']} {_bounds(form)}".strip()


def _bounds(form: dict[str, Any]) -> str:
    low, high = form.get("minimum"), form.get("maximum")
    if high is None:
        return f"from {low:,}" if low is not None else ""
    return f"from {low:,} to {high:,}"
