"""The items that a reader finds: packets, passthrough and damage, with their offsets.

Damage is shown at a sync point (the start of the stream, behind a line and behind a
packet), off one (behind output without a newline), and at the end of the stream.
"""

from __future__ import annotations

import pytest

from subunit2 import ERROR_CODES, Corrupt, ErrorCode, Item, Packet, Passthrough, Reader
from support.streams import (
    BAR,
    BAR_OCTETS,
    FOO,
    FOO_OCTETS,
    FULL,
    FULL_OCTETS,
    checked,
    damaged,
    header,
    intact,
    named,
    number,
    packets,
    read,
    read_in_chunks,
    string,
)

# --- Streams and their items -----------------------------------------------------------

STREAMS: list[tuple[str, bytes, list[Item]]] = [
    ("nothing", b"", []),
    ("the README's packet", FOO_OCTETS, [FOO]),
    ("packets in a row", FOO_OCTETS + BAR_OCTETS + FULL_OCTETS, [FOO, BAR, FULL]),
    ("output", b"make: all\n", [Passthrough(b"make: all\n")]),
    ("output without a newline", b"(Pdb) ", [Passthrough(b"(Pdb) ")]),
    ("a line, a packet", b"ok\n" + FOO_OCTETS, [Passthrough(b"ok\n"), FOO]),
    ("a packet, a line", FOO_OCTETS + b"ok\n", [FOO, Passthrough(b"ok\n")]),
    (
        # clause stream.try-everywhere
        "a packet right behind output",
        b"starting server" + BAR_OCTETS,
        [Passthrough(b"starting server"), BAR],
    ),
    (
        "output between packets, without a newline",
        FOO_OCTETS + b"..." + BAR_OCTETS + b"." + FOO_OCTETS,
        [FOO, Passthrough(b"..."), BAR, Passthrough(b"."), FOO],
    ),
    (
        "a packet behind octets that are no text",
        bytes(range(0x80, 0xB3)) + FOO_OCTETS,
        [Passthrough(bytes(range(0x80, 0xB3))), FOO],
    ),
    ("the other octets", bytes(range(0xB4, 0x100)), [Passthrough(bytes(range(0xB4, 0x100)))]),
    (
        # clause stream.intact-whole
        "a stream in an attachment",
        intact(0x2040, string(b"f") + string(FOO_OCTETS + b"\n" + BAR_OCTETS)),
        [Packet(file_name="f", file_bytes=FOO_OCTETS + b"\n" + BAR_OCTETS, runnable=False)],
    ),
    ("a packet with nothing", intact(0x2000), [Packet(runnable=False)]),
]


@pytest.mark.parametrize(("stream", "items"), named(STREAMS))
def test_stream(stream: bytes, items: list[Item]) -> None:
    assert read(stream) == items


def test_offsets_are_counted_from_the_start_of_the_stream() -> None:
    items = read(b"ok\n" + FOO_OCTETS + damaged(FOO_OCTETS) + BAR_OCTETS)
    assert [(item.offset, item.length) for item in items] == [(0, 3), (3, 12), (15, 12), (27, 40)]


# --- Damage ----------------------------------------------------------------------------

