"""Which octets of a packet are what, for whoever wants to look at them.

Strategy: the Kaitai Struct compiler can generate a second reader from
`spec/subunit2.ksy`, which notes where each field starts and ends and keeps what
it has read when it fails. It is slower than the first. This module reads with
it, and flattens the tree that it leaves into a list of parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from typing import Any, Final, NamedTuple

from kaitaistruct import KaitaiStream, KaitaiStruct, ValidationFailedError

from subunit2.packets.kaitai_annotated_generated import Subunit2

__all__ = ["MOST_TAGS", "Part", "dissect"]

#: How many tags of a packet are read here. Each takes 2 KB with all its notes,
#: and a packet can hold four million.
MOST_TAGS: Final = 1000

#: Fields that mean something only together: shown as one part.
_WHOLE: Final = frozenset({"flags", "length", "nanoseconds", "num_tags", "size"})


class Part(NamedTuple):
    """Some octets of a packet, by the name that they have in the .ksy.

    :ivar path: such as `test_id/size`, `tags/tags_list/2/octets`, `crc32`.
    :ivar start: of the first of them, from the packet's start.
    :ivar end: behind the last of them.
    :ivar value: what was read, or None where reading failed here: an int, the
        octets, or for flags the generated object.
    """

    path: str
    start: int
    end: int
    value: Any


_read_text: Final = Subunit2.Text._read


def _read_counted_text(self: Any) -> None:
    if isinstance(self._parent, Subunit2.Tags) and len(self._parent.tags_list) > MOST_TAGS:
        raise EOFError
    _read_text(self)


Subunit2.Text._read = _read_counted_text


def _read_annotated(octets: bytes) -> Any:
    """The tree of a packet, as far as it can be read. Fields read have spans."""
    tree = Subunit2(KaitaiStream(BytesIO(octets)))
    with suppress(EOFError, ValidationFailedError):
        tree._read()
    return tree


def dissect(octets: bytes) -> list[Part]:
    """The parts of a packet in order, as far as they can be read.

    The octets between two parts, or behind the last, are none of them: the
    packet is malformed there.
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
            # A stream of its own, which starts where the body does; its fields
            # are the packet's.
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
    """How many octets of flags or of a number were read before it failed."""
    spans = [span for span in tree._debug.values() if "end" in span]
    return spans[-1]["end"] - spans[0]["start"] if spans else 0
