"""Streams to read, and the laws that a reader keeps on each of them.

All tests read through `read`: whole, octet by octet and cut in two at every index, with the
fast reader and with the reference reader. So every test also fails where one of the laws
does not hold. `intact` builds packets that no writer writes: malformed ones with correct
length and checksum.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any, Final
from zlib import crc32

import pytest
from jsonschema import Draft202012Validator

from subunit2 import Corrupt, Item, Packet, Passthrough, Reader, Timestamp, encode, item_from_dict
from subunit2 import spec as specification
from subunit2.items import replace

# --- Packets to read, and their octets ----------------------------------

#: The example of the published description, and of the specification.
FOO: Final = Packet(test_id="foo", test_status="exists")
FOO_OCTETS: Final = bytes.fromhex("b329010c03666f6f08555f1b")

#: 40 octets, with fields of each kind but a file.
BAR: Final = Packet(
    test_id="bar.test_b",
    test_status="success",
    test_tags=("linux", "slow"),
    route_code="0/3",
    timestamp=Timestamp(1_754_000_000, 63),
)
BAR_OCTETS: Final = bytes.fromhex(
    "b32f83 28 688bea803f 0a6261722e746573745f62 02056c696e757804736c6f77 03302f33 f6ae0f30"
)

#: A packet with every field, 88 octets.
FULL: Final = Packet(
    test_id="pkg.Case.test_é",
    test_status="fail",
    test_tags=("a", "", "a"),
    mime_type="text/plain;charset=utf8",
    file_name="traceback",
    file_bytes=b"Traceback\xff\n",
    eof=True,
    route_code="1",
    timestamp=Timestamp(1_754_000_001, 999_999_999),
)
FULL_OCTETS: Final = encode(FULL)

#: Its first eight octets could be text: behind the first octet of a character it is text,
#: and anywhere else it is a packet. So it shows which candidates are tried.
TEXTLIKE: Final = Packet(
    mime_type="text/plain;charset=utf8",
    test_id="m",
    timestamp=Timestamp(int.from_bytes(b"abcd", "big"), 0),
    runnable=False,
)
TEXTLIKE_OCTETS: Final = encode(TEXTLIKE)

#: A string that no packet can hold.
NUL_TEXT: Final = "ab\0"

#: By name, for tests of all packets.
PACKETS: Final = [
    ("foo", FOO, FOO_OCTETS),
    ("bar", BAR, BAR_OCTETS),
    ("full", FULL, FULL_OCTETS),
]


def kinds(items: Iterable[Item]) -> list[str]:
    """Return the kind of each item: packet, passthrough or corrupt."""
    return [item.to_dict()["kind"] for item in items]


def recovered(packet: Packet) -> Packet:
    """Return the packet, marked as found inside the length that a corrupt region claimed."""
    return replace(packet, recovered=True)


# --- Octets that no writer writes ----------------------------------------------------


def number(value: int, width: int = 1) -> bytes:
    """Return `value` as a number of `width` octets, canonical or not."""
    return (value | (width - 1) << (8 * width - 2)).to_bytes(width, "big")


def string(octets: bytes, width: int = 1) -> bytes:
    """Return `octets`, valid text or not, behind their size."""
    return number(len(octets), width) + octets


def checked(octets: bytes) -> bytes:
    """Return `octets` with their checksum appended."""
    return octets + crc32(octets).to_bytes(4, "big")


def intact(flags: int, body: bytes = b"", *, width: int = 1) -> bytes:
    """Return a packet with correct length and checksum, for any flags and body.

    :param width: octets of the length; more where the length needs them.
    """
    while 7 + width + len(body) >= 1 << (8 * width - 2):
        width += 1
    length = number(7 + width + len(body), width)
    return checked(b"\xb3" + flags.to_bytes(2, "big") + length + body)


def header(flags: int, length: int, width: int = 1) -> bytes:
    """Return a header that claims any length."""
    return b"\xb3" + flags.to_bytes(2, "big") + number(length, width)


def damaged(octets: bytes, place: int = -1, bits: int = 0xFF) -> bytes:
    """Return `octets` with bits of one of them flipped; by default of the last."""
    changed = bytearray(octets)
    changed[place] ^= bits
    return bytes(changed)


def named(table: Iterable[tuple[Any, ...]]) -> list[Any]:
    """Return the rows of a table of (name, ...) as test parameters under those names."""
    return [pytest.param(*row[1:], id=row[0]) for row in table]


# --- The laws ------------------------------------------------------------------------


def read(stream: bytes, *, most_cuts: int = 250) -> list[Item]:
    """Return the items of a stream, adjacent passthrough joined. Checks all laws.

    :param most_cuts: the most indexes at which a longer stream is cut in two.
    """
    items = read_in_chunks([stream])
    _assert_partition(items, stream)
    forms = [item.to_dict() for item in items]
    _assert_json_form(items, forms)
    # clause stream.octets-alone
    octets = [stream[place : place + 1] for place in range(len(stream))]
    assert _forms(octets) == forms, f"octet by octet: {stream.hex()}"
    assert _forms([stream], reference=True) == forms, f"by reference: {stream.hex()}"
    assert _forms(octets, reference=True) == forms, f"by reference, in octets: {stream.hex()}"
    step = max(1, -(-len(stream) // most_cuts))
    for cut in range(1, len(stream), step):
        assert _forms([stream[:cut], stream[cut:]]) == forms, f"cut at {cut}: {stream.hex()}"
    return items


def read_in_chunks(chunks: Iterable[bytes], *, reference: bool = False) -> list[Item]:
    """Return the items of a stream read in chunks, adjacent passthrough joined."""
    reader = Reader(reference=reference)
    items = [item for chunk in chunks for item in reader.feed(chunk)]
    items += reader.close()
    assert reader.pending == 0
    return joined(items)


def joined(items: Iterable[Item]) -> list[Item]:
    """Return the items with adjacent passthrough joined, for comparison."""
    result: list[Item] = []
    for item in items:
        last = result[-1] if result else None
        if isinstance(item, Passthrough) and isinstance(last, Passthrough):
            result[-1] = Passthrough(last.data + item.data, offset=last.offset)
        else:
            result.append(item)
    return result


def packets(items: Iterable[Item]) -> list[Packet]:
    """Return the packets among the items, with `recovered` cleared."""
    return [replace(item, recovered=False) for item in items if isinstance(item, Packet)]


def corrupt(items: Iterable[Item]) -> list[Corrupt]:
    """Return the corrupt regions among the items."""
    return [item for item in items if isinstance(item, Corrupt)]


def octets_of(items: Iterable[Item]) -> bytes:
    """Return the octets of items, in order."""
    return b"".join(map(encode, items))


def _forms(chunks: Iterable[bytes], *, reference: bool = False) -> list[dict[str, Any]]:
    return [item.to_dict() for item in read_in_chunks(chunks, reference=reference)]


def _assert_partition(items: list[Item], stream: bytes) -> None:
    # clause stream.partition
    assert octets_of(items) == stream
    assert items == [] or items[0].offset == 0
    for item, following in pairwise(items):
        assert item.offset + item.length == following.offset
    assert sum(item.length for item in items) == len(stream)
    assert all(item.length > 0 for item in items)


def _assert_json_form(items: list[Item], forms: list[dict[str, Any]]) -> None:
    for item, form in zip(items, forms, strict=True):
        assert list(schema_faults(form)) == []
        again = item_from_dict(json.loads(json.dumps(form)))
        assert again == item
        assert again.to_dict() == form
        assert encode(again) == encode(item)


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(specification.path("item.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def schema_faults(form: object) -> Iterator[str]:
    """Return the complaints of spec/item.schema.json about a JSON form."""
    return (fault.message for fault in _validator().iter_errors(form))
