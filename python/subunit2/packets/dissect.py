"""Dissect a packet: the octets and the value of each of its parts.

Strategy: the Kaitai Struct compiler can generate a second reader from `spec/subunit2.ksy`,
which records the start and the end of each field, and keeps all fields that it has read
when it fails. It is slower than the first one. This module flattens its tree into a list of
parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any, Final, NamedTuple

from kaitaistruct import KaitaiStream, KaitaiStruct, ValidationFailedError

from subunit2.packets.kaitai_annotated_generated import Subunit2

__all__ = ["MOST_TAGS", "Part", "dissect"]

#: The most tags that are read of a packet. Each takes 2 KB with its spans, and a packet can
#: hold four million.
MOST_TAGS: Final = 1000

#: Types that are one part: their own parts mean nothing alone.
_WHOLE: Final = frozenset({"flags", "length", "nanoseconds", "num_tags", "size"})


class Part(NamedTuple):
    """Adjacent octets of a packet, by their name in the .ksy.

    :ivar path: such as `test_id/size`, `tags/tags_list/2/octets`, `crc32`.
    :ivar start: index of the first octet, in the packet.
    :ivar end: index behind the last octet.
    :ivar value: an int, the octets, or for flags the generated object; None if reading
        failed here.
    """

    path: str
    start: int
    end: int
    value: Any


class _Packet(Subunit2):
    """A packet of which at most `MOST_TAGS` tags are read."""

    class Text(Subunit2.Text):
        """A string."""

        def _read(self) -> None:
            parent = self._parent
            if isinstance(parent, Subunit2.Tags) and len(parent.tags_list) > MOST_TAGS:
                raise EOFError
            super()._read()


def _read_annotated(octets: bytes) -> Any:
    """Return the tree of a packet, as far as it can be read. Fields that were read have spans."""
    tree = _Packet(KaitaiStream(BytesIO(octets)))
    with suppress(EOFError, ValidationFailedError):
        tree._read()
    return tree


def dissect(octets: bytes) -> list[Part]:
    """Return the parts of a packet in order, as far as they can be read.

    Octets between two parts or behind the last one belong to no part: the packet is
    malformed there.
    """
    return list(_parts(_read_annotated(octets), "", 0))


def _parts(tree: Any, path: str, origin: int) -> Iterator[Part]:
    for name in type(tree).SEQ_FIELDS:
        span = tree._debug.get(name)
        if not span:
            continue
        value: Any = getattr(tree, name, None)
        start = origin + span["start"]
        inner = f"{path}{name}"
        if name == "body":
            # The body has a stream of its own, and its fields are the packet's.
            if value is not None:
                yield from _parts(value, "", start)
        elif name in _WHOLE:
            end = span.get("end")
            whole = end is not None
            yield Part(
                inner,
                start,
                origin + end if whole else start + _octets_read(value),
                (value if name == "flags" else value.value) if whole else None,
            )
        elif isinstance(value, KaitaiStruct):
            yield from _parts(value, f"{inner}/", origin)
        elif isinstance(value, list):
            for index, element in enumerate(value):
                yield from _parts(element, f"{inner}/{index}/", origin)
        elif value is not None:
            yield Part(inner, start, origin + span.get("end", span["start"]), value)


def _octets_read(tree: Any) -> int:
    """Return the number of octets of flags or of a number read before the failure."""
    spans = [span for span in tree._debug.values() if "end" in span]
    return spans[-1]["end"] - spans[0]["start"] if spans else 0