# clause packet.first-error: the shortest octets with each error; `truncated` ends earlier.
# Name, octets, error, number of octets that are corrupt at a sync point.
DAMAGE: list[tuple[str, bytes, ErrorCode, int]] = [
    ("version 0", header(0x0901, 12), "version", 1),
    ("version 1", b"\xb3\x19", "version", 1),
    ("version 3", header(0x3901, 12), "version", 1),
    ("reserved bit", b"\xb3\x20\x08", "reserved_bit", 1),
    ("length of 4 octets", b"\xb3\x20\x00\xc0", "length_encoding", 1),
    ("length 0", b"\xb3\x20\x00\x00", "length_too_short", 1),
    ("length 7", b"\xb3\x20\x00\x07", "length_too_short", 1),
    ("length under its own width", b"\xb3\x20\x00\x40\x08", "length_too_short", 1),
    ("length under the fields'", b"\xb3\x28\x00\x08abcd", "checksum", 8),
    ("a checksum", damaged(FOO_OCTETS), "checksum", 12),
    ("the least packet's checksum", damaged(intact(0x2000)), "checksum", 8),
    ("a field's size", intact(0x2800, b"\x02a"), "field_overrun", 10),
    ("a number that is cut", intact(0x2800, b"\x40"), "field_overrun", 9),
    ("a size of 4 octets", intact(0x2800, b"\xff\xff\xff\xff"), "field_overrun", 12),
    ("too many tags", intact(0x2080, b"\x02\x01a"), "field_overrun", 11),
    ("very many tags", intact(0x2080, b"\xff\xff\xff\xff"), "field_overrun", 12),
    ("file content's size", intact(0x2040, b"\x00\x01"), "field_overrun", 10),
    ("seconds that are cut", checked(header(0x2200, 11) + b"abc"), "field_overrun", 11),
    # clause length.least: the checksum decides first, and then the fields
    ("no room for the test id", bytes.fromhex("b32800081606a102"), "field_overrun", 8),
    ("no room for any field", checked(header(0x2FE0, 8)), "field_overrun", 8),
    ("nanoseconds", intact(0x2200, bytes(4) + number(10**9, 4)), "nanoseconds", 16),
    ("the most nanoseconds", intact(0x2200, bytes(4) + b"\xff" * 4), "nanoseconds", 16),
    ("an overlong form", intact(0x2800, string(b"\xc0\xaf")), "utf8", 11),
    ("an overlong NUL", intact(0x2800, string(b"\xc0\x80")), "utf8", 11),
    ("a surrogate", intact(0x2800, string(b"\xed\xa0\x80")), "utf8", 12),
    ("above U+10FFFF", intact(0x2800, string(b"\xf4\x90\x80\x80")), "utf8", 13),
    ("a character that is cut", intact(0x2800, string(b"caf\xc3")), "utf8", 13),
    ("a tag that is not UTF-8", intact(0x2080, b"\x01\x01\xff"), "utf8", 11),
    ("a MIME type that is not UTF-8", intact(0x2020, b"\x01\xff"), "utf8", 10),
    ("a file name that is not UTF-8", intact(0x2040, b"\x01\xff\x00"), "utf8", 11),
    ("a route code that is not UTF-8", intact(0x2400, b"\x01\xff"), "utf8", 10),
    ("NUL in a test id", intact(0x2800, b"\x01\x00"), "nul", 10),
    ("NUL in a tag", intact(0x2080, b"\x01\x01\x00"), "nul", 11),
    ("NUL in a MIME type", intact(0x2020, b"\x02a\x00"), "nul", 11),
    ("NUL in a file name", intact(0x2040, b"\x01\x00\x00"), "nul", 11),
    ("NUL in a route code", intact(0x2400, b"\x02\x00a"), "nul", 11),
    ("an octet too many", intact(0x2800, b"\x00\x00"), "trailing_bytes", 10),
    ("octets without a field", intact(0x2000, b"abc"), "trailing_bytes", 11),
]
#: Damage that leaves a packet its form: its sizes are as they were.
DAMAGED_IN_FORM = (damaged(FOO_OCTETS), damaged(intact(0x2000)))
UNUSABLE = ("version", "reserved_bit", "length_encoding", "length_too_short")
MALFORMED = ("field_overrun", "nanoseconds", "utf8", "nul", "trailing_bytes")


def test_every_error_but_the_end_of_the_stream_is_among_the_damage() -> None:
    assert {row[2] for row in DAMAGE} == set(ERROR_CODES) - {"truncated"}


def expected_at_sync_point(octets: bytes, error: ErrorCode, length: int) -> list[Item]:
    rest: list[Item] = [Passthrough(octets[length:])] if octets[length:] else []
    return [Corrupt(octets[:length], error), *rest]


@pytest.mark.parametrize(("octets", "error", "length"), named(DAMAGE))
def test_damage_at_a_sync_point(octets: bytes, error: ErrorCode, length: int) -> None:
    # clauses recovery.unusable, recovery.region, recovery.report
    expected = expected_at_sync_point(octets, error, length)
    # At the start of the stream, behind a line, behind a packet.
    assert read(octets) == expected
    assert read(b"ok\n" + octets) == [Passthrough(b"ok\n"), *expected]
    assert read(FOO_OCTETS + octets) == [FOO, *expected]


@pytest.mark.parametrize(("octets", "error", "length"), named(DAMAGE))
def test_behind_damage_a_packet_is_found(octets: bytes, error: ErrorCode, length: int) -> None:
    stream = octets + BAR_OCTETS
    assert read(stream) == [*expected_at_sync_point(octets, error, length), BAR]
    stream = octets + b"\n" + BAR_OCTETS
    assert packets(read(stream)) == [BAR]


