"""The layout of a packet, read from subunit2.ksy.

Strategy: the .ksy is read as YAML, and each of its types is recognised by its shape: a
number by its two bits of width, a text by its size and octets, all others by the sequence
of their parts. A construct that is not recognised is an error that names it: a decoder that
leaves out a rule would be worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import yaml

__all__ = [
    "Field",
    "Fixed",
    "Kind",
    "Layout",
    "LayoutError",
    "Number",
    "Octets",
    "Part",
    "Repeated",
    "Text",
    "read_layout",
]


class LayoutError(Exception):
    """The .ksy has a construct that this generator does not know."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")


@dataclass(frozen=True)
class Number:
    """A number of 1 to 4 octets, up to `limit`."""

    limit: int


@dataclass(frozen=True)
class Fixed:
    """An unsigned integer of a fixed number of octets."""

    octets: int


@dataclass(frozen=True)
class Text:
    """A size, and that many octets of UTF-8 without NUL.

    The .ksy cannot express either rule (`string.utf8`, `string.no-nul`), and all decoders
    that are generated check both.
    """

    limit: int


@dataclass(frozen=True)
class Octets:
    """Octets, as many as the value of the part `size`."""

    size: str


@dataclass(frozen=True)
class Repeated:
    """Texts, as many as the value of the part `count`."""

    count: str
    each: Text


Kind: TypeAlias = Number | Fixed | Text | Octets | Repeated


@dataclass(frozen=True)
class Part:
    """A value to read, by its name in the .ksy."""

    name: str
    kind: Kind


@dataclass(frozen=True)
class Field:
    """A field, which a packet has if a flag is set."""

    name: str
    flag: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Layout:
    """A packet.

    :ivar signature: its first octets.
    :ivar version: the expected value of the topmost bits of the flags word, not shifted.
    :ivar version_mask: these bits.
    :ivar masks: of each flag of one bit, by name.
    :ivar clear: the bits that have to be zero.
    :ivar status_mask: the bits of the status, which are the lowest.
    :ivar statuses: names by number.
    :ivar fields: in order.
    """

    signature: bytes
    version: int
    version_mask: int
    masks: dict[str, int]
    clear: int
    status_mask: int
    statuses: tuple[str, ...]
    fields: tuple[Field, ...]


#: Keys that document a type, and do not change how it is read.
_COMMENTS: Final = frozenset({"id", "doc", "doc-ref", "-orig-id"})

#: `seq` of a number: its bits, after two that say how many octets it takes.
_VALUES: Final = {"value_6": "b6", "value_14": "b14", "value_22": "b22", "value_30": "b30"}

#: The expression of the packet's size that this generator computes by itself.
_BODY_SIZE: Final = "length.value - length.num_octets - 7"


def _only(path: str, entry: dict[str, Any], *known: str) -> None:
    for key in entry:
        if key not in _COMMENTS and key not in known:
            raise LayoutError(path, f"`{key}` is not known here")


def read_layout(text: str) -> Layout:
    """Return the layout of a packet.

    :param text: of the .ksy.
    :raises LayoutError: naming the construct that is not known.
    """
    try:
        return _Document(yaml.safe_load(text)).layout()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        reason = f"not of a shape that is known here: {error!r}"
        raise LayoutError("subunit2.ksy", reason) from error


