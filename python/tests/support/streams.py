"""Streams to read, and the laws that a reader keeps on each of them.

`read` is the one way in which tests read: whole, octet by octet and cut in two at
every place, with the fast reader and with the reference reader. Whatever else a test
is about, it fails where one of the laws does not hold. `intact` builds what no
writer writes: malformed packets with a right length and a right checksum.
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

# --- Packets to read, and the octets that they are ----------------------------------

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

#: Everything that a packet can have, 88 octets.
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

#: Its first eight octets could stand in text: behind a character's first octet it
#: is text, and anywhere else it is a packet. So it shows what is tried.
TEXTLIKE: Final = Packet(
    mime_type="text/plain;charset=utf8",
    test_id="m",
    timestamp=Timestamp(int.from_bytes(b"abcd", "big"), 0),
    runnable=False,
)
TEXTLIKE_OCTETS: Final = encode(TEXTLIKE)

#: A string that no packet can hold.
NUL_TEXT: Final = "ab\0"

#: By name, for tests that are about any packet.
PACKETS: Final = [
    ("foo", FOO, FOO_OCTETS),
    ("bar", BAR, BAR_OCTETS),
    ("full", FULL, FULL_OCTETS),
]


def kinds(items: Iterable[Item]) -> list[str]:
    """What each item is: packet, passthrough or corrupt."""
    return [item.to_dict()["kind"] for item in items]


def recovered(packet: Packet) -> Packet:
    """The packet, found inside the length that a corrupt region claimed."""
    return replace(packet, recovered=True)


# --- Octets that no writer writes ----------------------------------------------------


def number(value: int, width: int = 1) -> bytes:
    """`value` as a number of `width` octets, the shortest form or not."""
    return (value | (width - 1) << (8 * width - 2)).to_bytes(width, "big")


def string(octets: bytes, width: int = 1) -> bytes:
    """`octets` with their size in front of them, whatever they are."""
    return number(len(octets), width) + octets


def checked(octets: bytes) -> bytes:
    """`octets` with their checksum behind them."""
    return octets + crc32(octets).to_bytes(4, "big")


def intact(flags: int, body: bytes = b"", *, width: int = 1) -> bytes:
    """A packet with right length and checksum, whatever its flags and body are.

    :param width: of the length, in octets; where that is too few, what it takes.
    """
    while 7 + width + len(body) >= 1 << (8 * width - 2):
        width += 1
    length = number(7 + width + len(body), width)
    return checked(b"\xb3" + flags.to_bytes(2, "big") + length + body)


def header(flags: int, length: int, width: int = 1) -> bytes:
    """A header, whatever it claims."""
    return b"\xb3" + flags.to_bytes(2, "big") + number(length, width)


def damaged(octets: bytes, place: int = -1, bits: int = 0xFF) -> bytes:
    """`octets` with some bits of one of them flipped, of the last if not said."""
    changed = bytearray(octets)
    changed[place] ^= bits
    return bytes(changed)


def named(table: Iterable[tuple[Any, ...]]) -> list[Any]:
    """The rows of a table of (name, ...), as parameters of a test under those names."""
    return [pytest.param(*row[1:], id=row[0]) for row in table]


# --- The laws ------------------------------------------------------------------------


def read(stream: bytes, *, most_cuts: int = 250) -> list[Item]:
    """The items of a stream, neighbouring passthrough joined. All laws hold.

    :param most_cuts: at how many places a longer stream is cut in two.
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
    """The items of a stream that comes in chunks, neighbouring passthrough joined."""
    reader = Reader(reference=reference)
    items = [item for chunk in chunks for item in reader.feed(chunk)]
    items += reader.close()
    assert reader.pending == 0
    return joined(items)


def joined(items: Iterable[Item]) -> list[Item]:
    """The items, neighbouring passthrough joined: as they are compared."""
    result: list[Item] = []
    for item in items:
        last = result[-1] if result else None
        if isinstance(item, Passthrough) and isinstance(last, Passthrough):
            result[-1] = Passthrough(last.data + item.data, offset=last.offset)
        else:
            result.append(item)
    return result


def packets(items: Iterable[Item]) -> list[Packet]:
    """The packets among the items, `recovered` left out of account."""
    return [replace(item, recovered=False) for item in items if isinstance(item, Packet)]


def corrupt(items: Iterable[Item]) -> list[Corrupt]:
    """The corrupt regions among the items."""
    return [item for item in items if isinstance(item, Corrupt)]


def octets_of(items: Iterable[Item]) -> bytes:
    """The octets of items, in order."""
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
    """What spec/item.schema.json has against a JSON form."""
    return (fault.message for fault in _validator().iter_errors(form))