@pytest.mark.parametrize(("octets", "error", "length"), named(DAMAGE))
def test_damage_off_a_sync_point(octets: bytes, error: ErrorCode, length: int) -> None:
    # clauses stream.false-start, stream.intact-whole
    expected: list[Item] = (
        [Passthrough(b"output"), Corrupt(octets, error)]
        if error in MALFORMED or octets in DAMAGED_IN_FORM
        else [Passthrough(b"output" + octets)]
    )
    assert read(b"output" + octets) == expected
    assert read(b"output" + octets + BAR_OCTETS) == [*expected, BAR]


@pytest.mark.parametrize(
    "octets", [FOO_OCTETS, BAR_OCTETS, FULL_OCTETS], ids=["foo", "bar", "full"]
)
def test_a_packet_that_the_stream_ends_in_is_truncated(octets: bytes) -> None:
    # clause packet.truncated: also within the header
    for size in range(1, len(octets)):
        cut = octets[:size]
        assert read(cut) == [Corrupt(cut, "truncated")]
        assert read(b"\n" + cut) == [Passthrough(b"\n"), Corrupt(cut, "truncated")]
        assert read(FOO_OCTETS + cut) == [FOO, Corrupt(cut, "truncated")]
        # Off a sync point it is passthrough.
        assert read(b"output" + cut) == [Passthrough(b"output" + cut)]


# clause packet.truncated: an error in the header's octets comes first
@pytest.mark.parametrize(
    ("octets", "error"),
    [
        ("b3", "truncated"),
        ("b31f", "version"),
        ("b328", "truncated"),
        ("b32808", "reserved_bit"),
        ("b32800", "truncated"),
        ("b32800c0", "length_encoding"),
        ("b3280040", "truncated"),
        ("b328008000", "truncated"),
        ("b3280005", "length_too_short"),
        ("b3280008", "truncated"),
    ],
)
def test_a_header_that_the_stream_ends_in(octets: str, error: ErrorCode) -> None:
    stream = bytes.fromhex(octets)
    length = 1 if error in UNUSABLE else len(stream)
    assert read(stream) == expected_at_sync_point(stream, error, length)


# clause packet.first-error: both are true of each, and the first is named
BOTH: list[tuple[str, bytes, ErrorCode]] = [
    ("version before reserved bit", b"\xb3\x10\x08\x08abcd", "version"),
    ("reserved bit before length encoding", b"\xb3\x20\x08\xc0abcd", "reserved_bit"),
    ("length encoding before too short", b"\xb3\x20\x00\xc0\x00\x00\x01a", "length_encoding"),
    ("too short before truncated", b"\xb3\x28\x00\x07", "length_too_short"),
    ("too short before checksum", b"\xb3\x28\x00\x07abcd", "length_too_short"),
    ("truncated before checksum", damaged(FOO_OCTETS)[:-1], "truncated"),
    ("checksum before overrun", damaged(intact(0x2800, b"\x02a")), "checksum"),
    ("checksum before UTF-8", damaged(intact(0x2800, b"\x01\xff")), "checksum"),
    ("checksum before trailing", damaged(intact(0x2000, b"a")), "checksum"),
    (
        "nanoseconds before an overrun behind them",
        intact(0x2A00, bytes(4) + b"\xff" * 4 + b"\x02a"),
        "nanoseconds",
    ),
    (
        "nanoseconds before UTF-8 behind them",
        intact(0x2A00, bytes(4) + b"\xff" * 4 + b"\x01\xff"),
        "nanoseconds",
    ),
    ("UTF-8 before an overrun behind it", intact(0x2880, b"\x01\xff\x02\x00"), "utf8"),
    ("an overrun before what it cuts", intact(0x2800, b"\x03\xff\x00"), "field_overrun"),
    ("UTF-8 before NUL in one string", intact(0x2800, b"\x02\x00\xff"), "utf8"),
    ("NUL before UTF-8 of the next string", intact(0x2C00, b"\x01\x00\x01\xff"), "nul"),
    ("UTF-8 before NUL of the next string", intact(0x2C00, b"\x01\xff\x01\x00"), "utf8"),
    ("NUL before UTF-8 of the next tag", intact(0x2080, b"\x02\x01\x00\x01\xff"), "nul"),
    ("UTF-8 before NUL of the next tag", intact(0x2080, b"\x02\x01\xff\x01\x00"), "utf8"),
    ("NUL before an overrun behind it", intact(0x2C00, b"\x01\x00\x05a"), "nul"),
    ("NUL before trailing", intact(0x2800, b"\x01\x00a"), "nul"),
    ("UTF-8 before trailing", intact(0x2400, b"\x01\xffa"), "utf8"),
    ("UTF-8 of a tag before trailing", intact(0x2080, b"\x01\x01\xffa"), "utf8"),
    ("UTF-8 of a name before trailing", intact(0x2040, b"\x01\xff\x01aa"), "utf8"),
    ("UTF-8 of a name before its content", intact(0x2040, b"\x01\xff\x02a"), "utf8"),
    (
        "nanoseconds before trailing",
        intact(0x2200, bytes(4) + b"\xff" * 4 + b"a"),
        "nanoseconds",
    ),
]


