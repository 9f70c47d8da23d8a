"""The attributes of `subunit2.Packet`, and their names in the .ksy."""

from __future__ import annotations

from typing import Final

from packet_decoder.layout import Field, Layout, LayoutError, Octets, Repeated

__all__ = ["PACKET", "SAID_BY_FLAGS", "check_parts", "local", "sizes_of"]

#: The attributes of a packet in order, and the parts in the .ksy that they are made of.
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

#: Attributes that are flags of their own.
SAID_BY_FLAGS: Final = ("runnable", "eof")

#: Variables that every function has, beside those of the fields.
_TAKEN: Final = frozenset(
    {"data", "index", "end", "status", "runnable", "eof", "offset", "length", "size", "name"}
)


def local(field: Field, name: str) -> str:
    """Return the name of the variable that a part is read into."""
    return f"{field.name}_{name}" if name in _TAKEN else name


def sizes_of(field: Field) -> set[str]:
    """Return the parts of a field that are the size or count of another part."""
    return {
        part.kind.size if isinstance(part.kind, Octets) else part.kind.count
        for part in field.parts
        if isinstance(part.kind, (Octets, Repeated))
    }


def check_parts(layout: Layout) -> None:
    """Check that the parts of the .ksy are exactly the ones of a packet of this library.

    :raises LayoutError: naming the parts that differ.
    """
    if len(layout.signature) != 1:
        raise LayoutError("seq/0", "a signature of one octet is expected")
    known = {part for _, parts in PACKET if parts for part in parts.split()}
    read = {f"{field.name}/{part.name}" for field in layout.fields for part in field.parts}
    counts = {"tags/num_tags", "file/size"}
    if read - counts != known:
        odd = ", ".join(sorted(read - counts ^ known))
        raise LayoutError("types/fields", f"a packet of this library and the .ksy differ in {odd}")
