"""What a packet of this library is made of, and what the .ksy calls it."""

from __future__ import annotations

from typing import Final

from packet_decoder.layout import Field, Layout, LayoutError, Octets, Repeated

__all__ = ["PACKET", "SAID_BY_FLAGS", "check_parts", "local", "sizes_of"]

#: The attributes of a packet in their order, and which part each of them is.
PACKET: Final = (
    ("test_id", "test_id/test_id"),
    ("test_status", None),
    ("test_tags", "tags/tags_list"),
    ("runnable", None),
    ("mime_type", "mime_type/mime_type"),
    ("file_name", "file/name"),
    ("file_bytes", "file/content"),
    ("eof", None),
    ("route_code", "route_code/route_code"),
    ("timestamp", "timestamp/seconds timestamp/nanoseconds"),
)

#: What the flags say beside which fields there are.
SAID_BY_FLAGS: Final = ("runnable", "eof")

#: Variables that every function has, beside those of the fields.
_TAKEN: Final = frozenset(
    {"data", "at", "stop", "status", "runnable", "eof", "offset", "length", "size", "name"}
)


def local(field: Field, name: str) -> str:
    """The name of the variable that a part is read into."""
    return f"{field.name}_{name}" if name in _TAKEN else name


def sizes_of(field: Field) -> set[str]:
    """Its parts that say how many octets or texts another has."""
    return {
        part.kind.size if isinstance(part.kind, Octets) else part.kind.count
        for part in field.parts
        if isinstance(part.kind, (Octets, Repeated))
    }


def check_parts(layout: Layout) -> None:
    """Look whether every part is one of a packet's, and every one of a packet's there.

    :raises LayoutError: naming what is not.
    """
    known = {part for _, parts in PACKET if parts for part in parts.split()}
    read = {f"{field.name}/{part.name}" for field in layout.fields for part in field.parts}
    counts = {"tags/num_tags", "file/size"}
    if read - counts != known:
        odd = ", ".join(sorted(read - counts ^ known))
        raise LayoutError("types/fields", f"a packet of this library and the .ksy differ in {odd}")
