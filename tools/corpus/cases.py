"""Read hand-written cases, `conformance/cases/ID.toml`, as sources.

Strategy: the schema checks the keys; then each short form is expanded: `packet = 12`
becomes kind, offset and length, octets are taken from the stream, and `raw` is filled in
for a packet that is not canonical. The fields that the author gives are never corrected
here: the builder compares them with the readers.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY, SchemaRegistry

from corpus.assemble import written
from corpus.notation import NotationError, parse
from corpus.source import FeedSource, Runs, Source, octets_of
from subunit2.conformance.corpus import Report, Wrapped, Written

__all__ = [
    "ROOT",
    "CaseError",
    "case_of_toml",
    "complaint",
    "hand_cases",
    "read_case",
    "validator",
    "validator_of",
]

ROOT: Final = Path(__file__).resolve().parents[2]
_SCHEMAS: Final = ROOT / "conformance" / "schemas"
_KINDS: Final = ("packet", "passthrough", "corrupt")

#: In the order of the JSON form.
_PACKET_KEYS: Final = (
    "test_id", "test_status", "test_tags", "runnable", "file_name", "file_bytes", "eof",
    "mime_type", "route_code", "timestamp", "recovered",
)  # fmt: skip


#: The pattern of octets in all schemas.
_HEX: Final = "^(?:[0-9a-f]{2})*$"


def _pattern(
    validator: Validator, pattern: str, value: object, schema: Mapping[str, object]
) -> Iterator[ValidationError]:
    """Check `pattern` as the draft does, but hex without `re`, which takes long for 4 MiB."""
    is_hex = isinstance(value, str) and not len(value) % 2 and not value.strip("0123456789abcdef")
    if pattern != _HEX or not is_hex:
        yield from Draft202012Validator.VALIDATORS["pattern"](validator, pattern, value, schema)


_Validator: Final = extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]


class CaseError(ValueError):
    """The file is not a valid case; the text is one line with the reason."""


@cache
def validator(name: str) -> Draft202012Validator:
    """Return the validator of a schema of `conformance/schemas`."""
    schema = _schema(name)
    Draft202012Validator.check_schema(schema)
    return validator_of(schema)


def validator_of(schema: dict[str, Any]) -> Draft202012Validator:
    """Return the validator of a valid schema."""
    made: Draft202012Validator = _Validator(schema, registry=_registry())
    return made


def _schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((_SCHEMAS / name).read_text(encoding="utf-8"))
    return schema


@cache
def _registry() -> SchemaRegistry:
    # The schema of the corpus refers to that of a case.
    case = DRAFT202012.create_resource(_schema("case.schema.json"))
    registry: SchemaRegistry = EMPTY_REGISTRY.with_resource("urn:subunit2:conformance:case", case)
    return registry


def complaint(schema: Draft202012Validator, value: object) -> str | None:
    """Return the most specific complaint of a schema about a value, in one line."""
    fault = best_match(schema.iter_errors(value))
    if fault is None:
        return None
    place = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in fault.path)
    message = fault.message if len(fault.message) < 300 else fault.message[:300] + "..."
    return f"{place.lstrip('.')}: {message}" if place else message


def hand_cases(folder: Path) -> Iterator[Path]:
    """Return the case files in a folder, in the order of their ids."""
    yield from sorted(folder.rglob("*.toml"))


def read_case(path: Path, folder: Path) -> Source:
    """Read the case of a file; its id is its path in the folder.

    :raises CaseError: if it is none.
    """
    name = path.relative_to(folder).with_suffix("").as_posix()
    where = str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
    try:
        return case_of_toml(path.read_text(encoding="utf-8"), name, where)
    except UnicodeDecodeError:
        raise CaseError("not UTF-8") from None


def case_of_toml(text: str, id: str, where: str = "") -> Source:
    """Convert a TOML document to a case.

    :raises CaseError: if it is none.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CaseError(f"no TOML: {error}") from None
    for fault in (_kind_complaint(document), complaint(validator("source.schema.json"), document)):
        if fault:
            raise CaseError(fault)
    octets = _notation("bytes", document["bytes"]) if "bytes" in document else None
    items = None
    if "items" in document and octets is not None:
        items = _place_items(document["items"], octets_of(octets))
    return Source(
        id=id,
        title=document["title"],
        clauses=tuple(document["clauses"]),
        profile=document.get("profile"),
        flags=tuple(document.get("flags", ())),
        parent=document.get("parent"),
        mutation=document.get("mutation"),
        notes=document.get("notes"),
        octets=octets,
        items=items,
        stops=tuple(document.get("stops", ())),
        packet=_packet_to_write(document["packet"]) if "packet" in document else None,
        refused=document.get("refused"),
        split=document.get("split", False),
        routes=tuple(document.get("routes", ())),
        feeds=tuple(_feed(at, feed) for at, feed in enumerate(document.get("feeds", ()))),
        wrapped=tuple(
            octets_of(_notation(f"wrapped[{at}]", octets))
            for at, octets in enumerate(document.get("wrapped", ()))
        ),
        where=where,
    )


