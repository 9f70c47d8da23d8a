"""Streams generated from the grammar: well-formed where they should be, and varied."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy

from subunit2 import (
    ERROR_CODES,
    TEST_STATUSES,
    Corrupt,
    ErrorCode,
    Item,
    Packet,
    Reader,
    TestStatus,
)
from subunit2.grammar.generating import (
    arbitrary_octets,
    clean_streams,
    damaged_packets,
    malformed_packets,
    packets,
    streams,
    texts,
)
from subunit2.grammar.matching import match
from subunit2.grammar.notation import load, parse
from subunit2.grammar.strategies import FAULTS, encodings, octets_of
from support.sampling import examples, sample
from support.streams import kinds

#: For drawing until an example is found: many examples, without shrinking.
LOOKING = settings(
    max_examples=20_000,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def read(stream: bytes) -> list[Item]:
    reader = Reader()
    return reader.feed(stream) + reader.close()


# ---- Packets ---------------------------------------------------------------------


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.too_slow])
@given(packets())
def test_a_packet_is_one_to_the_reader_and_to_the_grammar(octets: bytes) -> None:
    [packet] = read(octets)
    assert isinstance(packet, Packet)
    assert packet.length == len(octets)
    assert match(load(), "packet", octets).end == len(octets)


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.too_slow])
@given(malformed_packets())
def test_a_malformed_packet_is_intact(octets: bytes) -> None:
    [item] = read(octets)
    assert item.length == len(octets)


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow])
@given(clean_streams())
def test_a_clean_stream_has_no_damage(stream: bytes) -> None:
    assert not any(isinstance(item, Corrupt) for item in read(stream))


@settings(max_examples=examples(100))
@given(texts())
def test_text_is_utf8(octets: bytes) -> None:
    assert octets.decode().encode() == octets


FOUND: dict[str, tuple[SearchStrategy[bytes], Callable[[Packet], bool]]] = {
    "no field": (packets(), lambda packet: packet == Packet(runnable=False)),
    "every field": (
        packets(),
        lambda packet: (
            None
            not in [
                *(packet.test_id, packet.test_tags, packet.mime_type),
                *(packet.file_bytes, packet.route_code, packet.timestamp),
            ]
        ),
    ),
    "an empty test id": (packets(), lambda packet: packet.test_id == ""),
    "no tags": (packets(), lambda packet: packet.test_tags == ()),
    "three tags": (packets(), lambda packet: len(packet.test_tags or ()) == 3),
    "the last nanosecond": (
        packets(),
        lambda packet: packet.timestamp is not None and packet.timestamp.nanoseconds == 999_999_999,
    ),
    "a character of four octets": (packets(), lambda packet: (packet.test_id or "") > "\U00010000"),
    "a length of two octets": (packets(), lambda packet: packet.raw is None and packet.length > 64),
    "a number that is not in its shortest form": (packets(), lambda packet: packet.raw is not None),
}


#: Thousands are drawn before one of these.
RARE_PACKETS: Final = {"the last nanosecond", "a length of two octets", "every field"}


@pytest.mark.parametrize("name", sample(FOUND, FOUND.keys() - RARE_PACKETS))
def test_there_are_packets_with(name: str) -> None:
    strategy, wanted = FOUND[name]

    def has(octets: bytes) -> bool:
        [packet] = read(octets)
        return isinstance(packet, Packet) and wanted(packet)

    find(strategy, has, settings=LOOKING)


@pytest.mark.parametrize("status", sample(TEST_STATUSES, quick=TEST_STATUSES[:2]))
def test_a_packet_of_every_status_shrinks_to_that(status: TestStatus) -> None:
    number = TEST_STATUSES.index(status) + 1

    def has(octets: bytes) -> bool:
        [packet] = read(octets)
        return isinstance(packet, Packet) and packet.test_status == status

    shrunk = find(packets(), has, settings=settings(LOOKING, phases=list(Phase)))
    assert shrunk[:4].hex() == f"b3200{number}08"


#: Hundreds of packets are drawn before one has these.
RARE: Final[set[ErrorCode]] = {
    "length_encoding",
    "length_too_short",
    "nanoseconds",
    "reserved_bit",
}


@pytest.mark.parametrize("error", sample(ERROR_CODES, set(ERROR_CODES) - RARE))
def test_there_is_damage_of_every_kind(error: ErrorCode) -> None:
    def has(stream: bytes) -> bool:
        return any(isinstance(item, Corrupt) and item.error == error for item in read(stream))

    find(damaged_packets() | malformed_packets(), has, settings=LOOKING)


def test_there_are_streams_of_packets_passthrough_and_damage() -> None:
    def has(stream: bytes) -> bool:
        return set(kinds(read(stream))) == {"packet", "passthrough", "corrupt"}

    find(streams(), has, settings=LOOKING)


def test_there_are_streams_with_a_recovered_packet() -> None:
    def has(stream: bytes) -> bool:
        return any(isinstance(item, Packet) and item.recovered for item in read(stream))

    find(damaged_packets(), has, settings=LOOKING)


def test_arbitrary_octets_hold_signatures() -> None:
    assert find(arbitrary_octets(), lambda octets: octets.count(b"\xb3") > 1, settings=LOOKING)


# ---- Octets of any grammar -------------------------------------------------------

NUMBER = """
number ::= [#x00-#x3F] | [#x40-#x7F] octet | [#x80-#xBF] octet{2} | [#xC0-#xFF] octet{3}
octet ::= [#x00-#xFF]
hex_digits ::= [#x30-#x39 #x41-#x46 #x61-#x66]+
"""

GRAMMARS = [
    "x ::= 'abc' | 'b'+ 'c'? 'd'{3}",
    "x ::= [#x61-#x7A]* - 'b'",
    "x ::= n:number 'ab'{n} ('c'*){n octets}".replace(" ('c'*){n octets}", ""),
    "x ::= n:number ('ab'*){n octets} m:number (y*){m octets}\ny ::= 'a' | 'bc'",
    "x ::= 'a' n:number (number<=70){..n-2} 'zz'",
    "x ::= n:('a'* 'b') '-' =n",
    "x ::= n:('a'* 'b') '-' (y - =n)\ny ::= 'aab' | 'b'",
    "x ::= n:hex_digits '-' octet{n}",
    "x ::= y 'a'?{f} 'b'?{g}\ny ::= <10 f g n:4>",
    "x ::= (y | z)*\ny ::= n:number octet{n}\nz ::= 'z'",
]


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_octets_drawn_from_a_grammar_match_it(grammar: str) -> None:
    tree = parse(grammar + NUMBER)

    @settings(max_examples=examples(50), suppress_health_check=[HealthCheck.filter_too_much])
    @given(octets_of(tree, "x"))
    def matches(octets: bytes) -> None:
        assert match(tree, "x", octets).end == len(octets)

    matches()


@given(st.sampled_from([0, 1, 63, 64, 16_383, 16_384, 4_194_303, 4_194_304, (1 << 30) - 1]))
def test_every_form_of_a_number_has_its_value(value: int) -> None:
    grammar = parse("x ::= n:number\ny ::= number" + NUMBER)
    forms = encodings(grammar, "y", value)
    assert [match(grammar, "x", form).values["n"] for form in forms] == [value] * len(forms)
    assert [len(form) for form in forms] == list(range(len(forms[0]), 5))


def test_a_number_that_no_form_holds_has_none() -> None:
    assert encodings(load(), "number", 1 << 30) == []
    assert encodings(load(), "length", 1 << 22) == []


def test_a_replacement_sees_the_octets_before_it() -> None:
    tree = parse("x ::= 'a' y 'b'\ny ::= 'c'")
    drawn = octets_of(tree, "x", instead={"y": lambda before: st.just(before * 2)})
    assert find(drawn, lambda _: True) == b"aaab"


def test_a_production_barred_from_everything_cannot_be_drawn() -> None:
    with pytest.raises(Unsatisfiable):
        find(octets_of(parse("x ::= n:'a' ('a' - =n)"), "x"), lambda _: True)


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_a_fault_makes_octets_that_do_not_match(fault: str) -> None:
    tree = parse("x ::= n:number (m:number<=9 k:number 'a'{k}){..n-1} 'z'" + NUMBER)

    def matches(octets: bytes) -> bool:
        try:
            return match(tree, "x", octets).end == len(octets)
        except Exception:
            return False

    find(octets_of(tree, "x", faults={fault}), lambda octets: not matches(octets))
