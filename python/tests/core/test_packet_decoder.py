"""The generated decoders follow the .ksy: in Python, and in C."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from packet_decoder import LayoutError, generate, generate_c, generate_digest
from subunit2 import Packet, Timestamp
from subunit2.packets.assemble import Decoders
from support import speedups
from support.layouts import TEXT, Document, changed, seq, swap, update
from support.streams import BAR, BAR_OCTETS, FULL, FULL_OCTETS, intact, number, string

Decode = Callable[[str, bytes], Packet | None]


def decoders(ksy: str) -> Decoders:
    """Return the decoders generated from a .ksy."""
    module: dict[str, Any] = {}
    exec(compile(generate(ksy), "generated", "exec"), module)  # noqa: S102 - it is ours
    return Decoders(module["LAYOUT"])


def decode_in_python(ksy: str, octets: bytes) -> Packet | None:
    """Decode a packet of up to 63 octets with the decoder generated from a .ksy."""
    entry = decoders(ksy).find(octets[:3])
    if entry is None:
        return None
    function, status, runnable, eof = entry
    packet: Packet | None = function(
        octets, 4, len(octets) - 4, status, runnable, eof, 0, len(octets)
    )
    return packet


@pytest.fixture(params=["python", "c"])
def decode(request: pytest.FixtureRequest, tmp_path: Path) -> Decode:
    """Decode a packet with the decoder generated from a .ksy, in each language."""
    if request.param == "python":
        return decode_in_python

    def decode_in_c(ksy: str, octets: bytes) -> Packet | None:
        # A shared object is loaded once by its name.
        folder = tmp_path / hashlib.sha256(ksy.encode()).hexdigest()
        if not folder.exists():
            shutil.copytree(speedups.SOURCES, folder)
            (folder / "layout_generated.h").write_text(generate_c(ksy), "utf-8")
            speedups.compile_speedups(folder, folder, "-O0")
        packet: Packet | None = speedups.load(folder / speedups.NAME).decode_canonical(
            octets, 0, False
        )
        return packet

    return decode_in_c


# --- The decoders follow the .ksy ---------------------------------------------------------


def test_the_ksy_as_it_is(decode: Decode) -> None:
    assert decode(TEXT, BAR_OCTETS) == BAR
    assert decode(TEXT, b"\xb3\x28\x09" + BAR_OCTETS[3:]) is None


def test_comments_change_nothing() -> None:
    commented = changed(update("fields", 0, doc="Another.", doc_ref="x"))
    assert generate(commented) == generate(TEXT)
    assert generate_c(commented) == generate_c(TEXT)
    assert generate_digest(commented) == generate_digest(TEXT)


def test_another_layout_has_another_digest_in_both_languages() -> None:
    other = changed(swap("flags", 1, 2))
    for ksy in (TEXT, other):
        digest = generate_digest(ksy).split('"')[-2]
        assert f'#define LAYOUT "{digest}"' in generate_c(ksy)
    assert generate_digest(other) != generate_digest(TEXT)


def test_fields_that_are_swapped_are_read_swapped(decode: Decode) -> None:
    swapped = changed(swap("fields", 1, 5))
    octets = intact(0x2C00, string(b"route") + string(b"test"))
    assert decode(swapped, octets) == Packet(test_id="test", route_code="route", runnable=False)
    assert decode(TEXT, octets) == Packet(test_id="route", route_code="test", runnable=False)


def test_parts_of_a_field_that_are_swapped_are_read_swapped(decode: Decode) -> None:
    # The size of the content, then the name, whose size is in another variable.
    octets = intact(0x2040, number(3) + string(b"ab") + b"xyz")
    packet = Packet(file_name="ab", file_bytes=b"xyz", runnable=False)
    assert decode(changed(swap("attachment", 0, 1)), octets) == packet
    octets = intact(0x2200, number(7) + b"\0\0\0\5")
    packet = Packet(timestamp=Timestamp(5, 7), runnable=False)
    assert decode(changed(swap("timestamp", 0, 1)), octets) == packet


def test_flags_that_are_swapped_have_each_other_s_masks(decode: Decode) -> None:
    swapped = changed(swap("flags", 1, 2))
    octets = intact(0x2400, string(b"test"))
    assert decode(swapped, octets) == Packet(test_id="test", runnable=False)
    swapped = changed(swap("flags", 4, 8))
    assert decode(swapped, intact(0x2110)) == Packet(runnable=True, eof=True)
    assert decode(swapped, intact(0x2010)) == Packet(runnable=True)


def test_another_version_is_the_one_that_is_read(decode: Decode) -> None:
    third = changed(update("flags", 0, valid=3))
    assert decode(third, intact(0x3000)) == Packet(runnable=False)
    assert decode(third, intact(0x2000)) is None


def test_another_signature_is_the_one_that_is_read(decode: Decode) -> None:
    other = changed(lambda document: document["seq"][0].update(contents=[0xB4]))
    assert decode(other, b"\xb4" + intact(0x2000)[1:]) == Packet(runnable=False)
    assert decode(other, intact(0x2000)) is None


def test_statuses_are_those_of_their_numbers(decode: Decode) -> None:
    def change(document: Document) -> None:
        statuses = document["enums"]["status"]
        statuses[1], statuses[6] = statuses[6], statuses[1]

    packet = decode(changed(change), intact(0x2001))
    assert packet is not None
    assert packet.test_status == "fail"


@pytest.mark.parametrize("limit", [5_000_000, 999_999_999, (1 << 30) - 1])
def test_the_limit_of_nanoseconds_is_that_of_the_ksy(decode: Decode, limit: int) -> None:
    ksy = changed(update("nanoseconds", 4, valid={"max": limit}))
    packet = decode(ksy, intact(0x2200, bytes(4) + number(limit, 4)))
    assert packet == Packet(timestamp=Timestamp(0, limit), runnable=False)
    if limit + 1 < 1 << 30:
        assert decode(ksy, intact(0x2200, bytes(4) + number(limit + 1, 4))) is None


def test_a_field_less_is_refused_and_so_is_one_more() -> None:
    less = changed(lambda document: seq(document, "fields").pop(3))
    with pytest.raises(LayoutError, match=r"the \.ksy differ in mime_type/mime_type"):
        generate(less)
    with pytest.raises(LayoutError, match=r"the \.ksy differ in mime_type/mime_type"):
        generate_c(less)
    more = changed(lambda document: seq(document, "timestamp").append({"id": "zone", "type": "u4"}))
    with pytest.raises(LayoutError, match=r"the \.ksy differ in timestamp/zone"):
        generate(more)


def test_a_signature_of_two_octets_is_refused() -> None:
    two = changed(lambda document: document["seq"][0].update(contents=[0xB3, 0xB4]))
    for make in (generate, generate_c):
        with pytest.raises(LayoutError, match=r"seq/0: a signature of one octet is expected"):
            make(two)


def test_every_set_of_fields_has_a_function_made_once() -> None:
    made = decoders(TEXT)
    heads = [b"\xb3" + flags.to_bytes(2, "big") for flags in range(0x2000, 0x3000)]
    functions = {id(entry[0]) for head in heads if (entry := made.find(head))}
    assert len(functions) == 64
    assert sorted(made) == [head for head in heads if not head[2] & 0x08]
    for head in heads:
        assert made.find(head) == made.get(head)


def test_other_heads_have_no_function() -> None:
    made = decoders(TEXT)
    for head in (b"", b"\xb3", b"\xb3\x29", b"\xb4\x29\x01", b"\xb3\x39\x01", b"\xb3\x29\x08"):
        assert made.find(head) is None
    assert not made


def test_all_fields_are_read_into_variables_of_their_own() -> None:
    octets = FULL_OCTETS
    entry = decoders(TEXT).find(octets[:3])
    assert entry is not None
    function, status, runnable, eof = entry
    end = len(octets) - 4
    assert function(octets, 5, end, status, runnable, eof, 0, len(octets)) == FULL