def _kind_complaint(document: dict[str, Any]) -> str | None:
    """Return a short complaint where an item is not of exactly one kind."""
    entries = document.get("items")
    for at, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict) and sum(kind in entry for kind in _KINDS) != 1:
            return f"items[{at}]: begin it with one of packet, passthrough and corrupt = its length"
    return None


def _notation(key: str, text: str) -> Runs:
    try:
        return parse(text)
    except NotationError as error:
        raise CaseError(f"{key}, {error}") from None


def _text(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "".join(part * times for part, times in value)
    return value


def _fields(entry: dict[str, Any], where: str) -> dict[str, Any]:
    """Return the keys of a packet in the order of the JSON form, without offset and length."""
    values = {"runnable": True, "eof": False} | entry
    fields = {key: _text(values[key]) for key in _PACKET_KEYS if key in values}
    if "file_bytes" in fields:
        fields["file_bytes"] = octets_of(
            _notation(f"{where}.file_bytes", fields["file_bytes"])
        ).hex()
    return fields


def _packet_to_write(entry: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "packet"} | _fields(entry, "packet")


def _place_items(entries: list[dict[str, Any]], stream: bytes) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    offset = 0
    for at, entry in enumerate(entries):
        [kind] = (kind for kind in _KINDS if kind in entry)
        length = entry[kind]
        octets = stream[offset : offset + length]
        item: dict[str, Any] = {"kind": kind, "offset": offset, "length": length}
        said = {key: value for key, value in entry.items() if key != kind}
        allowed = {"packet": _PACKET_KEYS, "passthrough": (), "corrupt": ("error",)}[kind]
        if strange := set(said) - set(allowed):
            raise CaseError(f"items[{at}]: {kind} has no {', '.join(sorted(strange))}")
        if kind == "packet":
            item |= _fields(said, f"items[{at}]")
            if octets != _written(item, at):
                item["raw"] = octets.hex()
        else:
            if kind == "corrupt":
                if "error" not in said:
                    raise CaseError(f"items[{at}]: corrupt without an error")
                item["error"] = said["error"]
            item["bytes"] = octets.hex()
        items.append(item)
        offset += length
    return items


def _written(item: dict[str, Any], at: int) -> bytes:
    try:
        return written(item)
    except (ValueError, KeyError, OverflowError) as error:
        raise CaseError(f"items[{at}]: no packet can say this: {error}") from None


def _feed(at: int, feed: dict[str, Any]) -> FeedSource:
    where = f"feeds[{at}]"
    return FeedSource(
        input=feed["input"],
        octets=octets_of(_notation(f"{where}.bytes", feed["bytes"])) if "bytes" in feed else None,
        packets=tuple(
            _written_by_multiplexer(f"{where}.packets[{number}]", packet)
            for number, packet in enumerate(feed.get("packets", ()))
        ),
        is_stop="stop" in feed,
    )


def _written_by_multiplexer(where: str, form: str | dict[str, Any]) -> Written:
    if isinstance(form, str):
        return octets_of(_notation(where, form))
    if "wrapped" in form:
        return Wrapped(octets_of(_notation(f"{where}.wrapped", form["wrapped"])))
    octets = octets_of(_notation(f"{where}.report", form["report"]))
    return Report(octets, ends=form.get("end", False))
