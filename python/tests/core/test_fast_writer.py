"""The fast path and the slow path of the writer agree: same octets, same errors."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from collections import UserString
from collections.abc import Callable
from typing import Any, cast

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subunit2 import (
    TEST_STATUSES,
    Corrupt,
    EncodeError,
    Item,
    Packet,
    Passthrough,
    Reader,
    Timestamp,
    encode,
    replace,
    writer,
)
from subunit2.items import ReadPacket
from subunit2.packets.fast_writer import write_packet
from subunit2.packets.kaitai import decode_packet as decode_by_reference
from support.streams import FULL_OCTETS, PACKETS, named

# --- Both paths of the writer --------------------------------------------------------------


def outcome(item: object) -> bytes | tuple[str, str]:
    """Return the octets, or the name and the message of the error."""
    try:
        return encode(cast("Item", item))
    except (EncodeError, TypeError) as error:
        return type(error).__name__, str(error)


def slowly(item: object) -> bytes | tuple[str, str]:
    """Return the outcome of the slow path alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "write_packet", lambda _: None)
        return outcome(item)


#: Sizes of strings, contents and packets, around those at which a number takes more octets.
SIZES = st.sampled_from([*range(4), *range(50, 68), *range(240, 260), *range(16360, 16390), 70_000])
TEXTS = st.one_of(
    st.text(max_size=9),
    SIZES.map("a".__mul__),
    SIZES.map("é".__mul__),
    st.sampled_from(["0", "1", "text/plain;charset=utf8", "a\0", "\ud800", "\U0001f600"]),
)
WRONG = st.sampled_from([b"a", 1, 1.5, ["a"], UserString("0"), object])
STATUSES = st.sampled_from([None, *TEST_STATUSES, "error", "passed", 3, ["skip"]])
TIMES = st.builds(
    Timestamp,
    st.integers(-1, 2**32) | st.booleans() | st.just(cast("int", 1.0)),
    st.one_of(
        st.sampled_from([0, 63, 64, 16383, 16384, (1 << 22) - 1, 1 << 22, 10**9 - 1, 10**9]),
        st.integers(-1, 1 << 33),
        st.just(cast("int", 5e6)),
    ),
)
ANY_PACKETS = st.builds(
    Packet,
    test_id=st.none() | TEXTS | WRONG,
    test_status=STATUSES,
    test_tags=st.none() | st.lists(TEXTS | WRONG, max_size=4) | SIZES.map(("tag",).__mul__),
    runnable=st.booleans(),
    mime_type=st.none() | TEXTS | WRONG,
    file_name=st.none() | TEXTS | WRONG,
    file_bytes=st.none() | SIZES.map(bytes),
    eof=st.booleans(),
    route_code=st.none() | TEXTS | WRONG,
    timestamp=st.none() | TIMES | st.just(cast("Timestamp", "now")),
    raw=st.sampled_from([None, FULL_OCTETS, b"", cast("bytes", "raw")]),
)
USUAL_PACKETS = st.builds(
    Packet,
    test_id=st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    test_status=st.sampled_from([None, *TEST_STATUSES]),
    test_tags=st.none() | st.lists(st.sampled_from(["a", "é", ""]), max_size=4),
    runnable=st.booleans(),
    mime_type=st.none() | st.just("text/plain"),
    eof=st.booleans(),
    route_code=st.none() | st.sampled_from(["0", "1/2", ""]),
    timestamp=st.none() | st.builds(Timestamp, st.integers(0, 9), st.integers(0, 10**9 - 1)),
)


@given(ANY_PACKETS)
@example(Packet(route_code="0", test_id=cast("str", UserString("0"))))
def test_any_packet_is_written_or_refused_alike(packet: Packet) -> None:
    assert outcome(packet) == slowly(packet)


@given(USUAL_PACKETS)
def test_canonical_packets_are_written_alike_and_read_again(packet: Packet) -> None:
    octets = encode(packet)
    assert octets == slowly(packet)
    assert decode_by_reference(octets, 0, recovered=False) == packet


@pytest.mark.parametrize("body", [*range(50, 62), *range(245, 260), *range(16368, 16380)])
def test_packets_around_every_limit_are_written_alike(body: int) -> None:
    for name in ("test_id", "mime_type", "route_code"):
        packet = Packet(**cast("Any", {name: "a" * (body - 1)}))
        assert outcome(packet) == slowly(packet)
    packet = Packet(file_name="", file_bytes=bytes(body))
    assert outcome(packet) == slowly(packet)


@pytest.mark.parametrize(
    "item",
    named(
        [
            ("passthrough", Passthrough(b"(Pdb) ")),
            ("corrupt", Corrupt(b"\xb3", "version")),
            ("none", None),
            ("octets", b"\xb3"),
        ]
    ),
)
def test_other_items_are_treated_alike(item: object) -> None:
    assert outcome(item) == slowly(item)


def test_a_string_of_another_type_is_refused_also_when_its_text_was_written_before() -> None:
    encode(Packet(route_code="seen-before", test_tags=("seen-before",)))
    seen = cast("str", UserString("seen-before"))
    for packet in (Packet(route_code=seen), Packet(test_tags=(seen,)), Packet(mime_type=seen)):
        with pytest.raises(EncodeError, match="a string, not UserString"):
            encode(packet)


