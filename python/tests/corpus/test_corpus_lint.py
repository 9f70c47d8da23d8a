"""The linter of cases: each rule is broken here once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from corpus.assemble import exists, packet, string, written
from corpus.collect import Collection
from corpus.lint import RULES, duplicates, uncovered
from corpus.pipeline import build_case
from corpus.source import FeedSource, Source, runs
from subunit2 import spec
from subunit2.conformance.corpus import Report, Wrapped, Written

FOO = exists("foo")
BAR = exists("bar")
DAMAGE = FOO[:-1] + b"\x1a"

#: A time that a clock of milliseconds cannot represent.
TIMED = {
    "test_id": "foo",
    "test_status": "exists",
    "timestamp": {"seconds": 0, "nanoseconds": 5_000_001},
}

FLAGS = dict.fromkeys(("precedence", "captured", "noise", "large"), "What it says.")


def item(test_id: str, offset: int, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "packet",
        "offset": offset,
        "length": 12,
        "test_id": test_id,
        "test_status": "exists",
        "runnable": True,
        "eof": False,
        **fields,
    }


def corrupt(octets: bytes, offset: int, error: str) -> dict[str, Any]:
    return {
        "kind": "corrupt",
        "offset": offset,
        "length": len(octets),
        "error": error,
        "bytes": octets.hex(),
    }


GOOD = Source(
    id="packet/two",
    title="Two packets",
    clauses=("packet.order",),
    octets=runs(FOO, BAR),
    items=[item("foo", 0), item("bar", 12)],
    where="conformance/cases/packet/two.toml",
)
FLIPPED = FOO[:-1] + bytes([FOO[-1] ^ 1])
DAMAGED = replace(
    GOOD,
    id="recovery/flipped",
    parent="packet/two",
    mutation="flip-bit 11.0",
    octets=runs(FLIPPED, BAR),
    items=[corrupt(FLIPPED, 0, "checksum"), item("bar", 12)],
)
WRITER = Source(
    id="writer/foo",
    title="A packet is written",
    clauses=("writer.refuses",),
    octets=runs(FOO),
    packet={"test_id": "foo", "test_status": "exists"},
)
REFUSED = replace(WRITER, id="writer/nul", packet={"test_id": "\0"}, octets=None, refused="test_id")
SURROGATE = replace(REFUSED, id="writer/surrogate", packet={"test_id": "a\ud800"})
ROUTED = written({"test_id": "foo", "test_status": "exists", "route_code": "0"})
MULTIPLEXER = Source(
    id="multiplexer/foo",
    title="A code is added",
    clauses=("route.add",),
    routes=("0",),
    feeds=(
        FeedSource(input=0, octets=FOO + b"ok\n", packets=(ROUTED,)),
        FeedSource(input=0, octets=None),
    ),
    wrapped=(b"ok\n",),
)
#: A case about nanoseconds, with the clause for it.
READ_TIMED = replace(
    GOOD,
    id="packet/timed",
    clauses=("timestamp.exact",),
    octets=runs(written(TIMED)),
    items=[item("foo", 0, length=20, timestamp=TIMED["timestamp"])],
)


def reporting(packets: tuple[Written, ...], **changes: Any) -> Source:
    """Return the case of a multiplexer with other packets of its first feed."""
    feeds = (replace(MULTIPLEXER.feeds[0], packets=packets), MULTIPLEXER.feeds[1])
    return replace(MULTIPLEXER, feeds=feeds, **changes)


#: A damaged packet that is reported, passthrough, and a region that is output.
REPORTED = replace(
    MULTIPLEXER,
    feeds=(
        FeedSource(input=0, octets=DAMAGE + b"ok\n\xb3", packets=(Report(DAMAGE),)),
        FeedSource(input=0, octets=b" = 3\n" + FOO, packets=(Report(b"", ends=True), ROUTED)),
        FeedSource(input=0, octets=None, is_stop=True),
        FeedSource(input=0, octets=None),
    ),
    wrapped=(b"ok\n\xb3 = 3\n",),
)


def said_of(source: Source, *others: Source) -> list[str]:
    """Return the complaints about a case among others."""
    sources = {each.id: each for each in (GOOD, *others, source)}
    return [
        problem.message
        for problem in build_case(source.id, Collection("1.0.0", FLAGS, {}, sources)).problems
    ]


@pytest.mark.parametrize(
    "source",
    [GOOD, DAMAGED, WRITER, REFUSED, SURROGATE, MULTIPLEXER, REPORTED, READ_TIMED],
    ids=lambda each: each.id,
)
def test_a_case_that_is_right_is_let_be(source: Source) -> None:
    assert said_of(source) == []


STRANGE = {
    # names, clauses, flags
    "an id in capitals": (replace(GOOD, id="packet/Two"), "no id: chapter/name"),
    "an id without a chapter": (replace(GOOD, id="two", profile="packet"), "no id: chapter/name"),
    "an id of four parts": (replace(GOOD, id="packet/a/b/c"), "no id: chapter/name"),
    "no profile": (replace(GOOD, id="passage/two"), "'passage' is no profile"),
    "a title with a full stop": (replace(GOOD, title="Two packets."), "without a full stop"),
    "no title": (replace(GOOD, title=" "), "the title is one line"),
    "no clause": (replace(GOOD, clauses=()), "no clause: which rule"),
    "an unknown clause": (replace(GOOD, clauses=("packet.ordr",)), "no clause packet.ordr"),
    "a clause twice": (replace(GOOD, clauses=("packet.order",) * 2), "stands there twice"),
    "an unknown flag": (replace(GOOD, flags=("fast",)), "no flag fast: add a line"),
    "a flag twice": (replace(GOOD, flags=("noise",) * 2), "flag noise stands there twice"),
    # keys
    "a reader's case without octets": (replace(GOOD, octets=None), "needs bytes"),
    "a reader's case with a packet": (replace(GOOD, packet={}), "cannot have packet"),
    "a reader's case that is refused": (replace(GOOD, refused="packet"), "cannot have refused"),
    "a writer's case without a packet": (replace(WRITER, packet=None), "needs packet"),
    "a writer's case without octets": (replace(WRITER, octets=None), "needs bytes"),
    "octets of what is refused": (replace(REFUSED, octets=runs(FOO)), "cannot have bytes"),
    "a writer's case with items": (replace(WRITER, items=[]), "cannot have items"),
    "a writer's case with a parent": (
        replace(WRITER, parent="packet/two", mutation="truncate 1"),
        "cannot have parent",
    ),
    "a multiplexer's case without feeds": (replace(MULTIPLEXER, feeds=()), "needs feeds"),
    "a parent without a mutation": (replace(DAMAGED, mutation=None), "stand together"),
    "a mutation without a parent": (replace(DAMAGED, parent=None), "stand together"),
    # items
    "a gap": (replace(GOOD, items=[item("foo", 0), item("bar", 13)]), "items[1]: a gap: 12"),
    "an overlap": (replace(GOOD, items=[item("foo", 0), item("bar", 11)]), "an overlap: 12"),
    "octets left": (replace(GOOD, items=[item("foo", 0)]), "the items end at 12"),
    "no items": (replace(GOOD, items=[]), "the items end at 0"),
    "items beyond the stream": (replace(GOOD, octets=runs(FOO)), "reaches to 24"),
    "an item that is none": (replace(GOOD, items=[{"kind": "junk"}]), "items[0]: "),
    "an item of another key": (
        replace(GOOD, items=[item("foo", 0, colour="red"), item("bar", 12)]),
        "'colour' was unexpected",
    ),
    "an item without a place": (
        replace(GOOD, octets=[], items=[{"kind": "passthrough", "bytes": ""}]),
        "no offset or length",
    ),
    "an item of nothing": (
        replace(
            GOOD, octets=[], items=[{"kind": "passthrough", "offset": 0, "length": 0, "bytes": ""}]
        ),
        "items[0]: no octets",
    ),
    "bytes of another stream": (
        replace(DAMAGED, items=[corrupt(FOO, 0, "checksum"), item("bar", 12)]),
        "its bytes are not those of the stream",
    ),
    "passthrough in chunks": (
        replace(
            GOOD,
            octets=runs(b"ok"),
            items=[
                {"kind": "passthrough", "offset": 0, "length": 1, "bytes": "6f"},
                {"kind": "passthrough", "offset": 1, "length": 1, "bytes": "6b"},
            ],
        ),
        "join it with the passthrough before it",
    ),
    # parents
    "damage without a parent": (
        replace(DAMAGED, parent=None, mutation=None),
        "damaged: name its parent",
    ),
    "a parent that is not there": (replace(DAMAGED, parent="packet/none"), "no case packet/none"),
    "octets by another mutation": (
        replace(DAMAGED, mutation="flip-bit 11.1"),
        "does not give these octets: at 11 it gives 19, and the case has 1a",
    ),
    "octets too few": (
        replace(DAMAGED, mutation="truncate 3"),
        "it gives 3 octets, and the case has 24",
    ),
    "a mutation that is none": (replace(DAMAGED, mutation="flip"), "is none of: flip-bit"),
    "two mutations": (
        replace(DAMAGED, mutation="flip-bit 11.0 truncate 24"),
        "is none of: flip-bit",
    ),
    "a case that is its own parent": (
        replace(DAMAGED, parent="recovery/flipped", octets=None, items=None),
        "recovery/flipped is made of recovery/flipped",
    ),
    # writers
    "a packet that is none": (replace(WRITER, packet={"test_id": "\0"}), "packet: test_id"),
    "octets of another packet": (replace(WRITER, octets=runs(BAR)), "not read back as this packet"),
    "octets of no packet": (replace(WRITER, octets=runs(b"foo")), "in their shortest form"),
    "a number in a longer form": (
        replace(WRITER, octets=runs(packet(0x2901, string("foo", 2)))),
        "in their shortest form",
    ),
    "two packets for one": (replace(WRITER, octets=runs(FOO, FOO)), "not read back as this packet"),
    "a refusal of no key": (replace(REFUSED, refused="colour"), "colour is no key of a packet"),
    "a refusal without a reason": (
        replace(REFUSED, packet={"test_id": "foo"}),
        "nothing is wrong with this packet",
    ),
    # surrogates
    "a surrogate in a title": (replace(GOOD, title="U+D800: \ud800"), "title: a lone surrogate"),
    "a surrogate in an item": (
        replace(GOOD, items=[item("foo", 0), item("\ud800", 12)]),
        "items: a lone surrogate",
    ),
    "a surrogate in a route code": (
        replace(MULTIPLEXER, routes=("\udfff",)),
        "routes: a lone surrogate",
    ),
    "a surrogate in a status": (
        replace(REFUSED, packet={"test_status": "\ud800"}, refused="test_status"),
        "packet: test_status may have no lone surrogate",
    ),
    "a surrogate in pairs": (
        replace(REFUSED, packet={"test_id": [["\ud800", 300]]}),
        "packet: test_id may have no lone surrogate",
    ),
    # multiplexers
    "an input that is not there": (
        replace(MULTIPLEXER, feeds=(FeedSource(input=1, octets=b""),), wrapped=()),
        "feeds[0]: no input 1",
    ),
    "a feed behind the end": (
        replace(
            MULTIPLEXER,
            feeds=(*MULTIPLEXER.feeds, FeedSource(input=0, octets=b"")),
        ),
        "feeds[2]: input 0 has ended before",
    ),
    "what is no packet among packets": (
        replace(MULTIPLEXER, feeds=(FeedSource(input=0, octets=b"ok\n", packets=(FLIPPED,)),)),
        "is not one well-formed packet",
    ),
    "other output wrapped": (
        replace(MULTIPLEXER, wrapped=(b"o",)),
        "that input has passthrough 6f6b0a",
    ),
    "passthrough reported": (
        reporting((Report(b"ok\n", ends=True), ROUTED), wrapped=()),
        "a corrupt region is wrapped or reported",
    ),
    "a report without its end": (reporting((Report(b"ok\n"),)), "has no end = true"),
    "a report of nothing": (
        reporting((Report(b""), ROUTED, Report(b"", ends=True))),
        "has neither octets nor an end",
    ),
    "wrapped output listed in part": (
        reporting((ROUTED, Wrapped(b"ok"))),
        "the wrapped output listed for input 0 is not wrapped[0]",
    ),
    # stops
    "a stop behind the stream": (replace(GOOD, stops=(25,)), "stops[0]: 25 is behind the stream"),
    "too much wrapped": (replace(MULTIPLEXER, wrapped=(b"", b"")), "one for each of the 1 inputs"),
    # times
    "a reader's time of nanoseconds": (
        replace(READ_TIMED, clauses=("packet.order", "timestamp.exact")),
        "5,000,001 nanoseconds are no whole milliseconds: take others, or begin clauses with"
        " timestamp.exact or timestamp.nanoseconds",
    ),
    "a writer's time of nanoseconds": (
        replace(WRITER, packet=TIMED, octets=runs(written(TIMED))),
        "no whole milliseconds",
    ),
    "a multiplexer's time of nanoseconds": (
        replace(
            MULTIPLEXER,
            feeds=(
                FeedSource(
                    input=0,
                    octets=written(TIMED) + b"ok\n",
                    packets=(written({**TIMED, "route_code": "0"}),),
                ),
            ),
        ),
        "no whole milliseconds",
    ),
    # readers
    "a field of another value": (
        replace(GOOD, items=[item("fou", 0), item("bar", 12)]),
        "the reader does not agree with items[0], which has test_id fou and finds foo",
    ),
    "an error of another name": (
        replace(DAMAGED, items=[corrupt(FLIPPED, 0, "utf8"), item("bar", 12)]),
        "the grammar's recogniser does not agree with items[0], which has error utf8",
    ),
    "recovered where nothing was claimed": (
        replace(GOOD, items=[item("foo", 0), item("bar", 12, recovered=True)]),
        "the Kaitai reader does not agree with items[1], which has recovered True and finds none",
    ),
}


@pytest.mark.parametrize(("source", "message"), STRANGE.values(), ids=STRANGE.keys())
def test_what_is_wrong_with_a_case_is_said(source: Source, message: str) -> None:
    said = said_of(source)
    assert any(message in line for line in said), said
    assert not any("\n" in line for line in said)


SPLIT_PACKET = {"test_id": "a", "file_name": "log", "file_bytes": "6162", "eof": True}
SPLIT = replace(WRITER, id="writer/split", packet=SPLIT_PACKET, split=True)


def chunks(*changes: dict[str, Any]) -> Any:
    return runs(*(written({**SPLIT_PACKET, "eof": False, **change}) for change in changes))


SPLIT_WRONG = {
    "content lost": ([{"file_bytes": "61"}, {"file_bytes": "", "eof": True}], "the contents"),
    "no end of file": ([{"file_bytes": "61"}, {"file_bytes": "62"}], "end of file"),
    "two ends of file": (
        [{"file_bytes": "61", "eof": True}, {"file_bytes": "62", "eof": True}],
        "end of file",
    ),
    "a status too early": (
        [{"file_bytes": "61", "test_status": "fail"}, {"file_bytes": "62", "eof": True}],
        "the status is not on the last",
    ),
    "another file": (
        [{"file_bytes": "61", "file_name": "out"}, {"file_bytes": "62", "eof": True}],
        "another file_name",
    ),
}


def test_content_in_several_packets_is_let_be() -> None:
    right = chunks({"file_bytes": "61"}, {"file_bytes": "62", "eof": True})
    assert said_of(replace(SPLIT, octets=right)) == []


@pytest.mark.parametrize(("changes", "message"), SPLIT_WRONG.values(), ids=SPLIT_WRONG.keys())
def test_content_that_is_split_wrongly_is_noticed(
    changes: list[dict[str, Any]], message: str
) -> None:
    [said, *_] = said_of(replace(SPLIT, octets=chunks(*changes)))
    assert message in said


def test_a_parent_that_is_damaged_is_a_second_fault() -> None:
    twice = FLIPPED[:-1] + bytes([FLIPPED[-1] ^ 2])
    source = replace(
        DAMAGED,
        id="recovery/twice",
        parent="recovery/flipped",
        mutation="flip-bit 11.1",
        octets=runs(twice, BAR),
        items=[corrupt(twice, 0, "checksum"), item("bar", 12)],
    )
    [said] = said_of(source, DAMAGED)
    assert "two faults" in said
    assert said_of(replace(source, flags=("precedence",)), DAMAGED) == []


@pytest.mark.parametrize("flag", ["captured", "noise"])
def test_damage_that_nobody_made_needs_no_parent(flag: str) -> None:
    assert said_of(replace(DAMAGED, parent=None, mutation=None, flags=(flag,))) == []


@pytest.mark.parametrize("flag", ["captured", "precedence"])
def test_a_time_that_was_not_chosen_may_be_any(flag: str) -> None:
    assert said_of(replace(READ_TIMED, clauses=("packet.order",), flags=(flag,))) == []


def test_a_family_may_leave_octets_and_items_to_the_builder() -> None:
    source = replace(DAMAGED, octets=None, items=None)
    collection = Collection("1.0.0", FLAGS, {}, {GOOD.id: GOOD, source.id: source})
    built = build_case(source.id, collection)
    assert built.problems == ()
    assert built.form is not None
    assert built.form["items"] == DAMAGED.items


def test_two_cases_of_one_id_are_noticed() -> None:
    other = replace(GOOD, where="tools/corpus/families/twos.py")
    [problem] = duplicates([GOOD, DAMAGED, other])
    assert str(problem) == (
        "packet/two (tools/corpus/families/twos.py): conformance/cases/packet/two.toml has a case"
        " of this id too"
    )


def sources_of_all_clauses(but: str) -> Iterator[Source]:
    for clause in spec.clauses():
        if clause != but:
            yield replace(GOOD, clauses=(clause,))


@pytest.mark.parametrize(
    ("reasons", "message"),
    [
        ({}, "wrap.origin has no case, and nothing says why not"),
        ({"wrap.origin": " "}, "wrap.origin: say why"),
        ({"wrap.origin": "Why.", "packet.order": "Why."}, "packet.order has cases"),
        ({"wrap.origin": "Why.", "wrap.none": "Why."}, "no clause wrap.none"),
    ],
)
def test_a_clause_has_cases_or_a_reason(reasons: dict[str, str], message: str) -> None:
    [problem] = uncovered(sources_of_all_clauses("wrap.origin"), reasons)
    assert message in str(problem)


def test_a_clause_with_a_reason_is_let_be() -> None:
    assert list(uncovered(sources_of_all_clauses("wrap.origin"), {"wrap.origin": "Why."})) == []


def test_each_rule_has_its_say() -> None:
    sources = {GOOD.id: GOOD}
    silent = [
        rule.__name__
        for rule in RULES
        if not any(list(rule(source, sources, frozenset(FLAGS))) for source, _ in STRANGE.values())
    ]
    assert silent == []
