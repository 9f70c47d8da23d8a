"""Cases of packets made from their fields, valid and damaged.

Strategy: octets and items of a case come from its fields, not from a reader. So the builder
compares the grammar's items with items that are independent of the grammar. A long value is
written as [string, times] pairs, as in the built form, and its octets are runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.assemble import written
from corpus.mutations import mutate
from corpus.source import Runs, Source, octets_of

__all__ = ["LARGE", "case_of", "corrupt", "damaged", "passthrough", "runs_of", "well_formed"]

#: Streams of more octets than this are large.
LARGE = 8 * 1024

#: The keys with possibly long values, in the order of a packet.
_LONG = ("test_id", "mime_type", "file_name", "file_bytes", "route_code")


def runs_of(form: dict[str, Any]) -> Runs:
    """Return the canonical octets of a packet in the JSON form."""
    pairs = [(key, pair) for key in _LONG if isinstance(form.get(key), list) for pair in form[key]]
    texts = {
        key: "".join(part * times for part, times in form[key])
        for key in _LONG
        if isinstance(form.get(key), list)
    }
    rest = written(form | texts)
    found: Runs = []
    for key, (part, times) in pairs:
        unit = bytes.fromhex(part) if key == "file_bytes" else part.encode()
        if times >= 64:
            before, _, rest = rest.partition(unit * times)
            found += [(before, 1), (unit, times)]
    return [*found, (rest, 1)]


def well_formed(id: str, title: str, clauses: Sequence[str], *forms: dict[str, Any]) -> Source:
    """Return a case of consecutive packets in their canonical octets."""
    octets: Runs = []
    items: list[dict[str, Any]] = []
    offset = 0
    for form in forms:
        packet = runs_of(form)
        length = len(octets_of(packet))
        items.append(_item(form, offset, length))
        octets += packet
        offset += length
    large = offset > LARGE
    return Source(
        id=id,
        title=title,
        clauses=tuple(clauses),
        flags=("family", "large") if large else ("family",),
        octets=octets,
        # The readers find the items of a large stream, which would take megabytes.
        items=None if large else items,
    )


def case_of(
    id: str,
    title: str,
    clauses: Sequence[str],
    form: dict[str, Any],
    octets: bytes,
    *,
    flags: tuple[str, ...] = (),
) -> Source:
    """Return a case of one packet that is not canonical."""
    item = _item(form, 0, len(octets)) | {"raw": octets.hex()}
    return Source(
        id=id,
        title=title,
        clauses=tuple(clauses),
        flags=("family", *flags),
        octets=[(octets, 1)],
        items=[item],
    )


def _item(form: dict[str, Any], offset: int, length: int) -> dict[str, Any]:
    place = {"kind": "packet", "offset": offset, "length": length}
    return place | {"runnable": True, "eof": False} | form


def damaged(
    id: str,
    title: str,
    clauses: Sequence[str],
    *,
    parent: Source,
    mutation: str,
    error: str,
    end: int | None = None,
    flags: tuple[str, ...] = (),
) -> Source:
    """Return a case of a packet that a mutation turns into one corrupt region.

    :param end: of the region: the end that the length claims, or 1 for an unusable header;
    None: the end of the stream.
    """
    assert parent.octets is not None
    good = octets_of(parent.octets)
    octets = mutate(good, mutation, [{"kind": "packet", "offset": 0, "length": len(good)}])
    end = len(octets) if end is None else end
    # A second signature would begin a region of its own.
    assert 0xB3 not in octets[end:], id
    rest = [passthrough(octets, end, len(octets))] if end < len(octets) else []
    return Source(
        id=id,
        title=title,
        clauses=tuple(clauses),
        flags=("family", *flags),
        parent=parent.id,
        mutation=mutation,
        octets=[(octets, 1)],
        items=[corrupt(octets, 0, end, error), *rest],
    )


def corrupt(stream: bytes, start: int, end: int, error: str) -> dict[str, Any]:
    """Return a corrupt region of a stream."""
    return {"kind": "corrupt"} | _place(stream, start, end) | {"error": error}


def passthrough(stream: bytes, start: int, end: int) -> dict[str, Any]:
    """Return passthrough of a stream."""
    return {"kind": "passthrough"} | _place(stream, start, end)


def _place(stream: bytes, start: int, end: int) -> dict[str, Any]:
    return {"offset": start, "length": end - start, "bytes": stream[start:end].hex()}
