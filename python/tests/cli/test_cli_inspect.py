"""`subunit2 inspect`: show the octets and fields of a stream, and explain damage."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from rich.cells import cell_len

from subunit2 import ERROR_CODES, Corrupt, Packet, Passthrough, Timestamp, decode, encode, spec
from subunit2.damage.output import judge_regions
from support.command import CAPTURES, Done, Running, controls, run
from support.streams import (
    BAR_OCTETS,
    FOO_OCTETS,
    FULL_OCTETS,
    damaged,
    header,
    intact,
    named,
    number,
    string,
)

#: A damaged packet whose attachment contains a packet, with output around it.
SWALLOWING = damaged(encode(Packet(file_name="f", file_bytes=FOO_OCTETS)))
NOISY = b"building\n" + FOO_OCTETS + damaged(BAR_OCTETS) + b"(Pdb) " + FULL_OCTETS + SWALLOWING


def inspect(stream: bytes, *options: str, **changes: str) -> str:
    """Return the output for a stream, with `options`."""
    done = run("inspect", *options, stdin=stream, changes=changes)
    assert (done.status, done.errors) == (0, b"")
    return done.text


@cache
def shown(capture: Path) -> str:
    return inspect(capture.read_bytes())


@cache
def shown_whole(capture: Path) -> str:
    return inspect(capture.read_bytes(), "--full")


def assert_fits(text: str, columns: int = 80) -> None:
    assert [line for line in text.split("\n") if cell_len(line) > columns] == []


def summary_of(text: str) -> str:
    """Return the text of the summary, from its heading on."""
    start = text.rindex("summary  ")
    assert start == 0 or text[start - 1] == "\n"
    return text[start:]


# --- Output -----------------------------------------------------------------------


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_capture_is_shown_octet_for_octet(capture: Path) -> None:
    stream = capture.read_bytes()
    seen = bytearray(len(stream))
    for place, hexes in re.findall(
        r"^ *(\d+)  ([0-9a-f]{2}(?: [0-9a-f]{2})*)(?:  |$)", shown_whole(capture), re.MULTILINE
    ):
        start, octets = int(place), bytes.fromhex(hexes)
        assert stream[start : start + len(octets)] == octets
        assert not any(seen[start : start + len(octets)]), f"{start} twice"
        seen[start : start + len(octets)] = b"\1" * len(octets)
    for item in judge_regions(decode(stream)):
        if isinstance(item, Passthrough):
            seen[item.offset : item.offset + item.length] = b"\1" * item.length
    assert bytes(seen) == b"\1" * len(stream)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_capture_fits_80_columns(capture: Path) -> None:
    assert_fits(shown(capture))
    assert_fits(shown_whole(capture))


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_capture_has_nothing_in_it_that_harms_a_terminal(capture: Path) -> None:
    assert set(controls(shown(capture))) == set(controls(shown_whole(capture))) == {"\n"}


def test_fields_of_a_packet_are_labelled_and_said() -> None:
    packet = Packet(
        test_id="pkg.test_é",
        test_status="fail",
        test_tags=("slow",),
        mime_type="text/plain",
        file_name="traceback",
        file_bytes=b"Traceback\xff\n",
        eof=True,
        route_code="0/3",
        timestamp=Timestamp(1_754_000_001, 999_999_999),
    )
    text = inspect(encode(packet))
    assert text.startswith(f"packet at 0, {len(encode(packet))} octets: pkg.test_é, fail, file ")
    shown = " ".join(re.sub(r"^.{35}", "", text, flags=re.MULTILINE).split())
    for label, says in [
        ("signature", ""),
        ("flags", "version 2, "),
        ("length", f"{len(encode(packet))}"),
        ("seconds", "2025-07-31 22:13:21 UTC"),
        ("nanoseconds", "999,999,999"),
        ("test id", "pkg.test_é"),
        ("tag count", "1"),
        ("tag 1", "slow"),
        ("MIME type", "text/plain"),
        ("file name", "traceback"),
        ("content", "11 octets: Traceback\\xff\\n"),
        ("route code", "0/3"),
        ("checksum", "right"),
    ]:
        assert f"{label} {says}".strip() in shown
    for flag in ("test id", "route code", "timestamp", "runnable", "tags", "file", "MIME type"):
        assert f"{flag}," in shown
    assert "end of file, status fail" in shown


def test_empty_input() -> None:
    assert inspect(b"") == (
        "summary  0 octets\n  0 packets\n  0 octets of passthrough\n  0 damaged regions\n"
    )


@pytest.mark.parametrize("count", [30, 38, 39, 76, 200])
def test_wide_characters_fit(count: int) -> None:
    text = "漢" * count
    packet = Packet(test_id=text, file_name=text, file_bytes=text.encode())
    assert_fits(inspect(encode(packet)))


@pytest.mark.parametrize("count", [30, 38, 39, 76, 200])
def test_a_line_of_wide_characters_fits(count: int) -> None:
    text = inspect(("漢" * count).encode() + b"\n")
    assert text.count("漢") == count
    assert_fits(text)


@pytest.mark.parametrize("count", [60, 76, 200])
def test_a_line_that_does_not_end_fits(count: int) -> None:
    assert_fits(inspect(b"x" * count))


def test_long_text_fits() -> None:
    packet = Packet(test_id="x" * 300, test_status="inprogress", test_tags=["y" * 90, "z z" * 40])
    assert_fits(inspect(b"w" * 200 + b"\n" + encode(packet)))


def test_more_octets_than_fit_are_counted_unless_all_are_asked_for() -> None:
    packet = encode(Packet(file_name="f", file_bytes=bytes(range(200))))
    assert re.search(r"^ {10}… 1\d\d more", inspect(packet), re.MULTILINE)
    assert "more" not in inspect(packet, "--full")


# --- Passthrough -------------------------------------------------------------------------


def test_lines_of_passthrough() -> None:
    text = inspect(b"one\n\ntwo\n" + FOO_OCTETS)
    assert text.startswith("passthrough at 0\n  | one\n  |\n  | two\n\npacket at 9, 12 octets")


def test_chunks_of_passthrough_are_joined() -> None:
    with Running("inspect") as running:
        running.feed(b"one li")
        running.expect(lambda output: output == b"passthrough at 0\n  | one li")
        running.feed(b"ne\ntwo \xe6\xbc")
        running.expect(lambda output: output.endswith(b"  | one line\n  | two "))
        running.feed(b"\xa2!\n")
        running.expect(lambda output: output.endswith(b"  | two \xe6\xbc\xa2!\n"))
        done = running.finish()
    assert done.text.startswith("passthrough at 0\n  | one line\n  | two 漢!\n\nsummary")


def test_a_line_that_does_not_end() -> None:
    text = inspect(b"(Pdb) " + FOO_OCTETS)
    assert re.match(r"passthrough at 0\n  \| \(Pdb\) \s*\(no line end\)\n\npacket at 6,", text)


def test_a_character_that_is_cut_is_escaped() -> None:
    assert "  | caf\\xc3" in inspect(b"caf\xc3" + FOO_OCTETS)
    assert "  | caf\\xe9 au lait" in inspect(b"caf\xe9 au lait\n")


def test_white_space_of_a_long_line_is_kept() -> None:
    line = "    if x:  " + "word " * 30 + "end"
    text = inspect(line.encode() + b"\n")
    shown = "".join(each[4:] for each in text.split("\n") if each.startswith("  | "))
    assert text.startswith("passthrough at 0\n  |     if x:  word ")
    assert shown.replace(" ", "") == line.replace(" ", "")


def test_lines_beyond_the_fortieth_are_counted() -> None:
    stream = b"".join(b"line %d\n" % each for each in range(1, 201)) + FOO_OCTETS
    text = inspect(stream)
    assert "\n  | line 40\n  | … 160 lines more\n\npacket at" in text
    assert "line 41" not in text
    whole = inspect(stream, "--full")
    assert "lines more" not in whole
    assert "\n  | line 41\n" in whole
    assert "\n  | line 200\n\npacket at" in whole
    # The limit applies to each block of passthrough.
    assert inspect(stream * 2).count("… 160 lines more") == 2


@pytest.mark.parametrize("last", [b"", b"line 41", b"line 41\n"])
def test_lines_are_counted_to_the_last(last: bytes) -> None:
    text = inspect(b"x\n" * 40 + last)
    assert ("more" in text) == bool(last)


# --- Damage ------------------------------------------------------------------------------

# Each error, at the start of a stream, and words of its explanation.
ERRORS: list[tuple[str, bytes, str]] = [
    ("version", b"\xb3\x19", "version 2"),
    ("reserved_bit", b"\xb3\x29\x08\x0c", "bit of the flags"),
    ("length_encoding", b"\xb3\x29\x01\xc0\0\0\x0c", "four octets"),
    ("length_too_short", header(0x2900, 7), "less than that of a packet without"),
    ("truncated", FULL_OCTETS[:-1], "ends before the packet does"),
    ("truncated", b"\xb3\x29", "ends before the packet does"),
    ("checksum", damaged(FOO_OCTETS), "changed, lost or added"),
    ("field_overrun", intact(0x2800, b"\x06"), "extends past"),
    ("nanoseconds", intact(0x2200, bytes(4) + number(10**9, 4)), "are a second or more"),
    ("utf8", intact(0x2800, string(b"\xff")), "not UTF-8"),
    ("nul", intact(0x2800, string(b"\0")), "NUL"),
    ("trailing_bytes", intact(0x2000, b"left"), "left between"),
]


@pytest.mark.parametrize(
    ("error", "stream", "words"),
    [pytest.param(*row, id=f"{row[0]}-{row[1].hex()[:8]}") for row in ERRORS],
)
def test_each_error_is_explained_with_its_clause(error: str, stream: bytes, words: str) -> None:
    first = next(decode(stream))
    assert isinstance(first, Corrupt)
    assert first.error == error
    text = inspect(stream)
    plural = "s" if first.length > 1 else ""
    assert text.startswith(f"damaged at 0, {first.length} octet{plural}: {error}\n")
    explained = re.search(r"\n((?:  [^ ].*\n)+)", text)
    assert explained
    said = " ".join(explained[1].split())
    assert words in said
    (clause,) = re.findall(r"\[([\w.-]+)\]$", said)
    assert spec.clause(clause).error == error
    assert f"1 {error}" in summary_of(text)
    assert_fits(text)


def test_every_error_is_shown_here() -> None:
    assert {row[0] for row in ERRORS} == set(ERROR_CODES)


def test_what_a_cut_packet_lacks_is_said() -> None:
    assert "claims 5 octets more" in " ".join(inspect(FULL_OCTETS[:-5]).split()).replace(
        "claims 5 more octets", "claims 5 octets more"
    )


def test_a_wrong_checksum_is_shown_beside_the_right_one() -> None:
    assert "wrong: the octets give 08555f1b" in inspect(damaged(FOO_OCTETS))


def test_a_recovered_packet_is_explained() -> None:
    text = inspect(b"ab\n" + FOO_OCTETS + SWALLOWING)
    said = " ".join(text.split())
    assert "Recovered: it starts inside the length that the damage at 15 claims." in said
    assert "[recovery.recovered]" in said
    assert spec.clause("recovery.recovered")
    assert "1 packet recovered" in summary_of(text)


CLAIMS: list[tuple[str, bytes, int]] = [
    ("behind two octets of the header", header(0x20B3, 41)[:2] + FOO_OCTETS, 0),
    ("behind one octet of the length", b"\xb3\x29\x01\x40" + FOO_OCTETS, 0),
    ("behind the whole header", header(0x2901, 40) + FOO_OCTETS, 0),
    ("two", header(0x2901, 60) + FOO_OCTETS + FOO_OCTETS, 0),
    (
        "inside the later claim",
        header(0x2901, 20) + FOO_OCTETS + header(0x2901, 60) + FOO_OCTETS,
        16,
    ),
    ("inside the first claim", header(0x2901, 60) + FOO_OCTETS + header(0x2901, 8) + FOO_OCTETS, 0),
]


@pytest.mark.parametrize(("stream", "damage"), named(CLAIMS))
def test_a_recovered_packet_names_the_damage(stream: bytes, damage: int) -> None:
    assert any(isinstance(item, Packet) and item.recovered for item in decode(stream))
    assert f"the damage at {damage} claims" in " ".join(inspect(stream).split())


def test_damage_alone() -> None:
    whole, alone = inspect(NOISY), inspect(NOISY, "--damage")
    assert alone.count("\ndamaged at") + alone.startswith("damaged at") == 2
    # Recovered packets are shown with the damage.
    assert alone.count("packet at") == alone.count("Recovered: ") == 1
    assert "passthrough at" not in alone
    assert summary_of(alone) == summary_of(whole)
    assert all(block in whole for block in alone.split("\n\n"))


def test_strict() -> None:
    sound = run("inspect", "--strict", stdin=FOO_OCTETS + b"building\n")
    assert sound.status == 0
    strict = run("inspect", "--strict", stdin=NOISY)
    assert strict == Done(1, inspect(NOISY).encode(), b"")
    assert run("inspect", "--strict", "--json", stdin=NOISY).status == 1


# --- The summary -------------------------------------------------------------------------


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_summary_is_right(capture: Path) -> None:
    read = list(decode(capture.read_bytes()))
    # clause damage.output
    items = list(judge_regions(read))
    packets = [item for item in items if isinstance(item, Packet)]
    corrupt = [item for item in items if isinstance(item, Corrupt)]
    told = json.loads(inspect(capture.read_bytes(), "--json"))
    assert told == {
        "octets": capture.stat().st_size,
        "packets": len(packets),
        "recovered": sum(packet.recovered for packet in packets),
        "statuses": Counter(packet.test_status for packet in packets if packet.test_status),
        "passthrough_octets": sum(each.length for each in items if isinstance(each, Passthrough)),
        "output_regions": sum(isinstance(item, Corrupt) for item in read) - len(corrupt),
        "damaged_regions": len(corrupt),
        "damaged_octets": sum(item.length for item in corrupt),
        "errors": Counter(item.error for item in corrupt),
        "damage_reports": 0,
        "suspects": told["suspects"],
    }
    words = summary_of(shown(capture)).replace(",", "")
    # They are named by their offsets, and shown as output.
    del told["suspects"], told["output_regions"]
    for value in told.values():
        for name, count in value.items() if isinstance(value, dict) else [("", value)]:
            assert not count or re.search(rf"\b{count} {name}", words), (name, count)


def test_summary_in_words() -> None:
    assert summary_of(inspect(NOISY)) == (
        "summary  178 octets\n"
        "  3 packets: 2 exists, 1 fail\n"
        "  19 octets of passthrough\n"
        "  2 damaged regions, 47 octets: 2 checksum\n"
        "  1 packet recovered\n"
    )


def test_summary_alone() -> None:
    assert inspect(NOISY, "--summary") == summary_of(inspect(NOISY))


def test_summary_as_json_is_one_line() -> None:
    text = inspect(NOISY, "--json")
    assert text.count("\n") == 1
    assert json.loads(text)["packets"] == 3


@pytest.mark.parametrize("accent", ["\u0333", "\u05b3", "\ud7b3"])
def test_output_that_takes_no_columns(accent: str) -> None:
    assert f"  | {accent}  (no line end)\n" in inspect(accent.encode())