@pytest.mark.parametrize(("octets", "error"), named(BOTH))
def test_the_first_error_is_named(octets: bytes, error: ErrorCode) -> None:
    [damage, *_] = read(octets)
    assert isinstance(damage, Corrupt)
    assert damage.error == error


# --- Sync points -------------------------------------------------------------------------


# clause stream.sync-point: a version that cannot be read is damage there, and
# passthrough anywhere else
SYNC_POINTS: list[tuple[str, bytes, bool]] = [
    ("the start of the stream", b"", True),
    ("behind a packet", FOO_OCTETS, True),
    ("behind a malformed packet", intact(0x2000, b"a"), True),
    ("behind a packet that stands off one", b"output" + FOO_OCTETS, True),
    ("behind a region that ends where its header said", damaged(FOO_OCTETS), True),
    ("behind a packet that ends a region", header(0x2800, 63) + FOO_OCTETS, True),
    ("behind a line feed", b"\n", True),
    ("behind an empty line", b"\xff\n\n", True),
    ("behind a line feed in Latin-1", b"\xfc\n", True),
    ("behind output", b"a", False),
    ("behind a carriage return", b"a\r", False),
    ("behind an unusable header", b"\xb3\x10", False),
    ("right behind an unusable header's signature", b"\xb3", False),
]


@pytest.mark.parametrize(("before", "sync_point"), named(SYNC_POINTS))
def test_sync_point(before: bytes, sync_point: bool) -> None:
    items = read(before + b"\xb3\x10")
    if sync_point:
        assert items[-2:] == [Corrupt(b"\xb3", "version"), Passthrough(b"\x10")]
    else:
        last = items[-1]
        assert isinstance(last, Passthrough)
        assert last.data.endswith(b"\xb3\x10")


# --- The reader itself ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_octets_of_any_kind_are_taken(kind: type) -> None:
    reader = Reader()
    assert reader.feed(kind(b"ok\n" + FOO_OCTETS)) == [Passthrough(b"ok\n"), FOO]


def test_other_data_than_octets_is_refused() -> None:
    reader = Reader()
    for wrong in ("text", 3, [1, 2], None):
        with pytest.raises(TypeError):
            reader.feed(wrong)  # type: ignore[arg-type]
    assert reader.feed(FOO_OCTETS) == [FOO]


def test_items_do_not_change_with_the_callers_buffer() -> None:
    buffer = bytearray(b"ok\n" + FULL_OCTETS)
    reader = Reader()
    items = reader.feed(buffer)
    buffer[:] = bytes(len(buffer))
    assert items == [Passthrough(b"ok\n"), FULL]


def test_the_callers_buffer_is_free_after_feed() -> None:
    buffer = bytearray(FOO_OCTETS[:5])
    Reader().feed(buffer)
    buffer.clear()


def test_feeding_nothing_settles_nothing() -> None:
    reader = Reader()
    assert reader.feed(b"") == []
    assert reader.feed(FOO_OCTETS[:5]) == []
    assert reader.feed(b"") == []
    assert reader.feed(FOO_OCTETS[5:]) == [FOO]


def test_a_closed_reader_is_closed() -> None:
    reader = Reader()
    reader.feed(FOO_OCTETS[:5])
    assert reader.close() == [Corrupt(FOO_OCTETS[:5], "truncated")]
    assert reader.close() == []
    with pytest.raises(ValueError, match="the reader is closed"):
        reader.feed(b"")
    with pytest.raises(ValueError, match="the reader is closed"):
        reader.stop_waiting()


@pytest.mark.parametrize(("stream", "items"), named(STREAMS))
def test_through_the_kaitai_reader(stream: bytes, items: list[Item]) -> None:
    assert read_in_chunks([stream], reference=True) == items