class _Document:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._types: dict[str, Any] = document["types"]

    def layout(self) -> Layout:
        signature, flags, length, body, checksum = self._header()
        if flags.get("type") != "flags" or length.get("type") != "packet_length":
            raise LayoutError("seq", "flags and length are expected behind the signature")
        if body.get("type") != "fields" or body.get("size") != _BODY_SIZE:
            raise LayoutError("seq/3", f"a body of {_BODY_SIZE} octets is expected")
        if checksum.get("type") != "u4":
            raise LayoutError("seq/4", "a checksum of type u4 is expected")
        if not signature.get("contents"):
            raise LayoutError("seq/0", "a signature of known octets is expected")
        self._check_length()
        masks, version, clear, status = self._flags()
        version_value, version_mask = version
        return Layout(
            signature=bytes(signature["contents"]),
            version=version_value,
            version_mask=version_mask,
            masks=masks,
            clear=clear,
            status_mask=status,
            statuses=self._statuses(status),
            fields=tuple(self._fields(masks)),
        )

    def _header(self) -> list[dict[str, Any]]:
        seq: list[dict[str, Any]] = self._document["seq"]
        if len(seq) != 5:
            raise LayoutError("seq", "signature, flags, length, body and checksum are expected")
        for index, entry in enumerate(seq):
            _only(f"seq/{index}", entry, "type", "size", "contents")
        return seq

    def _check_length(self) -> None:
        path = "types/packet_length"
        width, *values = self._types["packet_length"]["seq"]
        if width.get("valid") != {"max": 2} or [value["type"] for value in values] != [
            "b6",
            "b14",
            "b22",
        ]:
            raise LayoutError(path, "a number of 1 to 3 octets is expected")

    def _flags(self) -> tuple[dict[str, int], tuple[int, int], int, int]:
        masks: dict[str, int] = {}
        version = clear = status = 0
        version_mask = 0
        shift = 16
        for index, entry in enumerate(self._types["flags"]["seq"]):
            path = f"types/flags/seq/{index}"
            _only(path, entry, "type", "valid", "enum")
            bits = re.fullmatch(r"b(\d+)", str(entry.get("type")))
            if bits is None:
                raise LayoutError(path, f"type {entry.get('type')} is not one of bits")
            width = int(bits[1])
            shift -= width
            mask = (1 << width) - 1 << shift
            valid = entry.get("valid")
            if valid is False:
                clear |= mask
            elif isinstance(valid, int):
                version |= valid << shift
                version_mask |= mask
            elif valid is not None:
                raise LayoutError(path, "a `valid` like this is not known here")
            elif "enum" in entry:
                if shift:
                    raise LayoutError(path, "the status is expected in the lowest bits")
                status = mask
            elif width == 1:
                masks[entry["id"]] = mask
            else:
                raise LayoutError(path, "a flag is one bit")
        if shift:
            raise LayoutError("types/flags/seq", "sixteen bits are expected")
        return masks, (version, version_mask), clear, status

    def _statuses(self, mask: int) -> tuple[str, ...]:
        names = {number: entry["id"] for number, entry in self._document["enums"]["status"].items()}
        if sorted(names) != list(range(mask + 1)):
            raise LayoutError("enums/status", f"0 to {mask} are expected, each once")
        return tuple(names[number] for number in range(mask + 1))

    def _fields(self, masks: dict[str, int]) -> list[Field]:
        *seq, trailing = self._types["fields"]["seq"]
        if trailing.get("size-eos") is not True or trailing.get("valid") != "[].as<bytes>":
            raise LayoutError("types/fields", "the last is expected to be what must not be there")
        fields = []
        for index, entry in enumerate(seq):
            path = f"types/fields/seq/{index}"
            _only(path, entry, "type", "if")
            condition = re.fullmatch(r"_root\.flags\.(\w+)", str(entry.get("if")))
            if condition is None or condition[1] not in masks:
                raise LayoutError(path, "a field is there where a flag of one bit is set")
            parts = tuple(self._parts(entry["type"], entry["id"], path))
            fields.append(Field(entry["id"], condition[1], parts))
        return fields

    def _parts(self, type_name: str, name: str, path: str) -> list[Part]:
        """Return the parts of a field; a simple type is one part, named as the field."""
        simple = self._simple(type_name)
        if simple is not None:
            return [Part(name, simple)]
        parts: list[Part] = []
        for index, entry in enumerate(self._type(type_name, path)["seq"]):
            inner = f"types/{type_name}/seq/{index}"
            _only(inner, entry, "type", "size", "repeat", "repeat-expr")
            kind = self._kind(entry, inner)
            if isinstance(kind, (Octets, Repeated)):
                size = kind.size if isinstance(kind, Octets) else kind.count
                if size not in [part.name for part in parts if isinstance(part.kind, Number)]:
                    raise LayoutError(inner, f"`{size}` is no number before it")
            parts.append(Part(entry["id"], kind))
        return parts

    def _type(self, name: str, path: str) -> dict[str, Any]:
        if name not in self._types:
            raise LayoutError(path, f"type {name} is not known")
        found: dict[str, Any] = self._types[name]
        return found

    def _kind(self, entry: dict[str, Any], path: str) -> Kind:
        if "size" in entry:
            return Octets(self._reference(entry["size"], path))
        kind = self._simple(entry["type"])
        if kind is None:
            self._type(entry["type"], path)
            raise LayoutError(path, f"type {entry['type']} is not known inside of a field")
        if "repeat" not in entry:
            return kind
        if entry["repeat"] != "expr" or not isinstance(kind, Text):
            raise LayoutError(path, "only texts are repeated, as often as a part says")
        return Repeated(self._reference(entry["repeat-expr"], path), kind)

    @staticmethod
    def _reference(expression: str, path: str) -> str:
        found = re.fullmatch(r"(\w+)\.value", str(expression))
        if found is None:
            raise LayoutError(path, f"`{expression}` is not a part's value")
        return found[1]

    def _simple(self, name: str) -> Number | Fixed | Text | None:
        """Return a type that is one part: an integer, a number or a text."""
        integer = re.fullmatch(r"u([1248])", name)
        if integer is not None:
            return Fixed(int(integer[1]))
        if name not in self._types:
            return None
        seq = self._types[name]["seq"]
        if [entry["id"] for entry in seq] == ["width", *_VALUES]:
            return self._number(name)
        if [entry["id"] for entry in seq] == ["size", "octets"]:
            return self._text(name)
        return None

    def _number(self, name: str) -> Number:
        path = f"types/{name}"
        limit = (1 << 30) - 1
        width, *values = self._types[name]["seq"]
        if width.get("type") != "b2" or "valid" in width:
            raise LayoutError(path, "the width of a number is two bits, of any value")
        for octets, entry in enumerate(values):
            inner = f"{path}/seq/{octets + 1}"
            # A limit is known for four octets alone: the shorter forms have none.
            _only(inner, entry, "type", "if", *(["valid"] if octets == 3 else []))
            form = (entry.get("type"), entry.get("if"))
            if form != (_VALUES[entry["id"]], f"width == {octets}"):
                raise LayoutError(inner, f"{entry['id']} is not that of a number")
            if "valid" in entry:
                if not isinstance(entry["valid"], dict) or not entry["valid"].keys() == {"max"}:
                    raise LayoutError(inner, "a number is `valid` up to a `max`")
                limit = int(entry["valid"]["max"])
        return Number(limit)

    def _text(self, name: str) -> Text:
        path = f"types/{name}"
        size, octets = self._types[name]["seq"]
        _only(f"{path}/seq/0", size, "type")
        _only(f"{path}/seq/1", octets, "size")
        number = self._simple(size["type"])
        if not isinstance(number, Number) or octets.get("size") != "size.value":
            raise LayoutError(path, "the octets of a text are as many as its size says")
        return Text(number.limit)