def test_many_strings_are_written_as_they_are() -> None:
    """More strings than the table keeps, twice."""
    for _ in range(2):
        for value in range(3000):
            packet = Packet(route_code=str(value), test_tags=(str(value + 1),))
            assert decode_by_reference(encode(packet), 0, recovered=False) == packet


def test_the_fast_way_is_taken() -> None:
    for _, packet, octets in PACKETS:
        canonical = replace(packet, timestamp=Timestamp(1, 1 << 22) if packet.timestamp else None)
        assert write_packet(canonical) == slowly(canonical)
        assert (write_packet(packet) or octets) == octets


# --- Both sources of checksums -----------------------------------------------------------

_WITHOUT_ISAL = """
import json, sys
if sys.argv[1] == "zlib":
    sys.modules["isal"] = None
from subunit2 import Packet, Reader, encode
from subunit2.packets.crc import crc32
stream = b"".join(
    encode(Packet(test_id=f"t{size}", file_name="log", file_bytes=bytes(range(256)) * size))
    for size in (0, 1, 7, 8, 9, 300)
)
headers = b"\\xb3\\x28\\x00\\xa0\\x00\\x00\\x05abc" * 9000
hostile = headers + bytes(1 << 21) + stream
items = [item.to_dict() for octets in (stream, hostile) for item in Reader().feed(octets)]
sums = [crc32(stream[:size], size) for size in range(300)]
print(crc32.__module__, json.dumps([stream.hex(), len(items), items[:9], items[-6:], sums]))
"""


def test_zlib_and_isal_give_the_same() -> None:
    said = {}
    for source in ("zlib", "isal"):
        ran = subprocess.run(
            [sys.executable, "-c", _WITHOUT_ISAL, source],
            capture_output=True,
            text=True,
            check=True,
        )
        module, _, result = ran.stdout.partition(" ")
        said[module] = json.loads(result)
    assert "zlib" in said
    if len(said) == 1:
        pytest.skip("isal is not installed")
    first, second = said.values()
    assert first == second


# --- The packets that readers make ---------------------------------------------------------


def pairs() -> list[Any]:
    """Packets made by the caller, and made by a reader."""
    result = []
    for name, packet, octets in PACKETS:
        [read] = Reader().feed(octets)
        assert type(read) is ReadPacket
        result.append((name, packet, read))
    return named(result)


@pytest.mark.parametrize(("given_one", "read"), pairs())
class TestAPacketThatWasRead:
    def test_is_equal_and_hashes_alike(self, given_one: Packet, read: Packet) -> None:
        assert read == given_one
        assert given_one == read
        assert hash(read) == hash(given_one)
        assert {read, given_one} == {read}
        assert read != replace(given_one, test_id="another")
        assert replace(given_one, test_id="another") != read

    def test_shows_and_says_the_same(self, given_one: Packet, read: Packet) -> None:
        in_place = replace(given_one, offset=read.offset, length=read.length)
        assert repr(read) == repr(in_place)
        assert read.to_dict() == in_place.to_dict()
        assert isinstance(read, Packet)

    def test_is_written_alike(self, given_one: Packet, read: Packet) -> None:
        assert encode(read) == encode(given_one)

    @pytest.mark.parametrize(
        "copied",
        named(
            [
                ("copy", copy.copy),
                ("deepcopy", copy.deepcopy),
                ("pickle", lambda packet: pickle.loads(pickle.dumps(packet))),  # noqa: S301 - ours
                ("replace", replace),
                ("msgspec", msgspec.structs.replace),
            ]
        ),
    )
    def test_can_be_copied(
        self, given_one: Packet, read: Packet, copied: Callable[[Packet], Packet]
    ) -> None:
        again = copied(read)
        assert again == given_one
        assert (again.offset, again.length) == (read.offset, read.length)
        assert repr(again) == repr(read)

    def test_can_be_changed_as_any_packet_can(self, given_one: Packet, read: Packet) -> None:
        changed = replace(read, test_status="error", test_tags={"b", "a"})
        assert changed.test_status == "fail"
        assert changed.test_tags == ("a", "b")
        assert changed == replace(given_one, test_status="fail", test_tags=("a", "b"))

    def test_cannot_be_assigned_to(self, given_one: Packet, read: Packet) -> None:
        for packet in (given_one, read):
            with pytest.raises(AttributeError):
                packet.test_id = "another"  # type: ignore[misc]


def test_packets_bring_values_into_their_form_and_those_of_readers_do_not() -> None:
    """msgspec looks for `__post_init__` when it creates a class, and never later."""
    tags = cast("tuple[str, ...]", ["b", "a"])
    given_one = Packet(test_tags=tags)
    assert given_one.test_tags == ("b", "a")
    values = cast(
        "Any", (None, None, tags, True, *[None] * 3, False, *[None] * 2, False, None, 0, 0)
    )
    assert ReadPacket(*values).test_tags is tags
    assert ReadPacket.__struct_fields__ == Packet.__struct_fields__
    assert ReadPacket.__post_init__ is Packet.__post_init__
