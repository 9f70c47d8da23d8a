"""Cases of packets from their fields, and of packets that are none any more.

Strategy: the octets of a family's case come from its fields, and so do its items,
and not from a reader. So what the builder finds with the grammar is compared with
something that does not know the grammar. Where a value is long it is written as
[string, times] pairs, as in the built form, and its octets are runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.assemble import written
from corpus.mutations import mutate
from corpus.source import Runs, Source, octets_of

__all__ = ["LARGE", "case_of", "corrupt", "damaged", "passthrough", "runs_of", "well_formed"]

#: A stream of more octets than this is large: nobody reads it as it stands.
LARGE = 8 * 1024

#: The keys whose values can be long, in the order of a packet.
_LONG = ("test_id", "mime_type", "file_name", "file_bytes", "route_code")


def runs_of(form: dict[str, Any]) -> Runs:
    """The canonical octets of a packet in JSON's terms."""
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
    """A case of packets, one behind the other, in their canonical octets."""
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
        # The readers say what is in a large one: its items would be megabytes.
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
    """A case of one packet whose octets are not those that a writer makes of it."""
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
    """A case of one packet that is none after a mutation: one corrupt region.

    :param end: of the region: where the length says that the packet ends, or 1
        where the header is unusable. None: that of the stream.
    """
    assert parent.octets is not None
    good = octets_of(parent.octets)
    octets = mutate(good, mutation, [{"kind": "packet", "offset": 0, "length": len(good)}])
    end = len(octets) if end is None else end
    # Were there another signature, more would have to be said of it.
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
    """A corrupt region of a stream."""
    return {"kind": "corrupt"} | _place(stream, start, end) | {"error": error}


def passthrough(stream: bytes, start: int, end: int) -> dict[str, Any]:
    """Passthrough of a stream."""
    return {"kind": "passthrough"} | _place(stream, start, end)


def _place(stream: bytes, start: int, end: int) -> dict[str, Any]:
    return {"offset": start, "length": end - start, "bytes": stream[start:end].hex()}
