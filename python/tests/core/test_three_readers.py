"""Three independent readers, made from different sources, agree.

The reader of the library decodes packets with the parser that Kaitai Struct generates from
subunit2.ksy; the recogniser matches grammar.ebnf and follows the clauses word for word;
python-subunit is the implementation in common use. `python_subunit` lists its divergences by
name.

HYPOTHESIS_PROFILE=fuzz draws many more streams, and different ones each time.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from subunit2 import Item, Packet, Passthrough, Reader, Timestamp, encode, spec
from subunit2.grammar.generating import (
    arbitrary_octets,
    clean_streams,
    malformed_packets,
    packets,
    streams,
)
from subunit2.grammar.recogniser import recognise
from subunit2.packets.header import MAX_PACKET
from subunit2.packets.numbers import encode_number
from support.python_subunit import (
    DIVERGENCES,
    LOSSES,
    Divergence,
    Loss,
    Sight,
    events_of,
    read_by_python_subunit,
)
from support.sampling import examples

CAPTURES = sorted(
    (Path(__file__).resolve().parents[3] / "conformance" / "captures").glob("*.subunit")
)

FOO = bytes.fromhex("b329010c03666f6f08555f1b")

FULL = encode(
    Packet(
        test_id="té",
        test_status="fail",
        test_tags=["a", ""],
        mime_type="x/y",
        file_name="log",
        file_bytes=b"\xb3\n",
        eof=True,
        route_code="0",
        timestamp=Timestamp(1_700_000_000, 70_000),
    )
)


def drawn(count: int) -> settings:
    """Settings for a number of examples, or for the number of the profile if it is greater."""
    return settings(
        max_examples=max(examples(count), settings().max_examples),
        # Drawing a stream of many packets of many parts is slow.
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


def read(stream: bytes, *, reference: bool = False, cut: int = 0) -> list[Item]:
    reader = Reader(reference=reference)
    return reader.feed(stream[:cut]) + reader.feed(stream[cut:]) + reader.close()


def forms(items: list[Item]) -> list[dict[str, Any]]:
    """Return the JSON form of items, adjacent passthrough joined."""
    joined: list[dict[str, Any]] = []
    for form in (item.to_dict() for item in items):
        if joined and form["kind"] == joined[-1]["kind"] == "passthrough":
            joined[-1]["bytes"] += form["bytes"]
            joined[-1]["length"] += form["length"]
        else:
            joined.append(form)
    return joined


def check_recogniser_agrees(stream: bytes, cut: int = 0) -> None:
    recognised = forms(recognise(stream))
    assert forms(read(stream, reference=True)) == recognised
    assert forms(read(stream, cut=cut)) == recognised


def diverges_by(items: list[Item]) -> list[str]:
    sight = Sight.of(items)
    return [divergence.name for divergence in DIVERGENCES if divergence.may_occur(sight)]


def check_python_subunit_agrees(stream: bytes) -> None:
    """Assert that the two agree exactly if no known divergence applies."""
    items = read(stream)
    agree = read_by_python_subunit(stream) == events_of(items)
    assert agree == (diverges_by(items) == [])


# ---- The reader and the recogniser ---------------------------------------------


@drawn(300)
@given(streams(), st.integers(0, 200))
def test_reader_and_recogniser_agree_on_damaged_streams(stream: bytes, cut: int) -> None:
    check_recogniser_agrees(stream, cut)


@drawn(200)
@given(arbitrary_octets(), st.integers(0, 60))
def test_reader_and_recogniser_agree_on_any_octets(stream: bytes, cut: int) -> None:
    check_recogniser_agrees(stream, cut)


@drawn(300)
@given(malformed_packets())
def test_reader_and_recogniser_name_the_same_error(octets: bytes) -> None:
    check_recogniser_agrees(octets)


@drawn(120)
@given(streams(), st.lists(st.integers(0, 200), max_size=3), st.integers(1, 9))
def test_reader_and_recogniser_agree_where_the_caller_stops_waiting(
    stream: bytes, cuts: list[int], size: int
) -> None:
    # clause reader.stop-waiting
    stops = sorted({min(cut, len(stream)) for cut in cuts})
    reader = Reader()
    items: list[Item] = []
    start = 0
    for end in (*stops, len(stream)):
        for index in range(start, end, size):
            items += reader.feed(stream[index : min(index + size, end)])
        if end in stops:
            items += reader.stop_waiting()
        start = end
    assert forms(items + reader.close()) == forms(recognise(stream, stops))


def test_they_agree_on_every_bit_flip_of_a_packet() -> None:
    for index in range(len(FULL)):
        for bit in range(8):
            flipped = FULL[:index] + bytes([FULL[index] ^ 1 << bit]) + FULL[index + 1 :]
            check_recogniser_agrees(flipped + FOO)


@pytest.mark.parametrize("before", [b"", b"ok ", "ó".encode(), FOO[:8]], ids=repr)
def test_they_agree_on_every_truncation_of_a_stream(before: bytes) -> None:
    stream = before + FULL + FOO
    for end in range(len(stream) + 1):
        check_recogniser_agrees(stream[:end])


def test_they_agree_on_a_packet_torn_by_another_at_every_index() -> None:
    for index in range(len(FULL) + 1):
        check_recogniser_agrees(FULL[:index] + FOO + FULL[index:])
        check_recogniser_agrees(FULL[:index] + FOO[:5] + FULL[index:] + FOO[5:])


def test_they_agree_on_a_packet_that_lost_octets_at_every_index() -> None:
    for index in range(len(FULL)):
        for lost in (1, 2, 9):
            check_recogniser_agrees(FULL[:index] + FULL[index + lost :] + FOO)


TRICKY = {
    "nothing": b"",
    "a signature": b"\xb3",
    "signatures": b"\xb3" * 40,
    "signatures, then a packet": b"\xb3" * 9 + FOO,
    "a header in a header": b"\xb3\xb3\x20\x00\x08",
    "headers that claim one another": b"\xb3\x20\x00\x3f" * 20 + FOO,
    "a claim of 4 MiB": b"\xb3\x20\x00\xbf\xff\xff" + FOO + FOO,
    "a claim of 4 MiB in passthrough": b"x\xb3\x20\x00\xbf\xff\xff\n" + FOO,
    "claims that end together": b"\xb3\x20\x00\x10" + b"\xb3\x20\x00\x0c" + FOO,
    "a claim that ends where a packet does": b"\xb3\x20\x00\x10" + FOO + FOO,
    "a claim that ends in a packet": b"\xb3\x20\x00\x0a" + FOO + FOO,
    "a claim of nothing": b"\xb3\x20\x00\x00" + FOO,
    "a length over its own octets": b"\xb3\x20\x00\x40\x09" + FOO,
    "a packet at the end of what is claimed": b"\xb3\x29\x01\x18" + FOO[4:] + FOO + FOO,
    "a packet in a packet": encode(Packet(file_name="log", file_bytes=FOO)) + FOO,
    "a packet in a damaged packet": encode(Packet(file_name="log", file_bytes=FOO))[:-1] + b"?",
    "a packet in a truncated packet": encode(Packet(file_name="log", file_bytes=FOO))[:-1],
    "a letter that ends in B3": "adiós\n".encode() + FOO,
    "a letter that ends in B3, then a packet": "adió".encode() + FOO,
    "a letter that is cut by a packet": b"adi\xc3" + FOO + b"\xb3s\n" + FOO,
    "a letter that is cut by a line": b"adi\xc3\n\xb3s\n" + FOO,
    "letters that begin with B3 behind E0": "ೳ\n".encode() * 3 + FOO,
    "a letter of four octets with B3 in each": b"\xf0\xb3\xb3\xb3" * 3 + FOO,
    "text, a control octet behind B3": "ó\x07".encode() + FOO,
    "text, a line feed behind B3": "ó\n".encode() + b"\xb3\n" + FOO,
    "text that ends with the stream in B3": "ó".encode(),
    "a letter behind damage": b"\xb3\n" + "ó".encode() + FOO,
    "a letter behind damage and a line": b"\xb3\n" + b"\n" + "óóóó".encode() + FOO,
    "a surrogate": b"\xed\xa0\xb3" + FOO,
    "an overlong form": b"\xc0\xb3" + FOO,
    "above the last character": b"\xf4\x90\xb3\xb3" + FOO,
    "a byte order mark": b"\xef\xbb\xbf" + FOO + b"\xef\xbb" + FOO,
    "Latin-1": b"caf\xe9 \xb3 " + FOO,
    "another version": b"\xb3\x10\x00\x08<~\x15*" + FOO,
    "a length of four octets": b"\xb3\x20\x00\xc0\x00\x00\x0b" + FOO,
    "a length without room, that holds": bytes.fromhex("b32800081606a102") + FOO,
    "a length without room, that does not": b"\xb3\x28\x00\x08abcd" + FOO,
    "many tags that are not there": bytes.fromhex("b320800cffffffff26ef7cbf") + FOO,
}


@pytest.mark.parametrize("stream", TRICKY.values(), ids=TRICKY.keys())
def test_they_agree_on_a_tricky_stream(stream: bytes) -> None:
    for cut in range(len(stream) + 1):
        check_recogniser_agrees(stream, cut)


@pytest.mark.parametrize(
    "sizes",
    [range(40, 70), range(16_360, 16_390), range(MAX_PACKET - 18, MAX_PACKET - 16)],
    ids=["one octet", "two octets", "three octets"],
)
def test_they_agree_on_packets_as_long_as_a_length_can_say(sizes: range) -> None:
    for size in sizes:
        octets = encode(Packet(file_name="log", file_bytes=b"\xb3" * size))
        check_recogniser_agrees(octets)
        check_python_subunit_agrees(octets)


@pytest.mark.parametrize(("length", "size"), [(64, 50), (16_384, 16_368)])
def test_they_agree_on_lengths_that_no_writer_writes(length: int, size: int) -> None:
    # The length is in its shortest form, but with one octet less it would fit as well.
    written = encode(Packet(file_name="log", file_bytes=b"-" * size))
    assert len(written) == length - 1
    width = (written[3] >> 6) + 1
    octets = written[:3] + encode_number(length) + written[3 + width : -4]
    octets += crc32(octets).to_bytes(4, "big")
    [packet] = read(octets)
    assert isinstance(packet, Packet)
    assert packet.raw == octets
    check_recogniser_agrees(octets)
    check_python_subunit_agrees(octets)


@pytest.mark.parametrize("control", range(0x80))
def test_they_agree_on_which_octets_could_stand_in_text(control: int) -> None:
    # Signature, flags, length and size are letters: the test id decides.
    for before in ("", "x", "xx", "xxx"):
        test_id = (before + (chr(control) if control else "") + "x" * 40)[:32]
        packet = encode(Packet(test_id=test_id, mime_type="y" * 32, test_status="exists"))
        for half in (b"\xc3", b"\xe2\x82", b"\xe0", b"\xb3\xc3", b"\xc3\xc3", b"\n\xc3"):
            check_recogniser_agrees(half + packet)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_they_agree_on_a_captured_stream(capture: Path) -> None:
    stream = capture.read_bytes()
    check_recogniser_agrees(stream, cut=len(stream) // 2)


# ---- The reader and python-subunit ----------------------------------------------


@drawn(300)
@given(packets())
def test_python_subunit_agrees_on_every_well_formed_packet(octets: bytes) -> None:
    [packet] = read(octets)
    assert isinstance(packet, Packet)
    assert read_by_python_subunit(octets) == events_of([packet])


@drawn(200)
@given(clean_streams())
def test_python_subunit_agrees_on_streams_of_packets_and_text(stream: bytes) -> None:
    check_python_subunit_agrees(stream)


@drawn(300)
@given(streams())
@example(FULL + b"(Pdb) " + FOO + "ೠ\n".encode() + FULL)
def test_python_subunit_agrees_on_damaged_streams_where_none_is_known(stream: bytes) -> None:
    check_python_subunit_agrees(stream)


@pytest.mark.parametrize(
    "stream",
    [FULL + FOO, b"ok\n" + FOO + b"(Pdb) " + FULL, FULL[:-1] + b"?" + FOO, b"caf\xe9\n" + FOO],
    ids=["packets", "text", "a wrong checksum", "Latin-1"],
)
def test_no_divergence_is_claimed_for_a_stream_that_has_none(stream: bytes) -> None:
    items = read(stream)
    assert diverges_by(items) == []
    assert read_by_python_subunit(stream) == events_of(items)


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_python_subunit_agrees_on_a_captured_stream_or_diverges_by_name(capture: Path) -> None:
    check_python_subunit_agrees(capture.read_bytes())


# Each known divergence is proved to exist, so that a fixed one is removed here.


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=lambda divergence: divergence.name)
def test_python_subunit_still_diverges(divergence: Divergence) -> None:
    stream = bytes.fromhex(divergence.example)
    assert divergence.clause in spec.clauses()
    assert read_by_python_subunit(stream) == divergence.theirs
    assert events_of(read(stream)) != divergence.theirs


@pytest.mark.parametrize("divergence", DIVERGENCES, ids=lambda divergence: divergence.name)
def test_a_divergence_is_the_only_one_of_its_example(divergence: Divergence) -> None:
    items = read(bytes.fromhex(divergence.example))
    # Errors are distinguished by their effect, not by the fault in the octets.
    others = {other.name for other in DIVERGENCES if other.clause == divergence.clause}
    assert divergence.name in diverges_by(items)
    assert set(diverges_by(items)) <= others


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)
def test_python_subunit_still_delivers_less(loss: Loss) -> None:
    one, other = map(bytes.fromhex, loss.packets)
    assert loss.clause in spec.clauses()
    assert read(one) != read(other)
    assert read_by_python_subunit(one) == read_by_python_subunit(other)
    assert events_of(read(one)) == events_of(read(other)) == read_by_python_subunit(one)


def test_passthrough_is_the_same_in_any_number_of_chunks() -> None:
    assert events_of([Passthrough(b"a"), Passthrough(b"b")]) == events_of([Passthrough(b"ab")])
